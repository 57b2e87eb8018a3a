//! What a phone does with calendars, contacts, tasks and notes: MS-ASCAL, MS-ASCNTC, MS-ASTASK, MS-ASNOTE.
//!
//! It keeps of each item what the server sent last, whole, and sends what the specification lets it say.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::phone::Phone;
use crate::sync::Folder;
use crate::wbxml::Element;

const ROUNDS_MAX: u32 = 200;
const WINDOW_ITEMS: usize = 100;
const BODY_BYTES_MAX: &str = "32768";

/// MS-ASCMD `Type` of the folders that every account has.
pub mod kind {
    /// Tasks.
    pub const TASKS: u32 = 7;
    /// The calendar.
    pub const CALENDAR: u32 = 8;
    /// Contacts.
    pub const CONTACTS: u32 = 9;
    /// Notes.
    pub const NOTES: u32 = 10;
}

/// A folder of items as the phone holds it.
#[derive(Debug, Clone)]
pub struct Items {
    /// Its name for the server and for people, and its type.
    pub folder: Folder,
    /// ApplicationData by ServerId.
    pub items: BTreeMap<String, Element>,
    /// What the phone has deleted itself: it does not mind if the server says so too.
    pub gone: BTreeSet<String>,
    /// What the phone says at key 0 that it can show; nothing leaves it out.
    pub supported: Option<Vec<&'static str>>,
    /// MS-ASCMD `FilterType`; contacts and notes have none.
    pub filter: Option<&'static str>,
    /// MS-ASCMD `WindowSize`: how many items an answer may tell of.
    pub window: usize,
}

/// What answers of Sync said.
#[derive(Debug, Clone, Default)]
pub struct ItemDelta {
    /// ServerIds.
    pub added: Vec<String>,
    /// ServerIds.
    pub changed: Vec<String>,
    /// ServerIds, of SoftDelete too.
    pub deleted: Vec<String>,
    /// Responses to the phone's own commands, as they came.
    pub responses: Vec<Element>,
    /// More is left.
    pub more: bool,
}

impl ItemDelta {
    /// Whether the server told nothing of its own.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.deleted.is_empty()
    }

    /// The ServerId that the only Add of the request got.
    pub fn added_as(&self) -> String {
        let [response] = &self.responses[..] else { panic!("one answer to one Add: {self:?}") };
        assert_eq!(response.get("Status").as_deref(), Some("1"), "{}", response.shown());
        response.get("ServerId").unwrap_or_else(|| panic!("{}", response.shown()))
    }

    fn extend(&mut self, more: Self) {
        self.added.extend(more.added);
        self.changed.extend(more.changed);
        self.deleted.extend(more.deleted);
        self.responses.extend(more.responses);
    }
}

/// What one FolderSync said.
#[derive(Debug, Clone, Default)]
pub struct Hierarchy {
    /// The key to ask with next.
    pub key: String,
    /// New folders.
    pub added: Vec<Folder>,
    /// ServerIds.
    pub deleted: Vec<String>,
}

impl Items {
    /// A folder that the phone has not asked for yet.
    pub fn of(folder: Folder) -> Self {
        let filter = matches!(class_of(folder.kind), "Calendar" | "Tasks").then_some("0");
        Self {
            folder,
            items: BTreeMap::new(),
            gone: BTreeSet::new(),
            supported: None,
            filter,
            window: WINDOW_ITEMS,
        }
    }

    /// The ServerId of the only item with a text in an element, if there is one.
    pub fn find(&self, path: &str, text: &str) -> Option<String> {
        let mut found = self.items.iter().filter(|(_, data)| data.get(path).as_deref() == Some(text));
        let first = found.next().map(|(id, _)| id.clone());
        assert!(found.next().is_none(), "{path} = {text} more than once");
        first
    }

    /// The ServerId of the item with a subject.
    pub fn id_of(&self, subject: &str) -> String {
        self.find("Subject", subject).unwrap_or_else(|| {
            let all: Vec<_> = self.items.values().map(|data| data.get("Subject")).collect();
            panic!("{subject} is not in {}: {all:?}", self.folder.name)
        })
    }

    /// The item with a subject.
    pub fn with(&self, subject: &str) -> &Element {
        &self.items[&self.id_of(subject)]
    }
}

