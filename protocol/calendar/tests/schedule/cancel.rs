//! CANCEL at its recipients: RFC 5546 section 3.2.5.

use calendar::schedule::{Received, Refused, Why};

use super::given::*;

fn cancel(sequence: u32, stamp: &str, lines: &str) -> Vec<u8> {
    message("CANCEL", &[&format!("DTSTAMP:{stamp}\nSEQUENCE:{sequence}\n{lines}\n{PEOPLE}")])
}

fn request(sequence: u32, stamp: &str, lines: &str) -> Vec<u8> {
    with(&cancel(sequence, stamp, lines), "METHOD:CANCEL", "METHOD:REQUEST")
}

#[test]
fn what_is_off_is_seen_and_does_not_come_back() {
    let old = taken(
        ANNA,
        None,
        &request(
            0,
            "20291205T000000Z",
            &format!("{DAILY}\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER:PT0S\nEND:VALARM"),
        ),
        ORG,
    );
    let off = taken(ANNA, Some(&old), &cancel(1, "20291206T000000Z", DAILY), ORG);
    for line in ["STATUS:CANCELLED", "SEQUENCE:1", "DTSTAMP:20291206T000000Z"] {
        assert_eq!(lines(&off, line).len(), 1, "{line} in {}", text(&off));
    }
    assert!(!text(&off).contains("VALARM"));
    for late in [cancel(1, "20291206T000000Z", DAILY), request(0, "20291205T120000Z", DAILY)] {
        assert_eq!(get(ANNA, Some(&off), &late, ORG), Received::Ignored(Why::Old));
    }
    // On again: as one who was asked first.
    let on = taken(ANNA, Some(&off), &request(2, "20291207T000000Z", DAILY), ORG);
    assert!(!text(&on).contains("CANCELLED"));
}

#[test]
fn one_occurrence_is_off() {
    let old = taken(ANNA, None, &request(0, "20291205T000000Z", DAILY), ORG);
    let one = cancel(1, "20291206T000000Z", "RECURRENCE-ID:20300109T100000Z\nSTATUS:CANCELLED");
    let off = taken(ANNA, Some(&old), &one, ORG);
    let object = calendar::Object::parse(&off).unwrap();
    assert_eq!(object.components.len(), 2);
    assert_eq!(object.components[1].status, Some(calendar::Status::Cancelled));
    assert_eq!(object.components[1].start, Some(at("20300109T100000Z")));
    assert_eq!(object.components[0].status, None);
    assert_eq!(get(ANNA, Some(&off), &one, ORG), Received::Ignored(Why::Old));
    // To take it out of the copy is nothing that the organiser has to know.
    let gone = with(&text_without(&off, 1), "SUMMARY:Plan", "SUMMARY:Plan\nEXDATE:20300109T100000Z");
    let plan = put(ANNA, Some(&off), &gone);
    assert_eq!(plan.messages, vec![]);
    // An older series does not bring it back.
    let late = request(0, "20291205T120000Z", &DAILY.replace("COUNT=5", "COUNT=6"));
    let late = taken(ANNA, Some(&stored(&plan, &gone)), &late, ORG);
    assert!(text(&late).contains("20300109T100000Z") && text(&late).contains("COUNT=6"), "{}", text(&late));
    // But it does not become one like the others.
    let live = text_without(&off, 1);
    let plan = put(ANNA, Some(&off), &live);
    assert!(text(&stored(&plan, &live)).contains("STATUS:CANCELLED"));
}

#[test]
fn what_was_taken_out_is_not_seen_again_and_does_not_come_back() {
    const OUT: &str = "SUMMARY:Plan\nEXDATE:20300109T100000Z";
    let first = taken(ANNA, None, &request(0, "20291205T000000Z", DAILY), ORG);
    let declined = with(&first, "SUMMARY:Plan", OUT);
    let declined = stored(&put(ANNA, Some(&first), &declined), &declined);
    let less = with(&request(0, "20291205T000000Z", DAILY), "SUMMARY:Plan", OUT);
    let less = taken(ANNA, None, &less, ORG);
    let one = cancel(3, "20291207T000000Z", "RECURRENCE-ID:20300109T100000Z\nSTATUS:CANCELLED");
    for out in [declined, less] {
        let off = taken(ANNA, Some(&out), &one, ORG);
        assert_eq!(lines(&off, "BEGIN:VEVENT").len(), 1, "{}", text(&off));
        assert_eq!(get(ANNA, Some(&off), &one, ORG), Received::Ignored(Why::Old));
        // A series that was told anew before that, and comes after it.
        let longer = DAILY.replace("COUNT=5", "COUNT=6");
        let late = taken(ANNA, Some(&off), &request(2, "20291206T000000Z", &longer), ORG);
        assert!(
            text(&late).contains("20300109T100000Z") && text(&late).contains("COUNT=6"),
            "{}",
            text(&late)
        );
        assert_eq!(lines(&late, "BEGIN:VEVENT").len(), 1);
        // It is not the attendee's to put back, but the organiser's.
        let late_text = text(&late);
        let back = late_text.lines().filter(|line| !line.starts_with("EXDATE")).collect::<Vec<_>>();
        let back = back.join("\r\n") + "\r\n";
        let refused = try_put(ANNA, "20300101T000000Z", Some(&late), back.as_bytes());
        assert_eq!(refused, Err(Refused::AttendeeChange));
        let back = taken(ANNA, Some(&late), &request(4, "20291208T000000Z", DAILY), ORG);
        assert!(!text(&back).contains("EXDATE"), "{}", text(&back));
    }
}

