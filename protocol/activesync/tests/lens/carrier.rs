//! Series that ActiveSync cannot say: shown by a carrier, changed in their own lines.

use std::collections::BTreeMap;

use activesync_wire::Version;
use activesync_wire::convert::calendar::{
    DAYS_TOLD, Reader, Writer, change_instance, delete_instance, from_wire, is_as_deleted, is_as_sent,
    to_wire,
};
use activesync_wire::date::compact;
use activesync_wire::item::Sent;
use activesync_wire::item::calendar::{EXCEPTIONS_MAX, Event, Exception};
use activesync_wire::item::recurrence::{CalendarType, End, Pattern, Recurrence, Weekdays};
use calendar::{Component, Limits, Object, Zone, occurrences};
use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use vocabulary::Timestamp;

use crate::any::{DAY_S, lossy};
use crate::phone::{NOW, Phone, at, has, vevent};

/// One occurrence on a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Displayed {
    slot: Timestamp,
    start: Timestamp,
    end: Timestamp,
    subject: Option<String>,
}

/// What a phone makes of an event: the slots of its rule by the clocks of the series, with their exceptions.
fn displayed(seen: &Event, clocks: &Zone) -> Vec<Displayed> {
    let (start, end) = (*seen.start_time.value().unwrap(), *seen.end_time.value().unwrap());
    let Recurrence { pattern, interval: 1, end: End::Occurrences(count), .. } =
        seen.recurrence.value().unwrap()
    else {
        panic!("{:?}", seen.recurrence)
    };
    let has_slot = |day: &NaiveDate| match *pattern {
        Pattern::Daily => true,
        Pattern::Weekly { days } => {
            days.days().any(|one| u32::from(one) == day.weekday().num_days_from_sunday())
        }
        Pattern::Monthly { day: of_month } => day.day() == u32::from(of_month),
        other => panic!("{other:?}"),
    };
    let local = clocks.local(start);
    let days = local.date().iter_days().filter(has_slot).take((*count).into());
    let slots: Vec<Timestamp> = days.map(|day| clocks.instant(day.and_time(local.time()))).collect();
    let exceptions: Vec<Exception> = seen.exceptions.value().cloned().unwrap_or_default();
    assert!(exceptions.len() < EXCEPTIONS_MAX);
    assert!(exceptions.iter().all(|one| slots.contains(&one.original_start)), "{exceptions:?}");
    let day_of = |moment: Timestamp| clocks.local(moment).date();
    let occurrence = |slot: Timestamp| {
        let own = exceptions.iter().find(|one| one.original_start == slot);
        if own.is_some_and(|one| one.is_deleted) {
            return None;
        }
        let own = own.map(|one| &one.event);
        let regular_end = match seen.all_day == Sent::Value(true) {
            true => clocks.instant((day_of(slot) + (day_of(end) - day_of(start))).and_time(NaiveTime::MIN)),
            false => Timestamp(slot.0 + end.0 - start.0),
        };
        Some(Displayed {
            slot,
            start: own.and_then(|own| own.start_time.value().copied()).unwrap_or(slot),
            end: own.and_then(|own| own.end_time.value().copied()).unwrap_or(regular_end),
            subject: own.and_then(|own| own.subject.value().cloned()),
        })
    };
    slots.into_iter().filter_map(occurrence).collect()
}

/// By which clocks a phone counts the days of a series.
fn clocks(stored: &[u8], phone: &Phone) -> Zone {
    let object = Object::parse(stored).unwrap();
    let master = object.master().unwrap();
    match master.is_all_day() && phone.version >= Version::V16_0 {
        true => Zone::utc(),
        false => object.zone_of(master.start.as_ref().unwrap(), &phone.zone).clone(),
    }
}

fn shows(phone: &Phone, stored: &[u8]) -> Vec<Displayed> {
    displayed(&phone.sees(stored), &clocks(stored, phone))
}

fn starts(phone: &Phone, stored: &[u8]) -> Vec<String> {
    shows(phone, stored).iter().map(|one| compact(one.start)).collect()
}

