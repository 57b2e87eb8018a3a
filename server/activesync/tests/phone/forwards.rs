//! Answered and forwarded: what becomes of the original, and meetings that are passed on.

use activesync_wire::item::Class;
use activesync_wire::server_id::{FolderId, LongId, ServerId};
use mime::Message;
use storage::NewItem;
use vocabulary::{AccountId, Role};
use wbxml::page::{airsync, airsync_base, calendar, compose_mail};
use wbxml::{Element, Tag};

use crate::object::day;
use crate::phone::{Phone, text};
use crate::world::{World, on_each_database};

const PICTURED: &str = "From: Ben <ben@x.test>\r\nTo: anna@x.test\r\nSubject: pictured\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\n\
    Content-Type: text/html\r\n\r\n<p>Look</p><img src=\"cid:pic\">\r\n--r\r\nContent-Type: image/gif\r\n\
    Content-ID: <pic>\r\nContent-Transfer-Encoding: base64\r\n\r\nR0lGODlh\r\n--r--\r\n--o\r\n\
    Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQUFB\r\nQQ==\r\n--o--\r\n";
const SIGNED: &str = "From: Ben <ben@x.test>\r\nSubject: signed\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=s\r\n\r\n--s\r\n\
    Content-Type: text/plain\r\n\r\nSigned words.\r\n--s\r\nContent-Type: application/pkcs7-signature\r\n\r\nAAAA\r\n--s--\r\n";

async fn put(world: &World, folder: FolderId, mail: &str) {
    let content =
        workflow::ingest(&world.store, folder.account, mail.as_bytes().to_vec().into()).await.unwrap();
    world.insert(folder, NewItem::mail(content, world.now())).await;
}

fn smart(tag: Tag, client_id: &str, item: &str, instance: Option<&str>) -> Element {
    let mut source = Element::new(compose_mail::SOURCE).with_text(compose_mail::ITEM_ID, item);
    if let Some(instance) = instance {
        source.push(Element::text(compose_mail::INSTANCE_ID, instance));
    }
    Element::new(tag).with_text(compose_mail::CLIENT_ID, client_id).with(source)
}

fn words(from: &str, to: &str) -> Vec<u8> {
    format!("From: {from}\r\nTo: {to}\r\nSubject: mine\r\n\r\nMy words.\r\n").into_bytes()
}

async fn received(world: &World, account: AccountId) -> Vec<String> {
    let inbox = world.folder(account, Role::Inbox).await;
    world.stored(inbox).await.into_iter().map(|(_, text)| text).collect()
}

// MS-ASCMD R568 R580 R3775
#[test]
fn a_forward_brings_all_parts_and_a_reply_what_its_text_shows() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna_address, &people.ben_address);
        let inbox = world.folder(people.anna, Role::Inbox).await;
        put(world, inbox, PICTURED).await;
        put(world, inbox, SIGNED).await;
        let mut phone = Phone::new(world, anna, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        let (pictured, signed) = (phone.id_of("pictured"), phone.id_of("signed"));
        let mut sent = 0;
        let mut arrives = async |request: Element| {
            let answer = phone.command("SmartForward", Some(&request)).await;
            assert!(answer.is_none(), "{answer:?}");
            sent += 1;
            let mut mails = received(world, people.ben).await;
            assert_eq!(mails.len(), sent);
            mails.remove(sent - 1)
        };
        let mime = || words(anna, ben);
        let forward = smart(compose_mail::SMART_FORWARD, "1", &pictured, None);
        let mail = arrives(forward.with_opaque(compose_mail::MIME, mime())).await;
        assert!(mail.contains("R0lGODlh") && mail.contains("QUFB\r\nQQ=="), "{mail}");
        let html = Message::parse(mail.as_bytes()).html_body().unwrap();
        assert!(html.starts_with("My words.") && html.contains("<p>Look</p>"), "{html}");

        let forward = smart(compose_mail::SMART_FORWARD, "2", &signed, None);
        let mail = arrives(forward.with_opaque(compose_mail::MIME, mime())).await;
        assert!(mail.contains(SIGNED.trim_end()), "as it is: {mail}");

        let replaced = smart(compose_mail::SMART_FORWARD, "3", &pictured, None)
            .with_empty(compose_mail::REPLACE_MIME)
            .with_opaque(compose_mail::MIME, mime());
        let mail = arrives(replaced).await;
        assert!(!mail.contains("R0lGODlh") && !mail.contains("Look"), "{mail}");

        let reply = smart(compose_mail::SMART_REPLY, "4", &pictured, None);
        let reply = reply.with_opaque(compose_mail::MIME, mime());
        assert!(phone.command("SmartReply", Some(&reply)).await.is_none());
        let mail = received(world, people.ben).await.remove(3);
        assert!(mail.contains("R0lGODlh") && !mail.contains("QUFB"), "{mail}");
    });
}

