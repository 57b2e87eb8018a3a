//! Going through the items of a search.

use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use bytes::Bytes;
use mime::Summary;
use mime::search::Facts;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use storage::{Fault, Item, Parsed, Stored, right};
use tokio::sync::Semaphore;
use vocabulary::{AccountId, ItemId, Uid};

use super::object;
use super::query::Query;
use super::walk::{Candidate, Walk};
use crate::call::Call;
use crate::command::sync::ranges;

/// Most items that one request looks at.
const ITEMS_MAX: usize = 200_000;
/// Most bytes of items that one request reads through, a single larger item aside.
const BYTES_MAX: u64 = 512 << 20;
/// Items that are decided together.
const BATCH_ITEMS_MAX: usize = 256;
/// Most bytes of items in memory at a time, a single larger item aside.
const BATCH_BYTES_MAX: u64 = 4 << 20;
/// Searches that read through bytes at the same time, in all: it is work of the processor.
static READERS: Semaphore = Semaphore::const_new(2);

/// A result.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) folder: FolderId,
    pub(crate) class: Class,
    pub(crate) item: Item,
}

/// The results, the newest first.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    pub(crate) list: Vec<Hit>,
    /// It would have been too much work to look at everything.
    pub(crate) is_cut_short: bool,
}

/// Looks for `enough` results.
///
/// # Errors
/// [`storage::Fault`] only: a folder that goes away meanwhile has no results.
pub(crate) async fn run(
    call: &Call,
    query: &Query,
    folders: &[FolderId],
    enough: usize,
) -> storage::Result<Hits> {
    let mut walk = Walk::new(folders);
    let mut hits = Hits::default();
    // An item that is moved meanwhile is met twice.
    let mut met: HashSet<(AccountId, ItemId)> = HashSet::new();
    let (mut items, mut bytes) = (0, 0);
    while hits.list.len() < enough {
        let batch = walk.next(call, BATCH_ITEMS_MAX).await?;
        if batch.is_empty() {
            break;
        }
        items += batch.len();
        let before = bytes;
        let verdicts = decide(call, query, &batch, &mut bytes).await?;
        call.server.searches.count(u64::try_from(batch.len()).unwrap_or(u64::MAX), bytes - before);
        hits.is_cut_short = verdicts.len() < batch.len() || items >= ITEMS_MAX;
        for (candidate, is_found) in batch.into_iter().zip(verdicts) {
            let Candidate { folder, class, item } = candidate;
            if is_found && hits.list.len() < enough && met.insert((folder.account, item.id)) {
                hits.list.push(Hit { folder, class, item });
            }
        }
        if hits.is_cut_short {
            break;
        }
    }
    Ok(hits)
}

/// The verdict on each, as far as the work goes.
async fn decide(
    call: &Call,
    query: &Query,
    batch: &[Candidate],
    bytes: &mut u64,
) -> storage::Result<Vec<bool>> {
    let by_row = batch.iter().map(|candidate| query.decide(candidate, Facts::default()));
    let mut verdicts: Vec<Option<bool>> = by_row.collect();
    let is_open = |verdicts: &[Option<bool>], at: usize| verdicts.get(at).is_some_and(Option::is_none);
    let mails = (0..batch.len()).filter(|at| is_open(&verdicts, *at));
    let mails = mails.filter_map(|at| batch.get(at)).filter(|one| one.class == Class::Email);
    let parsed = parsed(call, mails).await?;
    let mut unread = Vec::new();
    for (at, candidate) in batch.iter().enumerate() {
        if !is_open(&verdicts, at) {
            continue;
        }
        let parsed = parsed.get(&(candidate.folder, candidate.item.uid));
        let summary = parsed.and_then(|parsed| Summary::from_bytes(&parsed.summary));
        let facts = Facts::of_summary(&query.contents, summary.as_ref());
        match query.decide(candidate, facts) {
            Some(verdict) => set(&mut verdicts, at, verdict),
            None => unread.push((at, candidate, facts)),
        }
    }
    let mut left = unread.as_slice();
    while let Some((first, ..)) = left.first() {
        if *bytes >= BYTES_MAX {
            verdicts.truncate(*first);
            break;
        }
        let mut size = 0;
        let fits = left.iter().take_while(|(_, one, _)| {
            size += one.item.size_bytes.unsigned_abs();
            size <= BATCH_BYTES_MAX
        });
        let (piece, rest) = left.split_at(fits.count().max(1));
        left = rest;
        *bytes += piece.iter().map(|(_, one, _)| one.item.size_bytes.unsigned_abs()).sum::<u64>();
        for (at, candidate, facts) in read(call, query, piece).await? {
            set(&mut verdicts, at, query.decide(candidate, facts).unwrap_or(false));
        }
    }
    Ok(verdicts.into_iter().map(|verdict| verdict.unwrap_or(false)).collect())
}

