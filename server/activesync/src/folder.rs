//! Folders as phones see them: the account's own, and what colleagues share with it.

use activesync_wire::Version;
use activesync_wire::command::folder_sync::{Folder, FolderType};
use activesync_wire::item::Class;
use activesync_wire::server_id::{FolderId, ROOT_FOLDER};
use std::collections::{BTreeSet, HashMap};
use storage::{Account, Read, Visible};
use vocabulary::{AccountId, CollectionId, CollectionKind, Door, Principal, Rights, Role};

use crate::call::Call;

/// Most folders that a device is shown: their list is one row of state.
pub(crate) const FOLDERS_MAX: usize = 2_000;

/// A folder and how it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) id: FolderId,
    pub(crate) folder: Folder,
}

/// What a collection's items are called. The store opens neither plain files nor a schedule inbox at this door.
pub(crate) fn class_of(kind: CollectionKind) -> Class {
    match kind {
        CollectionKind::Mail | CollectionKind::Files | CollectionKind::Schedule => Class::Email,
        CollectionKind::Calendar => Class::Calendar,
        CollectionKind::Contacts => Class::Contacts,
        CollectionKind::Tasks => Class::Tasks,
        CollectionKind::Notes => Class::Notes,
    }
}

/// The kind of folder that a client wants to make; `None` for those that come with the mailbox.
pub(crate) fn kind_of(folder: FolderType) -> Option<CollectionKind> {
    match folder {
        FolderType::UserGeneric | FolderType::UserMail => Some(CollectionKind::Mail),
        FolderType::UserCalendar => Some(CollectionKind::Calendar),
        FolderType::UserContacts => Some(CollectionKind::Contacts),
        FolderType::UserTasks => Some(CollectionKind::Tasks),
        FolderType::UserNotes => Some(CollectionKind::Notes),
        FolderType::Inbox
        | FolderType::Drafts
        | FolderType::DeletedItems
        | FolderType::SentItems
        | FolderType::Outbox
        | FolderType::Tasks
        | FolderType::Calendar
        | FolderType::Contacts
        | FolderType::Notes
        | FolderType::Journal
        | FolderType::UserJournal
        | FolderType::Unknown
        | FolderType::RecipientCache => None,
    }
}

fn user_type(kind: CollectionKind) -> FolderType {
    match kind {
        CollectionKind::Mail | CollectionKind::Files | CollectionKind::Schedule => FolderType::UserMail,
        CollectionKind::Calendar => FolderType::UserCalendar,
        CollectionKind::Contacts => FolderType::UserContacts,
        CollectionKind::Tasks => FolderType::UserTasks,
        CollectionKind::Notes => FolderType::UserNotes,
    }
}

fn own_type(role: Option<Role>, kind: CollectionKind) -> FolderType {
    match role {
        Some(Role::Inbox) => FolderType::Inbox,
        Some(Role::Drafts) => FolderType::Drafts,
        Some(Role::Trash) => FolderType::DeletedItems,
        Some(Role::Sent) => FolderType::SentItems,
        Some(Role::Outbox) => FolderType::Outbox,
        Some(Role::Calendar) => FolderType::Calendar,
        Some(Role::Contacts) => FolderType::Contacts,
        Some(Role::Tasks) => FolderType::Tasks,
        Some(Role::Notes) => FolderType::Notes,
        // The protocol has no number for these.
        Some(Role::Junk | Role::Archive | Role::ScheduleInbox | Role::Files) | None => user_type(kind),
    }
}

/// All folders that a device of this version is shown, the account's own ones first.
pub(crate) async fn shown(call: &Call) -> storage::Result<Vec<Shown>> {
    let account = call.account();
    let (own, shared) = call
        .store()
        .read(call.principal(), move |tx| Ok((tx.collections(account)?, tx.shared_collections()?)))
        .await?;
    let language = &call.login.account.language;
    let known =
        |one: &&Visible| call.version >= Version::V14_0 || one.collection.kind != CollectionKind::Notes;
    let mut folders: Vec<Shown> = own.iter().filter(known).map(|one| own_folder(one, language)).collect();
    let readable = |one: &&Visible| one.rights.contains(Rights::READ);
    folders.extend((call.version >= Version::V14_0).then(recipients)); // MS-ASCNTC R2261
    let shared: Vec<&Visible> = shared.iter().filter(known).filter(readable).collect();
    let names = owner_names(call, shared.iter().map(|one| one.collection.account).collect()).await?;
    folders.extend(shared.into_iter().filter_map(|one| {
        let owner = names.get(&one.collection.account)?;
        Some(shared_folder(one, owner, language))
    }));
    folders.truncate(FOLDERS_MAX);
    Ok(folders)
}

