//! What a message says, for the text of the mail that carries it.

use super::copy::Copy;
use super::message::Method;
use crate::Moment;
use crate::component::Organizer;
use crate::term::{ComponentKind, Participation};

/// A message at a glance: of its series, or else of its first occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// METHOD.
    pub method: Method,
    /// VEVENT or VTODO.
    pub kind: ComponentKind,
    /// SUMMARY.
    pub summary: Option<String>,
    /// LOCATION.
    pub location: Option<String>,
    /// DESCRIPTION.
    pub description: Option<String>,
    /// DTSTART.
    pub start: Option<Moment>,
    /// DTEND or DUE.
    pub end: Option<Moment>,
    /// RECURRENCE-ID, if it is about single occurrences.
    pub occurrence: Option<Moment>,
    /// Whether it is about a series.
    pub is_series: bool,
    /// Whether there was something before it: SEQUENCE is above 0.
    pub is_update: bool,
    /// ORGANIZER.
    pub organizer: Option<Organizer>,
    /// How many attendees it names.
    pub attendees: usize,
    /// What the attendee of a REPLY says.
    pub answer: Option<Participation>,
    /// The last COMMENT.
    pub comment: Option<String>,
}

/// Reads what a message says; `None` if it is none.
#[must_use]
pub fn brief(message: &[u8]) -> Option<Brief> {
    let copy = Copy::parse(message).ok()?;
    let method = copy.object.method.as_deref().and_then(Method::by_name)?;
    let at = copy.master().or_else(|| copy.index.values().next().copied())?;
    let component = copy.component(at)?;
    let people = copy.people(at);
    let comment = copy.document.properties(component.lines, "COMMENT").last();
    Some(Brief {
        method,
        kind: component.kind,
        summary: component.summary.clone(),
        location: component.location.clone(),
        description: component.description.clone(),
        start: component.start.clone(),
        end: component.end.clone(),
        occurrence: component.recurrence.as_ref().map(|id| id.moment.clone()),
        is_series: component.is_recurring(),
        is_update: component.sequence > 0,
        organizer: component.organizer.clone(),
        attendees: people.attendees.len(),
        answer: people.attendees.first().filter(|_| method == Method::Reply).map(|one| one.participation),
        comment: comment.map(|(_, line)| content_line::unescape(&line.value()).into_owned()),
    })
}

/// The UID of a message or object.
#[must_use]
pub fn uid_of(bytes: &[u8]) -> Option<String> {
    crate::Object::parse(bytes).ok()?.uid().map(str::to_owned)
}
