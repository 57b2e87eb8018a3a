//! From the invitation to the end of a meeting.

use blackbox::{Dav, Demo, Element, Items, Phone, on_each_store, texts, unique};

use super::{
    INBOX, Party, VERSIONS, calendar_of, carrying, change, meeting, meeting_of_phone, only_of, parties,
};

/// What Thunderbird leaves in what it answers.
const OF_THUNDERBIRD: &str = "X-MOZ-RECEIVED-SEQUENCE:0\r\nX-MOZ-GENERATION:1\r\n";
/// And what Apple's Calendar does.
const OF_APPLE: &str = "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC\r\nBEGIN:VALARM\r\nX-WR-ALARMUID:a\r\nUID:a\r\n\
     ACTION:NONE\r\nTRIGGER;VALUE=DATE-TIME:19760401T005545Z\r\nX-APPLE-DEFAULT-ALARM:TRUE\r\nEND:VALARM\r\n";

/// The first calendar of somebody else, where one's own calendars are.
fn mounted(app: &Dav, owner: &Party, name: &str) -> String {
    let all = app.propfind(&app.homes().calendars, "1", &["D:displayname", "D:owner"]);
    let principal = owner.app.homes().principal;
    let is_it = |one: &&blackbox::Resource| {
        one.found.get("D:owner/D:href") == Some(principal.as_str())
            && one.found.get("D:displayname").is_some_and(|shown| shown.contains(name))
    };
    all.iter().find(is_it).unwrap_or_else(|| panic!("{name} is not in {all:#?}")).href.clone()
}

/// What a phone of 14.1 does besides its Sync: it sends the mail itself.
fn sends(phone: &Phone, from: &Party, to: &[&str], method: &str, subject: &str, object: &str) {
    let mail = carrying(from.address(), to, method, subject, object);
    assert_eq!(phone.send_mail(&unique(), &mail), None);
}

/// A later version of an object.
fn newer(object: &str) -> String {
    let is_version = |line: &&str| line.starts_with("SEQUENCE") || line.starts_with("DTSTAMP");
    let rest: String =
        object.lines().filter(|line| !is_version(line)).map(|line| format!("{line}\r\n")).collect();
    rest.replace("BEGIN:VEVENT\r\n", "BEGIN:VEVENT\r\nSEQUENCE:7\r\nDTSTAMP:20990101T000000Z\r\n")
}

struct Invited {
    phone: Phone,
    items: Items,
    id: String,
}

/// Anna invites Ben and Nora with her phone.
fn invites(demo: &Demo, version: &str, anna: &Party, guests: &[&str], subject: &str) -> Invited {
    let phone = anna.phone(demo, version);
    let mut items = calendar_of(&phone);
    let data = meeting_of_phone(version, subject, "20270310", guests);
    let id =
        phone.sync_items_once(&mut items, &[Element::add_item(&Phone::client_id(), data.clone())]).added_as();
    items.items.insert(id.clone(), Element::holding("AirSync:ApplicationData", data));
    if version < "16" {
        let (_, object) = anna.copy(subject);
        sends(&phone, anna, guests, "REQUEST", subject, &object);
    }
    Invited { phone, items, id }
}