/// Of each day that the phone was told the occurrence at the time of the series, else the first.
fn expected(stored: &[u8], phone: &Phone, told: &[Displayed]) -> Vec<(Timestamp, Timestamp)> {
    let object = Object::parse(stored).unwrap();
    let start = object.master().unwrap().start.clone().unwrap();
    let zone = object.zone_of(&start, &phone.zone);
    let clocks = clocks(stored, phone);
    let day = |one: &Displayed| clocks.local(one.slot).date();
    let midnight = |day: NaiveDate| zone.instant(day.and_time(NaiveTime::MIN));
    let (first, last) = (day(told.first().unwrap()), day(told.last().unwrap()));
    let window = midnight(first)..midnight(last + Days::new(1));
    let limits = Limits { occurrences_max: 12_000, steps_max: 1_000_000 };
    let mut days: BTreeMap<NaiveDate, Vec<_>> = BTreeMap::new();
    for occurrence in occurrences(&object, window, &phone.zone, &limits).occurrences {
        days.entry(zone.local(occurrence.start).date()).or_default().push(occurrence);
    }
    let wire = |moment: Timestamp| clocks.instant(zone.local(moment));
    days.range(first..)
        .map(|(day, all)| {
            let slot = zone.instant(day.and_time(start.local().time()));
            let one = all.iter().find(|one| one.start == slot).unwrap_or(&all[0]);
            match one.all_day {
                true => (wire(one.start), wire(one.end)),
                false => (one.start, one.end),
            }
        })
        .collect()
}

const BERLIN: &str = "DTSTART;TZID=Europe/Berlin:20250107T090000\r\nDTEND;TZID=Europe/Berlin:20250107T100000";
const NEW_YORK: &str = "DTSTART;TZID=America/New_York:20251229T233000\r\nDURATION:PT90M";
const HOLIDAY: &str = "DTSTART;VALUE=DATE:20251224\r\nDTEND;VALUE=DATE:20251227";

/// Series that nobody has changed, and whether they go on for ever.
const SERIES: [(&str, &str, bool); 22] = [
    (BERLIN, "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8", true),
    (BERLIN, "RRULE:FREQ=MONTHLY;BYDAY=1TU,3TU", true),
    (BERLIN, "RRULE:FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=15", true),
    (BERLIN, "RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", true),
    (BERLIN, "RRULE:FREQ=MONTHLY;BYMONTHDAY=-2;COUNT=40", false),
    (BERLIN, "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8\r\nEXDATE;TZID=Europe/Berlin:20260308T090000", true),
    (BERLIN, "RRULE:FREQ=DAILY;BYHOUR=9,17", true),
    (BERLIN, "RRULE:FREQ=HOURLY;INTERVAL=7", true),
    (BERLIN, "RRULE:FREQ=WEEKLY\r\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1", true),
    (BERLIN, "RRULE:FREQ=WEEKLY\r\nRDATE:20260420T133000Z,20260611T080000Z", true),
    (BERLIN, "RRULE:FREQ=WEEKLY\r\nRDATE;VALUE=PERIOD:20260510T100000Z/PT3H,20260512T070000Z/PT9H", true),
    (BERLIN, "RDATE;TZID=Europe/Berlin:20260304T090000,20260317T090000,20260520T113000", false),
    (BERLIN, "RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15;UNTIL=20250630T000000Z", false),
    (BERLIN, "RRULE:FREQ=YEARLY;INTERVAL=3;BYMONTH=2,3;BYMONTHDAY=7", true),
    (NEW_YORK, "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;BYMONTH=1,2,3,11", true),
    (NEW_YORK, "RRULE:FREQ=DAILY;INTERVAL=2;BYDAY=MO,WE,FR", true),
    (NEW_YORK, "RRULE:FREQ=MONTHLY;BYMONTHDAY=29,31", true),
    (HOLIDAY, "RRULE:FREQ=YEARLY;BYMONTH=4,12;BYMONTHDAY=1,24", true),
    (HOLIDAY, "RRULE:FREQ=YEARLY;BYYEARDAY=100", true),
    (HOLIDAY, "RRULE:FREQ=MONTHLY;BYDAY=1MO,3MO\r\nEXDATE;VALUE=DATE:20260406", true),
    (HOLIDAY, "RDATE;VALUE=DATE:20260106,20260119,20260202,20260320", false),
    ("DTSTART:20290101T080000Z\r\nDURATION:PT1H", "RRULE:FREQ=MONTHLY;BYMONTHDAY=1,2,3", true),
];

fn series(start: &str, lines: &str) -> Vec<u8> {
    vevent(&[start, lines, "SUMMARY:rent"])
}

