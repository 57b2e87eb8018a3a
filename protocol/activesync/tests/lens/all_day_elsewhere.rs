//! Whole days on phones that are not where the event is, and where clocks skip a midnight.

use activesync_wire::Version;
use activesync_wire::date::compact;
use activesync_wire::item::Sent;
use activesync_wire::item::calendar::{Event, TimeZone};
use calendar::{Moment, Zone};
use vocabulary::Timestamp;

use crate::phone::{Phone, has, vevent};

fn zone(name: &str) -> Zone {
    Zone::by_name(name).unwrap()
}

fn phone_in(name: &str) -> Phone {
    Phone { zone: zone(name), ..Phone::new(Version::V14_1) }
}

/// The midnight with which a day begins by these clocks.
fn midnight(date: &str, clocks: &Zone) -> Timestamp {
    clocks.instant(Moment::parse(date, None).unwrap().local())
}

/// Start and end as the phone sees them.
fn times(phone: &Phone, stored: &[u8]) -> (Timestamp, Timestamp) {
    let seen = phone.sees(stored);
    (*seen.start_time.value().unwrap(), *seen.end_time.value().unwrap())
}

/// Up to 14.1 a day is sent as its midnights. Phones leave the zone away, repeat the one that they were shown, or send
/// zeros for their own; none of them means the clocks of a place that its user does not see.
#[test]
fn an_event_of_elsewhere_becomes_the_day_that_the_phone_means() {
    for (there, here) in [
        ("America/New_York", "Europe/Berlin"),
        ("Europe/Berlin", "America/New_York"),
        ("Europe/Berlin", "Asia/Tokyo"),
        ("Asia/Kolkata", "Europe/Berlin"),
        ("Europe/Berlin", "Europe/Berlin"),
    ] {
        let phone = phone_in(here);
        let stored = vevent(&[
            &format!("DTSTART;TZID={there}:20260714T120000"),
            &format!("DTEND;TZID={there}:20260714T130000"),
        ]);
        let shown = phone.repeats(&stored).time_zone;
        for (sent_zone, clocks) in [
            (Sent::Absent, zone(here)),
            (shown.clone(), zone(here)),
            (Sent::Value(TimeZone::default()), zone(here)),
            (Sent::Absent, zone(there)),
            (shown, zone(there)),
            (Sent::Absent, Zone::utc()),
        ] {
            for (after, line) in
                [("20260715", "DTEND;VALUE=DATE:20260715"), ("20260716", "DTEND;VALUE=DATE:20260716")]
            {
                let days = Event {
                    all_day: Sent::Value(true),
                    start_time: Sent::Value(midnight("20260714", &clocks)),
                    end_time: Sent::Value(midnight(after, &clocks)),
                    time_zone: sent_zone.clone(),
                    ..phone.repeats(&stored)
                };
                let changed = phone.changes(&stored, &days);
                let text = String::from_utf8_lossy(&changed);
                let case = format!("{here}, {}, {sent_zone:?}", clocks.name());
                assert!(has(&changed, "DTSTART;VALUE=DATE:20260714"), "{case}: {text}");
                assert!(has(&changed, line), "{case}: {text}");
                let seen = (midnight("20260714", &phone.zone), midnight(after, &phone.zone));
                assert_eq!(times(&phone, &changed), seen, "{case}");
            }
        }
    }
}

/// In Cairo the clocks go from midnight to one o'clock on Friday the 24th of April 2026.
#[test]
fn a_day_before_a_skipped_midnight_is_one_day() {
    let phone = phone_in("Africa/Cairo");
    let moment = |date: &str| midnight(date, &phone.zone);
    assert_eq!(compact(moment("20260424")), "20260423T220000Z", "one o'clock in summer");
    for (first, after) in [("20260423", "20260424"), ("20260424", "20260425"), ("20260422", "20260425")] {
        let day = Event {
            all_day: Sent::Value(true),
            start_time: Sent::Value(moment(first)),
            end_time: Sent::Value(moment(after)),
            ..Event::default()
        };
        let stored = phone.adds(&day);
        let text = String::from_utf8_lossy(&stored);
        assert!(has(&stored, &format!("DTSTART;VALUE=DATE:{first}")), "{text}");
        assert_eq!(times(&phone, &stored), (moment(first), moment(after)), "{text}");
    }
}
