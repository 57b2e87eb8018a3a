//! Series with exceptions, odd clocks and odd lengths.

use std::time::Duration as Elapsed;

use calendar::{Limits, Occurrence, occurrences};
use vocabulary::Timestamp;

use super::given::{event, parse, starts, utc, zone};

/// A series and further components of the same UID.
fn series(master: &str, overrides: &[&str]) -> calendar::Object {
    let components: String = [master]
        .iter()
        .chain(overrides)
        .map(|lines| format!("BEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT\n"))
        .collect();
    parse(&format!("BEGIN:VCALENDAR\nVERSION:2.0\n{components}END:VCALENDAR\n"))
}

fn all(object: &calendar::Object) -> Vec<Occurrence> {
    occurrences(object, Timestamp(i64::MIN)..Timestamp(i64::MAX), &zone("Europe/Berlin"), &Limits::default())
        .occurrences
}

fn whole(object: &calendar::Object) -> Vec<String> {
    starts(object, "19000101T000000", "21000101T000000", &zone("Europe/Berlin"))
}

const DAILY: &str = "DTSTART;TZID=Europe/Berlin:20240101T090000\nDTEND;TZID=Europe/Berlin:20240101T100000\nRRULE:FREQ=DAILY;COUNT=4";

#[test]
fn an_override_replaces_its_occurrence_whatever_its_sequence() {
    for sequence in ["SEQUENCE:0", "SEQUENCE:7", "X-NONE:1"] {
        let object = series(
            &format!("{DAILY}\nSEQUENCE:3"),
            &[&format!(
                "RECURRENCE-ID;TZID=Europe/Berlin:20240102T090000\nDTSTART;TZID=Europe/Berlin:20240102T150000\n{sequence}"
            )],
        );
        let expected = ["20240101T090000", "20240102T150000", "20240103T090000", "20240104T090000"];
        assert_eq!(whole(&object), expected);
        assert_eq!(all(&object)[1].component, 1);
        assert_eq!(all(&object)[1].recurrence, utc("20240102T080000"));
    }
}

#[test]
fn an_override_is_found_by_any_spelling_of_its_moment() {
    for id in [
        ";TZID=Europe/Berlin:20240102T090000",
        ":20240102T080000Z",
        ";TZID=America/New_York:20240102T030000",
        ";TZID=W. Europe Standard Time:20240102T090000",
        ";VALUE=DATE:20240102",
        ":20240102T090000",
    ] {
        let object = series(DAILY, &[&format!("RECURRENCE-ID{id}\nDTSTART:20240102T190000Z")]);
        assert_eq!(
            whole(&object),
            ["20240101T090000", "20240102T200000", "20240103T090000", "20240104T090000"],
            "{id}"
        );
    }
}

#[test]
fn overrides_move_into_a_window_and_out_of_it() {
    let object = series(
        DAILY,
        &[
            "RECURRENCE-ID;TZID=Europe/Berlin:20240102T090000\nDTSTART;TZID=Europe/Berlin:20240601T090000",
            "RECURRENCE-ID;TZID=Europe/Berlin:20240103T090000\nDTSTART;TZID=Europe/Berlin:20231201T090000",
        ],
    );
    let clocks = zone("Europe/Berlin");
    assert_eq!(starts(&object, "20240102T000000", "20240104T000000", &clocks), Vec::<String>::new());
    assert_eq!(starts(&object, "20240601T000000", "20240602T000000", &clocks), ["20240601T090000"]);
    assert_eq!(starts(&object, "20231201T000000", "20231202T000000", &clocks), ["20231201T090000"]);
}

#[test]
fn an_override_without_its_series_stands_by_itself() {
    let object = series("RECURRENCE-ID:20240102T080000Z\nDTSTART:20240102T190000Z", &[]);
    assert_eq!(whole(&object), ["20240102T200000"]);
    let object = series(DAILY, &["RECURRENCE-ID:20250102T080000Z\nDTSTART:20250102T190000Z"]);
    assert_eq!(whole(&object).last().map(String::as_str), Some("20250102T200000"));
}

