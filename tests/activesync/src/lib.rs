//! Clients of ActiveSync as they are found in the wild, one per family, written from what is published of them.
//!
//! A [`Handset`] is what they have in common: an account, folders with what the user sees in them, and the order
//! of requests that each test gives it. It knows only the wire.
//!
//! Absent: anything that a client shows only to itself.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a client that fails is a test that fails, and says why"
)]

use std::collections::{BTreeMap, BTreeSet};

use blackbox::{Account, Demo, Element, Exchange, Phone};

/// How a client names itself and asks.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// DeviceType.
    pub device_type: &'static str,
    /// The User-Agent header.
    pub user_agent: &'static str,
    /// Whether it asks with the base64 query.
    pub asks_in_base64: bool,
    /// How many items it wants in an answer.
    pub window: u32,
    /// The BodyPreferences that it asks mails with: type, and bytes at most.
    pub bodies: &'static [(u32, Option<u32>)],
    /// FilterType of mails.
    pub filter: &'static str,
}

/// One folder as the user sees it.
#[derive(Debug, Clone)]
pub struct View {
    /// CollectionId.
    pub id: String,
    /// DisplayName.
    pub name: String,
    /// Type.
    pub kind: u32,
    /// The key to ask with next.
    pub key: String,
    /// ApplicationData by ServerId, as the client has merged it.
    pub items: BTreeMap<String, Element>,
    /// What the client has moved here itself: the server may tell it of that once more.
    pub own: BTreeSet<String>,
    /// How often the client had to begin anew with this folder.
    pub resets: u32,
}

/// A client with an account.
pub struct Handset {
    /// What it asks with.
    pub phone: Phone,
    /// Its habits.
    pub family: Family,
    /// MS-ASProtocolVersion.
    pub version: String,
    /// The key of the folder hierarchy.
    pub folder_key: String,
    /// By CollectionId.
    pub folders: BTreeMap<String, View>,
}

/// The rounds after which a folder that still has more is a loop.
const ROUNDS_MAX: u32 = 100;

impl Handset {
    /// A client that has been given address and password.
    pub fn new(demo: &Demo, account: &Account, family: Family, version: &str) -> Self {
        let mut phone = demo.phone(account, version);
        family.device_type.clone_into(&mut phone.device_type);
        phone.user_agent = Some(family.user_agent.to_owned());
        phone.asks_in_base64 = family.asks_in_base64;
        Self {
            phone,
            family,
            version: version.to_owned(),
            folder_key: "0".to_owned(),
            folders: BTreeMap::new(),
        }
    }

    /// FolderSync with the key it has, or with 0 if it begins anew; folders that it knows keep what is in them.
    pub fn sync_folders(&mut self, anew: bool) {
        if anew {
            "0".clone_into(&mut self.folder_key);
        }
        let key = Element::text("FolderHierarchy:SyncKey", &self.folder_key);
        let root = self.phone.command("FolderSync", Some(&Element::of("FolderHierarchy:FolderSync", [key])));
        let root = root.unwrap_or_else(|| panic!("FolderSync has a body"));
        assert_eq!(root.get("Status").as_deref(), Some("1"), "{}", root.shown());
        self.folder_key = root.get("SyncKey").unwrap();
        let changes = root.at("Changes").unwrap();
        if anew {
            let all: Vec<String> = changes.all("Add").map(|add| add.get("ServerId").unwrap()).collect();
            self.folders.retain(|id, _| all.contains(id));
        }
        for change in &changes.children {
            let Some(id) = change.get("ServerId") else { continue };
            if change.tag.ends_with(":Delete") {
                self.folders.remove(&id);
                continue;
            }
            let name = change.get("DisplayName").unwrap();
            let kind = change.get("Type").unwrap().parse().unwrap();
            let new = View {
                id: id.clone(),
                name: name.clone(),
                kind,
                key: "0".to_owned(),
                items: BTreeMap::new(),
                own: BTreeSet::new(),
                resets: 0,
            };
            self.folders.entry(id).or_insert(new).name = name;
        }
    }

