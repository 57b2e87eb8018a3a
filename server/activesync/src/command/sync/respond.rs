//! The answer about one collection: items are made ready, and written.

use activesync_wire::Version;
use activesync_wire::command::sync::{CollectionHead, ResponseWriter};
use activesync_wire::item::email::{Email, MarksChanged};
use activesync_wire::item::{Class, Destination, Selection};
use activesync_wire::server_id::{FolderId, ServerId};
use activesync_wire::status::SyncStatus;
use activesync_wire::sync_key::SyncKey;
use std::collections::HashMap;
use storage::{Item, Refusal};
use vocabulary::{ItemId, Uid};
use wbxml::{Element, Writer};

use super::apply::{Done, Kind};
use super::collect::{Page, Say};
use super::window::{self, Material, Scale};
use crate::call::Call;
use crate::cursor::Care;
use crate::item::{Content, LateViewer, Source, Viewer, email};

/// A thing to say, ready to be written.
pub(crate) enum Ready {
    Add(String, Content),
    Change(String, Content),
    Marks(String, Box<Email>, MarksChanged),
    Delete(String),
    SoftDelete(String),
    /// It is left out.
    Nothing,
}

impl Ready {
    fn content(&self) -> Option<&Content> {
        match self {
            Self::Add(_, content) | Self::Change(_, content) => Some(content),
            Self::Marks(..) | Self::Delete(_) | Self::SoftDelete(_) | Self::Nothing => None,
        }
    }
}

/// An item that was asked for with Fetch.
pub(crate) struct Fetched {
    pub(crate) server_id: String,
    pub(crate) content: Result<Content, SyncStatus>,
}

/// What is made ready of a page.
#[derive(Default)]
pub(crate) struct Made {
    /// One for each entry.
    pub(crate) ready: Vec<Ready>,
    /// Items that the device is not told of until they change.
    pub(crate) left_out: Vec<ItemId>,
}

/// Makes the bodies of a page, until the answer is full; then the page ends there. What is damaged, or is no item of
/// the class, is left out.
///
/// # Errors
/// [`storage::Fault`] if bytes cannot be read.
pub(crate) async fn make_ready(
    call: &Call,
    folder: FolderId,
    page: &mut Page,
    materials: HashMap<Uid, Material>,
    viewer: &LateViewer<'_>,
    scale: &mut Scale,
    care: Care,
) -> storage::Result<Made> {
    let mut made = Made::default();
    if care == Care::Without {
        window::cut(page, 1);
    }
    for entry in &page.entries {
        if !made.ready.is_empty() && !scale.has_room() {
            break;
        }
        let name = |id: ItemId| ServerId { folder, item: id }.to_string();
        let one = match &entry.say {
            Say::Delete(id) => Ready::Delete(name(*id)),
            Say::SoftDelete(id) => Ready::SoftDelete(name(*id)),
            Say::Flags(item, since) => {
                let id = ServerId { folder, item: item.id };
                let changed = email::changed_since(item, *since).of(call.version);
                match changed == MarksChanged::default() {
                    true => Ready::Nothing,
                    false => Ready::Marks(id.to_string(), Box::new(email::flags_only(id, item)), changed),
                }
            }
            Say::Add(item) | Say::Change(item) | Say::Aged(item) if care == Care::Without => {
                made.left_out.push(item.id);
                Ready::Nothing
            }
            Say::Add(item) | Say::Change(item) | Say::Aged(item) => {
                let (material, viewer) = (materials.get(&item.uid).cloned(), viewer.get().await?);
                let content = whole(call, folder, item, material, viewer).await?;
                match (content, &entry.say) {
                    (Some(content), Say::Add(_)) => Ready::Add(name(item.id), content),
                    (Some(content), _) => Ready::Change(name(item.id), content),
                    (None, _) => {
                        made.left_out.push(item.id);
                        Ready::Nothing
                    }
                }
            }
        };
        scale.put(one.content());
        made.ready.push(one);
    }
    window::cut(page, made.ready.len());
    for id in &made.left_out {
        page.progress.put_choked(*id);
    }
    Ok(made)
}

