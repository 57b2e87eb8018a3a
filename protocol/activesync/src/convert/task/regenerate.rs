//! Tasks whose next occurrence is counted from the day on which the last one was done: MS-ASTASK R239.

use calendar::{Frequency, Rule};
use chrono::{Days, Months, NaiveDate};
use content_line::{Document, NewLine, Value};

/// Not in RFC 5545, which has no such rule.
const PROPERTY: &str = "X-KONTOR-REGENERATE";

/// Whether the stored task is one.
pub(super) fn stands_in(stored: &[u8]) -> bool {
    let Ok(document) = Document::parse(stored) else { return false };
    let task = task(&document);
    task.and_then(|task| document.property(task, PROPERTY))
        .is_some_and(|(_, line)| line.value().trim().eq_ignore_ascii_case("TRUE"))
}

/// The stored task as one, or as one no more.
pub(super) fn set(stored: Vec<u8>, regenerates: bool) -> Vec<u8> {
    if stands_in(&stored) == regenerates {
        return stored;
    }
    let Ok(document) = Document::parse(&stored) else { return stored };
    let Some(task) = task(&document) else { return stored };
    let mut edit = document.edit();
    match document.property(task, PROPERTY) {
        Some((line, _)) if !regenerates => edit.remove(line),
        Some((line, _)) => edit.set_value(line, &Value::text("TRUE")),
        None => edit.append_line(task, NewLine::new(PROPERTY, Value::text("TRUE"))),
    };
    edit.finish()
}

fn task(document: &Document<'_>) -> Option<usize> {
    document.components().iter().position(|component| component.name() == "VTODO")
}

/// The day of the next occurrence of one that was done on `done`.
pub(super) fn next_day(done: NaiveDate, rule: &Rule) -> Option<NaiveDate> {
    let interval = rule.interval;
    match rule.frequency {
        Frequency::Daily => done.checked_add_days(Days::new(interval.into())),
        Frequency::Weekly => done.checked_add_days(Days::new(u64::from(interval) * 7)),
        Frequency::Monthly => done.checked_add_months(Months::new(interval)),
        Frequency::Yearly => done.checked_add_months(Months::new(interval.checked_mul(12)?)),
        Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => None,
    }
}
