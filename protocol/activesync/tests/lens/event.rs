//! Single events: every property, in both directions.

use activesync_wire::Version;
use activesync_wire::body::{BodyPreference, BodyType};
use activesync_wire::convert::calendar::{Reader, Writer, from_wire, to_wire};
use activesync_wire::item::calendar::{
    Attendee, AttendeeStatus, AttendeeType, BusyStatus, Event, Location, MeetingStatus, ResponseType,
    Sensitivity, TimeZone,
};
use activesync_wire::item::{Body, BodyData, Sent};

use crate::phone::{OWNER, Phone, UID, at, central_europe, has, vevent};

fn text(text: &str) -> Sent<Body> {
    Sent::Value(Body {
        body_type: BodyType::Plain,
        estimated_data_size: u64::try_from(text.len()).unwrap(),
        truncated: false,
        data: Some(BodyData::Text(text.into())),
        preview: None,
    })
}

fn appointment() -> Event {
    Event {
        time_zone: Sent::Value(central_europe()),
        start_time: Sent::Value(at("20260302T080000Z")),
        end_time: Sent::Value(at("20260302T090000Z")),
        all_day: Sent::Value(false),
        subject: Sent::Value("dentist, again; sigh".into()),
        location: Sent::Value(Location { display_name: "High Street 1".into(), ..Location::default() }),
        body: text("bring the card\r\nand money"),
        categories: Sent::Value(vec!["Health, teeth".into(), "Private".into()]),
        sensitivity: Sent::Value(Sensitivity::Private),
        busy_status: Sent::Value(BusyStatus::OutOfOffice),
        reminder: Sent::Value(30),
        ..Event::default()
    }
}

#[test]
fn what_a_phone_adds_is_stored_and_read_back() {
    for phone in Phone::both() {
        let stored = phone.adds(&appointment());
        for line in [
            "UID:made-by-us",
            "SUMMARY:dentist\\, again\\; sigh",
            "DTSTART;TZID=Europe/Berlin:20260302T090000",
            "DTEND;TZID=Europe/Berlin:20260302T100000",
            "LOCATION:High Street 1",
            "DESCRIPTION:bring the card\\nand money",
            "CLASS:PRIVATE",
            "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
            "TRIGGER:-PT30M",
            "BEGIN:VTIMEZONE",
        ] {
            assert!(has(&stored, line), "{line} in {}", String::from_utf8_lossy(&stored));
        }
        let seen = phone.repeats(&stored);
        let sent = Event::parse(&phone.document(&appointment()), phone.version).unwrap();
        assert_eq!((seen.subject, seen.location, seen.body), (sent.subject, sent.location, sent.body));
        assert_eq!((seen.start_time, seen.end_time), (sent.start_time, sent.end_time));
        assert_eq!((seen.categories, seen.reminder), (sent.categories, sent.reminder));
        assert_eq!((seen.sensitivity, seen.busy_status), (sent.sensitivity, sent.busy_status));
    }
}

#[test]
fn clients_name_new_events_up_to_14_1_only() {
    let named = Event { uid: Sent::Value("of the phone".into()), ..appointment() };
    let [old, new] = Phone::both();
    assert_eq!(old.sees(&old.adds(&named)).uid, Sent::Value("of the phone".into()));
    assert_eq!(new.sees(&new.adds(&named)).uid, Sent::Value(UID.into()), "MS-ASCAL R2221");
}

/// MS-ASCAL section 3.2.4.4; it is noon.
#[test]
fn missing_times_are_found_or_refused() {
    let phone = Phone::new(Version::V14_1);
    let event = |start: Option<&str>, end: Option<&str>| Event {
        start_time: Sent::from(start.map(at)),
        end_time: Sent::from(end.map(at)),
        ..Event::default()
    };
    let add = |event: &Event| {
        from_wire(None, event, &phone.writer()).map(|stored| {
            let seen = phone.sees(&stored);
            (*seen.start_time.value().unwrap(), *seen.end_time.value().unwrap())
        })
    };
    let (noon, half_past) = (at("20260301T120000Z"), at("20260301T123000Z"));
    assert_eq!(add(&event(None, None)), Ok((noon, half_past)));
    let later = at("20260301T150000Z");
    assert_eq!(add(&event(None, Some("20260301T150000Z"))), Ok((noon, later)));
    assert_eq!(add(&event(Some("20260301T090000Z"), None)), Ok((at("20260301T090000Z"), half_past)));
    assert!(add(&event(None, Some("20260301T090000Z"))).is_err());
    assert!(add(&event(Some("20260301T150000Z"), None)).is_err());
    assert!(add(&event(Some("20260301T150000Z"), Some("20260301T140000Z"))).is_err());
}

