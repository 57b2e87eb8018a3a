//! CANCEL: RFC 5546 sections 3.2.5 and 3.4.5.
//!
//! What is off stays in the copy with STATUS:CANCELLED until its owner removes it: so it is seen, and an older REQUEST
//! that comes late does not bring it back.

use std::collections::BTreeMap;

use content_line::{Document, Edit, NewLine};
use vocabulary::Timestamp;

use super::super::attendee::own;
use super::super::copy::{AS_OF, Copy, Key, instant_text};
use super::super::line::{Added, derived_lines, lines_without_nested, note_cancelled, put, put_into};
use super::super::{Actor, Received, Why};
use super::request::without_method;
use super::store;
use super::version::{self, Version};
use crate::component::Component;
use crate::edit::{plain, stamp};
use crate::rule::{End, Rule};
use crate::term::{ComponentKind, Participation, Status, Term};
use crate::{Moment, Zone};

pub(super) fn receive(
    actor: &Actor<'_>,
    stored: Option<&Copy<'_>>,
    message: &Copy<'_>,
) -> Result<Received, Why> {
    let (bytes, is_new) = match stored {
        None => (unknown(actor, message)?, true),
        Some(stored) => match message.as_of().is_some() || message.master().is_some() {
            true => (whole(stored, message)?, false),
            false => (occurrences(stored, message)?, false),
        },
    };
    let bytes = store(stored, bytes)?;
    Ok(Received::Store { bytes, is_new, keeps_tag: false, refresh: Vec::new() })
}

/// Something that the owner does not have, most likely because the REQUEST is still on its way. Whoever has declined
/// and removed it is not to see it again.
fn unknown(actor: &Actor<'_>, message: &Copy<'_>) -> Result<Vec<u8>, Why> {
    let mut answers = message.people.iter().filter_map(|people| own(actor, people)).peekable();
    let is_expected = answers.peek().is_some()
        && answers.all(|own| own.participation != Participation::Declined)
        && message
            .object
            .components
            .iter()
            .all(|component| component.start.is_some() || component.kind == ComponentKind::ToDo);
    if !is_expected {
        return Err(Why::Unknown);
    }
    let mut edit = message.document.edit();
    without_method(message, &mut edit);
    for (at, component) in message.object.components.iter().enumerate() {
        cancel(&message.document, component, version::of(message, at), &mut edit);
    }
    Ok(edit.finish())
}

fn whole(stored: &Copy<'_>, message: &Copy<'_>) -> Result<Vec<u8>, Why> {
    if version::is_old(stored, message) {
        return Err(Why::Old);
    }
    let told = message.index.values().map(|at| version::of(message, *at)).max().unwrap_or_default();
    let mut edit = stored.document.edit();
    for (at, component) in stored.object.components.iter().enumerate() {
        let (sequence, stamp) = version::of(stored, at);
        cancel(&stored.document, component, (sequence.max(told.0), stamp.max(told.1)), &mut edit);
    }
    if let Some((at, _)) = message.as_of() {
        put(&mut edit, &stored.document, stored.calendar, AS_OF, &plain(instant_text(at)));
    }
    Ok(edit.finish())
}

/// Marks one component, which rings no more.
fn cancel(document: &Document<'_>, component: &Component, version: Version, edit: &mut Edit<'_, '_>) {
    put(edit, document, component.lines, "STATUS", &plain(Status::Cancelled.word()));
    put(edit, document, component.lines, "SEQUENCE", &plain(version.0));
    if let Some(at) = version.1 {
        put(edit, document, component.lines, "DTSTAMP", &stamp(at));
    }
    for child in document.children(component.lines) {
        if document.component(child).is_some_and(|child| child.name() == "VALARM") {
            edit.remove_component(child);
        }
    }
}