fn set(verdicts: &mut [Option<bool>], at: usize, verdict: bool) {
    if let Some(place) = verdicts.get_mut(at) {
        *place = Some(verdict);
    }
}

/// An item of a batch, its place there, and what is known of it.
type Undecided<'c> = (usize, &'c Candidate, Facts);

/// Decides by the bytes. Those that went away meanwhile are left out.
async fn read<'c>(
    call: &Call,
    query: &Query,
    piece: &[Undecided<'c>],
) -> storage::Result<Vec<Undecided<'c>>> {
    // Never closed. Before anything is loaded: it bounds the memory as well.
    let Ok(turn) = READERS.acquire().await else { return Ok(Vec::new()) };
    let mut stored = stored(call, piece.iter().map(|(_, candidate, _)| *candidate)).await?;
    let mut loaded: Vec<Undecided<'c>> = Vec::with_capacity(piece.len());
    let mut texts: Vec<(Bytes, Class, Facts)> = Vec::with_capacity(piece.len());
    for &(at, candidate, facts) in piece {
        let Some(stored) = stored.remove(&(candidate.folder, candidate.item.uid)) else { continue };
        loaded.push((at, candidate, facts));
        texts.push((call.store().load(stored).await?, candidate.class, facts));
    }
    let contents = Arc::clone(&query.contents);
    let reading = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let facts = texts.into_iter().map(|(bytes, class, mut facts)| {
            match class {
                Class::Email | Class::Sms => facts.read(&contents, &bytes),
                Class::Calendar | Class::Contacts | Class::Tasks | Class::Notes => {
                    object::read(&mut facts, &contents, &bytes);
                }
            }
            facts
        });
        facts.collect::<Vec<Facts>>()
    });
    let facts = reading.await.map_err(|error| storage::Error::from(Fault::Panic(error.to_string())))?;
    Ok(loaded.into_iter().zip(facts).map(|((at, candidate, _), facts)| (at, candidate, facts)).collect())
}

fn by_folder<'c>(candidates: impl Iterator<Item = &'c Candidate>) -> BTreeMap<FolderId, Vec<Uid>> {
    let mut folders: BTreeMap<FolderId, Vec<Uid>> = BTreeMap::new();
    for candidate in candidates {
        folders.entry(candidate.folder).or_default().push(candidate.item.uid);
    }
    folders
}

/// What was parsed of these mails.
async fn parsed<'c>(
    call: &Call,
    mails: impl Iterator<Item = &'c Candidate>,
) -> storage::Result<HashMap<(FolderId, Uid), Parsed>> {
    let folders = by_folder(mails);
    if folders.is_empty() {
        return Ok(HashMap::new());
    }
    let find = call.store().read(call.principal(), move |tx| {
        let mut found = HashMap::new();
        for (folder, uids) in folders {
            let grant = tx.open::<right::ReadItems>(folder.account, folder.collection);
            let Some(grant) = still_seen(grant)? else { continue };
            let parsed = tx.parsed(&grant, &ranges(uids.into_iter()))?;
            found.extend(parsed.into_iter().map(|(uid, parsed)| ((folder, uid), parsed)));
        }
        Ok(found)
    });
    find.await
}

/// Where the bytes of these items are.
async fn stored<'c>(
    call: &Call,
    candidates: impl Iterator<Item = &'c Candidate>,
) -> storage::Result<HashMap<(FolderId, Uid), Stored>> {
    let folders = by_folder(candidates);
    let find = call.store().read(call.principal(), move |tx| {
        let mut found = HashMap::new();
        for (folder, uids) in folders {
            let grant = tx.open::<right::ReadItems>(folder.account, folder.collection);
            let Some(grant) = still_seen(grant)? else { continue };
            let stored = tx.contents(&grant, &ranges(uids.into_iter()), false)?;
            found.extend(stored.into_iter().map(|(uid, stored)| ((folder, uid), stored)));
        }
        Ok(found)
    });
    find.await
}

/// `None` for a folder that is gone or no longer shared.
fn still_seen<T>(opened: storage::Result<T>) -> storage::Result<Option<T>> {
    match opened {
        Ok(grant) => Ok(Some(grant)),
        Err(storage::Error::Refusal(storage::Refusal::NotFound(_) | storage::Refusal::Denied { .. })) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