#[test]
fn a_change_of_nothing_changes_no_byte() {
    let stored = vevent(&[
        "DTSTART:20260302T080000Z",
        "DURATION:PT1H",
        "SUMMARY;LANGUAGE=de:Termin\t\\, fett",
        "X-OF-OTHERS;X-A=1:keep",
        "TRANSP:OPAQUE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER;RELATED=END:-PT90M",
        "END:VALARM",
    ]);
    for phone in Phone::both() {
        assert_eq!(phone.changes(&stored, &phone.repeats(&stored)), stored);
    }
}

#[test]
fn a_change_touches_its_own_lines() {
    let stored = vevent(&[
        "dtstart;tzid=Europe/Berlin:20260302T090000",
        "DURATION:PT1H",
        "SUMMARY;LANGUAGE=de:Termin",
        "X-OF-OTHERS;X-A=1:keep",
        "STATUS:CONFIRMED",
    ]);
    for phone in Phone::both() {
        let edit = Event { subject: Sent::Value("Neu".into()), ..phone.repeats(&stored) };
        let changed = phone.changes(&stored, &edit);
        assert!(has(&changed, "SUMMARY;LANGUAGE=de:Neu"), "{}", String::from_utf8_lossy(&changed));
        for line in ["dtstart;tzid=Europe/Berlin:20260302T090000", "DURATION:PT1H", "X-OF-OTHERS;X-A=1:keep"]
        {
            assert!(has(&changed, line), "{line}");
        }
    }
}

#[test]
fn what_is_left_out_goes_up_to_14_1_and_stays_from_16_0() {
    let [old, new] = Phone::both();
    let stored = old.adds(&appointment());
    let times = Event {
        start_time: Sent::Value(at("20260302T080000Z")),
        end_time: Sent::Value(at("20260302T090000Z")),
        subject: Sent::Value("dentist".into()),
        ..Event::default()
    };
    let seen = old.sees(&old.changes(&stored, &times));
    assert_eq!((seen.location, seen.reminder), (Sent::Absent, Sent::Absent), "MS-ASCMD R879");
    assert_eq!(seen.body, text("bring the card\r\nand money"), "MS-ASCMD R878");
    let seen = new.sees(&new.changes(&stored, &times));
    assert_eq!(seen.reminder, Sent::Value(30), "MS-ASCAL R2231");
    let emptied = Event { reminder: Sent::Empty, location: Sent::Empty, ..Event::default() };
    let seen = new.sees(&new.changes(&stored, &emptied));
    assert_eq!((seen.reminder, seen.location), (Sent::Empty, Sent::Empty), "MS-ASAIRS R1001013");
}

#[test]
fn a_moved_event_stays_in_its_zone() {
    let stored = vevent(&[
        "DTSTART;TZID=America/New_York:20260302T090000",
        "DTEND;TZID=America/New_York:20260302T100000",
    ]);
    for phone in Phone::both() {
        let later = Event {
            start_time: Sent::Value(at("20260302T150000Z")),
            end_time: Sent::Value(at("20260302T160000Z")),
            ..phone.repeats(&stored)
        };
        let changed = phone.changes(&stored, &later);
        assert!(
            has(&changed, "DTSTART;TZID=America/New_York:20260302T100000"),
            "{}",
            String::from_utf8_lossy(&changed)
        );
        let elsewhere = Event { time_zone: Sent::Value(central_europe()), ..later };
        let changed = phone.changes(&stored, &elsewhere);
        assert!(
            has(&changed, "DTSTART;TZID=Europe/Berlin:20260302T160000"),
            "{}",
            String::from_utf8_lossy(&changed)
        );
        assert!(has(&changed, "BEGIN:VTIMEZONE"));
    }
}