    /// The only folder of a type, as the user finds it.
    pub fn folder(&self, kind: u32) -> &View {
        let mut found = self.folders.values().filter(|view| view.kind == kind);
        let first = found.next().unwrap_or_else(|| panic!("no folder of type {kind} in {:?}", self.folders));
        assert!(found.next().is_none(), "two folders of type {kind}");
        first
    }

    /// The id of the only folder of a type.
    pub fn id(&self, kind: u32) -> String {
        self.folder(kind).id.clone()
    }

    /// How often a subject is in a folder.
    pub fn sees(&self, kind: u32, subject: &str) -> usize {
        let is_it = |data: &&Element| data.get("Subject").as_deref() == Some(subject);
        self.folder(kind).items.values().filter(is_it).count()
    }

    /// The ServerId of the only item with a subject.
    pub fn item(&self, kind: u32, subject: &str) -> String {
        let is_it = |(_, data): &(&String, &Element)| data.get("Subject").as_deref() == Some(subject);
        let items = &self.folder(kind).items;
        let mut found = items.iter().filter(is_it);
        let (id, _) = found.next().unwrap_or_else(|| panic!("{subject} is not in the folder of type {kind}"));
        assert!(found.next().is_none(), "{subject} is there twice");
        id.clone()
    }

    /// A Sync of one folder as this family asks it.
    pub fn request(&self, id: &str, commands: &[Element]) -> Element {
        self.request_with(id, commands, &[])
    }

    /// The same with elements of the client's own after the WindowSize.
    pub fn request_with(&self, id: &str, commands: &[Element], more: &[Element]) -> Element {
        let collection = self.collection(id, commands, more);
        Element::of("AirSync:Sync", [Element::of("AirSync:Collections", [collection])])
    }

    /// One collection of a Sync request.
    pub fn collection(&self, id: &str, commands: &[Element], more: &[Element]) -> Element {
        let view = &self.folders[id];
        let mut inner =
            vec![Element::text("AirSync:SyncKey", &view.key), Element::text("AirSync:CollectionId", id)];
        if view.key != "0" {
            inner.push(Element::text("AirSync:DeletesAsMoves", "1"));
            inner.push(Element::text("AirSync:GetChanges", "1"));
            inner.push(Element::text("AirSync:WindowSize", &self.family.window.to_string()));
            if more.is_empty() {
                inner.push(Element::of("AirSync:Options", self.options(view.kind)));
            } else {
                inner.extend_from_slice(more);
            }
            if !commands.is_empty() {
                inner.push(Element::of("AirSync:Commands", commands.iter().cloned()));
            }
        }
        Element::of("AirSync:Collection", inner)
    }

    /// The Options of a folder of a type.
    pub fn options(&self, kind: u32) -> Vec<Element> {
        let is_mail = !(7..=10).contains(&kind) && !(13..=17).contains(&kind);
        let mut options = Vec::new();
        if is_mail {
            options.push(Element::text("AirSync:FilterType", self.family.filter));
        } else if matches!(kind, 7 | 8) {
            options.push(Element::text("AirSync:FilterType", "0"));
        }
        let bodies: &[(u32, Option<u32>)] = if is_mail { self.family.bodies } else { &[(1, Some(32_768))] };
        for (body_type, bytes) in bodies {
            let mut inner = vec![Element::text("AirSyncBase:Type", &body_type.to_string())];
            inner.extend(bytes.map(|bytes| Element::text("AirSyncBase:TruncationSize", &bytes.to_string())));
            options.push(Element::of("AirSyncBase:BodyPreference", inner));
        }
        options
    }

    /// One round of Sync of a folder; whether more is left. Status 3 makes the client begin anew, as all do.
    pub fn round(&mut self, id: &str, commands: &[Element]) -> bool {
        let request = self.request(id, commands);
        match self.phone.command("Sync", Some(&request)) {
            Some(root) => self.take(id, &root),
            None => false,
        }
    }

    /// Sync of a folder until nothing is left.
    pub fn pull(&mut self, id: &str) {
        for _ in 0..ROUNDS_MAX {
            let primed = self.folders[id].key == "0";
            if !self.round(id, &[]) && !primed {
                return;
            }
        }
        panic!("{} has more after {ROUNDS_MAX} rounds", self.folders[id].name);
    }