#[test]
fn what_no_rule_says_is_shown_day_by_day() {
    for (start, lines, is_endless) in SERIES {
        let stored = series(start, lines);
        for phone in Phone::both() {
            let told = shows(&phone, &stored);
            let found: Vec<_> = told.iter().map(|one| (one.start, one.end)).collect();
            assert_eq!(found, expected(&stored, &phone, &told), "{lines}");
            assert!(!is_endless || found.iter().any(|(_, end)| *end > NOW), "{lines}: the next is told");
            let is_dense =
                ["7,8", "HOUR", "1TU", "29,31", "INTERVAL=2"].iter().any(|part| lines.contains(part));
            let far = Timestamp(NOW.0 + (DAYS_TOLD - 31) * DAY_S * 1000);
            assert!(!is_dense || found.iter().any(|(start, _)| *start > far), "{lines}: {found:?}");
            assert_eq!(phone.changes(&stored, &phone.repeats(&stored)), stored, "{lines}");
        }
    }
}

#[test]
fn the_slots_are_the_days_of_the_occurrences() {
    let weekly = |days: &[u8]| Pattern::Weekly { days: Weekdays::from_days(days.iter().copied()).unwrap() };
    for (start, lines, pattern, first, slots, shown) in [
        // To 8 October: the year would need 367 slots.
        (BERLIN, "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8", Pattern::Daily, "20260207T080000Z", 244, 18),
        // To 16 February.
        (BERLIN, "RRULE:FREQ=MONTHLY;BYDAY=1TU,3TU", weekly(&[2]), "20260203T080000Z", 55, 26),
        (BERLIN, "RRULE:FREQ=YEARLY;BYMONTH=3,9", Pattern::Monthly { day: 7 }, "20260307T080000Z", 7, 2),
        (BERLIN, "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8;COUNT=3", weekly(&[2, 3, 5]), "20250107T080000Z", 15, 3),
    ] {
        for phone in Phone::both() {
            let seen = phone.sees(&series(start, lines));
            let recurrence = seen.recurrence.value().unwrap();
            assert_eq!((recurrence.pattern, recurrence.end), (pattern, End::Occurrences(slots)), "{lines}");
            assert_eq!(seen.start_time, Sent::Value(at(first)), "{lines}");
            assert_eq!(shows(&phone, &series(start, lines)).len(), shown, "{lines}");
        }
    }
}

/// Whole days of a year in which a day has 23 hours, and one has 25.
#[test]
fn days_are_told_in_both_ways() {
    let stored = series(HOLIDAY, "RDATE;VALUE=DATE:20260328,20261024");
    let [old, new] = Phone::both();
    let all = |phone: &Phone| {
        let shown = shows(phone, &stored);
        shown.iter().map(|one| (compact(one.start), compact(one.end))).collect::<Vec<_>>()
    };
    let pair = |start: &str, end: &str| (start.to_owned(), end.to_owned());
    assert_eq!(
        all(&old),
        [pair("20260327T230000Z", "20260330T220000Z"), pair("20261023T220000Z", "20261026T230000Z")]
    );
    assert_eq!(
        all(&new),
        [pair("20260328T000000Z", "20260331T000000Z"), pair("20261024T000000Z", "20261027T000000Z")]
    );
}

#[test]
fn a_date_beside_a_rule_counts_while_it_can_be_told() {
    for phone in Phone::both() {
        for (dates, is_plain) in [
            ("RDATE:20250420T133000Z", true),  // long ago
            ("RDATE:20270420T133000Z", true),  // more than a year ahead
            ("RDATE:20260421T070000Z", true),  // a Tuesday at nine, as the rule has it
            ("RDATE:20260421T133000Z", false), // at another time
            ("RDATE:20260422T070000Z", false),
        ] {
            let seen = phone.sees(&series(BERLIN, &format!("RRULE:FREQ=WEEKLY\r\n{dates}")));
            assert_eq!(seen.recurrence.value().unwrap().end == End::Never, is_plain, "{dates}");
        }
        let stored = series(BERLIN, "RRULE:FREQ=WEEKLY\r\nRDATE:20260422T133000Z");
        let all = starts(&phone, &stored);
        assert!(
            all.contains(&"20260421T070000Z".into()) && all.contains(&"20260422T133000Z".into()),
            "{all:?}"
        );
    }
}

fn rent() -> Vec<u8> {
    series(BERLIN, "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8")
}