/// RFC 5545 section 3.8.4.4.
#[test]
fn this_and_future_moves_all_that_come_later_by_as_much() {
    let object = series(
        "DTSTART;TZID=Europe/Berlin:20240325T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=5",
        &[
            "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20240408T090000\nDTSTART;TZID=Europe/Berlin:20240409T110000\nDURATION:PT2H",
            "RECURRENCE-ID;TZID=Europe/Berlin:20240415T090000\nDTSTART;TZID=Europe/Berlin:20240415T080000",
        ],
    );
    let expected =
        ["20240325T090000", "20240401T090000", "20240409T110000", "20240415T080000", "20240423T110000"];
    assert_eq!(whole(&object), expected);
    let last = all(&object)[4];
    assert_eq!((last.end.0 - last.start.0, last.component), (7_200_000, 1));
    // A window that only the move reaches.
    assert_eq!(
        starts(&object, "20240423T000000", "20240424T000000", &zone("Europe/Berlin")),
        ["20240423T110000"]
    );
}

/// RFC 5545 section 3.8.5.1.
#[test]
fn exceptions_take_away_in_any_spelling_and_are_counted() {
    for exdate in [
        ";TZID=Europe/Berlin:20240102T090000,20240104T090000",
        ":20240102T080000Z,20240104T080000Z",
        ";TZID=America/New_York:20240102T030000,20240104T030000",
        ";VALUE=DATE:20240102,20240104",
        ":20240102T090000,nonsense,,20240104T090000",
    ] {
        let object = parse(&event(&format!("{DAILY}\nEXDATE{exdate}")));
        assert_eq!(whole(&object), ["20240101T090000", "20240103T090000"], "{exdate}");
    }
}

#[test]
fn the_first_occurrence_can_be_taken_away() {
    let object = parse(&event(&format!("{DAILY}\nEXDATE:20240101T080000Z")));
    assert_eq!(whole(&object).len(), 3);
}

#[test]
fn a_changed_occurrence_stays_where_an_exception_names_it_too() {
    let object = series(
        &format!("{DAILY}\nEXDATE:20240102T080000Z"),
        &["RECURRENCE-ID:20240102T080000Z\nDTSTART:20240102T190000Z"],
    );
    assert_eq!(whole(&object).len(), 4);
}

/// RFC 5545 section 3.8.5.2.
#[test]
fn extra_dates_are_added_once_and_periods_have_their_own_end() {
    let object = parse(&event(&format!(
        "{DAILY}\nRDATE;TZID=Europe/Berlin:20240102T090000,20240110T120000\nRDATE;VALUE=PERIOD:20240111T080000Z/PT3H,20240112T080000Z/20240112T083000Z"
    )));
    let found = whole(&object);
    assert_eq!(found.len(), 7);
    assert_eq!(&found[4..], ["20240110T120000", "20240111T090000", "20240112T090000"]);
    let lengths: Vec<i64> =
        all(&object).iter().map(|occurrence| (occurrence.end.0 - occurrence.start.0) / 60_000).collect();
    assert_eq!(lengths, [60, 60, 60, 60, 60, 180, 30]);
}

#[test]
fn local_time_stays_when_the_clocks_change() {
    let object = parse(&event("DTSTART;TZID=Europe/Berlin:20240330T090000\nRRULE:FREQ=DAILY;COUNT=3"));
    let starts: Vec<Timestamp> = all(&object).iter().map(|occurrence| occurrence.start).collect();
    assert_eq!(starts, [utc("20240330T080000"), utc("20240331T070000"), utc("20240401T070000")]);
}

#[test]
fn in_a_gap_an_occurrence_is_an_hour_later_and_in_a_fold_it_is_the_first() {
    let gap = parse(&event("DTSTART;TZID=Europe/Berlin:20240330T023000\nRRULE:FREQ=DAILY;COUNT=3"));
    assert_eq!(whole(&gap), ["20240330T023000", "20240331T033000", "20240401T023000"]);
    let start_in_gap = parse(&event("DTSTART;TZID=Europe/Berlin:20240331T023000\nRRULE:FREQ=DAILY;COUNT=2"));
    assert_eq!(whole(&start_in_gap), ["20240331T033000", "20240401T023000"]);
    let fold = parse(&event("DTSTART;TZID=Europe/Berlin:20241026T023000\nRRULE:FREQ=DAILY;COUNT=3"));
    assert_eq!(all(&fold)[1].start, utc("20241027T003000"));
    // Every half hour: what the gap pushes onto another one is that one.
    let pushed = parse(&event("DTSTART;TZID=Europe/Berlin:20240331T013000\nRRULE:FREQ=HOURLY;COUNT=3"));
    assert_eq!(whole(&pushed), ["20240331T013000", "20240331T033000"]);
}

