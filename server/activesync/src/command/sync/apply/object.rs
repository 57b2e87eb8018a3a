//! What a command does to events, contacts, tasks and notes: their bytes are edited through the lens of
//! their class.

use activesync_wire::command::sync::ClientCommand;
use activesync_wire::item::Class;
use activesync_wire::item::email::Change;
use activesync_wire::server_id::FolderId;
use activesync_wire::status::SyncStatus;
use bytes::Bytes;
use calendar::schedule::Written;
use std::fmt::Write;
use storage::{Error, Item, NewItem, Refusal, right};
use vocabulary::ItemId;
use wbxml::Element;
use workflow::ObjectError;
use workflow::meeting::{self, PlanError, Planned};

use super::super::View;
use super::super::interest::component_of;
use super::Commands;
use super::attached::{self, Attached};
use super::files;
use super::prepare::{Deed, Named, stored};
use crate::call::Call;
use crate::item::{self, Author, Edit, Identity, Viewer};

/// # Errors
/// What the store refuses.
pub(super) async fn deed(
    call: &Call,
    view: &View,
    asked: &Commands<'_>,
    named: &Named<'_>,
) -> storage::Result<Deed> {
    let edit = match named.command {
        ClientCommand::Delete { instance_id: None, .. } => return removal(call, view, asked, named).await,
        ClientCommand::Fetch { .. } => return Ok(Deed::Refuse(SyncStatus::ProtocolError)),
        ClientCommand::Delete { instance_id: Some(instance), .. } => Edit::WithoutInstance(instance),
        ClientCommand::Add { data, .. } => Edit::Whole(data),
        ClientCommand::Change { data: Some(data), instance_id: Some(instance), .. } => {
            Edit::Instance(instance, data)
        }
        ClientCommand::Change { data: Some(data), instance_id: None, .. } => Edit::Whole(data),
        ClientCommand::Change { data: None, .. } => return Ok(Deed::Refuse(SyncStatus::Conversion)),
    };
    let work =
        Work { call, folder: view.folder, asked, named, attached: attached::of(call, view, asked, named) };
    let uid = work.uid(added(named.command));
    let before = match (named.command, named.id) {
        (ClientCommand::Add { .. }, _) => work.twin(&uid).await?,
        (_, Some(id)) => Some(stored(call, view.folder, id).await?),
        // The ServerId is none of this folder.
        (_, None) => return Ok(Deed::Refuse(SyncStatus::NotFound)),
    };
    work.edited(edit, &uid, before).await
}

fn added<'a>(command: &ClientCommand<'a>) -> Option<&'a Element> {
    match command {
        ClientCommand::Add { data, .. } => Some(data),
        ClientCommand::Change { .. } | ClientCommand::Delete { .. } | ClientCommand::Fetch { .. } => None,
    }
}

/// A meeting that is removed is told to those whom it concerns.
async fn removal(call: &Call, view: &View, asked: &Commands<'_>, named: &Named<'_>) -> storage::Result<Deed> {
    let plain = Deed::Delete { to_trash: false };
    let (Some(id), Some(owner)) = (named.id, &asked.viewer.owner) else { return Ok(plain) };
    if !has_meetings(asked.viewer.class) {
        return Ok(plain);
    }
    let (item, bytes) = match stored(call, view.folder, id).await {
        Ok(found) => found,
        // It is gone already, or was never there: that is said inside the transaction. What is damaged can still go.
        Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Invalid(_))) => return Ok(plain),
        Err(error) => return Err(error),
    };
    if item.schedule_modseq.is_none() {
        return Ok(plain);
    }
    let written = Written::Removed { reply: true };
    match meeting::plan(call.store(), &call.writer(owner, asked.viewer.class), Some(&bytes), written).await {
        Ok(planned) => Ok(Deed::Cancel { was: item.content, letters: planned.letters }),
        // What cannot be read is removed all the same.
        Err(PlanError::Refused(_)) => Ok(plain),
        Err(PlanError::Store(error)) => Err(error),
    }
}

/// Whether items of a class can have an organiser and attendees.
fn has_meetings(class: Class) -> bool {
    matches!(class, Class::Calendar | Class::Tasks)
}

pub(super) struct Work<'a> {
    pub(super) call: &'a Call,
    pub(super) folder: FolderId,
    asked: &'a Commands<'a>,
    pub(super) named: &'a Named<'a>,
    pub(super) attached: Vec<Attached>,
}

