//! Which devices are served: policies, verdicts and wipes, in each version's own words.

use activesync_server::DomainPolicy;
use actix_web::http::StatusCode;
use std::pin::pin;
use std::time::Duration;
use storage::{DeviceDeed, DeviceRule, DeviceRules, DeviceTrait, RequestKey, Verdict, WipeKind};
use tokio::time::timeout;
use vocabulary::{AccountId, CollectionId, Door, Role};
use wbxml::page::{folder_hierarchy as hierarchy, ping, provision as page, settings};
use wbxml::{Element, Limits, Tag, decode, encode};

use crate::phone::{Phone, text};
use crate::world::{People, World, on_each_database};

const VERSIONS: [&str; 5] = ["12.1", "14.0", "14.1", "16.0", "16.1"];
const PATIENCE: Duration = Duration::from_secs(60);
const WAITS: Duration = Duration::from_millis(300);

fn folder_sync() -> Element {
    Element::new(hierarchy::FOLDER_SYNC).with_text(hierarchy::SYNC_KEY, "0")
}

/// The status of a command, or the HTTP status that says the same before 14.0.
async fn status(phone: &Phone<'_>, command: &str, request: &Element) -> String {
    let (http, bytes) = phone.post(command, encode(request)).await;
    if http != StatusCode::OK {
        assert!(bytes.is_empty());
        return format!("HTTP {}", http.as_u16());
    }
    let root = decode(&bytes, &Limits::default()).unwrap();
    let status = root.children().find(|child| child.tag.name() == Some("Status"));
    status.or(root.children().next()).unwrap().value().into_owned()
}

async fn folders(phone: &Phone<'_>) -> String {
    let (http, bytes) = phone.post("FolderSync", encode(&folder_sync())).await;
    if http != StatusCode::OK {
        return format!("HTTP {}", http.as_u16());
    }
    let root = decode(&bytes, &Limits::default()).unwrap();
    assert!(text(&root, hierarchy::STATUS) == "1" || root.child(hierarchy::CHANGES).is_none());
    text(&root, hierarchy::STATUS)
}

/// In 14.0 and later the status itself, before that what HTTP has for it.
fn said<'a>(version: &str, status: &'a str, http: &'a str) -> &'a str {
    if version == "12.1" { http } else { status }
}

fn introduction() -> Element {
    Element::new(settings::DEVICE_INFORMATION)
        .with(Element::new(settings::SET).with_text(settings::MODEL, "SM-A556"))
}

fn policies(children: &[(Tag, &str)]) -> Element {
    let mut policy = Element::new(page::POLICY).with_text(page::POLICY_TYPE, "MS-EAS-Provisioning-WBXML");
    for (tag, text) in children {
        policy.push(Element::text(*tag, *text));
    }
    Element::new(page::POLICIES).with(policy)
}

fn ask() -> Element {
    Element::new(page::PROVISION).with(introduction()).with(policies(&[]))
}

fn acknowledge(key: &str, status: &str) -> Element {
    Element::new(page::PROVISION).with(policies(&[(page::POLICY_KEY, key), (page::STATUS, status)]))
}

fn policy_of(root: &Element) -> &Element {
    root.child(page::POLICIES).and_then(|list| list.child(page::POLICY)).unwrap_or_else(|| panic!("{root:?}"))
}

fn document_of(root: &Element) -> &Element {
    policy_of(root).child(page::DATA).unwrap().child(page::EAS_PROVISION_DOC).unwrap()
}

async fn provision(phone: &Phone<'_>, request: &Element) -> Element {
    phone.command("Provision", Some(request)).await.unwrap()
}

/// Both phases with an acknowledgement of this status; the status of the second.
async fn provisioned(phone: &mut Phone<'_>, status_sent: &str) -> String {
    let temporary = text(policy_of(&provision(phone, &ask()).await), page::POLICY_KEY);
    let (http, bytes) = phone.post("Provision", encode(&acknowledge(&temporary, status_sent))).await;
    if http != StatusCode::OK {
        return format!("HTTP {}", http.as_u16());
    }
    let root = decode(&bytes, &Limits::default()).unwrap();
    if root.child(page::POLICIES).is_some() {
        phone.policy_key = text(policy_of(&root), page::POLICY_KEY);
        assert_ne!(phone.policy_key, temporary);
    }
    text(&root, page::STATUS)
}

