//! Whole days on phones that are not where the event is, and where clocks skip a midnight.

use activesync_wire::Version;
use activesync_wire::date::compact;
use activesync_wire::item::Sent;
use activesync_wire::item::calendar::{Event, Exception, TimeZone};
use activesync_wire::item::recurrence::{CalendarType, End, Pattern, Recurrence, Weekdays};
use calendar::{Moment, Zone};
use chrono::Datelike;
use proptest::prelude::*;
use proptest::sample::select;
use vocabulary::Timestamp;

use crate::any::{DAY_S, lossy};
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

/// A weekly series of whole days with its exceptions, in days since 1970 and after the first.
#[derive(Debug, Clone)]
struct Weekly {
    first: i64,
    length: i64,
    last_week: Option<i64>,
    /// By week: deleted, or moved by so many days and so long.
    others: Vec<(i64, Option<(i64, i64)>)>,
}

fn weeklies() -> impl Strategy<Value = Weekly> {
    let other = proptest::option::of((-3_i64..=3, 1_i64..4));
    (
        20_400_i64..21_200,
        1_i64..4,
        proptest::option::of(0_i64..40),
        proptest::collection::btree_map(0_i64..45, other, 0..5),
    )
        .prop_map(|(first, length, last_week, others)| Weekly {
            first,
            length,
            last_week,
            others: others.into_iter().collect(),
        })
}

impl Weekly {
    /// By the midnights of these clocks, and with their zone.
    fn said(&self, clocks: &Zone) -> Event {
        let local = |days: i64| Zone::utc().local(Timestamp::from_seconds((self.first + days) * DAY_S));
        let day = |days: i64| clocks.instant(local(days));
        let exception = |(week, moved): &(i64, Option<(i64, i64)>)| Exception {
            original_start: day(week * 7),
            is_deleted: moved.is_none(),
            event: moved.map_or_else(Event::default, |(by, length)| Event {
                start_time: Sent::Value(day(week * 7 + by)),
                end_time: Sent::Value(day(week * 7 + by + length)),
                subject: Sent::Value("moved".into()),
                ..Event::default()
            }),
        };
        let weekday = u8::try_from(local(0).date().weekday().num_days_from_sunday()).unwrap();
        let there = Phone { zone: clocks.clone(), ..Phone::new(Version::V14_1) };
        Event {
            all_day: Sent::Value(true),
            start_time: Sent::Value(day(0)),
            end_time: Sent::Value(day(self.length)),
            time_zone: there.sees(&vevent(&[&format!("DTSTART:{}", compact(day(0)))])).time_zone,
            recurrence: Sent::Value(Recurrence {
                pattern: Pattern::Weekly { days: Weekdays::from_days([weekday]).unwrap() },
                calendar: CalendarType::Gregorian,
                interval: 1,
                end: self.last_week.map_or(End::Never, |week| End::Until(day(week * 7))),
                first_day_of_week: None,
            }),
            exceptions: Sent::Value(self.others.iter().map(exception).collect()),
            ..Event::default()
        }
    }
}

const PLACES: [&str; 7] = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Sydney",
    "Europe/London",
    "Asia/Tokyo",
    "UTC",
];

proptest! {
    /// Up to 14.1 a phone counts days by the clocks that it tells: all of them, those of the rule and of exceptions too.
    #[test]
    fn a_series_has_the_days_that_the_phone_means(
        series in weeklies(),
        there in select(&PLACES[..]),
        here in select(&PLACES[..]),
        version in select(vec![Version::V12_1, Version::V14_1]),
    ) {
        let phone = Phone { version, ..phone_in(here) };
        let (elsewhere, home) = (series.said(&zone(there)), series.said(&zone(here)));
        let added = phone.adds(&home);
        prop_assert_eq!(lossy(&phone.adds(&elsewhere)), lossy(&added));
        let until = series.last_week.map(|week| Timestamp::from_seconds((series.first + week * 7) * DAY_S));
        let until = until.map(|last| format!(";UNTIL={};", &compact(last)[..8]));
        prop_assert!(until.is_none_or(|until| lossy(&added).contains(&until)), "{}", lossy(&added));
        let plain = phone.adds(&Event { exceptions: Sent::Absent, ..home.clone() });
        prop_assert_eq!(lossy(&phone.changes(&plain, &elsewhere)), lossy(&added));
        let later = |event: &Event| Event { subject: Sent::Value("later".into()), ..event.clone() };
        prop_assert_eq!(
            lossy(&phone.changes(&added, &later(&elsewhere))),
            lossy(&phone.changes(&added, &later(&home)))
        );
    }
}
