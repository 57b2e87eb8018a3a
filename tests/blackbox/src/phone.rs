//! An ActiveSync phone for mail: MS-ASHTTP, MS-ASPROV, MS-ASCMD, MS-ASAIRS, MS-ASEMAIL.
//!
//! It keeps what a phone keeps (a key and the items of each folder), asks in the order that the
//! commands prescribe, and can lose an answer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;

use crate::calendar_phone::class_of;
use crate::demo::Account;
use crate::http::{self, Answer, Url};
use crate::mail::{Mail, unique};
use crate::sync::{Delta, Folder, apply, sync_request};
use crate::wbxml::{Element, decode, encode};

const ROUNDS_MAX: u32 = 200;

/// One device of one account.
pub struct Phone {
    url: Url,
    trust: Arc<ClientConfig>,
    authorization: String,
    user: String,
    version: String,
    /// What it calls itself.
    pub device: String,
    /// What kind of device it says it is (MS-ASHTTP, `DeviceType`).
    pub device_type: String,
    /// What it tells of itself with each request, if anything.
    pub user_agent: Option<String>,
    /// Whether it asks with the base64 query instead of the plain one.
    pub asks_in_base64: bool,
    policy_key: String,
    folder_key: String,
    requests: Cell<usize>,
    answers: RefCell<Vec<(String, Element)>>,
}

/// HTTP's part of one answer, and its body as it came.
#[derive(Debug)]
pub struct Exchange {
    /// Of HTTP.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Perhaps none.
    pub body: Vec<u8>,
}

impl Exchange {
    /// The first header with a name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as WBXML; nothing if there is none.
    pub fn root(&self) -> Option<Element> {
        (!self.body.is_empty()).then(|| decode(&self.body))
    }
}

/// A Sync that the server holds open.
pub struct WaitingSync {
    waiting: http::Waiting,
}