pub(crate) async fn demand(world: &World, anna: AccountId, lines: &[(&str, Option<&str>)]) {
    let mut policy = DomainPolicy::default();
    for (name, value) in lines {
        match value {
            Some(value) => policy.set(name, value).unwrap(),
            None => policy.unset(name).unwrap(),
        }
    }
    let text = policy.to_text();
    set_policy(world, anna, text).await;
}

async fn set_policy(world: &World, anna: AccountId, text: String) {
    let set = world.write(&[], move |tx| {
        let admin = tx.administer()?;
        let domain = tx.account(anna)?.domain;
        tx.set_device_policy(&admin, domain, &text)
    });
    set.await;
}

async fn rule(world: &World, anna: AccountId, default: Verdict, rules: &[(Verdict, DeviceTrait, &str)]) {
    let rules = rules
        .iter()
        .map(|(verdict, by, prefix)| DeviceRule { verdict: *verdict, by: *by, prefix: (*prefix).to_owned() })
        .collect();
    let rules = DeviceRules { default, rules };
    let set = world.write(&[], move |tx| {
        let admin = tx.administer()?;
        let domain = tx.account(anna)?.domain;
        tx.set_device_rules(&admin, domain, &rules)
    });
    set.await;
}

async fn decide(world: &World, phone: &Phone<'_>, anna: AccountId, decision: Option<Verdict>) {
    let id = phone.device.clone();
    world
        .write(&[anna], move |tx| {
            let admin = tx.administer()?;
            tx.decide_device(&admin, anna, &id, decision)
        })
        .await;
}

async fn ask_wipe(world: &World, phone: &Phone<'_>, anna: AccountId, kind: WipeKind) {
    let id = phone.device.clone();
    world.write(&[anna], move |tx| tx.ask_wipe(anna, &id, kind)).await;
}

/// What happened to a device, the oldest first.
async fn deeds(world: &World, phone: &Phone<'_>, anna: AccountId) -> Vec<DeviceDeed> {
    let events = world.read(move |tx| tx.device_events(anna)).await;
    let own = events.into_iter().filter(|event| event.device == phone.device);
    let mut deeds: Vec<_> = own.map(|event| event.deed).collect();
    deeds.reverse();
    deeds
}

async fn inbox_subjects(world: &World, people: &People) -> Vec<String> {
    let inbox = world.folder(people.anna, Role::Inbox).await;
    world.items(inbox).await.into_iter().map(|(_, subject)| subject).collect()
}

async fn phone<'w>(world: &'w World, people: &People, device: &str, version: &'static str) -> Phone<'w> {
    let inbox = world.folder(people.anna, Role::Inbox).await;
    Phone::new(world, &people.anna_address, device, version, inbox).await
}

// MS-ASCMD R4875
#[test]
fn a_blocked_device_gets_no_data_in_any_version_and_its_owner_is_told() {
    on_each_database(async |world| {
        for version in VERSIONS {
            let people = world.people().await;
            rule(world, people.anna, Verdict::Allow, &[(Verdict::Block, DeviceTrait::Type, "model")]).await;
            let phone = phone(world, &people, "phone", version).await;
            assert_eq!(folders(&phone).await, said(version, "129", "HTTP 403"), "{version}");
            assert_eq!(inbox_subjects(world, &people).await, ["A device was turned away"]);
            // The rule is gone: so is the verdict.
            rule(world, people.anna, Verdict::Allow, &[]).await;
            assert_eq!(folders(&phone).await, "1", "{version}");
            decide(world, &phone, people.anna, Some(Verdict::Block)).await;
            assert_eq!(folders(&phone).await, said(version, "129", "HTTP 403"), "{version}");
            assert_eq!(inbox_subjects(world, &people).await.len(), 1, "an administrator knows what he did");
            let expected = [DeviceDeed::Judged, DeviceDeed::Judged, DeviceDeed::Decided, DeviceDeed::Judged];
            assert_eq!(deeds(world, &phone, people.anna).await, expected);
        }
    });
}

