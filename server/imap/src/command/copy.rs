//! COPY and MOVE: RFC 9051 sections 6.4.7 and 6.4.8. Within an account each is one transaction; to
//! another account the bytes are taken over, and MOVE removes them here only when they are safe there.

use crate::completion::{Completion, Failure, Note, Outcome, Ranges};
use crate::connection::Connection;
use crate::folder::append::settable;
use crate::mailbox::Mailbox;
use crate::name::Place;
use crate::session_state::Session;
use crate::status;
use imap_wire::Resolved;
use imap_wire::command::Copy;
use imap_wire::response::{Code, Condition};
use std::ops::RangeInclusive;
use storage::{Error, Item, Marks, Moved, NewItem, right};
use vocabulary::{CollectionKind, Rights, Uid, UidValidity};

/// Most messages that are taken over to another account at once: they wait in memory, compressed.
const TAKEN_OVER_MAX: usize = 2_000;

/// What was placed in the target.
struct Placed {
    validity: UidValidity,
    moved: Vec<Moved>,
}

impl Placed {
    /// RFC 9051 section 7.1: UIDs here and there, in the same order.
    fn note(&self) -> Option<Note> {
        if self.moved.is_empty() {
            return None;
        }
        let ranges = |numbers: Vec<u32>| -> Ranges { Resolved::from_ascending(numbers).ranges().to_vec() };
        let here = ranges(self.moved.iter().map(|one| one.from.0).collect());
        let there = ranges(self.moved.iter().map(|one| one.to.0).collect());
        Some(Note::CopyUid(self.validity, here, there))
    }
}

pub(crate) async fn copy(session: &Session, mailbox: &Mailbox, copy: &Copy) -> Outcome {
    let places = mailbox.resolve(copy.numbering, &copy.messages)?;
    let ranges = mailbox.view.uid_ranges(&places);
    let asked = places.iter().map(ExactSizeIterator::len).sum();
    let target = locate(session, copy).await?;
    let placed = if target.account == mailbox.account {
        let (account, collection) = (mailbox.account, mailbox.collection);
        let placed = session.write(account, move |tx| {
            let source = tx.open::<right::ReadItems>(account, collection)?;
            let target = match tx.open_path::<right::Insert>(account, CollectionKind::Mail, &target.path) {
                Ok(target) => target,
                Err(error) => return Ok(Err(status::of_target(&error))),
            };
            if tx.items(&source, &ranges)?.len() < asked {
                return Ok(Err(removed()));
            }
            let moved = tx.copy(&source, &target, &ranges)?;
            Ok(Ok(Placed { validity: target.collection().uidvalidity, moved }))
        });
        placed.await??
    } else {
        take_over(session, mailbox, target, ranges, asked).await?
    };
    Ok(completion("copied", placed.note()))
}

/// MOVE.
pub(crate) async fn relocate(
    session: &Session,
    mailbox: &Mailbox,
    connection: &mut Connection,
    copy: &Copy,
) -> Outcome {
    mailbox.require_writable()?;
    let places = mailbox.resolve(copy.numbering, &copy.messages)?;
    let ranges = mailbox.view.uid_ranges(&places);
    let asked = places.iter().map(ExactSizeIterator::len).sum();
    let target = locate(session, copy).await?;
    let (account, collection) = (mailbox.account, mailbox.collection);
    let placed = if target.account == account {
        let placed = session.write(account, move |tx| {
            let source = tx.open::<right::Remove>(account, collection)?;
            let read = tx.open::<right::ReadItems>(account, collection)?;
            let target = match tx.open_path::<right::Insert>(account, CollectionKind::Mail, &target.path) {
                Ok(target) => target,
                Err(error) => return Ok(Err(status::of_target(&error))),
            };
            if tx.items(&read, &ranges)?.len() < asked {
                return Ok(Err(removed()));
            }
            let moved = tx.move_items(&source, &read, &target, &ranges)?;
            Ok(Ok(Placed { validity: target.collection().uidvalidity, moved }))
        });
        placed.await??
    } else {
        // The right to remove is looked at first: what cannot be moved is not copied either.
        let asked_for = ranges.clone();
        let checked = session.read(move |tx| {
            let source = tx.open::<right::Remove>(account, collection)?;
            asked_for.iter().try_for_each(|range| tx.refuse_foreign(&source, range))
        });
        checked.await?;
        let placed = take_over(session, mailbox, target, ranges, asked).await?;
        let taken: Vec<_> = placed.moved.iter().map(|one| one.from.0..=one.from.0).collect();
        session
            .write(account, move |tx| {
                let source = tx.open::<right::Remove>(account, collection)?;
                tx.remove(&source, &taken)
            })
            .await?;
        placed
    };
    if let Some(note) = placed.note() {
        // RFC 9051 section 6.4.8: before the EXPUNGEs, which come from the log.
        connection.out.untagged(Condition::Ok, Some(&note.code()), "moved");
    }
    Ok(Completion::ok("moved"))
}