impl Phone {
    /// FolderSync from a key: "0" asks for everything, and leaves the folders' own keys as they are.
    pub fn hierarchy(&self, key: &str) -> Hierarchy {
        let request =
            Element::of("FolderHierarchy:FolderSync", [Element::text("FolderHierarchy:SyncKey", key)]);
        let root = self.command("FolderSync", Some(&request)).expect("a body");
        assert_eq!(root.get("Status").as_deref(), Some("1"), "{}", root.shown());
        let changes = root.at("Changes").unwrap_or_else(|| panic!("{}", root.shown()));
        let folder = |add: &Element| Folder {
            id: add.get("ServerId").unwrap(),
            name: add.get("DisplayName").unwrap(),
            kind: add.get("Type").unwrap().parse().unwrap(),
            key: "0".to_owned(),
            items: BTreeMap::new(),
        };
        Hierarchy {
            key: root.get("SyncKey").unwrap(),
            added: changes.all("Add").map(folder).collect(),
            deleted: changes.all("Delete").map(|gone| gone.get("ServerId").unwrap()).collect(),
        }
    }

    /// The first folder of a type, with everything in it. The phone must have been provisioned.
    pub fn items(&self, kind: u32) -> Items {
        let folders = self.hierarchy("0").added;
        let folder = folders.iter().find(|folder| folder.kind == kind);
        let folder = folder.unwrap_or_else(|| panic!("no folder of type {kind} in {folders:?}"));
        let mut items = Items::of(folder.clone());
        self.sync_items(&mut items);
        items
    }

    /// Sync until nothing is left.
    pub fn sync_items(&self, items: &mut Items) -> ItemDelta {
        let mut all = ItemDelta::default();
        for _ in 0..ROUNDS_MAX {
            let primed = items.folder.key == "0";
            let delta = self.sync_items_once(items, &[]);
            let more = delta.more;
            all.extend(delta);
            if !primed && !more {
                return all;
            }
        }
        panic!("still MoreAvailable after {ROUNDS_MAX} rounds of {}", items.folder.name)
    }

    /// One Sync with commands of the phone's own.
    pub fn sync_items_once(&self, items: &mut Items, commands: &[Element]) -> ItemDelta {
        match self.command("Sync", Some(&request(items, commands))) {
            Some(root) => take_over(items, &root),
            None => ItemDelta::default(),
        }
    }

    /// The status of the folder in the answer to a Sync, or of the whole answer: 3 for a key that counts no
    /// more, 12 for a folder that is gone. An empty answer is 1.
    pub fn sync_items_status(&self, items: &Items) -> String {
        let Some(root) = self.command("Sync", Some(&request(items, &[]))) else { return "1".to_owned() };
        let status = root.get("Collections/Collection/Status").or_else(|| root.get("Status"));
        status.unwrap_or_else(|| panic!("{}", root.shown()))
    }
}

fn request(items: &Items, commands: &[Element]) -> Element {
    let folder = &items.folder;
    let mut inner = vec![
        Element::text("AirSync:SyncKey", &folder.key),
        Element::text("AirSync:CollectionId", &folder.id),
    ];
    if folder.key == "0" {
        if let Some(supported) = &items.supported {
            let tags = supported.iter().map(|tag| Element::of(tag, []));
            inner.push(Element::of("AirSync:Supported", tags));
        }
    } else {
        inner.push(Element::text("AirSync:DeletesAsMoves", "0"));
        inner.push(Element::text("AirSync:GetChanges", "1"));
        inner.push(Element::text("AirSync:WindowSize", &items.window.to_string()));
        let mut options = Vec::new();
        options.extend(items.filter.map(|filter| Element::text("AirSync:FilterType", filter)));
        let body = [
            Element::text("AirSyncBase:Type", "1"),
            Element::text("AirSyncBase:TruncationSize", BODY_BYTES_MAX),
        ];
        options.push(Element::of("AirSyncBase:BodyPreference", body));
        inner.push(Element::of("AirSync:Options", options));
        if !commands.is_empty() {
            inner.push(Element::of("AirSync:Commands", commands.iter().cloned()));
        }
    }
    Element::of(
        "AirSync:Sync",
        [Element::of("AirSync:Collections", [Element::of("AirSync:Collection", inner)])],
    )
}

