//! MeetingResponse of one occurrence, and by the id of a result; items of which one cannot be.

use blackbox::{Account, Demo, Element, Phone, Store, calendar, kind, unique};

/// Ben asks Anna to a weekly meeting of four Mondays; its subject, once both her mail and her event are there.
fn asked(demo: &Demo, anna: &Account, ben: &Account) -> String {
    let (his, uid) = (demo.dav(ben), unique());
    let inner = format!(
        "DTSTART:20270315T080000Z\nDTEND:20270315T090000Z\nSUMMARY:{uid}\nRRULE:FREQ=WEEKLY;COUNT=4\n\
         ORGANIZER:mailto:{}\nATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:{}\n",
        ben.address, anna.address
    );
    his.put(&format!("{}{uid}.ics", his.own(Some("VEVENT"))), &calendar("VEVENT", &uid, &inner)).is(201);
    let mut imap = demo.imap(anna);
    imap.select("INBOX");
    blackbox::eventually("the invitation arrives", || {
        imap.ok("NOOP");
        (imap.uids_of(&uid).len() == 1).then_some(())
    });
    uid
}

fn respond(phone: &Phone, answer: &str, fields: Vec<Element>, send: bool) -> Element {
    let mut inner = vec![Element::text("MeetingResponse:UserResponse", answer)];
    inner.extend(fields);
    inner.extend(send.then(|| Element::of("MeetingResponse:SendResponse", [])));
    let request = Element::of("MeetingResponse:Request", inner);
    let root = Element::of("MeetingResponse:MeetingResponse", [request]);
    phone.command("MeetingResponse", Some(&root)).unwrap()
}

/// How Anna answered, as Ben's calendar shows it: PARTSTAT of the series, and of the occurrence of a day.
fn heard(demo: &Demo, anna: &Account, ben: &Account, uid: &str, day: &str) -> (String, Option<String>) {
    let his = demo.dav(ben);
    let (_, text) = his.object_with(&his.own(Some("VEVENT")), uid);
    let of = |part: &blackbox::Part| {
        let line =
            part.lines.iter().find(|line| line.starts_with("ATTENDEE") && line.contains(&anna.address));
        let line = line.unwrap_or_else(|| panic!("{text}"));
        let at = line.find("PARTSTAT=").unwrap_or_else(|| panic!("{line}"));
        line[at + 9..].split([';', ':']).next().unwrap().to_owned()
    };
    let parts = blackbox::parts(&text, "VEVENT");
    let is_of_day = |part: &&blackbox::Part| {
        part.lines.iter().any(|line| line.starts_with("RECURRENCE-ID") && line.contains(day))
    };
    let master = parts.iter().find(|part| !part.lines.iter().any(|line| line.starts_with("RECURRENCE-ID")));
    (of(master.unwrap()), parts.iter().find(is_of_day).map(of))
}

// MS-ASCAL R312 R414 R418 R40211 R52522
// MS-ASCMD R4180 R4186 R5707
#[test]
fn one_occurrence_is_accepted_by_its_event_and_the_others_wait() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    for version in ["14.1", "16.0", "16.1"] {
        let uid = asked(&demo, &anna, &ben);
        let mut phone = demo.phone(&anna, version);
        phone.provision();
        let mut events = phone.items(kind::CALENDAR);
        let item = events.id_of(&uid);
        let before = events.with(&uid);
        assert_eq!(before.get("ResponseType").as_deref(), Some("5"), "{version}: {}", before.shown());
        assert!(before.at("AppointmentReplyTime").is_none(), "{version}: {}", before.shown());
        assert_eq!(before.get("MeetingStatus").as_deref(), Some("3"), "{version}: {}", before.shown());
        let moment = |day: &str| match version < "16" {
            true => format!("2027-03-{day}T08:00:00.000Z"),
            false => format!("202703{day}T080000Z"),
        };
        let of = |day: &str| {
            vec![
                Element::text("MeetingResponse:CollectionId", &events.folder.id),
                Element::text("MeetingResponse:RequestId", &item),
                Element::text("MeetingResponse:InstanceId", &moment(day)),
            ]
        };
        let nothing = respond(&phone, "1", of("23"), version >= "16");
        assert_eq!(nothing.get("Result/Status").as_deref(), Some("2"), "{version}: {}", nothing.shown());
        let root = respond(&phone, "1", of("22"), version >= "16");
        assert_eq!(root.get("Result/Status").as_deref(), Some("1"), "{version}: {}", root.shown());
        assert_eq!(root.get("Result/CalendarId").as_ref(), Some(&item), "{version}: {}", root.shown());
        phone.sync_items(&mut events);
        let event = events.with(&uid);
        assert_eq!(event.get("ResponseType").as_deref(), Some("5"), "{version}: {}", event.shown());
        let exception = event.at("Exceptions/Exception").unwrap_or_else(|| panic!("{}", event.shown()));
        assert_eq!(exception.get("ResponseType").as_deref(), Some("3"), "{version}: {}", event.shown());
        if version >= "16" {
            let (series, one) = heard(&demo, &anna, &ben, &uid, "20270322");
            assert_eq!((series.as_str(), one.as_deref()), ("NEEDS-ACTION", Some("ACCEPTED")), "{version}");
        }
    }
    demo.consistent();
}

