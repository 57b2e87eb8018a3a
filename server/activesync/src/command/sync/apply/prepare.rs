//! What must not happen inside a transaction: reading the command, making the bytes, sending.

use activesync_wire::command::sync::ClientCommand;
use activesync_wire::item::Class;
use activesync_wire::item::email::Change;
use activesync_wire::server_id::FolderId;
use activesync_wire::status::SyncStatus;
use activesync_wire::sync_key::SyncKey;
use bytes::Bytes;
use std::collections::HashMap;
use storage::{Error, Item, NewItem, Refusal, Subject, right};
use vocabulary::{ContentId, ItemId};
use workflow::meeting::Letters;

use super::super::View;
use super::attached::{self, Attached};
use super::{Commands, Kind, item_in, mail, object};
use crate::call::Call;
use crate::status;

/// A command and what names it within the request.
pub(super) struct Named<'a> {
    pub(super) command: &'a ClientCommand<'a>,
    pub(super) kind: Kind,
    name: &'a str,
    client_key: String,
    pub(super) id: Option<ItemId>,
}

impl Named<'_> {
    /// What names the command among all of the device.
    pub(super) fn request_id(&self, folder: FolderId, key: SyncKey) -> String {
        format!("{folder} {key} {}", self.client_key)
    }
}

/// A command that is ready for the transaction.
pub(super) struct Task {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) instance_id: Option<String>,
    pub(super) client_key: String,
    pub(super) hash: Vec<u8>,
    pub(super) id: Option<ItemId>,
    pub(super) attached: Vec<Attached>,
    pub(super) deed: Deed,
}

/// What shall happen.
pub(super) enum Deed {
    Flags(Change),
    Delete {
        to_trash: bool,
    },
    /// A meeting goes.
    Cancel {
        was: ContentId,
        letters: Letters,
    },
    Add {
        new: Box<NewItem>,
        /// What is said of a draft's marks.
        flags: Change,
        letters: Letters,
    },
    /// A draft, made of the bytes that were there.
    Redraft {
        was: ContentId,
        new: Box<NewItem>,
        flags: Change,
        /// Its files have other names now.
        restore: bool,
    },
    /// An event, contact, task or note, made of the bytes that were there; nothing new if they stay.
    Replace {
        id: ItemId,
        was: ContentId,
        new: Option<Box<NewItem>>,
        /// A further item that comes of it.
        also: Option<Box<NewItem>>,
        /// What it comes to is not what the client believes.
        restore: bool,
        /// What those are told whom it concerns.
        letters: Letters,
    },
    /// What the client did may not be done: it shall have the item as it was.
    Restore,
    /// It was sent; a stored draft of it goes.
    Sent,
    Refuse(SyncStatus),
    /// It is taken, and nothing comes of it.
    Ignore,
    /// The client begins anew first.
    NotNow,
}

/// The commands but for Fetch.
pub(super) fn names<'a>(folder: FolderId, commands: &'a [ClientCommand<'a>]) -> Vec<Named<'a>> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut named = Vec::with_capacity(commands.len());
    for command in commands {
        let (kind, name, letter) = match command {
            ClientCommand::Add { client_id, .. } => (Kind::Add, client_id, 'a'),
            ClientCommand::Change { server_id, .. } => (Kind::Change, server_id, 'c'),
            ClientCommand::Delete { server_id, instance_id: None } => (Kind::Delete, server_id, 'd'),
            ClientCommand::Delete { server_id, .. } => (Kind::DeleteOccurrence, server_id, 'd'),
            ClientCommand::Fetch { .. } => continue,
        };
        let count = seen.entry(format!("{letter}{name}")).or_default();
        *count += 1;
        let client_key = format!("{letter}{count}:{name}");
        let id = match kind {
            Kind::Add => None,
            Kind::Change | Kind::Delete | Kind::DeleteOccurrence => item_in(folder, name),
        };
        named.push(Named { command, kind, name, client_key, id });
    }
    named
}

/// Makes a command ready. What runs twice under one key is sent once.
///
/// # Errors
/// [`storage::Fault`] only.
pub(super) async fn prepare(
    call: &Call,
    view: &View,
    asked: &Commands<'_>,
    named: &Named<'_>,
) -> storage::Result<Task> {
    let deed = match view.is_stale {
        true => Deed::NotNow,
        false => match deed(call, view, asked, named).await {
            Ok(deed) => deed,
            Err(Error::Refusal(refusal)) => Deed::Refuse(status::sync_item(&refusal)),
            Err(fault) => return Err(fault),
        },
    };
    Ok(Task {
        kind: named.kind,
        name: named.name.to_owned(),
        instance_id: instance_of(named.command).map(str::to_owned),
        client_key: named.client_key.clone(),
        hash: call.store().fingerprint(view.folder.account, &said(asked, named.command)).to_vec(),
        id: named.id,
        attached: attached::of(call, view, asked, named),
        deed,
    })
}

fn instance_of<'a>(command: &'a ClientCommand<'_>) -> Option<&'a str> {
    match command {
        ClientCommand::Change { instance_id, .. } | ClientCommand::Delete { instance_id, .. } => {
            instance_id.as_deref()
        }
        ClientCommand::Add { .. } | ClientCommand::Fetch { .. } => None,
    }
}

/// What makes the command another one.
fn said(asked: &Commands<'_>, command: &ClientCommand<'_>) -> Vec<u8> {
    let instance = instance_of(command).unwrap_or_default();
    match command {
        ClientCommand::Add { data, send, .. } => [&[u8::from(*send)][..], &wbxml::encode(data)].concat(),
        ClientCommand::Change { data, send, .. } => {
            let data = data.map(wbxml::encode).unwrap_or_default();
            [&[u8::from(*send)][..], instance.as_bytes(), &data].concat()
        }
        ClientCommand::Delete { .. } => {
            [&[u8::from(asked.deletes_as_moves)][..], instance.as_bytes()].concat()
        }
        ClientCommand::Fetch { .. } => Vec::new(),
    }
}

async fn deed(call: &Call, view: &View, asked: &Commands<'_>, named: &Named<'_>) -> storage::Result<Deed> {
    match view.class {
        Class::Email | Class::Sms => mail::deed(call, view, asked, named).await,
        Class::Calendar | Class::Contacts | Class::Tasks | Class::Notes => {
            object::deed(call, view, asked, named).await
        }
    }
}

/// An item with its bytes.
///
/// # Errors
/// [`Refusal::NotFound`] if it is gone, [`Refusal::Invalid`] if its bytes are damaged.
pub(super) async fn stored(call: &Call, folder: FolderId, id: ItemId) -> storage::Result<(Item, Bytes)> {
    let found = call
        .store()
        .read(call.principal(), move |tx| {
            let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
            let item = tx.item_by_id(&grant, id)?.filter(|item| !item.vanished);
            let item = item.ok_or(Refusal::NotFound(Subject::Item))?;
            let content = tx.contents(&grant, &[item.uid.0..=item.uid.0], false)?.pop();
            let (_, content) = content.ok_or(Refusal::NotFound(Subject::Content))?;
            Ok((item, content))
        })
        .await?;
    let bytes = call.load(found.1).await?.ok_or(Refusal::Invalid("the content is damaged"))?;
    Ok((found.0, bytes))
}
