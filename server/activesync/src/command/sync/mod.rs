//! Sync: MS-ASCMD section 2.2.1.21.
//!
//! A request is read, or repeated from the last one; then each collection in its order: its key names
//! the stand that the device is at, the client's commands run, the log is read from there, and the
//! new stand is stored before a byte is sent. If nobody has anything to say, the request waits.
//!
//! Keys. 0 makes a generation, or gives the unused one again. The newest key: the client has our last
//! answer. The one before: our last answer was lost, and everything is computed anew from there, while
//! commands that ran already only give their results. Any other key: status 3, for that collection.

mod apply;
mod collect;
mod conflict;
mod draft;
mod respond;
mod window;

pub(crate) use collect::{Asked, collect};
pub(crate) use draft::fresh_id;
pub(crate) use respond::whole;
pub(crate) use window::{Material, materials, since};

use activesync_wire::command::sync::{ClientCommand, Collection, Options, Request, ResponseWriter};
use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use activesync_wire::status::SyncStatus;
use activesync_wire::sync_key::{ClientKey, SyncKey};
use activesync_wire::{RequestError, Version};
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use storage::{Cursor, Item, right};
use vocabulary::{AccountId, CollectionKind, ItemId, Role};
use wbxml::Element;

use crate::call::{Answer, Call, Reply, StateKey};
use crate::cursor::{Slot, Stand, State};
use crate::email::Wanted;
use crate::folder::class_of;
use crate::last_request::{LastCollection, LastSync};
use crate::status;
use crate::wait::Subject;
use respond::{Content, Fetched, Outcome, make_ready};

/// A collection that somebody else's request changes meanwhile is tried again so often.
const TRIES_MAX: usize = 4;

/// Runs the command. `body` is `None` for a request that repeats the last one.
pub(crate) async fn run(call: &Call, body: Option<&Element>) -> Answer {
    let request = read(call, body)?;
    let folders = request.collections.iter().filter_map(Collection::folder);
    let subjects: Vec<Subject> =
        folders.clone().map(|id| Subject::Collection(id.account, id.collection)).collect();
    let mut turn = call.server.turns.take(call.account(), call.device(), subjects).await;
    let mut wakes = {
        // Subscribe, then look, then sleep.
        let mut accounts: Vec<AccountId> = folders.map(|id| id.account).collect();
        accounts.push(call.account());
        accounts.sort_unstable();
        accounts.dedup();
        call.store().wakes(&accounts)
    };
    let hold = tokio::time::sleep(Duration::from_secs(request.hold_seconds.unwrap_or(0).into()));
    tokio::pin!(hold);
    loop {
        let mut writer = ResponseWriter::new();
        let changed = serve_all(call, &request, &mut writer).await?;
        if !writer.is_empty() || request.hold_seconds.is_none() {
            return Ok(finish(call, &request, writer, &changed));
        }
        tokio::select! {
            () = wakes.any() => {}
            () = &mut hold => return Ok(finish(call, &request, writer, &[])),
            () = turn.superseded() => return Ok(finish(call, &request, writer, &[])),
            () = call.server.context.tasks.requested() => return Ok(finish(call, &request, writer, &[])),
        }
    }
}

/// The request, with what an empty or partial one leaves to the last one.
fn read<'a>(call: &Call, body: Option<&'a Element>) -> Answer<Request<'a>> {
    let mut request = match body {
        Some(root) => Request::parse(root)?,
        None => Request { collections: Vec::new(), hold_seconds: None, window_size: None, partial: true },
    };
    if request.partial {
        let last = call.server.last_requests.sync(call.account(), call.device()).ok_or(INCOMPLETE)?;
        request.hold_seconds = request.hold_seconds.or(last.hold_seconds);
        request.window_size = request.window_size.or(last.window_size);
        for old in last.collections {
            if request.collections.iter().any(|named| named.id == old.id) {
                continue;
            }
            let key = old.key.ok_or(INCOMPLETE)?;
            request.collections.push(unchanged(old, key));
        }
    }
    Ok(request)
}