impl WaitingSync {
    /// Waits for the answer; nothing for the empty one, which says that nothing is new.
    pub fn answer(self, folder: &mut Folder) -> Option<Delta> {
        decoded(&self.waiting.answer()).map(|root| apply(folder, &root))
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
            device_type: "Probe".to_owned(),
            user_agent: None,
            asks_in_base64: false,
            policy_key: "0".to_owned(),
            folder_key: "0".to_owned(),
            requests: Cell::new(0),
            answers: RefCell::default(),
        }
    }

    /// A header of the answer to OPTIONS.
    pub fn options(&self, header: &str) -> Option<String> {
        let answer = self.ask_for_options();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.header(&header.to_ascii_lowercase()).map(str::to_owned)
    }

    /// HTTP's status of the answer to OPTIONS.
    pub fn options_status(&self) -> u16 {
        self.ask_for_options().status
    }

    fn ask_for_options(&self) -> Answer {
        self.requests.set(self.requests.get() + 1);
        let headers = [("Authorization", self.authorization.as_str())];
        http::send(&self.url, &self.trust, "OPTIONS", &self.url.path, &headers, b"").answer()
    }

    /// How many requests it has made, OPTIONS too.
    pub fn requests(&self) -> usize {
        self.requests.get()
    }

    /// HTTP's status of the answer to a body that is perhaps none.
    pub fn status_of(&self, command: &str, body: &[u8]) -> u16 {
        self.post(command, body).answer().status
    }

    /// Sends one command and gives the root of the answer, or nothing for an empty one.
    pub fn command(&self, command: &str, request: Option<&Element>) -> Option<Element> {
        let root = decoded(&self.start(command, request).answer());
        if let Some(root) = &root {
            self.answers.borrow_mut().push((command.to_owned(), root.clone()));
        }
        root
    }

    /// Sends one command and gives the answer as it came, whatever its status. `more` follows the parameters
    /// of a plain query, as `&Name=value`.
    pub fn exchange(&self, command: &str, more: &str, headers: &[(&str, &str)], body: &[u8]) -> Exchange {
        let answer = self.post_with(command, more, headers, body).answer();
        Exchange { status: answer.status, headers: answer.headers, body: answer.body }
    }

    /// The same by the base64 query, whatever [`Phone::asks_in_base64`] says, with parameters: each the number of
    /// its tag and its value.
    pub fn exchange_by_base64(
        &self,
        command: &str,
        parameters: &[(u8, &[u8])],
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Exchange {
        let query = self.base64_query(command, parameters);
        let answer = self.post_to(&query, true, headers, body).answer();
        Exchange { status: answer.status, headers: answer.headers, body: answer.body }
    }

    /// Every answer with a body that [`Phone::command`] has had so far: the command and the root.
    pub fn answers(&self) -> Vec<(String, Element)> {
        self.answers.borrow().clone()
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
        // Before 14.1 Settings tells of the device (MS-ASPROV, `settings:DeviceInformation`).
        let about = (self.version.as_str() >= "14.1").then_some(device);
        let first = about.into_iter().chain([ask]);
        let temporary = self.provision_step(Element::of("Provision:Provision", first));
        self.policy_key.clone_from(&temporary);
        let acknowledge = policy(vec![
            Element::text("Provision:PolicyType", POLICY_TYPE),
            Element::text("Provision:PolicyKey", &temporary),
            Element::text("Provision:Status", "1"),
        ]);
        self.policy_key = self.provision_step(Element::of("Provision:Provision", [acknowledge]));
    }

    /// Fetches the wipe that waits for it and says that it is done: MS-ASPROV section 3.1.5.1.2.2.
    pub fn erase_itself(&self) {
        let ask = Element::of("Provision:Provision", []);
        let told = self.command("Provision", Some(&ask)).expect("a body");
        assert!(told.at("RemoteWipe").is_some(), "{}", told.shown());
        let done = Element::of("Provision:RemoteWipe", [Element::text("Provision:Status", "1")]);
        let confirmed = self.command("Provision", Some(&Element::of("Provision:Provision", [done])));
        assert_eq!(confirmed.expect("a body").get("Status").as_deref(), Some("1"));
    }

    fn provision_step(&self, request: Element) -> String {
        let root = self.command("Provision", Some(&request)).expect("a body");
        assert_eq!(root.get("Status").as_deref(), Some("1"), "{}", root.shown());
        root.get("Policies/Policy/PolicyKey").unwrap_or_else(|| panic!("no PolicyKey: {}", root.shown()))
    }

    /// What FolderSync answers to the policy key that this phone holds: 1, or 142 and 144 if it must
    /// provision (MS-ASCMD, common status codes).
    pub fn folder_sync_status(&self) -> String {
        let key = Element::text("FolderHierarchy:SyncKey", &self.folder_key);
        let request = Element::of("FolderHierarchy:FolderSync", [key]);
        self.command("FolderSync", Some(&request)).expect("a body").get("Status").unwrap()
    }

    /// The phone forgets that it was provisioned: the next `synced` begins with it.
    pub fn forget_policy(&mut self) {
        "0".clone_into(&mut self.policy_key);
    }

    /// The phone asks with a policy key that it was given in an exchange of the test's own.
    pub fn hold_policy(&mut self, key: &str) {
        key.clone_into(&mut self.policy_key);
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

    /// Begins a Sync that waits for changes (MS-ASCMD `HeartbeatInterval`); when this returns, it waits.
    pub fn sync_waiting(&self, folder: &Folder, heartbeat_s: u32) -> WaitingSync {
        let mut request = sync_request(folder, &[]);
        request.children.push(Element::text("AirSync:HeartbeatInterval", &heartbeat_s.to_string()));
        let mut waiting = self.start("Sync", Some(&request));
        waiting.is_waiting();
        WaitingSync { waiting }
    }

    /// Begins a Ping; when this returns, it waits: the server answers when a folder changes or the
    /// heartbeat ends.
    pub fn ping(&self, folders: &[&Folder], heartbeat_s: u32) -> WaitingPing {
        let folder = |folder: &&Folder| {
            Element::of(
                "Ping:Folder",
                [Element::text("Ping:Id", &folder.id), Element::text("Ping:Class", class_of(folder.kind))],
            )
        };
        let request = Element::of(
            "Ping:Ping",
            [
                Element::text("Ping:HeartbeatInterval", &heartbeat_s.to_string()),
                Element::of("Ping:Folders", folders.iter().map(folder)),
            ],
        );
        let mut waiting = self.start("Ping", Some(&request));
        waiting.is_waiting();
        WaitingPing { waiting }
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
        self.post(command, &request.map(encode).unwrap_or_default())
    }

    fn post(&self, command: &str, body: &[u8]) -> http::Waiting {
        self.post_with(command, "", &[], body)
    }

    fn post_with(&self, command: &str, more: &str, headers: &[(&str, &str)], body: &[u8]) -> http::Waiting {
        let query = match self.asks_in_base64 {
            true => self.base64_query(command, &[]),
            false => self.plain_query(command),
        };
        self.post_to(&format!("{query}{more}"), self.asks_in_base64, headers, body)
    }

    /// A base64 query says itself what plain ones leave to headers.
    fn post_to(&self, query: &str, in_base64: bool, headers: &[(&str, &str)], body: &[u8]) -> http::Waiting {
        self.requests.set(self.requests.get() + 1);
        let target = format!("{}?{query}", self.url.path);
        let mut all = vec![
            ("Authorization", self.authorization.as_str()),
            ("Content-Type", "application/vnd.ms-sync.wbxml"),
        ];
        if !in_base64 {
            all.push(("MS-ASProtocolVersion", self.version.as_str()));
            all.push(("X-MS-PolicyKey", self.policy_key.as_str()));
        }
        all.extend(self.user_agent.as_deref().map(|agent| ("User-Agent", agent)));
        all.retain(|(name, _)| !headers.iter().any(|(other, _)| other == name));
        all.extend_from_slice(headers);
        http::send(&self.url, &self.trust, "POST", &target, &all, body)
    }

    fn plain_query(&self, command: &str) -> String {
        format!("Cmd={command}&User={}&DeviceId={}&DeviceType={}", self.user, self.device, self.device_type)
    }

    /// MS-ASHTTP section 2.2.1.1.1.1: version, command, locale, device, policy key, kind of device.
    fn base64_query(&self, command: &str, parameters: &[(u8, &[u8])]) -> String {
        const GERMAN: u16 = 0x0407;
        let version: String = self.version.chars().filter(char::is_ascii_digit).collect();
        let mut bytes = vec![version.parse().unwrap(), code_of(command)];
        bytes.extend(GERMAN.to_le_bytes());
        let counted = |bytes: &mut Vec<u8>, content: &[u8]| {
            bytes.push(u8::try_from(content.len()).unwrap());
            bytes.extend_from_slice(content);
        };
        counted(&mut bytes, self.device.as_bytes());
        let key: u32 = self.policy_key.parse().unwrap();
        let key = key.to_le_bytes();
        counted(&mut bytes, if key == [0; 4] { &[] } else { &key });
        counted(&mut bytes, self.device_type.as_bytes());
        for (tag, value) in parameters {
            bytes.push(*tag);
            counted(&mut bytes, value);
        }
        STANDARD.encode(bytes)
    }
}

/// MS-ASHTTP section 2.2.1.1.1.1.2.
fn code_of(command: &str) -> u8 {
    const CODES: &[(&str, u8)] = &[
        ("Sync", 0),
        ("SendMail", 1),
        ("SmartForward", 2),
        ("SmartReply", 3),
        ("GetAttachment", 4),
        ("FolderSync", 9),
        ("FolderCreate", 10),
        ("FolderDelete", 11),
        ("FolderUpdate", 12),
        ("MoveItems", 13),
        ("GetItemEstimate", 14),
        ("MeetingResponse", 15),
        ("Search", 16),
        ("Settings", 17),
        ("Ping", 18),
        ("ItemOperations", 19),
        ("Provision", 20),
        ("ResolveRecipients", 21),
        ("ValidateCert", 22),
        ("Find", 23),
    ];
    CODES.iter().find(|(name, _)| *name == command).unwrap_or_else(|| panic!("{command} has no code")).1
}

fn decoded(answer: &Answer) -> Option<Element> {
    assert_eq!(answer.status, 200, "{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body));
    (!answer.body.is_empty()).then(|| decode(&answer.body))
}
