//! Requests that wait: Ping, and Sync with a heartbeat.

use actix_web::http::StatusCode;
use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;
use storage::PasswordKeys;
use tokio::time::timeout;
use vocabulary::{AccountKind, Flags, Role};
use wbxml::Element;
use wbxml::page::{airsync, ping};

use crate::devices::demand;
use crate::phone::{Did, Phone, text};
use crate::world::on_each_database;

const HEARTBEAT_S: &str = "3540";
/// Who has not answered by then waits.
const WAITS: Duration = Duration::from_millis(300);
/// A test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The request goes on for a while and has no answer.
async fn waits<T>(mut request: Pin<&mut impl Future<Output = T>>) {
    assert!(timeout(WAITS, request.as_mut()).await.is_err(), "it was answered");
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.expect("an answer")
}

fn ping_of(phone: &Phone<'_>) -> Element {
    let folder = Element::new(ping::FOLDER).with_text(ping::ID, phone.folder.to_string());
    Element::new(ping::PING)
        .with_text(ping::HEARTBEAT_INTERVAL, HEARTBEAT_S)
        .with(Element::new(ping::FOLDERS).with(folder.with_text(ping::CLASS, "Email")))
}

fn waiting_sync_of(phone: &Phone<'_>) -> Element {
    sync_of(phone).with_text(airsync::HEARTBEAT_INTERVAL, HEARTBEAT_S)
}

fn sync_of(phone: &Phone<'_>) -> Element {
    let collection = Element::new(airsync::COLLECTION)
        .with_text(airsync::SYNC_KEY, &phone.key)
        .with_text(airsync::COLLECTION_ID, phone.folder.to_string());
    Element::new(airsync::SYNC).with(Element::new(airsync::COLLECTIONS).with(collection))
}

// MS-ASCMD R4257 R4258
#[test]
fn a_ping_ends_with_mail_or_with_a_newer_ping_but_not_with_own_changes() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        let missing = phone.command("Ping", None).await.unwrap();
        assert_eq!(text(&missing, ping::STATUS), "3");
        world.append(inbox, "old", world.now(), Flags::NONE).await;
        phone.sync_all().await;
        let request = ping_of(&phone);
        let (same, other) = (phone.clone(), phone.clone());
        let mut older = pin!(same.command("Ping", Some(&request)));
        waits(older.as_mut()).await;
        let id = phone.id_of("old");
        phone.act(&id, Did::Read(true));
        phone.sync_all().await;
        waits(older.as_mut()).await;

        // The older one holds the turn: the newer ends it, and then waits itself.
        let mut newer = pin!(other.command("Ping", Some(&request)));
        let (older, ()) = in_time(async { tokio::join!(older, waits(newer.as_mut())) }).await;
        assert_eq!(text(&older.unwrap(), ping::STATUS), "1");
        world.append(inbox, "new", world.now(), Flags::NONE).await;
        let newer = in_time(newer).await.unwrap();
        assert_eq!(text(&newer, ping::STATUS), "2");
        assert_eq!(text(newer.child(ping::FOLDERS).unwrap(), ping::FOLDER), inbox.to_string());

        let gone = Phone { folder: world.folder(people.ben, Role::Inbox).await, ..other.clone() };
        let refused = gone.command("Ping", Some(&ping_of(&gone))).await.unwrap();
        assert_eq!(text(&refused, ping::STATUS), "7", "a folder of somebody else");
    });
}

#[test]
fn a_waiting_sync_is_answered_when_mail_comes() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        let request = waiting_sync_of(&phone);
        let mut waiting = pin!(phone.command("Sync", Some(&request)));
        waits(waiting.as_mut()).await;
        world.append(inbox, "new", world.now(), Flags::NONE).await;
        let answer = in_time(waiting).await.unwrap();
        let collection = answer.child(airsync::COLLECTIONS).unwrap().child(airsync::COLLECTION).unwrap();
        assert_eq!(collection.child(airsync::COMMANDS).unwrap().all(airsync::ADD).count(), 1);
    });
}

