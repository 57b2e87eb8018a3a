//! What is kept beside the bytes, and what is refused.

use calendar::{
    ALARMS_MAX, COMPONENTS_MAX, ComponentKind, DataFault, Invalid, ResourceFault, ZONES_MAX, describe, edit,
};

use super::given::{component, event, parse, utc};

const HOUR_MS: i64 = 3_600_000;

#[test]
fn an_event_is_described() {
    let described = describe(
        event("SUMMARY:Lunch\\, late\nDTSTART;TZID=Europe/Berlin:20240701T120000\nDURATION:PT1H\nCLASS:CONFIDENTIAL").as_bytes(),
    )
    .unwrap();
    assert_eq!((described.kind, described.uid.as_str()), (ComponentKind::Event, "1"));
    assert_eq!(described.summary.as_deref(), Some("Lunch, late"));
    assert!(described.is_private && !described.is_recurring && !described.is_completed);
    assert_eq!(
        (described.start, described.end),
        (Some(utc("20240701T100000")), Some(utc("20240701T110000")))
    );
}

#[test]
fn the_range_covers_all_occurrences() {
    for (lines, start, end) in [
        (
            "DTSTART:20240701T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3",
            "20240701T100000",
            Some("20240703T110000"),
        ),
        (
            "DTSTART:20240701T100000Z\nRRULE:FREQ=DAILY;UNTIL=20240710T100000Z",
            "20240701T100000",
            Some("20240710T100000"),
        ),
        ("DTSTART:20240701T100000Z\nRRULE:FREQ=DAILY", "20240701T100000", None),
        (
            "DTSTART:20240701T100000Z\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20240701T100000Z",
            "20240702T100000",
            Some("20240702T100000"),
        ),
        ("DTSTART:20240701T100000Z\nRDATE:20240601T100000Z", "20240601T100000", Some("20240701T100000")),
        ("DTSTART:20240701T100000Z\nRRULE:FREQ=SECONDLY;COUNT=4000000000", "20240701T100000", None),
        (
            "DTSTART:20240701T100000Z\nRRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20240702T100000Z\nDTSTART:20250101T000000Z",
            "20240701T100000",
            Some("20250101T000000"),
        ),
    ] {
        let described = describe(event(lines).as_bytes()).unwrap();
        assert_eq!((described.start, described.end), (Some(utc(start)), end.map(utc)), "{lines}");
    }
}

#[test]
fn dates_and_floating_times_are_described_for_the_whole_world() {
    for (lines, start, end) in [
        ("DTSTART;VALUE=DATE:20240701", "20240701T000000", "20240702T000000"),
        ("DTSTART:20240701T100000\nDURATION:PT1H", "20240701T100000", "20240701T110000"),
        ("DTSTART;TZID=Nobody knows:20240701T100000\nDURATION:PT1H", "20240701T100000", "20240701T110000"),
    ] {
        let described = describe(event(lines).as_bytes()).unwrap();
        assert_eq!(described.start.unwrap().0, utc(start).0 - 14 * HOUR_MS, "{lines}");
        assert_eq!(described.end.unwrap().0, utc(end).0 + 12 * HOUR_MS, "{lines}");
    }
}

#[test]
fn a_task_is_done_by_any_of_three_words() {
    for (lines, done) in [
        ("STATUS:COMPLETED", true),
        ("COMPLETED:20240701T100000Z", true),
        ("PERCENT-COMPLETE:100", true),
        ("PERCENT-COMPLETE:99", false),
        ("STATUS:NEEDS-ACTION\nPERCENT-COMPLETE:100", false),
        ("SUMMARY:open", false),
    ] {
        let described = describe(component("VTODO", lines).as_bytes()).unwrap();
        assert_eq!((described.is_completed, described.start, described.end), (done, None, None), "{lines}");
    }
}

