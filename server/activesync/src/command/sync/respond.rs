//! The answer about one collection: items are made ready, the new row is stored, then it is written.

use activesync_wire::Version;
use activesync_wire::command::sync::{CollectionHead, Options, ResponseWriter};
use activesync_wire::item::Class;
use activesync_wire::item::email::{Destination, Email, Selection};
use activesync_wire::server_id::{FolderId, ServerId};
use activesync_wire::status::SyncStatus;
use activesync_wire::sync_key::SyncKey;
use std::collections::HashMap;
use storage::{Item, Refusal};
use vocabulary::{ItemId, Uid};
use wbxml::Writer;

use super::View;
use super::apply::{Done, Kind};
use super::collect::{Page, Say};
use super::window::{self, Material, Scale};
use crate::call::{Call, StateKey};
use crate::cursor::{Slot, Stand, State};
use crate::email::{self, Wanted};

/// A thing to say, ready to be written.
pub(crate) enum Ready {
    Add(String, Box<Email>),
    Change(String, Box<Email>),
    Flags(String, Box<Email>),
    Delete(String),
    SoftDelete(String),
}

/// An item that was asked for with Fetch.
pub(crate) struct Fetched {
    pub(crate) server_id: String,
    pub(crate) content: Result<Box<Email>, SyncStatus>,
}

/// Makes the bodies of a page, until the answer is full; then the page ends there.
///
/// # Errors
/// [`storage::Fault`] if bytes cannot be read.
pub(crate) async fn make_ready(
    call: &Call,
    folder: FolderId,
    page: &mut Page,
    mut materials: HashMap<Uid, Material>,
    wanted: &Wanted,
    scale: &mut Scale,
) -> storage::Result<Vec<Ready>> {
    let mut ready = Vec::with_capacity(page.entries.len());
    for entry in &page.entries {
        if !ready.is_empty() && !scale.has_room() {
            break;
        }
        let name = |id: ItemId| ServerId { folder, item: id }.to_string();
        let one = match &entry.say {
            Say::Delete(id) => Ready::Delete(name(*id)),
            Say::SoftDelete(id) => Ready::SoftDelete(name(*id)),
            Say::Flags(item) => {
                let id = ServerId { folder, item: item.id };
                Ready::Flags(id.to_string(), Box::new(email::flags_only(id, item)))
            }
            Say::Add(item) => Ready::Add(
                name(item.id),
                whole(call, folder, item, materials.remove(&item.uid), wanted).await?,
            ),
            Say::Change(item) => Ready::Change(
                name(item.id),
                whole(call, folder, item, materials.remove(&item.uid), wanted).await?,
            ),
        };
        scale.put(match &one {
            Ready::Add(_, email) | Ready::Change(_, email) => Some(email),
            Ready::Flags(..) | Ready::Delete(_) | Ready::SoftDelete(_) => None,
        });
        ready.push(one);
    }
    window::cut(page, ready.len());
    Ok(ready)
}

/// One mail with its body.
pub(crate) async fn whole(
    call: &Call,
    folder: FolderId,
    item: &Item,
    material: Option<Material>,
    wanted: &Wanted,
) -> storage::Result<Box<Email>> {
    let id = ServerId { folder, item: item.id };
    let (parsed, stored) = material.ok_or(Refusal::NotFound(storage::Subject::Content))?;
    let bytes = call.store().load(stored).await?;
    let email = email::whole(id, item, &parsed, &bytes, wanted);
    // Many mails are many parsings: let other requests of this thread have their turn.
    tokio::task::yield_now().await;
    Ok(Box::new(email))
}

/// What a request came to, for the row.
pub(crate) struct Outcome<'a> {
    pub(crate) slot: Slot,
    pub(crate) base: &'a Stand,
    pub(crate) options: Options,
    pub(crate) page: &'a Page,
    /// There is something to say, so the client gets another key.
    pub(crate) speaks: bool,
    pub(crate) ran_commands: bool,
}

/// Stores the new row if it is needed. The key that holds now; `None` if the row has changed since it
/// was read.
///
/// # Errors
/// [`storage::Error`].
pub(crate) async fn store(
    call: &Call,
    view: &View,
    outcome: Outcome<'_>,
) -> storage::Result<Option<SyncKey>> {
    let (state, forgotten) = next_state(&view.state, &outcome);
    let key = match outcome.speaks {
        true => state.current.as_ref().map_or(outcome.base.key, |stand| stand.key),
        false => outcome.base.key,
    };
    if state == view.state {
        return Ok(Some(key));
    }
    let place = StateKey::new(call, view.folder.account, view.folder.collection);
    let expected = view.bytes.clone();
    let mut accounts = vec![call.account()];
    if !forgotten.is_empty() {
        accounts.push(view.folder.account);
    }
    let stored = call.store().write(call.principal(), &accounts, move |tx| {
        if tx.cursor_state(&place.cursor())? != expected {
            return Ok(false);
        }
        for key in forgotten {
            tx.forget_remembered(place.owner, &place.reader, place.collection, &key.to_string())?;
        }
        tx.put_cursor_state(&place.cursor(), &state.encode())?;
        Ok(true)
    });
    Ok(stored.await?.then_some(key))
}

