//! What the client did. Each command runs once under its key: its result is remembered in the
//! transaction of its effect, and a repeat of the same command under the same key returns it.

use activesync_wire::command::sync::{ClientCommand, Options};
use activesync_wire::item::email::Change;
use activesync_wire::server_id::{FolderId, ServerId};
use activesync_wire::status::SyncStatus;
use activesync_wire::sync_key::SyncKey;
use bytes_of_results::{read_result, write_result};
use std::collections::HashMap;
use std::str::FromStr;
use storage::{Error, FlagChange, Item, NewItem, Prepared, Refusal, Subject, Write, right};
use vocabulary::{Flags, ItemId, ModSeq, Role};
use workflow::{ClientRequest, Submission};

use super::{View, conflict, draft};
use crate::call::{Call, StateKey};
use crate::cursor::{Ahead, Progress};
use crate::{keyword, recipient, status};
use activesync_wire::Version;

/// Which command, for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Add,
    Change,
    Delete,
}

/// What a command came to.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) kind: Kind,
    /// ClientId of an Add, else ServerId, as the client sent it.
    pub(crate) name: String,
    /// The item, as far as the ServerId named one.
    pub(crate) id: Option<ItemId>,
    pub(crate) effect: Effect,
}

/// What is remembered of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) status: SyncStatus,
    /// The version of the item that the device has now, if it made it.
    pub(crate) made: Option<Ahead>,
    /// The item is not as the device believes.
    pub(crate) restore: bool,
}

impl Effect {
    const DONE: Self = Self { status: SyncStatus::Success, made: None, restore: false };

    fn failed(status: SyncStatus) -> Self {
        Self { status, made: None, restore: false }
    }
}

/// A command that is ready for the transaction.
struct Task {
    kind: Kind,
    name: String,
    client_key: String,
    hash: Vec<u8>,
    id: Option<ItemId>,
    deed: Deed,
}

enum Deed {
    Flags(Change),
    Delete {
        to_trash: bool,
    },
    AddDraft {
        new: Box<NewItem>,
    },
    ReplaceDraft {
        was: vocabulary::ContentId,
        new: Box<NewItem>,
        change: Change,
    },
    /// It was sent; a stored draft of it goes.
    Sent,
    Refuse(SyncStatus),
}