fn occurrences(stored: &Copy<'_>, message: &Copy<'_>) -> Result<Vec<u8>, Why> {
    let mut edit = stored.document.edit();
    let (exceptions, cancelled) = (stored.exceptions(), stored.cancelled_exceptions());
    let mut noted = BTreeMap::new();
    let mut added = Added::default();
    let mut is_new = false;
    for (recurrence, at) in message.overrides() {
        if version::is_old_occurrence(stored, &cancelled, message, recurrence) {
            continue;
        }
        let told = version::of(message, at);
        let Some(component) = message.component(at) else { continue };
        if component.recurrence.as_ref().is_some_and(|id| id.this_and_future) {
            is_new |= end_series(stored, recurrence, told, &mut edit);
            continue;
        }
        let key = Key::Occurrence(recurrence);
        if let Some((old, known)) = stored.at(key).and_then(|at| Some((at, stored.component(at)?))) {
            let sequence = version::of(stored, old).0.max(told.0);
            cancel(&stored.document, known, (sequence, told.1), &mut edit);
            is_new = true;
        } else if let Some(series) = stored.master().and_then(|at| stored.component(at)) {
            if exceptions.contains(&recurrence) {
                noted.extend(told.1.map(|stamp| (recurrence, stamp)));
            } else if added.has_room_for(&stored.document, series.lines) {
                added.extend(marker(stored, series, recurrence, told));
                is_new = true;
            }
        } else if component.start.is_some() {
            let lines = super::super::line::lines_of(&message.document, component.lines);
            added.extend(marked(lines, &message.document, component, told));
            is_new = true;
        }
    }
    if !is_new && noted.is_empty() {
        return Err(Why::Old);
    }
    if added.is_full {
        return Err(Why::NotForUs);
    }
    note_cancelled(stored, &noted, &mut edit);
    added.append(&mut edit, stored.calendar);
    Ok(edit.finish())
}

/// What stands for an occurrence of a series that is off.
pub(super) fn marker(
    stored: &Copy<'_>,
    series: &Component,
    recurrence: Timestamp,
    version: Version,
) -> Vec<NewLine> {
    marked(derived_lines(stored, recurrence), &stored.document, series, version)
}

fn marked(
    mut lines: Vec<(Option<usize>, NewLine)>,
    source: &Document<'_>,
    component: &Component,
    version: Version,
) -> Vec<NewLine> {
    let own = lines_without_nested(source, component.lines);
    lines.retain(|(at, _)| at.is_none_or(|at| own.contains(&at)));
    put_into(&mut lines, source, component.lines, "STATUS", &plain(Status::Cancelled.word()));
    put_into(&mut lines, source, component.lines, "SEQUENCE", &plain(version.0));
    if let Some(at) = version.1 {
        put_into(&mut lines, source, component.lines, "DTSTAMP", &stamp(at));
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

/// RANGE=THISANDFUTURE: this occurrence and all later ones are off. Returns whether that changes anything.
fn end_series(stored: &Copy<'_>, from: Timestamp, version: Version, edit: &mut Edit<'_, '_>) -> bool {
    let Some(series) = stored.master().and_then(|at| stored.component(at)) else { return false };
    let Some(anchor) = series.anchor() else { return false };
    let before = Timestamp(from.0.saturating_sub(1_000));
    if stored.instant(anchor) >= from {
        cancel(&stored.document, series, version, edit);
    }
    // RFC 5545 section 3.3.10: UNTIL is in UTC where DTSTART has a time zone.
    let until = match stored.object.recurrence_moment(before, &Zone::utc()) {
        Moment::Zoned { .. } => Moment::Utc(Zone::utc().local(before)),
        moment => moment,
    };
    for (line, rule) in stored.document.properties(series.lines, "RRULE") {
        if let Some(rule) = Rule::parse(&rule.value()) {
            edit.set_value(line, &plain(Rule { end: End::Until(until.clone()), ..rule }));
        }
    }
    put(edit, &stored.document, series.lines, "SEQUENCE", &plain(version.0.max(series.sequence)));
    if let Some(at) = version.1 {
        put(edit, &stored.document, series.lines, "DTSTAMP", &stamp(at));
    }
    for (_, at) in stored.overrides().filter(|(recurrence, _)| *recurrence >= from) {
        if let Some(component) = stored.component(at) {
            cancel(&stored.document, component, version, edit);
        }
    }
    true
}
