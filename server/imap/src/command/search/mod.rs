//! SEARCH: RFC 9051 section 6.4.4; SAVE: RFC 5182; the answer with MODSEQ: RFC 7162 section 3.1.5.
//!
//! Each message is tested with what is at hand; only those that are undecided are read further: first
//! the row, then what was parsed when it came in, last its bytes.

mod answer;
mod evaluate;
mod test;

use crate::completion::{Completion, Failure, Outcome};
use crate::connection::Connection;
use crate::mailbox::Mailbox;
use crate::session_state::Session;
use crate::view::Places;
use evaluate::{Deep, Known};
use imap_wire::command::Search;
use imap_wire::response::Code;
use imap_wire::{Resolved, Tag};
use mime::Summary;
use mime::search::Facts;
use std::ops::RangeInclusive;
use std::sync::Arc;
use storage::{Fault, Item, Stored, right};
use test::Compiled;
use tokio::sync::Semaphore;
use vocabulary::Uid;

const CHARSETS: &[&str] = &["US-ASCII", "UTF-8"];
/// Tests that are made before others get their turn.
const TESTED_AT_ONCE: usize = 16 * 1_024;
/// The same for messages whose summaries are read.
const ROWS_AT_ONCE: usize = 32;
/// Searches that read through bytes at the same time, in all: it is work of the processor.
static READERS: Semaphore = Semaphore::const_new(2);
/// Most messages of one read transaction.
const BATCH_MESSAGES_MAX: usize = 512;
/// Most bytes of contents of one read transaction, a single larger message aside.
const BATCH_BYTES_MAX: i64 = 4 * 1024 * 1024;

pub(crate) async fn run(
    session: &Session,
    mailbox: &mut Mailbox,
    connection: &mut Connection,
    tag: &Tag,
    search: &Search,
) -> Outcome {
    let saves = search.returns.is_some_and(|returns| returns.save);
    let found = find(session, mailbox, search).await;
    if saves && found.is_err() {
        // RFC 5182: a search that fails leaves nothing.
        mailbox.saved = Resolved::default();
    }
    let found = found?;
    answer::write(session, mailbox, connection, tag, search, &found);
    connection.flush_if_full().await?;
    Ok(Completion::ok("searched"))
}

async fn find(session: &Session, mailbox: &Mailbox, search: &Search) -> Result<Places, Failure> {
    let known = |charset: &str| CHARSETS.iter().any(|known| known.eq_ignore_ascii_case(charset));
    if search.charset.as_deref().is_some_and(|charset| !known(charset)) {
        // RFC 9051 section 7.1, `BADCHARSET`.
        return Err(Completion::no(Code::BadCharset(CHARSETS), "that charset is not known").into());
    }
    let compiled = test::compile(&search.keys, mailbox, session.clock.now())?;
    let at_once = (TESTED_AT_ONCE / compiled.count.max(1)).max(1);
    let mut verdicts = vec![false; mailbox.view.count()];
    let mut undecided = Vec::new();
    for (place, verdict) in verdicts.iter_mut().enumerate() {
        if place % at_once == 0 {
            // A search through everything must not hold up the other connections of this thread.
            tokio::task::yield_now().await;
        }
        let Some(row) = mailbox.view.row(place) else { continue };
        match evaluate::run(&compiled.test, &Known { view: &mailbox.view, place, row, deep: Deep::View }) {
            Some(decided) => *verdict = decided,
            None => undecided.push(place),
        }
    }
    for batch in undecided.chunks(BATCH_MESSAGES_MAX) {
        decide(session, mailbox, &compiled, batch, &mut verdicts).await?;
    }
    let mut found = Places::new();
    for place in verdicts.iter().enumerate().filter_map(|(place, verdict)| verdict.then_some(place)) {
        match found.last_mut() {
            Some(last) if last.end == place => last.end += 1,
            _ => found.push(place..place + 1),
        }
    }
    Ok(found)
}

