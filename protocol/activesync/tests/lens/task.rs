//! Tasks: VTODO and MS-ASTASK.

use activesync_wire::Version;
use activesync_wire::convert::task::{Reader, Writer, Written, from_wire, to_wire};
use activesync_wire::item::calendar::Sensitivity;
use activesync_wire::item::recurrence::{CalendarType, End, Pattern, Recurrence};
use activesync_wire::item::task::{Task, TaskRecurrence};
use activesync_wire::item::{Destination, Selection, Sent, Supported};
use calendar::Zone;
use proptest::prelude::*;
use vocabulary::Timestamp;
use wbxml::page::airsync;
use wbxml::{Limits, decode};

use crate::phone::{NOW, at, has, object};

fn day(text: &str) -> Timestamp {
    at(&format!("{text}T000000Z"))
}

fn berlin() -> Zone {
    Zone::by_name("Europe/Berlin").unwrap()
}

fn wire(task: &Task) -> Task {
    let mut document = wbxml::Writer::new();
    document.open(airsync::APPLICATION_DATA);
    let selection = Selection { version: Version::V14_1, schema: None };
    task.write(selection, Destination { writer: &mut document, parts: None });
    Task::parse(&decode(&document.finish(), &Limits::default()).unwrap(), Version::V14_1).unwrap()
}

fn reader(zone: &Zone) -> Reader<'_> {
    Reader { version: Version::V14_1, zone, preferences: &[] }
}

fn writes(old: Option<&[u8]>, sent: &Task) -> Written {
    let zone = berlin();
    let supported = Supported::default();
    let writer = Writer { reader: reader(&zone), supported: &supported, now: NOW, uid: "u9" };
    from_wire(old, &wire(sent), &writer).unwrap()
}

fn sees(stored: &[u8]) -> Task {
    to_wire(stored, &reader(&berlin())).unwrap()
}

fn todo(lines: &[&str]) -> Vec<u8> {
    object("VTODO", &lines.join("\r\n"))
}

fn chore() -> Task {
    Task {
        subject: Sent::Value("water the flowers".into()),
        importance: Sent::Value(2),
        start_date: Sent::Value(day("20260501")),
        utc_start_date: Sent::Value(day("20260501")),
        due_date: Sent::Value(day("20260503")),
        utc_due_date: Sent::Value(day("20260503")),
        complete: Sent::Value(false),
        sensitivity: Sent::Value(Sensitivity::Private),
        categories: Sent::Value(vec!["home".into()]),
        reminder_set: Sent::Value(true),
        reminder_time: Sent::Value(at("20260502T160000Z")),
        ..Task::default()
    }
}

#[test]
fn a_task_makes_the_round() {
    let Written { task: stored, completed } = writes(None, &chore());
    assert_eq!(completed, None);
    for line in [
        "UID:u9",
        "SUMMARY:water the flowers",
        "PRIORITY:1",
        "DTSTART;VALUE=DATE:20260501",
        "DUE;VALUE=DATE:20260503",
        "CLASS:PRIVATE",
        "TRIGGER;VALUE=DATE-TIME:20260502T160000Z",
    ] {
        assert!(has(&stored, line), "{line} in {}", String::from_utf8_lossy(&stored));
    }
    let seen = sees(&stored);
    assert_eq!((&seen.start_date, &seen.due_date), (&chore().start_date, &chore().due_date));
    assert_eq!(seen.utc_due_date, Sent::Value(at("20260502T220000Z")), "midnight in Berlin");
    assert_eq!((&seen.importance, &seen.reminder_time), (&Sent::Value(2), &chore().reminder_time));
    assert_eq!(writes(Some(&stored), &seen), Written { task: stored, completed: None });
}

#[test]
fn a_time_of_day_is_kept() {
    let stored = todo(&["SUMMARY:s", "DUE;TZID=America/New_York:20260503T090000", "X-APPLE-SORT-ORDER:7"]);
    let seen = sees(&stored);
    assert_eq!(seen.due_date, Sent::Value(at("20260503T150000Z")), "by the clocks of Berlin");
    assert_eq!(seen.utc_due_date, Sent::Value(at("20260503T130000Z")));
    assert_eq!(writes(Some(&stored), &seen).task, stored);
    let later = Task { due_date: Sent::Value(at("20260503T160000Z")), ..seen };
    let changed = writes(Some(&stored), &later).task;
    assert!(
        has(&changed, "DUE;TZID=America/New_York:20260503T100000"),
        "{}",
        String::from_utf8_lossy(&changed)
    );
    assert!(has(&changed, "X-APPLE-SORT-ORDER:7"));
}

