//! The recipient information cache: whom the user writes to, on every phone from 14.0.

use activesync_wire::server_id::FolderId;
use std::collections::BTreeMap;
use vocabulary::Role;
use wbxml::page::{
    airsync, compose_mail, contacts, folder_hierarchy as hierarchy, get_item_estimate as estimate,
    item_operations, ping,
};
use wbxml::{Element, Tag};

use crate::phone::{Phone, text};
use crate::world::{DAY_MS, World, on_each_database};

/// A phone that holds the cache.
struct Holder<'w> {
    phone: Phone<'w>,
    key: String,
    /// By ServerId: address, name, rank.
    people: BTreeMap<String, (String, String, i64)>,
}

fn request(key: &str, window: &str, items: Option<&str>, commands: Option<Element>) -> Element {
    let mut collection = Element::new(airsync::COLLECTION)
        .with_text(airsync::SYNC_KEY, key)
        .with_text(airsync::COLLECTION_ID, "RI");
    if key != "0" {
        collection.push(Element::text(airsync::WINDOW_SIZE, window));
    }
    if let Some(items) = items {
        collection.push(Element::new(airsync::OPTIONS).with_text(airsync::MAX_ITEMS, items));
    }
    if let Some(command) = commands {
        collection.push(Element::new(airsync::COMMANDS).with(command));
    }
    Element::new(airsync::SYNC).with(Element::new(airsync::COLLECTIONS).with(collection))
}

fn collection(root: &Element) -> &Element {
    root.child(airsync::COLLECTIONS).and_then(|list| list.child(airsync::COLLECTION)).unwrap_or(root)
}

impl<'w> Holder<'w> {
    async fn new(world: &'w World, user: &str, account: vocabulary::AccountId, device: &str) -> Self {
        let inbox = world.folder(account, Role::Inbox).await;
        let phone = Phone::new(world, user, device, "14.1", inbox).await;
        let mut holder = Self { phone, key: "0".to_owned(), people: BTreeMap::new() };
        let (first, second) = (holder.ask("1", None).await.unwrap(), holder.ask("1", None).await.unwrap());
        assert_eq!(text(collection(&first), airsync::SYNC_KEY), text(collection(&second), airsync::SYNC_KEY));
        assert!(collection(&first).child(airsync::COMMANDS).is_none());
        holder.key = text(collection(&first), airsync::SYNC_KEY);
        holder
    }

    async fn ask(&self, window: &str, items: Option<&str>) -> Option<Element> {
        self.phone.command("Sync", Some(&request(&self.key, window, items, None))).await
    }

    /// Takes one answer; whether more waits, or nothing if there was nothing.
    fn take(&mut self, answer: Option<&Element>) -> Option<bool> {
        let collection = collection(answer?);
        assert_eq!(text(collection, airsync::STATUS), "1", "{answer:?}");
        self.key = text(collection, airsync::SYNC_KEY);
        for change in collection.child(airsync::COMMANDS).unwrap().children() {
            let id = text(change, airsync::SERVER_ID);
            if change.tag == airsync::DELETE {
                assert!(self.people.remove(&id).is_some(), "{id}");
                continue;
            }
            let data = change.child(airsync::APPLICATION_DATA).unwrap();
            let known = [contacts::EMAIL1_ADDRESS, contacts::FILE_AS, contacts::WEIGHTED_RANK];
            assert!(data.children().all(|child| known.contains(&child.tag)), "{data:?}");
            let [address, name, rank] = known.map(|tag| text(data, tag));
            let before = self.people.insert(id, (address, name, rank.parse().unwrap()));
            assert_eq!(before.is_some(), change.tag == airsync::CHANGE);
        }
        Some(collection.child(airsync::MORE_AVAILABLE).is_some())
    }

    async fn sync(&mut self, window: &str, items: Option<&str>) -> usize {
        let mut rounds = 0;
        while let answer @ Some(_) = self.ask(window, items).await {
            rounds += 1;
            if self.take(answer.as_ref()) == Some(false) {
                break;
            }
        }
        rounds
    }

    /// Addresses, the highest rank first.
    fn ranked(&self) -> Vec<&str> {
        let mut people: Vec<_> = self.people.values().collect();
        people.sort_by_key(|(.., rank)| -rank);
        people.into_iter().map(|(address, ..)| address.as_str()).collect()
    }
}

async fn send(phone: &Phone<'_>, id: &str, to: &str) {
    let mail = format!("From: {}\r\nTo: {to}\r\nSubject: x\r\n\r\nx\r\n", phone.user);
    let body = Element::new(compose_mail::SEND_MAIL)
        .with_text(compose_mail::CLIENT_ID, id)
        .with_opaque(compose_mail::MIME, mail.into_bytes());
    assert!(phone.command("SendMail", Some(&body)).await.is_none());
}

