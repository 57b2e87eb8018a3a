//! Sync: MS-ASCMD section 2.2.1.21.
//!
//! A request is read, or repeated from the last one; then each collection in its order: its key names
//! the stand that the device is at, the client's commands run, the log is read from there, and the
//! new stand is stored before a byte is sent. If nobody has anything to say, the request waits.
//!
//! Keys. 0 makes a generation, or gives the unused one again. The newest key: the client has our last
//! answer. The one before: our last answer was lost, and everything is computed anew from there, while
//! commands that ran already only give their results. Any other key: status 3, for that collection.

mod aged;
mod apply;
mod collect;
mod draft;
mod interest;
mod look;
pub(crate) mod recipients;
mod report;
mod respond;
mod row;
mod told;
mod window;

pub(crate) use aged::drop_unchanged;
pub(crate) use collect::{Asked, Page, Say, collect};
pub(crate) use draft::fresh_id;
pub(crate) use interest::{Interest, component_of};
pub(crate) use respond::whole;
pub(crate) use window::{Material, materials, ranges};

use activesync_wire::command::sync::{Collection, Request, ResponseWriter};
use activesync_wire::item::{Class, Supported};
use activesync_wire::server_id::FolderId;
use activesync_wire::status::SyncStatus;
use activesync_wire::sync_key::{ClientKey, SyncKey};
use activesync_wire::{RequestError, Version};
use std::time::Duration;
use storage::{Cursor, Error, Refusal, right};
use vocabulary::{AccountId, CollectionKind, Role};
use wbxml::Element;

use super::Sent;
use crate::call::{Answer, Call, Reply, StateKey};
use crate::cursor::{Care, Slot, Stand, State};
use crate::device;
use crate::folder::class_of;
use crate::item::{LateViewer, Wanted};
use crate::last_request::{LastCollection, LastSync};
use crate::status;
use crate::wait::Subject;
use apply::Commands;
use respond::{Fetched, Made, Response, make_ready};
use row::Outcome;

/// A collection that somebody else's request changes meanwhile is tried again so often.
const TRIES_MAX: usize = 4;

/// Runs the command. Without a document the request repeats the last one.
pub(crate) async fn run(call: &Call, sent: Sent) -> Answer {
    let request = read(call, sent.document.as_ref())?;
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
    if let Some(reply) = answered(call, &request).await? {
        return Ok(reply);
    }
    // Commands are always answered: there were none.
    let request = request.without_commands();
    drop(sent);
    loop {
        let goes_on = tokio::select! {
            // Its next request is told why.
            () = wakes.any() => !device::is_shut_out(call).await?,
            () = &mut hold => false,
            () = turn.superseded() => false,
            () = call.server.context.tasks.requested() => false,
        };
        if !goes_on {
            return Ok(finish(call, &request, ResponseWriter::new(), &[]));
        }
        if let Some(reply) = answered(call, &request).await? {
            return Ok(reply);
        }
    }
}

