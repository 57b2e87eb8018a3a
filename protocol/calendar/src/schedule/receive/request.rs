//! REQUEST: RFC 5546 sections 3.2.2 and 3.4.2, RFC 6638 section 4.1.

use content_line::{Document, Edit, Value};

use vocabulary::Timestamp;

use super::super::attendee::own;
use super::super::copy::{AS_OF, Copy, Key, SILENT};
use super::super::line::{SERVERS_OWN, lines_of};
use super::super::{Actor, Received, Why};
use super::update::Update;
use super::version::{is_old, is_old_occurrence};
use super::{effect, store};
use crate::read;
use crate::term::{AlarmAction, Term};

pub(super) fn receive(
    actor: &Actor<'_>,
    stored: Option<&Copy<'_>>,
    message: &Copy<'_>,
) -> Result<Received, Why> {
    if !message.people.iter().any(|people| own(actor, people).is_some()) {
        return Err(Why::NotForUs);
    }
    let Some(stored) = stored else {
        // What the owner has removed does not come back because somebody else has answered.
        if message.as_of().is_some_and(|(_, is_silent)| is_silent) {
            return Err(Why::Unknown);
        }
        let bytes = store(None, invitation(message))?;
        return Ok(Received::Store { bytes, is_new: true, keeps_tag: false, refresh: Vec::new() });
    };
    let bytes = if message.as_of().is_some() || message.master().is_some() {
        if is_old(stored, message) {
            return Err(Why::Old);
        }
        Update::new(actor, stored, message).whole()
    } else {
        occurrences(actor, stored, message)?
    };
    let bytes = store(Some(stored), bytes)?;
    let keeps_tag = effect::is_inconsequential(actor, stored, &bytes);
    Ok(Received::Store { bytes, is_new: false, keeps_tag, refresh: Vec::new() })
}

/// The message as an object of its own: RFC 4791 section 4.1 wants no METHOD.
pub(super) fn without_method(message: &Copy<'_>, edit: &mut Edit<'_, '_>) {
    for (line, _) in message.document.properties(message.calendar, "METHOD") {
        edit.remove(line);
    }
    if let Some((line, _)) = message.document.property(message.calendar, AS_OF) {
        edit.remove_parameter(line, SILENT);
    }
    for people in &message.people {
        for person in people.organizer.iter().chain(&people.attendees) {
            let line = message.document.line(person.line);
            for name in SERVERS_OWN {
                if line.is_some_and(|line| line.parameter(name).is_some()) {
                    edit.remove_parameter(person.line, name);
                }
            }
        }
    }
}

/// A new object.
fn invitation(message: &Copy<'_>) -> Vec<u8> {
    let mut edit = message.document.edit();
    without_method(message, &mut edit);
    for component in &message.object.components {
        remove_harmful_alarms(&message.document, component.lines, &mut edit);
    }
    edit.finish()
}

/// Alarms that do more than show or sound are not for others to set.
pub(super) fn remove_harmful_alarms(document: &Document<'_>, component: usize, edit: &mut Edit<'_, '_>) {
    for child in document.children(component) {
        let is_harmless = document.property(child, "ACTION").is_some_and(|(_, line)| {
            matches!(Term::parse(&line.value()), Some(AlarmAction::Display | AlarmAction::Audio))
        });
        if document.component(child).is_some_and(|child| child.name() == "VALARM") && !is_harmless {
            edit.remove_component(child);
        }
    }
}

/// Single occurrences of a series that the copy may have.
fn occurrences(actor: &Actor<'_>, stored: &Copy<'_>, message: &Copy<'_>) -> Result<Vec<u8>, Why> {
    let mut edit = stored.document.edit();
    let update = Update::new(actor, stored, message);
    let prepared = update.prepared();
    let prepared = Copy::parse(&prepared).map_err(|_| Why::NotForUs)?;
    let (exceptions, cancelled) = (stored.exceptions(), stored.cancelled_exceptions());
    let mut back = Vec::new();
    let mut added = Vec::new();
    let mut is_new = false;
    for (recurrence, at) in prepared.overrides() {
        if is_old_occurrence(stored, &cancelled, message, recurrence) {
            continue;
        }
        is_new = true;
        let key = Key::Occurrence(recurrence);
        let Some(component) = prepared.component(at) else { continue };
        let lines = lines_of(&prepared.document, component.lines).into_iter().map(|(_, line)| line);
        match stored.at(key).and_then(|at| stored.component(at)) {
            Some(old) => edit.replace_component(old.lines, lines.collect()),
            None => added.extend(lines),
        }
        if exceptions.contains(&recurrence) {
            back.push(recurrence);
        }
    }
    if !is_new {
        return Err(Why::Old);
    }
    update.add_zones(&message.document, message.calendar, &stored.document, stored.calendar, &mut edit);
    if !added.is_empty() {
        edit.append_component(stored.calendar, added);
    }
    if let Some(master) = stored.master().and_then(|at| stored.component(at)) {
        remove_exceptions(stored, master.lines, &back, &mut edit);
    }
    Ok(edit.finish())
}

/// Takes occurrences out of EXDATE.
fn remove_exceptions(copy: &Copy<'_>, component: usize, back: &[Timestamp], edit: &mut Edit<'_, '_>) {
    if back.is_empty() {
        return;
    }
    for (line, exdate) in copy.document.properties(component, "EXDATE") {
        let value = exdate.value();
        let is_kept = |value: &&str| {
            read::moment_of(exdate, value)
                .is_none_or(|moment| back.binary_search(&copy.instant(&moment)).is_err())
        };
        let kept: Vec<&str> = content_line::split(&value, ',').filter(is_kept).collect();
        if kept.is_empty() {
            edit.remove(line);
        } else {
            edit.set_value(line, &Value::stripped(&kept.join(",")));
        }
    }
}
