//! Mail, Calendar and Contacts of iOS: two primes of each folder in a row (Z-Push pull request 186), long holds,
//! MeetingResponse on calendar ids, an empty Picture with each edit of a contact.

use blackbox::{Element, kind, texts, unique};
use phones::{Family, Handset};

use super::{
    INBOX, change_elsewhere, has_the_whole_inbox, mails_before, on_a_server, provisioned_when_told, pull,
    sees, tells_of_itself,
};

const FAMILY: Family = Family {
    device_type: "iPhone",
    user_agent: "Apple-iPhone15C2/2201.100",
    asks_in_base64: false,
    window: 25,
    bodies: &[(1, Some(500)), (2, Some(51_200))],
    filter: "0",
};
const VERSIONS: [&str; 2] = ["16.1", "14.1"];

/// An iPhone whose account has been set up, with everything that it shows.
fn set_up(demo: &blackbox::Demo, anna: &blackbox::Account, version: &str) -> Handset {
    let mut handset = Handset::new(demo, anna, FAMILY, version);
    let versions = handset.phone.options("MS-ASProtocolVersions").unwrap();
    assert!(versions.split(',').any(|offered| offered == version), "{versions}");
    provisioned_when_told(&mut handset);
    tells_of_itself(&handset);
    handset.sync_folders(true);
    // Key 0 twice, one right after the other; it goes on with the first answer.
    for kind in [INBOX, super::TRASH, kind::CALENDAR, kind::CONTACTS] {
        let id = handset.id(kind);
        handset.round(&id, &[]);
        let first = handset.folder(kind).key.clone();
        handset.folders.get_mut(&id).unwrap().key = "0".to_owned();
        let second = handset.phone.command("Sync", Some(&handset.request(&id, &[]))).unwrap();
        assert_eq!(second.get("Collections/Collection/Status").as_deref(), Some("1"));
        assert!(second.at("Collections/Collection/Commands").is_none(), "{}", second.shown());
        handset.folders.get_mut(&id).unwrap().key = first;
        handset.pull(&id);
    }
    handset
}

#[test]
fn an_iphone_that_primes_twice_sees_every_change_once() {
    on_a_server(|demo, anna, ben| {
        for version in VERSIONS {
            let before = mails_before(demo, anna, ben);
            let mut handset = set_up(demo, anna, version);
            has_the_whole_inbox(&handset, demo, anna);

            let changes = change_elsewhere(demo, anna, ben, before);
            pull(&mut handset);

            sees(&handset, &changes);
            has_the_whole_inbox(&handset, demo, anna);
        }
    });
}

#[test]
fn an_iphone_that_waits_in_a_long_ping_is_woken_by_a_mail_and_by_an_event() {
    on_a_server(|demo, anna, ben| {
        for version in VERSIONS {
            let before = mails_before(demo, anna, ben);
            let mut handset = set_up(demo, anna, version);
            let ids = [handset.id(INBOX), handset.id(kind::CALENDAR)];
            let folder = |id: &String, class: &str| {
                Element::of("Ping:Folder", texts("Ping", &[("Id", id), ("Class", class)]))
            };
            let folders = [folder(&ids[0], "Email"), folder(&ids[1], "Calendar")];
            let request = Element::of(
                "Ping:Ping",
                [Element::text("Ping:HeartbeatInterval", "600"), Element::of("Ping:Folders", folders)],
            );
            let changes = change_elsewhere(demo, anna, ben, before);
            let root = handset.phone.command("Ping", Some(&request)).unwrap();
            assert_eq!(root.get("Status").as_deref(), Some("2"), "{}", root.shown());
            let told = root.at("Folders").unwrap().children.len();
            assert_eq!(told, 2, "{}", root.shown());
            pull(&mut handset);
            sees(&handset, &changes);
        }
    });
}

#[test]
fn an_iphone_that_edits_a_contact_keeps_its_picture_though_it_sends_an_empty_one() {
    on_a_server(|demo, anna, _| {
        for version in VERSIONS {
            let (app, name) = (demo.dav(anna), unique());
            let address = format!("{}{name}.vcf", app.own(None));
            let card = format!(
                "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nFN:{name}\r\nN:{name};;;;\r\n\
                 PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgo=\r\nEND:VCARD\r\n"
            );
            app.put(&address, &card).is(201);
            let mut handset = set_up(demo, anna, version);
            let folder = handset.id(kind::CONTACTS);
            let is_it = |data: &&Element| data.get("Contacts:LastName").as_ref() == Some(&name);
            let items = &handset.folder(kind::CONTACTS).items;
            let data = items.values().find(is_it).unwrap();
            assert!(data.at("Contacts:Picture").is_some(), "{}", data.shown());
            let id = items.iter().find(|(_, data)| is_it(data)).unwrap().0.clone();
            let mut edited: Vec<Element> = texts("Contacts", &[("LastName", &name), ("JobTitle", "Florist")]);
            edited.push(Element::of("Contacts:Picture", []));
            handset.round(&folder, &[Element::change_item(&id, edited)]);
            let text = app.get(&address).is(200).text();
            assert!(text.contains("TITLE:Florist") && text.contains("iVBORw0KGgo"), "{text}");
        }
    });
}

#[test]
fn an_iphone_answers_an_invitation_by_its_event_and_the_organiser_hears_it() {
    on_a_server(|demo, anna, ben| {
        for version in VERSIONS {
            let (his, uid) = (demo.dav(ben), unique());
            let inner = format!(
                "DTSTART:20270315T080000Z\nDTEND:20270315T090000Z\nSUMMARY:{uid}\nORGANIZER:mailto:{}\n\
                 ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:{}\n",
                ben.address, anna.address
            );
            let target = format!("{}{uid}.ics", his.own(Some("VEVENT")));
            his.put(&target, &blackbox::calendar("VEVENT", &uid, &inner)).is(201);
            let mut handset = set_up(demo, anna, version);
            let folder = handset.id(kind::CALENDAR);
            blackbox::eventually("the event is there", || {
                handset.pull(&folder);
                (handset.sees(kind::CALENDAR, &uid) == 1).then_some(())
            });
            let item = handset.item(kind::CALENDAR, &uid);
            let fields = [("UserResponse", "1"), ("CollectionId", &folder), ("RequestId", &item)];
            let mut inner = texts("MeetingResponse", &fields);
            inner.extend((version >= "16").then(|| Element::of("MeetingResponse:SendResponse", [])));
            let request = Element::of("MeetingResponse:Request", inner);
            let root = Element::of("MeetingResponse:MeetingResponse", [request]);
            let root = handset.phone.command("MeetingResponse", Some(&root)).unwrap();
            assert_eq!(root.get("Result/Status").as_deref(), Some("1"), "{}", root.shown());
            assert_eq!(root.get("Result/CalendarId").as_ref(), Some(&item), "{}", root.shown());
            handset.pull(&folder);
            let event = &handset.folder(kind::CALENDAR).items[&item];
            assert_eq!(event.get("ResponseType").as_deref(), Some("3"), "{}", event.shown());
            handset.saw_no_reset();
            if version < "16" {
                continue; // It sends the mail itself.
            }
            blackbox::eventually("the organiser sees the answer", || {
                his.get(&target).is(200).text().contains("PARTSTAT=ACCEPTED").then_some(())
            });
        }
    });
}