#[test]
fn made_on_a_phone_answered_in_apps_moved_by_a_delegate_and_called_off() {
    on_each_store(|demo| {
        let [anna, ben, david, nora] = &parties(demo);
        for version in VERSIONS {
            let subject = &unique();
            let guests = [ben.address(), nora.address()];
            let Invited { phone, mut items, id } = invites(demo, version, anna, &guests, subject);
            let counts = || [anna, ben, nora, david].map(|one| one.counts(demo, subject));
            assert_eq!(counts(), [(1, 0, 0), (1, 1, 1), (1, 1, 1), (0, 0, 0)], "{version}: invited");

            ben.answers(subject, "ACCEPTED", OF_THUNDERBIRD);
            nora.answers(subject, "DECLINED", OF_APPLE);
            assert_eq!(counts(), [(1, 2, 2), (1, 1, 1), (1, 1, 1), (0, 0, 0)], "{version}: answered");
            for who in [anna, ben, nora] {
                assert_eq!(
                    who.standing(subject, [ben, nora]),
                    ["ACCEPTED", "DECLINED"],
                    "at {}",
                    who.address()
                );
            }
            assert!(ben.copy(subject).1.contains("X-MOZ-GENERATION:1"), "what is a program's own stays");
            phone.sync_items(&mut items);
            let shown = items.with(subject).at("Attendees").unwrap();
            // MS-ASCAL section 2.2.2.3: 3 has accepted, 4 has declined.
            let statuses: Vec<_> = shown
                .all("Attendee")
                .map(|one| (one.get("Email").unwrap(), one.get("AttendeeStatus").unwrap()))
                .filter(|(email, _)| email != anna.address())
                .collect();
            let expected =
                [(ben.address().to_owned(), "3".to_owned()), (nora.address().to_owned(), "4".to_owned())];
            assert_eq!(statuses, expected, "{version}");

            // David may write in Anna's calendar.
            let name = anna.app.property(&anna.calendar, "D:displayname").text;
            demo.admin(&["grant", "set", anna.address(), &name, david.address(), "editor"]);
            let target = mounted(&david.app, anna, &name);
            let (path, text) = david.app.object_with(&target, &format!("SUMMARY:{subject}"));
            david.app.put(&path, &text.replace("20270310T", "20270311T")).is(204);
            assert_eq!(counts(), [(1, 2, 2), (1, 2, 2), (1, 2, 2), (0, 0, 0)], "{version}: moved");
            for who in [ben, nora] {
                let copy = who.copy(subject).1;
                // In the phone's zone, or in UTC as phones before 16.0 say it.
                let is_moved = ["DTSTART:20270311T090000Z", "DTSTART;TZID=Europe/Berlin:20270311T100000"]
                    .iter()
                    .any(|start| copy.contains(start));
                assert!(is_moved, "{copy}");
                let mail = who.mails(demo, subject).remove(1);
                let named = |field: &str, address: &str| {
                    mail.lines().any(|line| line.starts_with(field) && line.contains(address))
                };
                assert!(named("From:", anna.address()) && named("Sender:", david.address()), "{mail}");
                let sent_by = format!("SENT-BY=\"mailto:{}\"", david.address());
                assert!(who.copy(subject).1.contains(&sent_by), "{}", who.copy(subject).1);
            }

            phone.sync_items(&mut items);
            if version < "16" {
                let (_, object) = anna.copy(subject);
                sends(&phone, anna, &guests, "CANCEL", subject, &newer(&object));
            }
            change(&phone, &mut items, Element::delete(&id));
            assert_eq!(counts(), [(0, 2, 2), (1, 3, 3), (1, 3, 3), (0, 0, 0)], "{version}: called off");
            for who in [ben, nora] {
                assert!(who.copy(subject).1.contains("STATUS:CANCELLED"), "{}", who.copy(subject).1);
            }
            // What is off is taken out without a word.
            let (path, _) = ben.copy(subject);
            ben.app.delete(&path).is(204);
            assert_eq!(counts(), [(0, 2, 2), (0, 3, 3), (1, 3, 3), (0, 0, 0)], "{version}: taken out");
            demo.admin(&["grant", "remove", anna.address(), &name, david.address()]);
        }
    });
}

#[test]
fn made_in_an_app_and_answered_on_phones() {
    on_each_store(|demo| {
        let [anna, ben, _, nora] = &parties(demo);
        let subject = &unique();
        let path = format!("{}{subject}.ics", anna.calendar);
        let object = meeting(subject, "20270317", anna.address(), &[ben.address(), nora.address()]);
        let stored = anna.app.put(&path, &object).is(201);
        assert_eq!(stored.header("etag"), None, "the bytes are not those that were sent");
        assert!(stored.header("schedule-tag").is_some());

        for (who, version, response, standing) in
            [(ben, "14.1", "1", "ACCEPTED"), (nora, "16.1", "2", "TENTATIVE")]
        {
            let phone = who.phone(demo, version);
            let inbox = phone.items(INBOX);
            let is_it = |(_, data): &(&String, &Element)| {
                data.get("Subject").is_some_and(|shown| shown.contains(subject))
            };
            let (mail, data) =
                inbox.items.iter().find(is_it).unwrap_or_else(|| panic!("{subject} on {version}"));
            assert_eq!(data.get("MessageClass").as_deref(), Some("IPM.Schedule.Meeting.Request"));
            assert!(data.at("MeetingRequest").is_some(), "{}", data.shown());
            let mut fields = texts("MeetingResponse", &[("UserResponse", response)]);
            fields
                .extend(texts("MeetingResponse", &[("CollectionId", &inbox.folder.id), ("RequestId", mail)]));
            if version >= "16" {
                fields.push(Element::holding("MeetingResponse:SendResponse", Vec::new()));
            }
            let request = Element::holding("MeetingResponse:Request", fields);
            let request = Element::holding("MeetingResponse:MeetingResponse", vec![request]);
            let answer = phone.command("MeetingResponse", Some(&request)).unwrap();
            assert_eq!(answer.get("Result/Status").as_deref(), Some("1"), "{}", answer.shown());
            let items = calendar_of(&phone);
            assert_eq!(answer.get("Result/CalendarId"), Some(items.id_of(subject)));
            assert_eq!(who.standing(subject, [who]), [standing]);
            if version < "16" {
                assert_eq!(anna.counts(demo, subject), (1, 0, 0), "the phone is to say it");
                let (_, object) = who.copy(subject);
                sends(&phone, who, &[anna.address()], "REPLY", subject, &only_of(&object, who.address()));
            }
        }
        for who in [anna, ben, nora] {
            assert_eq!(who.standing(subject, [ben, nora]), ["ACCEPTED", "TENTATIVE"], "at {}", who.address());
        }
        let counts = || [anna, ben, nora].map(|one| one.counts(demo, subject));
        assert_eq!(counts(), [(1, 2, 2), (1, 1, 1), (1, 1, 1)]);
        anna.app.delete(&path).is(204);
        assert_eq!(counts(), [(0, 2, 2), (1, 2, 2), (1, 2, 2)]);
    });
}
