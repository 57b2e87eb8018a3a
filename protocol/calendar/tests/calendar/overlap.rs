//! RFC 4791 section 9.9: the tables.

use std::ops::Range;

use calendar::{ComponentKind, alarm_overlaps, overlaps};
use vocabulary::Timestamp;

use super::given::{component, parse, utc, zone};

/// 10 to 12 o'clock of the same day as all the objects.
fn morning() -> Range<Timestamp> {
    at(10)..at(12)
}

fn at(hour: u32) -> Timestamp {
    utc(&format!("20240701T{hour:02}0000"))
}

fn holds(kind: ComponentKind, lines: &str) -> bool {
    overlaps(&parse(&component(kind.name(), lines)), kind, &morning(), &zone("UTC"))
}

#[test]
fn events_overlap_as_the_table_says() {
    for (lines, expected) in [
        ("DTSTART:20240701T090000Z\nDTEND:20240701T100000Z", false),
        ("DTSTART:20240701T090000Z\nDTEND:20240701T100001Z", true),
        ("DTSTART:20240701T115959Z\nDTEND:20240701T130000Z", true),
        ("DTSTART:20240701T120000Z\nDTEND:20240701T130000Z", false),
        ("DTSTART:20240701T090000Z\nDTEND:20240701T130000Z", true),
        ("DTSTART:20240701T090000Z\nDURATION:PT1H", false),
        ("DTSTART:20240701T090000Z\nDURATION:PT61M", true),
        ("DTSTART:20240701T100000Z\nDURATION:PT0S", true),
        ("DTSTART:20240701T095959Z\nDURATION:PT0S", false),
        ("DTSTART:20240701T100000Z", true),
        ("DTSTART:20240701T120000Z", false),
        ("DTSTART;VALUE=DATE:20240701", true),
        ("DTSTART;VALUE=DATE:20240630", false),
        ("DTSTART;VALUE=DATE:20240630\nDTEND;VALUE=DATE:20240702", true),
        ("DTSTART:20200701T100000Z\nRRULE:FREQ=YEARLY", true),
        ("DTSTART:20200701T130000Z\nRRULE:FREQ=YEARLY", false),
        ("DTSTART:20200701T100000Z\nRRULE:FREQ=YEARLY\nEXDATE:20240701T100000Z", false),
        ("SUMMARY:no start", false),
    ] {
        assert_eq!(holds(ComponentKind::Event, lines), expected, "{lines}");
    }
}

#[test]
fn tasks_overlap_as_the_table_says() {
    for (lines, expected) in [
        ("DTSTART:20240701T090000Z\nDURATION:PT1H", true),
        ("DTSTART:20240701T090000Z\nDURATION:PT59M", false),
        ("DTSTART:20240701T120000Z\nDURATION:PT0S", true),
        ("DTSTART:20240701T120000Z\nDURATION:PT1H", false),
        ("DTSTART:20240701T090000Z\nDUE:20240701T100000Z", false),
        ("DTSTART:20240701T090000Z\nDUE:20240701T100001Z", true),
        ("DTSTART:20240701T120000Z\nDUE:20240701T130000Z", false),
        ("DTSTART:20240701T120000Z\nDUE:20240701T120000Z", true),
        ("DTSTART:20240701T100000Z\nDUE:20240701T090000Z", true),
        ("DTSTART:20240701T100000Z", true),
        ("DTSTART:20240701T120000Z", false),
        ("DUE:20240701T100000Z", false),
        ("DUE:20240701T100001Z", true),
        ("DUE:20240701T120000Z", true),
        ("DUE:20240701T120001Z", false),
        ("COMPLETED:20240701T130000Z\nCREATED:20240701T090000Z", true),
        ("COMPLETED:20240701T140000Z\nCREATED:20240701T130000Z", false),
        ("COMPLETED:20240701T120000Z", true),
        ("COMPLETED:20240701T120001Z", false),
        ("COMPLETED:20240701T100000Z", true),
        ("COMPLETED:20240701T095959Z", false),
        ("CREATED:20240701T115959Z", true),
        ("CREATED:20240701T120000Z", false),
        ("SUMMARY:no date", true),
        ("DTSTART:20240601T100000Z\nDUE:20240601T110000Z\nRRULE:FREQ=DAILY", true),
        ("DUE:20240601T110000Z\nRRULE:FREQ=DAILY", true),
        ("DUE:20240601T130000Z\nRRULE:FREQ=DAILY", false),
    ] {
        assert_eq!(holds(ComponentKind::ToDo, lines), expected, "{lines}");
    }
}

