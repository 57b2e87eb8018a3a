//! A phone: what it holds of one folder, what it has done and does not know the end of.

use activesync_wire::server_id::FolderId;
use actix_web::App;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use wbxml::page::{airsync, airsync_base, email, provision, settings};
use wbxml::{Element, Limits, decode, encode};

use crate::world::{PASSWORD, World};

/// One item as the phone shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) subject: String,
    pub(crate) read: bool,
    pub(crate) flagged: bool,
}

/// What the phone did and was not told the end of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Did {
    Add { client_id: String, subject: String },
    Read(bool),
    Flag(bool),
    Subject(String),
    Delete { moves: bool },
}

#[derive(Clone)]
pub(crate) struct Phone<'w> {
    pub(crate) world: &'w World,
    pub(crate) user: String,
    pub(crate) device: String,
    pub(crate) version: &'static str,
    pub(crate) folder: FolderId,
    pub(crate) policy_key: String,
    pub(crate) key: String,
    pub(crate) items: BTreeMap<String, Shown>,
    /// By ServerId, or by ClientId until the server has named it.
    pub(crate) pending: Vec<(String, Did)>,
    pub(crate) filter: u8,
    /// Accept-Encoding.
    pub(crate) accepts: &'static str,
}

/// What a Sync came to.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: String,
    pub(crate) key: String,
    pub(crate) more: bool,
    pub(crate) collection: Option<Element>,
}

impl<'w> Phone<'w> {
    pub(crate) async fn new(
        world: &'w World,
        user: &str,
        device: &str,
        version: &'static str,
        folder: FolderId,
    ) -> Self {
        let mut phone = Self {
            world,
            user: user.to_owned(),
            device: device.to_owned(),
            version,
            folder,
            policy_key: String::new(),
            key: "0".to_owned(),
            items: BTreeMap::new(),
            pending: Vec::new(),
            filter: 0,
            accepts: "identity",
        };
        phone.provision().await;
        phone
    }

    /// One request; the root of the answer, or nothing for an empty one.
    pub(crate) async fn command(&self, command: &str, body: Option<&Element>) -> Option<Element> {
        let (status, bytes) = self.post(command, body.map(encode).unwrap_or_default()).await;
        assert_eq!(status, StatusCode::OK, "{command}");
        (!bytes.is_empty()).then(|| decode(&bytes, &Limits::default()).unwrap())
    }

    pub(crate) async fn post(&self, command: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
        let (status, _, bytes) = self.exchange(command, body).await;
        (status, bytes)
    }

    /// Status, headers and body.
    pub(crate) async fn exchange(&self, command: &str, body: Vec<u8>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let app = init_service(App::new().configure(|config| self.world.server.configure(config))).await;
        let secret = STANDARD.encode(format!("{}:{PASSWORD}", self.user));
        let uri = format!(
            "/Microsoft-Server-ActiveSync?Cmd={command}&User=u&DeviceId={}&DeviceType=Model",
            self.device
        );
        let request = TestRequest::post()
            .uri(&uri)
            .peer_addr("127.0.0.1:9".parse().unwrap())
            .insert_header(("Authorization", format!("Basic {secret}")))
            .insert_header(("MS-ASProtocolVersion", self.version))
            .insert_header(("X-MS-PolicyKey", self.policy_key.as_str()))
            .insert_header(("Accept-Encoding", self.accepts))
            .set_payload(body)
            .to_request();
        let response = call_service(&app, request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, read_body(response).await.to_vec())
    }

    async fn provision(&mut self) {
        let device = Element::new(settings::DEVICE_INFORMATION)
            .with(Element::new(settings::SET).with_text(settings::MODEL, "model"));
        let policy = |children: &[(wbxml::Tag, &str)]| {
            let mut policy = Element::new(provision::POLICY)
                .with_text(provision::POLICY_TYPE, "MS-EAS-Provisioning-WBXML");
            for (tag, text) in children {
                policy.push(Element::text(*tag, *text));
            }
            Element::new(provision::POLICIES).with(policy)
        };
        let key = |root: &Element| {
            let policy = root.child(provision::POLICIES).unwrap().child(provision::POLICY).unwrap();
            policy.child_value(provision::POLICY_KEY).unwrap().into_owned()
        };
        let ask = Element::new(provision::PROVISION).with(device).with(policy(&[]));
        let temporary = key(&self.command("Provision", Some(&ask)).await.unwrap());
        let take = policy(&[(provision::POLICY_KEY, &temporary), (provision::STATUS, "1")]);
        let take = Element::new(provision::PROVISION).with(take);
        let last = key(&self.command("Provision", Some(&take)).await.unwrap());
        assert_ne!(last, temporary);
        self.policy_key = last;
    }

