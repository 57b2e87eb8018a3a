//! What the crates that were measured for this format misread, lose or rewrite without a word: `calcard`, `icalendar`,
//! `ical` and `rrule`. Each case is a trap of one of them. Those of whole series are in `expand.rs`.

use calendar::edit::{self, Change, Field, Target};
use calendar::{
    Component, ComponentKind, DataFault, Invalid, Limits, ResourceFault, describe, new_object, occurrences,
};

use super::given::{event, parse, starts, utc, zone};

/// Lines that come out differently when one of them has read and written them.
const REWRITTEN: &[&str] = &[
    // Parts, parameters and properties get another order.
    "DTSTART;VALUE=DATE-TIME;TZID=Europe/Berlin:20240701T100000",
    "RRULE:INTERVAL=2;BYDAY=MO;FREQ=WEEKLY",
    "X-ZEBRA;Z=1;A=2:first\nCOMMENT:second",
    // The second of a name is lost.
    "DESCRIPTION:Milch\nDESCRIPTION;LANGUAGE=en:Milk",
    "REQUEST-STATUS:2.0;Success\nREQUEST-STATUS:3.7;Invalid calendar user;ATTENDEE:mailto:a@a.test",
    // What is no text is escaped, what is one is not, and bytes become text.
    "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=Hof:geo:37.3,-122",
    "DESCRIPTION:one\\ntwo\\; three\\, four",
    "ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY:aGVsbG8=",
    // A list of parameter values becomes one, and quotation marks go.
    "CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:https://meet.test/1",
    "ATTENDEE;CN=\"Doe, John: Boss\";X-MARK=\"a;b\":mailto:boss@a.test",
    "ATTENDEE;CN=George ^'Babe^' Ruth:mailto:babe@a.test",
    // Components get a UID and a DTSTAMP, or are refused.
    "BEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT5M\nEND:VALARM",
    "BEGIN:PARTICIPANT\nUID:p\nBEGIN:VLOCATION\nUID:l\nEND:VLOCATION\nEND:PARTICIPANT",
    "BEGIN:X-OWN\nX-A:1\nEND:X-OWN",
    // No property at all.
    "a line without a colon",
];

fn first(lines: &str) -> Component {
    parse(&event(lines)).components.remove(0)
}

fn summary(text: &str) -> Change {
    Change { summary: Field::Set(text.to_owned()), ..Change::default() }
}

#[test]
fn an_edit_keeps_what_others_rewrite() {
    for lines in REWRITTEN {
        let old = event(&format!("SUMMARY:old\n{lines}\nX-LAST:1"));
        let new = edit::change(old.as_bytes(), Target::Master, &summary("new")).unwrap();
        assert_eq!(String::from_utf8(new).unwrap(), old.replace("SUMMARY:old", "SUMMARY:new"));
    }
}

#[test]
fn a_text_ends_with_its_line_and_keeps_its_backslashes() {
    let read = first("SUMMARY:D:\\\nLOCATION:\\\\srv\\Daten\\Plan\nX-LAST:1");
    assert_eq!(
        (read.summary.as_deref(), read.location.as_deref()),
        (Some("D:\\"), Some("\\srv\\Daten\\Plan"))
    );
}

#[test]
fn of_a_text_in_two_languages_the_first_is_shown() {
    let read = first("DESCRIPTION:Milch\nDESCRIPTION;LANGUAGE=en:Milk");
    assert_eq!(read.description.as_deref(), Some("Milch"));
}

#[test]
fn html_is_one_text_whatever_stands_in_it() {
    const HTML: &str = "<p style=\"a:b;c:d\">x, y</p>";
    let read = first(&format!("X-ALT-DESC;FMTTYPE=text/html:{HTML}"));
    assert_eq!(read.html_description.as_deref(), Some(HTML));
}

#[test]
fn names_of_people_are_decoded() {
    let read = first(
        "ATTENDEE;CN=\"Doe, John: Boss\":mailto:boss@a.test\nATTENDEE;CN=George ^'Babe^' Ruth:mailto:babe@a.test",
    );
    let names: Vec<_> = read.attendees.iter().map(|one| one.name.as_deref()).collect();
    assert_eq!(names, [Some("Doe, John: Boss"), Some("George \"Babe\" Ruth")]);
}