#[test]
fn journal_entries_overlap_as_the_table_says() {
    for (lines, expected) in [
        ("DTSTART:20240701T100000Z", true),
        ("DTSTART:20240701T120000Z", false),
        ("DTSTART;VALUE=DATE:20240701", true),
        ("DTSTART;VALUE=DATE:20240702", false),
        ("SUMMARY:no date", false),
    ] {
        assert_eq!(holds(ComponentKind::Journal, lines), expected, "{lines}");
    }
}

#[test]
fn free_busy_overlaps_as_the_table_says() {
    for (lines, expected) in [
        ("DTSTART:20240701T080000Z\nDTEND:20240701T100000Z", true),
        ("DTSTART:20240701T080000Z\nDTEND:20240701T095959Z", false),
        ("DTSTART:20240701T120000Z\nDTEND:20240701T130000Z", false),
        ("FREEBUSY:20240701T080000Z/PT1H,20240701T110000Z/20240701T113000Z", true),
        ("FREEBUSY:20240701T080000Z/PT2H", false),
        ("FREEBUSY;FBTYPE=FREE:20240701T110000Z/PT2H", false),
        ("SUMMARY:nothing", false),
    ] {
        assert_eq!(holds(ComponentKind::FreeBusy, lines), expected, "{lines}");
    }
}

#[test]
fn alarms_overlap_when_they_ring() {
    for (start, trigger, expected) in [
        ("20240701T110000Z", "TRIGGER:-PT30M", true),
        ("20240701T120000Z", "TRIGGER:-PT30M", true),
        ("20240701T120000Z", "TRIGGER:PT0S", false),
        ("20240703T110000Z", "TRIGGER:-P2D", true),
        ("20240701T080000Z", "TRIGGER;RELATED=END:PT1H", true),
        ("20240701T080000Z", "TRIGGER:PT0S", false),
        ("20240701T080000Z", "TRIGGER:PT0S\nREPEAT:3\nDURATION:PT1H", true),
        ("20240701T080000Z", "TRIGGER:PT0S\nREPEAT:1\nDURATION:PT1H", false),
        ("20240101T080000Z", "TRIGGER;VALUE=DATE-TIME:20240701T100000Z", true),
        ("20240101T080000Z", "TRIGGER;VALUE=DATE-TIME:20240701T120000Z", false),
        ("20240701T110000Z", "TRIGGER:nonsense", false),
    ] {
        let lines =
            format!("DTSTART:{start}\nDURATION:PT1H\nBEGIN:VALARM\nACTION:DISPLAY\n{trigger}\nEND:VALARM");
        let object = parse(&component("VEVENT", &lines));
        assert_eq!(
            alarm_overlaps(&object, ComponentKind::Event, &morning(), &zone("UTC")),
            expected,
            "{start} {trigger}"
        );
    }
}

#[test]
fn alarms_of_a_series_ring_for_each_occurrence() {
    let lines = "DTSTART:20200101T110000Z\nRRULE:FREQ=DAILY\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nEND:VALARM";
    let object = parse(&component("VEVENT", lines));
    let clocks = zone("UTC");
    assert!(alarm_overlaps(&object, ComponentKind::Event, &morning(), &clocks));
    assert!(!alarm_overlaps(&object, ComponentKind::Event, &(at(11)..at(12)), &clocks));
}

#[test]
fn another_kind_is_never_meant() {
    let object = parse(&component("VEVENT", "DTSTART:20240701T100000Z"));
    assert!(!overlaps(&object, ComponentKind::ToDo, &morning(), &zone("UTC")));
}

#[test]
fn a_range_may_be_open_at_either_end() {
    let object = parse(&component("VEVENT", "DTSTART:20240701T100000Z\nRRULE:FREQ=DAILY"));
    let clocks = zone("UTC");
    assert!(overlaps(&object, ComponentKind::Event, &(at(9)..Timestamp(i64::MAX)), &clocks));
    assert!(overlaps(&object, ComponentKind::Event, &(Timestamp(i64::MIN)..at(11)), &clocks));
    assert!(!overlaps(&object, ComponentKind::Event, &(Timestamp(i64::MIN)..at(9)), &clocks));
}