// MS-ASCMD R4878
#[test]
fn a_device_in_quarantine_waits_for_an_administrator_and_may_say_what_it_is() {
    on_each_database(async |world| {
        for version in VERSIONS {
            let people = world.people().await;
            rule(world, people.anna, Verdict::Quarantine, &[]).await;
            let phone = phone(world, &people, "phone", version).await;
            for _ in 0..2 {
                assert_eq!(folders(&phone).await, said(version, "130", "HTTP 403"), "{version}");
            }
            assert_eq!(inbox_subjects(world, &people).await, ["A new device waits to be let in"], "once");
            let tell = Element::new(settings::SETTINGS).with(introduction());
            assert_eq!(status(&phone, "Settings", &tell).await, "1", "{version}");
            let user = Element::new(settings::USER_INFORMATION).with(Element::new(settings::GET));
            let curious = Element::new(settings::SETTINGS).with(introduction()).with(user);
            assert_eq!(status(&phone, "Settings", &curious).await, said(version, "130", "HTTP 403"));
            let watched = Element::new(ping::FOLDER)
                .with_text(ping::ID, phone.folder.to_string())
                .with_text(ping::CLASS, "Email");
            let ping = Element::new(ping::PING)
                .with_text(ping::HEARTBEAT_INTERVAL, "600")
                .with(Element::new(ping::FOLDERS).with(watched));
            assert_eq!(status(&phone, "Ping", &ping).await, said(version, "130", "HTTP 403"));

            decide(world, &phone, people.anna, Some(Verdict::Allow)).await;
            assert_eq!(folders(&phone).await, "1", "{version}");
            decide(world, &phone, people.anna, None).await;
            assert_eq!(folders(&phone).await, said(version, "130", "HTTP 403"));
        }
    });
}

// MS-ASPROV R488
#[test]
fn a_rule_knows_a_model_by_what_the_device_said_when_it_was_provisioned() {
    on_each_database(async |world| {
        let people = world.people().await;
        rule(world, people.anna, Verdict::Block, &[(Verdict::Allow, DeviceTrait::Model, "sm-a")]).await;
        let mut galaxy = phone(world, &people, "galaxy", "14.1").await;
        assert_eq!(folders(&galaxy).await, "129", "it called itself 'model' so far");
        assert_eq!(provisioned(&mut galaxy, "1").await, "1");
        assert_eq!(folders(&galaxy).await, "1");
    });
}

#[test]
fn an_owner_is_told_of_three_devices_a_day() {
    on_each_database(async |world| {
        let people = world.people().await;
        rule(world, people.anna, Verdict::Quarantine, &[]).await;
        for number in 0..5 {
            let phone = phone(world, &people, &format!("outlook{number}"), "14.0").await;
            assert_eq!(folders(&phone).await, "130");
        }
        assert_eq!(inbox_subjects(world, &people).await.len(), 3);
        world.pass_ms(crate::world::DAY_MS + 1);
        assert_eq!(folders(&phone(world, &people, "tomorrow", "14.0").await).await, "130");
        assert_eq!(inbox_subjects(world, &people).await.len(), 4);
    });
}

// MS-ASCMD R5280 R7562
// MS-ASPROV R322 R653 R654 R663 R665 R666 R701 R702 R758
#[test]
fn a_wipe_is_fetched_confirmed_and_shuts_the_device_out() {
    on_each_database(async |world| {
        for version in VERSIONS {
            let people = world.people().await;
            let mut phone = phone(world, &people, "phone", version).await;
            let empty = Element::new(page::PROVISION);
            assert!(provision(&phone, &empty).await.child(page::REMOTE_WIPE).is_none(), "nobody asked");
            assert!(provision(&phone, &ask()).await.child(page::REMOTE_WIPE).is_none());

            ask_wipe(world, &phone, people.anna, WipeKind::Device).await;
            assert_eq!(folders(&phone).await, said(version, "140", "HTTP 449"), "{version}");
            // Any Provision fetches it, also one without an introduction.
            for request in [&empty, &ask(), &Element::new(page::PROVISION).with(policies(&[]))] {
                let told = provision(&phone, request).await;
                assert_eq!(text(&told, page::STATUS), "1");
                assert!(told.child(page::REMOTE_WIPE).unwrap().is_empty());
                assert!(told.child(page::POLICIES).is_none());
            }
            let done = |status: &str| {
                let wipe = Element::new(page::REMOTE_WIPE).with_text(page::STATUS, status);
                Element::new(page::PROVISION).with(wipe)
            };
            let failed = provision(&phone, &done("2")).await;
            assert_eq!(text(&failed, page::STATUS), "2");
            assert!(failed.child(page::REMOTE_WIPE).unwrap().is_empty());
            assert_eq!(folders(&phone).await, said(version, "140", "HTTP 449"), "it waits on");
            // The first answer was lost.
            for _ in 0..2 {
                let confirmed = provision(&phone, &done("1")).await;
                assert_eq!(text(&confirmed, page::STATUS), "1");
                assert!(confirmed.child(page::REMOTE_WIPE).is_none());
            }
            assert_eq!(folders(&phone).await, said(version, "129", "HTTP 403"), "{version}");
            assert_eq!(status(&phone, "Provision", &ask()).await, said(version, "129", "HTTP 403"));

            decide(world, &phone, people.anna, Some(Verdict::Allow)).await;
            assert_eq!(folders(&phone).await, said(version, "144", "HTTP 449"), "it begins anew");
            assert_eq!(provisioned(&mut phone, "1").await, "1");
            assert_eq!(folders(&phone).await, "1");
            let expected = [
                DeviceDeed::WipeAsked,
                DeviceDeed::WipeSent,
                DeviceDeed::WipeFailed,
                DeviceDeed::WipeConfirmed,
                DeviceDeed::Decided,
            ];
            assert_eq!(deeds(world, &phone, people.anna).await, expected, "{version}");
        }
    });
}

