//! The two laws for tasks.

use activesync_wire::Version;
use activesync_wire::body::BodyPreference;
use activesync_wire::convert::task::{Reader, Writer, Written, from_wire, to_wire};
use activesync_wire::item::calendar::Sensitivity;
use activesync_wire::item::recurrence::{CalendarType, End, Pattern, Recurrence};
use activesync_wire::item::task::{Task, TaskRecurrence};
use activesync_wire::item::{Destination, Selection, Sent, Supported};
use calendar::Zone;
use proptest::prelude::*;
use proptest::sample::select;
use vocabulary::Timestamp;
use wbxml::page::airsync;
use wbxml::{Limits, decode};

use crate::any::{
    DAY_S, NATIVE, PREFERENCES, bodies, body_after, labels, lossy, optional, or_gone, or_old, patterns, sent,
    shown_again, text,
};
use crate::phone::{NOW, object};

/// In none of these, from 2000 on, is there a night without midnight.
const ZONES: [&str; 5] = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC"];

struct Phone {
    version: Version,
    zone: Zone,
    preferences: &'static [BodyPreference],
}

impl Phone {
    fn reader(&self) -> Reader<'_> {
        Reader { version: self.version, zone: &self.zone, preferences: self.preferences }
    }

    fn wire(&self, task: &Task) -> Task {
        let mut document = wbxml::Writer::new();
        document.open(airsync::APPLICATION_DATA);
        let selection = Selection { version: self.version, schema: None };
        task.write(selection, Destination { writer: &mut document, parts: None });
        Task::parse(&decode(&document.finish(), &Limits::default()).unwrap(), self.version).unwrap()
    }

    fn writes(&self, old: Option<&[u8]>, sent: &Task) -> Written {
        let supported = Supported::default();
        let writer = Writer { reader: self.reader(), supported: &supported, now: NOW, uid: "u9" };
        from_wire(old, &self.wire(sent), &writer).unwrap()
    }

    /// All that it sees, as it says it again.
    fn repeats(&self, stored: &[u8]) -> Task {
        self.wire(&to_wire(stored, &self.reader()).unwrap())
    }
}

/// A day, or a minute of it, by the clocks of the phone; not in the hours that come twice or never.
fn clock() -> impl Strategy<Value = Timestamp> {
    (11_000_i64..25_000, prop_oneof![Just(0_i64), 300_i64..1440])
        .prop_map(|(day, minute)| Timestamp::from_seconds(day * DAY_S + minute * 60))
}

fn day_of(clock: Timestamp) -> Timestamp {
    Timestamp::from_seconds(clock.seconds().div_euclid(DAY_S) * DAY_S)
}

/// When a series ends.
#[derive(Debug, Clone, Copy)]
enum Last {
    Never,
    Count(u16),
    /// So many days after its start.
    Day(i64),
}

#[derive(Debug, Clone, Copy)]
struct Series {
    pattern: Pattern,
    interval: u16,
    last: Last,
    first_day_of_week: Option<u8>,
    regenerates: bool,
}

/// Which of the two elements of a date are sent.
#[derive(Debug, Clone, Copy)]
enum Form {
    Local,
    Utc,
    Both,
}

/// What a phone is going to say, whatever its zone.
#[derive(Debug, Clone)]
struct Draft {
    /// All but dates, recurrence and completion.
    task: Task,
    start: Option<(Timestamp, Form)>,
    due: Option<(Timestamp, Form)>,
    series: Option<Series>,
    /// Of a series that has no date of its own.
    first: Timestamp,
    complete: Option<bool>,
    done: Option<Timestamp>,
}

fn drafts() -> impl Strategy<Value = Draft> {
    let form = || select(vec![Form::Local, Form::Utc, Form::Both]);
    let date = || proptest::option::of((clock(), form()));
    let last = prop_oneof![
        Just(Last::Never),
        (1_u16..=999).prop_map(Last::Count),
        (0_i64..1000).prop_map(Last::Day),
    ];
    let series = (patterns(), 1_u16..=999, last, proptest::option::of(0_u8..=6), any::<bool>()).prop_map(
        |(pattern, interval, last, first_day_of_week, regenerates)| Series {
            pattern,
            interval,
            last,
            first_day_of_week,
            regenerates,
        },
    );
    let sensitivity = select(vec![
        Sensitivity::Normal,
        Sensitivity::Personal,
        Sensitivity::Private,
        Sensitivity::Confidential,
    ]);
    let moment = || (0_i64..2_000_000_000).prop_map(Timestamp::from_seconds);
    let task = (
        sent(text()),
        optional(0_u32..=2),
        sent(labels()),
        optional(sensitivity),
        sent(bodies()),
        optional(any::<bool>()),
        optional(moment()),
    )
        .prop_map(|(subject, importance, categories, sensitivity, body, reminder_set, reminder_time)| Task {
            subject,
            importance,
            categories,
            sensitivity,
            body,
            reminder_set,
            reminder_time,
            ..Task::default()
        });
    let completion = (proptest::option::of(any::<bool>()), proptest::option::of(moment()));
    (task, date(), date(), proptest::option::of(series), clock(), completion).prop_map(
        |(task, start, due, series, first, (complete, done))| Draft {
            task,
            start,
            due,
            series,
            first: day_of(first),
            // A series that is done moves on, and is not done then: task.rs.
            complete: complete.filter(|complete| !complete || series.is_none()),
            done,
        },
    )
}