/// The answer was lost, and the original was deleted before the phone asked again.
// MS-ASCMD R953 R4848 R4850
#[test]
fn what_was_sent_is_not_sent_again_though_its_original_is_gone() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        put(world, inbox, PICTURED).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        let id = phone.id_of("pictured");
        let mime = || words(&people.anna_address, &people.ben_address);
        let requests =
            [(compose_mail::SMART_FORWARD, "SmartForward"), (compose_mail::SMART_REPLY, "SmartReply")].map(
                |(tag, command)| {
                    (smart(tag, command, &id, None).with_opaque(compose_mail::MIME, mime()), command)
                },
            );
        for (request, command) in &requests {
            assert!(phone.command(command, Some(request)).await.is_none());
        }
        let original = world.items(inbox).await.remove(0).0;
        world.remove(inbox, &original).await;
        for (request, command) in &requests {
            let answer = phone.command(command, Some(request)).await.unwrap();
            assert_eq!(text(&answer, compose_mail::STATUS), "118", "{command}");
        }
        assert_eq!(received(world, people.ben).await.len(), 2);
    });
}

// MS-ASCMD R541 R578
#[test]
fn what_cannot_be_forwarded_is_told_so() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        put(world, inbox, PICTURED).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        let id = phone.id_of("pictured");
        let mime = words(&people.anna_address, &people.ben_address);
        for (number, (tag, command)) in
            [(compose_mail::SMART_FORWARD, "SmartForward"), (compose_mail::SMART_REPLY, "SmartReply")]
                .into_iter()
                .enumerate()
        {
            for (instance, mime, status) in
                [(Some("no moment"), &mime, "104"), (None, &b"no header".to_vec(), "107")]
            {
                let request = smart(tag, &format!("{number}{status}"), &id, instance);
                let request = request.with_opaque(compose_mail::MIME, mime.clone());
                let answer = phone.command(command, Some(&request)).await.unwrap();
                assert_eq!(text(&answer, compose_mail::STATUS), status, "{command}");
            }
        }
        assert_eq!(received(world, people.ben).await.len(), 0);
    });
}

/// An event with a guest.
fn event(world: &World, guest: &str) -> Element {
    let start = day(world, 3);
    let attendee = Element::new(calendar::ATTENDEE)
        .with_text(calendar::EMAIL, guest)
        .with_text(calendar::NAME, guest)
        .with_text(calendar::ATTENDEE_TYPE, "1");
    let data = Element::new(airsync::APPLICATION_DATA)
        .with_text(calendar::CLIENT_UID, "met")
        .with_text(calendar::SUBJECT, "Beete planen")
        .with_text(calendar::START_TIME, &start)
        .with_text(calendar::END_TIME, start.replace("T090000Z", "T100000Z"))
        .with_text(calendar::MEETING_STATUS, "1")
        .with(Element::new(calendar::ATTENDEES).with(attendee));
    Element::new(airsync::ADD).with_text(airsync::CLIENT_ID, "c1").with(data)
}

fn to(request: Element, addresses: &[&str]) -> Element {
    let one = |list: Element, address: &&str| {
        let one = Element::new(compose_mail::FORWARDEE)
            .with_text(compose_mail::EMAIL, *address)
            .with_text(compose_mail::NAME, "Cora");
        list.with(one)
    };
    request.with(addresses.iter().fold(Element::new(compose_mail::FORWARDEES), one))
}