/// What lies beneath a folder, the deepest first.
pub(crate) fn beneath(tx: &Read<'_>, folder: FolderId) -> storage::Result<Vec<CollectionId>> {
    let all = tx.collections(folder.account)?;
    let mut beneath: Vec<CollectionId> = vec![folder.collection];
    let mut at = 0;
    while let Some(parent) = beneath.get(at).copied() {
        let children = all.iter().map(|one| &one.collection).filter(|one| one.parent == parent);
        beneath.extend(children.map(|one| one.id));
        at += 1;
    }
    Ok(beneath.into_iter().skip(1).rev().collect())
}

/// Whom the folders of colleagues belong to. Accounts are for the house to read.
async fn owner_names(
    call: &Call,
    owners: BTreeSet<AccountId>,
) -> storage::Result<HashMap<AccountId, String>> {
    if owners.is_empty() {
        return Ok(HashMap::new());
    }
    let house = Principal::System { door: Door::ActiveSync };
    call.store()
        .read(&house, move |tx| {
            let name = |id| Ok((id, owner_name(tx.account(id)?)));
            owners.into_iter().map(name).collect()
        })
        .await
}

fn owner_name(account: Account) -> String {
    if account.name.is_empty() { account.address.to_string() } else { account.name }
}

/// What is shown behind the names of somebody else's folders.
fn suffix(owner: &str) -> String {
    format!(" ({owner})")
}

/// The name that a person means who has changed one that is shown: whose a colleague's folder is was never part of it.
pub(crate) async fn meant_name<'t>(
    call: &Call,
    owner: AccountId,
    shown: &'t str,
) -> storage::Result<&'t str> {
    if owner == call.account() {
        return Ok(shown);
    }
    let suffix = suffix(&owner_name(call.owner(owner).await?));
    Ok(shown.strip_suffix(&suffix).filter(|name| !name.is_empty()).unwrap_or(shown))
}

/// The recipient information cache: the people to whom the account writes.
fn recipients() -> Shown {
    let id = FolderId::RECIPIENTS;
    let (parent, name) = (ROOT_FOLDER.to_owned(), "RecipientInfo".to_owned());
    Shown { id, folder: Folder { id: id.to_string(), parent, name, kind: FolderType::RecipientCache } }
}

fn own_folder(one: &Visible, language: &str) -> Shown {
    let collection = &one.collection;
    let id = FolderId { account: collection.account, collection: collection.id };
    let parent = match collection.parent.0 {
        0 => ROOT_FOLDER.to_owned(),
        _ => FolderId { account: collection.account, collection: collection.parent }.to_string(),
    };
    let kind = own_type(collection.role, collection.kind);
    Shown { id, folder: Folder { id: id.to_string(), parent, name: display_name(one, language), kind } }
}

fn shared_folder(one: &Visible, owner: &str, language: &str) -> Shown {
    let collection = &one.collection;
    let id = FolderId { account: collection.account, collection: collection.id };
    let folder = Folder {
        id: id.to_string(),
        parent: ROOT_FOLDER.to_owned(),
        name: display_name(one, language) + &suffix(owner),
        kind: user_type(collection.kind),
    };
    Shown { id, folder }
}

/// `INBOX` is a word for programs.
fn display_name(one: &Visible, language: &str) -> String {
    match one.collection.role {
        Some(Role::Inbox) if language == "de" => "Posteingang".to_owned(),
        Some(Role::Inbox) => "Inbox".to_owned(),
        _ => one.collection.name.as_str().to_owned(),
    }
}
