//! Series and their exceptions.

use activesync_wire::Version;
use activesync_wire::convert::calendar::{change_instance, delete_instance};
use activesync_wire::date::compact;
use activesync_wire::item::Sent;
use activesync_wire::item::calendar::{Event, Exception, Location};
use activesync_wire::item::recurrence::{CalendarType, End, Pattern, Recurrence, Weekdays};

use crate::phone::{Phone, at, central_europe, has, vevent};

fn weekly(end: End) -> Recurrence {
    let days = Weekdays::from_days([1]).unwrap();
    Recurrence {
        pattern: Pattern::Weekly { days },
        calendar: CalendarType::Gregorian,
        interval: 1,
        end,
        first_day_of_week: Some(1),
    }
}

fn exception(original: &str, is_deleted: bool, event: Event) -> Exception {
    Exception { original_start: at(original), is_deleted, event }
}

/// Mondays at nine in Berlin, over the change to daylight saving.
fn standup() -> Event {
    let moved = Event {
        start_time: Sent::Value(at("20260316T100000Z")),
        end_time: Sent::Value(at("20260316T110000Z")),
        subject: Sent::Value("moved".into()),
        ..Event::default()
    };
    Event {
        time_zone: Sent::Value(central_europe()),
        start_time: Sent::Value(at("20260302T080000Z")),
        end_time: Sent::Value(at("20260302T090000Z")),
        subject: Sent::Value("standup".into()),
        location: Sent::Value(Location { display_name: "Room 1".into(), ..Location::default() }),
        reminder: Sent::Value(15),
        recurrence: Sent::Value(weekly(End::Occurrences(8))),
        exceptions: Sent::Value(vec![
            exception("20260309T080000Z", true, Event::default()),
            exception("20260316T080000Z", false, moved),
        ]),
        ..Event::default()
    }
}

/// RFC 7529: what ActiveSync knows of other calendars is said, and to whom that came too late, day by day.
#[test]
fn a_series_by_the_moon_makes_the_round() {
    let new_year = Recurrence {
        pattern: Pattern::Yearly { month: 1, day: 1 },
        calendar: CalendarType::Chinese { is_leap_month: false },
        interval: 1,
        end: End::Never,
        first_day_of_week: Some(1),
    };
    let party = Event {
        time_zone: Sent::Value(central_europe()),
        start_time: Sent::Value(at("20260217T080000Z")),
        end_time: Sent::Value(at("20260217T090000Z")),
        subject: Sent::Value("new year".into()),
        recurrence: Sent::Value(new_year),
        ..Event::default()
    };
    let phone = Phone::new(Version::V14_1);
    let stored = phone.adds(&party);
    assert!(has(&stored, "RRULE:RSCALE=CHINESE;FREQ=YEARLY;BYMONTHDAY=1;BYMONTH=1"), "{stored:?}");
    assert_eq!(phone.sees(&stored).recurrence, Sent::Value(new_year));
    assert_eq!(phone.changes(&stored, &phone.repeats(&stored)), stored);
    let old = Phone::new(Version::V12_1).sees(&stored).recurrence;
    assert_eq!(old.value().map(|seen| seen.calendar), Some(CalendarType::Gregorian));
    assert!(!matches!(old.value().unwrap().pattern, Pattern::Yearly { .. }), "{old:?}");
}

fn exceptions(event: &Event) -> Vec<(String, bool, Option<String>)> {
    let all = event.exceptions.value().into_iter().flatten();
    all.map(|one| (compact(one.original_start), one.is_deleted, one.event.subject.value().cloned())).collect()
}