    /// Everything that there is, into the phone.
    pub(crate) async fn sync_all(&mut self) {
        if self.key == "0" {
            self.prime().await;
        }
        loop {
            let answer = self.ask(100).await;
            self.take(&answer);
            if !answer.more {
                return;
            }
        }
    }

    /// The ServerId of the item with this subject.
    pub(crate) fn id_of(&self, subject: &str) -> String {
        let found = self.items.iter().find(|(_, item)| item.subject == subject);
        found.unwrap_or_else(|| panic!("{subject}: {:?}", self.items)).0.clone()
    }

    /// Key 0, twice as some phones do; nothing is held any more.
    pub(crate) async fn prime(&mut self) {
        self.items.clear();
        self.pending.clear();
        self.key = "0".to_owned();
        let first = self.ask(1).await;
        let second = self.ask(1).await;
        if first.status == "1" {
            assert_eq!(first.key, second.key, "an unused generation is given again");
            self.key = second.key;
        }
    }

    /// Sends one Sync with everything that is pending; the phone does not take the answer yet.
    pub(crate) async fn ask(&self, window: u32) -> Answer {
        let mut collection = Element::new(airsync::COLLECTION)
            .with_text(airsync::SYNC_KEY, &self.key)
            .with_text(airsync::COLLECTION_ID, self.folder.to_string());
        if self.key != "0" {
            let moves = !self.pending.iter().any(|(_, did)| *did == Did::Delete { moves: false });
            collection.push(Element::text(airsync::DELETES_AS_MOVES, if moves { "1" } else { "0" }));
            collection.push(Element::text(airsync::GET_CHANGES, "1"));
            collection.push(Element::text(airsync::WINDOW_SIZE, window.to_string()));
            let preference = Element::new(airsync_base::BODY_PREFERENCE)
                .with_text(airsync_base::TYPE, "1")
                .with_text(airsync_base::TRUNCATION_SIZE, "20");
            collection.push(
                Element::new(airsync::OPTIONS)
                    .with_text(airsync::FILTER_TYPE, self.filter.to_string())
                    .with(preference),
            );
            if !self.pending.is_empty() {
                let mut commands = Element::new(airsync::COMMANDS);
                self.pending.iter().for_each(|(id, did)| commands.push(command(id, did)));
                collection.push(commands);
            }
        }
        let root = Element::new(airsync::SYNC).with(Element::new(airsync::COLLECTIONS).with(collection));
        let Some(root) = self.command("Sync", Some(&root)).await else {
            return Answer { status: "1".into(), key: self.key.clone(), more: false, collection: None };
        };
        let collection = root.child(airsync::COLLECTIONS).and_then(|list| list.child(airsync::COLLECTION));
        let collection = collection.unwrap_or_else(|| panic!("{root:?}")).clone();
        Answer {
            status: collection.child_value(airsync::STATUS).unwrap().into_owned(),
            key: collection.child_value(airsync::SYNC_KEY).unwrap().into_owned(),
            more: collection.child(airsync::MORE_AVAILABLE).is_some(),
            collection: Some(collection),
        }
    }