/// Takes over what the server said, and fails on what a phone could not take over.
fn take_over(items: &mut Items, root: &Element) -> ItemDelta {
    let collection = root.at("Collections/Collection").unwrap_or_else(|| panic!("{}", root.shown()));
    assert_eq!(collection.get("Status").as_deref(), Some("1"), "{}", root.shown());
    items.folder.key = collection.get("SyncKey").unwrap();
    let mut delta = ItemDelta { more: collection.at("MoreAvailable").is_some(), ..ItemDelta::default() };
    if let Some(responses) = collection.at("Responses") {
        delta.responses.clone_from(&responses.children);
    }
    let commands = collection.at("Commands").map(|commands| commands.children.as_slice());
    for command in commands.unwrap_or_default() {
        let id = command.get("ServerId").unwrap();
        let data = || command.at("ApplicationData").cloned().unwrap_or_else(|| panic!("{}", root.shown()));
        match command.tag.as_str() {
            "AirSync:Add" => {
                let twice = items.items.insert(id.clone(), data());
                assert!(twice.is_none(), "{id} was added twice to {}", items.folder.name);
                delta.added.push(id);
            }
            "AirSync:Change" => {
                let before = items.items.insert(id.clone(), data());
                assert!(before.is_some(), "{id} changed, but is not on the phone: {}", root.shown());
                delta.changed.push(id);
            }
            "AirSync:Delete" | "AirSync:SoftDelete" => {
                let before = items.items.remove(&id);
                let is_known = before.is_some() || items.gone.contains(&id);
                assert!(is_known, "{id} is deleted, but is not on the phone: {}", root.shown());
                delta.deleted.push(id);
            }
            other => panic!("{other} in Commands: {}", root.shown()),
        }
    }
    delta
}

/// MS-ASCMD `Class` of a folder of a type (section 2.2.3.186.3).
pub(crate) fn class_of(kind: u32) -> &'static str {
    match kind {
        8 | 13 => "Calendar",
        9 | 14 => "Contacts",
        7 | 15 => "Tasks",
        10 | 17 => "Notes",
        _ => "Email",
    }
}

/// Elements that a test writes: those of one code page, from names and texts.
pub fn texts(page: &str, fields: &[(&str, &str)]) -> Vec<Element> {
    fields.iter().map(|(name, text)| Element::text(&format!("{page}:{name}"), text)).collect()
}

impl Element {
    /// An element with others within, as `Page:Name`.
    pub fn holding(tag: &str, children: Vec<Self>) -> Self {
        Self::of(tag, children)
    }

    /// The body of an item as plain text (MS-ASAIRS).
    pub fn body(text: &str) -> Self {
        Self::of("AirSyncBase:Body", texts("AirSyncBase", &[("Type", "1"), ("Data", text)]))
    }

    /// A Sync command that adds an item; the phone must show it under the ServerId of the answer.
    pub fn add_item(client_id: &str, data: Vec<Self>) -> Self {
        Self::of(
            "AirSync:Add",
            [Self::text("AirSync:ClientId", client_id), Self::of("AirSync:ApplicationData", data)],
        )
    }

    /// A Sync command that changes an item.
    pub fn change_item(id: &str, data: Vec<Self>) -> Self {
        Self::of(
            "AirSync:Change",
            [Self::text("AirSync:ServerId", id), Self::of("AirSync:ApplicationData", data)],
        )
    }

    /// The same for one occurrence of a series, since 16.0 (MS-ASCMD R6238).
    pub fn change_occurrence(id: &str, instance: &str, data: Vec<Self>) -> Self {
        Self::of(
            "AirSync:Change",
            [
                Self::text("AirSync:ServerId", id),
                Self::text("AirSyncBase:InstanceId", instance),
                Self::of("AirSync:ApplicationData", data),
            ],
        )
    }

    /// A Sync command that deletes one occurrence of a series, since 16.0 (MS-ASCMD R6420).
    pub fn delete_occurrence(id: &str, instance: &str) -> Self {
        Self::of(
            "AirSync:Delete",
            [Self::text("AirSync:ServerId", id), Self::text("AirSyncBase:InstanceId", instance)],
        )
    }

