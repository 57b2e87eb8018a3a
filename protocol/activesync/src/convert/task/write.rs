//! An Add or a Change of a task.

use calendar::edit::{self, Change, Field, Target};
use calendar::{Component, End, Moment, Object, Rule, Status, Trigger};
use chrono::TimeDelta;
use vocabulary::Timestamp;
use wbxml::Tag;
use wbxml::page::tasks as page;

use super::dates::{self, Pair};
use super::{Writer, Written, parse, read_back, regenerate, show};
use crate::convert::{Edit, class, day, rule};
use crate::item::recurrence::End as WireEnd;
use crate::item::task::{Task, TaskRecurrence};
use crate::item::{Absence, ConversionError, Sent};

pub(super) fn change(old: &[u8], sent: &Task, writer: &Writer<'_>) -> Result<Written, ConversionError> {
    let object = parse(old)?;
    let component = show::main(&object)?;
    let shown = read_back(&show::task(old, &object, &writer.reader)?, writer.reader.version);
    let completes = sent.complete == Sent::Value(true) && shown.complete != Sent::Value(true);
    let recurrence = recurrence_edit(&shown, sent, completes, writer);
    let mut change = properties(component, &shown, sent, writer);
    set_dates(&mut change, (component, &object), (&shown, sent), writer);
    set_rule(&mut change, component, &recurrence, writer);
    let mut bytes = edited(old, change, writer)?;
    match &recurrence {
        Edit::Keep => {}
        Edit::Clear => bytes = regenerate::set(bytes, false),
        Edit::Set(recurrence) => bytes = regenerate::set(bytes, recurrence.regenerates),
    }
    if completes {
        return complete(bytes, sent, writer);
    }
    let reopened = sent.complete == Sent::Value(false) && shown.complete == Sent::Value(true);
    let done_at = Edit::between(&shown.date_completed, sent.date_completed.clone(), Absence::Keep);
    let change = match done_at {
        _ if reopened => Change {
            status: Field::Set(Status::NeedsAction),
            completed: Field::Clear,
            percent_complete: Field::Clear,
            ..Change::default()
        },
        Edit::Set(at) if shown.complete == Sent::Value(true) => {
            Change { completed: Field::Set(at), ..Change::default() }
        }
        _ => Change::default(),
    };
    Ok(Written { task: edited(&bytes, change, writer)?, completed: None })
}

fn edited(old: &[u8], mut change: Change, writer: &Writer<'_>) -> Result<Vec<u8>, ConversionError> {
    if change == Change::default() {
        return Ok(old.to_vec());
    }
    change.stamp = Some(writer.now);
    edit::change(old, Target::Master, &change).map_err(failed)
}

fn failed(_: edit::EditError) -> ConversionError {
    ConversionError("the stored task cannot be changed")
}

fn between<T: PartialEq + Clone>(shown: &Sent<T>, sent: &Sent<T>, absence: Absence) -> Edit<T> {
    Edit::between(shown, sent.clone(), absence)
}

/// All but dates, recurrence and completion.
fn properties(component: &Component, shown: &Task, sent: &Task, writer: &Writer<'_>) -> Change {
    let absence = |tag: Tag| writer.supported.absence(tag, writer.reader.version);
    let importance = between(&shown.importance, &sent.importance, absence(page::IMPORTANCE));
    let mut change = Change {
        summary: between(&shown.subject, &sent.subject, absence(page::SUBJECT)).into(),
        priority: importance.map(priority).into(),
        categories: between(&shown.categories, &sent.categories, absence(page::CATEGORIES)).into(),
        class: between(&shown.sensitivity, &sent.sensitivity, absence(page::SENSITIVITY))
            .map(class::class)
            .into(),
        alarm: reminder(shown, sent),
        ..Change::default()
    };
    match show::notes(component).edit(&sent.body, writer.reader.preferences) {
        Edit::Keep => {}
        Edit::Clear => {
            change.description = Field::Clear;
            change.html_description = Field::Clear;
        }
        Edit::Set(notes) => {
            change.description = notes.plain.into();
            change.html_description = notes.html.into();
        }
    }
    change
}

/// RFC 5545 section 3.8.1.9: high, medium and low are 1, 5 and 9.
fn priority(importance: u32) -> u8 {
    match importance {
        0 => 9,
        2 => 1,
        _ => 5,
    }
}

fn reminder(shown: &Task, sent: &Task) -> Field<Trigger> {
    match (sent.reminder_set.value(), sent.reminder_time.value()) {
        (Some(false), _) if shown.reminder_set == Sent::Value(true) => Field::Clear,
        (Some(true), Some(at)) if shown.reminder_time.value() != Some(at) => Field::Set(Trigger::At(*at)),
        _ => Field::Keep, // MS-ASTASK R370
    }
}