impl Work<'_> {
    pub(super) fn viewer(&self) -> &Viewer {
        self.asked.viewer
    }

    /// The UID of what comes to be. A repeat of the same command finds it by that.
    fn uid(&self, added: Option<&Element>) -> String {
        let call = self.call;
        let seed = match added.map_or(Identity::Request, |data| item::identity(data, self.viewer())) {
            Identity::Uid(uid) => return uid,
            Identity::ClientUid(word) => format!("{} {word}", call.quiet_name()),
            Identity::Request => {
                let request_id = self.named.request_id(self.folder, self.asked.base.key);
                format!("{} {request_id}", call.quiet_name())
            }
        };
        let hash = call.store().fingerprint(self.folder.account, seed.as_bytes());
        let mut uid = String::with_capacity(32);
        for byte in hash.iter().take(16) {
            let _ = write!(uid, "{byte:02x}");
        }
        uid
    }

    /// The item that has this UID already: adding it again changes it.
    async fn twin(&self, uid: &str) -> storage::Result<Option<(Item, Bytes)>> {
        let (folder, uid) = (self.folder, uid.to_owned());
        let found = self.call.store().read(self.call.principal(), move |tx| {
            let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
            Ok(tx.item_by_component_uid(&grant, &uid)?.map(|item| item.id))
        });
        match found.await? {
            Some(id) => stored(self.call, folder, id).await.map(Some),
            None => Ok(None),
        }
    }

    async fn edited(self, edit: Edit<'_>, uid: &str, before: Option<(Item, Bytes)>) -> storage::Result<Deed> {
        let author = Author { viewer: self.viewer(), supported: &self.asked.base.supported, uid };
        let old = before.as_ref().map(|(_, bytes)| &bytes[..]);
        let Ok(edited) = item::edit(old, edit, author) else {
            return Ok(Deed::Refuse(SyncStatus::Conversion));
        };
        let Ok((edited, attached)) = Box::pin(files::change(&self, edit, edited)).await? else {
            return Ok(Deed::Refuse(SyncStatus::Conversion));
        };
        let (is_same, restore) = (old == Some(edited.bytes.as_slice()), edited.restore);
        let Ok(also) = self.ingested(edited.also).await? else {
            return Ok(Deed::Refuse(SyncStatus::Conversion));
        };
        let planned = match is_same {
            true => Planned::unscheduled(),
            false => match self.planned(old, &edited.bytes).await? {
                Some(planned) => planned,
                None if before.is_some() => return Ok(Deed::Restore),
                None => return Ok(Deed::Refuse(SyncStatus::Conversion)),
            },
        };
        let Planned { rewritten, schedule_tag, letters } = planned;
        let new = match is_same {
            true => None,
            false => match self.ingested(Some(rewritten.unwrap_or(edited.bytes))).await? {
                Ok(new) => new.map(|new| Box::new(files::with(NewItem { schedule_tag, ..*new }, attached))),
                Err(Unfit) => return Ok(Deed::Refuse(SyncStatus::Conversion)),
            },
        };
        Ok(match (before, new) {
            (Some((item, _)), new) => {
                Deed::Replace { id: item.id, was: item.content, new, also, restore, letters }
            }
            (None, Some(new)) => {
                let created_by = Some(self.call.generation_name(self.asked.base.key));
                let new = Box::new(NewItem { created_by, ..*new });
                Deed::Add { new, flags: Change::default(), letters }
            }
            (None, None) => Deed::Refuse(SyncStatus::Conversion),
        })
    }

    /// What a change of an event or task amounts to; `None`: it may not be made.
    async fn planned(&self, old: Option<&[u8]>, new: &[u8]) -> storage::Result<Option<Planned>> {
        let class = self.viewer().class;
        let Some(owner) = self.viewer().owner.as_ref().filter(|_| has_meetings(class)) else {
            return Ok(Some(Planned::unscheduled()));
        };
        let writer = self.call.writer(owner, class);
        match meeting::plan(self.call.store(), &writer, old, Written::Stored(new)).await {
            Ok(planned) => Ok(Some(planned)),
            Err(PlanError::Refused(refused)) => {
                tracing::info!(account = owner.id.0, %refused, "a change of a meeting is refused");
                Ok(None)
            }
            Err(PlanError::Store(error)) => Err(error),
        }
    }

    /// The inner error: the bytes are no object of this class.
    async fn ingested(&self, bytes: Option<Vec<u8>>) -> storage::Result<Result<Option<Box<NewItem>>, Unfit>> {
        let Some(bytes) = bytes else { return Ok(Ok(None)) };
        let (store, account, now) = (self.call.store(), self.folder.account, self.call.now());
        let class = self.viewer().class;
        let ingested = match class {
            Class::Contacts => workflow::ingest_card(store, account, bytes.into(), now).await,
            _ => workflow::ingest_calendar_object(store, account, bytes.into(), now).await,
        };
        match ingested {
            Ok(new) if new.component == component_of(class) => Ok(Ok(Some(Box::new(new)))),
            Ok(_) | Err(ObjectError::Calendar(_) | ObjectError::Card(_)) => Ok(Err(Unfit)),
            Err(ObjectError::Store(error)) => Err(error),
        }
    }
}

pub(super) struct Unfit;

/// The item that a deed is for, where that is not the one that the command names.
pub(super) fn target(deed: &Deed) -> Option<ItemId> {
    match deed {
        Deed::Replace { id, .. } => Some(*id),
        _ => None,
    }
}
