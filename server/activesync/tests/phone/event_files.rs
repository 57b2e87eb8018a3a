//! Files of events, from 16.0: those that phones put in and those that calendar programs do.

use activesync_wire::item::Class;
use vocabulary::Role;
use wbxml::Element;
use wbxml::page::{airsync, airsync_base, calendar, item_operations};

use crate::object::day;
use crate::phone::{Answer, Phone, text};
use crate::world::{World, on_each_database};

fn file(client_id: &str, name: &str, content: &[u8]) -> Element {
    Element::new(airsync_base::ADD)
        .with_text(airsync_base::CLIENT_ID, client_id)
        .with_opaque(airsync_base::CONTENT, content.to_vec())
        .with_text(airsync_base::CONTENT_TYPE, "text/plain; charset=utf-8")
        .with_text(airsync_base::DISPLAY_NAME, name)
        .with_text(airsync_base::METHOD, "1")
}

fn event(world: &World, files: Element, guest: Option<&str>) -> Element {
    let start = day(world, 2);
    let mut data = Element::new(airsync::APPLICATION_DATA)
        .with_text(calendar::CLIENT_UID, "filed")
        .with_text(calendar::SUBJECT, "filed")
        .with_text(calendar::START_TIME, &start)
        .with_text(calendar::END_TIME, start.replace("T090000Z", "T100000Z"));
    if let Some(guest) = guest {
        let attendee = Element::new(calendar::ATTENDEE)
            .with_text(calendar::EMAIL, guest)
            .with_text(calendar::NAME, guest)
            .with_text(calendar::ATTENDEE_TYPE, "1");
        data.push(Element::text(calendar::MEETING_STATUS, "1"));
        data.push(Element::new(calendar::ATTENDEES).with(attendee));
    }
    data.with(files)
}

async fn on_calendar<'w>(
    world: &'w World,
    user: &str,
    account: vocabulary::AccountId,
    device: &str,
    version: &'static str,
) -> Phone<'w> {
    let folder = world.folder(account, Role::Calendar).await;
    Phone { class: Class::Calendar, ..Phone::new(world, user, device, version, folder).await }
}

fn told(answer: &Answer, tag: wbxml::Tag) -> (String, Vec<(String, String)>) {
    let list = answer.collection.as_ref().unwrap().child(airsync::RESPONSES);
    let one = list.and_then(|list| list.child(tag)).unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(text(one, airsync::STATUS), "1", "{answer:?}");
    let data = one.child(airsync::APPLICATION_DATA).unwrap();
    let files = data.child(airsync_base::ATTACHMENTS).unwrap().children();
    let name =
        |file: &Element| (text(file, airsync_base::CLIENT_ID), text(file, airsync_base::FILE_REFERENCE));
    (text(one, airsync::SERVER_ID), files.map(name).collect())
}

/// The files of the only event, as a phone that has nothing yet is told: name, reference, size.
async fn shown(phone: &mut Phone<'_>) -> Vec<(String, String, String)> {
    phone.prime().await;
    let answer = phone.ask(100).await;
    let commands = answer.collection.as_ref().unwrap().child(airsync::COMMANDS).unwrap().clone();
    phone.take(&answer);
    let data = commands.child(airsync::ADD).unwrap().child(airsync::APPLICATION_DATA).unwrap();
    let files = data.child(airsync_base::ATTACHMENTS).into_iter().flat_map(|list| list.children());
    let one = |file: &Element| {
        assert_eq!(text(file, airsync_base::METHOD), "1");
        let value = |tag| text(file, tag);
        (
            value(airsync_base::DISPLAY_NAME),
            value(airsync_base::FILE_REFERENCE),
            value(airsync_base::ESTIMATED_DATA_SIZE),
        )
    };
    files.map(one).collect()
}

async fn fetched(phone: &Phone<'_>, reference: &str) -> Result<Vec<u8>, String> {
    use base64::Engine;
    let fetch = Element::new(item_operations::FETCH)
        .with_text(item_operations::STORE, "Mailbox")
        .with_text(airsync_base::FILE_REFERENCE, reference);
    let request = Element::new(item_operations::ITEM_OPERATIONS).with(fetch);
    let root = phone.command("ItemOperations", Some(&request)).await.unwrap();
    let fetch = root.child(item_operations::RESPONSE).unwrap().child(item_operations::FETCH).unwrap();
    match fetch.child(item_operations::PROPERTIES) {
        Some(properties) => {
            let data = text(properties, item_operations::DATA);
            Ok(base64::engine::general_purpose::STANDARD.decode(data).unwrap())
        }
        None => Err(text(fetch, item_operations::STATUS)),
    }
}

async fn object(world: &World, account: vocabulary::AccountId) -> String {
    let folder = world.folder(account, Role::Calendar).await;
    world.stored(folder).await.remove(0).1.replace("\r\n ", "")
}

