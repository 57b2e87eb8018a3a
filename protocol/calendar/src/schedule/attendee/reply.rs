//! REPLY: RFC 5546 sections 3.2.3 and 3.4.3.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use content_line::{LineKind, NewLine, Value, write_lines};
use vocabulary::Timestamp;

use super::super::compose::{Pieces, Ready, StatusLine, ready};
use super::super::copy::{ASKED, Copy, Key, REPLIED};
use super::super::line::{lines_for, lines_of, lines_without_nested};
use super::super::message::{Message, Method};
use super::super::organizer::is_deliverable;
use super::super::{Actor, Refused};
use super::own;
use crate::term::{Participation, Term};

/// What an organiser must know to find the meeting, and a person to recognise it.
const KEPT: &[&str] = &[
    "UID",
    "RECURRENCE-ID",
    "SEQUENCE",
    "DTSTAMP",
    "ORGANIZER",
    "DTSTART",
    "DTEND",
    "DUE",
    "DURATION",
    "RRULE",
    "SUMMARY",
    "LOCATION",
    "STATUS",
    "PERCENT-COMPLETE",
    "COMPLETED",
];

/// An answer to be written.
pub(super) struct Reply<'c> {
    pub(super) actor: &'c Actor<'c>,
    /// DTSTAMP.
    pub(super) stamp: Timestamp,
    /// The copy before: a COMMENT that it has was said before.
    pub(super) old: Option<&'c Copy<'c>>,
}

impl Reply<'_> {
    /// One message with all answers; none if nobody gets it.
    pub(super) fn message(
        &self,
        copy: &Copy<'_>,
        replies: &BTreeMap<Key, Participation>,
        status: &str,
    ) -> Result<Vec<Message>, Refused> {
        let Some(organizer) = copy.organizer().filter(|_| is_deliverable(status)) else {
            return Ok(Vec::new());
        };
        let how = Ready {
            stamp: self.stamp,
            sequence: None,
            status: StatusLine::Kept,
            attendees: None,
            is_short: false,
        };
        let bytes = ready(copy, &how);
        let pieces = Pieces::of(&bytes)?;
        // What was taken out is answered as it was before.
        let old_bytes = self.old.map(|old| ready(old, &how)).unwrap_or_default();
        let old_pieces = if self.old.is_some() { Some(Pieces::of(&old_bytes)?) } else { None };
        let mut sender = None;
        let mut sequence = 0;
        let mut components = Vec::new();
        for (key, participation) in replies {
            let is_gone = pieces.copy.at(*key).is_none();
            let before = old_pieces.as_ref().filter(|old| is_gone && old.copy.at(*key).is_some());
            let pieces = before.unwrap_or(&pieces);
            let Some(at) = pieces.copy.base_of(*key) else { continue };
            let Some(own) = own(self.actor, pieces.copy.people(at)) else { continue };
            sender.get_or_insert_with(|| own.address.clone());
            sequence = sequence.max(pieces.copy.component(at).map_or(0, |component| component.sequence));
            components.push(Cow::Owned(self.component(pieces, *key, at, *participation)));
        }
        let Some(sender) = sender else { return Ok(Vec::new()) };
        Ok(vec![Message {
            method: Method::Reply,
            sender,
            recipient: organizer.address.clone(),
            object: pieces.message(Method::Reply, None, components).into(),
            uid: copy.object.uid().unwrap_or_default().to_owned(),
            sequence,
        }])
    }

    fn component(&self, pieces: &Pieces<'_>, key: Key, at: usize, participation: Participation) -> Vec<u8> {
        let copy = &pieces.copy;
        let Some(component) = copy.component(at) else { return Vec::new() };
        let own = own(self.actor, copy.people(at)).map(|own| own.line);
        let said_before = self.said_before(key);
        let own_lines = lines_without_nested(&copy.document, component.lines);
        let lines = match key {
            Key::Master => lines_of(&copy.document, component.lines),
            Key::Occurrence(recurrence) => lines_for(copy, recurrence),
        };
        let mut kept = Vec::new();
        for (source, line) in lines {
            let Some(source) = source else {
                kept.push(line);
                continue;
            };
            let Some(read) = copy.document.line(source).filter(|_| own_lines.contains(&source)) else {
                continue;
            };
            if Some(source) == own {
                let line = line.parameter("PARTSTAT", &[participation.word()]);
                kept.push(line.without_parameter(ASKED).without_parameter(REPLIED));
                continue;
            }
            let is_said_now = read.is("COMMENT")
                && said_before.as_ref().is_some_and(|said| !said.contains(read.value().as_ref()));
            match read.kind() {
                LineKind::Begin => kept.push(line),
                LineKind::End => {
                    kept.push(NewLine::new("REQUEST-STATUS", Value::stripped("2.0;Success")));
                    kept.push(line);
                }
                _ if is_said_now || KEPT.iter().any(|name| read.is(name)) => kept.push(line),
                _ => {}
            }
        }
        write_lines(&kept, copy.document.line_end())
    }

    /// The comments of the copy before; `None` where nobody knows whose they are.
    fn said_before(&self, key: Key) -> Option<BTreeSet<String>> {
        let old = self.old?;
        let component = old.component(old.base_of(key)?)?;
        let comments = old.document.properties(component.lines, "COMMENT");
        Some(comments.map(|(_, line)| line.value().into_owned()).collect())
    }
}
