//! FolderSync: the folder hierarchy. MS-ASCMD section 2.2.1.5.

use wbxml::page::folder_hierarchy as page;
use wbxml::{Element, encode};

use crate::error::RequestError;
use crate::parse;
use crate::server_id::ROOT_FOLDER;
use crate::status::FolderSyncStatus;
use crate::sync_key::{ClientKey, SyncKey};

/// What a folder holds and whether it came with the mailbox: MS-ASCMD section 2.2.3.186.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FolderType {
    /// R4667
    UserGeneric = 1,
    /// R4668
    Inbox = 2,
    /// R4669
    Drafts = 3,
    /// R4670
    DeletedItems = 4,
    /// R4671
    SentItems = 5,
    /// R4672
    Outbox = 6,
    /// R4674
    Tasks = 7,
    /// R4673
    Calendar = 8,
    /// R4675
    Contacts = 9,
    /// R4676
    Notes = 10,
    /// R4677
    Journal = 11,
    /// R4678
    UserMail = 12,
    /// R4679
    UserCalendar = 13,
    /// R4680
    UserContacts = 14,
    /// R4681
    UserTasks = 15,
    /// R4682
    UserJournal = 16,
    /// R4683
    UserNotes = 17,
    /// R4684
    Unknown = 18,
    /// R4685
    RecipientCache = 19,
}

impl FolderType {
    const ALL: [Self; 19] = [
        Self::UserGeneric,
        Self::Inbox,
        Self::Drafts,
        Self::DeletedItems,
        Self::SentItems,
        Self::Outbox,
        Self::Tasks,
        Self::Calendar,
        Self::Contacts,
        Self::Notes,
        Self::Journal,
        Self::UserMail,
        Self::UserCalendar,
        Self::UserContacts,
        Self::UserTasks,
        Self::UserJournal,
        Self::UserNotes,
        Self::Unknown,
        Self::RecipientCache,
    ];

    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// By its number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The client asks what changed since `key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The key of the last hierarchy that the client has.
    pub key: ClientKey,
}

/// One folder as the client shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// ServerId.
    pub id: String,
    /// ServerId of the parent, or [`ROOT_FOLDER`].
    pub parent: String,
    /// The leaf name.
    pub name: String,
    /// What it holds.
    pub kind: FolderType,
}

/// A successful answer. Failures are [`super::Command::status_document`] with a [`FolderSyncStatus`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The key of the hierarchy that results.
    pub key: SyncKey,
    /// New names and parents.
    pub updated: Vec<Folder>,
    /// ServerIds of folders that went.
    pub deleted: Vec<String>,
    /// New folders; [`Response::encode`] puts parents before their children.
    pub added: Vec<Folder>,
}

impl Request {
    /// Reads `<FolderSync><SyncKey>`.
    ///
    /// # Errors
    /// Status 10 if there is no key.
    pub fn parse(root: &Element) -> Result<Self, RequestError> {
        parse::expect_root(root, page::FOLDER_SYNC)?;
        let key = parse::required(root, page::SYNC_KEY, "FolderSync has no SyncKey")?;
        Ok(Self { key: ClientKey::parse(&key) })
    }
}

impl Response {
    /// The document.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let count = self.updated.len() + self.deleted.len() + self.added.len();
        let mut changes = Element::new(page::CHANGES);
        changes.push(Element::text(page::COUNT, count.to_string())); // MS-ASCMD R2118: as many as follow
        for folder in &self.updated {
            changes.push(described(page::UPDATE, folder));
        }
        for id in self.deleted {
            changes.push(Element::new(page::DELETE).with(Element::text(page::SERVER_ID, id)));
        }
        for folder in &parents_first(self.added) {
            changes.push(described(page::ADD, folder));
        }
        let document = Element::new(page::FOLDER_SYNC)
            .with(Element::text(page::STATUS, FolderSyncStatus::Success.code().to_string()))
            .with(Element::text(page::SYNC_KEY, self.key.to_string()))
            .with(changes);
        encode(&document)
    }
}

fn described(tag: wbxml::Tag, folder: &Folder) -> Element {
    Element::new(tag)
        .with(Element::text(page::SERVER_ID, folder.id.clone()))
        .with(Element::text(page::PARENT_ID, folder.parent.clone()))
        .with(Element::text(page::DISPLAY_NAME, folder.name.clone()))
        .with(Element::text(page::TYPE, folder.kind.code().to_string()))
}