/// RFC 4791 section 5.3.2.1.
#[test]
fn refusals_name_their_precondition() {
    let refused = |text: &str| describe(text.replace('\n', "\r\n").as_bytes()).unwrap_err();
    let in_calendar = |lines: &str| format!("BEGIN:VCALENDAR\nVERSION:2.0\n{lines}\nEND:VCALENDAR\n");
    const ONE: &str = "BEGIN:VEVENT\nUID:1\nDTSTART:20240701T100000Z\nEND:VEVENT";
    for text in ["", "hello", "BEGIN:VCARD\nEND:VCARD\n", ONE, &format!("{0}{0}", in_calendar(ONE))] {
        assert_eq!(refused(text), Invalid::CalendarData(DataFault::NotOneCalendar), "{text}");
    }
    for text in
        ["BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n".to_owned(), in_calendar("BEGIN:VEVENT\nUID:1\nEND:VTODO")]
    {
        assert!(matches!(refused(&text), Invalid::CalendarData(DataFault::Unbalanced { .. })), "{text}");
    }
    assert_eq!(
        refused(&in_calendar("BEGIN:VEVENT\nUID:1\nEND:VEVENT")),
        Invalid::CalendarData(DataFault::NoStart)
    );
    let resource = [
        ("BEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE".to_owned(), ResourceFault::NoComponent),
        (format!("METHOD:REQUEST\n{ONE}"), ResourceFault::Method),
        (format!("{ONE}\n{}", ONE.replace("UID:1", "UID:2")), ResourceFault::SeveralUids),
        (format!("{ONE}\n{}", ONE.replace("VEVENT", "VTODO")), ResourceFault::SeveralKinds),
        (ONE.replace("UID:1\n", ""), ResourceFault::NoUid),
    ];
    for (lines, fault) in resource {
        assert_eq!(refused(&in_calendar(&lines)), Invalid::ObjectResource(fault), "{lines}");
    }
    let latin: Vec<u8> = event("DTSTART:20240701T100000Z\nSUMMARY:caf?")
        .bytes()
        .map(|byte| if byte == b'?' { 0xe9 } else { byte })
        .collect();
    assert!(matches!(describe(&latin).unwrap_err(), Invalid::CalendarData(DataFault::NotUtf8 { .. })));
}

#[test]
fn one_property_that_nobody_can_read_does_not_spoil_the_object() {
    let described = describe(
        event("DTSTART:20240701T100000Z\nDTEND:tomorrow\nRRULE:FREQ=SOMETIMES\nEXDATE:never\nPRIORITY:high\nGEO:here\nDURATION:long\nRECURRENCE-ID:then\njunk\nX-\u{7}BELL:1")
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(
        (described.start, described.end),
        (Some(utc("20240701T100000")), Some(utc("20240701T100000")))
    );
}

#[test]
fn limits_hold_at_their_number() {
    let one = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20240701T100000Z\r\nEND:VEVENT\r\n";
    let many = |count: usize| format!("BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n", one.repeat(count));
    assert!(describe(many(COMPONENTS_MAX).as_bytes()).is_ok());
    let refused = Invalid::CalendarData(DataFault::TooManyComponents);
    assert_eq!(describe(many(COMPONENTS_MAX + 1).as_bytes()), Err(refused));

    let alarm = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:PT0S\nEND:VALARM\n";
    for (count, read) in [(ALARMS_MAX, ALARMS_MAX), (ALARMS_MAX + 1, ALARMS_MAX)] {
        let object = parse(&event(&format!("DTSTART:20240701T100000Z\n{}", alarm.repeat(count).trim_end())));
        assert_eq!(object.components[0].alarms.len(), read);
    }

    let zones: Vec<String> = (0..=ZONES_MAX).map(|zone| format!("/x{zone:02}/Europe/Berlin")).collect();
    let dates = zones.iter().map(|zone| format!("\nRDATE;TZID={zone}:20240701T100000")).collect::<String>();
    let object = parse(&event(&format!("DTSTART:20240701T100000Z{dates}")));
    let known = zones.iter().filter(|zone| object.zone(zone).is_some()).count();
    assert_eq!(known, ZONES_MAX);
}

/// Objects that would cost much if any step looked at all others.
#[test]
fn large_objects_cost_no_more_than_their_size() {
    let exceptions: String =
        (0..50_000).map(|at| format!("\nEXDATE;TZID=Zone {at}:20240701T100000")).collect();
    let people: String = (0..50_000).map(|at| format!("\nATTENDEE:mailto:{at}@example.test")).collect();
    let changes: String = (0..5_000)
        .map(|at| {
            let day = chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() + chrono::Days::new(at);
            let range = if at % 2 == 0 { ";RANGE=THISANDFUTURE" } else { "" };
            format!(
                "\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID{range}:{0}T100000Z\nDTSTART:{0}T110000Z",
                day.format("%Y%m%d")
            )
        })
        .collect();
    for lines in [exceptions, people, changes] {
        let text = event(&format!("DTSTART:20000101T100000Z\nRRULE:FREQ=DAILY;COUNT=9000{lines}"));
        #[expect(clippy::disallowed_methods, reason = "the test measures its own time")]
        let began = std::time::Instant::now();
        let described = describe(text.as_bytes()).unwrap();
        assert!(described.end.is_some());
        let attendees = parse(&text).components[0].attendees.iter().rev().cloned().collect();
        let change = edit::Change { attendees: edit::Field::Set(attendees), ..edit::Change::default() };
        assert_eq!(edit::change(text.as_bytes(), edit::Target::Master, &change).unwrap(), text.as_bytes());
        let elapsed = began.elapsed();
        assert!(elapsed < std::time::Duration::from_secs(5), "{elapsed:?} for {:?}", lines.get(..40));
    }
}