#[test]
fn a_wish_for_a_wipe_that_is_taken_back_is_forgotten() {
    on_each_database(async |world| {
        let people = world.people().await;
        let anna = people.anna;
        let phone = phone(world, &people, "phone", "16.1").await;
        ask_wipe(world, &phone, anna, WipeKind::Device).await;
        assert_eq!(folders(&phone).await, "140");
        world.write(&[anna], move |tx| tx.cancel_wipe(anna, "phone")).await;
        assert_eq!(folders(&phone).await, "1");
        assert!(provision(&phone, &Element::new(page::PROVISION)).await.child(page::REMOTE_WIPE).is_none());
        assert_eq!(deeds(world, &phone, anna).await, [DeviceDeed::WipeAsked, DeviceDeed::WipeCancelled]);
    });
}

// MS-ASPROV R6901 R6903 R66601 R66603 R66604 R66605 R66611 R66613 R66615
#[test]
fn an_account_alone_is_taken_off_a_device_of_16_1_and_no_other() {
    on_each_database(async |world| {
        let people = world.people().await;
        let anna = people.anna;
        let phone = phone(world, &people, "phone", "16.1").await;
        let empty = Element::new(page::PROVISION);
        assert!(provision(&phone, &empty).await.child(page::ACCOUNT_ONLY_REMOTE_WIPE).is_none());
        ask_wipe(world, &phone, anna, WipeKind::Account).await;
        assert_eq!(folders(&phone).await, "140");
        let told = provision(&phone, &empty).await;
        assert!(told.child(page::ACCOUNT_ONLY_REMOTE_WIPE).unwrap().is_empty());
        assert!(told.child(page::REMOTE_WIPE).is_none());

        // It comes back in a version that has no word for it.
        let older = Phone { version: "14.1", ..phone.clone() };
        assert_eq!(folders(&older).await, "129");
        assert_eq!(status(&older, "Provision", &ask()).await, "129");

        let done = |tag: Tag, status: &str| {
            Element::new(page::PROVISION).with(Element::new(tag).with_text(page::STATUS, status))
        };
        let other = provision(&phone, &done(page::REMOTE_WIPE, "1")).await;
        assert!(other.child(page::ACCOUNT_ONLY_REMOTE_WIPE).is_some(), "that one was not asked for");
        let failed = provision(&phone, &done(page::ACCOUNT_ONLY_REMOTE_WIPE, "2")).await;
        assert_eq!(text(&failed, page::STATUS), "2");
        assert!(failed.child(page::ACCOUNT_ONLY_REMOTE_WIPE).unwrap().is_empty());
        let confirmed = provision(&phone, &done(page::ACCOUNT_ONLY_REMOTE_WIPE, "1")).await;
        assert_eq!(text(&confirmed, page::STATUS), "1");
        assert_eq!(folders(&phone).await, "129");
        let expected =
            [DeviceDeed::WipeAsked, DeviceDeed::WipeSent, DeviceDeed::WipeFailed, DeviceDeed::WipeConfirmed];
        assert_eq!(deeds(world, &phone, anna).await, expected);
    });
}

