//! A phone: what it holds of one folder, what it has done and does not know the end of.

use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use actix_web::App;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use wbxml::page::{airsync, airsync_base, email, move_items as moves, provision, settings};
use wbxml::{Element, Limits, decode, encode};

use crate::object;
use crate::world::{PASSWORD, World};

/// The text of a child that must be there.
pub(crate) fn text(root: &Element, tag: wbxml::Tag) -> String {
    root.child_value(tag).unwrap_or_else(|| panic!("{root:?}")).into_owned()
}

/// One item as the phone shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Shown {
    pub(crate) subject: String,
    pub(crate) read: bool,
    pub(crate) flagged: bool,
    /// StartTime of an event, Complete of a task.
    pub(crate) when: String,
}

/// What the phone did and was not told the end of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Did {
    Add { client_id: String, subject: String, when: String },
    Read(bool),
    Flag(bool),
    Subject(String),
    When(String),
    Delete { moves: bool },
}

#[derive(Clone)]
pub(crate) struct Phone<'w> {
    pub(crate) world: &'w World,
    pub(crate) user: String,
    pub(crate) device: String,
    pub(crate) version: &'static str,
    pub(crate) folder: FolderId,
    pub(crate) class: Class,
    pub(crate) policy_key: String,
    pub(crate) key: String,
    pub(crate) items: BTreeMap<String, Shown>,
    /// By ServerId, or by ClientId until the server has named it.
    pub(crate) pending: Vec<(String, Did)>,
    pub(crate) filter: u8,
    /// Whole conversations are wanted.
    pub(crate) conversations: bool,
    /// What it says in Supported when it begins.
    pub(crate) supported: Option<Vec<wbxml::Tag>>,
    /// Conflict, if it says it.
    pub(crate) conflict: Option<&'static str>,
    /// It may not write everything.
    pub(crate) may_be_refused: bool,
    /// An answer was lost since the phone last had everything: it may be told again what it knows.
    pub(crate) in_doubt: bool,
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

impl Answer {
    /// The statuses of the commands that concern an item.
    pub(crate) fn statuses(&self, name: &str) -> Vec<String> {
        let responses = self.collection.as_ref().and_then(|one| one.child(airsync::RESPONSES));
        let concerns = |response: &&Element| {
            [airsync::CLIENT_ID, airsync::SERVER_ID]
                .iter()
                .any(|tag| response.child_value(*tag).as_deref() == Some(name))
        };
        let status = |response: &Element| response.child_value(airsync::STATUS).unwrap().into_owned();
        responses.iter().flat_map(|list| list.children()).filter(concerns).map(status).collect()
    }
}

impl<'w> Phone<'w> {
    pub(crate) async fn new(
        world: &'w World,
        user: &str,
        device: &str,
        version: &'static str,
        folder: FolderId,
    ) -> Self {
        let mut phone = Self::unprovisioned(world, user, device, version, folder);
        phone.provision().await;
        phone
    }

