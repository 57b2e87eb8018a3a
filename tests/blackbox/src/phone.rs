//! An ActiveSync phone for mail: MS-ASHTTP, MS-ASPROV, MS-ASCMD, MS-ASAIRS, MS-ASEMAIL.
//!
//! It keeps what a phone keeps (a key and the items of each folder), asks in the order that the
//! commands prescribe, and can lose an answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;

use crate::demo::Account;
use crate::http::{self, Answer, Url};
use crate::mail::{Mail, unique};
use crate::wbxml::{Element, decode, encode};

const WINDOW_ITEMS: u32 = 100;
const ROUNDS_MAX: u32 = 200;
const BODY_BYTES_MAX: &str = "512";

/// One device of one account.
pub struct Phone {
    url: Url,
    trust: Arc<ClientConfig>,
    authorization: String,
    user: String,
    version: String,
    device: String,
    policy_key: String,
    folder_key: String,
}

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

/// A Ping that the server holds open.
pub struct WaitingPing {
    waiting: http::Waiting,
}

/// What a Ping ended with.
#[derive(Debug)]
pub struct PingAnswer {
    /// 1: heartbeat over, 2: changes.
    pub status: String,
    /// The folders with changes.
    pub changed: Vec<String>,
    /// Since [`WaitingPing::answer`] was called.
    pub after: Duration,
}

impl WaitingPing {
    /// Waits for the answer.
    pub fn answer(self) -> PingAnswer {
        let begin = Instant::now();
        let answer = self.waiting.answer();
        let after = begin.elapsed();
        let root = decoded(&answer).expect("a Ping is answered with a body");
        let folders =
            root.at("Folders").map(|folders| folders.all("Folder").collect::<Vec<_>>()).unwrap_or_default();
        let text = |element: &Element| String::from_utf8_lossy(&element.content).into_owned();
        PingAnswer {
            status: root.get("Status").unwrap(),
            changed: folders.into_iter().map(text).collect(),
            after,
        }
    }
}

impl Phone {
    pub(crate) fn new(
        url: &str,
        trust: Arc<ClientConfig>,
        account: &Account,
        version: &str,
        device: &str,
    ) -> Self {
        let secret = STANDARD.encode(format!("{}:{}", account.address, account.password));
        Self {
            url: Url::parse(url),
            trust,
            authorization: format!("Basic {secret}"),
            user: account.address.replace('@', "%40"),
            version: version.to_owned(),
            device: device.to_owned(),
            policy_key: "0".to_owned(),
            folder_key: "0".to_owned(),
        }
    }

    /// A header of the answer to OPTIONS.
    pub fn options(&self, header: &str) -> Option<String> {
        let headers = [("Authorization", self.authorization.as_str())];
        let answer = http::send(&self.url, &self.trust, "OPTIONS", &self.url.path, &headers, b"").answer();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.header(&header.to_ascii_lowercase()).map(str::to_owned)
    }

    /// Sends one command and gives the root of the answer, or nothing for an empty one.
    pub fn command(&self, command: &str, request: Option<&Element>) -> Option<Element> {
        decoded(&self.start(command, request).answer())
    }

    /// The two steps of Provision: MS-ASPROV section 4.1.
    pub fn provision(&mut self) {
        const POLICY_TYPE: &str = "MS-EAS-Provisioning-WBXML";
        let device = Element::of(
            "Settings:DeviceInformation",
            [Element::of(
                "Settings:Set",
                [Element::text("Settings:Model", "probe"), Element::text("Settings:OS", "probe 1")],
            )],
        );
        let policy =
            |inner: Vec<Element>| Element::of("Provision:Policies", [Element::of("Provision:Policy", inner)]);
        let ask = policy(vec![Element::text("Provision:PolicyType", POLICY_TYPE)]);
        let temporary = self.provision_step(Element::of("Provision:Provision", [device, ask]));
        self.policy_key.clone_from(&temporary);
        let acknowledge = policy(vec![
            Element::text("Provision:PolicyType", POLICY_TYPE),
            Element::text("Provision:PolicyKey", &temporary),
            Element::text("Provision:Status", "1"),
        ]);
        self.policy_key = self.provision_step(Element::of("Provision:Provision", [acknowledge]));
    }