// MS-ASAIRS R1082 R1325 R1326 R91 R93
#[test]
fn a_file_comes_with_an_event_and_goes_again() {
    on_each_database(async |world| {
        let people = world.people().await;
        let mut phone = on_calendar(world, &people.anna_address, people.anna, "one", "16.1").await;
        phone.prime().await;
        let files = Element::new(airsync_base::ATTACHMENTS).with(file("f1", "a.txt", b"first"));
        let add = Element::new(airsync::ADD).with_text(airsync::CLIENT_ID, "c1").with(event(
            world,
            files,
            Some(&people.ben_address),
        ));
        // The first answer is lost.
        let lost = told(&phone.ask_with(100, vec![add.clone()]).await, airsync::ADD);
        let answer = phone.ask_with(100, vec![add]).await;
        let (id, names) = told(&answer, airsync::ADD);
        assert_eq!((&id, &names), (&lost.0, &lost.1));
        phone.key = answer.key;
        let own = object(world, people.anna).await;
        assert_eq!(own.matches("MANAGED-ID").count(), 1, "{own}");
        assert!(own.contains("/dav/attachments/") && own.contains("FILENAME=a.txt"), "{own}");
        assert_eq!(fetched(&phone, &names[0].1).await.as_deref(), Ok(&b"first"[..]));

        // Whoever is invited reads it by the copy.
        let mut theirs = on_calendar(world, &people.ben_address, people.ben, "two", "16.1").await;
        let seen = shown(&mut theirs).await;
        assert_eq!((seen[0].0.as_str(), seen[0].2.as_str()), ("a.txt", "5"));
        assert_eq!(fetched(&theirs, &seen[0].1).await.as_deref(), Ok(&b"first"[..]));
        assert!(fetched(&theirs, &names[0].1).await.is_err(), "it is Anna's event");

        let second = Element::new(airsync_base::ATTACHMENTS).with(file("f2", "b.txt", b"second"));
        let change = |files: Element| {
            let data = Element::new(airsync::APPLICATION_DATA).with(files);
            Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, &id).with(data)
        };
        let answer = phone.ask_with(100, vec![change(second)]).await;
        let (_, more) = told(&answer, airsync::CHANGE);
        phone.key = answer.key;
        let gone = Element::new(airsync_base::DELETE).with_text(airsync_base::FILE_REFERENCE, &names[0].1);
        let answer =
            phone.ask_with(100, vec![change(Element::new(airsync_base::ATTACHMENTS).with(gone))]).await;
        assert_eq!(answer.statuses(&id), [""; 0]);
        assert_eq!(fetched(&phone, &names[0].1).await, Err("15".to_owned()));
        // The other one is still called what it was.
        assert_eq!(fetched(&phone, &more[0].1).await.as_deref(), Ok(&b"second"[..]));
        let mut other = on_calendar(world, &people.anna_address, people.anna, "three", "16.0").await;
        assert_eq!(shown(&mut other).await, [("b.txt".to_owned(), more[0].1.clone(), "6".to_owned())]);
        let mut old = on_calendar(world, &people.anna_address, people.anna, "four", "14.1").await;
        assert_eq!(shown(&mut old).await, []);
    });
}

// MS-ASAIRS R1395
#[test]
fn a_file_within_the_object_is_shown_and_what_is_no_file_is_refused() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = world.folder(people.anna, Role::Calendar).await;
        let start = day(world, 2);
        let stored = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:{start}\r\n\
             DTSTART:{start}\r\nSUMMARY:inline\r\nATTACH;VALUE=BINARY;ENCODING=BASE64;FMTTYPE=text/plain;X-FILENAME=\r\n \
             c.txt:aW5s\r\n aW5l\r\nATTACH:https://elsewhere.test/x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let bytes = stored.into_bytes().into();
        let new =
            workflow::ingest_calendar_object(&world.store, people.anna, bytes, world.now()).await.unwrap();
        world.insert(folder, new).await;
        let mut phone = on_calendar(world, &people.anna_address, people.anna, "one", "16.1").await;
        let seen = shown(&mut phone).await;
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!((seen[0].0.as_str(), seen[0].2.as_str()), ("c.txt", "6"));
        assert_eq!(fetched(&phone, &seen[0].1).await.as_deref(), Ok(&b"inline"[..]));
        let message = Element::new(airsync_base::ADD)
            .with_text(airsync_base::CLIENT_ID, "f")
            .with_text(airsync_base::METHOD, "5")
            .with_opaque(airsync_base::CONTENT, b"Subject: x\r\n\r\n".to_vec());
        let id = phone.id_of("inline");
        let data = Element::new(airsync::APPLICATION_DATA)
            .with(Element::new(airsync_base::ATTACHMENTS).with(message));
        let change = Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, &id).with(data);
        let answer = phone.ask_with(100, vec![change]).await;
        assert_eq!(answer.statuses(&id), ["6"]);
        assert!(!object(world, people.anna).await.contains("MANAGED-ID"));
    });
}