#[test]
fn requests_that_wait_are_answered_at_shutdown() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        let (ping, sync) = (ping_of(&phone), waiting_sync_of(&phone));
        let mut ping = pin!(phone.command("Ping", Some(&ping)));
        let mut sync = pin!(phone.command("Sync", Some(&sync)));
        tokio::join!(waits(ping.as_mut()), waits(sync.as_mut()));
        world.begin_shutdown();
        let (ping, sync) = in_time(async { tokio::join!(ping, sync) }).await;
        assert_eq!(text(&ping.unwrap(), ping::STATUS), "1");
        assert!(sync.is_none(), "nothing happened: MS-ASCMD R667");
    });
}

#[test]
fn requests_that_wait_end_with_their_password_and_with_their_door() {
    on_each_database(async |world| {
        for closes_the_door in [false, true] {
            let people = world.people().await;
            let (anna, inbox) = (people.anna, world.folder(people.anna, Role::Inbox).await);
            let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
            phone.sync_all().await;
            let (ping, sync) = (ping_of(&phone), waiting_sync_of(&phone));
            let mut ping = pin!(phone.command("Ping", Some(&ping)));
            let mut sync = pin!(phone.command("Sync", Some(&sync)));
            tokio::join!(waits(ping.as_mut()), waits(sync.as_mut()));
            let keys = PasswordKeys::new("another password").unwrap();
            let accounts = [anna];
            let write = world.write(&accounts, move |tx| {
                let admin = tx.administer()?;
                match closes_the_door {
                    true => tx.set_account_kind(&admin, anna, AccountKind::Imap),
                    false => tx.set_password(&admin, anna, &keys),
                }
            });
            write.await;
            let (ping, sync) = in_time(async { tokio::join!(ping, sync) }).await;
            assert_eq!(text(&ping.unwrap(), ping::STATUS), "1");
            assert!(sync.is_none(), "{sync:?}");
        }
    });
}

// MS-ASPROV R693
#[test]
fn a_waiting_sync_gives_nothing_to_a_device_that_is_to_take_another_policy() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        let request = waiting_sync_of(&phone);
        let mut waiting = pin!(phone.command("Sync", Some(&request)));
        waits(waiting.as_mut()).await;
        demand(world, people.anna, &[("AllowCamera", Some("0"))]).await;
        world.append(inbox, "new", world.now(), Flags::NONE).await;
        assert!(in_time(waiting).await.is_none());
    });
}

#[test]
fn a_request_that_waits_holds_no_room_for_its_body() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let (mut one, mut two) = (
            Phone::new(world, &people.anna_address, "one", "16.1", inbox).await,
            Phone::new(world, &people.anna_address, "two", "16.1", inbox).await,
        );
        one.sync_all().await;
        two.sync_all().await;
        // Both together are more than one account may have at a time.
        let padded = |request: Element| request.with_opaque(airsync::APPLICATION_DATA, vec![b'x'; 40 << 20]);
        let (first, second) = (padded(waiting_sync_of(&one)), wbxml::encode(&padded(sync_of(&two))));
        let mut first = pin!(one.command("Sync", Some(&first)));
        waits(first.as_mut()).await;
        let there_is_room = async {
            while two.post("Sync", second.clone()).await.0 == StatusCode::SERVICE_UNAVAILABLE {
                tokio::task::yield_now().await;
            }
        };
        let while_it_waits = async {
            tokio::select! {
                _ = first.as_mut() => panic!("it was answered"),
                () = there_is_room => {}
            }
        };
        in_time(while_it_waits).await;
        world.append(inbox, "new", world.now(), Flags::NONE).await;
        assert!(in_time(first).await.is_some());
        // Nothing that a Ping says is so long.
        let ping = ping_of(&one).with_opaque(airsync::APPLICATION_DATA, vec![b'x'; 64 << 10]);
        assert_eq!(one.post("Ping", wbxml::encode(&ping)).await.0.as_u16(), 413);
    });
}
