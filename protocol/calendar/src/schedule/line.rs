//! Changes to single lines of a copy.

use std::collections::{BTreeMap, BTreeSet};

use content_line::{DOCUMENT_BYTES_MAX, Document, Edit, Line, NewLine, Value};
use vocabulary::Timestamp;

use super::copy::{ASKED, CANCELLED, Copy, Person, REPLIED, UNASKED, instant_text};
use crate::edit::{moment_line, occurrence_lines};
use crate::term::{Participation, Term};

/// The parameters that no message has: RFC 6638 sections 7.1 to 7.3, and [`UNASKED`].
pub(super) const SERVERS_OWN: &[&str] =
    &["SCHEDULE-AGENT", "SCHEDULE-FORCE-SEND", "SCHEDULE-STATUS", UNASKED];

/// Gives the first line of a name this value, or puts one in.
pub(super) fn put(
    edit: &mut Edit<'_, '_>,
    document: &Document<'_>,
    component: usize,
    name: &str,
    value: &Value,
) {
    match document.property(component, name) {
        Some((line, _)) => edit.set_value(line, value),
        None => edit.append_line(component, NewLine::new(name, value.clone())),
    }
}

/// What is known of somebody's answer to one component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) participation: Participation,
    /// [`ASKED`].
    pub(super) asked: u32,
    /// [`REPLIED`].
    pub(super) replied: Option<Timestamp>,
}

impl Answer {
    pub(super) fn of(person: &Person) -> Self {
        Self { participation: person.participation, asked: person.asked, replied: person.replied }
    }

    /// Nobody has answered since it was asked with this SEQUENCE.
    pub(super) fn none_since(asked: u32) -> Self {
        Self { participation: Participation::NeedsAction, asked, replied: None }
    }

    /// Writes it into the line of `person`; what the line says already stays.
    pub(super) fn write(self, edit: &mut Edit<'_, '_>, person: &Person) {
        let mut set = |name: &str, is_same: bool, value: Option<&str>| match value {
            _ if is_same => {}
            Some(value) => edit.set_parameter(person.line, name, &[value]),
            None => edit.remove_parameter(person.line, name),
        };
        set("PARTSTAT", person.participation == self.participation, Some(self.participation.word()));
        let asked = (self.asked > 0).then(|| self.asked.to_string());
        set(ASKED, person.asked == self.asked, asked.as_deref());
        set(REPLIED, person.replied == self.replied, self.replied.map(instant_text).as_deref());
    }

    /// The same for a copy of the line.
    pub(super) fn written(self, line: NewLine, person: &Person) -> NewLine {
        let line = if person.participation == self.participation {
            line
        } else {
            line.parameter("PARTSTAT", &[self.participation.word()])
        };
        let line = match self.asked {
            0 => line.without_parameter(ASKED),
            asked => line.parameter(ASKED, &[&asked.to_string()]),
        };
        match self.replied {
            Some(replied) => line.parameter(REPLIED, &[&instant_text(replied)]),
            None => line.without_parameter(REPLIED),
        }
    }
}

/// Marks occurrences as [`CANCELLED`] that EXDATE takes out of the copy, with the DTSTAMP of the CANCEL: nothing is to
/// be seen of them, and what is older does not bring them back.
pub(super) fn note_cancelled(
    copy: &Copy<'_>,
    cancelled: &BTreeMap<Timestamp, Timestamp>,
    edit: &mut Edit<'_, '_>,
) {
    let Some(series) = copy.master().and_then(|at| copy.component(at)).filter(|_| !cancelled.is_empty())
    else {
        return;
    };
    let mut alone = BTreeMap::new();
    for (at, line) in copy.document.properties(series.lines, "EXDATE") {
        if let [recurrence] = *copy.exdates(line) {
            alone.insert(recurrence, at);
        }
    }
    for (recurrence, stamp) in cancelled {
        let stamp = instant_text(*stamp);
        match alone.get(recurrence) {
            Some(line) => edit.set_parameter(*line, CANCELLED, &[&stamp]),
            None => {
                let line = moment_line("EXDATE", &copy.moment(*recurrence));
                edit.append_line(series.lines, line.parameter(CANCELLED, &[&stamp]));
            }
        }
    }
}