#[test]
fn a_task_is_done_and_open_again() {
    let stored = writes(None, &chore()).task;
    let done = Task {
        complete: Sent::Value(true),
        date_completed: Sent::Value(at("20260502T100000Z")),
        ..sees(&stored)
    };
    let finished = writes(Some(&stored), &done).task;
    for line in ["STATUS:COMPLETED", "COMPLETED:20260502T100000Z", "PERCENT-COMPLETE:100"] {
        assert!(has(&finished, line), "{line} in {}", String::from_utf8_lossy(&finished));
    }
    assert_eq!(sees(&finished).date_completed, Sent::Value(at("20260502T100000Z")));
    let open = Task { complete: Sent::Value(false), date_completed: Sent::Absent, ..sees(&finished) };
    let reopened = sees(&writes(Some(&finished), &open).task);
    assert_eq!((reopened.complete, reopened.date_completed), (Sent::Value(false), Sent::Absent));
}

/// MS-ASTASK R124: also where only STATUS tells that it is done.
#[test]
fn a_task_that_is_done_has_a_day_on_which_it_was() {
    let seen = sees(&todo(&["STATUS:COMPLETED"]));
    assert_eq!((seen.complete, seen.date_completed), (Sent::Value(true), Sent::Value(day("20260101"))));
}

fn recurring(regenerates: bool, end: End) -> Task {
    let rule = Recurrence {
        pattern: Pattern::Daily,
        calendar: CalendarType::Gregorian,
        interval: 7,
        end,
        first_day_of_week: None,
    };
    let start = day("20260501");
    let recurrence = TaskRecurrence { rule, start, regenerates, is_dead_occurrence: false };
    Task { recurrence: Sent::Value(recurrence), ..chore() }
}

fn done(stored: &[u8], recurrence: Sent<TaskRecurrence>) -> Written {
    let sent = Task {
        complete: Sent::Value(true),
        date_completed: Sent::Value(at("20260510T100000Z")),
        recurrence,
        ..sees(stored)
    };
    writes(Some(stored), &sent)
}

#[test]
fn completing_an_occurrence_moves_the_series_on() {
    let stored = writes(None, &recurring(false, End::Occurrences(3))).task;
    assert!(has(&stored, "RRULE:FREQ=DAILY;COUNT=3;INTERVAL=7"), "{}", String::from_utf8_lossy(&stored));
    for recurrence in [sees(&stored).recurrence, Sent::Absent] {
        let Written { task, completed } = done(&stored, recurrence);
        let copy = completed.unwrap();
        assert!(has(&task, "DTSTART;VALUE=DATE:20260508") && has(&task, "DUE;VALUE=DATE:20260510"));
        assert!(has(&task, "RRULE:FREQ=DAILY;COUNT=2;INTERVAL=7"), "{}", String::from_utf8_lossy(&task));
        assert_eq!(sees(&task).complete, Sent::Value(false));
        assert!(
            has(&copy, "UID:u9") && has(&copy, "STATUS:COMPLETED") && has(&copy, "DUE;VALUE=DATE:20260503")
        );
        assert_eq!(sees(&copy).recurrence, Sent::Absent);
    }
}

#[test]
fn completing_the_last_occurrence_ends_the_series() {
    let stored = writes(None, &recurring(false, End::Occurrences(1))).task;
    let Written { task, completed } = done(&stored, sees(&stored).recurrence);
    assert_eq!((sees(&task).complete, completed), (Sent::Value(true), None));
}

#[test]
fn a_task_that_regenerates_is_counted_from_the_day_it_was_done() {
    let stored = writes(None, &recurring(true, End::Occurrences(3))).task;
    assert!(sees(&stored).recurrence.value().unwrap().regenerates);
    let Written { task, completed } = done(&stored, sees(&stored).recurrence);
    assert!(
        has(&task, "DTSTART;VALUE=DATE:20260517") && has(&task, "DUE;VALUE=DATE:20260519"),
        "{}",
        String::from_utf8_lossy(&task)
    );
    assert!(has(&task, "RRULE:FREQ=DAILY;COUNT=2;INTERVAL=7"));
    assert!(!String::from_utf8_lossy(&completed.unwrap()).contains("X-KONTOR"));
}

#[test]
fn the_reminder_of_a_recurring_task_moves_on_with_it() {
    for (regenerates, rings) in [(false, "20260508T070000Z"), (true, "20260517T070000Z")] {
        let reminded = Task {
            reminder_set: Sent::Value(true),
            reminder_time: Sent::Value(at("20260501T070000Z")),
            ..recurring(regenerates, End::Never)
        };
        let stored = writes(None, &reminded).task;
        let Written { task, .. } = done(&stored, sees(&stored).recurrence);
        assert_eq!(sees(&task).reminder_time, Sent::Value(at(rings)), "{}", String::from_utf8_lossy(&task));
    }
}