/// One item with its body; `None` if its bytes are damaged, or are no item of the class.
///
/// # Errors
/// [`storage::Fault`] if the bytes cannot be read now.
pub(crate) async fn whole(
    call: &Call,
    folder: FolderId,
    item: &Item,
    material: Option<Material>,
    viewer: &Viewer,
) -> storage::Result<Option<Content>> {
    let id = ServerId { folder, item: item.id };
    let (parsed, stored) = material.ok_or(Refusal::NotFound(storage::Subject::Content))?;
    let Some(bytes) = call.load(stored).await? else { return Ok(None) };
    let content = Content::whole(Source { id, item, parsed: &parsed, bytes: &bytes }, viewer);
    // Many items are many parsings: let other requests of this thread have their turn.
    tokio::task::yield_now().await;
    if let Err(error) = &content {
        tracing::warn!(account = folder.account.0, item = item.id.0, %error, "an item cannot be shown");
    }
    Ok(content.ok())
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
pub(crate) struct Response<'a> {
    pub(crate) class: Option<Class>,
    pub(crate) id: &'a str,
    pub(crate) key: SyncKey,
    pub(crate) version: Version,
    pub(crate) folder: FolderId,
    pub(crate) more: bool,
    pub(crate) ready: &'a [Ready],
    pub(crate) done: &'a [Done],
    pub(crate) fetched: &'a [Fetched],
    /// What is told of what a command has made, at the place of the command.
    pub(crate) told: &'a [Option<Element>],
}

/// Writes it.
pub(crate) fn write(writer: &mut ResponseWriter, response: &Response<'_>) {
    let key = response.key.to_string();
    let head =
        CollectionHead { class: response.class, key: &key, id: response.id, status: SyncStatus::Success };
    let mut collection = writer.collection(head);
    if response.more {
        collection.more_available();
    }
    let version = response.version;
    for one in response.ready {
        match one {
            Ready::Add(id, content) => collection.add(id, |out| write_content(content, version, out)),
            Ready::Change(id, content) => collection.change(id, |out| write_content(content, version, out)),
            Ready::Marks(id, email, changed) => {
                collection.change(id, |out| email.write_marks(*changed, version, out));
            }
            Ready::Delete(id) => collection.delete(id),
            Ready::SoftDelete(id) => collection.soft_delete(id),
            Ready::Nothing => {}
        }
    }
    let mut responses = collection.responses();
    for (at, done) in response.done.iter().enumerate() {
        let status = done.effect.status;
        let data = response.told.get(at).and_then(Option::as_ref);
        match done.kind {
            Kind::Add => {
                let made = done.effect.made.map(|made| made.id);
                let id = made.map(|item| ServerId { folder: response.folder, item }.to_string());
                responses.added(&done.name, id.as_deref(), status, data);
            }
            // Change and Delete are answered only when they failed, and where there is something to tell.
            Kind::Change if status != SyncStatus::Success || data.is_some() => {
                responses.changed(&done.name, done.instance_id.as_deref(), status, data);
            }
            Kind::Delete | Kind::DeleteOccurrence if status != SyncStatus::Success => {
                responses.deleted(&done.name, done.instance_id.as_deref(), status);
            }
            Kind::Change | Kind::Delete | Kind::DeleteOccurrence => {}
        }
    }
    for one in response.fetched {
        match &one.content {
            Ok(content) => responses.fetched(&one.server_id, |out| write_content(content, version, out)),
            Err(status) => responses.not_fetched(&one.server_id, *status),
        }
    }
    responses.finish();
}

fn write_content(content: &Content, version: Version, writer: &mut Writer) {
    content.write(Selection { version, schema: None }, Destination { writer, parts: None });
}