    pub(crate) fn unprovisioned(
        world: &'w World,
        user: &str,
        device: &str,
        version: &'static str,
        folder: FolderId,
    ) -> Self {
        Self {
            world,
            user: user.to_owned(),
            device: device.to_owned(),
            version,
            folder,
            class: Class::Email,
            policy_key: String::new(),
            key: "0".to_owned(),
            items: BTreeMap::new(),
            pending: Vec::new(),
            filter: 0,
            conversations: false,
            supported: None,
            conflict: None,
            may_be_refused: false,
            in_doubt: false,
            accepts: "identity",
        }
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

    pub(crate) async fn provision(&mut self) {
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

    /// MoveItems of one item: its status and where it is now.
    pub(crate) async fn move_to(&self, item: &str, to: FolderId) -> (String, Option<String>) {
        let one = Element::new(moves::MOVE)
            .with_text(moves::SRC_MSG_ID, item)
            .with_text(moves::SRC_FLD_ID, self.folder.to_string())
            .with_text(moves::DST_FLD_ID, to.to_string());
        let request = Element::new(moves::MOVE_ITEMS).with(one);
        let root = self.command("MoveItems", Some(&request)).await.unwrap();
        let text = |tag| root.child(moves::RESPONSE).and_then(|one| one.child_value(tag));
        (text(moves::STATUS).unwrap().into_owned(), text(moves::DST_MSG_ID).map(|id| id.into_owned()))
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

    /// Key 0, twice as some phones do; nothing is held any more but what was done and not answered.
    pub(crate) async fn prime(&mut self) {
        self.items.clear();
        self.in_doubt = false;
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
        let commands = self.pending.iter().map(|(id, did)| self.command_of(id, did)).collect();
        self.ask_with(window, commands).await
    }

    /// Sends the same Sync twice at once. The newer answer, whichever came last over the air, if both are good; the
    /// phone does not take it yet.
    pub(crate) async fn ask_twice(&mut self, window: u32) -> Option<Answer> {
        self.in_doubt = true;
        let (first, second) = tokio::join!(self.ask(window), self.ask(window));
        let number =
            |answer: &Answer| answer.key.rsplit('.').next().and_then(|text| text.parse::<u64>().ok());
        let are_good = first.status == "1" && second.status == "1";
        let newer = if number(&first) > number(&second) { first } else { second };
        are_good.then_some(newer)
    }

    /// The status of a Sync without commands: of the whole of it, or of its collection.
    pub(crate) async fn status_of_sync(&self) -> String {
        let collection = Element::new(airsync::COLLECTION)
            .with_text(airsync::SYNC_KEY, &self.key)
            .with_text(airsync::COLLECTION_ID, self.folder.to_string())
            .with(Element::new(airsync::OPTIONS).with_text(airsync::FILTER_TYPE, self.filter.to_string()));
        let request = Element::new(airsync::SYNC).with(Element::new(airsync::COLLECTIONS).with(collection));
        match self.command("Sync", Some(&request)).await {
            None => "1".to_owned(),
            Some(root) => {
                let collection =
                    root.child(airsync::COLLECTIONS).and_then(|list| list.child(airsync::COLLECTION));
                text(collection.unwrap_or(&root), airsync::STATUS)
            }
        }
    }

    /// Sends one Sync with these commands.
    pub(crate) async fn ask_with(&self, window: u32, commands: Vec<Element>) -> Answer {
        let mut collection = Element::new(airsync::COLLECTION)
            .with_text(airsync::SYNC_KEY, &self.key)
            .with_text(airsync::COLLECTION_ID, self.folder.to_string());
        if self.key != "0" {
            let moves = !self.pending.iter().any(|(_, did)| *did == Did::Delete { moves: false });
            collection.push(Element::text(airsync::DELETES_AS_MOVES, if moves { "1" } else { "0" }));
            collection.push(Element::text(airsync::GET_CHANGES, "1"));
            collection.push(Element::text(airsync::WINDOW_SIZE, window.to_string()));
            if self.conversations {
                collection.push(Element::text(airsync::CONVERSATION_MODE, "1"));
            }
            let preference = Element::new(airsync_base::BODY_PREFERENCE)
                .with_text(airsync_base::TYPE, "1")
                .with_text(airsync_base::TRUNCATION_SIZE, "20");
            let mut options = Element::new(airsync::OPTIONS)
                .with_text(airsync::FILTER_TYPE, self.filter.to_string())
                .with(preference);
            if let Some(conflict) = self.conflict {
                options.push(Element::text(airsync::CONFLICT, conflict));
            }
            collection.push(options);
            if !commands.is_empty() {
                let list = Element::new(airsync::COMMANDS);
                collection.push(commands.into_iter().fold(list, Element::with));
            }
        } else if let Some(tags) = &self.supported {
            let list = Element::new(airsync::SUPPORTED);
            collection.push(tags.iter().fold(list, |list, tag| list.with_empty(*tag)));
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
        self.show(answer);
        self.key.clone_from(&answer.key);
        self.in_doubt &= answer.more;
        let unanswered = |(name, did): &(String, Did)| {
            let name = if let Did::Add { client_id, .. } = did { client_id } else { name };
            answer.statuses(name).iter().any(|status| status == "16")
        };
        self.pending.retain(unanswered);
    }

    /// The phone shows what an answer says and ends before it has noted that. What it is told to take away it
    /// has no more changes of.
    pub(crate) fn show(&mut self, answer: &Answer) {
        assert_eq!(answer.status, "1");
        let Some(collection) = &answer.collection else {
            assert!(self.pending.is_empty(), "commands are answered");
            return;
        };
        for response in collection.child(airsync::RESPONSES).iter().flat_map(|list| list.all(airsync::ADD)) {
            self.made(response);
        }
        for change in collection.child(airsync::COMMANDS).iter().flat_map(|list| list.children()) {
            let id = change.child_value(airsync::SERVER_ID).unwrap().into_owned();
            let deleted =
                self.pending.iter().any(|(name, did)| *name == id && matches!(did, Did::Delete { .. }));
            match change.tag {
                airsync::ADD => {
                    let data = change.child(airsync::APPLICATION_DATA).unwrap();
                    let before = self.items.insert(id.clone(), shown(Shown::default(), data));
                    let is_new = before.is_none() || self.in_doubt;
                    assert!(is_new, "{id} was sent twice to {}: {before:?}", self.device);
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
                    self.pending.retain(|(name, did)| *name != id || matches!(did, Did::Delete { .. }));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// The server has named what the phone made, or does not want it.
    fn made(&mut self, response: &Element) {
        let client_id = response.child_value(airsync::CLIENT_ID).unwrap();
        let mine = self.pending.iter().find_map(|(_, did)| match did {
            Did::Add { client_id: id, subject, when } if *id == client_id => {
                let (subject, when, read) = (subject.clone(), when.clone(), self.class == Class::Email);
                Some(Shown { subject, when, read, flagged: false })
            }
            _ => None,
        });
        match response.child_value(airsync::STATUS).as_deref() {
            Some("1") => {}
            Some("16") => return,
            Some("6") if self.may_be_refused => return,
            _ => panic!("{response:?}"),
        }
        let id = response.child_value(airsync::SERVER_ID).unwrap().into_owned();
        let before = self.items.insert(id, mine.unwrap());
        assert!(before.is_none() || self.in_doubt, "an Add made an item that was there");
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
                Did::When(when) => item.when.clone_from(when),
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

impl Phone<'_> {
    fn command_of(&self, id: &str, did: &Did) -> Element {
        let change =
            |data: Element| Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, id).with(data);
        let data = || Element::new(airsync::APPLICATION_DATA);
        match did {
            Did::Add { client_id, .. } => Element::new(airsync::ADD)
                .with_text(airsync::CLIENT_ID, client_id)
                .with(object::data(self, id, did)),
            Did::Read(read) => change(data().with_text(email::READ, if *read { "1" } else { "0" })),
            Did::Flag(true) => change(data().with(Element::new(email::FLAG).with_text(email::STATUS, "2"))),
            Did::Flag(false) => change(data().with(Element::new(email::FLAG))),
            Did::Subject(_) | Did::When(_) => change(object::data(self, id, did)),
            Did::Delete { .. } => Element::new(airsync::DELETE).with_text(airsync::SERVER_ID, id),
        }
    }
}

fn shown(before: Shown, data: &Element) -> Shown {
    let text = |tags: &[wbxml::Tag]| {
        tags.iter().find_map(|tag| data.child_value(*tag)).map(|text| text.into_owned())
    };
    let flag = data.child(email::FLAG).map(|flag| flag.child_value(email::STATUS).as_deref() == Some("2"));
    Shown {
        subject: text(&object::SUBJECTS).unwrap_or(before.subject),
        read: text(&[email::READ]).map_or(before.read, |read| read == "1"),
        flagged: flag.unwrap_or(before.flagged),
        when: text(&object::WHENS).unwrap_or(before.when),
    }
}