// MS-ASCMD R2033
// MS-ASCNTC R219 R231 R236 R410 R412 R415 R514 R1010
#[test]
fn whom_the_user_writes_to_comes_to_every_phone() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna_address, &people.ben_address);
        let mut one = Holder::new(world, anna, people.anna, "one").await;
        let mut two = Holder::new(world, anna, people.anna, "two").await;
        assert_eq!(one.sync("10", None).await, 0, "nobody yet");
        send(&one.phone, "1", &format!("=?UTF-8?Q?Ben_=C3=84?= <{ben}>")).await;
        assert_eq!(one.sync("10", None).await, 1);
        let (address, name, first) = one.people.values().next().unwrap().clone();
        assert_eq!((address.as_str(), name.as_str()), (ben.as_str(), "Ben \u{c4}"));
        assert_eq!(one.sync("10", None).await, 0, "it is told once");

        world.pass_ms(DAY_MS);
        send(&one.phone, "2", anna).await;
        send(&one.phone, "3", ben).await;
        assert_eq!(one.sync("1", None).await, 2, "one in each answer");
        assert_eq!(one.ranked(), [ben.as_str(), anna], "more and later");
        assert!(one.people.values().any(|(_, name, rank)| name == "Ben \u{c4}" && *rank > first));
        assert_eq!(one.people.values().filter(|(address, name, _)| address == name).count(), 1);

        two.sync("10", None).await;
        assert_eq!(two.people, one.people);
        // MaxItems bounds what is held, and stays in force.
        two.sync("10", Some("1")).await;
        assert_eq!(two.ranked(), [ben.as_str()]);
        assert_eq!(two.sync("10", None).await, 0);
        two.sync("10", Some("5")).await;
        assert_eq!(two.people, one.people);
        let other = Holder::new(world, ben, people.ben, "bens").await;
        assert!(other.ask("10", None).await.is_none(), "what Anna does is not for Ben");
    });
}

// MS-ASCMD R756
#[test]
fn a_lost_answer_is_told_again_and_nothing_is_written() {
    on_each_database(async |world| {
        let people = world.people().await;
        let mut holder = Holder::new(world, &people.anna_address, people.anna, "one").await;
        send(&holder.phone, "1", &people.ben_address).await;
        let (first, again) = (holder.ask("10", None).await, holder.ask("10", None).await);
        let commands =
            |answer: &Option<Element>| collection(answer.as_ref().unwrap()).child(airsync::COMMANDS).cloned();
        assert_eq!(commands(&first), commands(&again));
        holder.take(again.as_ref());
        assert!(holder.ask("10", None).await.is_none());
        for (command, tag) in [
            (Element::new(airsync::ADD).with_text(airsync::CLIENT_ID, "1"), contacts::FILE_AS),
            (Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, "RIx1"), contacts::FILE_AS),
        ] {
            let data = Element::new(airsync::APPLICATION_DATA).with_text(tag, "x");
            let refused = request(&holder.key, "10", None, Some(command.with(data)));
            let root = holder.phone.command("Sync", Some(&refused)).await.unwrap();
            assert_eq!((text(&root, airsync::STATUS).as_str(), root.children().count()), ("4", 1));
        }
        let delete = Element::new(airsync::DELETE).with_text(airsync::SERVER_ID, "RIx1");
        let delete = request(&holder.key, "10", None, Some(delete));
        assert_eq!(text(&holder.phone.command("Sync", Some(&delete)).await.unwrap(), airsync::STATUS), "4");
        for (key, status) in [("9.9", "3"), ("nonsense", "3")] {
            let root = holder.phone.command("Sync", Some(&request(key, "10", None, None))).await.unwrap();
            assert_eq!(text(collection(&root), airsync::STATUS), status, "{key}");
        }
        assert_eq!(holder.ranked(), [people.ben_address.as_str()]);
    });
}

