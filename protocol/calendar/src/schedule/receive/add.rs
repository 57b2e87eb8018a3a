//! ADD: RFC 5546 sections 3.2.4 and 3.4.4.

use std::borrow::Cow;

use super::super::attendee::own;
use super::super::compose::{Pieces, ready};
use super::super::copy::{Copy, Key};
use super::super::line::{lines_of, put};
use super::super::message::{Message, Method};
use super::super::propose::{excerpt, new_message};
use super::super::{Actor, Received, Why};
use super::store;
use crate::edit::{moment_line, plain};

pub(super) fn receive(
    actor: &Actor<'_>,
    stored: Option<&Copy<'_>>,
    message: &Copy<'_>,
) -> Result<Received, Why> {
    let is_invited = message.people.iter().any(|people| own(actor, people).is_some());
    let series = stored.and_then(|stored| Some((stored, stored.component(stored.master()?)?)));
    let Some((stored, series)) = series else {
        return if is_invited {
            Ok(Received::Answer(vec![ask(actor, message)?]))
        } else {
            Err(Why::NotForUs)
        };
    };
    let told = message.object.components.iter().map(|component| (component.sequence, component.stamp)).max();
    let told = told.unwrap_or_default();
    if told <= (series.sequence, series.stamp) {
        return Err(Why::Old);
    }
    let exists = |start: &crate::Moment| stored.at(Key::Occurrence(stored.instant(start))).is_some();
    let mut edit = stored.document.edit();
    let mut added = Vec::new();
    for component in message.object.components.iter().filter(|component| component.recurrence.is_none()) {
        let Some(start) = component.start.as_ref().filter(|start| !exists(start)) else { continue };
        edit.append_line(series.lines, moment_line("RDATE", start));
        for (at, line) in lines_of(&message.document, component.lines) {
            let is_uid = at.and_then(|at| message.document.line(at)).is_some_and(|line| line.is("UID"));
            added.push(line);
            if is_uid {
                added.push(moment_line("RECURRENCE-ID", start));
            }
        }
    }
    put(&mut edit, &stored.document, series.lines, "SEQUENCE", &plain(told.0));
    if let Some(at) = told.1 {
        put(&mut edit, &stored.document, series.lines, "DTSTAMP", &crate::edit::stamp(at));
    }
    if added.is_empty() {
        return Err(Why::Old);
    }
    edit.append_component(stored.calendar, added);
    let bytes = store(Some(stored), edit.finish())?;
    Ok(Received::Store { bytes, is_new: false, keeps_tag: false, refresh: Vec::new() })
}

/// REFRESH: what is added to something that the attendee does not have means nothing by itself (RFC 5546 section
/// 3.2.6).
fn ask(actor: &Actor<'_>, message: &Copy<'_>) -> Result<Message, Why> {
    let bytes = ready(message, &new_message(actor));
    let pieces = Pieces::of(&bytes).map_err(|_| Why::NotForUs)?;
    let copy = &pieces.copy;
    let organizer = copy.organizer().ok_or(Why::NotForUs)?;
    let asking =
        (0..copy.people.len()).find_map(|at| Some((copy.component(at)?, own(actor, copy.people(at))?)));
    let (component, own) = asking.ok_or(Why::NotForUs)?;
    let lines = excerpt(copy, component.lines, own.line, &["UID", "DTSTAMP", "ORGANIZER"]);
    let object = pieces.message(Method::Refresh, None, [Cow::Owned(lines)]);
    Ok(Message {
        method: Method::Refresh,
        sender: own.address.clone(),
        recipient: organizer.address.clone(),
        object: object.into(),
        uid: copy.object.uid().unwrap_or_default().to_owned(),
        sequence: 0,
    })
}