#[test]
fn every_number_of_a_rule_counts_in_full() {
    for (start, rule, expected) in [
        ("19000101", "FREQ=DAILY;INTERVAL=65537;COUNT=2", &["19000101T000000", "20790608T000000"][..]),
        ("20240101", "FREQ=MONTHLY;BYMONTHDAY=-129;COUNT=2", &["20240101T000000", "20240201T000000"]),
        ("20240131", "FREQ=MONTHLY;BYMONTHDAY=-129,-1;COUNT=2", &["20240131T000000", "20240229T000000"]),
        ("20240101", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", &["20240101T000000"]),
    ] {
        let object = parse(&event(&format!("DTSTART;VALUE=DATE:{start}\nRRULE:{rule}")));
        assert_eq!(starts(&object, "19000101T000000", "21000101T000000", &zone("UTC")), expected, "{rule}");
    }
}

/// RFC 5545 section 3.3.10: with a TZID, UNTIL is in UTC. Whatever is written, the rule stays one and ends.
#[test]
fn a_rule_with_an_odd_until_ends_there() {
    for until in ["20240103T080000Z", "20240103T080000z", "20240103T0800Z", "20240103T090000", "20240103"] {
        let lines = format!("DTSTART;TZID=Europe/Berlin:20240101T090000\nRRULE:FREQ=DAILY;UNTIL={until}");
        let found =
            starts(&parse(&event(&lines)), "20230101T000000", "20250101T000000", &zone("Europe/Berlin"));
        assert_eq!(found, ["20240101T090000", "20240102T090000", "20240103T090000"], "{until}");
    }
}

#[test]
fn a_start_is_found_by_the_name_of_a_zone_that_only_windows_knows_and_in_a_gap_of_the_clocks() {
    for (start, expected) in [
        (";TZID=W. Europe Standard Time:20240701T100000", "20240701T100000"),
        (
            ";TZID=\"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna\":20240701T100000",
            "20240701T100000",
        ),
        (";TZID=Europe/Berlin:20240331T023000", "20240331T033000"),
    ] {
        let object = parse(&event(&format!("DTSTART{start}")));
        let found = starts(&object, "20240101T000000", "20250101T000000", &zone("Europe/Berlin"));
        assert_eq!(found, [expected], "{start}");
        let from_afar = starts(&object, "20240101T000000", "20250101T000000", &zone("Asia/Tokyo"));
        assert_ne!(from_afar, [expected], "{start}: the zone was that of the reader");
    }
}

#[test]
fn occurrences_are_in_order_and_a_limit_counts_those_of_the_window() {
    let extra = parse(&event("DTSTART:20240701T090000Z\nRDATE:20240801T090000Z,20240601T090000Z"));
    let found = starts(&extra, "20240101T000000", "20250101T000000", &zone("UTC"));
    assert_eq!(found, ["20240601T090000", "20240701T090000", "20240801T090000"]);

    let daily = parse(&event("DTSTART:20100101T090000Z\nRRULE:FREQ=DAILY"));
    let limits = Limits { occurrences_max: 3, ..Limits::default() };
    let window = utc("20240701T000000")..utc("20240704T000000");
    let expansion = occurrences(&daily, window, &zone("UTC"), &limits);
    assert_eq!((expansion.occurrences.len(), expansion.truncated), (3, false));
    assert_eq!(expansion.occurrences[0].start, utc("20240701T090000"));
}

/// `calcard` finds an override by its SEQUENCE and not by its UID: of two series in one stream each would take those
/// of the other.
#[test]
fn two_series_are_never_one_object() {
    let two = event(
        "DTSTART:20240701T090000Z\nRRULE:FREQ=DAILY\nEND:VEVENT\nBEGIN:VEVENT\nUID:2\n\
         RECURRENCE-ID:20240702T090000Z\nDTSTART:20240702T100000Z",
    );
    assert_eq!(describe(two.as_bytes()), Err(Invalid::ObjectResource(ResourceFault::SeveralUids)));
}

#[test]
fn a_byte_order_mark_a_line_of_junk_and_small_letters_spoil_nothing() {
    let plain = event("SUMMARY:Lunch\nDTSTART:20240701T090000Z");
    for odd in [
        format!("\u{feff}{plain}"),
        plain.replace("SUMMARY", "no property\r\nSUMMARY"),
        plain.replace("VEVENT", "vevent").replace("DTSTART", "dtstart"),
        plain.replace("\r\n", "\n"),
        plain.replace("\r\n", "\r\n\r\n"),
    ] {
        let (described, expected) = (describe(odd.as_bytes()), describe(plain.as_bytes()));
        assert!(expected.is_ok() && described == expected, "{odd:?}: {described:?}");
    }
}

/// `icalendar` goes down the stack with every level, and takes the process with it.
#[test]
fn deep_nesting_is_refused_on_a_small_stack() {
    const STACK_BYTES: usize = 256 * 1024;
    let nested = |levels: usize| {
        let (begins, ends) = ("BEGIN:X-A\n".repeat(levels), "END:X-A\n".repeat(levels));
        event(&format!("DTSTART:20240701T090000Z\n{begins}{}", ends.trim_end()))
    };
    // VCALENDAR and VEVENT are levels too.
    let most = content_line::DEPTH_MAX - 2;
    assert!(describe(nested(most).as_bytes()).is_ok());
    for levels in [most + 1, 90_000] {
        let text = nested(levels);
        let describes = std::thread::Builder::new().stack_size(STACK_BYTES);
        let described = describes.spawn(move || describe(text.as_bytes())).unwrap().join().unwrap();
        assert!(
            matches!(described, Err(Invalid::CalendarData(DataFault::Limit(_)))),
            "{levels} levels: {described:?}"
        );
    }
}

/// `icalendar` writes the frame of new objects only: what is in them is read back as it was given.
#[test]
fn what_is_authored_has_no_raw_line_break_and_no_second_stamp() {
    let content = Change { description: Field::Set("one\ntwo; three\\".to_owned()), ..summary("a;b,c") };
    for kind in [ComponentKind::Event, ComponentKind::ToDo] {
        let bytes = new_object(kind, "uid;1", utc("20240601T000000"), &content).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let read = parse(&text).components.remove(0);
        assert_eq!(read.description.as_deref(), Some("one\ntwo; three\\"), "{text}");
        assert_eq!(
            (read.uid.as_deref(), read.summary.as_deref(), read.stamp),
            (Some("uid;1"), Some("a;b,c"), Some(utc("20240601T000000")))
        );
        for name in ["UID", "DTSTAMP", "CREATED", "LAST-MODIFIED"] {
            assert_eq!(text.matches(&format!("\r\n{name}:")).count(), 1, "{name}: {text}");
        }
    }
}