// MS-ASCMD R81 R100 R101 R141 R143 R196 R4016 R4046 R4103 R4104 R5769
#[test]
fn it_is_shown_as_a_folder_from_14_0_and_never_changes() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let all = Element::new(hierarchy::FOLDER_SYNC).with_text(hierarchy::SYNC_KEY, "0");
        for (version, shown) in [("12.1", 0), ("14.0", 1), ("16.1", 1)] {
            let device = format!("f{}", version.replace('.', ""));
            let phone = Phone::new(world, &people.anna_address, &device, version, inbox).await;
            let root = phone.command("FolderSync", Some(&all)).await.unwrap();
            let changes = root.child(hierarchy::CHANGES).unwrap();
            let caches: Vec<_> =
                changes.all(hierarchy::ADD).filter(|one| text(one, hierarchy::TYPE) == "19").collect();
            assert_eq!(caches.len(), shown, "{version}");
            assert_eq!(text(changes, hierarchy::COUNT), changes.all(hierarchy::ADD).count().to_string());
            if shown == 0 {
                let sync = phone.command("Sync", Some(&request("0", "1", None, None))).await.unwrap();
                assert_eq!(text(collection(&sync), airsync::STATUS), "12");
                continue;
            }
            assert_eq!(text(caches[0], hierarchy::SERVER_ID), FolderId::RECIPIENTS.to_string());
            let key = text(&root, hierarchy::SYNC_KEY);
            let quiet = Element::new(hierarchy::FOLDER_SYNC).with_text(hierarchy::SYNC_KEY, &key);
            let quiet = phone.command("FolderSync", Some(&quiet)).await.unwrap();
            assert_eq!(text(quiet.child(hierarchy::CHANGES).unwrap(), hierarchy::COUNT), "0");
            let change = |tag: Tag, parts: &[(Tag, &str)]| {
                let change = Element::new(tag).with_text(hierarchy::SYNC_KEY, &key);
                parts.iter().fold(change, |change, (tag, text)| change.with_text(*tag, *text))
            };
            let (parent, name) = ((hierarchy::PARENT_ID, "0"), (hierarchy::DISPLAY_NAME, "x"));
            let (id, kind) = ((hierarchy::SERVER_ID, "RI"), (hierarchy::TYPE, "12"));
            for (command, change, status) in [
                ("FolderDelete", change(hierarchy::FOLDER_DELETE, &[id]), "3"),
                ("FolderUpdate", change(hierarchy::FOLDER_UPDATE, &[id, parent, name]), "3"),
                (
                    "FolderCreate",
                    change(hierarchy::FOLDER_CREATE, &[(hierarchy::PARENT_ID, "RI"), name, kind]),
                    "3",
                ),
                (
                    "FolderCreate",
                    change(hierarchy::FOLDER_CREATE, &[parent, name, (hierarchy::TYPE, "19")]),
                    "10",
                ),
            ] {
                let root = phone.command(command, Some(&change)).await.unwrap();
                assert_eq!(text(&root, hierarchy::STATUS), status, "{command}");
            }
            let fetch = Element::new(item_operations::FETCH)
                .with_text(item_operations::STORE, "Mailbox")
                .with_text(airsync::COLLECTION_ID, "RI")
                .with_text(airsync::SERVER_ID, "RIx1");
            let fetch = Element::new(item_operations::ITEM_OPERATIONS).with(fetch);
            let root = phone.command("ItemOperations", Some(&fetch)).await.unwrap();
            let response = root.child(item_operations::RESPONSE).unwrap();
            let fetched = response.child(item_operations::FETCH).unwrap();
            assert_ne!(text(fetched, item_operations::STATUS), "1");
        }
    });
}

// MS-ASCMD R3272
#[test]
fn ping_and_estimates_say_what_sync_would() {
    on_each_database(async |world| {
        let people = world.people().await;
        let mut holder = Holder::new(world, &people.anna_address, people.anna, "one").await;
        let estimated = async |holder: &Holder<'_>, id: &str, items: Option<&str>| {
            let mut collection = Element::new(estimate::COLLECTION)
                .with_text(airsync::SYNC_KEY, &holder.key)
                .with_text(estimate::COLLECTION_ID, id);
            if let Some(items) = items {
                let options = Element::new(airsync::OPTIONS).with_text(airsync::MAX_ITEMS, items);
                collection.push(options.with_text(airsync::MAX_ITEMS, "7"));
            }
            let collections = Element::new(estimate::COLLECTIONS).with(collection);
            let request = Element::new(estimate::GET_ITEM_ESTIMATE).with(collections);
            let root = holder.phone.command("GetItemEstimate", Some(&request)).await.unwrap();
            let response = root.child(estimate::RESPONSE).unwrap();
            let count = response.child(estimate::COLLECTION).map(|one| text(one, estimate::ESTIMATE));
            (text(response, estimate::STATUS), count)
        };
        assert_eq!(estimated(&holder, "RI", None).await, ("1".to_owned(), Some("0".to_owned())));
        send(&holder.phone, "1", &format!("{}, {}", people.ben_address, people.anna_address)).await;
        assert_eq!(estimated(&holder, "RI", None).await.1.as_deref(), Some("2"));
        assert_eq!(estimated(&holder, "RI", Some("1")).await.1.as_deref(), Some("1"));
        let inbox = holder.phone.folder.to_string();
        assert_eq!(estimated(&holder, &inbox, Some("1")).await.0, "2");

        let folder = Element::new(ping::FOLDER).with_text(ping::ID, "RI").with_text(ping::CLASS, "Contacts");
        let pinged = Element::new(ping::PING)
            .with_text(ping::HEARTBEAT_INTERVAL, "60")
            .with(Element::new(ping::FOLDERS).with(folder));
        let root = holder.phone.command("Ping", Some(&pinged)).await.unwrap();
        assert_eq!(text(&root, ping::STATUS), "2");
        assert_eq!(text(root.child(ping::FOLDERS).unwrap(), ping::FOLDER), "RI");
        holder.sync("1", None).await;
        let waiting = std::pin::pin!(holder.phone.command("Ping", Some(&pinged)));
        let quiet = tokio::time::timeout(std::time::Duration::from_millis(300), waiting).await;
        assert!(quiet.is_err(), "Ping and Sync do not chase each other");
    });
}
