//! A task as it is shown.

use calendar::{Component, End as Stored, Moment, Object, Status, Trigger, Zone};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use vocabulary::Timestamp;

use super::{Reader, regenerate};
use crate::convert::body::Notes;
use crate::convert::span::Span;
use crate::convert::{alarm, class, rule};
use crate::item::recurrence::{End, OCCURRENCES_MAX, Recurrence};
use crate::item::task::{Task, TaskRecurrence};
use crate::item::{ConversionError, Sent};

/// The whole task.
pub(super) fn task(stored: &[u8], object: &Object, reader: &Reader<'_>) -> Result<Task, ConversionError> {
    let component = main(object)?;
    let notes = notes(component);
    let (start_date, utc_start_date) = dates(component.start.as_ref(), object, reader.zone);
    let (due_date, utc_due_date) = dates(due(component, object, reader.zone).as_ref(), object, reader.zone);
    let completed = completed(component);
    let reminder = reminder(component, object, reader.zone);
    Ok(Task {
        subject: Sent::Value(component.summary.clone().unwrap_or_default()),
        importance: Sent::Value(importance(component.priority)), // always: Android takes its absence for low
        utc_start_date,
        start_date,
        utc_due_date,
        due_date,
        body: Sent::Value(notes.body(reader.preferences)),
        native_body_type: Sent::Value(notes.native()),
        categories: Sent::Value(component.categories.clone()),
        recurrence: Sent::from(recurrence(component, object, reader, regenerate::stands_in(stored))),
        complete: Sent::Value(completed.is_some()),
        date_completed: Sent::from(completed),
        sensitivity: Sent::Value(class::sensitivity(component.class)),
        reminder_set: Sent::Value(reminder.is_some()),
        reminder_time: Sent::from(reminder),
    })
}

/// The component that the task is about.
pub(super) fn main(object: &Object) -> Result<&Component, ConversionError> {
    object.master().or(object.components.first()).ok_or(ConversionError("the stored task is empty"))
}

pub(super) fn notes(component: &Component) -> Notes {
    Notes { plain: component.description.clone(), html: component.html_description.clone() }
}

/// PRIORITY, where 1 is highest (RFC 5545 section 3.8.1.9), as low, normal, high.
fn importance(priority: Option<u8>) -> u32 {
    match priority {
        Some(1..=4) => 2,
        None | Some(0 | 5 | 10..) => 1,
        Some(6..=9) => 0,
    }
}

/// DUE, or DTSTART and DURATION.
pub(super) fn due(component: &Component, object: &Object, zone: &Zone) -> Option<Moment> {
    if component.end.is_some() || component.duration.is_none() {
        return component.end.clone();
    }
    Span::of(component, object, zone).map(|span| span.end)
}

/// Local and UTC; the local one is written as if it were UTC.
fn dates(moment: Option<&Moment>, object: &Object, zone: &Zone) -> (Sent<Timestamp>, Sent<Timestamp>) {
    let Some(moment) = moment else { return (Sent::Absent, Sent::Absent) };
    let instant = object.instant(moment, zone);
    let is_local = moment.is_date() || object.zone_of(moment, zone) == zone;
    let local = if is_local { moment.local() } else { zone.local(instant) };
    (Sent::Value(as_if_utc(local)), Sent::Value(instant))
}

pub(super) fn as_if_utc(local: NaiveDateTime) -> Timestamp {
    Zone::utc().instant(local)
}

/// When it was done. MS-ASTASK R124: a moment there must be, also where only STATUS tells it.
fn completed(component: &Component) -> Option<Timestamp> {
    let is_done = component.status == Some(Status::Completed) || component.percent_complete == Some(100);
    let known = component.completed;
    let guessed = component.last_modified.or(component.stamp).unwrap_or_default();
    known.or(is_done.then_some(guessed))
}

fn reminder(component: &Component, object: &Object, zone: &Zone) -> Option<Timestamp> {
    let start = component.start.as_ref().map(|start| object.instant(start, zone));
    let due = due(component, object, zone).map(|due| object.instant(&due, zone));
    match alarm::shown(component)?.trigger? {
        Trigger::At(moment) => Some(moment),
        Trigger::FromStart(span) => Some(alarm::after(start.or(due)?, span)),
        Trigger::FromEnd(span) => Some(alarm::after(due.or(start)?, span)),
    }
}

/// The day until which a series goes, where it is kept: RFC 5545 section 3.3.10 has it in UTC.
pub(super) fn last_day(anchor: &Moment, until: &Moment, object: &Object, zone: &Zone) -> NaiveDate {
    match anchor.is_date() || until.is_date() {
        true => until.local().date(),
        false => object.zone_of(anchor, zone).local(object.instant(until, zone)).date(),
    }
}

/// `None` for what does not recur and for what cannot be said: such a task is shown as the one occurrence that
/// it stands at.
fn recurrence(
    component: &Component,
    object: &Object,
    reader: &Reader<'_>,
    regenerates: bool,
) -> Option<TaskRecurrence> {
    let anchor = component.anchor()?;
    let first = anchor.local().date();
    let [stored] = &component.rules[..] else { return None };
    let said = rule::recurrence(stored, first).filter(|said| said.calendar.is_known_to(reader.version))?;
    let local = |date: NaiveDate| as_if_utc(date.and_time(NaiveTime::MIN));
    let end = match &stored.end {
        Stored::Never => End::Never,
        Stored::Count(count) => match u16::try_from(*count) {
            Ok(count @ 1..=OCCURRENCES_MAX) => End::Occurrences(count),
            _ => End::Never,
        },
        Stored::Until(until) => End::Until(local(last_day(anchor, until, object, reader.zone))),
    };
    Some(TaskRecurrence {
        rule: Recurrence { end, ..said },
        start: local(first),
        regenerates,
        is_dead_occurrence: false,
    })
}