// MS-ASCMD R568 R6623 R7176 R7177 R7467 R7470
#[test]
fn a_meeting_is_passed_on_by_its_organiser_or_a_guest_and_each_hears_of_it_once() {
    on_each_database(async |world| {
        let (people, others) = (world.people().await, world.people().await);
        let calendar = async |user: &str, account| {
            let folder = world.folder(account, Role::Calendar).await;
            Phone { class: Class::Calendar, ..Phone::new(world, user, "cal", "16.1", folder).await }
        };
        let mut phone = calendar(&people.anna_address, people.anna).await;
        phone.prime().await;
        let answer = phone.ask_with(100, vec![event(world, &people.ben_address)]).await;
        assert_eq!(answer.statuses("c1"), ["1"]);
        phone.sync_all().await;
        let id = phone.id_of("Beete planen");
        let forward = |client_id: &str, id: &str| smart(compose_mail::SMART_FORWARD, client_id, id, None);
        let long_id = |id: &str| {
            let id: ServerId = id.parse().unwrap();
            LongId { account: id.folder.account, item: id.item }.to_string()
        };
        let body = |word: &str| Element::new(airsync_base::BODY).with_text(airsync_base::DATA, word);
        for client_id in ["1", "2"] {
            // As a result of Search.
            let source = Element::new(compose_mail::SOURCE).with_text(compose_mail::LONG_ID, long_id(&id));
            let request = Element::new(compose_mail::SMART_FORWARD)
                .with_text(compose_mail::CLIENT_ID, client_id)
                .with(source);
            let request = to(request, &[&others.anna_address]).with(body("Bring Samen mit"));
            let answer = phone.command("SmartForward", Some(&request)).await;
            assert!(answer.is_none(), "{answer:?}");
        }
        let subjects = |mails: &[String]| -> Vec<String> {
            mails.iter().map(|mail| mime::describe(mail.as_bytes()).summary.subject).collect()
        };
        assert_eq!(subjects(&received(world, others.anna).await), ["Invitation: Beete planen"]);

        let says = |mails: &[String], word: &str| {
            let text = |mail: &String| Message::parse(mail.as_bytes()).text_body().unwrap_or_default();
            mails.iter().filter(|mail| text(mail).contains(word)).count()
        };
        assert_eq!(says(&received(world, others.anna).await, "Bring Samen mit"), 1);
        assert_eq!(says(&received(world, people.ben).await, "Bring Samen mit"), 0, "he was there before");

        let mut guest = calendar(&people.ben_address, people.ben).await;
        guest.sync_all().await;
        let theirs = guest.id_of("Beete planen");
        for client_id in ["3", "4"] {
            let request = to(forward(client_id, &theirs), &[&others.ben_address]).with(body("Ben hilft"));
            let answer = guest.command("SmartForward", Some(&request)).await;
            assert!(answer.is_none(), "{answer:?}");
        }
        assert_eq!(subjects(&received(world, others.ben).await), ["Invitation: Beete planen"]);
        let told = received(world, people.anna).await;
        assert_eq!(subjects(&told), ["Meeting forwarded: Beete planen"]);
        assert!(told[0].contains(&others.ben_address), "{}", told[0]);
        assert_eq!((says(&told, "Ben hilft"), says(&received(world, others.ben).await, "Ben hilft")), (1, 1));
        let folder = world.folder(people.anna, Role::Calendar).await;
        let own = world.stored(folder).await.remove(0).1.replace("\r\n ", "");
        for address in [&people.ben_address, &others.anna_address, &others.ben_address] {
            assert!(own.contains(&format!("mailto:{address}")), "{own}");
        }

        let beside = to(forward("5", &id), &["x@x.test"])
            .with_opaque(compose_mail::MIME, words("a@x.test", "b@x.test"));
        for (request, status) in [
            (beside, "178"),
            (to(forward("6", &id), &["no address"]), "179"),
            (to(forward("7", &format!("{folder}x999")), &["x@x.test"]), "150"),
            (to(smart(compose_mail::SMART_FORWARD, "8", &id, Some("no moment")), &["x@x.test"]), "104"),
            (to(forward("9", &theirs), &["x@x.test"]), "150"),
        ] {
            let answer = phone.command("SmartForward", Some(&request)).await.unwrap();
            assert_eq!(text(&answer, compose_mail::STATUS), status, "{request:?}");
        }
    });
}

#[test]
fn an_event_is_forwarded_as_what_it_says_and_as_a_file() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = world.folder(people.anna, Role::Calendar).await;
        let mut phone = Phone {
            class: Class::Calendar,
            ..Phone::new(world, &people.anna_address, "cal", "16.1", folder).await
        };
        phone.prime().await;
        let answer = phone.ask_with(100, vec![event(world, "guest@elsewhere.example")]).await;
        assert_eq!(answer.statuses("c1"), ["1"]);
        phone.sync_all().await;
        let request = smart(compose_mail::SMART_FORWARD, "1", &phone.id_of("Beete planen"), None)
            .with_opaque(compose_mail::MIME, words(&people.anna_address, &people.ben_address));
        assert!(phone.command("SmartForward", Some(&request)).await.is_none());
        let mail = received(world, people.ben).await.remove(0);
        let summary = mime::describe(mail.as_bytes()).summary;
        assert_eq!(summary.attachments[0].name, "meeting.ics");
        assert!(Message::parse(mail.as_bytes()).text_body().unwrap().contains("Subject: Beete planen"));
        let occurrence = smart(
            compose_mail::SMART_FORWARD,
            "2",
            &phone.id_of("Beete planen"),
            Some("2026-11-26T09:00:00.000Z"),
        )
        .with_opaque(compose_mail::MIME, words(&people.anna_address, &people.ben_address));
        let answer = phone.command("SmartForward", Some(&occurrence)).await.unwrap();
        assert_eq!(text(&answer, compose_mail::STATUS), "150", "it is no series: MS-ASCMD R4930");
    });
}
