//! Messages are made of the lines of a copy: what is nobody else's goes, the rest keeps its bytes.
//!
//! The lines are made ready once, however many guests are told, and each message costs what it weighs.

use std::borrow::Cow;
use std::collections::BTreeSet;

use content_line::{Line, NewLine, Value, write_lines};
use vocabulary::Timestamp;

use super::copy::{AS_OF, Copy, Key, SILENT, instant_text};
use super::line::{SERVERS_OWN, lines_for, put};
use super::message::Method;
use crate::edit::{moment_line, plain, stamp};
use crate::term::{Status, Term};
use crate::{DataFault, Invalid};

/// How a copy is made ready for messages.
pub(super) struct Ready<'a> {
    /// DTSTAMP.
    pub(super) stamp: Timestamp,
    /// SEQUENCE of all components, if not their own.
    pub(super) sequence: Option<u32>,
    /// What becomes of STATUS.
    pub(super) status: StatusLine,
    /// The only attendees that are named, if not all.
    pub(super) attendees: Option<&'a BTreeSet<&'a str>>,
    /// Whether nothing is left but what names the meeting and its people: each occurrence that is off repeats it.
    pub(super) is_short: bool,
}

/// What is left of a component that is told in short.
const SHORT: &[&str] = &[
    "UID",
    "RECURRENCE-ID",
    "DTSTAMP",
    "SEQUENCE",
    "STATUS",
    "ORGANIZER",
    "ATTENDEE",
    "DTSTART",
    "DTEND",
    "DUE",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "SUMMARY",
    "LOCATION",
];

/// What becomes of STATUS in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusLine {
    Kept,
    Cancelled,
    /// RFC 5546 section 3.2.5: the meeting goes on, without some.
    Absent,
}

/// The bytes of a copy without alarms (RFC 5545 section 3.6.6) and what only its server has to know (RFC 6638
/// sections 7.1 to 7.3).
pub(super) fn ready(copy: &Copy<'_>, how: &Ready<'_>) -> Vec<u8> {
    let document = &copy.document;
    let mut edit = document.edit();
    for name in ["METHOD", AS_OF] {
        document.properties(copy.calendar, name).for_each(|(line, _)| edit.remove(line));
    }
    for (at, component) in copy.object.components.iter().enumerate() {
        for child in document.children(component.lines) {
            if how.is_short || document.component(child).is_some_and(|child| child.name() == "VALARM") {
                edit.remove_component(child);
            }
        }
        if how.is_short {
            let is_long = |line: &Line<'_>| SHORT.iter().all(|name| !line.is(name));
            let lines = document.own_lines(component.lines).filter(|(_, line)| is_long(line));
            lines.for_each(|(line, _)| edit.remove(line));
        }
        put(&mut edit, document, component.lines, "DTSTAMP", &stamp(how.stamp));
        if let Some(sequence) = how.sequence {
            put(&mut edit, document, component.lines, "SEQUENCE", &plain(sequence));
        }
        for (line, _) in document.properties(component.lines, "REQUEST-STATUS") {
            edit.remove(line);
        }
        match how.status {
            StatusLine::Kept => {}
            StatusLine::Cancelled => {
                put(&mut edit, document, component.lines, "STATUS", &plain(Status::Cancelled.word()));
            }
            StatusLine::Absent => {
                document.properties(component.lines, "STATUS").for_each(|(line, _)| edit.remove(line));
            }
        }
        let people = copy.people(at);
        for person in people.organizer.iter().chain(&people.attendees) {
            SERVERS_OWN.iter().for_each(|name| edit.remove_parameter(person.line, name));
        }
        for person in &people.attendees {
            let is_left_out = how.attendees.is_some_and(|named| !named.contains(&*person.address));
            if is_left_out || person.is_unasked {
                edit.remove(person.line);
            }
        }
    }
    edit.finish()
}

/// What a message is put together from.
pub(super) struct Pieces<'a> {
    pub(super) copy: Copy<'a>,
    /// BEGIN and the properties of the VCALENDAR.
    head: Vec<u8>,
    /// Time zones, and whatever else is no component of the meeting.
    beside: Vec<u8>,
    end: Vec<u8>,
}