fn later<'a>(phone: &'a Phone, now: &str) -> Reader<'a> {
    Reader { now: at(now), ..phone.reader() }
}

#[test]
fn a_view_of_an_earlier_month_is_no_change() {
    let stored = vevent(&[
        BERLIN,
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8",
        "RDATE:20260408T120000Z,20270320T080000Z",
        "SUMMARY:rent",
    ]);
    let weekly = |dates: &str| series(BERLIN, &format!("RRULE:FREQ=WEEKLY\r\nRDATE:{dates}"));
    // Dates that are told in both months, in the first one only, in the later one only.
    let dated = ["20260411T120000Z", "20260210T120000Z,20260211T120000Z", "20270325T080000Z"].map(weekly);
    for stored in [stored, rent()].into_iter().chain(dated) {
        for phone in Phone::both() {
            let repeated = phone.repeats(&stored);
            for now in ["20260331T235959Z", "20260401T000000Z", "20260630T120000Z"] {
                let writer = Writer { reader: later(&phone, now), ..phone.writer() };
                assert_eq!(from_wire(Some(&stored), &repeated, &writer).unwrap(), stored, "{now}");
                let renamed = Event { subject: Sent::Value("more".into()), ..repeated.clone() };
                let changed = lossy(&from_wire(Some(&stored), &renamed, &writer).unwrap());
                assert_eq!(changed.matches("BEGIN:VEVENT").count(), 1, "{changed}");
                assert!(changed.contains("SUMMARY:more") && !changed.contains("EXDATE"), "{changed}");
                assert!(changed.contains("20250107T090000"), "the series stays: {changed}");
            }
        }
    }
}

/// Some phones say the end by its day.
#[test]
fn the_end_of_an_earlier_month_ends_nothing() {
    for phone in Phone::both() {
        let repeated = phone.repeats(&rent());
        let last = shows(&phone, &rent()).last().unwrap().slot;
        let recurrence = Recurrence { end: End::Until(last), ..*repeated.recurrence.value().unwrap() };
        let event = Event { recurrence: Sent::Value(recurrence), ..repeated };
        for now in ["20260331T235959Z", "20260401T000000Z", "20260630T120000Z"] {
            let writer = Writer { reader: later(&phone, now), ..phone.writer() };
            assert_eq!(from_wire(Some(&rent()), &event, &writer).unwrap(), rent(), "{now}");
        }
    }
}

#[test]
fn the_view_is_that_of_the_month() {
    for phone in Phone::both() {
        let seen = |now| to_wire(&rent(), &later(&phone, now)).unwrap();
        assert_eq!(seen("20260301T000000Z"), seen("20260331T235959Z"));
        let april = seen("20260401T000000Z");
        assert_ne!(seen("20260331T235959Z"), april);
        assert!(!is_as_sent(&rent(), &phone.repeats(&rent()), &later(&phone, "20260401T000000Z")).unwrap());
        assert!(is_as_sent(&rent(), &Event::default(), &later(&phone, "20260401T000000Z")).unwrap());
    }
}

fn exception(original: &str, is_deleted: bool, event: Event) -> Exception {
    Exception { original_start: at(original), is_deleted, event }
}

/// Up to 14.1 by Exceptions, from 16.0 by InstanceId.
fn says(phone: &Phone, stored: &[u8], slot: &str, event: &Event) -> Vec<u8> {
    if phone.version < Version::V16_0 {
        let mut repeated = phone.repeats(stored);
        let mut exceptions = repeated.exceptions.into_value().unwrap_or_default();
        exceptions.retain(|one| one.original_start != at(slot));
        exceptions.push(exception(slot, false, event.clone()));
        repeated.exceptions = Sent::Value(exceptions);
        return phone.changes(stored, &repeated);
    }
    let sent = Event::parse_instance(&phone.document(event), phone.version).unwrap();
    change_instance(stored, at(slot), &sent, &phone.writer()).unwrap()
}

fn deletes(phone: &Phone, stored: &[u8], slot: &str) -> Vec<u8> {
    if phone.version < Version::V16_0 {
        let mut repeated = phone.repeats(stored);
        let mut exceptions = repeated.exceptions.into_value().unwrap_or_default();
        exceptions.retain(|one| one.original_start != at(slot));
        exceptions.push(exception(slot, true, Event::default()));
        repeated.exceptions = Sent::Value(exceptions);
        return phone.changes(stored, &repeated);
    }
    delete_instance(stored, at(slot), &phone.writer()).unwrap()
}

