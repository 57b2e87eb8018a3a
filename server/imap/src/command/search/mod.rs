//! SEARCH: RFC 9051 section 6.4.4; SAVE: RFC 5182; the answer with MODSEQ: RFC 7162 section 3.1.5.
//!
//! Each message is tested with what is at hand; only those that are undecided are read further: first
//! the row, then what was parsed when it came in, last its bytes.

mod answer;
mod evaluate;
mod test;
mod text;

use crate::completion::{Completion, Failure, Outcome};
use crate::connection::Connection;
use crate::mailbox::Mailbox;
use crate::session_state::Session;
use crate::view::Places;
use evaluate::{Deep, Known};
use imap_wire::command::{Search, SearchKey};
use imap_wire::response::Code;
use imap_wire::{Resolved, Tag};
use std::ops::RangeInclusive;
use storage::{Item, Parsed, Stored, right};
use test::Test;
use vocabulary::Uid;

const CHARSETS: &[&str] = &["US-ASCII", "UTF-8"];
/// Messages that are tested before others get their turn.
const TESTED_AT_ONCE: usize = 1_024;
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
    let keys: &[SearchKey] = &search.keys;
    let test = Test::compile(keys, mailbox, session.clock.now())?;
    let mut verdicts = vec![false; mailbox.view.count()];
    let mut undecided = Vec::new();
    for (place, verdict) in verdicts.iter_mut().enumerate() {
        if place % TESTED_AT_ONCE == 0 {
            // A search through everything must not hold up the other connections of this thread.
            tokio::task::yield_now().await;
        }
        let Some(row) = mailbox.view.row(place) else { continue };
        match evaluate::run(&test, &Known { view: &mailbox.view, place, row, deep: Deep::View }) {
            Some(decided) => *verdict = decided,
            None => undecided.push(place),
        }
    }
    for batch in undecided.chunks(BATCH_MESSAGES_MAX) {
        decide(session, mailbox, &test, batch, &mut verdicts).await?;
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
    test: &Test,
    batch: &[usize],
    verdicts: &mut [bool],
) -> Result<(), Failure> {
    let (account, collection) = (mailbox.account, mailbox.collection);
    let ranges = ranges(mailbox, batch);
    let parsed_too = test.wants_parsed();
    let (items, parsed) = session
        .read(move |tx| {
            let grant = tx.open::<right::ReadItems>(account, collection)?;
            let items = tx.items(&grant, &ranges)?;
            Ok((items, if parsed_too { tx.parsed(&grant, &ranges)? } else { Vec::new() }))
        })
        .await?;
    let mut unread = Vec::new();
    for &place in batch {
        let Some(row) = mailbox.view.row(place) else { continue };
        // What others removed meanwhile is not found.
        let Some(item) = by_uid(&items, row.uid, |item| item.uid) else { continue };
        let parsed = by_uid(&parsed, row.uid, |(uid, _)| *uid).map(|(_, parsed)| parsed);
        let deep = Deep::Rows { account, item, parsed };
        match evaluate::run(test, &Known { view: &mailbox.view, place, row, deep }) {
            Some(decided) => set(verdicts, place, decided),
            None => unread.push((place, item, parsed)),
        }
    }
    read_bytes(session, mailbox, test, &unread, verdicts).await
}

async fn read_bytes(
    session: &Session,
    mailbox: &Mailbox,
    test: &Test,
    unread: &[(usize, &Item, Option<&Parsed>)],
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
        let places: Vec<usize> = batch.iter().map(|(place, ..)| *place).collect();
        let ranges = ranges(mailbox, &places);
        let mut stored: std::collections::HashMap<Uid, Stored> = session
            .read(move |tx| {
                let grant = tx.open::<right::ReadItems>(account, collection)?;
                Ok(tx.contents(&grant, &ranges, false)?.into_iter().collect())
            })
            .await?;
        for &(place, item, parsed) in batch {
            let (Some(stored), Some(row)) = (stored.remove(&item.uid), mailbox.view.row(place)) else {
                continue;
            };
            let content = session.store.load(stored).await?;
            let message = mime::Message::parse(&content);
            let deep = Deep::Content { account, item, parsed, message: &message };
            let known = Known { view: &mailbox.view, place, row, deep };
            set(verdicts, place, evaluate::run(test, &known).unwrap_or(false));
        }
        tokio::task::yield_now().await;
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