/// Decides what the view could not, by rows and then by bytes.
async fn decide(
    session: &Session,
    mailbox: &Mailbox,
    compiled: &Compiled,
    batch: &[usize],
    verdicts: &mut [bool],
) -> Result<(), Failure> {
    let (account, collection) = (mailbox.account, mailbox.collection);
    let ranges = ranges(mailbox, batch);
    let parsed_too = !compiled.contents.is_empty();
    let (items, parsed) = session
        .read(move |tx| {
            let grant = tx.open::<right::ReadItems>(account, collection)?;
            let items = tx.items(&grant, &ranges)?;
            Ok((items, if parsed_too { tx.parsed(&grant, &ranges)? } else { Vec::new() }))
        })
        .await?;
    let at_once = (TESTED_AT_ONCE / compiled.count.max(1)).clamp(1, ROWS_AT_ONCE);
    let mut unread = Vec::new();
    for (count, &place) in batch.iter().enumerate() {
        if count % at_once == 0 {
            tokio::task::yield_now().await;
        }
        let Some(row) = mailbox.view.row(place) else { continue };
        // What others removed meanwhile is not found.
        let Some(item) = by_uid(&items, row.uid, |item| item.uid) else { continue };
        let parsed = by_uid(&parsed, row.uid, |(uid, _)| *uid);
        let summary = parsed.and_then(|(_, parsed)| Summary::from_bytes(&parsed.summary));
        let facts = Facts::of_summary(&compiled.contents, summary.as_ref());
        let deep = Deep::Item { account, item, facts };
        match evaluate::run(&compiled.test, &Known { view: &mailbox.view, place, row, deep }) {
            Some(decided) => set(verdicts, place, decided),
            None => unread.push((place, item, facts)),
        }
    }
    read_bytes(session, mailbox, compiled, &unread, verdicts).await
}

async fn read_bytes(
    session: &Session,
    mailbox: &Mailbox,
    compiled: &Compiled,
    unread: &[(usize, &Item, Facts)],
    verdicts: &mut [bool],
) -> Result<(), Failure> {
    let (account, collection) = (mailbox.account, mailbox.collection);
    let mut left = unread;
    while !left.is_empty() {
        let mut bytes = 0;
        let fits = left.iter().take_while(|(_, item, _)| {
            bytes += item.size_bytes;
            bytes <= BATCH_BYTES_MAX
        });
        let (batch, rest) = left.split_at(fits.count().max(1));
        left = rest;
        // Never closed. Before anything is loaded: it bounds the memory as well.
        let Ok(turn) = READERS.acquire().await else { continue };
        let places: Vec<usize> = batch.iter().map(|(place, ..)| *place).collect();
        let ranges = ranges(mailbox, &places);
        let mut stored: std::collections::HashMap<Uid, Stored> = session
            .read(move |tx| {
                let grant = tx.open::<right::ReadItems>(account, collection)?;
                Ok(tx.contents(&grant, &ranges, false)?.into_iter().collect())
            })
            .await?;
        let (mut messages, mut read) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for &(place, item, facts) in batch {
            let Some(stored) = stored.remove(&item.uid) else { continue };
            messages.push((place, item));
            read.push((session.store.load(stored).await?, facts));
        }
        let contents = Arc::clone(&compiled.contents);
        let reading = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let facts = read.into_iter().map(|(bytes, mut facts)| {
                facts.read(&contents, &bytes);
                facts
            });
            facts.collect::<Vec<Facts>>()
        });
        let facts = reading.await.map_err(|error| storage::Error::from(Fault::Panic(error.to_string())))?;
        for ((place, item), facts) in messages.into_iter().zip(facts) {
            let Some(row) = mailbox.view.row(place) else { continue };
            let known = Known { view: &mailbox.view, place, row, deep: Deep::Item { account, item, facts } };
            set(verdicts, place, evaluate::run(&compiled.test, &known).unwrap_or(false));
        }
    }
    Ok(())
}

fn set(verdicts: &mut [bool], place: usize, decided: bool) {
    if let Some(verdict) = verdicts.get_mut(place) {
        *verdict = decided;
    }
}

fn by_uid<T>(rows: &[T], uid: Uid, of: impl Fn(&T) -> Uid) -> Option<&T> {
    rows.binary_search_by_key(&uid, of).ok().and_then(|at| rows.get(at))
}

/// Rising places as UIDs.
fn ranges(mailbox: &Mailbox, places: &[usize]) -> Vec<RangeInclusive<u32>> {
    let mut joined = Places::new();
    for &place in places {
        match joined.last_mut() {
            Some(last) if last.end == place => last.end += 1,
            _ => joined.push(place..place + 1),
        }
    }
    mailbox.view.uid_ranges(&joined)
}