#[test]
fn a_ping_that_waits_ends_when_a_wipe_is_asked_for() {
    on_each_database(async |world| {
        let people = world.people().await;
        let mut phone = phone(world, &people, "phone", "16.1").await;
        phone.sync_all().await;
        let watched = Element::new(ping::FOLDER)
            .with_text(ping::ID, phone.folder.to_string())
            .with_text(ping::CLASS, "Email");
        let request = Element::new(ping::PING)
            .with_text(ping::HEARTBEAT_INTERVAL, "3540")
            .with(Element::new(ping::FOLDERS).with(watched));
        let mut waiting = pin!(phone.command("Ping", Some(&request)));
        assert!(timeout(WAITS, waiting.as_mut()).await.is_err(), "it waits");
        ask_wipe(world, &phone, people.anna, WipeKind::Device).await;
        let ended = timeout(PATIENCE, waiting).await.expect("an answer").unwrap();
        assert_eq!(text(&ended, ping::STATUS), "1");
        assert_eq!(status(&phone, "Ping", &request).await, "140");
    });
}

// MS-ASCMD R4912 R7566
// MS-ASPROV R486 R509 R693
#[test]
fn a_policy_that_changes_is_taken_anew_once_and_then_it_is_quiet() {
    on_each_database(async |world| {
        for version in VERSIONS {
            let people = world.people().await;
            let mut phone = phone(world, &people, "phone", version).await;
            assert_eq!(folders(&phone).await, "1");
            demand(world, people.anna, &[("DevicePasswordEnabled", Some("1"))]).await;
            assert_eq!(folders(&phone).await, said(version, "144", "HTTP 449"), "{version}");
            let document = provision(&phone, &ask()).await;
            assert_eq!(text(document_of(&document), page::DEVICE_PASSWORD_ENABLED), "1");

            // It changes again while the device is at it: what was acknowledged is what was given.
            let temporary = text(policy_of(&document), page::POLICY_KEY);
            demand(world, people.anna, &[("AllowCamera", Some("0"))]).await;
            let taken = provision(&phone, &acknowledge(&temporary, "1")).await;
            phone.policy_key = text(policy_of(&taken), page::POLICY_KEY);
            assert_eq!(folders(&phone).await, said(version, "144", "HTTP 449"), "{version}");
            assert_eq!(provisioned(&mut phone, "1").await, "1");
            for _ in 0..3 {
                assert_eq!(folders(&phone).await, "1", "{version}");
            }
            // Set to the same: nothing to take.
            demand(world, people.anna, &[("AllowCamera", Some("0"))]).await;
            assert_eq!(folders(&phone).await, "1", "{version}");
        }
    });
}

// MS-ASPROV R1044 R1045
#[test]
fn what_is_demanded_no_more_is_sent_as_an_empty_element_or_its_default() {
    on_each_database(async |world| {
        let people = world.people().await;
        let phone = phone(world, &people, "phone", "16.1").await;
        let lists = "UnapprovedInROMApplicationList";
        demand(world, people.anna, &[("MinDevicePasswordLength", Some("6")), (lists, Some("game.exe"))])
            .await;
        let set = provision(&phone, &ask()).await;
        assert_eq!(text(document_of(&set), page::MIN_DEVICE_PASSWORD_LENGTH), "6");
        let list = document_of(&set).child(page::UNAPPROVED_IN_ROM_APPLICATION_LIST).unwrap();
        assert_eq!(text(list, page::APPLICATION_NAME), "game.exe");
        demand(
            world,
            people.anna,
            &[("MinDevicePasswordLength", None), ("AllowCamera", None), (lists, None)],
        )
        .await;
        let unset = provision(&phone, &ask()).await;
        let document = document_of(&unset);
        assert!(document.child(page::MIN_DEVICE_PASSWORD_LENGTH).unwrap().is_empty());
        assert_eq!(text(document, page::ALLOW_CAMERA), "1");
        assert!(document.child(page::UNAPPROVED_IN_ROM_APPLICATION_LIST).unwrap().is_empty());
    });
}