    fn provision_step(&self, request: Element) -> String {
        let root = self.command("Provision", Some(&request)).expect("a body");
        assert_eq!(root.get("Status").as_deref(), Some("1"), "{}", root.shown());
        root.get("Policies/Policy/PolicyKey").unwrap_or_else(|| panic!("no PolicyKey: {}", root.shown()))
    }

    /// FolderSync: the folders that are new since the last one.
    pub fn folders(&mut self) -> Vec<Folder> {
        let key = Element::text("FolderHierarchy:SyncKey", &self.folder_key);
        let root = self
            .command("FolderSync", Some(&Element::of("FolderHierarchy:FolderSync", [key])))
            .expect("a body");
        assert_eq!(root.get("Status").as_deref(), Some("1"), "{}", root.shown());
        self.folder_key = root.get("SyncKey").unwrap();
        let changes = root.at("Changes").expect("Changes");
        changes
            .all("Add")
            .map(|add| Folder {
                id: add.get("ServerId").unwrap(),
                name: add.get("DisplayName").unwrap(),
                kind: add.get("Type").unwrap().parse().unwrap(),
                key: "0".to_owned(),
                items: BTreeMap::new(),
            })
            .collect()
    }

    /// A provisioned phone's folder of one kind, with everything in it.
    pub fn synced(&mut self, kind: u32) -> Folder {
        if self.policy_key == "0" {
            self.provision();
        }
        self.folder_key = "0".to_owned();
        let folders = self.folders();
        let mut folder =
            folders.into_iter().find(|folder| folder.kind == kind).expect("a folder of this kind");
        self.sync_all(&mut folder);
        folder
    }

    /// Sync until nothing is left; everything that came, in order.
    pub fn sync_all(&self, folder: &mut Folder) -> Delta {
        let mut all = Delta::default();
        for _ in 0..ROUNDS_MAX {
            let primed = folder.key == "0";
            let delta = self.sync(folder, &[]);
            let more = delta.more;
            all.added.extend(delta.added);
            all.changed.extend(delta.changed);
            all.deleted.extend(delta.deleted);
            if !primed && !more {
                return all;
            }
        }
        panic!("still MoreAvailable after {ROUNDS_MAX} rounds of {}", folder.name)
    }

    /// One Sync of one folder with commands of the phone's own.
    pub fn sync(&self, folder: &mut Folder, commands: &[Element]) -> Delta {
        let answer = self.command("Sync", Some(&sync_request(folder, commands)));
        let Some(root) = answer else { return Delta::default() };
        apply(folder, &root)
    }

    /// A Sync whose answer is lost on the way: the server has served it, the phone does not know.
    pub fn sync_and_lose_the_answer(&self, folder: &Folder, commands: &[Element]) {
        let _lost = self.command("Sync", Some(&sync_request(folder, commands)));
    }

    /// Begins a Ping; the server answers when a folder changes or the heartbeat ends.
    pub fn ping(&self, folders: &[&Folder], heartbeat_s: u32) -> WaitingPing {
        let folder = |folder: &&Folder| {
            Element::of(
                "Ping:Folder",
                [Element::text("Ping:Id", &folder.id), Element::text("Ping:Class", "Email")],
            )
        };
        let request = Element::of(
            "Ping:Ping",
            [
                Element::text("Ping:HeartbeatInterval", &heartbeat_s.to_string()),
                Element::of("Ping:Folders", folders.iter().map(folder)),
            ],
        );
        WaitingPing { waiting: self.start("Ping", Some(&request)) }
    }

    /// SendMail; nothing when it was sent, a status otherwise.
    pub fn send_mail(&self, client_id: &str, mail: &Mail) -> Option<String> {
        let request = Element::of(
            "ComposeMail:SendMail",
            [
                Element::text("ComposeMail:ClientId", client_id),
                Element::of("ComposeMail:SaveInSentItems", []),
                Element::opaque("ComposeMail:Mime", &mail.bytes),
            ],
        );
        self.command("SendMail", Some(&request)).map(|root| root.get("Status").unwrap())
    }