#[test]
fn a_zone_that_nobody_knows_gets_a_definition() {
    let odd = TimeZone { bias: -77, standard_name: "Somewhere".into(), ..TimeZone::default() };
    let phone = Phone::new(Version::V14_1);
    let stored = phone.adds(&Event { time_zone: Sent::Value(odd), ..appointment() });
    assert!(has(&stored, "TZID:Somewhere"), "{}", String::from_utf8_lossy(&stored));
    assert!(has(&stored, "DTSTART;TZID=Somewhere:20260302T091700"), "{}", String::from_utf8_lossy(&stored));
    assert_eq!(phone.sees(&stored).start_time, Sent::Value(at("20260302T080000Z")));
}

/// The clocks of Berlin show half past two twice in this night.
#[test]
fn an_hour_that_comes_twice_is_kept() {
    for phone in Phone::both() {
        let night = Event {
            start_time: Sent::Value(at("20261025T003000Z")),
            end_time: Sent::Value(at("20261025T013000Z")),
            ..appointment()
        };
        let stored = phone.adds(&night);
        let seen = phone.sees(&stored);
        assert_eq!((&seen.start_time, &seen.end_time), (&night.start_time, &night.end_time));
        let half = Event { start_time: night.end_time.clone(), ..phone.repeats(&stored) };
        assert_eq!(phone.sees(&phone.changes(&stored, &half)).start_time, night.end_time);
    }
}

#[test]
fn an_end_needs_a_start() {
    let phone = Phone::new(Version::V16_1);
    let stored = phone.adds(&appointment());
    let end = Event { end_time: Sent::Value(at("20260302T100000Z")), ..Event::default() };
    assert!(phone.tries(&stored, &end).is_err(), "MS-ASCAL R53915");
}

fn invitation(own: &str) -> Vec<u8> {
    vevent(&[
        "DTSTART:20260302T080000Z",
        "DTEND:20260302T090000Z",
        "ORGANIZER;CN=Bert:mailto:bert@a.test",
        "ATTENDEE;CN=Bert;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:bert@a.test",
        &format!("ATTENDEE;CN=Anna;RSVP=TRUE;PARTSTAT={own}:mailto:{OWNER}"),
        "ATTENDEE;CUTYPE=ROOM;X-NUM=7:mailto:room@a.test",
    ])
}

#[test]
fn an_invitation_shows_organizer_guests_and_answer() {
    for (word, response, busy) in [
        ("NEEDS-ACTION", ResponseType::NotResponded, BusyStatus::Tentative),
        ("TENTATIVE", ResponseType::Tentative, BusyStatus::Tentative),
        ("ACCEPTED", ResponseType::Accepted, BusyStatus::Busy),
        ("DECLINED", ResponseType::Declined, BusyStatus::Busy),
    ] {
        let seen = Phone::new(Version::V14_1).sees(&invitation(word));
        assert_eq!(seen.response_type, Sent::Value(response), "{word}");
        assert_eq!(seen.busy_status, Sent::Value(busy), "{word}");
        let meeting = MeetingStatus { is_meeting: true, is_received: true, is_cancelled: false };
        assert_eq!(seen.meeting_status, Sent::Value(meeting));
        assert_eq!(seen.organizer_email, Sent::Value("bert@a.test".into()));
        let guests: Vec<_> =
            seen.attendees.value().unwrap().iter().map(|guest| (guest.email.as_str(), guest.kind)).collect();
        let required = Some(AttendeeType::Required);
        assert_eq!(guests, [(OWNER, required), ("room@a.test", Some(AttendeeType::Resource))]);
    }
}

