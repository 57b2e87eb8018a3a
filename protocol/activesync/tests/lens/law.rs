//! The two laws: what was written is read back, and writing back what was read changes nothing.

use activesync_wire::Version;
use activesync_wire::item::Sent;
use activesync_wire::item::calendar::{BusyStatus, Event, Location, Sensitivity};
use activesync_wire::item::recurrence::{End, Pattern, Recurrence, Weekdays};
use calendar::Zone;
use proptest::prelude::*;
use vocabulary::Timestamp;

use crate::phone::{Phone, vevent};

const ZONES: [&str; 6] =
    ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC", "America/Sao_Paulo"];

fn phones() -> impl Strategy<Value = (Version, &'static str)> {
    (proptest::sample::select(&Version::ALL[..]), proptest::sample::select(&ZONES[..]))
}

fn phone((version, zone): (Version, &str)) -> Phone {
    Phone { zone: Zone::by_name(zone).unwrap(), ..Phone::new(version) }
}

fn patterns() -> impl Strategy<Value = Pattern> {
    let days = || (1_u8..=127).prop_map(|bits| Weekdays::from_bits(bits).unwrap());
    prop_oneof![
        Just(Pattern::Daily),
        days().prop_map(|days| Pattern::Weekly { days }),
        (1_u8..=28).prop_map(|day| Pattern::Monthly { day }),
        (1_u8..=5, (1_u8..=126))
            .prop_map(|(week, bits)| Pattern::MonthlyNth { week, days: Weekdays::from_bits(bits).unwrap() }),
        (1_u8..=12, 1_u8..=28).prop_map(|(month, day)| Pattern::Yearly { month, day }),
        (1_u8..=12, 1_u8..=5, (1_u8..=126)).prop_map(|(month, week, bits)| Pattern::YearlyNth {
            month,
            week,
            days: Weekdays::from_bits(bits).unwrap()
        }),
    ]
}

fn recurrences() -> impl Strategy<Value = Sent<Recurrence>> {
    let end = prop_oneof![Just(End::Never), (1_u16..=999).prop_map(End::Occurrences)];
    let recurrence = (patterns(), 1_u16..=99, end).prop_map(|(pattern, interval, end)| Recurrence {
        pattern,
        interval,
        end,
        first_day_of_week: Some(1),
    });
    proptest::option::of(recurrence).prop_map(Sent::from)
}

fn events() -> impl Strategy<Value = Event> {
    let text = || "[a-zäöü€,;\\\\\"=:]{1,12}";
    let moments = (1_700_000_000_i64..1_900_000_000, 0_i64..10_000);
    let busy = proptest::sample::select(vec![
        BusyStatus::Free,
        BusyStatus::Tentative,
        BusyStatus::Busy,
        BusyStatus::OutOfOffice,
    ]);
    let sensitivity =
        proptest::sample::select(vec![Sensitivity::Normal, Sensitivity::Private, Sensitivity::Confidential]);
    (
        (text(), text(), proptest::collection::vec(text(), 1..3)),
        moments,
        busy,
        sensitivity,
        0_u32..20_000,
        recurrences(),
    )
        .prop_map(
            |(
                (subject, place, mut categories),
                (start, minutes),
                busy,
                sensitivity,
                reminder,
                recurrence,
            )| {
                categories.dedup();
                let start = start / 60 * 60;
                Event {
                    subject: Sent::Value(subject),
                    location: Sent::Value(Location { display_name: place, ..Location::default() }),
                    categories: Sent::Value(categories),
                    start_time: Sent::Value(Timestamp::from_seconds(start)),
                    end_time: Sent::Value(Timestamp::from_seconds(start + minutes * 60)),
                    all_day: Sent::Value(false),
                    busy_status: Sent::Value(busy),
                    sensitivity: Sent::Value(sensitivity),
                    reminder: Sent::Value(reminder),
                    recurrence,
                    ..Event::default()
                }
            },
        )
}

/// Apart from what only the server knows.
fn told(event: &Event) -> Event {
    Event {
        subject: event.subject.clone(),
        location: event.location.clone(),
        categories: event.categories.clone(),
        start_time: event.start_time.clone(),
        end_time: event.end_time.clone(),
        all_day: event.all_day.clone(),
        busy_status: event.busy_status.clone(),
        sensitivity: event.sensitivity.clone(),
        reminder: event.reminder.clone(),
        recurrence: event
            .recurrence
            .clone()
            .map(|recurrence| Recurrence { first_day_of_week: None, ..recurrence }),
        ..Event::default()
    }
}

proptest! {
    #[test]
    fn what_was_added_is_read_back(event in events(), who in phones()) {
        let phone = phone(who);
        let stored = phone.adds(&event);
        prop_assert_eq!(told(&phone.repeats(&stored)), told(&event), "{}", String::from_utf8_lossy(&stored));
        prop_assert_eq!(phone.changes(&stored, &phone.repeats(&stored)), stored);
    }

    #[test]
    fn what_was_changed_is_read_back(before in events(), after in events(), who in phones(), other in phones()) {
        let (phone, other) = (phone(who), phone(other));
        let stored = phone.adds(&before);
        let stored = phone.changes(&stored, &after);
        let expected = match after.recurrence {
            // What is absent stays from 16.0 on.
            Sent::Absent if phone.version >= Version::V16_0 => Event { recurrence: before.recurrence, ..after },
            _ => after,
        };
        prop_assert_eq!(told(&phone.repeats(&stored)), told(&expected), "{}", String::from_utf8_lossy(&stored));
        let repeated = other.changes(&stored, &other.repeats(&stored));
        prop_assert_eq!(repeated, stored, "another phone that only looks changes nothing");
    }

    #[test]
    fn any_event_can_be_repeated(
        lines in proptest::collection::vec(
            proptest::sample::select(vec![
                "DTEND;TZID=Europe/Berlin:20260302T100000",
                "DTEND:20260301T000000Z",
                "DURATION:P1DT2H",
                "RRULE:FREQ=DAILY;COUNT=2000",
                "RRULE:FREQ=MONTHLY;BYDAY=1MO,3MO",
                "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;UNTIL=20400101",
                "RDATE:20270101T080000Z",
                "EXDATE:20260303T080000Z",
                "EXDATE;VALUE=DATE:20260304",
                "STATUS:CANCELLED",
                "CLASS:X-ODD",
                "ORGANIZER:invalid:nomail",
                "ATTENDEE:mailto:anna@a.test",
                "ATTENDEE;CUTYPE=ROOM:mailto:",
                "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
                "LOCATION:a\\nb\\tc",
                "SUMMARY: x\ty ",
                "GEO:1.5;2.5",
                "CATEGORIES:a,b,a",
                "CATEGORIES:",
                "DESCRIPTION:one\\n\\ntwo",
                "X-ALT-DESC;FMTTYPE=text/html:<p>one</p>",
            ]),
            0..8,
        ),
        start in proptest::sample::select(vec![
            "DTSTART:20260302T080000Z",
            "DTSTART:20260302T080000",
            "DTSTART;VALUE=DATE:20260302",
            "DTSTART;TZID=Europe/Berlin:20260302T090000",
            "DTSTART;TZID=Nowhere:20260302T090000",
        ]),
        who in phones(),
    ) {
        let phone = phone(who);
        let stored = vevent(&[&[start], &lines[..]].concat());
        prop_assert_eq!(phone.changes(&stored, &phone.repeats(&stored)), stored);
    }
}