impl Draft {
    /// The day that the series is counted from.
    fn first(&self) -> Timestamp {
        self.start.or(self.due).map_or(self.first, |(clock, _)| day_of(clock))
    }

    fn recurrence(&self) -> Option<TaskRecurrence> {
        let series = self.series?;
        let start = self.first();
        let end = match series.last {
            Last::Never => End::Never,
            Last::Count(count) => End::Occurrences(count),
            Last::Day(days) => End::Until(Timestamp::from_seconds(start.seconds() + days * DAY_S)),
        };
        let rule = Recurrence {
            pattern: series.pattern,
            calendar: CalendarType::Gregorian,
            interval: series.interval,
            end,
            first_day_of_week: series.first_day_of_week,
        };
        Some(TaskRecurrence { rule, start, regenerates: series.regenerates, is_dead_occurrence: false })
    }

    fn said(&self, zone: &Zone) -> Task {
        let instant = |clock: Timestamp| zone.instant(Zone::utc().local(clock));
        let local = |date: Option<(Timestamp, Form)>| {
            Sent::from(date.filter(|(_, form)| !matches!(form, Form::Utc)).map(|(clock, _)| clock))
        };
        let utc = |date: Option<(Timestamp, Form)>| {
            Sent::from(date.filter(|(_, form)| !matches!(form, Form::Local)).map(|(clock, _)| instant(clock)))
        };
        Task {
            start_date: local(self.start),
            utc_start_date: utc(self.start),
            due_date: local(self.due),
            utc_due_date: utc(self.due),
            recurrence: Sent::from(self.recurrence()),
            complete: Sent::from(self.complete),
            date_completed: Sent::from(self.done.filter(|_| self.complete == Some(true))),
            ..self.task.clone()
        }
    }

    /// What is there after this is said of `old`.
    fn expected(&self, old: &Task, phone: &Phone) -> Task {
        let said = phone.wire(&self.said(&phone.zone));
        let instant = |clock: Timestamp| phone.zone.instant(Zone::utc().local(clock));
        // Something must be counted from.
        let counted_from = self.series.filter(|_| self.due.is_none()).map(|_| self.first);
        let start = self.start.map(|(clock, _)| clock).or(counted_from);
        let due = self.due.map(|(clock, _)| clock);
        let recurrence = said
            .recurrence
            .clone()
            .map(|told| TaskRecurrence { rule: shown_again(told.rule, phone.version), ..told });
        let (complete, date_completed) = match said.complete {
            Sent::Value(true) if old.complete == Sent::Value(true) => {
                (true, or_old(&old.date_completed, &said.date_completed))
            }
            Sent::Value(true) => (true, or_old(&Sent::Value(NOW), &said.date_completed)),
            Sent::Value(false) => (false, Sent::Absent),
            _ => (old.complete == Sent::Value(true), old.date_completed.clone()),
        };
        let reminder_time = match (&said.reminder_set, &said.reminder_time) {
            (Sent::Value(false), _) => Sent::Absent,
            (Sent::Value(true), Sent::Value(at)) => Sent::Value(*at),
            _ => old.reminder_time.clone(), // MS-ASTASK R370
        };
        Task {
            subject: or_gone(&said.subject),
            importance: or_old(&old.importance, &said.importance),
            start_date: Sent::from(start),
            utc_start_date: Sent::from(start.map(instant)),
            due_date: Sent::from(due),
            utc_due_date: Sent::from(due.map(instant)),
            body: body_after(&old.body, &said.body),
            categories: or_gone(&said.categories),
            recurrence,
            complete: Sent::Value(complete),
            date_completed,
            sensitivity: Sent::Value(match said.sensitivity {
                // CLASS has no word for it.
                Sent::Value(Sensitivity::Personal) => Sensitivity::Private,
                Sent::Value(sensitivity) => sensitivity,
                _ => Sensitivity::Normal,
            }),
            reminder_set: Sent::Value(reminder_time.value().is_some()),
            reminder_time,
            native_body_type: Sent::Absent,
        }
    }
}