    /// Takes over what an answer to Sync says of a folder; whether more is left.
    pub fn take(&mut self, id: &str, root: &Element) -> bool {
        assert!(matches!(root.get("Status").as_deref(), None | Some("1")), "{}", root.shown());
        let its = |one: &&Element| one.get("CollectionId").as_deref() == Some(id);
        let collections = root.at("Collections").unwrap_or_else(|| panic!("{}", root.shown()));
        let Some(collection) = collections.all("Collection").find(its) else { return false };
        let view = self.folders.get_mut(id).unwrap();
        let status = collection.get("Status").unwrap();
        if status == "3" {
            view.resets += 1;
            view.items.clear();
            "0".clone_into(&mut view.key);
            return true;
        }
        assert_eq!(status, "1", "{}", root.shown());
        view.key = collection.get("SyncKey").unwrap();
        for command in collection.at("Commands").map(|commands| &commands.children).into_iter().flatten() {
            let item = command.get("ServerId").unwrap();
            let data = command.at("ApplicationData");
            match command.tag.as_str() {
                "AirSync:Add" => {
                    let before = view.items.insert(item.clone(), data.unwrap().clone());
                    let is_new = before.is_none() || view.own.remove(&item);
                    assert!(is_new, "{item} was added twice to {}", view.name);
                }
                "AirSync:Change" => {
                    let known = view.items.get_mut(&item);
                    let known = known.unwrap_or_else(|| panic!("{item} changed and is not in {}", view.name));
                    for child in &data.unwrap().children {
                        known.children.retain(|one| one.tag != child.tag);
                        known.children.push(child.clone());
                    }
                }
                "AirSync:Delete" | "AirSync:SoftDelete" => drop(view.items.remove(&item)),
                other => panic!("{other} in Commands"),
            }
        }
        collection.at("MoreAvailable").is_some()
    }

    /// The client shows items that it has made itself.
    pub fn shows(&mut self, id: &str, items: &[String]) {
        let view = self.folders.get_mut(id).unwrap();
        for item in items {
            view.items.insert(item.clone(), Element::of("AirSync:ApplicationData", []));
            view.own.insert(item.clone());
        }
    }

    /// MoveItems; the client shows the item in the new folder at once, under its new ServerId.
    pub fn move_item(&mut self, item: &str, from: u32, to: u32) -> String {
        let (from, to) = (self.id(from), self.id(to));
        let fields = [("SrcMsgId", item), ("SrcFldId", from.as_str()), ("DstFldId", to.as_str())];
        let inner = fields.map(|(name, value)| Element::text(&format!("Move:{name}"), value));
        let request = Element::of("Move:MoveItems", [Element::of("Move:Move", inner)]);
        let root = self.phone.command("MoveItems", Some(&request)).unwrap();
        assert_eq!(root.get("Response/Status").as_deref(), Some("3"), "{}", root.shown());
        let new = root.get("Response/DstMsgId").unwrap();
        let data = self.folders.get_mut(&from).unwrap().items.remove(item).unwrap();
        let view = self.folders.get_mut(&to).unwrap();
        view.items.insert(new.clone(), data);
        view.own.insert(new.clone());
        new
    }

    /// SendMail as this version does it; the answer as it came.
    pub fn send(&self, mime: &[u8]) -> Exchange {
        if self.version.as_str() < "14" {
            let kind = [("Content-Type", "message/rfc822")];
            return self.phone.exchange("SendMail", "&SaveInSent=T", &kind, mime);
        }
        let request = Element::of(
            "ComposeMail:SendMail",
            [
                Element::text("ComposeMail:ClientId", &Phone::client_id()),
                Element::of("ComposeMail:SaveInSentItems", []),
                Element::opaque("ComposeMail:Mime", mime),
            ],
        );
        self.phone.exchange("SendMail", "", &[], &blackbox::encode(&request))
    }

    /// Fails if the user saw a folder vanish and come again.
    pub fn saw_no_reset(&self) {
        let reset: Vec<_> = self.folders.values().filter(|view| view.resets > 0).collect();
        assert!(reset.is_empty(), "begun anew: {reset:?}");
    }
}