    /// MoveItems of one item: the status, and the new ServerId.
    pub fn move_item(&self, item: &str, from: &Folder, to: &Folder) -> (String, Option<String>) {
        let request = Element::of(
            "Move:MoveItems",
            [Element::of(
                "Move:Move",
                [
                    Element::text("Move:SrcMsgId", item),
                    Element::text("Move:SrcFldId", &from.id),
                    Element::text("Move:DstFldId", &to.id),
                ],
            )],
        );
        let root = self.command("MoveItems", Some(&request)).expect("a body");
        (root.get("Response/Status").unwrap(), root.get("Response/DstMsgId"))
    }

    /// ItemOperations Fetch of the whole mail: body type 4 is MIME.
    pub fn fetch_mime(&self, folder: &Folder, item: &str) -> Vec<u8> {
        let options = Element::of(
            "ItemOperations:Options",
            [
                Element::text("AirSync:MIMESupport", "2"),
                Element::of("AirSyncBase:BodyPreference", [Element::text("AirSyncBase:Type", "4")]),
            ],
        );
        let fetch = Element::of(
            "ItemOperations:Fetch",
            [
                Element::text("ItemOperations:Store", "Mailbox"),
                Element::text("AirSync:CollectionId", &folder.id),
                Element::text("AirSync:ServerId", item),
                options,
            ],
        );
        let root = self
            .command("ItemOperations", Some(&Element::of("ItemOperations:ItemOperations", [fetch])))
            .expect("a body");
        assert_eq!(root.get("Response/Fetch/Status").as_deref(), Some("1"), "{}", root.shown());
        root.at("Response/Fetch/Properties/Body/Data")
            .unwrap_or_else(|| panic!("{}", root.shown()))
            .content
            .clone()
    }

    /// GetItemEstimate of one folder.
    pub fn estimate(&self, folder: &Folder) -> u32 {
        let collection = Element::of(
            "GetItemEstimate:Collection",
            [
                Element::text("AirSync:SyncKey", &folder.key),
                Element::text("GetItemEstimate:CollectionId", &folder.id),
                Element::of(
                    "AirSync:Options",
                    [Element::text("AirSync:FilterType", "0"), Element::text("AirSync:Class", "Email")],
                ),
            ],
        );
        let request = Element::of(
            "GetItemEstimate:GetItemEstimate",
            [Element::of("GetItemEstimate:Collections", [collection])],
        );
        let root = self.command("GetItemEstimate", Some(&request)).expect("a body");
        root.get("Response/Collection/Estimate")
            .unwrap_or_else(|| panic!("{}", root.shown()))
            .parse()
            .unwrap()
    }

    /// A name for a request that must not happen twice.
    pub fn client_id() -> String {
        unique()
    }

    fn start(&self, command: &str, request: Option<&Element>) -> http::Waiting {
        let target = format!(
            "{}?Cmd={command}&User={}&DeviceId={}&DeviceType=Probe",
            self.url.path, self.user, self.device
        );
        let headers = [
            ("Authorization", self.authorization.as_str()),
            ("MS-ASProtocolVersion", self.version.as_str()),
            ("X-MS-PolicyKey", self.policy_key.as_str()),
            ("Content-Type", "application/vnd.ms-sync.wbxml"),
        ];
        let body = request.map(encode).unwrap_or_default();
        http::send(&self.url, &self.trust, "POST", &target, &headers, &body)
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

    /// A Sync command that deletes one item; it goes to Deleted Items.
    pub fn delete(item: &str) -> Self {
        Self::of("AirSync:Delete", [Self::text("AirSync:ServerId", item)])
    }
}

fn decoded(answer: &Answer) -> Option<Element> {
    assert_eq!(answer.status, 200, "{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body));
    (!answer.body.is_empty()).then(|| decode(&answer.body))
}

fn sync_request(folder: &Folder, commands: &[Element]) -> Element {
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
fn apply(folder: &mut Folder, root: &Element) -> Delta {
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