/// Runs the commands of a collection, those that have not run under this key.
///
/// `None`: the state row is not the one that the request was read against.
///
/// # Errors
/// [`storage::Fault`], and refusals that concern the whole folder.
pub(crate) async fn apply(
    call: &Call,
    view: &View,
    key: SyncKey,
    progress: &Progress,
    options: &Options,
    commands: &[ClientCommand<'_>],
    deletes_as_moves: bool,
) -> storage::Result<Option<Vec<Done>>> {
    let mut tasks = Vec::with_capacity(commands.len());
    let mut seen = HashMap::new();
    for command in commands {
        if let Some(task) = prepare(call, view, key, command, deletes_as_moves, &mut seen).await? {
            tasks.push(task);
        }
    }
    if tasks.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let scene = Scene {
        key: StateKey::new(call, view.folder.account, view.folder.collection),
        sync_key: key.to_string(),
        progress: progress.clone(),
        conflict: options.conflict,
        quiet_name: call.quiet_name(),
    };
    let (expected, accounts) = (view.bytes.clone(), [call.account(), view.folder.account]);
    call.store()
        .write(call.principal(), &accounts, move |tx| {
            if tx.cursor_state(&scene.key.cursor())? != expected {
                return Ok(None);
            }
            tasks.into_iter().map(|task| scene.run(tx, task)).collect::<storage::Result<Vec<_>>>().map(Some)
        })
        .await
}

/// Reads a command and does what must not happen inside a transaction. `None` for a Fetch.
async fn prepare(
    call: &Call,
    view: &View,
    key: SyncKey,
    command: &ClientCommand<'_>,
    deletes_as_moves: bool,
    seen: &mut HashMap<String, u32>,
) -> storage::Result<Option<Task>> {
    let (kind, name, letter) = match command {
        ClientCommand::Add { client_id, .. } => (Kind::Add, client_id, 'a'),
        ClientCommand::Change { server_id, .. } => (Kind::Change, server_id, 'c'),
        ClientCommand::Delete { server_id, .. } => (Kind::Delete, server_id, 'd'),
        ClientCommand::Fetch { .. } => return Ok(None),
    };
    let count = seen.entry(format!("{letter}{name}")).or_default();
    *count += 1;
    let client_key = format!("{letter}{count}:{name}");
    let id = match kind {
        Kind::Add => None,
        Kind::Change | Kind::Delete => item_in(view.folder, name),
    };
    let bytes = match command {
        ClientCommand::Add { data, send, .. } => [&[u8::from(*send)][..], &wbxml::encode(data)].concat(),
        ClientCommand::Change { data, send, .. } => {
            let data = data.map(wbxml::encode).unwrap_or_default();
            [&[u8::from(*send)][..], &data].concat()
        }
        ClientCommand::Delete { .. } => vec![u8::from(deletes_as_moves)],
        ClientCommand::Fetch { .. } => Vec::new(),
    };
    let hash = call.store().fingerprint(view.folder.account, &bytes).to_vec();
    let request_id = format!("{} {key} {client_key}", view.folder);
    let deed = match deed(call, view, id, command, deletes_as_moves, &request_id).await {
        Ok(deed) => deed,
        Err(Error::Refusal(refusal)) => Deed::Refuse(status::sync_item(&refusal)),
        Err(fault) => return Err(fault),
    };
    Ok(Some(Task { kind, name: name.clone(), client_key, hash, id, deed }))
}

/// The item that a ServerId names in this folder.
pub(crate) fn item_in(folder: FolderId, server_id: &str) -> Option<ItemId> {
    ServerId::from_str(server_id).ok().filter(|id| id.folder == folder).map(|id| id.item)
}

async fn deed(
    call: &Call,
    view: &View,
    id: Option<ItemId>,
    command: &ClientCommand<'_>,
    deletes_as_moves: bool,
    request_id: &str,
) -> storage::Result<Deed> {
    if view.class != activesync_wire::item::Class::Email {
        return Ok(Deed::Refuse(SyncStatus::Conversion));
    }
    let drafts = call.version >= Version::V16_0 && view.role == Some(Role::Drafts);
    let (data, send) = match command {
        ClientCommand::Delete { .. } => return Ok(Deed::Delete { to_trash: deletes_as_moves }),
        ClientCommand::Fetch { .. } => return Ok(Deed::Refuse(SyncStatus::ProtocolError)),
        // MS-ASCMD: mail comes by SendMail; only drafts are added.
        ClientCommand::Add { .. } if !drafts => return Ok(Deed::Refuse(SyncStatus::Conversion)),
        ClientCommand::Add { data, send, .. } => (Some(*data), *send),
        ClientCommand::Change { data, send, .. } => (*data, *send && drafts),
    };
    let Ok(change) = data.map_or(Ok(Change::default()), |data| Change::parse(data, call.version)) else {
        return Ok(Deed::Refuse(SyncStatus::Conversion));
    };
    let before = match id {
        Some(id) if drafts && (change.draft.is_some() || send) => Some(stored(call, view.folder, id).await?),
        _ => None,
    };
    let is_add = matches!(command, ClientCommand::Add { .. });
    let message = match (&change.draft, &before) {
        (Some(said), _) if drafts => {
            Some(draft::build(call, request_id, said, before.as_ref().map(|(_, bytes)| &bytes[..])))
        }
        (None, Some((_, bytes))) => Some(bytes.to_vec()),
        _ if is_add => Some(draft::build(call, request_id, &Default::default(), None)),
        _ => None,
    };
    let Some(message) = message else { return Ok(Deed::Flags(change)) };
    if send {
        return send_draft(call, message, request_id).await;
    }
    let content: Prepared = workflow::ingest(call.store(), view.folder.account, message.into()).await?;
    let new = NewItem {
        flags: Flags::DRAFT | Flags::SEEN,
        created_by: is_add.then(|| call.quiet_name()),
        ..NewItem::mail(content, call.now())
    };
    Ok(match before {
        Some((item, _)) => Deed::ReplaceDraft { was: item.content, new: Box::new(new), change },
        None => Deed::AddDraft { new: Box::new(new) },
    })
}

/// An item with its bytes.
async fn stored(call: &Call, folder: FolderId, id: ItemId) -> storage::Result<(Item, bytes::Bytes)> {
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
    let bytes = call.store().load(found.1).await?;
    Ok((found.0, bytes))
}

async fn send_draft(call: &Call, message: Vec<u8>, request_id: &str) -> storage::Result<Deed> {
    let Ok(recipients) = recipient::recipients(&message) else {
        return Ok(Deed::Refuse(SyncStatus::Conversion));
    };
    let request = ClientRequest { reader: call.device().to_owned(), id: request_id.to_owned() };
    let submission = Submission {
        reverse_path: None,
        recipients,
        bytes: message.into(),
        trace: String::new(),
        request: Some(request),
        save_to_sent: true,
    };
    workflow::submit(call.store(), &call.login, submission).await?;
    Ok(Deed::Sent)
}

/// Where the commands of one request play.
struct Scene {
    key: StateKey,
    sync_key: String,
    progress: Progress,
    conflict: Option<activesync_wire::command::sync::Conflict>,
    quiet_name: String,
}

impl Scene {
    fn run(&self, tx: &mut Write<'_>, task: Task) -> storage::Result<Done> {
        let key = self.key.request(&self.sync_key, &task.client_key);
        let known = tx.remembered(&key)?;
        let Task { kind, name, id, hash, deed, .. } = task;
        if let Some((before, result)) = &known
            && *before == hash
            && let Some(effect) = read_result(result)
        {
            return Ok(Done { kind, name, id, effect });
        }
        let prior = known.and_then(|(_, result)| read_result(&result)).and_then(|effect| effect.made);
        let effect = match self.perform(tx, id.or(prior.map(|made| made.id)), deed) {
            Ok(effect) => effect,
            Err(Error::Refusal(refusal)) => refused(&refusal),
            Err(fault) => return Err(fault),
        };
        tx.remember(&key, &hash, &write_result(&effect))?;
        Ok(Done { kind, name, id, effect })
    }

    fn perform(&self, tx: &mut Write<'_>, id: Option<ItemId>, deed: Deed) -> storage::Result<Effect> {
        let (owner, folder) = (self.key.owner, self.key.collection);
        let read = tx.open::<right::ReadItems>(owner, folder)?;
        let item = id.map(|id| tx.item_by_id(&read, id)).transpose()?.flatten();
        // The answer to an Add was lost, the draft is gone, and the phone has written on: it is new.
        let item = item.filter(|item| !(item.vanished && matches!(deed, Deed::AddDraft { .. })));
        match (deed, item) {
            (Deed::Refuse(status), _) => Ok(Effect::failed(status)),
            (Deed::AddDraft { new }, None) => {
                let grant = tx.open::<right::Insert>(owner, folder)?;
                let added = tx.insert(&grant, &new)?;
                self.made(tx, added.id)
            }
            (Deed::Sent, None) => Ok(Effect::DONE),
            // The deletion wins, and a second one changes nothing.
            (Deed::Delete { .. } | Deed::Sent, Some(item)) if item.vanished => Ok(Effect::DONE),
            (_, Some(item)) if item.vanished => Err(Refusal::NotFound(Subject::Item).into()),
            (_, None) => Err(Refusal::NotFound(Subject::Item).into()),
            (Deed::AddDraft { new }, Some(item)) => self.replace(tx, &item, *new, &Change::default()),
            (Deed::ReplaceDraft { was, new, change }, Some(item)) => {
                if item.content != was {
                    return Err(Refusal::Stale { current: item.content_modseq }.into());
                }
                conflict::check(&self.progress, self.conflict, &item)?;
                self.replace(tx, &item, *new, &change)
            }
            (Deed::Flags(change), Some(item)) => self.change_flags(tx, &item, &change),
            (Deed::Delete { to_trash }, Some(item)) => self.delete(tx, &item, to_trash),
            (Deed::Sent, Some(item)) => self.delete(tx, &item, false),
        }
    }

    /// What the device knows once it has the answer.
    fn made(&self, tx: &Write<'_>, id: ItemId) -> storage::Result<Effect> {
        let read = tx.open::<right::ReadItems>(self.key.owner, self.key.collection)?;
        let made = tx.item_by_id(&read, id)?.map(|item| Ahead::of(&item));
        Ok(Effect { made, ..Effect::DONE })
    }

    /// The text is the device's, the flags are everybody's.
    fn replace(
        &self,
        tx: &mut Write<'_>,
        item: &Item,
        new: NewItem,
        change: &Change,
    ) -> storage::Result<Effect> {
        let (owner, folder) = (self.key.owner, self.key.collection);
        let (flags, keywords) = changed(item, change);
        let new = NewItem { flags: flags | Flags::DRAFT, keywords, ..new };
        let remove = tx.open::<right::Remove>(owner, folder)?;
        let insert = tx.open::<right::Insert>(owner, folder)?;
        let added = tx.replace_mail(&remove, &insert, item.uid, &new)?;
        let mut effect = self.made(tx, added.id)?;
        if !self.knows(item)
            && let Some(made) = &mut effect.made
        {
            // It has the new text, but not the flags: no stamp says so.
            made.modseq = ModSeq::ZERO;
        }
        Ok(effect)
    }

    /// Whether the device knows this version, because it saw it or made it.
    fn knows(&self, item: &Item) -> bool {
        self.progress.saw(item) || item.quiet_for.as_deref() == Some(self.quiet_name.as_str())
    }

    fn change_flags(&self, tx: &mut Write<'_>, item: &Item, change: &Change) -> storage::Result<Effect> {
        let (owner, folder) = (self.key.owner, self.key.collection);
        let grant = tx.open::<right::ChangeFlags>(owner, folder)?;
        let (flags, keywords) = changed(item, change);
        // Who had not seen the version before must hear of it, own change or not.
        let own = self.quiet_name.as_str();
        let quiet = self.knows(item);
        let wanted = FlagChange::Replace(flags, keywords.clone());
        tx.change_flags(&grant, &[item.uid.0..=item.uid.0], &wanted, None, quiet.then_some(own))?;
        let read = tx.open::<right::ReadItems>(owner, folder)?;
        let now = tx.item_by_id(&read, item.id)?.ok_or(Refusal::NotFound(Subject::Item))?;
        let restore = now.flags != flags || now.keywords != keywords;
        let ahead = self.progress.ahead.iter().any(|ahead| ahead.id == item.id);
        let made = (ahead && quiet && !restore).then(|| Ahead::of(&now));
        Ok(Effect { made, restore, ..Effect::DONE })
    }

    fn delete(&self, tx: &mut Write<'_>, item: &Item, to_trash: bool) -> storage::Result<Effect> {
        let (owner, folder) = (self.key.owner, self.key.collection);
        let remove = tx.open::<right::Remove>(owner, folder)?;
        let uids = [item.uid.0..=item.uid.0];
        if to_trash && remove.collection().role != Some(Role::Trash) {
            // Who may delete here but not add to the owner's trash deletes for good, as in IMAP.
            match tx.open_role::<right::Insert>(owner, Role::Trash) {
                Ok(trash) => {
                    let read = tx.open::<right::ReadItems>(owner, folder)?;
                    tx.move_items(&remove, &read, &trash, &uids)?;
                    return Ok(Effect::DONE);
                }
                Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => {}
                Err(other) => return Err(other),
            }
        }
        tx.remove(&remove, &uids)?;
        Ok(Effect::DONE)
    }
}

fn refused(refusal: &Refusal) -> Effect {
    let restore = matches!(refusal, Refusal::Denied { .. } | Refusal::Stale { .. });
    Effect { status: status::sync_item(refusal), made: None, restore }
}

/// Flags and keywords after the change.
fn changed(item: &Item, change: &Change) -> (Flags, vocabulary::Keywords) {
    let (mut flags, mut keywords) = (item.flags, item.keywords.clone());
    if let Some(read) = change.read {
        flags = if read { flags | Flags::SEEN } else { flags & !Flags::SEEN };
    }
    if let Some(flag) = &change.flag {
        (flags, keywords) = keyword::with_flag(flags, &keywords, flag);
    }
    if let Some(names) = &change.categories {
        keywords = keyword::with_categories(&keywords, names);
    }
    (flags, keywords)
}

/// Results as they are remembered.
mod bytes_of_results {
    use super::{Ahead, Effect};
    use activesync_wire::status::SyncStatus;
    use vocabulary::{ItemId, ModSeq, Timestamp, Uid};

    pub(super) fn write_result(effect: &Effect) -> Vec<u8> {
        let mut bytes = effect.status.code().to_be_bytes().to_vec();
        bytes.push(u8::from(effect.restore));
        if let Some(made) = effect.made {
            bytes.extend_from_slice(&made.id.0.to_be_bytes());
            bytes.extend_from_slice(&made.filter_at.0.to_be_bytes());
            bytes.extend_from_slice(&made.modseq.0.to_be_bytes());
            bytes.extend_from_slice(&made.uid.0.to_be_bytes());
        }
        bytes
    }

    pub(super) fn read_result(bytes: &[u8]) -> Option<Effect> {
        let (code, rest) = bytes.split_first_chunk::<2>()?;
        let code = u16::from_be_bytes(*code);
        let status = SyncStatus::ALL.iter().copied().find(|status| status.code() == code)?;
        let (&restore, rest) = rest.split_first()?;
        Some(Effect { status, made: made(rest), restore: restore != 0 })
    }

    fn made(bytes: &[u8]) -> Option<Ahead> {
        let (id, rest) = bytes.split_first_chunk::<8>()?;
        let (filter_at, rest) = rest.split_first_chunk::<8>()?;
        let (modseq, rest) = rest.split_first_chunk::<8>()?;
        let (uid, _) = rest.split_first_chunk::<4>()?;
        Some(Ahead {
            id: ItemId(i64::from_be_bytes(*id)),
            uid: Uid(u32::from_be_bytes(*uid)),
            filter_at: Timestamp(i64::from_be_bytes(*filter_at)),
            modseq: ModSeq(i64::from_be_bytes(*modseq)),
        })
    }
}