// MS-ASPROV R455 R461 R659 R660 R684 R687 R697
#[test]
fn how_much_of_the_policy_a_device_took_decides_whether_it_comes_in() {
    on_each_database(async |world| {
        for version in VERSIONS {
            let people = world.people().await;
            let mut phone = phone(world, &people, "phone", version).await;
            // Nothing is demanded: everybody comes in.
            for taken in ["1", "2", "3", "4"] {
                assert_eq!(provisioned(&mut phone, taken).await, "1", "{version} {taken}");
                assert_eq!(folders(&phone).await, "1");
            }
            demand(world, people.anna, &[("RequireDeviceEncryption", Some("1"))]).await;
            for (taken, refused, http) in
                [("2", "139", "HTTP 449"), ("3", "141", "HTTP 449"), ("4", "145", "HTTP 403")]
            {
                assert_eq!(provisioned(&mut phone, taken).await, said(version, refused, http), "{version}");
                assert_eq!(folders(&phone).await, said(version, "144", "HTTP 449"));
            }
            let tolerant = [
                ("RequireDeviceEncryption", Some("1")),
                ("AllowNonProvisionableDevices", Some("1")),
                ("AllowExternalDeviceManagement", Some("1")),
            ];
            demand(world, people.anna, &tolerant).await;
            for taken in ["2", "3", "4", "1"] {
                assert_eq!(provisioned(&mut phone, taken).await, "1", "{version} {taken}");
                assert_eq!(folders(&phone).await, "1");
            }
            let noted = deeds(world, &phone, people.anna).await;
            assert!(noted.iter().all(|deed| *deed == DeviceDeed::PolicyNotMet), "{noted:?}");
            assert_eq!(noted.len(), 3, "each once an hour");
        }
    });
}

// MS-ASPROV R382 R475 R657 R695 R761
#[test]
fn only_the_temporary_key_acknowledges_a_policy() {
    on_each_database(async |world| {
        let people = world.people().await;
        let phone = phone(world, &people, "phone", "16.1").await;
        for key in [phone.policy_key.as_str(), "4711", "x"] {
            let wrong = provision(&phone, &acknowledge(key, "1")).await;
            assert_eq!(text(&wrong, page::STATUS), "1");
            assert_eq!(text(policy_of(&wrong), page::STATUS), "5", "{key}");
            assert!(policy_of(&wrong).child(page::POLICY_KEY).is_none());
        }
        assert_eq!(folders(&phone).await, "1", "the key that it has stays good");
        // The answer to the second phase was lost.
        let temporary = text(policy_of(&provision(&phone, &ask()).await), page::POLICY_KEY);
        let mut last = String::new();
        for _ in 0..2 {
            last = text(policy_of(&provision(&phone, &acknowledge(&temporary, "1")).await), page::POLICY_KEY);
        }
        assert_eq!(folders(&Phone { policy_key: last, ..phone.clone() }).await, "1");
    });
}

// MS-ASPROV R381
#[test]
fn a_policy_that_cannot_be_read_lets_nobody_in() {
    on_each_database(async |world| {
        let people = world.people().await;
        let phone = phone(world, &people, "phone", "16.1").await;
        set_policy(world, people.anna, "AllowCamera perhaps\n".to_owned()).await;
        assert_eq!(folders(&phone).await, "144");
        let answer = provision(&phone, &ask()).await;
        assert_eq!(text(policy_of(&answer), page::STATUS), "4");
        assert!(policy_of(&answer).child(page::DATA).is_none());
    });
}

// MS-ASCMD R4954
// MS-ASPROV R366 R535
#[test]
fn a_device_introduces_itself_with_its_first_question_from_14_1_on() {
    on_each_database(async |world| {
        let people = world.people().await;
        for version in VERSIONS {
            let phone = phone(world, &people, &format!("d{}", version.replace('.', "")), version).await;
            let silent = Element::new(page::PROVISION).with(policies(&[]));
            let introduces = !["12.1", "14.0"].contains(&version);
            let expected = if introduces { "165" } else { "1" };
            assert_eq!(text(&provision(&phone, &silent).await, page::STATUS), expected, "{version}");
            let told = provision(&phone, &ask()).await;
            let answered = told.child(settings::DEVICE_INFORMATION);
            assert_eq!(answered.map(|one| text(one, settings::STATUS)), introduces.then(|| "1".to_owned()));
        }
    });
}

