//! Changes to stored objects, line by line: what is not asked for keeps its bytes.
//!
//! Every function takes the old bytes and gives the new ones. A value that the object has already, in whatever
//! spelling, changes not one byte. Lines that nobody here can read stay.
//! [`change`] sets properties of the whole or of one occurrence; [`exception`](add_exception) takes occurrences out
//! and puts changed ones in; [`advance`] and [`completed_copy`] are what completing a recurring task is made of;
//! [`attach`], [`reattach`] and [`detach`] are about files that a server keeps.

mod alarm;
mod attachment;
mod exception;
mod file;
mod people;
mod property;
mod task;
mod time;

use content_line::{Document, Edit, NewLine, Value};
use vocabulary::Timestamp;

use crate::component::{Attendee, Component, Geo, Organizer, Trigger};
use crate::term::{BusyStatus, Class, Status, Transparency};
use crate::zone::Zone;
use crate::{Invalid, Moment, Object, Rule, read};

pub use alarm::shift_alarms;
pub(crate) use attachment::managed_ids;
pub use attachment::{ATTACHMENTS_MAX, Instance, ManagedAttachment, attach, detach, reattach};
pub(crate) use exception::occurrence_lines;
pub use exception::{
    add_exception, add_exceptions, add_override, add_overrides, drop_dates, drop_exceptions,
    remove_exception, remove_override, remove_overrides,
};
pub use file::{AttachedFile, files, remove_files};
pub(crate) use property::stamp;
pub use task::{advance, complete, completed_copy};
pub(crate) use time::moment_line;

/// What becomes of one property.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Field<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It goes.
    Clear,
    /// It becomes this.
    Set(T),
}

impl<T> Field<T> {
    /// The value it is to have, unless it stays: `None` if it goes.
    fn wanted(&self) -> Option<Option<&T>> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }
}

/// `Some` is set, `None` cleared.
impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

/// Which component is meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target<'a> {
    /// The event, task or journal entry as a whole; of an object of single occurrences the first.
    Master,
    /// The changed occurrence with this RECURRENCE-ID, in whatever form it is written.
    Occurrence(&'a Moment),
}

/// What is to be changed in one component.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name in Component")]
pub struct Change {
    pub summary: Field<String>,
    /// Also takes the ALTREP away from DESCRIPTION: it shows the text from before.
    pub description: Field<String>,
    pub html_description: Field<String>,
    pub location: Field<String>,
    pub url: Field<String>,
    pub geo: Field<Geo>,
    pub status: Field<Status>,
    pub transparency: Field<Transparency>,
    pub busy_status: Field<BusyStatus>,
    pub intended_status: Field<BusyStatus>,
    pub disallow_counter: Field<bool>,
    pub class: Field<Class>,
    pub priority: Field<u8>,
    pub percent_complete: Field<u8>,
    pub completed: Field<Timestamp>,
    pub categories: Field<Vec<String>>,
    /// DTSTART. A time in the zone that it is in already keeps the TZID that is written.
    pub start: Field<Moment>,
    /// DTEND or DUE; a DURATION that says something else goes.
    pub end: Field<Moment>,
    /// Zones of `start` and `end` whose TZID is no name that everybody knows.
    pub zones: Vec<Zone>,
    pub rule: Field<Rule>,
    pub organizer: Field<Organizer>,
    /// Those that stay keep their lines.
    pub attendees: Field<Vec<Attendee>>,
    /// When the first alarm rings that shows or sounds; all other alarms stay.
    pub alarm: Field<Trigger>,
    pub uid: Field<String>,
    /// Sets DTSTAMP and LAST-MODIFIED.
    pub stamp: Option<Timestamp>,
    /// Adds one to SEQUENCE: RFC 5545 section 3.8.7.4.
    pub next_sequence: bool,
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The bytes are no calendar object.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// No component has this RECURRENCE-ID, or none stands for the whole.
    #[error("there is no such component")]
    NoComponent,
    /// It is no series, or has no date to count from.
    #[error("it is not a series")]
    NotRecurring,
    /// No component that is meant has an attachment with this MANAGED-ID.
    #[error("there is no such attachment")]
    NoAttachment,
    /// The object would be larger than it may be.
    #[error("it would be too large")]
    TooLarge,
}

/// Changes one component.
///
/// # Errors
/// If the bytes are no calendar object or the component does not exist.
pub fn change(bytes: &[u8], target: Target<'_>, change: &Change) -> Result<Vec<u8>, EditError> {
    patched(bytes, |patch| patch.change(target, change))
}

/// Changes several occurrences that have components of their own.
///
/// # Errors
/// As [`change`].
pub fn change_overrides(bytes: &[u8], changes: &[(Moment, Change)]) -> Result<Vec<u8>, EditError> {
    patched(bytes, |patch| {
        changes
            .iter()
            .try_for_each(|(occurrence, change)| patch.change(Target::Occurrence(occurrence), change))
    })
}

/// Reads the bytes twice, as lines and as values, and writes what `apply` asks for.
fn patched(
    bytes: &[u8],
    apply: impl FnOnce(&mut Patch<'_, '_>) -> Result<(), EditError>,
) -> Result<Vec<u8>, EditError> {
    let document = Document::parse(bytes).map_err(Invalid::from)?;
    let object = read::object(&document)?;
    let mut patch =
        Patch { document: &document, object: &object, edit: document.edit(), defined: Vec::new() };
    apply(&mut patch)?;
    Ok(patch.edit.finish())
}

/// An edit in the making.
struct Patch<'d, 'a> {
    document: &'d Document<'a>,
    object: &'d Object,
    edit: Edit<'d, 'a>,
    /// TZIDs whose VTIMEZONE this edit has written.
    defined: Vec<String>,
}

impl<'d> Patch<'d, '_> {
    fn find(&self, target: Target<'_>) -> Result<&'d Component, EditError> {
        match target {
            Target::Master => self.object.master().or(self.object.components.first()),
            Target::Occurrence(moment) => {
                // Both are placed by the same clocks, so any clocks will do.
                let clocks = Zone::utc();
                self.object.override_at(self.object.recurrence_instant(moment, &clocks), &clocks)
            }
        }
        .ok_or(EditError::NoComponent)
    }

    fn change(&mut self, target: Target<'_>, change: &Change) -> Result<(), EditError> {
        let component = self.find(target)?;
        self.set_properties(component, change);
        self.set_times(component, change);
        self.set_people(component, change);
        self.set_alarm(component, &change.alarm);
        self.set_stamps(component, change);
        Ok(())
    }

    fn master(&self) -> Result<&'d Component, EditError> {
        self.object.master().ok_or(EditError::NoComponent)
    }

    /// Gives the first line of a name this value, or puts one in. Further lines of the name stay: a journal entry may
    /// say the same in several languages.
    fn put(&mut self, component: &Component, name: &str, value: &Value) {
        match self.document.property(component.lines, name) {
            Some((line, _)) => self.edit.set_value(line, value),
            None => self.edit.append_line(component.lines, NewLine::new(name, value.clone())),
        }
    }

    /// Removes the lines of a name after the first.
    fn remove_others(&mut self, component: &Component, name: &str) {
        for (line, _) in self.document.properties(component.lines, name).skip(1) {
            self.edit.remove(line);
        }
    }

    fn remove_all(&mut self, component: &Component, name: &str) {
        for (line, _) in self.document.properties(component.lines, name) {
            self.edit.remove(line);
        }
    }
}

/// A value of letters, digits and punctuation, as all are that are not text.
pub(crate) fn plain(value: impl ToString) -> Value {
    Value::stripped(&value.to_string())
}