/// RFC 5545 section 3.8.5.3: DTEND is an exact length, DURATION may be of days.
#[test]
fn a_day_is_a_day_of_the_calendar_and_an_end_is_exact() {
    let nominal =
        parse(&event("DTSTART;TZID=Europe/Berlin:20240330T120000\nDURATION:P1D\nRRULE:FREQ=DAILY;COUNT=2"));
    let exact = parse(&event(
        "DTSTART;TZID=Europe/Berlin:20240329T120000\nDTEND;TZID=Europe/Berlin:20240330T120000\nRRULE:FREQ=DAILY;COUNT=3",
    ));
    assert_eq!(all(&nominal)[0].end, utc("20240331T100000"));
    assert_eq!(all(&exact)[1].end, utc("20240331T110000"));
}

#[test]
fn floating_times_and_dates_are_those_of_the_reader() {
    let floating = parse(&event("DTSTART:20240701T090000\nRRULE:FREQ=DAILY;COUNT=2"));
    let dates = parse(&event("DTSTART;VALUE=DATE:20240701\nRRULE:FREQ=DAILY;UNTIL=20240702"));
    for (clocks, nine, midnight) in [
        ("Asia/Tokyo", "20240701T000000", "20240630T150000"),
        ("America/New_York", "20240701T130000", "20240701T040000"),
    ] {
        let window = utc("20240601T000000")..utc("20240801T000000");
        let found =
            |object| occurrences(object, window.clone(), &zone(clocks), &Limits::default()).occurrences;
        assert_eq!(found(&floating)[0].start, utc(nine));
        assert_eq!(found(&dates)[0].start, utc(midnight));
        assert!(found(&dates)[0].all_day && found(&dates).len() == 2);
    }
}

#[test]
fn an_unknown_zone_is_the_one_of_the_reader() {
    let object = parse(&event("DTSTART;TZID=My Own Zone:20240701T090000"));
    assert_eq!(whole(&object), ["20240701T090000"]);
}

#[test]
fn lengths_are_never_negative() {
    for (lines, minutes) in [
        ("DTSTART:20240701T090000Z\nDTEND:20240701T080000Z", 0),
        ("DTSTART:20240701T090000Z\nDURATION:-PT1H", 0),
        ("DTSTART:20240701T090000Z", 0),
        ("DTSTART;VALUE=DATE:20240701", 24 * 60),
        ("DTSTART;VALUE=DATE:20240701\nDTEND;VALUE=DATE:20240701", 24 * 60),
        ("DTSTART;VALUE=DATE:20240701\nDTEND;VALUE=DATE:20240630", 24 * 60),
        ("DTSTART;VALUE=DATE:20240701\nDTEND;VALUE=DATE:20240703", 48 * 60),
    ] {
        let occurrence = all(&parse(&event(lines)))[0];
        assert_eq!((occurrence.end.0 - occurrence.start.0) / 60_000, minutes, "{lines}");
    }
}

#[test]
fn long_events_are_found_at_their_end() {
    let object = parse(&event("DTSTART:20240101T000000Z\nDURATION:P100D\nRRULE:FREQ=YEARLY"));
    assert_eq!(starts(&object, "20300405T000000", "20300406T000000", &zone("UTC")), ["20300101T000000"]);
    assert!(starts(&object, "20300415T000000", "20300416T000000", &zone("UTC")).is_empty());
}

#[test]
fn far_windows_cost_no_more_than_near_ones() {
    for (rule, start) in [
        ("FREQ=DAILY", "24000101T090000"),
        ("FREQ=DAILY;INTERVAL=3", "24000101T090000"),
        ("FREQ=WEEKLY;BYDAY=SA", "24000101T090000"),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "24000101T090000"),
        ("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1", "24000101T090000"),
        ("FREQ=HOURLY;INTERVAL=24", "24000101T090000"),
        ("FREQ=SECONDLY;INTERVAL=86400", "24000101T090000"),
    ] {
        let object = parse(&event(&format!("DTSTART:19700101T090000Z\nRRULE:{rule}")));
        let limits = Limits { steps_max: 500, ..Limits::default() };
        let window = utc("24000101T000000")..utc("24000102T000000");
        let expansion = occurrences(&object, window, &zone("UTC"), &limits);
        assert!(!expansion.truncated, "{rule}");
        let expected = if rule.contains("INTERVAL=3") { Vec::new() } else { vec![utc(start)] };
        assert_eq!(
            expansion.occurrences.iter().map(|found| found.start).collect::<Vec<_>>(),
            expected,
            "{rule}"
        );
    }
}