#[test]
fn a_series_with_exceptions_makes_the_round() {
    let [old, new] = Phone::both();
    let stored = old.adds(&standup());
    let text = String::from_utf8_lossy(&stored).replace("\r\n ", "");
    for line in [
        "RRULE:FREQ=WEEKLY;COUNT=8;BYDAY=MO",
        "EXDATE;TZID=Europe/Berlin:20260309T090000",
        "RECURRENCE-ID;TZID=Europe/Berlin:20260316T090000",
        "DTSTART;TZID=Europe/Berlin:20260316T110000",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    for phone in [&old, &new] {
        let seen = phone.sees(&stored);
        assert_eq!(seen.recurrence.value().unwrap().end, End::Occurrences(8));
        assert_eq!(
            exceptions(&seen),
            [
                ("20260309T080000Z".into(), true, None),
                ("20260316T080000Z".into(), false, Some("moved".into()))
            ]
        );
        let inherited = &seen.exceptions.value().unwrap()[1].event;
        assert_eq!((&inherited.location, &inherited.reminder), (&Sent::Absent, &Sent::Absent));
        assert_eq!(phone.changes(&stored, &phone.repeats(&stored)), stored);
    }
}

/// MS-ASCAL R541, R542: what is not named stays.
#[test]
fn exceptions_that_are_not_named_stay() {
    let phone = Phone::new(Version::V14_1);
    let stored = phone.adds(&standup());
    let event =
        Event { exceptions: Sent::Absent, subject: Sent::Value("daily".into()), ..phone.repeats(&stored) };
    let changed = phone.changes(&stored, &event);
    assert_eq!(exceptions(&phone.sees(&changed)).len(), 2);
    let one_more = vec![exception("20260323T080000Z", true, Event::default())];
    let event = Event { exceptions: Sent::Value(one_more), ..phone.repeats(&stored) };
    assert_eq!(exceptions(&phone.sees(&phone.changes(&stored, &event))).len(), 3);
}

#[test]
fn an_exception_takes_back_what_it_no_longer_says() {
    let phone = Phone::new(Version::V14_1);
    let stored = phone.adds(&standup());
    let own = Event {
        location: Sent::Empty,
        reminder: Sent::Value(5),
        start_time: Sent::Value(at("20260316T100000Z")),
        end_time: Sent::Value(at("20260316T110000Z")),
        ..Event::default()
    };
    let event = Event {
        exceptions: Sent::Value(vec![exception("20260316T080000Z", false, own)]),
        ..phone.repeats(&stored)
    };
    let changed = phone.changes(&stored, &event);
    let seen = phone.sees(&changed);
    let own = &seen.exceptions.value().unwrap()[1].event;
    assert_eq!(own.subject, Sent::Absent, "the subject is that of the series again");
    assert_eq!((&own.location, &own.reminder), (&Sent::Empty, &Sent::Value(5)), "MS-ASCAL R539");
    let text = String::from_utf8_lossy(&changed).into_owned();
    assert_eq!(text.matches("SUMMARY:standup").count(), 2, "{text}");
}

#[test]
fn a_changed_occurrence_can_be_deleted_and_a_deleted_one_put_back() {
    let phone = Phone::new(Version::V14_1);
    let stored = phone.adds(&standup());
    let back = Event { subject: Sent::Value("back".into()), ..Event::default() };
    let swapped = vec![
        exception("20260309T080000Z", false, back),
        exception("20260316T080000Z", true, Event::default()),
    ];
    let event = Event { exceptions: Sent::Value(swapped), ..phone.repeats(&stored) };
    assert_eq!(
        exceptions(&phone.sees(&phone.changes(&stored, &event))),
        [("20260309T080000Z".into(), false, Some("back".into())), ("20260316T080000Z".into(), true, None)]
    );
}

#[test]
fn occurrences_are_changed_one_by_one_from_16_0() {
    let phone = Phone::new(Version::V16_1);
    let stored = phone.adds(&Event { exceptions: Sent::Absent, ..standup() });
    let later = Event {
        start_time: Sent::Value(at("20260406T100000Z")),
        end_time: Sent::Value(at("20260406T103000Z")),
        ..Event::default()
    };
    let changed = change_instance(&stored, at("20260406T070000Z"), &later, &phone.writer()).unwrap();
    let renamed = Event { subject: Sent::Value("review".into()), ..Event::default() };
    let changed = change_instance(&changed, at("20260406T070000Z"), &renamed, &phone.writer()).unwrap();
    let changed = delete_instance(&changed, at("20260413T070000Z"), &phone.writer()).unwrap();
    let seen = phone.sees(&changed);
    let own = &seen.exceptions.value().unwrap()[0].event;
    assert_eq!(own.start_time, Sent::Value(at("20260406T100000Z")), "MS-ASCAL R2231: the time stays");
    assert_eq!(
        exceptions(&seen),
        [("20260406T070000Z".into(), false, Some("review".into())), ("20260413T070000Z".into(), true, None)]
    );
    for no_occurrence in ["20260407T070000Z", "20260302T090000Z", "20260601T070000Z"] {
        assert!(
            change_instance(&stored, at(no_occurrence), &later, &phone.writer()).is_err(),
            "{no_occurrence}"
        );
        assert!(delete_instance(&stored, at(no_occurrence), &phone.writer()).is_err(), "{no_occurrence}");
    }
    let single = vevent(&["DTSTART:20260302T080000Z"]);
    assert!(delete_instance(&single, at("20260302T080000Z"), &phone.writer()).is_err());
}

#[test]
fn an_instance_that_changes_nothing_changes_no_byte() {
    let phone = Phone::new(Version::V16_1);
    let stored = phone.adds(&standup());
    let same = Event { subject: Sent::Value("standup".into()), ..Event::default() };
    assert_eq!(change_instance(&stored, at("20260323T080000Z"), &same, &phone.writer()).unwrap(), stored);
    let moved = Event { subject: Sent::Value("moved".into()), ..Event::default() };
    assert_eq!(change_instance(&stored, at("20260316T080000Z"), &moved, &phone.writer()).unwrap(), stored);
}

/// MS-ASCAL R2097, R2114, R2180, R2202.
#[test]
fn a_series_that_moves_loses_its_exceptions_from_16_0() {
    let [old, new] = Phone::both();
    let stored = old.adds(&standup());
    for change in [
        Event {
            recurrence: Sent::Value(Recurrence { interval: 2, ..weekly(End::Never) }),
            ..Event::default()
        },
        Event {
            start_time: Sent::Value(at("20260302T090000Z")),
            end_time: Sent::Value(at("20260302T100000Z")),
            ..Event::default()
        },
    ] {
        assert_eq!(exceptions(&new.sees(&new.changes(&stored, &change))), []);
    }
    let renamed = Event { subject: Sent::Value("x".into()), ..Event::default() };
    assert_eq!(exceptions(&new.sees(&new.changes(&stored, &renamed))).len(), 2);
}

#[test]
fn exceptions_of_occurrences_that_are_gone_go_up_to_14_1() {
    let phone = Phone::new(Version::V14_1);
    let stored = phone.adds(&standup());
    let every_second = Event {
        recurrence: Sent::Value(Recurrence { interval: 2, ..weekly(End::Occurrences(8)) }),
        exceptions: Sent::Absent,
        ..phone.repeats(&stored)
    };
    let seen = phone.sees(&phone.changes(&stored, &every_second));
    let kept = |(original, is_deleted, _): &(String, bool, Option<String>)| (original.clone(), *is_deleted);
    assert!(exceptions(&seen).iter().map(kept).any(|one| one == ("20260316T080000Z".into(), false)));
    let fridays = Pattern::Weekly { days: Weekdays::from_days([5]).unwrap() };
    let event = Event {
        start_time: Sent::Value(at("20260306T080000Z")),
        end_time: Sent::Value(at("20260306T090000Z")),
        recurrence: Sent::Value(Recurrence { pattern: fridays, ..weekly(End::Occurrences(8)) }),
        exceptions: Sent::Absent,
        ..phone.repeats(&stored)
    };
    let changed = phone.changes(&stored, &event);
    assert!(!String::from_utf8_lossy(&changed).contains("RECURRENCE-ID"));
}

#[test]
fn a_series_becomes_a_single_event() {
    let [old, new] = Phone::both();
    let stored = old.adds(&standup());
    let single = Event { recurrence: Sent::Absent, exceptions: Sent::Absent, ..old.repeats(&stored) };
    let emptied = Event { recurrence: Sent::Empty, ..Event::default() };
    for changed in [old.changes(&stored, &single), new.changes(&stored, &emptied)] {
        let text = String::from_utf8_lossy(&changed).into_owned();
        for gone in ["RRULE", "EXDATE", "RECURRENCE-ID"] {
            assert!(!text.split("END:VTIMEZONE").last().unwrap().contains(gone), "{gone} in {text}");
        }
    }
    let renamed = Event { subject: Sent::Value("x".into()), ..Event::default() };
    assert!(new.sees(&new.changes(&stored, &renamed)).recurrence.value().is_some());
}

#[test]
fn the_last_day_of_a_series_takes_part() {
    for phone in Phone::both() {
        for until in ["20260330T000000Z", "20260329T220000Z", "20260330T070000Z", "20260330T120000Z"] {
            let event = Event {
                recurrence: Sent::Value(weekly(End::Until(at(until)))),
                exceptions: Sent::Absent,
                ..standup()
            };
            let stored = phone.adds(&event);
            assert!(
                has(&stored, "RRULE:FREQ=WEEKLY;UNTIL=20260330T070000Z;BYDAY=MO"),
                "{until}: {}",
                String::from_utf8_lossy(&stored)
            );
        }
    }
}

#[test]
fn a_series_that_starts_later_in_the_day_keeps_its_last_day() {
    let stored = vevent(&[
        "DTSTART;TZID=Europe/Berlin:20260302T090000",
        "DTEND;TZID=Europe/Berlin:20260302T100000",
        "RRULE:FREQ=WEEKLY;UNTIL=20260330T070000Z",
    ]);
    for phone in Phone::both() {
        let later = Event {
            start_time: Sent::Value(at("20260302T140000Z")),
            end_time: Sent::Value(at("20260302T150000Z")),
            ..phone.repeats(&stored)
        };
        let changed = phone.changes(&stored, &later);
        assert!(
            has(&changed, "RRULE:FREQ=WEEKLY;UNTIL=20260330T130000Z"),
            "{}",
            String::from_utf8_lossy(&changed)
        );
    }
}

#[test]
fn a_single_event_in_utc_gets_clocks_when_it_becomes_a_series() {
    let stored = vevent(&["DTSTART:20260302T080000Z", "DTEND:20260302T090000Z"]);
    for phone in Phone::both() {
        let event = Event { recurrence: Sent::Value(weekly(End::Never)), ..phone.repeats(&stored) };
        let changed = phone.changes(&stored, &event);
        assert!(
            has(&changed, "DTSTART;TZID=Europe/Berlin:20260302T090000"),
            "{}",
            String::from_utf8_lossy(&changed)
        );
    }
}

/// What an occurrence says of its place is compared with its own place, not with that of the series.
#[test]
fn an_occurrence_moves_back_to_the_place_of_its_series() {
    let [old, new] = Phone::both();
    let mut stored = old.adds(&standup());
    let instance = at("20260323T080000Z");
    for place in ["Room 2", "Room 1"] {
        let location = Sent::Value(Location { display_name: place.into(), ..Location::default() });
        let event = Event { location, ..Event::default() };
        let sent = Event::parse_instance(&new.document(&event), new.version).unwrap();
        stored = change_instance(&stored, instance, &sent, &new.writer()).unwrap();
    }
    let text = String::from_utf8_lossy(&stored).into_owned();
    assert!(!text.contains("Room 2"), "{text}");
}

/// The first day has 25 hours, the others have 24.
#[test]
fn a_changed_day_of_a_series_stays_one_day() {
    let phone =
        Phone { zone: calendar::Zone::by_name("America/New_York").unwrap(), ..Phone::new(Version::V14_1) };
    let mut stored =
        vevent(&["DTSTART;VALUE=DATE:20261101", "DTEND;VALUE=DATE:20261102", "RRULE:FREQ=WEEKLY;COUNT=4"]);
    for subject in ["once", "twice"] {
        let own = Event { subject: Sent::Value(subject.into()), ..Event::default() };
        let event = Event {
            exceptions: Sent::Value(vec![exception("20261108T050000Z", false, own)]),
            ..phone.repeats(&stored)
        };
        stored = phone.changes(&stored, &event);
    }
    let seen = phone.sees(&stored);
    let own = &seen.exceptions.value().unwrap()[0].event;
    assert_eq!(own.end_time, Sent::Value(at("20261109T050000Z")));
}

/// MS-ASCAL R2114, R2180: only another pattern takes the exceptions away, not another word for the same.
#[test]
fn a_rule_in_other_words_is_the_same_rule() {
    let daily_words = Recurrence { first_day_of_week: Some(0), ..weekly(End::Occurrences(8)) };
    let until = |at_: &str| weekly(End::Until(at(at_)));
    let all = Pattern::MonthlyNth { week: 2, days: Weekdays::ALL };
    let monthly = |pattern| Recurrence { pattern, interval: 2, ..weekly(End::Never) };
    for (stored, said) in [
        (weekly(End::Occurrences(8)), daily_words),
        (weekly(End::Occurrences(8)), Recurrence { first_day_of_week: None, ..daily_words }),
        (until("20260330T070000Z"), until("20260330T000000Z")),
        (until("20260330T070000Z"), until("20260329T220000Z")),
        (monthly(Pattern::Monthly { day: 2 }), Recurrence { first_day_of_week: Some(3), ..monthly(all) }),
    ] {
        for phone in Phone::both() {
            let event = Event { recurrence: Sent::Value(stored), ..standup() };
            let stored = Phone::new(Version::V14_1).adds(&event);
            let whole = phone.repeats(&stored);
            let event = Event { recurrence: Sent::Value(said), ..whole };
            assert_ne!(phone.repeats(&stored).recurrence, event.recurrence);
            let text = String::from_utf8_lossy(&stored).into_owned();
            assert_eq!(String::from_utf8_lossy(&phone.changes(&stored, &event)), text, "{said:?}");
            let renamed = Event { subject: Sent::Value("x".into()), ..event };
            let seen = phone.sees(&phone.changes(&stored, &renamed));
            assert_eq!(exceptions(&seen).len(), exceptions(&phone.sees(&stored)).len(), "{said:?}");
        }
    }
    let every_other = Recurrence { interval: 2, ..weekly(End::Never) };
    let [_, phone] = Phone::both();
    let stored = phone.adds(&Event { recurrence: Sent::Value(every_other), ..standup() });
    let sundays = Recurrence { first_day_of_week: Some(0), ..every_other };
    let changed = phone.changes(&stored, &Event { recurrence: Sent::Value(sundays), ..Event::default() });
    assert!(has(&changed, "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=SU"), "here it means something");
}

/// Daily, with as many changed days as can be sent and notes of so many bytes.
fn changed_days(notes_bytes: usize) -> Event {
    let hour = 3_600_000;
    let start = at("20260302T080000Z");
    let day = |days: i64| vocabulary::Timestamp(start.0 + days * 24 * hour);
    let changed = |days| Exception {
        original_start: day(days),
        is_deleted: false,
        event: Event { subject: Sent::Value(format!("day {days}")), ..Event::default() },
    };
    let notes = crate::any::body(activesync_wire::body::BodyType::Plain, &"n".repeat(notes_bytes));
    Event {
        start_time: Sent::Value(start),
        end_time: Sent::Value(vocabulary::Timestamp(start.0 + hour)),
        body: Sent::Value(notes),
        recurrence: Sent::Value(Recurrence { pattern: Pattern::Daily, ..weekly(End::Never) }),
        exceptions: Sent::Value((0..256).map(changed).collect()),
        ..Event::default()
    }
}

/// Each by itself, they would be read again as often as there are others.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test of time needs a clock")]
fn many_changed_occurrences_take_linear_time() {
    let phone = Phone { zone: calendar::Zone::utc(), ..Phone::new(Version::V14_1) };
    let begin = std::time::Instant::now();
    let event = changed_days(7_000);
    let stored = phone.adds(&event);
    assert_eq!(phone.sees(&stored).exceptions.value().unwrap().len(), 256);
    assert!(stored.len() > 256 * 7_000 && stored.len() < 2 << 20, "{}", stored.len());
    assert!(begin.elapsed() < std::time::Duration::from_secs(3), "{:?}", begin.elapsed());
    let sent = Event::parse(&phone.document(&changed_days(9_000)), phone.version).unwrap();
    let refused = activesync_wire::convert::calendar::from_wire(None, &sent, &phone.writer());
    assert!(refused.is_err(), "each says again what the series says, and together they say too much");
}