#[test]
fn guests_who_stay_keep_their_lines() {
    let phone = Phone::new(Version::V14_1);
    let stored = invitation("ACCEPTED");
    let mut event = phone.repeats(&stored);
    let Sent::Value(guests) = &mut event.attendees else { panic!("no attendees") };
    guests.remove(0);
    guests.push(Attendee {
        email: "carl@c.test".into(),
        name: "Carl".into(),
        status: None,
        kind: Some(AttendeeType::Optional),
    });
    let changed = phone.changes(&stored, &event);
    for line in [
        "ORGANIZER;CN=Bert:mailto:bert@a.test",
        "ATTENDEE;CN=Bert;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:bert@a.test",
        "ATTENDEE;CUTYPE=ROOM;X-NUM=7:mailto:room@a.test",
    ] {
        assert!(has(&changed, line), "{line} in {}", String::from_utf8_lossy(&changed));
    }
    let text = String::from_utf8_lossy(&changed).replace("\r\n ", "");
    assert!(text.contains("carl@c.test") && !text.contains(OWNER), "{text}");
}

#[test]
fn a_meeting_made_on_a_phone_has_its_owner_as_organizer() {
    let guest = Attendee {
        email: "bert@a.test".into(),
        name: "Bert".into(),
        status: Some(AttendeeStatus::NotResponded),
        kind: Some(AttendeeType::Required),
    };
    for phone in Phone::both() {
        let stored = phone.adds(&Event { attendees: Sent::Value(vec![guest.clone()]), ..appointment() });
        let seen = phone.sees(&stored);
        assert_eq!(seen.organizer_email, Sent::Value(OWNER.into()));
        assert_eq!(seen.attendees.value().unwrap().len(), 1);
        assert_eq!(seen.response_type, Sent::Value(ResponseType::Organizer));
        let none = Event { attendees: Sent::Empty, ..phone.repeats(&stored) };
        let alone = phone.changes(&stored, &none);
        let text = String::from_utf8_lossy(&alone).into_owned();
        assert!(!text.contains("ATTENDEE") && !text.contains("ORGANIZER"), "{text}");
    }
}

#[test]
fn html_notes_survive_a_phone_that_reads_text() {
    let html = "<html><body><b>fat</b> text</body></html>";
    let stored = vevent(&[
        "DTSTART:20260302T080000Z",
        "DESCRIPTION:fat text",
        &format!("X-ALT-DESC;FMTTYPE=text/html:{html}"),
    ]);
    let phone = Phone::new(Version::V14_1);
    let prefer =
        |body_type| [BodyPreference { body_type, truncation_size: None, all_or_none: false, preview: 0 }];
    let (plain, rich) = (prefer(BodyType::Plain), prefer(BodyType::Html));
    let shown = |preferences| {
        let reader = Reader { preferences, ..phone.reader() };
        to_wire(&stored, &reader).unwrap().body.into_value().unwrap()
    };
    assert_eq!(shown(&plain).data, Some(BodyData::Text("fat text".into())));
    assert_eq!(shown(&rich).data, Some(BodyData::Text(html.into())));
    for preferences in [&plain, &rich] {
        let writer = Writer { reader: Reader { preferences, ..phone.reader() }, ..phone.writer() };
        let event = Event { body: Sent::Value(shown(preferences)), ..phone.repeats(&stored) };
        assert_eq!(from_wire(Some(&stored), &event, &writer).unwrap(), stored);
    }
    let other = Event { body: text("thin"), ..phone.repeats(&stored) };
    let changed = phone.changes(&stored, &other);
    assert!(has(&changed, "DESCRIPTION:thin") && !String::from_utf8_lossy(&changed).contains("X-ALT-DESC"));
}

#[test]
fn what_was_cut_for_the_phone_is_no_new_text() {
    let stored = vevent(&["DTSTART:20260302T080000Z", "DESCRIPTION:a long story"]);
    let phone = Phone::new(Version::V14_1);
    let preferences = [BodyPreference {
        body_type: BodyType::Plain,
        truncation_size: Some(6),
        all_or_none: false,
        preview: 0,
    }];
    let reader = Reader { preferences: &preferences, ..phone.reader() };
    let event = Event { body: text("a long"), subject: Sent::Value("s".into()), ..phone.repeats(&stored) };
    let changed = from_wire(Some(&stored), &event, &Writer { reader, ..phone.writer() }).unwrap();
    assert!(has(&changed, "DESCRIPTION:a long story") && has(&changed, "SUMMARY:s"));
}