/// The object without one of its components.
fn text_without(bytes: &[u8], component: usize) -> Vec<u8> {
    let text = text(bytes);
    let at = text.match_indices("BEGIN:VEVENT\n").nth(component).unwrap().0;
    let end = text.match_indices("END:VEVENT\n").nth(component).unwrap().0 + "END:VEVENT\n".len();
    format!("{}{}", &text[..at], &text[end..]).replace('\n', "\r\n").into_bytes()
}

/// RANGE=THISANDFUTURE: RFC 5545 section 3.2.13.
#[test]
fn the_rest_of_a_series_is_off() {
    for (start, rule, until) in [
        ("DTSTART:20300107T100000Z\nDTEND:20300107T110000Z", "FREQ=DAILY;COUNT=5", "UNTIL=20300109T095959Z"),
        ("DTSTART;TZID=Europe/Berlin:20300107T110000", "FREQ=DAILY", "UNTIL=20300109T095959Z"),
        ("DTSTART;VALUE=DATE:20300107", "FREQ=DAILY", "UNTIL=20300108"),
    ] {
        let series = format!("{start}\nRRULE:{rule}");
        let old = taken(ANNA, None, &request(0, "20291205T000000Z", &series), ORG);
        let id = if start.contains("VALUE=DATE") { ";VALUE=DATE:20300109" } else { ":20300109T100000Z" };
        let rest = cancel(1, "20291206T000000Z", &format!("RECURRENCE-ID;RANGE=THISANDFUTURE{id}"));
        let off = taken(ANNA, Some(&old), &rest, ORG);
        assert!(text(&off).contains(until), "{until} in {}", text(&off));
        let zone = calendar::Zone::utc();
        let window = utc("20300101T000000Z")..utc("20310101T000000Z");
        let object = calendar::Object::parse(&off).unwrap();
        let left = calendar::occurrences(&object, window, &zone, &calendar::Limits::default());
        assert_eq!(left.occurrences.len(), 2, "{start}");
    }
}

#[test]
fn a_cancellation_may_come_first() {
    let off = taken(ANNA, None, &cancel(1, "20291206T000000Z", ONCE), ORG);
    assert!(calendar::describe(&off).is_ok() && text(&off).contains("STATUS:CANCELLED"));
    let late = request(0, "20291205T000000Z", ONCE);
    assert_eq!(get(ANNA, Some(&off), &late, ORG), Received::Ignored(Why::Old));
    // Of one occurrence, before the series.
    let one = cancel(1, "20291206T000000Z", "RECURRENCE-ID:20300109T100000Z\nDTSTART:20300109T100000Z");
    let marker = taken(ANNA, None, &one, ORG);
    let series = taken(ANNA, Some(&marker), &request(0, "20291205T000000Z", DAILY), ORG);
    assert_eq!(lines(&series, "BEGIN:VEVENT").len(), 2);
    assert_eq!(lines(&series, "STATUS:CANCELLED").len(), 1);
    // Whoever has declined and removed it does not see it again.
    let declined = with(
        &cancel(1, "20291206T000000Z", ONCE),
        "CN=Anna;PARTSTAT=NEEDS-ACTION",
        "CN=Anna;PARTSTAT=DECLINED",
    );
    assert_eq!(get(ANNA, None, &declined, ORG), Received::Ignored(Why::Unknown));
    let empty = cancel(1, "20291206T000000Z", "SUMMARY:Nothing");
    assert_eq!(get(ANNA, None, &empty, ORG), Received::Ignored(Why::Unknown));
}