impl<'a> Pieces<'a> {
    /// Takes bytes apart that were made [`ready`].
    ///
    /// # Errors
    /// If they are no calendar object.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, Invalid> {
        let copy = Copy::parse(bytes)?;
        let document = &copy.document;
        let lines =
            document.component(copy.calendar).ok_or(Invalid::from(DataFault::NotOneCalendar))?.lines();
        let raw = |at: Option<usize>| at.and_then(|at| document.line(at)).map(|line| line.raw().to_vec());
        let mut head = raw(Some(lines.start)).unwrap_or_default();
        document.own_lines(copy.calendar).for_each(|(_, line)| head.extend_from_slice(line.raw()));
        let mut beside = Vec::new();
        let meetings: BTreeSet<usize> =
            copy.object.components.iter().map(|component| component.lines).collect();
        for child in document.children(copy.calendar).filter(|child| !meetings.contains(child)) {
            beside.extend_from_slice(&slice(&copy, child).concat());
        }
        let end = raw(lines.end.checked_sub(1)).unwrap_or_default();
        Ok(Self { head, beside, end, copy })
    }

    /// A message of some components.
    pub(super) fn message<'c>(
        &self,
        method: Method,
        as_of: Option<(Timestamp, bool)>,
        components: impl IntoIterator<Item = Cow<'c, [u8]>>,
    ) -> Vec<u8> {
        let mut lines = vec![NewLine::new("METHOD", Value::text(method.name()))];
        if let Some((at, is_silent)) = as_of {
            let line = NewLine::new(AS_OF, plain(instant_text(at)));
            lines.push(if is_silent { line.parameter(SILENT, &["TRUE"]) } else { line });
        }
        let mut message = self.head.clone();
        message.extend_from_slice(&write_lines(&lines, self.copy.document.line_end()));
        message.extend_from_slice(&self.beside);
        for component in components {
            message.extend_from_slice(&component);
        }
        message.extend_from_slice(&self.end);
        message
    }

    /// A component as it is.
    pub(super) fn component(&self, at: usize) -> Cow<'_, [u8]> {
        let lines = self.copy.component(at).map(|component| slice(&self.copy, component.lines));
        lines.map_or(Cow::Borrowed(&[]), |[all, end]| Cow::Owned([all, end].concat()))
    }

    /// The series without the occurrences of which its recipient is not to know (RFC 6638 section 3.2.6).
    pub(super) fn series_without(&self, at: usize, occurrences: &[Timestamp]) -> Cow<'_, [u8]> {
        let Some(component) = self.copy.component(at) else { return Cow::Borrowed(&[]) };
        let exdates: Vec<NewLine> =
            occurrences.iter().map(|at| moment_line("EXDATE", &self.copy.moment(*at))).collect();
        let [before_end, end] = slice(&self.copy, component.lines);
        let exdates = write_lines(&exdates, self.copy.document.line_end());
        Cow::Owned([before_end, &exdates, end].concat())
    }

    /// What stands for one occurrence.
    pub(super) fn occurrence(&self, recurrence: Timestamp) -> Cow<'_, [u8]> {
        if let Some(at) = self.copy.at(Key::Occurrence(recurrence)) {
            return self.component(at);
        }
        let lines: Vec<NewLine> =
            lines_for(&self.copy, recurrence).into_iter().map(|(_, line)| line).collect();
        Cow::Owned(write_lines(&lines, self.copy.document.line_end()))
    }
}

/// The bytes of a component, its END apart.
fn slice<'a>(copy: &Copy<'a>, component: usize) -> [&'a [u8]; 2] {
    let lines = copy.document.component(component).map(|component| component.lines()).unwrap_or_default();
    let offset = |at: usize| copy.document.line(at).map(Line::offset);
    let start = offset(lines.start).unwrap_or(0);
    let last = lines.end.checked_sub(1).and_then(|at| copy.document.line(at));
    let end = last.map_or(start, Line::offset);
    let after = last.map_or(end, |last| last.offset() + last.raw().len());
    let bytes = copy.document.bytes();
    [bytes.get(start..end).unwrap_or_default(), bytes.get(end..after).unwrap_or_default()]
}