/// The row after an answer, and the keys whose results nobody can ask for any more.
fn next_state(state: &State, outcome: &Outcome<'_>) -> (State, Vec<SyncKey>) {
    let mut next = state.clone();
    let stand = |key, ran_commands| Stand {
        key,
        progress: outcome.page.progress.clone(),
        options: outcome.options.clone(),
        ran_commands,
    };
    let ran = outcome.base.ran_commands || outcome.ran_commands;
    if !outcome.speaks {
        // The place moves on under the same key.
        let moved = Some(stand(outcome.base.key, ran));
        match outcome.slot {
            Slot::Current => next.current = moved,
            Slot::Previous => next.previous = moved,
            Slot::Pending => {
                let forgotten = dropped([state.current.as_ref(), state.previous.as_ref()]);
                (next.current, next.previous, next.pending) = (moved, None, None);
                return (next, forgotten);
            }
        }
        return (next, Vec::new());
    }
    let base = Stand { ran_commands: ran, ..outcome.base.clone() };
    let forgotten = match outcome.slot {
        Slot::Current => dropped([state.previous.as_ref(), None]),
        Slot::Previous => dropped([state.current.as_ref(), None]),
        Slot::Pending => dropped([state.current.as_ref(), state.previous.as_ref()]),
    };
    let key = state.next_key(outcome.base);
    if outcome.slot == Slot::Pending {
        next.pending = None;
    }
    next.current = Some(stand(key, false));
    next.previous = Some(base);
    (next, forgotten)
}

fn dropped(stands: [Option<&Stand>; 2]) -> Vec<SyncKey> {
    stands.into_iter().flatten().filter(|stand| stand.ran_commands).map(|stand| stand.key).collect()
}

/// A collection with a status and nothing else.
pub(crate) fn write_status(
    writer: &mut ResponseWriter,
    class: Option<Class>,
    key: &str,
    id: &str,
    status: SyncStatus,
) {
    writer.collection(CollectionHead { class, key, id, status }).finish();
}

/// A collection in full.
pub(crate) struct Content<'a> {
    pub(crate) class: Option<Class>,
    pub(crate) id: &'a str,
    pub(crate) key: SyncKey,
    pub(crate) version: Version,
    pub(crate) folder: FolderId,
    pub(crate) more: bool,
    pub(crate) ready: &'a [Ready],
    pub(crate) done: &'a [Done],
    pub(crate) fetched: &'a [Fetched],
}

/// Writes it.
pub(crate) fn write(writer: &mut ResponseWriter, content: &Content<'_>) {
    let key = content.key.to_string();
    let head =
        CollectionHead { class: content.class, key: &key, id: content.id, status: SyncStatus::Success };
    let mut collection = writer.collection(head);
    if content.more {
        collection.more_available();
    }
    let version = content.version;
    for one in content.ready {
        match one {
            Ready::Add(id, email) => collection.add(id, |out| write_email(email, version, out)),
            Ready::Change(id, email) => collection.change(id, |out| write_email(email, version, out)),
            Ready::Flags(id, email) => collection.change(id, |out| email.write_flags(version, out)),
            Ready::Delete(id) => collection.delete(id),
            Ready::SoftDelete(id) => collection.soft_delete(id),
        }
    }
    let mut responses = collection.responses();
    for done in content.done {
        let status = done.effect.status;
        match done.kind {
            Kind::Add => {
                let id = done.effect.made.map(|made| ServerId { folder: content.folder, item: made.id });
                responses.added(&done.name, id.map(|id| id.to_string()).as_deref(), status, None);
            }
            // Change and Delete are answered only when they failed.
            Kind::Change if status != SyncStatus::Success => responses.changed(&done.name, status, None),
            Kind::Delete if status != SyncStatus::Success => responses.deleted(&done.name, status),
            Kind::Change | Kind::Delete => {}
        }
    }
    for one in content.fetched {
        match &one.content {
            Ok(email) => responses.fetched(&one.server_id, |out| write_email(email, version, out)),
            Err(status) => responses.not_fetched(&one.server_id, *status),
        }
    }
    responses.finish();
}

fn write_email(email: &Email, version: Version, writer: &mut Writer) {
    email.write(Selection { version, schema: None }, Destination { writer, parts: None });
}
