//! Phones that cannot take an item, and come back for the same answer for ever.

use activesync_wire::item::Class;
use activesync_wire::server_id::ServerId;
use storage::DeviceDeed;
use vocabulary::{Flags, Role};
use wbxml::Element;
use wbxml::page::{airsync, airsync_base, email};

use crate::object::Object;
use crate::phone::{Answer, Phone};
use crate::world::on_each_database;

const MINUTE_MS: i64 = 60_000;

/// Items that an answer adds or changes.
fn told(answer: &Answer) -> Vec<Element> {
    let commands = answer.collection.as_ref().and_then(|one| one.child(airsync::COMMANDS));
    let data = commands.iter().flat_map(|list| list.children());
    data.filter_map(|one| one.child(airsync::APPLICATION_DATA)).cloned().collect()
}

/// The phone asks until it has everything, and dies of each answer with an item that `kills` it. How often it asked.
async fn ask_until_quiet(phone: &mut Phone<'_>, kills: impl Fn(&Element) -> bool) -> usize {
    for round in 1..150 {
        let answer = phone.ask(512).await;
        phone.world.pass_ms(MINUTE_MS);
        if told(&answer).iter().any(&kills) {
            phone.in_doubt = true;
            continue;
        }
        phone.take(&answer);
        if answer.collection.is_none() {
            return round;
        }
    }
    panic!("{} asks for ever", phone.device);
}

#[test]
fn a_mail_whose_body_kills_the_phone_comes_without_its_body() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        for number in 0..40 {
            let subject = if number == 17 { "poison".to_owned() } else { format!("mail {number}") };
            world.append(inbox, &subject, world.now(), Flags::NONE).await;
        }
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.prime().await;
        let kills = |data: &Element| {
            let body = data.child(airsync_base::BODY).and_then(|body| body.child(airsync_base::DATA));
            let says = body.is_some_and(|body| !body.value().is_empty());
            says && data.child_value(email::SUBJECT).as_deref() == Some("poison")
        };
        ask_until_quiet(&mut phone, kills).await;
        assert_eq!(phone.items.len(), 40, "{:?}", phone.items);
        phone.id_of("poison");
        world.append(inbox, "later", world.now(), Flags::NONE).await;
        let answer = phone.ask(512).await;
        assert_eq!(told(&answer).len(), 1);
        assert!(!kills(&told(&answer)[0]));
        let body = told(&answer)[0].child(airsync_base::BODY).cloned().unwrap();
        assert!(body.child(airsync_base::DATA).is_some(), "what comes later has its body: {body:?}");
    });
}

#[test]
fn an_item_that_kills_the_phone_is_left_out_until_it_changes_and_the_rest_arrives() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = world.folder(people.anna, Role::Contacts).await;
        let object = |subject: &str, uid: &str| Object {
            class: Class::Contacts,
            uid: uid.into(),
            subject: subject.into(),
            when: String::new(),
            private: false,
        };
        for number in 0..30 {
            let subject = if number == 11 { "poison".to_owned() } else { format!("card {number}") };
            let bytes = object(&subject, &format!("u{number}")).bytes();
            world.put_bytes(folder, Class::Contacts, bytes).await;
        }
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", folder).await;
        phone.class = Class::Contacts;
        phone.prime().await;
        let kills =
            |data: &Element| data.child_value(wbxml::page::contacts::LAST_NAME).as_deref() == Some("poison");
        ask_until_quiet(&mut phone, kills).await;
        assert_eq!(phone.items.len(), 29, "{:?}", phone.items);
        // An administrator finds which one.
        let (item, _) = world
            .items(folder)
            .await
            .into_iter()
            .find(|(item, _)| item.component_uid.as_deref() == Some("u11"))
            .unwrap();
        let anna = people.anna;
        let events = world.read(move |tx| tx.device_events(anna)).await;
        let left_out = events.iter().filter(|event| event.deed == DeviceDeed::LeftOut);
        let noted: Vec<(&str, &str)> =
            left_out.map(|event| (event.device.as_str(), event.detail.as_str())).collect();
        let name = ServerId { folder, item: item.id };
        let [(device, detail)] = noted[..] else { panic!("{events:?}") };
        assert_eq!(device, phone.device);
        assert!(detail.starts_with(&format!("{name} in ")), "{detail}");
        // Another new one comes at once.
        world.put_bytes(folder, Class::Contacts, object("new", "u99").bytes()).await;
        assert_eq!(ask_until_quiet(&mut phone, kills).await, 2);
        // Mended, it is new to the phone.
        world.replace(folder, &item, &object("mended", "u11")).await;
        phone.sync_all().await;
        assert_eq!(phone.items.len(), 31);
        phone.id_of("mended");
    });
}

#[test]
fn answers_that_are_lost_for_a_while_leave_nothing_out() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        for number in 0..20 {
            world.append(inbox, &format!("mail {number}"), world.now(), Flags::NONE).await;
        }
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        phone.prime().await;
        for _ in 0..50 {
            phone.ask(512).await;
            phone.world.pass_ms(MINUTE_MS / 20);
        }
        phone.in_doubt = true;
        phone.sync_all().await;
        assert_eq!(phone.items.len(), 20);
    });
}