/// The answer, if there is something to say or the client does not want to wait for it.
async fn answered(call: &Call, request: &Request<'_>) -> Answer<Option<Reply>> {
    let mut writer = ResponseWriter::new();
    let changed = serve_all(call, request, &mut writer).await?;
    let waits = writer.is_empty() && request.hold_seconds.is_some();
    Ok((!waits).then(|| finish(call, request, writer, &changed)))
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
        conversation_mode: last.conversation_mode,
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
        conversation_mode: one.conversation_mode,
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
    let mut left = request.window_size.map_or(usize::MAX, usize::from);
    let mut scale = window::Scale::default();
    for collection in &request.collections {
        // What no longer fits into the answer is there for the next request.
        let room = if scale.has_room() { left } else { 0 };
        match serve(call, collection, room, writer, &mut scale).await {
            Ok(None) => {}
            Ok(Some(said)) => {
                left = left.saturating_sub(said);
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
    /// The stand that the client's key names.
    pub(crate) base: Option<(Slot, Stand)>,
    /// That stand is of other rights than today's, or of a history that is gone: the client begins anew.
    pub(crate) is_stale: bool,
    /// The end of the log.
    pub(crate) end: Cursor,
}

/// Reads the row of a device.
///
/// # Errors
/// [`storage::Refusal::NotFound`] and `Denied` if the folder is gone or not shared any more.
async fn view(call: &Call, folder: FolderId, key: Option<SyncKey>) -> storage::Result<View> {
    let place = StateKey::new(call, folder.account, folder.collection);
    call.store()
        .read(call.principal(), move |tx| {
            let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
            let bytes = tx.cursor_state(&place.cursor())?;
            let state = bytes.as_deref().and_then(State::decode).unwrap_or_default();
            let base = key.and_then(|key| state.find(key));
            let is_stale = match &base {
                Some((_, stand)) => match tx.check_cursor(&grant, &stand.progress.cursor) {
                    Ok(()) => false,
                    Err(Error::Refusal(Refusal::ResyncRequired { .. })) => true,
                    Err(other) => return Err(other),
                },
                None => false,
            };
            let collection = grant.collection();
            let role = collection.role.filter(|_| collection.kind == CollectionKind::Mail);
            let (class, end) = (class_of(collection.kind), Cursor::at_end(&grant));
            Ok(View { folder, class, role, bytes, state, base, is_stale, end })
        })
        .await
}

/// Serves one collection. How many changes were said; `None` if there is nothing to say.
async fn serve(
    call: &Call,
    collection: &Collection<'_>,
    room: usize,
    writer: &mut ResponseWriter,
    scale: &mut window::Scale,
) -> Answer<Option<usize>> {
    let refuse = |writer: &mut ResponseWriter, status| {
        let key = key_text(collection.key);
        respond::write_status(writer, collection.class, &key, &collection.id, status);
        Ok(Some(0))
    };
    let Some(folder) = collection.folder() else {
        return refuse(writer, SyncStatus::HierarchyChanged); // MS-ASCMD R4452: FolderSync tells what there is
    };
    if folder == FolderId::RECIPIENTS {
        return recipients::serve(call, collection, room, writer).await;
    }
    let key = match collection.key {
        ClientKey::Issued(key) => Some(key),
        ClientKey::Initial | ClientKey::Foreign => None,
    };
    for _ in 0..TRIES_MAX {
        let view = view(call, folder, key).await?;
        collection.check(view.class)?;
        if collection.key == ClientKey::Initial {
            let key = prime(call, collection, &view).await?;
            let (id, status) = (&collection.id, SyncStatus::Success);
            respond::write_status(writer, collection.class, &key.to_string(), id, status);
            return Ok(Some(0));
        }
        let base = view.base.as_ref().and_then(|(slot, base)| {
            // A device that changes its mind begins anew.
            let progress = base.progress.clone().of_conversations(collection.conversation_mode)?;
            Some((*slot, Stand { progress, ..base.clone() }))
        });
        let Some((slot, base)) = base else { return refuse(writer, SyncStatus::InvalidSyncKey) };
        if let Some(said) = answer(call, collection, &view, (slot, &base), room, writer, scale).await? {
            return Ok(said);
        }
    }
    refuse(writer, SyncStatus::Retry)
}

/// Key 0: MS-ASCMD section 2.2.3.181.4. No items come with it.
async fn prime(call: &Call, collection: &Collection<'_>, view: &View) -> storage::Result<SyncKey> {
    let key = StateKey::new(call, view.folder.account, view.folder.collection);
    let options = collection.own_options(view.class).cloned().unwrap_or_default();
    let supported = Supported::new(collection.supported.as_deref());
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
            let issued = state.prime(end, options, supported);
            tx.put_cursor_state(&key.cursor(), &state.encode())?;
            Ok(issued)
        })
        .await
}

/// Answers a request whose key is good. The outer `None`: another request was faster, look again.
async fn answer(
    call: &Call,
    collection: &Collection<'_>,
    view: &View,
    (slot, base): (Slot, &Stand),
    room: usize,
    writer: &mut ResponseWriter,
    scale: &mut window::Scale,
) -> Answer<Option<Option<usize>>> {
    let options = collection.own_options(view.class).unwrap_or(&base.options).clone();
    let trouble = row::trouble(&view.state, slot, base, call.now());
    let care = trouble.map_or(Care::None, |trouble| trouble.care(call.now()));
    let wanted = if care == Care::Bare { Wanted::bare() } else { Wanted::from(&options) };
    let viewer = LateViewer::new(call, view.folder.account, view.class, wanted);
    let done = match collection.commands.is_empty() {
        true => apply::nothing(view)?,
        false => {
            let commands = Commands {
                base,
                options: &options,
                viewer: viewer.get().await?,
                commands: &collection.commands,
                deletes_as_moves: collection.deletes_as_moves,
            };
            let Some(done) = apply::apply(call, view, &commands).await? else { return Ok(None) };
            done
        }
    };
    let window = room.min(collection.window_size.into()).min(care.window());
    let look = look::Look { view, base, options: &options, collection, done: &done, window };
    let mut found = look.look(call, &viewer).await?;
    let Made { ready, left_out } =
        make_ready(call, view.folder, &mut found.page, found.materials, &viewer, scale, care).await?;
    let mut fetched = Vec::new();
    for (server_id, item) in found.fetches {
        let content = match item {
            // The answer is full: the device asks for the rest again.
            Some(_) if !scale.has_room() => Err(SyncStatus::Retry),
            Some((item, material)) => {
                let content = whole(call, view.folder, &item, Some(material), viewer.get().await?).await?;
                scale.put(content.as_ref());
                content.ok_or(SyncStatus::Conversion)
            }
            None => Err(SyncStatus::NotFound),
        };
        fetched.push(Fetched { server_id, content });
    }
    let speaks = !ready.is_empty() || !collection.commands.is_empty() || found.page.more;
    let outcome = Outcome { slot, base, options, page: &found.page, done: &done, speaks };
    let Some(key) = row::store(call, view, outcome).await? else { return Ok(None) };
    report::left_out(call, view.folder, left_out).await?;
    if !speaks {
        return Ok(Some(None));
    }
    if !matches!(slot, Slot::Previous) && collection.commands.is_empty() && !ready.is_empty() {
        call.remarks.note_progress();
    }
    let told = told::told(call, view, &done, &found.uids).await?;
    let response = Response {
        class: collection.class,
        id: &collection.id,
        key,
        version: call.version,
        folder: view.folder,
        more: found.page.more,
        ready: &ready,
        done: &done,
        fetched: &fetched,
        told: &told,
    };
    respond::write(writer, &response);
    Ok(Some(Some(ready.len())))
}
