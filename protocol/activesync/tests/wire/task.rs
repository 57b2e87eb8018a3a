//! Tasks in both directions: MS-ASTASK.

use activesync_wire::item::calendar::Sensitivity;
use activesync_wire::item::recurrence::{CalendarType, End, Pattern, Recurrence};
use activesync_wire::item::task::{Task, TaskRecurrence};
use activesync_wire::item::{Destination, Selection, Sent};
use activesync_wire::{Version, date};
use wbxml::page::{airsync, tasks};
use wbxml::{Element, Limits, Tag, Writer, decode};

use crate::tree::tree;

fn written(task: &Task, version: Version) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.open(airsync::APPLICATION_DATA);
    let selection = Selection { version, schema: None };
    task.write(selection, Destination { writer: &mut writer, parts: None });
    writer.close();
    writer.finish()
}

fn task() -> Task {
    let day = date::parse("2026-05-01T00:00:00.000Z").unwrap();
    Task {
        subject: Sent::Value("water the flowers".into()),
        importance: Sent::Value(2),
        utc_due_date: Sent::Value(day),
        due_date: Sent::Value(day),
        complete: Sent::Value(false),
        sensitivity: Sent::Value(Sensitivity::Normal),
        reminder_set: Sent::Value(false),
        recurrence: Sent::Value(TaskRecurrence {
            rule: Recurrence {
                pattern: Pattern::Monthly { day: 1 },
                calendar: CalendarType::Gregorian,
                interval: 1,
                end: End::Until(day),
                first_day_of_week: None,
            },
            start: day,
            regenerates: true,
            is_dead_occurrence: false,
        }),
        ..Task::default()
    }
}

#[test]
fn a_recurring_task_stands_as_the_document_says() {
    let bytes = written(&task(), Version::V14_1);
    assert_eq!(
        tree(&bytes),
        "ApplicationData(Subject=water the flowers Importance=2 UtcDueDate=2026-05-01T00:00:00.000Z \
         DueDate=2026-05-01T00:00:00.000Z Recurrence(Type=2 Until=2026-05-01T00:00:00.000Z Interval=1 \
         DayOfMonth=1 CalendarType=0 Start=2026-05-01T00:00:00.000Z Regenerate=1 DeadOccur=0) Complete=0 \
         Sensitivity=0 ReminderSet=0)"
    );
    assert_eq!(Task::parse(&decode(&bytes, &Limits::default()).unwrap(), Version::V14_1), Ok(task()));
    assert!(!tree(&written(&task(), Version::V12_1)).contains("CalendarType"));
}

fn recurrence(children: &[(Tag, &str)]) -> Option<TaskRecurrence> {
    let element = children
        .iter()
        .fold(Element::new(tasks::RECURRENCE), |element, (tag, text)| element.with_text(*tag, *text));
    let data = Element::new(airsync::APPLICATION_DATA).with(element);
    Task::parse(&data, Version::V14_1).ok()?.recurrence.into_value()
}

#[test]
fn a_recurrence_needs_its_type_and_its_start() {
    let (kind, start) = ((tasks::TYPE, "0"), (tasks::START, "2026-05-01T00:00:00.000Z"));
    assert_eq!(recurrence(&[kind]), None, "MS-ASTASK R37011");
    assert_eq!(recurrence(&[start]), None, "MS-ASTASK R289");
    assert_eq!(recurrence(&[kind, (tasks::DAY_OF_MONTH, "1"), start]), None, "MS-ASTASK R132");
    let weekly = [(tasks::TYPE, "1"), (tasks::DAY_OF_WEEK, "2"), start];
    assert!(recurrence(&weekly).is_some());
    for days in [&[kind, start][..], &weekly] {
        let of_a_calendar = [days, &[(tasks::CALENDAR_TYPE, "1")]].concat();
        assert_eq!(recurrence(&of_a_calendar), None, "MS-ASTASK R81");
    }
    let dead = recurrence(&[kind, start, (tasks::DEAD_OCCUR, "255")]).unwrap();
    assert!(dead.is_dead_occurrence && !dead.regenerates, "MS-ASTASK R156");
}

// MS-ASTASK R550
#[test]
fn odd_numbers_are_refused_or_kept() {
    let parse = |tag, text: &str| {
        Task::parse(&Element::new(airsync::APPLICATION_DATA).with_text(tag, text), Version::V14_1)
    };
    assert!(parse(tasks::REMINDER_SET, "2").is_err(), "MS-ASTASK R252");
    assert!(parse(tasks::COMPLETE, "2").is_err());
    assert_eq!(parse(tasks::IMPORTANCE, "7").unwrap().importance, Sent::Value(7), "MS-ASTASK R550");
}