    /// What a phone of a version sends of an item that it shows when some texts are edited: all that it was
    /// sent, but for what only servers say (in 16.x: MS-ASCAL R2028, R2088, R2112, R2168, R2174, R2221).
    pub fn edited(&self, version: &str, page: &str, edits: &[(&str, &str)]) -> Vec<Self> {
        const ONLY_SERVERS_SAY: &[&str] =
            &["AirSyncBase:NativeBodyType", "Calendar:AppointmentReplyTime", "Calendar:ResponseType"];
        const SINCE_16: &[&str] = &[
            "Calendar:UID",
            "Calendar:DtStamp",
            "Calendar:OrganizerEmail",
            "Calendar:OrganizerName",
            "Calendar:Exceptions",
        ];
        let is_left_out = |child: &Self| {
            let tag = child.tag.as_str();
            let is_edited = edits.iter().any(|(name, _)| tag == format!("{page}:{name}"));
            is_edited || ONLY_SERVERS_SAY.contains(&tag) || version >= "16" && SINCE_16.contains(&tag)
        };
        let mut data = Vec::new();
        for child in self.children.iter().filter(|child| !is_left_out(child)) {
            match child.get("Data") {
                Some(text) if child.tag == "AirSyncBase:Body" => data.push(Self::body(&text)),
                None if child.tag == "AirSyncBase:Body" => {}
                _ if version >= "16" => data.push(child.without("Calendar:AttendeeStatus")),
                _ => data.push(child.clone()),
            }
        }
        data.extend(texts(page, edits));
        data
    }

    /// The item as a phone shows it once some texts are edited there.
    pub fn showing(&self, page: &str, edits: &[(&str, &str)]) -> Self {
        let mut copy = self.clone();
        copy.children.retain(|child| !edits.iter().any(|(name, _)| child.tag == format!("{page}:{name}")));
        copy.children.extend(texts(page, edits));
        copy
    }

    /// A series as a phone shows it once some texts of one occurrence are edited there; the occurrence is an
    /// exception then. Since 16.0 InstanceId names it (MS-ASCAL R2106, R2107).
    pub fn showing_occurrence(&self, version: &str, occurrence: &str, edits: &[(&str, &str)]) -> Self {
        let name = if version < "16" { "Calendar:ExceptionStartTime" } else { "AirSyncBase:InstanceId" };
        let is_it = |one: &Self| one.get(name).as_deref() == Some(occurrence);
        let mut copy = self.clone();
        if copy.at("Exceptions").is_none() {
            copy.children.push(Self::of("Calendar:Exceptions", []));
        }
        for list in copy.children.iter_mut().filter(|child| child.tag == "Calendar:Exceptions") {
            if !list.children.iter().any(is_it) {
                list.children.push(Self::of("Calendar:Exception", [Self::text(name, occurrence)]));
            }
            let edited = |one: &Self| if is_it(one) { one.showing("Calendar", edits) } else { one.clone() };
            list.children = list.children.iter().map(edited).collect();
        }
        copy
    }

    /// The Sync command for such an edit: the whole item up to 14.1 (MS-ASCAL R2112), then what differs.
    pub fn edit_occurrence(&self, version: &str, id: &str, occurrence: &str, edits: &[(&str, &str)]) -> Self {
        if version < "16" {
            let item = self.showing_occurrence(version, occurrence, edits);
            Self::change_item(id, item.edited(version, "Calendar", &[]))
        } else {
            Self::change_occurrence(id, occurrence, texts("Calendar", edits))
        }
    }

    /// The same without the elements of a tag at any depth below.
    fn without(&self, tag: &str) -> Self {
        let mut copy = self.clone();
        copy.children.retain(|child| child.tag != tag);
        copy.children = copy.children.iter().map(|child| child.without(tag)).collect();
        copy
    }
}

/// `Timezone` of Europe/Berlin as phones send it: 172 bytes (MS-ASDTYPE, `TimeZone`), without names.
pub fn berlin() -> String {
    const BIAS_MINUTES: i32 = -60;
    const LAST_WEEK: u16 = 5;
    let date = |month: u16, hour: u16| [0, month, 0, LAST_WEEK, hour, 0, 0, 0].map(u16::to_le_bytes).concat();
    let mut blob = BIAS_MINUTES.to_le_bytes().to_vec();
    blob.extend([0; 64]);
    blob.extend(date(10, 3));
    blob.extend(0_i32.to_le_bytes());
    blob.extend([0; 64]);
    blob.extend(date(3, 2));
    blob.extend((-60_i32).to_le_bytes());
    assert_eq!(blob.len(), 172);
    STANDARD.encode(blob)
}