/// MS-ASCAL R397, R398.
#[test]
fn guests_are_asked_for_an_answer_or_not() {
    let guest = |email: &str| Attendee {
        email: email.into(),
        name: String::new(),
        status: None,
        kind: Some(AttendeeType::Required),
    };
    for phone in Phone::both() {
        let silent = Event {
            attendees: Sent::Value(vec![guest("bert@a.test")]),
            response_requested: Sent::Value(false),
            ..appointment()
        };
        let stored = phone.adds(&silent);
        assert!(!String::from_utf8_lossy(&stored).replace("\r\n ", "").contains("RSVP"));
        assert_eq!(phone.sees(&stored).response_requested, Sent::Value(false));
        let both = vec![guest("bert@a.test"), guest("carl@a.test")];
        let more = Event { attendees: Sent::Value(both), ..phone.repeats(&stored) };
        let stored = phone.changes(&stored, &more);
        let text = String::from_utf8_lossy(&stored).replace("\r\n ", "");
        assert!(!text.contains("RSVP"), "who joins is asked as the others are: {text}");
        let asked = Event { response_requested: Sent::Value(true), ..phone.repeats(&stored) };
        let stored = phone.changes(&stored, &asked);
        let text = String::from_utf8_lossy(&stored).replace("\r\n ", "");
        assert_eq!(text.matches("RSVP=TRUE").count(), 2, "{text}");
        assert_eq!(phone.sees(&stored).response_requested, Sent::Value(true));
        let theirs = invitation("ACCEPTED");
        let rude = Event {
            response_requested: Sent::Value(false),
            disallow_new_time_proposal: Sent::Value(true),
            ..phone.repeats(&theirs)
        };
        assert_eq!(phone.changes(&theirs, &rude), theirs, "it is the organizer who asks");
    }
}

/// MS-ASCAL R214, R217.
#[test]
fn other_times_may_be_proposed_unless_it_is_said() {
    const LINE: &str = "X-MICROSOFT-DISALLOW-COUNTER:TRUE";
    let [old, new] = Phone::both();
    let fixed = Event { disallow_new_time_proposal: Sent::Value(true), ..appointment() };
    let stored = old.adds(&fixed);
    assert!(has(&stored, LINE));
    assert_eq!(new.sees(&stored).disallow_new_time_proposal, Sent::Value(true));
    let silent = |phone: &Phone| Event { disallow_new_time_proposal: Sent::Absent, ..phone.repeats(&stored) };
    assert!(!has(&old.changes(&stored, &silent(&old)), LINE), "the default is that they may");
    assert!(has(&new.changes(&stored, &silent(&new)), LINE), "what is absent is ghosted");
    let free = Event { disallow_new_time_proposal: Sent::Value(false), ..new.repeats(&stored) };
    assert!(!has(&new.changes(&stored, &free), LINE));
}

#[test]
fn a_new_place_does_not_keep_the_coordinates_of_the_old_one() {
    let phone = Phone::new(Version::V16_1);
    let stored = vevent(&["DTSTART:20260302T080000Z", "LOCATION:Berlin", "GEO:52.5;13.4"]);
    for (latitude, longitude, line) in [
        ("", "", None),
        ("here", "there", None),
        ("NaN", "13.4", None),
        ("91", "13.4", None),
        ("48.1", "11.6", Some("GEO:48.1;11.6")),
    ] {
        let place = Location {
            display_name: "Munich".into(),
            latitude: latitude.into(),
            longitude: longitude.into(),
            ..Location::default()
        };
        let event = Event { location: Sent::Value(place), ..Event::default() };
        let text = String::from_utf8_lossy(&phone.changes(&stored, &event)).into_owned();
        let geo = text.lines().find(|line| line.starts_with("GEO"));
        assert_eq!(geo, line, "{latitude} {longitude}");
    }
}
