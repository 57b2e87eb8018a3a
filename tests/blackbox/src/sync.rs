//! What a phone keeps of a folder, and how it asks and takes over by Sync: MS-ASCMD.

use std::collections::BTreeMap;

use crate::wbxml::Element;

const WINDOW_ITEMS: u32 = 100;
const BODY_BYTES_MAX: &str = "512";

/// One folder as the phone holds it.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The server's name for it.
    pub id: String,
    /// What people see.
    pub name: String,
    /// MS-ASCMD `Type`: 2 is the Inbox, 3 Drafts, 4 Deleted Items, 5 Sent Items.
    pub kind: u32,
    /// The key to ask with next.
    pub key: String,
    /// What the phone shows.
    pub items: BTreeMap<String, Message>,
}

/// One mail as the phone holds it.
#[derive(Debug, Clone)]
pub struct Message {
    /// The subject.
    pub subject: String,
    /// Whether it shows as read.
    pub read: bool,
}

/// What one answer of Sync said.
#[derive(Debug, Clone, Default)]
pub struct Delta {
    /// ServerId and ApplicationData.
    pub added: Vec<(String, Element)>,
    /// ServerId and ApplicationData.
    pub changed: Vec<(String, Element)>,
    /// ServerIds, of SoftDelete too.
    pub deleted: Vec<String>,
    /// Responses to the phone's own commands, as they came.
    pub responses: Vec<Element>,
    /// More is left.
    pub more: bool,
}

impl Delta {
    /// Whether there was nothing at all.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.changed.is_empty()
            && self.deleted.is_empty()
            && self.responses.is_empty()
    }

    /// The subjects of what was added, in order.
    pub fn subjects(&self) -> Vec<String> {
        self.added.iter().map(|(_, data)| data.get("Email:Subject").unwrap_or_default()).collect()
    }
}

impl Element {
    /// A Sync command that marks one mail as read or unread.
    pub fn change_read(item: &str, read: bool) -> Self {
        let data = Self::text("Email:Read", if read { "1" } else { "0" });
        Self::of(
            "AirSync:Change",
            [Self::text("AirSync:ServerId", item), Self::of("AirSync:ApplicationData", [data])],
        )
    }

    /// A Sync command that puts a draft into the folder of drafts (MS-ASEMAIL, since 16.0).
    pub fn add_draft(client_id: &str, to: &str, subject: &str) -> Self {
        let body = [Self::text("AirSyncBase:Type", "1"), Self::text("AirSyncBase:Data", "Not yet done.")];
        let data = [
            Self::text("Email:To", to),
            Self::text("Email:Subject", subject),
            Self::of("AirSyncBase:Body", body),
        ];
        Self::of(
            "AirSync:Add",
            [Self::text("AirSync:ClientId", client_id), Self::of("AirSync:ApplicationData", data)],
        )
    }

    /// A Sync command that deletes one item; it goes to Deleted Items.
    pub fn delete(item: &str) -> Self {
        Self::of("AirSync:Delete", [Self::text("AirSync:ServerId", item)])
    }
}

pub(crate) fn sync_request(folder: &Folder, commands: &[Element]) -> Element {
    let mut inner = vec![
        Element::text("AirSync:SyncKey", &folder.key),
        Element::text("AirSync:CollectionId", &folder.id),
    ];
    if folder.key != "0" {
        inner.push(Element::text("AirSync:DeletesAsMoves", "1"));
        inner.push(Element::text("AirSync:GetChanges", "1"));
        inner.push(Element::text("AirSync:WindowSize", &WINDOW_ITEMS.to_string()));
        let body = [
            Element::text("AirSyncBase:Type", "1"),
            Element::text("AirSyncBase:TruncationSize", BODY_BYTES_MAX),
        ];
        inner.push(Element::of(
            "AirSync:Options",
            [Element::text("AirSync:FilterType", "0"), Element::of("AirSyncBase:BodyPreference", body)],
        ));
        if !commands.is_empty() {
            inner.push(Element::of("AirSync:Commands", commands.iter().cloned()));
        }
    }
    Element::of(
        "AirSync:Sync",
        [Element::of("AirSync:Collections", [Element::of("AirSync:Collection", inner)])],
    )
}

/// Takes over what the server said, as a phone does, and fails on what a phone could not take over.
pub(crate) fn apply(folder: &mut Folder, root: &Element) -> Delta {
    let collection = root.at("Collections/Collection").unwrap_or_else(|| panic!("{}", root.shown()));
    assert_eq!(collection.get("Status").as_deref(), Some("1"), "{}", root.shown());
    folder.key = collection.get("SyncKey").unwrap();
    let mut delta = Delta { more: collection.at("MoreAvailable").is_some(), ..Delta::default() };
    if let Some(responses) = collection.at("Responses") {
        delta.responses.clone_from(&responses.children);
    }
    for command in collection.at("Commands").map(|commands| commands.children.as_slice()).unwrap_or_default()
    {
        let id = command.get("ServerId").unwrap();
        let data = command.at("ApplicationData").cloned();
        match command.tag.as_str() {
            "AirSync:Add" => {
                let data = data.unwrap();
                let message = Message {
                    subject: data.get("Email:Subject").unwrap_or_default(),
                    read: data.get("Email:Read").as_deref() == Some("1"),
                };
                let twice = folder.items.insert(id.clone(), message);
                assert!(twice.is_none(), "{id} was added twice to {}", folder.name);
                delta.added.push((id, data));
            }
            "AirSync:Change" => {
                let data = data.unwrap();
                let message =
                    folder.items.get_mut(&id).unwrap_or_else(|| panic!("{id} changed, but was never added"));
                if let Some(read) = data.get("Email:Read") {
                    message.read = read == "1";
                }
                delta.changed.push((id, data));
            }
            "AirSync:Delete" | "AirSync:SoftDelete" => {
                folder.items.remove(&id);
                delta.deleted.push(id);
            }
            other => panic!("{other} in Commands: {}", root.shown()),
        }
    }
    delta
}