/// The server does not know what the client leaves out: MS-ASCMD R4455.
const INCOMPLETE: RequestError = RequestError::Own {
    status: 13,
    limit: None,
    reason: "nothing is kept that an empty or partial request could mean",
};

fn unchanged(last: LastCollection, key: SyncKey) -> Collection<'static> {
    Collection {
        id: last.id,
        class: None,
        key: ClientKey::Issued(key),
        supported: None,
        deletes_as_moves: true,
        get_changes: last.get_changes,
        window_size: last.window_size,
        conversation_mode: false,
        options: None,
        commands: Vec::new(),
    }
}

/// Keeps the request for the next empty one, and ends the answer.
fn finish(call: &Call, request: &Request<'_>, mut writer: ResponseWriter, changed: &[String]) -> Reply {
    let collection = |one: &Collection<'_>| LastCollection {
        id: one.id.clone(),
        key: match one.key {
            ClientKey::Issued(key) if !changed.contains(&one.id) => Some(key),
            ClientKey::Issued(_) | ClientKey::Initial | ClientKey::Foreign => None,
        },
        get_changes: one.get_changes,
        window_size: one.window_size,
    };
    let last = LastSync {
        collections: request.collections.iter().map(collection).collect(),
        hold_seconds: request.hold_seconds,
        window_size: request.window_size,
    };
    call.server.last_requests.keep_sync(call.account(), call.device(), Some(last));
    if writer.is_empty() && call.version < Version::V14_0 {
        // Old clients want to read that nothing happened.
        for one in &request.collections {
            respond::write_status(&mut writer, one.class, &key_text(one.key), &one.id, SyncStatus::Success);
        }
    }
    writer.finish().map_or(Reply::Empty, Reply::bytes)
}

fn key_text(key: ClientKey) -> String {
    match key {
        ClientKey::Issued(key) => key.to_string(),
        ClientKey::Initial | ClientKey::Foreign => "0".to_owned(),
    }
}