#[test]
fn one_occurrence_is_changed_and_deleted() {
    let paid = Event { subject: Sent::Value("paid".into()), ..Event::default() };
    for phone in Phone::both() {
        let changed = says(&phone, &rent(), "20260407T070000Z", &paid);
        assert!(has(&changed, "RECURRENCE-ID;TZID=Europe/Berlin:20260407T090000"), "{}", lossy(&changed));
        let told = shows(&phone, &changed);
        assert_eq!(told.len(), 18);
        let own: Vec<&Displayed> = told.iter().filter(|one| one.subject.is_some()).collect();
        let [own] = own[..] else { panic!("{own:?}") };
        assert_eq!((own.start, own.subject.as_deref()), (at("20260407T070000Z"), Some("paid")));

        let deleted = deletes(&phone, &changed, "20260408T070000Z");
        assert!(has(&deleted, "EXDATE;TZID=Europe/Berlin:20260408T090000"), "{}", lossy(&deleted));
        assert_eq!(shows(&phone, &deleted).len(), 17);
        let deleted = deletes(&phone, &deleted, "20260407T070000Z");
        assert_eq!(shows(&phone, &deleted).len(), 16);
        let (before, after) = (phone.sees(&rent()), phone.sees(&deleted));
        assert_eq!((before.start_time, before.recurrence), (after.start_time, after.recurrence));
        assert_eq!(phone.changes(&deleted, &phone.repeats(&deleted)), deleted);
    }
}

#[test]
fn a_day_without_an_occurrence_has_none_to_change() {
    let [old, new] = Phone::both();
    let own = Event { subject: Sent::Value("x".into()), ..Event::default() };
    assert_eq!(says(&old, &rent(), "20260409T070000Z", &own), rent());
    assert!(change_instance(&rent(), at("20260409T070000Z"), &own, &new.writer()).is_err());
    assert!(delete_instance(&rent(), at("20260409T070000Z"), &new.writer()).is_err());
    let exceptions = Sent::Value(vec![exception("20260409T070000Z", false, own)]);
    let event = Event { exceptions, ..Event::default() };
    assert!(!is_as_sent(&rent(), &event, &old.reader()).unwrap(), "the phone is told that there is none");
}

#[test]
fn an_occurrence_at_another_time_of_day_stays_there() {
    let stored = series(
        BERLIN,
        "RRULE:FREQ=WEEKLY\r\nRDATE:20260422T133000Z\r\nRDATE;VALUE=PERIOD:20260423T133000Z/PT3H",
    );
    let named = Event { subject: Sent::Value("named".into()), ..Event::default() };
    for phone in Phone::both() {
        for (slot, start, end) in [
            ("20260422T070000Z", "20260422T133000Z", "20260422T143000Z"),
            ("20260423T070000Z", "20260423T133000Z", "20260423T163000Z"),
        ] {
            let changed = says(&phone, &stored, slot, &named);
            let shown = shows(&phone, &changed).into_iter().find(|one| one.slot == at(slot)).unwrap();
            assert_eq!((shown.start, shown.end), (at(start), at(end)), "{}", lossy(&changed));
            assert_eq!(shown.subject.as_deref(), Some("named"));
            assert_eq!(
                shows(&phone, &deletes(&phone, &stored, slot)).len() + 1,
                shows(&phone, &stored).len()
            );
        }
        let moved = Event {
            start_time: Sent::Value(at("20260423T150000Z")),
            end_time: Sent::Value(at("20260423T153000Z")),
            ..Event::default()
        };
        let changed = says(&phone, &stored, "20260423T070000Z", &moved);
        assert!(starts(&phone, &changed).contains(&"20260423T150000Z".into()), "{}", lossy(&changed));
        assert!(has(&changed, "RECURRENCE-ID;TZID=Europe/Berlin:20260423T153000"), "{}", lossy(&changed));
    }
}