/// The indexes of a component's own lines, its BEGIN and END with them.
pub(super) fn lines_without_nested(document: &Document<'_>, component: usize) -> BTreeSet<usize> {
    let mut own: BTreeSet<usize> = document.own_lines(component).map(|(line, _)| line).collect();
    if let Some(range) = document.component(component).map(|component| component.lines()) {
        own.extend([range.start, range.end.saturating_sub(1)]);
    }
    own
}

/// Components that are put into a copy, no more than a document can hold.
#[derive(Default)]
pub(super) struct Added {
    lines: Vec<NewLine>,
    bytes: usize,
    /// Whether there was no room for one.
    pub(super) is_full: bool,
}

impl Added {
    /// Whether there is room for one more copy of a component.
    pub(super) fn has_room_for(&mut self, source: &Document<'_>, component: usize) -> bool {
        let lines = source.component(component).map(|component| component.lines()).unwrap_or_default();
        let begin = source.line(lines.start).map_or(0, Line::offset);
        let end = lines.end.checked_sub(1).and_then(|at| source.line(at)).map_or(0, Line::offset);
        self.bytes = self.bytes.saturating_add(end.saturating_sub(begin));
        self.is_full |= self.bytes > DOCUMENT_BYTES_MAX;
        !self.is_full
    }

    pub(super) fn extend(&mut self, lines: impl IntoIterator<Item = NewLine>) {
        self.lines.extend(lines);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Puts them at the end of a VCALENDAR.
    pub(super) fn append(self, edit: &mut Edit<'_, '_>, calendar: usize) {
        if !self.lines.is_empty() {
            edit.append_component(calendar, self.lines);
        }
    }
}

/// The lines of a component with BEGIN, END and all, each with its index.
pub(super) fn lines_of(document: &Document<'_>, component: usize) -> Vec<(Option<usize>, NewLine)> {
    let range = document.component(component).map(|component| component.lines()).unwrap_or_default();
    range.filter_map(|at| Some((Some(at), NewLine::copy_of(document.line(at)?)))).collect()
}

/// The lines of what stands for one occurrence: of its own component, else those that the series has for it.
pub(super) fn lines_for(copy: &Copy<'_>, recurrence: Timestamp) -> Vec<(Option<usize>, NewLine)> {
    let key = super::copy::Key::Occurrence(recurrence);
    if let Some(own) = copy.at(key).and_then(|at| copy.component(at)) {
        return lines_of(&copy.document, own.lines);
    }
    derived_lines(copy, recurrence)
}

/// The lines that the series has for one occurrence.
pub(super) fn derived_lines(copy: &Copy<'_>, recurrence: Timestamp) -> Vec<(Option<usize>, NewLine)> {
    let Some(master) = copy.master().and_then(|at| copy.component(at)) else { return Vec::new() };
    occurrence_lines(&copy.document, &copy.object, master, &copy.moment(recurrence))
}

/// Gives new lines of a component the value: in place of the line of that name, else before its END.
///
/// `source` is the document that the lines are copies of. Lines of nested components are none of the component's own.
pub(super) fn put_into(
    lines: &mut Vec<(Option<usize>, NewLine)>,
    source: &Document<'_>,
    component: usize,
    name: &str,
    value: &Value,
) {
    let old = source.property(component, name).map(|(line, _)| line);
    let place = old.and_then(|old| lines.iter_mut().find(|(at, _)| *at == Some(old)));
    match place {
        Some((_, line)) => *line = line.clone().with_value(value),
        None => {
            // After BEGIN, so that it stands before nested components.
            let at = lines.len().min(1);
            lines.insert(at, (None, NewLine::new(name, value.clone())));
        }
    }
}