/// MS-ASTASK R152, R157: the phone makes the next occurrence itself.
#[test]
fn a_dead_occurrence_recurs_no_more() {
    let stored = writes(None, &recurring(false, End::Never)).task;
    let dead =
        sees(&stored).recurrence.map(|recurrence| TaskRecurrence { is_dead_occurrence: true, ..recurrence });
    let Written { task, completed } = done(&stored, dead);
    assert_eq!((sees(&task).complete, completed), (Sent::Value(true), None));
    assert!(!String::from_utf8_lossy(&task).contains("RRULE"));
}

#[test]
fn a_rule_that_cannot_be_said_stays() {
    let stored = todo(&["DUE;VALUE=DATE:20260507", "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8"]);
    assert_eq!(sees(&stored).recurrence, Sent::Absent);
    let edit = Task { subject: Sent::Value("rent".into()), ..sees(&stored) };
    assert!(has(&writes(Some(&stored), &edit).task, "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8"));
    let Written { task, .. } = done(&stored, Sent::Absent);
    assert!(has(&task, "DUE;VALUE=DATE:20260508"), "{}", String::from_utf8_lossy(&task));
}

/// In Sydney it is the day before in UTC.
#[test]
fn a_series_of_times_ends_on_the_day_that_was_said() {
    let zone = Zone::by_name("Australia/Sydney").unwrap();
    let supported = Supported::default();
    let writer = Writer { reader: reader(&zone), supported: &supported, now: NOW, uid: "u9" };
    let rule = Recurrence {
        pattern: Pattern::Daily,
        calendar: CalendarType::Gregorian,
        interval: 1,
        end: End::Until(day("20260510")),
        first_day_of_week: None,
    };
    let recurrence =
        TaskRecurrence { rule, start: day("20260501"), regenerates: false, is_dead_occurrence: false };
    let sent = Task {
        start_date: Sent::Value(at("20260501T080000Z")),
        recurrence: Sent::Value(recurrence),
        ..Task::default()
    };
    let stored = from_wire(None, &wire(&sent), &writer).unwrap().task;
    let seen = to_wire(&stored, &reader(&zone)).unwrap();
    assert_eq!(seen.recurrence.value().unwrap().rule.end, End::Until(day("20260510")));
}

/// Half past nine in New York is the second half past two of this night in Berlin.
#[test]
fn an_hour_that_comes_twice_where_the_task_is_kept_is_not_lost() {
    let zone = Zone::by_name("America/New_York").unwrap();
    let supported = Supported::default();
    let writer = Writer { reader: reader(&zone), supported: &supported, now: NOW, uid: "u9" };
    let stored = todo(&["DUE;TZID=Europe/Berlin:20261020T090000"]);
    let due = Sent::Value(at("20261024T213000Z"));
    let sent = Task { due_date: due.clone(), ..Task::default() };
    let changed = from_wire(Some(&stored), &wire(&sent), &writer).unwrap().task;
    assert_eq!(to_wire(&changed, &reader(&zone)).unwrap().due_date, due);
}

#[test]
fn a_day_and_a_time_become_two_times() {
    let stored = todo(&["DTSTART;VALUE=DATE:20260501", "DUE;VALUE=DATE:20260503"]);
    let timed = Task { due_date: Sent::Value(at("20260503T160000Z")), ..sees(&stored) };
    let changed = writes(Some(&stored), &timed).task;
    assert!(
        has(&changed, "DTSTART;TZID=Europe/Berlin:20260501T000000"),
        "{}",
        String::from_utf8_lossy(&changed)
    );
    assert!(has(&changed, "DUE;TZID=Europe/Berlin:20260503T160000"));
    assert_eq!(sees(&changed).start_date, chore().start_date);
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(
        subject in "[a-zäöü,;\\\\]{1,12}",
        importance in 0_u32..=2,
        start_day in 0_i64..20_000,
        due_minute in 0_i64..30_000_000,
        reminder in proptest::option::of(0_i64..2_000_000_000),
        on_other: bool,
    ) {
        let start = Timestamp::from_seconds(start_day * 86_400);
        let due = Timestamp::from_seconds(due_minute * 60);
        let sent = Task {
            subject: Sent::Value(subject),
            importance: Sent::Value(importance),
            start_date: Sent::Value(start),
            due_date: Sent::Value(due),
            reminder_set: Sent::Value(reminder.is_some()),
            reminder_time: Sent::from(reminder.map(Timestamp::from_seconds)),
            complete: Sent::Value(false),
            ..Task::default()
        };
        let other = writes(None, &chore()).task;
        let stored = writes(on_other.then_some(other.as_slice()), &sent).task;
        let seen = sees(&stored);
        prop_assert_eq!((&seen.subject, &seen.importance), (&sent.subject, &sent.importance));
        prop_assert_eq!((&seen.start_date, &seen.due_date), (&sent.start_date, &sent.due_date));
        prop_assert_eq!((&seen.reminder_set, &seen.reminder_time), (&sent.reminder_set, &sent.reminder_time));
        prop_assert_eq!(writes(Some(&stored), &seen).task, stored);
    }
}