#[test]
fn of_two_on_one_day_the_other_takes_the_place() {
    let stored = series(BERLIN, "RRULE:FREQ=DAILY;BYHOUR=9,17");
    let slot = "20260407T070000Z";
    for phone in Phone::both() {
        let deleted = deletes(&phone, &stored, slot);
        assert!(has(&deleted, "EXDATE;TZID=Europe/Berlin:20260407T090000"), "{}", lossy(&deleted));
        let shown = shows(&phone, &deleted).into_iter().find(|one| one.slot == at(slot)).unwrap();
        assert_eq!(shown.start, at("20260407T150000Z"));
        assert!(!is_as_deleted(&deleted, at(slot), &phone.reader()).unwrap(), "the phone is told of it");
        let deleted = deletes(&phone, &deleted, slot);
        assert!(shows(&phone, &deleted).iter().all(|one| one.slot != at(slot)), "{}", lossy(&deleted));
        assert!(is_as_deleted(&deleted, at(slot), &phone.reader()).unwrap());
    }
}

/// Start and end that many minutes later than they are shown.
fn shifted(repeated: &Event, start_minutes: i64, end_minutes: i64) -> Event {
    let later = |at: Timestamp, minutes: i64| Timestamp(at.0 + minutes * 60_000);
    Event {
        start_time: repeated.start_time.clone().map(|at| later(at, start_minutes)),
        end_time: repeated.end_time.clone().map(|at| later(at, end_minutes)),
        ..repeated.clone()
    }
}

#[test]
fn a_series_moves_to_another_time_of_day_and_stays_on_its_days() {
    for phone in Phone::both() {
        let repeated = phone.repeats(&rent());
        let moved = shifted(&repeated, 90, 120);
        let changed = phone.changes(&rent(), &moved);
        assert!(has(&changed, "DTSTART;TZID=Europe/Berlin:20250107T103000"), "{}", lossy(&changed));
        assert!(has(&changed, "DTEND;TZID=Europe/Berlin:20250107T120000"), "{}", lossy(&changed));
        assert!(has(&changed, "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8"), "{}", lossy(&changed));
        assert_eq!(starts(&phone, &changed)[..2], ["20260207T093000Z", "20260208T093000Z"]);
        assert!(!is_as_sent(&changed, &moved, &phone.reader()).unwrap(), "the days between are told again");

        let on_another_day = shifted(&repeated, 24 * 60, 24 * 60);
        assert_eq!(phone.changes(&rent(), &on_another_day), rent());
        assert!(!is_as_sent(&rent(), &on_another_day, &phone.reader()).unwrap());

        let longer = phone.changes(&rent(), &shifted(&repeated, 0, 30));
        assert!(has(&longer, "DTSTART;TZID=Europe/Berlin:20250107T090000"), "{}", lossy(&longer));
        assert!(has(&longer, "DTEND;TZID=Europe/Berlin:20250107T103000"), "{}", lossy(&longer));

        // The rule has the times of day.
        let stored = series(BERLIN, "RRULE:FREQ=DAILY;BYHOUR=9,17");
        assert_eq!(phone.changes(&stored, &shifted(&phone.repeats(&stored), 60, 60)), stored);
        let stored = series(HOLIDAY, "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8");
        let changed = phone.changes(&stored, &shifted(&phone.repeats(&stored), 0, 24 * 60));
        assert!(has(&changed, "DTEND;VALUE=DATE:20251228"), "{}", lossy(&changed));
        let backwards = shifted(&phone.repeats(&stored), 0, -4 * 24 * 60);
        assert!(phone.tries(&stored, &backwards).is_err());
    }
}

#[test]
fn another_rule_replaces_all_that_there_was() {
    let saturdays = Pattern::Weekly { days: Weekdays::from_days([6]).unwrap() };
    let weekly = Recurrence {
        pattern: saturdays,
        calendar: CalendarType::Gregorian,
        interval: 2,
        end: End::Never,
        first_day_of_week: Some(1),
    };
    let stored = series(BERLIN, "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8\r\nRDATE:20260422T133000Z");
    for phone in Phone::both() {
        let event =
            Event { recurrence: Sent::Value(weekly), exceptions: Sent::Absent, ..phone.repeats(&stored) };
        let changed = phone.changes(&stored, &event);
        assert!(has(&changed, "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SA"), "{}", lossy(&changed));
        assert!(has(&changed, "DTSTART;TZID=Europe/Berlin:20260207T090000"), "{}", lossy(&changed));
        assert!(!lossy(&changed).contains("RDATE"), "{}", lossy(&changed));
        assert_eq!(phone.sees(&changed).recurrence.value().unwrap().end, End::Never);
        assert!(is_as_sent(&changed, &event, &phone.reader()).unwrap());
    }
    let new = Phone::new(Version::V16_1);
    let event = Event { recurrence: Sent::Value(weekly), ..Event::default() };
    assert!(has(&new.changes(&stored, &event), "DTSTART;TZID=Europe/Berlin:20260207T090000"));
}