#[test]
fn the_first_and_the_last_year_are_years() {
    let first = parse(&event("DTSTART;VALUE=DATE:00010101\nRRULE:FREQ=YEARLY"));
    assert_eq!(starts(&first, "20240101T000000", "20240102T000000", &zone("UTC")), ["20240101T000000"]);
    let last = parse(&event("DTSTART:99991230T090000Z\nDURATION:P9999W\nRRULE:FREQ=DAILY"));
    assert_eq!(all(&last).len(), 2);
    let berlin = parse(&event("DTSTART;TZID=Europe/Berlin:00010101T000000\nRRULE:FREQ=DAILY;COUNT=2"));
    assert_eq!(all(&berlin).len(), 1, "its first occurrence ends before the year 1 of UTC");
}

/// The search for what never comes ends with the window, not with the years.
#[test]
fn a_rule_that_gives_nothing_ends_with_its_window() {
    for rule in [
        "FREQ=DAILY;BYSETPOS=2",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2",
    ] {
        let object = parse(&event(&format!("DTSTART:20240101T000000Z\nRRULE:{rule}")));
        assert_eq!(
            starts(&object, "20240101T000000", "20340101T000000", &zone("UTC")),
            ["20240101T000000"],
            "{rule}"
        );
    }
}

/// Rules that give much, or nothing after much search, end within the limits.
#[test]
fn bombs_end_within_their_limits() {
    let minutes = (0..60).map(|minute| minute.to_string()).collect::<Vec<_>>().join(",");
    let hours = (0..24).map(|hour| hour.to_string()).collect::<Vec<_>>().join(",");
    let positions = (1..=366).map(|position| (position * 86_400).to_string()).collect::<Vec<_>>().join(",");
    for rule in [
        "FREQ=SECONDLY".to_owned(),
        "FREQ=SECONDLY;COUNT=4294967295".to_owned(),
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30".to_owned(),
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2".to_owned(),
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2;COUNT=2".to_owned(),
        "FREQ=YEARLY;BYWEEKNO=53;BYYEARDAY=100".to_owned(),
        "FREQ=YEARLY;INTERVAL=4294967295".to_owned(),
        "FREQ=DAILY;INTERVAL=4294967295".to_owned(),
        "FREQ=SECONDLY;INTERVAL=4294967295".to_owned(),
        "FREQ=MINUTELY;BYSECOND=5;BYSETPOS=2".to_owned(),
        format!(
            "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR={hours};BYMINUTE={minutes};BYSECOND={minutes}"
        ),
        format!(
            "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR={hours};BYMINUTE={minutes};BYSECOND={minutes};BYSETPOS={positions}"
        ),
    ] {
        let object = parse(&event(&format!("DTSTART:19700101T000000Z\nRRULE:{rule}")));
        #[expect(clippy::disallowed_methods, reason = "the test measures its own time")]
        let began = std::time::Instant::now();
        let expansion = occurrences(
            &object,
            Timestamp(i64::MIN)..Timestamp(i64::MAX),
            &zone("Europe/Berlin"),
            &Limits::default(),
        );
        assert!(expansion.occurrences.len() <= Limits::default().occurrences_max, "{rule}");
        assert!(began.elapsed() < Elapsed::from_secs(2), "{rule} took {:?}", began.elapsed());
    }
}

#[test]
fn limits_count_to_their_number() {
    let object = parse(&event("DTSTART:20240101T000000Z\nRRULE:FREQ=DAILY;COUNT=10"));
    for (occurrences_max, truncated) in [(9, true), (10, false), (11, false)] {
        let limits = Limits { occurrences_max, ..Limits::default() };
        let expansion =
            occurrences(&object, utc("20240101T000000")..utc("20250101T000000"), &zone("UTC"), &limits);
        assert_eq!((expansion.occurrences.len(), expansion.truncated), (occurrences_max.min(10), truncated));
    }
}