    /// The phone takes an answer: what it did is settled, what it is told it shows.
    pub(crate) fn take(&mut self, answer: &Answer) {
        assert_eq!(answer.status, "1");
        self.key.clone_from(&answer.key);
        let pending = std::mem::take(&mut self.pending);
        let Some(collection) = &answer.collection else {
            assert!(pending.is_empty(), "commands are answered");
            return;
        };
        for response in collection.child(airsync::RESPONSES).iter().flat_map(|list| list.children()) {
            if response.tag == airsync::ADD {
                let client_id = response.child_value(airsync::CLIENT_ID).unwrap();
                let mine = pending.iter().find_map(|(_, did)| match did {
                    Did::Add { client_id: id, subject } if *id == client_id => Some(subject.clone()),
                    _ => None,
                });
                assert_eq!(response.child_value(airsync::STATUS).as_deref(), Some("1"), "{response:?}");
                let id = response.child_value(airsync::SERVER_ID).unwrap().into_owned();
                let shown = Shown { subject: mine.unwrap(), read: true, flagged: false };
                assert!(self.items.insert(id, shown).is_none(), "an Add made an item that was there");
            }
        }
        for change in collection.child(airsync::COMMANDS).iter().flat_map(|list| list.children()) {
            let id = change.child_value(airsync::SERVER_ID).unwrap().into_owned();
            let deleted = pending.iter().any(|(name, did)| *name == id && matches!(did, Did::Delete { .. }));
            match change.tag {
                airsync::ADD => {
                    let data = change.child(airsync::APPLICATION_DATA).unwrap();
                    let new = Shown { subject: String::new(), read: false, flagged: false };
                    let before = self.items.insert(id.clone(), shown(new, data));
                    assert!(before.is_none(), "{id} was sent twice to {}: {before:?}", self.device);
                }
                airsync::CHANGE => {
                    let data = change.child(airsync::APPLICATION_DATA).unwrap();
                    match self.items.get_mut(&id) {
                        Some(item) => *item = shown(item.clone(), data),
                        None => assert!(deleted, "{id} changed and {} does not have it", self.device),
                    }
                }
                airsync::DELETE | airsync::SOFT_DELETE => {
                    self.items.remove(&id);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// The phone does something: it shows at once, and is sent with the next Sync.
    pub(crate) fn act(&mut self, id: &str, did: Did) {
        let adds = self.pending.iter_mut().find_map(|(name, known)| match known {
            Did::Add { subject, .. } if name == id => Some(subject),
            _ => None,
        });
        match (adds, &did) {
            // Edited before the server has named it: the Add says the newest.
            (Some(subject), Did::Subject(new)) => return subject.clone_from(new),
            (Some(_), _) => return,
            (None, _) => {}
        }
        if let Some(item) = self.items.get_mut(id) {
            match &did {
                Did::Read(read) => item.read = *read,
                Did::Flag(flagged) => item.flagged = *flagged,
                Did::Subject(subject) => item.subject.clone_from(subject),
                Did::Add { .. } | Did::Delete { .. } => {}
            }
        }
        if matches!(did, Did::Delete { .. }) {
            self.items.remove(id);
            self.pending.retain(|(name, _)| name != id);
        }
        let same = std::mem::discriminant(&did);
        self.pending.retain(|(name, known)| name != id || std::mem::discriminant(known) != same);
        self.pending.push((id.to_owned(), did));
    }
}

fn command(id: &str, did: &Did) -> Element {
    let change = |data: Element| Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, id).with(data);
    let data = || Element::new(airsync::APPLICATION_DATA);
    match did {
        Did::Add { client_id, subject } => Element::new(airsync::ADD)
            .with_text(airsync::CLIENT_ID, client_id)
            .with(data().with_text(email::TO, "ben@x.test").with_text(email::SUBJECT, subject)),
        Did::Read(read) => change(data().with_text(email::READ, if *read { "1" } else { "0" })),
        Did::Flag(true) => change(data().with(Element::new(email::FLAG).with_text(email::STATUS, "2"))),
        Did::Flag(false) => change(data().with(Element::new(email::FLAG))),
        Did::Subject(subject) => change(data().with_text(email::SUBJECT, subject)),
        Did::Delete { .. } => Element::new(airsync::DELETE).with_text(airsync::SERVER_ID, id),
    }
}

fn shown(before: Shown, data: &Element) -> Shown {
    let text = |tag| data.child_value(tag).map(|text| text.into_owned());
    let flag = data.child(email::FLAG).map(|flag| flag.child_value(email::STATUS).as_deref() == Some("2"));
    Shown {
        subject: text(email::SUBJECT).unwrap_or(before.subject),
        read: text(email::READ).map_or(before.read, |read| read == "1"),
        flagged: flag.unwrap_or(before.flagged),
    }
}