#[test]
fn a_series_becomes_the_single_event_that_the_phone_shows() {
    let [old, new] = Phone::both();
    let stored = series(BERLIN, "RRULE:FREQ=WEEKLY\r\nRDATE:20260422T133000Z\r\nEXDATE:20260421T070000Z");
    let single = Event { recurrence: Sent::Absent, exceptions: Sent::Absent, ..old.repeats(&stored) };
    let emptied = Event { recurrence: Sent::Empty, ..Event::default() };
    for changed in [old.changes(&stored, &single), new.changes(&stored, &emptied)] {
        let text = lossy(&changed);
        assert!(["RRULE", "RDATE", "EXDATE"].iter().all(|gone| !text.contains(gone)), "{text}");
        assert!(has(&changed, "DTSTART;TZID=Europe/Berlin:20260203T090000"), "{text}");
        assert_eq!(new.sees(&changed).start_time, Sent::Value(at("20260203T080000Z")));
    }
}

#[test]
fn a_series_ends_earlier() {
    for phone in Phone::both() {
        let repeated = phone.repeats(&rent());
        let shown = *repeated.recurrence.value().unwrap();
        let ends = |end: End| {
            let event = Event { recurrence: Sent::Value(Recurrence { end, ..shown }), ..repeated.clone() };
            (phone.changes(&rent(), &event), event)
        };
        // The 60th slot is 7 April.
        for end in [End::Until(at("20260407T070000Z")), End::Occurrences(60)] {
            let (changed, event) = ends(end);
            let line = "RRULE:FREQ=MONTHLY;UNTIL=20260407T070000Z;BYMONTHDAY=7,8";
            assert!(has(&changed, line), "{}", lossy(&changed));
            assert_eq!(shows(&phone, &changed).len(), 5);
            assert!(!is_as_sent(&changed, &event, &phone.reader()).unwrap());
        }
        // It was not known to end then.
        for end in [End::Never, End::Until(at("20280101T000000Z")), End::Occurrences(999)] {
            assert_eq!(ends(end).0, rent(), "{end:?}");
        }
        let several = series(BERLIN, "RRULE:FREQ=WEEKLY\r\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1");
        let event = phone.repeats(&several);
        let end = End::Until(at("20260407T070000Z"));
        let recurrence = Recurrence { end, ..*event.recurrence.value().unwrap() };
        let event = Event { recurrence: Sent::Value(recurrence), ..event };
        assert_eq!(phone.changes(&several, &event), several, "no rule says it");
        assert!(!is_as_sent(&several, &event, &phone.reader()).unwrap());
    }
}

/// A changed occurrence of another client on a day that has none is shown, as it stands by itself.
#[test]
fn what_stands_by_itself_is_shown_too() {
    let lines = [
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:u1",
        "RECURRENCE-ID;TZID=Europe/Berlin:20260420T090000",
        "DTSTART;TZID=Europe/Berlin:20260421T110000",
        "DTEND;TZID=Europe/Berlin:20260421T120000",
        "SUMMARY:alone",
    ];
    let stored = vevent(&[&[BERLIN, "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8"], &lines[..]].concat());
    assert_eq!(Object::parse(&stored).unwrap().components.iter().filter(|one| is_override(one)).count(), 1);
    for phone in Phone::both() {
        let told = shows(&phone, &stored);
        let own = told.iter().find(|one| one.slot == at("20260420T070000Z")).unwrap();
        assert_eq!((own.start, own.subject.as_deref()), (at("20260421T090000Z"), Some("alone")));
        assert_eq!(phone.changes(&stored, &phone.repeats(&stored)), stored);
    }
}

fn is_override(component: &Component) -> bool {
    component.recurrence.is_some()
}