fn completion(text: &'static str, note: Option<Note>) -> Completion {
    match note {
        Some(note) => Completion::ok(text).with(note),
        None => Completion::ok(text),
    }
}

/// RFC 9051 section 6.4.7: all are copied or none, so one that another session has removed is waited
/// for: the client hears of it with this answer and may ask again.
fn removed() -> Completion {
    Completion::no(Code::ExpungeIssued, "some of the messages are gone; nothing was done")
}

async fn locate(session: &Session, copy: &Copy) -> Result<Place, Failure> {
    match session.locate(&copy.target).await {
        Err(Failure::Store(error)) => Err(status::of_target(&error).into()),
        place => place,
    }
}

/// Copies into another account: all of them, or none.
async fn take_over(
    session: &Session,
    mailbox: &Mailbox,
    target: Place,
    ranges: Vec<RangeInclusive<u32>>,
    asked: usize,
) -> Result<Placed, Failure> {
    let (owner, path) = (target.account, target.path.clone());
    let may =
        session.read(move |tx| tx.open_path::<right::Insert>(owner, CollectionKind::Mail, &path).map(drop));
    may.await.map_err(|error| status::of_target(&error))?;
    let (account, collection) = (mailbox.account, mailbox.collection);
    let items =
        session.read(move |tx| tx.items(&tx.open::<right::ReadItems>(account, collection)?, &ranges)).await?;
    if items.len() < asked {
        return Err(removed().into());
    }
    if items.len() > TAKEN_OVER_MAX {
        return Err(Completion::no(Code::Limit, "too many messages at once for another account").into());
    }
    let mut ready: Vec<(Uid, NewItem)> = Vec::with_capacity(items.len());
    for item in items {
        ready.push(prepared(session, mailbox, &target, item).await?.ok_or_else(removed)?);
    }
    let placed = session
        .write(target.account, move |tx| {
            let grant = tx.open_path::<right::Insert>(target.account, CollectionKind::Mail, &target.path)?;
            let mut moved = Vec::with_capacity(ready.len());
            for (from, mut new) in ready {
                (new.flags, new.keywords) = settable(&grant, new.flags, new.keywords);
                if ![Rights::WRITE, Rights::OWN_ITEMS].iter().any(|right| grant.rights().contains(*right)) {
                    new.marks = Marks::default();
                }
                let added = tx.insert(&grant, &new)?;
                moved.push(Moved { from, to: added.uid, id: added.id });
            }
            Ok(Placed { validity: grant.collection().uidvalidity, moved })
        })
        .await;
    Ok(placed.map_err(|error: Error| status::of_target(&error))?)
}

/// One message, ready for the other account; `None` if it has gone meanwhile.
async fn prepared(
    session: &Session,
    mailbox: &Mailbox,
    target: &Place,
    item: Item,
) -> Result<Option<(Uid, NewItem)>, Failure> {
    let (account, collection, uid) = (mailbox.account, mailbox.collection, item.uid);
    let stored = session
        .read(move |tx| {
            let grant = tx.open::<right::ReadItems>(account, collection)?;
            Ok(tx.contents(&grant, &[uid.0..=uid.0], false)?.pop())
        })
        .await?;
    let Some((_, stored)) = stored else { return Ok(None) };
    let bytes = session.store.load(stored).await?;
    let content = workflow::ingest(&session.store, target.account, bytes).await?;
    let new = NewItem {
        flags: item.flags,
        keywords: item.keywords,
        marks: item.marks,
        filter_at: item.filter_at,
        ..NewItem::mail(content, item.received_at)
    };
    Ok(Some((uid, new)))
}
