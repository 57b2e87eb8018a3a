//! ORGANIZER and ATTENDEE. The lines of those that stay keep what only other clients understand.

use std::collections::{BTreeMap, VecDeque};

use content_line::{NewLine, Value};

use super::{Change, Patch};
use crate::component::{Attendee, Component, Organizer};
use crate::read;
use crate::term::Term;

impl Patch<'_, '_> {
    pub(super) fn set_people(&mut self, component: &Component, change: &Change) {
        if let Some(wanted) =
            change.organizer.wanted().filter(|wanted| *wanted != component.organizer.as_ref())
        {
            match wanted {
                Some(organizer) => self.set_organizer(component, organizer),
                None => self.remove_all(component, "ORGANIZER"),
            }
        }
        if let Some(wanted) = change.attendees.wanted() {
            self.set_attendees(component, wanted.map_or(&[][..], Vec::as_slice));
        }
    }

    fn set_organizer(&mut self, component: &Component, organizer: &Organizer) {
        let name: Vec<&str> = organizer.name.as_deref().into_iter().collect();
        match self.document.property(component.lines, "ORGANIZER") {
            Some((at, line)) => {
                let is_same =
                    component.organizer.as_ref().is_some_and(|old| old.address == organizer.address);
                let line = NewLine::copy_of(line).parameter("CN", &name);
                self.edit.replace(at, if is_same { line } else { line.with_value(&uri(&organizer.address)) });
            }
            None => {
                let line = NewLine::new("ORGANIZER", uri(&organizer.address)).parameter("CN", &name);
                self.edit.append_line(component.lines, line);
            }
        }
    }

    fn set_attendees(&mut self, component: &Component, wanted: &[Attendee]) {
        // Lines by address; of several for one address the first is the next to be taken.
        let mut lines: BTreeMap<String, VecDeque<(usize, Attendee)>> = BTreeMap::new();
        for (line, old) in self.document.properties(component.lines, "ATTENDEE") {
            let attendee = read::attendee(old);
            lines.entry(attendee.address.to_ascii_lowercase()).or_default().push_back((line, attendee));
        }
        let mut new = Vec::new();
        for attendee in wanted {
            match lines.get_mut(&attendee.address.to_ascii_lowercase()).and_then(VecDeque::pop_front) {
                Some((line, old)) => self.patch_attendee(line, &old, attendee),
                None => new.push(attendee_line(attendee)),
            }
        }
        for (line, _) in lines.into_values().flatten() {
            self.edit.remove(line);
        }
        for line in new {
            self.edit.append_line(component.lines, line);
        }
    }

    fn patch_attendee(&mut self, line: usize, old: &Attendee, new: &Attendee) {
        let mut patch = |name: &str, is_same: bool, value: Option<&str>| match value {
            _ if is_same => {}
            Some(value) => self.edit.set_parameter(line, name, &[value]),
            None => self.edit.remove_parameter(line, name),
        };
        patch("CN", old.name == new.name, new.name.as_deref());
        patch("CUTYPE", old.user_type == new.user_type, Some(new.user_type.word()));
        patch("ROLE", old.role == new.role, Some(new.role.word()));
        patch("PARTSTAT", old.participation == new.participation, Some(new.participation.word()));
        patch("RSVP", old.rsvp == new.rsvp, new.rsvp.then_some("TRUE"));
    }
}

fn attendee_line(attendee: &Attendee) -> NewLine {
    let mut line = NewLine::new("ATTENDEE", uri(&attendee.address));
    if let Some(name) = &attendee.name {
        line = line.parameter("CN", &[name]);
    }
    line = line.parameter("CUTYPE", &[attendee.user_type.word()]).parameter("ROLE", &[attendee.role.word()]);
    line = line.parameter("PARTSTAT", &[attendee.participation.word()]);
    if attendee.rsvp { line.parameter("RSVP", &["TRUE"]) } else { line }
}

/// CAL-ADDRESS: RFC 5545 section 3.3.3.
fn uri(address: &str) -> Value {
    if address.contains('@') && !address.contains(':') {
        Value::stripped(&format!("mailto:{address}"))
    } else {
        Value::stripped(address)
    }
}