/// Invited to three Mondays and Thursdays of a series that is somebody else's.
fn invited_to_some() -> Vec<u8> {
    let occurrence = |id: &str, start: &str, lines: &str| {
        format!(
            "BEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID;TZID=Europe/Berlin:{id}\r\n\
             DTSTART;TZID=Europe/Berlin:{start}\r\nDURATION:PT1H\r\nORGANIZER:mailto:bert@a.test\r\n\
             ATTENDEE;RSVP=TRUE:mailto:anna@a.test\r\n{lines}END:VEVENT\r\n"
        )
    };
    let standup = "SUMMARY:standup\r\n";
    let alone = [
        occurrence("20260323T090000", "20260323T110000", standup),
        occurrence("20260309T090000", "20260309T090000", standup),
        occurrence("20260326T090000", "20260326T090000", "SUMMARY:party\r\n"),
    ];
    let whole = lossy(&vevent(&["X-HERE:1"]));
    let (head, tail) = (whole.find("BEGIN:VEVENT").unwrap(), whole.find("END:VCALENDAR").unwrap());
    [&whole[..head], &alone.concat(), &whole[tail..]].concat().into_bytes()
}

fn told_of(phone: &Phone, stored: &[u8]) -> Vec<(String, Option<String>)> {
    let all = displayed(&phone.sees(stored), &phone.zone);
    all.into_iter().map(|one| (compact(one.start), one.subject)).collect()
}

#[test]
fn single_occurrences_without_their_series_are_all_shown() {
    let stored = invited_to_some();
    for phone in Phone::both() {
        let party = ("20260326T080000Z".to_owned(), Some("party".to_owned()));
        let shown = [("20260309T080000Z".to_owned(), None), ("20260323T100000Z".to_owned(), None), party];
        assert_eq!(told_of(&phone, &stored), shown);
        assert_eq!(phone.sees(&stored).subject, Sent::Value("standup".into()));
        assert_eq!(phone.changes(&stored, &phone.repeats(&stored)), stored);
        // Another time of the series would be one of occurrences that nobody was invited to.
        let later = Event {
            start_time: Sent::Value(at("20260309T120000Z")),
            end_time: Sent::Value(at("20260309T130000Z")),
            ..phone.repeats(&stored)
        };
        assert_eq!(phone.changes(&stored, &later), stored);
        assert!(!is_as_sent(&stored, &later, &phone.reader()).unwrap());
    }
}

#[test]
fn what_is_said_of_single_occurrences_is_said_of_each() {
    let stored = invited_to_some();
    for phone in Phone::both() {
        let whole = Event {
            subject: Sent::Value("daily".into()),
            reminder: Sent::Value(10),
            ..phone.repeats(&stored)
        };
        let text = lossy(&phone.changes(&stored, &whole));
        let count = |line: &str| text.matches(line).count();
        assert_eq!((count("SUMMARY:daily"), count("SUMMARY:party")), (2, 1), "{text}");
        assert_eq!((count("TRIGGER:-PT10M"), count("RRULE"), count("RDATE")), (3, 0, 0), "{text}");
    }
}

#[test]
fn single_occurrences_are_changed_and_deleted_one_by_one() {
    let stored = invited_to_some();
    let [old, new] = Phone::both();
    let (first, second) = (at("20260323T080000Z"), at("20260326T080000Z"));
    let named = Event { subject: Sent::Value("mine".into()), ..Event::default() };
    let all = vec![
        Exception { original_start: first, is_deleted: true, event: Event::default() },
        Exception { original_start: second, is_deleted: false, event: named.clone() },
    ];
    let by_old = old.changes(&stored, &Event { exceptions: Sent::Value(all), ..old.repeats(&stored) });
    let by_new = delete_instance(&stored, first, &new.writer()).unwrap();
    assert!(is_as_deleted(&by_new, first, &new.reader()).unwrap());
    let by_new = change_instance(&by_new, second, &named, &new.writer()).unwrap();
    let mine = ("20260326T080000Z".to_owned(), Some("mine".to_owned()));
    for (phone, stored) in [(&old, &by_old), (&new, &by_new)] {
        assert_eq!(told_of(phone, stored), [("20260309T080000Z".to_owned(), None), mine.clone()]);
        assert_eq!(Object::parse(stored).unwrap().components.len(), 2, "{}", lossy(stored));
    }
    // The last one is no series any more, and goes as a whole.
    let last = delete_instance(&by_new, second, &new.writer()).unwrap();
    assert!(new.sees(&last).recurrence.value().is_none());
    assert!(delete_instance(&last, at("20260309T080000Z"), &new.writer()).is_err());
    let none = [first, second, at("20260309T080000Z")].map(|original_start| Exception {
        original_start,
        is_deleted: true,
        event: Event::default(),
    });
    let none = Event { exceptions: Sent::Value(none.to_vec()), ..old.repeats(&stored) };
    assert!(old.tries(&stored, &none).is_err());
}