/// Serves the collections in the order of the request (MS-ASCMD R4777). The ids of those that were
/// answered with something.
async fn serve_all(call: &Call, request: &Request<'_>, writer: &mut ResponseWriter) -> Answer<Vec<String>> {
    let mut changed = Vec::new();
    let mut room = request.window_size.map_or(usize::MAX, usize::from);
    let mut scale = window::Scale::default();
    for collection in &request.collections {
        match serve(call, collection, room, writer, &mut scale).await {
            Ok(None) => {}
            Ok(Some(said)) => {
                room = room.saturating_sub(said);
                changed.push(collection.id.clone());
            }
            Err(crate::call::Failure::Store(error)) => {
                let status = status::sync_collection(&error);
                let key = key_text(collection.key);
                respond::write_status(writer, collection.class, &key, &collection.id, status);
                changed.push(collection.id.clone());
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(changed)
}

/// A collection as one transaction found it, and the device's row.
pub(crate) struct View {
    pub(crate) folder: FolderId,
    pub(crate) class: Class,
    pub(crate) role: Option<Role>,
    /// The row as it is stored.
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) state: State,
    /// The end of the log.
    pub(crate) end: Cursor,
}

/// Reads the row of a device.
///
/// # Errors
/// [`storage::Refusal::NotFound`] and `Denied` if the folder is gone or not shared any more.
pub(crate) async fn view(call: &Call, folder: FolderId) -> storage::Result<View> {
    let key = StateKey::new(call, folder.account, folder.collection);
    let (bytes, kind, role, end) = call
        .store()
        .read(call.principal(), move |tx| {
            let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
            let collection = grant.collection();
            let bytes = tx.cursor_state(&key.cursor())?;
            Ok((bytes, collection.kind, collection.role, Cursor::at_end(&grant)))
        })
        .await?;
    let state = bytes.as_deref().and_then(State::decode).unwrap_or_default();
    let role = role.filter(|_| kind == CollectionKind::Mail);
    Ok(View { folder, class: class_of(kind), role, bytes, state, end })
}

/// Serves one collection. How many changes were said; `None` if there is nothing to say.
async fn serve(
    call: &Call,
    collection: &Collection<'_>,
    room: usize,
    writer: &mut ResponseWriter,
    scale: &mut window::Scale,
) -> Answer<Option<usize>> {
    let Some(folder) = collection.folder() else {
        let key = key_text(collection.key);
        let status = SyncStatus::HierarchyChanged; // MS-ASCMD R4452: FolderSync tells what there is
        respond::write_status(writer, collection.class, &key, &collection.id, status);
        return Ok(Some(0));
    };
    for _ in 0..TRIES_MAX {
        let view = view(call, folder).await?;
        collection.check(view.class)?;
        let key = match collection.key {
            ClientKey::Initial => {
                let key = prime(call, collection, &view).await?;
                let (id, status) = (&collection.id, SyncStatus::Success);
                respond::write_status(writer, collection.class, &key.to_string(), id, status);
                return Ok(Some(0));
            }
            ClientKey::Issued(key) => Some(key),
            ClientKey::Foreign => None,
        };
        let Some((slot, base)) = key.and_then(|key| view.state.find(key)) else {
            let (id, status) = (&collection.id, SyncStatus::InvalidSyncKey);
            respond::write_status(writer, collection.class, &key_text(collection.key), id, status);
            return Ok(Some(0));
        };
        if let Some(said) = answer(call, collection, &view, slot, base, room, writer, scale).await? {
            return Ok(said);
        }
    }
    respond::write_status(
        writer,
        collection.class,
        &key_text(collection.key),
        &collection.id,
        SyncStatus::Retry,
    );
    Ok(Some(0))
}

/// Key 0: MS-ASCMD section 2.2.3.181.4. No items come with it.
async fn prime(call: &Call, collection: &Collection<'_>, view: &View) -> storage::Result<SyncKey> {
    let key = StateKey::new(call, view.folder.account, view.folder.collection);
    let options = collection.own_options(view.class).cloned().unwrap_or_default();
    let end = view.end;
    call.store()
        .write(call.principal(), &[call.account()], move |tx| {
            let bytes = tx.cursor_state(&key.cursor())?;
            // Of a row that is gone no generation may come again: the clock is ahead of them all.
            let fresh = || State {
                last_generation: u32::try_from(tx.now().seconds()).unwrap_or_default(),
                ..State::default()
            };
            let mut state = bytes.as_deref().and_then(State::decode).unwrap_or_else(fresh);
            let issued = state.prime(end, options);
            tx.put_cursor_state(&key.cursor(), &state.encode())?;
            Ok(issued)
        })
        .await
}

/// Answers a request whose key is good. The outer `None`: another request was faster, look again.
#[expect(clippy::too_many_arguments, reason = "the parts of one request, each with a type of its own")]
async fn answer(
    call: &Call,
    collection: &Collection<'_>,
    view: &View,
    slot: Slot,
    base: &Stand,
    room: usize,
    writer: &mut ResponseWriter,
    scale: &mut window::Scale,
) -> Answer<Option<Option<usize>>> {
    let options = collection.own_options(view.class).unwrap_or(&base.options).clone();
    let commands = &collection.commands;
    let moves = collection.deletes_as_moves;
    let done = apply::apply(call, view, base.key, &base.progress, &options, commands, moves).await?;
    let Some(done) = done else { return Ok(None) };
    let window = room.min(collection.window_size.into());
    let mut found = look(call, view, base, &options, collection, &done, window).await?;
    let wanted = Wanted::from(&options);
    let ready = make_ready(call, view.folder, &mut found.page, found.materials, &wanted, scale).await?;
    let mut fetched = Vec::new();
    for (server_id, item) in found.fetches {
        let content = match item {
            // The answer is full: the device asks for the rest again.
            Some(_) if !scale.has_room() => Err(SyncStatus::Retry),
            Some((item, material)) => {
                let email = whole(call, view.folder, &item, Some(material), &wanted).await?;
                scale.put(Some(&email));
                Ok(email)
            }
            None => Err(SyncStatus::NotFound),
        };
        fetched.push(Fetched { server_id, content });
    }
    let speaks = !ready.is_empty() || !commands.is_empty() || found.page.more;
    let ran_commands = !done.is_empty();
    let outcome = Outcome { slot, base, options, page: &found.page, speaks, ran_commands };
    let Some(key) = respond::store(call, view, outcome).await? else { return Ok(None) };
    if !speaks {
        return Ok(Some(None));
    }
    let content = Content {
        class: collection.class,
        id: &collection.id,
        key,
        version: call.version,
        folder: view.folder,
        more: found.page.more,
        ready: &ready,
        done: &done,
        fetched: &fetched,
    };
    respond::write(writer, &content);
    Ok(Some(Some(ready.len())))
}

/// What one reading transaction found for an answer.
struct Found {
    page: collect::Page,
    materials: HashMap<vocabulary::Uid, Material>,
    fetches: Vec<(String, Option<(Item, Material)>)>,
}

async fn look(
    call: &Call,
    view: &View,
    base: &Stand,
    options: &Options,
    collection: &Collection<'_>,
    done: &[apply::Done],
    window: usize,
) -> storage::Result<Found> {
    let mut progress = base.progress.clone();
    for made in done.iter().filter_map(|done| done.effect.made) {
        progress.put_ahead(made);
    }
    let deleted = done.iter().filter(|done| done.kind == apply::Kind::Delete);
    let asked = Asked {
        since: since(options, call.now()),
        window,
        quiet_name: call.quiet_name(),
        deleted: deleted.filter_map(|done| done.id).collect(),
        restore: done.iter().filter(|done| done.effect.restore).filter_map(|done| done.id).collect(),
    };
    let mut fetches: Vec<(String, Option<ItemId>)> =
        collection.commands.iter().filter_map(fetch(view)).collect();
    // The same item twice is the same answer twice: a small request for much memory.
    let mut seen = HashSet::new();
    fetches.retain(|(name, _)| seen.insert(name.clone()));
    let folder = view.folder;
    // What was refused is shown again even to a client that wants no changes.
    let reads = view.class == Class::Email && (collection.get_changes || !asked.restore.is_empty());
    call.store()
        .read(call.principal(), move |tx| {
            let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
            let mut page = match reads {
                true => collect(tx, &grant, &progress, &asked)?,
                false => {
                    tx.check_cursor(&grant, &progress.cursor)?;
                    collect::Page { entries: Vec::new(), progress, more: false }
                }
            };
            window::cut_to_memory(&mut page);
            let materials = materials(tx, &grant, window::with_bodies(&page).map(|item| item.uid))?;
            let mut fetched = Vec::new();
            for (name, id) in fetches {
                let item = id.map(|id| tx.item_by_id(&grant, id)).transpose()?.flatten();
                let item = match item.filter(|item| !item.vanished) {
                    Some(item) => {
                        let material = window::materials(tx, &grant, std::iter::once(item.uid))?;
                        material.into_values().next().map(|material| (item, material))
                    }
                    None => None,
                };
                fetched.push((name, item));
            }
            Ok(Found { page, materials, fetches: fetched })
        })
        .await
}

fn fetch(view: &View) -> impl Fn(&ClientCommand<'_>) -> Option<(String, Option<ItemId>)> {
    let folder = view.folder;
    move |command| match command {
        ClientCommand::Fetch { server_id } => Some((server_id.clone(), apply::item_in(folder, server_id))),
        ClientCommand::Add { .. } | ClientCommand::Change { .. } | ClientCommand::Delete { .. } => None,
    }
}