fn versions() -> impl Strategy<Value = Version> {
    select(&Version::ALL[..])
}

fn phone(version: Version, zone: &str) -> Phone {
    Phone { version, zone: Zone::by_name(zone).unwrap(), preferences: NATIVE }
}

proptest! {
    #[test]
    fn every_element_is_read_back(
        before in drafts(),
        change in drafts(),
        who in (versions(), versions()),
        zone in select(&ZONES[..]),
        other in (versions(), select(&ZONES[..]), select(&PREFERENCES[..])),
    ) {
        let first = phone(who.0, zone);
        let nothing = first.repeats(&object("VTODO", "X-OF-OTHERS:keep"));
        let Written { task: stored, completed } = first.writes(None, &before.said(&first.zone));
        prop_assert_eq!(completed, None);
        prop_assert_eq!(first.repeats(&stored), before.expected(&nothing, &first), "{}", lossy(&stored));

        // Without its recurrence a series that is done stays one, and moves on: task.rs.
        let complete = change.complete.filter(|complete| !complete || before.series.is_none());
        let change = Draft { complete, ..change };
        let second = phone(who.1, zone);
        let old = second.repeats(&stored);
        let Written { task: stored, completed } = second.writes(Some(&stored), &change.said(&second.zone));
        prop_assert_eq!(completed, None);
        prop_assert_eq!(second.repeats(&stored), change.expected(&old, &second), "{}", lossy(&stored));

        let other = Phone { preferences: other.2, ..phone(other.0, other.1) };
        let repeated = other.writes(Some(&stored), &other.repeats(&stored));
        prop_assert_eq!(repeated, Written { task: stored, completed: None }, "a phone that only looks");
    }

    #[test]
    fn any_task_can_be_repeated(
        lines in proptest::collection::vec(select(LINES), 0..9),
        version in versions(),
        zone in select(&ZONES[..]),
        preferences in select(&PREFERENCES[..]),
    ) {
        let stored = object("VTODO", &[&["X-OF-OTHERS:keep"], &lines[..]].concat().join("\r\n"));
        let phone = Phone { preferences, ..phone(version, zone) };
        let repeated = phone.writes(Some(&stored), &phone.repeats(&stored));
        prop_assert_eq!(repeated.completed, None);
        prop_assert_eq!(lossy(&repeated.task), lossy(&stored));
    }
}

/// Lines as clients write them, sound and odd.
const LINES: &[&str] = &[
    "SUMMARY: x\ty ",
    "SUMMARY;LANGUAGE=de:Termin\\, fett",
    "DTSTART;VALUE=DATE:20260501",
    "DTSTART;TZID=Europe/Berlin:20260329T023000",
    "DTSTART:20260501T080000",
    "DUE:20260503T080000Z",
    "DUE;VALUE=DATE:20260430",
    "DUE;TZID=Nowhere:20260503T090000",
    "DURATION:P1DT2H",
    "RRULE:FREQ=DAILY;COUNT=2000",
    "RRULE:FREQ=WEEKLY;WKST=SU;UNTIL=20260601T060000Z",
    "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8",
    "EXDATE;VALUE=DATE:20260508",
    "RDATE:20270101T080000Z",
    "X-KONTOR-REGENERATE:TRUE",
    "STATUS:COMPLETED",
    "STATUS:IN-PROCESS",
    "COMPLETED:20260502T100000Z",
    "PERCENT-COMPLETE:100",
    "PERCENT-COMPLETE:40",
    "PRIORITY:3",
    "PRIORITY:0",
    "PRIORITY:99",
    "CLASS:X-ODD",
    "CLASS:CONFIDENTIAL",
    "CATEGORIES:a,b,a",
    "CATEGORIES:",
    "DESCRIPTION:one\\n\\ntwo \\n",
    "DESCRIPTION:",
    "X-ALT-DESC;FMTTYPE=text/html:<p>one</p>",
    "RELATED-TO;RELTYPE=PARENT:u0",
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM",
    "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER;RELATED=END:P1D\r\nREPEAT:6\r\nDURATION:P1D\r\nEND:VALARM",
    "BEGIN:VALARM\r\nACTION:EMAIL\r\nTRIGGER;VALUE=DATE-TIME:20260501T060000Z\r\nEND:VALARM",
];
