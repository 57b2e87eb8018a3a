//! Another time is proposed, or that is declined: RFC 5546 sections 3.2.7 and 3.2.8.

use std::borrow::Cow;
use std::sync::Arc;

use content_line::{Document, NewLine, Value, write_lines};

use super::address::normal;
use super::attendee::own;
use super::compose::{Pieces, Ready, StatusLine, ready};
use super::copy::{Copy, Key};
use super::line::lines_of;
use super::message::{Message, Method};
use super::{Actor, stamp};
use crate::edit::{Change, EditError, Field, Target, change};
use crate::{Invalid, Moment, read};

/// An attendee's proposal to have a meeting, or one occurrence of it, at another time.
///
/// # Errors
/// If the bytes are no calendar object, there is no such component, or the owner is not invited to it.
pub fn propose(
    actor: &Actor<'_>,
    stored: &[u8],
    occurrence: Option<&Moment>,
    start: &Moment,
    end: &Moment,
    comment: Option<&str>,
) -> Result<Message, EditError> {
    let copy = Copy::parse(stored)?;
    let organizer = copy.organizer().ok_or(EditError::NoComponent)?;
    let bytes = ready(&copy, &new_message(actor));
    let pieces = Pieces::of(&bytes)?;
    let key = occurrence.map_or(Key::Master, |moment| Key::Occurrence(copy.instant(moment)));
    let base = copy.base_of(key).or_else(|| copy.index.values().next().copied());
    let at = base.ok_or(EditError::NoComponent)?;
    let own = own(actor, copy.people(at)).ok_or(EditError::NoComponent)?;
    let component = match key {
        Key::Occurrence(recurrence) => pieces.occurrence(recurrence),
        Key::Master => pieces.component(at),
    };
    let object = pieces.message(Method::Counter, None, [component]);
    let times =
        Change { start: Field::Set(start.clone()), end: Field::Set(end.clone()), ..Change::default() };
    let mut object = change(&object, Target::Master, &times)?;
    if let Some(comment) = comment.filter(|comment| !comment.is_empty()) {
        object = with_comment(&object, comment)?;
    }
    Ok(Message {
        method: Method::Counter,
        sender: own.address.clone(),
        recipient: organizer.address.clone(),
        object: object.into(),
        uid: copy.object.uid().unwrap_or_default().to_owned(),
        sequence: copy.component(at).map_or(0, |component| component.sequence),
    })
}

/// The organiser does not want what `counter`, a COUNTER of `from`, proposes. `None` if it is none for a meeting of
/// the owner.
#[must_use]
pub fn decline_proposal(actor: &Actor<'_>, stored: &[u8], counter: &[u8], from: &str) -> Option<Message> {
    let (copy, proposal) = (Copy::parse(stored).ok()?, Copy::parse(counter).ok()?);
    let organizer = copy.organizer().filter(|organizer| actor.owner.contains(&organizer.address))?;
    let from = normal(from);
    if copy.object.uid() != proposal.object.uid() {
        return None;
    }
    let bytes = ready(&proposal, &new_message(actor));
    let pieces = Pieces::of(&bytes).ok()?;
    let mut sequence = 0;
    let mut components = Vec::new();
    for (at, component) in pieces.copy.object.components.iter().enumerate() {
        let Some(person) = pieces.copy.people(at).find(|address| address == from) else { continue };
        sequence = sequence.max(component.sequence);
        let names = ["UID", "RECURRENCE-ID", "SEQUENCE", "DTSTAMP", "ORGANIZER", "SUMMARY", "DTSTART"];
        components.push(Cow::Owned(excerpt(&pieces.copy, component.lines, person.line, &names)));
    }
    if components.is_empty() {
        return None;
    }
    Some(Message {
        method: Method::DeclineCounter,
        sender: organizer.address.clone(),
        recipient: from,
        object: pieces.message(Method::DeclineCounter, None, components).into(),
        uid: copy.object.uid()?.to_owned(),
        sequence,
    })
}

pub(super) fn new_message(actor: &Actor<'_>) -> Ready<'static> {
    Ready {
        stamp: stamp::next(None, actor.now),
        sequence: None,
        status: StatusLine::Kept,
        attendees: None,
        is_short: false,
    }
}

/// A component with one line, and those of some names.
pub(super) fn excerpt(copy: &Copy<'_>, component: usize, line: usize, names: &[&str]) -> Vec<u8> {
    let document = &copy.document;
    let range = document.component(component).map(|one| one.lines()).unwrap_or_default();
    let is_edge = |at: usize| at == range.start || at + 1 == range.end;
    let own = super::line::lines_without_nested(document, component);
    let is_kept = |at: usize| {
        let is_named = document.line(at).is_some_and(|line| names.iter().any(|name| line.is(name)));
        is_edge(at) || at == line || (is_named && own.contains(&at))
    };
    let lines = lines_of(document, component).into_iter().filter(|(at, _)| at.is_some_and(is_kept));
    let lines: Vec<NewLine> = lines.map(|(_, line)| line).collect();
    write_lines(&lines, document.line_end())
}

/// Has messages to some say a comment. Those that share an object go on to share it.
pub fn comment(messages: &mut [Message], comment: &str, is_told: impl Fn(&str) -> bool) {
    let mut made: Vec<[Arc<[u8]>; 2]> = Vec::new();
    for message in messages.iter_mut().filter(|message| is_told(&message.recipient)) {
        let known = made.iter().find(|[old, _]| Arc::ptr_eq(old, &message.object));
        let new = match known {
            Some([_, new]) => Arc::clone(new),
            None => {
                let Ok(new) = with_comment(&message.object, comment) else { continue };
                let new = Arc::from(new);
                made.push([Arc::clone(&message.object), Arc::clone(&new)]);
                new
            }
        };
        message.object = new;
    }
}

fn with_comment(object: &[u8], comment: &str) -> Result<Vec<u8>, EditError> {
    let document = Document::parse(object).map_err(Invalid::from)?;
    let read = read::object(&document)?;
    let mut edit = document.edit();
    for component in &read.components {
        edit.append_line(component.lines, NewLine::new("COMMENT", Value::text(comment)));
    }
    Ok(edit.finish())
}