// MS-ASCAL R412 R569 R570
#[test]
fn an_invitation_that_was_found_is_answered_by_its_long_id() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    let answers = [("1", "3", "2"), ("2", "2", "1")];
    for (version, (answer, told, busy)) in
        super::VERSIONS.iter().flat_map(|version| answers.map(|one| (*version, one)))
    {
        let uid = asked(&demo, &anna, &ben);
        let mut phone = demo.phone(&anna, version);
        let inbox = phone.synced(2);
        let long = super::sending::long_id(&phone, &inbox.id, &uid);
        let root = respond(&phone, answer, vec![Element::text("Search:LongId", &long)], version >= "16");
        assert_eq!(root.get("Result/Status").as_deref(), Some("1"), "{version}: {}", root.shown());
        let events = phone.items(kind::CALENDAR);
        let id = root.get("Result/CalendarId");
        assert_eq!(id, Some(events.id_of(&uid)), "{version}: {}", root.shown());
        let event = events.with(&uid);
        assert_eq!(event.get("BusyStatus").as_deref(), Some(busy), "{version}: {}", event.shown());
        let is_told = (version >= "14").then_some(told);
        assert_eq!(event.get("ResponseType").as_deref(), is_told, "{version}: {}", event.shown());
        let own = event.get("Attendees/Attendee/AttendeeStatus");
        assert_eq!(own.as_deref(), Some(told), "{version}: {}", event.shown());
        let unknown =
            respond(&phone, answer, vec![Element::text("Search:LongId", "no-such")], version >= "16");
        assert_eq!(unknown.get("Result/Status").as_deref(), Some("2"), "{version}: {}", unknown.shown());
    }
    demo.consistent();
}

// MS-ASCMD R4419
#[test]
fn an_item_that_cannot_be_is_refused_alone_and_those_beside_it_are_stored() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    for version in ["14.1", "16.1"] {
        let mut phone = demo.phone(&anna, version);
        phone.provision();
        let mut events = phone.items(kind::CALENDAR);
        let event = |name: &str, end: &str| {
            let fields =
                [("StartTime", "20270315T080000Z"), ("EndTime", end), ("Subject", name), ("BusyStatus", "2")];
            Element::add_item(&Phone::client_id(), blackbox::texts("Calendar", &fields))
        };
        let names = [(); 3].map(|()| unique());
        let commands = [
            event(&names[0], "20270315T090000Z"),
            event(&names[1], "x"),
            event(&names[2], "20270315T100000Z"),
        ];
        let sent: Vec<_> = commands.iter().map(|add| add.get("ClientId")).collect();
        let told = phone.sync_items_once(&mut events, &commands);
        let status_of = |client_id: &Option<String>| {
            let its = |one: &&Element| one.get("ClientId") == *client_id;
            told.responses.iter().find(its).unwrap_or_else(|| panic!("{told:?}")).get("Status").unwrap()
        };
        let statuses: Vec<String> = sent.iter().map(status_of).collect();
        assert_eq!(statuses, ["1", "6", "1"], "{version}: {told:?}");
        let seen = demo.dav(&anna);
        let objects = seen.objects(&seen.own(Some("VEVENT")));
        let stored = |name: &String| objects.iter().any(|(_, text)| text.contains(name));
        assert_eq!(names.each_ref().map(stored), [true, false, true], "{version}");
    }
    demo.consistent();
}

// MS-ASCMD R876 R877
// MS-ASCAL R541 R542
#[test]
fn exceptions_that_a_phone_does_not_name_stay() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let app = demo.dav(&anna);
    for version in ["12.1", "14.0", "14.1"] {
        let uid = unique();
        let part = |start: &str, rest: &str| {
            format!(
                "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{start}T080000Z\r\n\
                 DTEND:{start}T090000Z\r\n{rest}END:VEVENT\r\n"
            )
        };
        let series = format!("SUMMARY:{uid}\r\nRRULE:FREQ=WEEKLY;COUNT=5\r\nEXDATE:20270322T080000Z\r\n");
        let other = format!("SUMMARY:{uid} other\r\nRECURRENCE-ID:20270329T080000Z\r\n");
        let object = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//probe//EN\r\n{}{}END:VCALENDAR\r\n",
            part("20270315", &series),
            part("20270330", &other)
        );
        let target = format!("{}{uid}.ics", app.own(Some("VEVENT")));
        app.put(&target, &object).is(201);
        let mut phone = demo.phone(&anna, version);
        phone.provision();
        let mut events = phone.items(kind::CALENDAR);
        let id = events.id_of(&uid);
        let mut data = events.with(&uid).edited(version, "Calendar", &[("Location", "Saal")]);
        data.retain(|child| child.tag != "Calendar:Exceptions");
        let told = phone.sync_items_once(&mut events, &[Element::change_item(&id, data)]);
        assert!(told.responses.is_empty(), "{version}: {told:?}");
        let text = app.get(&target).is(200).text();
        let kept = ["LOCATION:Saal", "20270322T080000Z", &format!("{uid} other"), "20270329T080000Z"];
        for one in kept {
            assert!(text.contains(one), "{version} {one}: {text}");
        }
        // One more: those before it stay, too.
        let exception = [("Deleted", "1"), ("ExceptionStartTime", "20270405T080000Z")];
        let exception = Element::of("Calendar:Exception", blackbox::texts("Calendar", &exception));
        let mut data = events.with(&uid).edited(version, "Calendar", &[("Location", "Saal")]);
        data.retain(|child| child.tag != "Calendar:Exceptions");
        data.push(Element::of("Calendar:Exceptions", [exception]));
        let told = phone.sync_items_once(&mut events, &[Element::change_item(&id, data)]);
        assert!(told.responses.is_empty(), "{version}: {told:?}");
        let text = app.get(&target).is(200).text();
        for one in kept.into_iter().chain(["20270405T080000Z"]) {
            assert!(text.contains(one), "{version} {one}: {text}");
        }
    }
    demo.consistent();
}