fn set_dates(
    change: &mut Change,
    (component, object): (&Component, &Object),
    (shown, sent): (&Task, &Task),
    writer: &Writer<'_>,
) {
    let zone = writer.reader.zone;
    let absence = |tag: Tag| writer.supported.absence(tag, writer.reader.version);
    let due_before = show::due(component, object, zone);
    let start = dates::edit(
        &Pair { local: &shown.start_date, utc: &shown.utc_start_date },
        &Pair { local: &sent.start_date, utc: &sent.utc_start_date },
        absence(page::START_DATE),
        (component.start.as_ref(), object),
        zone,
    );
    let due = dates::edit(
        &Pair { local: &shown.due_date, utc: &shown.utc_due_date },
        &Pair { local: &sent.due_date, utc: &sent.utc_due_date },
        absence(page::DUE_DATE),
        (due_before.as_ref(), object),
        zone,
    );
    (change.start, change.end) =
        dates::agree((component.start.as_ref(), start), (due_before.as_ref(), due), zone);
    if (&change.start, &change.end) != (&Field::Keep, &Field::Keep) {
        change.zones = vec![zone.clone()];
    }
}

fn recurrence_edit(shown: &Task, sent: &Task, completes: bool, writer: &Writer<'_>) -> Edit<TaskRecurrence> {
    if sent.recurrence.value().is_some_and(|recurrence| recurrence.is_dead_occurrence) {
        return Edit::Clear;
    }
    let absence = match completes {
        true => Absence::Keep,
        false => writer.supported.absence(page::RECURRENCE, writer.reader.version),
    };
    between(&shown.recurrence, &sent.recurrence, absence)
}

fn set_rule(
    change: &mut Change,
    component: &Component,
    recurrence: &Edit<TaskRecurrence>,
    writer: &Writer<'_>,
) {
    let recurrence = match recurrence {
        Edit::Keep => return,
        Edit::Clear => {
            change.rule = if component.is_recurring() { Field::Clear } else { Field::Keep };
            return;
        }
        Edit::Set(recurrence) => recurrence,
    };
    let zone = writer.reader.zone;
    let first = Moment::Date(calendar::Zone::utc().local(recurrence.start).date());
    let keeps = |field: &Field<Moment>, old: Option<&Moment>| match field {
        Field::Keep => old.cloned(),
        Field::Clear => None,
        Field::Set(moment) => Some(moment.clone()),
    };
    let anchor =
        keeps(&change.start, component.start.as_ref()).or(keeps(&change.end, component.end.as_ref()));
    if anchor.is_none() {
        change.start = Field::Set(first.clone());
    }
    let wire = &recurrence.rule;
    let mut rule = rule::rule(wire);
    rule.end = match wire.end {
        WireEnd::Never => End::Never,
        WireEnd::Occurrences(count) => End::Count(count.into()),
        WireEnd::Until(until) => {
            let day = day::from_wire(until, zone);
            End::Until(rule::until_of_day(day, anchor.as_ref().unwrap_or(&first), zone))
        }
    };
    change.rule = Field::Set(rule);
}

/// The task is done; of a recurring one the occurrence that it stands at.
fn complete(bytes: Vec<u8>, sent: &Task, writer: &Writer<'_>) -> Result<Written, ConversionError> {
    let at = sent.date_completed.value().copied().unwrap_or(writer.now);
    let object = parse(&bytes)?;
    let component = show::main(&object)?;
    let next = match &component.rules[..] {
        [rule, ..] if component.anchor().is_some() => next(&bytes, (component, &object), rule, at, writer)?,
        _ => None,
    };
    let stamp = Change { stamp: Some(writer.now), ..Change::default() };
    let stamped = |bytes: Vec<u8>| edit::change(&bytes, Target::Master, &stamp).map_err(failed);
    match next {
        Some(next) => {
            let copy = edit::completed_copy(&bytes, writer.uid, at).map_err(failed)?;
            Ok(Written { task: stamped(next)?, completed: Some(stamped(regenerate::set(copy, false))?) })
        }
        None => {
            let done = edit::complete(&bytes, Target::Master, at).map_err(failed)?;
            Ok(Written { task: stamped(done)?, completed: None })
        }
    }
}

/// The series at its next occurrence; `None` if this was the last.
fn next(
    bytes: &[u8],
    (component, object): (&Component, &Object),
    rule: &Rule,
    done: Timestamp,
    writer: &Writer<'_>,
) -> Result<Option<Vec<u8>>, ConversionError> {
    if !regenerate::stands_in(bytes) {
        return edit::advance(bytes, writer.reader.zone).map_err(failed);
    }
    let Some(anchor) = component.anchor() else { return Ok(None) };
    let Some(day) = regenerate::next_day(writer.reader.zone.local(done).date(), rule) else {
        return Ok(None);
    };
    let end = match &rule.end {
        End::Count(count) if *count <= 1 => return Ok(None),
        End::Count(count) => End::Count(count - 1),
        End::Until(until) if day > show::last_day(anchor, until, object, writer.reader.zone) => {
            return Ok(None);
        }
        other => other.clone(),
    };
    let shift: TimeDelta = day.and_time(anchor.local().time()) - anchor.local();
    let moved = |moment: &Option<Moment>| match moment.as_ref() {
        None => Field::Keep,
        Some(old) => old
            .local()
            .checked_add_signed(shift)
            .map_or(Field::Keep, |local| Field::Set(old.with_local(local))),
    };
    let change = Change {
        start: moved(&component.start),
        end: moved(&component.end),
        rule: Field::Set(Rule { end, ..rule.clone() }),
        ..Change::default()
    };
    let moved = edit::change(bytes, Target::Master, &change).map_err(failed)?;
    let zone = object.zone_of(anchor, writer.reader.zone);
    edit::shift_alarms(&moved, shift, zone).map(Some).map_err(failed)
}