/// Orders folders so that each parent stands before its children; otherwise the order is kept. Folders
/// whose parent is not in the list come as they are: the client has the parent already.
fn parents_first(folders: Vec<Folder>) -> Vec<Folder> {
    use std::collections::{HashMap, HashSet};

    let listed: HashSet<String> = folders.iter().map(|folder| folder.id.clone()).collect();
    let mut children: HashMap<String, Vec<Folder>> = HashMap::new();
    for folder in folders {
        let under =
            if listed.contains(&folder.parent) { folder.parent.clone() } else { ROOT_FOLDER.to_owned() };
        children.entry(under).or_default().push(folder);
    }
    let mut ordered = Vec::with_capacity(listed.len());
    let mut waiting = children.remove(ROOT_FOLDER).unwrap_or_default();
    waiting.reverse();
    while let Some(folder) = waiting.pop() {
        if let Some(below) = children.remove(&folder.id) {
            waiting.extend(below.into_iter().rev());
        }
        ordered.push(folder);
    }
    // Only a circle is left, which no store makes; still nothing may be lost, for Count promised it.
    ordered.extend(children.into_values().flatten());
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wbxml::{Limits, decode};

    fn folder(id: &str, parent: &str) -> Folder {
        Folder { id: id.into(), parent: parent.into(), name: format!("ü {id}"), kind: FolderType::UserMail }
    }

    #[test]
    fn the_key_is_read() {
        let ask = |key: &str| {
            Request::parse(&Element::new(page::FOLDER_SYNC).with(Element::text(page::SYNC_KEY, key)))
        };
        assert_eq!(ask("0").unwrap().key, ClientKey::Initial);
        assert_eq!(ask("987654321").unwrap().key, ClientKey::Foreign);
        assert!(matches!(Request::parse(&Element::new(page::FOLDER_SYNC)), Err(RequestError::Structure(_))));
        assert_eq!(Request::parse(&Element::new(page::FOLDER_CREATE)), Err(RequestError::BODY));
    }

    #[test]
    fn count_equals_the_children_and_parents_come_first() {
        let response = Response {
            key: SyncKey { generation: 3, counter: 1 },
            updated: vec![folder("1w9", "0")],
            deleted: vec!["1w8".into()],
            added: vec![folder("1w3", "1w2"), folder("1w2", "0"), folder("1w4", "1w3"), folder("1w7", "1w6")],
        };
        let document = decode(&response.encode(), &Limits::default()).unwrap();
        assert_eq!(document.child_value(page::STATUS).as_deref(), Some("1"));
        assert_eq!(document.child_value(page::SYNC_KEY).as_deref(), Some("3.1"));
        let changes = document.child(page::CHANGES).unwrap();
        assert_eq!(changes.child_value(page::COUNT).as_deref(), Some("6"));
        assert_eq!(changes.children().count(), 7);
        let added: Vec<_> = changes
            .all(page::ADD)
            .map(|add| add.child_value(page::SERVER_ID).unwrap().into_owned())
            .collect();
        assert_eq!(added, ["1w2", "1w3", "1w4", "1w7"]);
        let first = changes.child(page::ADD).unwrap();
        assert_eq!(first.child_value(page::TYPE).as_deref(), Some("12"));
        assert_eq!(first.child_value(page::DISPLAY_NAME).as_deref(), Some("ü 1w2"));
    }

    #[test]
    fn nothing_new_is_count_zero() {
        let response = Response {
            key: SyncKey { generation: 1, counter: 2 },
            updated: vec![],
            deleted: vec![],
            added: vec![],
        };
        let document = decode(&response.encode(), &Limits::default()).unwrap();
        assert_eq!(document.child(page::CHANGES).unwrap().child_value(page::COUNT).as_deref(), Some("0"));
    }

    #[test]
    fn every_type_reads_back() {
        for kind in FolderType::ALL {
            assert_eq!(FolderType::from_code(kind.code()), Some(kind));
        }
        assert_eq!(FolderType::from_code(0), None);
        assert_eq!(FolderType::from_code(20), None);
    }

    proptest! {
        #[test]
        fn no_folder_is_lost_by_ordering(parents in prop::collection::vec(0_usize..12, 0..12)) {
            let folders: Vec<_> = parents.iter().enumerate().map(|(id, parent)| folder(&id.to_string(), &parent.to_string())).collect();
            let mut ordered: Vec<_> = parents_first(folders.clone()).into_iter().map(|f| f.id).collect();
            let mut given: Vec<_> = folders.into_iter().map(|f| f.id).collect();
            ordered.sort();
            given.sort();
            prop_assert_eq!(ordered, given);
        }
    }
}