#[test]
fn a_device_called_delivery_takes_no_memory_of_delivered_mails_with_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let anna = people.anna;
        let delivery = || workflow::Delivery {
            bytes: "Message-ID: <m@x.test>\r\nSubject: once\r\n\r\ntext\r\n".into(),
            trace: String::new(),
            recipient: people.anna_address.parse().unwrap(),
            received_at: world.now(),
            door: Door::Lmtp,
        };
        let deliver = async || workflow::deliver(&world.store, anna, delivery()).await.unwrap();
        assert!(matches!(deliver().await, workflow::Delivered::New(_)));
        phone(world, &people, "delivery", "16.1").await;
        world.write(&[anna], move |tx| tx.remove_device(anna, "delivery")).await;
        assert!(matches!(deliver().await, workflow::Delivered::Again(_)));

        // As an older program remembered it.
        let mut text = format!("{} ", people.anna_address);
        for byte in world.store.fingerprint(anna, &delivery().bytes) {
            text.push_str(&format!("{byte:02x}"));
        }
        let rename = move |tx: &mut storage::Write<'_>| {
            let key = |reader| {
                let (collection, sync_key, client_key) = (CollectionId(0), "", text.as_str());
                RequestKey { account: anna, reader, collection, sync_key, client_key }
            };
            let (hash, result) = tx.remembered(&key("house:delivery"))?.unwrap();
            tx.remember(&key("delivery"), &hash, &result)?;
            tx.forget_remembered(anna, "house:delivery", CollectionId(0), "")
        };
        world.write(&[anna], rename).await;
        assert!(matches!(deliver().await, workflow::Delivered::Again(_)));
    });
}

// MS-ASPROV R488, MS-ASCMD R4906
#[test]
fn a_device_that_the_rules_turn_away_says_first_what_it_is() {
    on_each_database(async |world| {
        for version in VERSIONS {
            let people = world.people().await;
            rule(world, people.anna, Verdict::Quarantine, &[(Verdict::Allow, DeviceTrait::Model, "sm-")])
                .await;
            let inbox = world.folder(people.anna, Role::Inbox).await;
            let mut galaxy = Phone::unprovisioned(world, &people.anna_address, "galaxy", version, inbox);
            let mut other = Phone { device: "other".to_owned(), ..galaxy.clone() };
            for device in [&galaxy, &other] {
                for _ in 0..2 {
                    assert_eq!(folders(device).await, said(version, "142", "HTTP 449"), "{version}");
                }
            }
            assert_eq!(inbox_subjects(world, &people).await, [""; 0], "nobody knows yet what it is");
            assert!(deeds(world, &other, people.anna).await.is_empty());
            // Before 14.1 Provision has no room for the model: Settings tells it.
            if ["12.1", "14.0"].contains(&version) {
                let tell = Element::new(settings::SETTINGS).with(introduction());
                assert_eq!(status(&galaxy, "Settings", &tell).await, "1");
            }
            assert_eq!(provisioned(&mut galaxy, "1").await, "1");
            assert_eq!(folders(&galaxy).await, "1", "{version}");
            assert_eq!(inbox_subjects(world, &people).await, [""; 0], "it was let in");

            other.provision().await;
            assert_eq!(folders(&other).await, said(version, "130", "HTTP 403"), "{version}");
            assert_eq!(inbox_subjects(world, &people).await, ["A new device waits to be let in"]);
            // What an administrator decided needs no introduction.
            let third = Phone { device: "third".to_owned(), policy_key: String::new(), ..galaxy.clone() };
            assert_eq!(folders(&third).await, said(version, "142", "HTTP 449"));
            decide(world, &third, people.anna, Some(Verdict::Block)).await;
            assert_eq!(folders(&third).await, said(version, "129", "HTTP 403"), "{version}");
        }
    });
}

// MS-ASCMD R4909 R4910
#[test]
fn a_policy_is_taken_anew_every_so_many_hours_where_its_domain_says_so() {
    const HOUR_MS: i64 = 3_600_000;
    on_each_database(async |world| {
        for version in VERSIONS {
            let people = world.people().await;
            let mut phone = phone(world, &people, "phone", version).await;
            world.pass_ms(1_000 * HOUR_MS);
            assert_eq!(folders(&phone).await, "1", "nobody demands it");
            demand(world, people.anna, &[("PolicyRefreshHours", Some("2"))]).await;
            for _ in 0..2 {
                assert_eq!(folders(&phone).await, said(version, "143", "HTTP 449"), "{version}");
                assert_eq!(provisioned(&mut phone, "1").await, "1");
                assert_eq!(folders(&phone).await, "1");
                world.pass_ms(2 * HOUR_MS - 1);
                assert_eq!(folders(&phone).await, "1", "{version}");
                world.pass_ms(1);
            }
            demand(world, people.anna, &[("PolicyRefreshHours", None)]).await;
            assert_eq!(folders(&phone).await, "1", "{version}");
        }
    });
}
