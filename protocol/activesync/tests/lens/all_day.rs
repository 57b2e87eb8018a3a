//! Whole days: local midnight up to 14.1, dates from 16.0.

use activesync_wire::Version;
use activesync_wire::date::compact;
use activesync_wire::item::Sent;
use activesync_wire::item::calendar::Event;

use crate::phone::{Phone, at, central_europe, has, vevent};

fn day() -> Vec<u8> {
    vevent(&["SUMMARY:holiday", "DTSTART;VALUE=DATE:20260714", "DTEND;VALUE=DATE:20260716"])
}

fn times(event: &Event) -> (String, String, bool) {
    let moment = |sent: &Sent<_>| compact(*sent.value().unwrap());
    (moment(&event.start_time), moment(&event.end_time), event.time_zone.value().is_some())
}

#[test]
fn a_day_is_shown_as_its_version_wants() {
    let [old, new] = Phone::both().map(|phone| times(&phone.sees(&day())));
    assert_eq!(old, ("20260713T220000Z".into(), "20260715T220000Z".into(), true));
    assert_eq!(new, ("20260714T000000Z".into(), "20260716T000000Z".into(), false), "MS-ASCAL R2006");
}

#[test]
fn a_new_day_is_read_whatever_way_it_is_written() {
    let event = |start, end, zone| Event {
        all_day: Sent::Value(true),
        start_time: Sent::Value(at(start)),
        end_time: Sent::Value(at(end)),
        time_zone: Sent::from(zone),
        ..Event::default()
    };
    for (version, sent) in [
        (Version::V14_1, event("20260713T220000Z", "20260714T220000Z", Some(central_europe()))),
        (Version::V14_1, event("20260714T000000Z", "20260715T000000Z", Some(Default::default()))),
        (Version::V14_1, event("20260714T000000Z", "20260715T000000Z", Some(central_europe()))),
        (Version::V12_1, event("20260713T220000Z", "20260713T220000Z", None)),
        (Version::V16_1, event("20260714T000000Z", "20260715T000000Z", None)),
        (Version::V16_1, event("20260714T000000Z", "20260714T235900Z", None)),
        (
            Version::V14_1,
            Event { end_time: Sent::Absent, ..event("20260713T220000Z", "20260713T220000Z", None) },
        ),
    ] {
        let stored = Phone::new(version).adds(&sent);
        assert!(has(&stored, "DTSTART;VALUE=DATE:20260714"), "{}", String::from_utf8_lossy(&stored));
        assert!(!has(&stored, "DTEND;VALUE=DATE:20260716") && !has(&stored, "DTEND;VALUE=DATE:20260714"));
        for phone in Phone::both() {
            let (start, end, _) = times(&phone.sees(&stored));
            let expected = if phone.version < Version::V16_0 {
                ("20260713T220000Z", "20260714T220000Z")
            } else {
                ("20260714T000000Z", "20260715T000000Z")
            };
            assert_eq!((start.as_str(), end.as_str()), expected);
        }
    }
}

#[test]
fn days_of_a_series_are_named_by_their_date() {
    let stored = vevent(&[
        "DTSTART;VALUE=DATE:20260714",
        "RRULE:FREQ=WEEKLY;UNTIL=20260804",
        "EXDATE;VALUE=DATE:20260721",
    ]);
    let [old, new] = Phone::both();
    let deleted = |phone: &Phone| {
        let event = phone.repeats(&stored);
        compact(event.exceptions.value().unwrap()[0].original_start)
    };
    assert_eq!(deleted(&old), "20260720T220000Z");
    assert_eq!(deleted(&new), "20260721T000000Z");
    let instance = at("20260728T000000Z");
    let changed =
        activesync_wire::convert::calendar::delete_instance(&stored, instance, &new.writer()).unwrap();
    assert!(String::from_utf8_lossy(&changed).contains("20260728"), "{}", String::from_utf8_lossy(&changed));
    assert_eq!(old.sees(&changed).exceptions.value().unwrap().len(), 2);
}

#[test]
fn an_event_becomes_a_day_and_a_time_again() {
    for phone in Phone::both() {
        let timed = vevent(&[
            "DTSTART;TZID=Europe/Berlin:20260714T090000",
            "DTEND;TZID=Europe/Berlin:20260714T100000",
        ]);
        let days = Event { all_day: Sent::Value(true), ..phone.repeats(&day()) };
        let stored = phone.changes(&timed, &days);
        assert!(has(&stored, "DTSTART;VALUE=DATE:20260714"), "{}", String::from_utf8_lossy(&stored));
        let times = Event { all_day: Sent::Value(false), ..phone.repeats(&timed) };
        let stored = phone.changes(&stored, &times);
        assert!(
            has(&stored, "DTSTART;TZID=Europe/Berlin:20260714T090000"),
            "{}",
            String::from_utf8_lossy(&stored)
        );
    }
}
