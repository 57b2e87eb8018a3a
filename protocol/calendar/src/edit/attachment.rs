//! Attachments that a server keeps for its objects: RFC 8607 sections 3.4, 3.5 and 3.6.
//!
//! An attachment is an ATTACH with a MANAGED-ID in a component itself; those of alarms are of nobody's concern. What a
//! client wrote into such a line beside what is set here stays.

use std::borrow::Cow;
use std::collections::BTreeSet;

use content_line::{Document, Line, NewLine, Value};
use vocabulary::Timestamp;

use super::{Change, EditError, Patch, Target, patched};
use crate::component::Component;
use crate::expand::{Limits, occurrences};
use crate::zone::Zone;
use crate::{Moment, Object};

/// Most different attachments of one object.
pub const ATTACHMENTS_MAX: usize = 100;
/// Longest MANAGED-ID that is noted, in bytes; of a longer one the beginning is.
const MANAGED_ID_BYTES_MAX: usize = 255;
/// Most instances that are named at once.
const INSTANCES_MAX: usize = 50;

/// What stands in an ATTACH: RFC 8607 section 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagedAttachment<'a> {
    /// Where its bytes are.
    pub uri: &'a str,
    /// MANAGED-ID.
    pub managed_id: &'a str,
    /// FMTTYPE, without parameters.
    pub media_type: Option<&'a str>,
    /// FILENAME.
    pub name: Option<&'a str>,
    /// SIZE, in bytes.
    pub size_bytes: u64,
}

/// One of the components that an attachment is put into or taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instance {
    /// What stands for the whole.
    Master,
    /// One occurrence, changed or not.
    Occurrence(Moment),
}

impl Instance {
    /// Reads the query parameter `rid`: RFC 8607 section 3.3.2. `None`: it names nothing, or too much.
    #[must_use]
    pub fn parse_list(rid: &str) -> Option<Vec<Self>> {
        let one = |text: &str| match text {
            "M" => Some(Self::Master),
            _ => Moment::parse(text, None).map(Self::Occurrence),
        };
        let instances: Option<Vec<_>> = rid.split(',').take(INSTANCES_MAX + 1).map(one).collect();
        instances.filter(|instances| instances.len() <= INSTANCES_MAX)
    }
}

impl ManagedAttachment<'_> {
    fn line(&self) -> NewLine {
        self.over(NewLine::new("ATTACH", Value::stripped("")))
    }

    /// The line with all that is said here in it.
    fn over(&self, line: NewLine) -> NewLine {
        let size = self.size_bytes.to_string();
        let media_type: Vec<&str> = self.media_type.into_iter().collect();
        let name: Vec<&str> = self.name.into_iter().collect();
        line.with_value(&Value::stripped(self.uri))
            .parameter("MANAGED-ID", &[self.managed_id])
            .parameter("FMTTYPE", &media_type)
            .parameter("FILENAME", &name)
            .parameter("SIZE", &[&size])
    }
}

/// Attaches something to all components, or to some instances of a series. An occurrence that is like the others gets a
/// component of its own.
///
/// # Errors
/// If the bytes are no calendar object, or one of the instances does not exist.
pub fn attach(
    bytes: &[u8],
    instances: Option<&[Instance]>,
    new: &ManagedAttachment<'_>,
    at: Timestamp,
) -> Result<Vec<u8>, EditError> {
    let bytes = with_occurrences(bytes, instances)?;
    patched(&bytes, |patch| {
        for component in patch.meant(instances)? {
            patch.edit.append_line(component.lines, new.line());
            patch.stamp(component, at);
        }
        Ok(())
    })
}

/// Puts other attachments in the place of those with a MANAGED-ID, wherever they are attached.
///
/// # Errors
/// If the bytes are no calendar object, or [`EditError::NoAttachment`].
pub fn reattach(
    bytes: &[u8],
    changes: &[(&str, ManagedAttachment<'_>)],
    at: Option<Timestamp>,
) -> Result<Vec<u8>, EditError> {
    patched(bytes, |patch| {
        let object = patch.object;
        for (managed_id, new) in changes {
            let mut is_found = false;
            for component in &object.components {
                let lines = patch.managed(component, managed_id);
                let Some((first, others)) = lines.split_first() else { continue };
                is_found = true;
                if let Some(line) = patch.document.line(*first) {
                    patch.edit.replace(*first, new.over(NewLine::copy_of(line)));
                }
                others.iter().for_each(|line| patch.edit.remove(*line));
                if let Some(at) = at {
                    patch.stamp(component, at);
                }
            }
            if !is_found {
                return Err(EditError::NoAttachment);
            }
        }
        Ok(())
    })
}

/// Takes the attachments with a MANAGED-ID from all components, or from some instances of a series.
///
/// # Errors
/// If the bytes are no calendar object, one of the instances does not exist, or [`EditError::NoAttachment`] if none of
/// them has it.
pub fn detach(
    bytes: &[u8],
    instances: Option<&[Instance]>,
    managed_id: &str,
    at: Timestamp,
) -> Result<Vec<u8>, EditError> {
    let bytes = with_occurrences(bytes, instances)?;
    patched(&bytes, |patch| {
        let mut is_found = false;
        for component in patch.meant(instances)? {
            let lines = patch.managed(component, managed_id);
            if lines.is_empty() {
                continue;
            }
            is_found = true;
            lines.iter().for_each(|line| patch.edit.remove(*line));
            patch.stamp(component, at);
        }
        if is_found { Ok(()) } else { Err(EditError::NoAttachment) }
    })
}

/// The MANAGED-IDs of an object, each once: all, or one more than [`ATTACHMENTS_MAX`]. What no id can hold is left out
/// of them.
pub(crate) fn managed_ids(document: &Document<'_>, object: &Object) -> Vec<String> {
    let mut found = BTreeSet::new();
    for component in &object.components {
        for (_, line) in document.properties(component.lines, "ATTACH") {
            if let Some(id) = managed_id_of(line).map(|id| noted(&id)).filter(|id| !id.is_empty()) {
                found.insert(id);
            }
            if found.len() > ATTACHMENTS_MAX {
                return found.into_iter().collect();
            }
        }
    }
    found.into_iter().collect()
}

pub(super) fn managed_id_of<'l>(line: &'l Line<'_>) -> Option<Cow<'l, str>> {
    line.parameter_value("MANAGED-ID")
}

fn noted(id: &str) -> String {
    let mut text: String = id.chars().filter(|character| !character.is_control()).collect();
    text.truncate(text.floor_char_boundary(MANAGED_ID_BYTES_MAX));
    text
}

/// Gives the occurrences that are named components of their own, where they have none.
pub(super) fn with_occurrences<'b>(
    bytes: &'b [u8],
    instances: Option<&[Instance]>,
) -> Result<Cow<'b, [u8]>, EditError> {
    let wanted: Vec<&Moment> = instances
        .unwrap_or_default()
        .iter()
        .filter_map(|instance| match instance {
            Instance::Master => None,
            Instance::Occurrence(moment) => Some(moment),
        })
        .collect();
    if wanted.is_empty() {
        return Ok(Cow::Borrowed(bytes));
    }
    let bytes = patched(bytes, |patch| {
        let mut made = BTreeSet::new();
        for moment in wanted {
            if patch.find(Target::Occurrence(moment)).is_ok() {
                continue;
            }
            let master = patch.series()?;
            let recurrence = patch.instant(moment);
            if !patch.occurs(recurrence) {
                return Err(EditError::NoComponent);
            }
            if made.insert(recurrence) {
                patch.give_component(master, moment)?;
            }
        }
        Ok(())
    })?;
    Ok(Cow::Owned(bytes))
}

impl<'d> Patch<'d, '_> {
    /// The components that are meant, each once. `None`: all.
    pub(super) fn meant(&self, instances: Option<&[Instance]>) -> Result<Vec<&'d Component>, EditError> {
        let Some(instances) = instances else { return Ok(self.object.components.iter().collect()) };
        let mut meant: Vec<&'d Component> = Vec::new();
        for instance in instances {
            let component = match instance {
                Instance::Master => self.master()?,
                Instance::Occurrence(moment) => self.find(Target::Occurrence(moment))?,
            };
            if meant.iter().all(|known| known.lines != component.lines) {
                meant.push(component);
            }
        }
        Ok(meant)
    }

    /// The lines by which a component has an attachment.
    fn managed(&self, component: &Component, managed_id: &str) -> Vec<usize> {
        let lines = self.document.properties(component.lines, "ATTACH");
        lines
            .filter(|(_, line)| managed_id_of(line).as_deref() == Some(managed_id))
            .map(|(at, _)| at)
            .collect()
    }

    /// Whether the series has an occurrence that would begin at a moment.
    fn occurs(&self, recurrence: Timestamp) -> bool {
        let window = recurrence..Timestamp(recurrence.0.saturating_add(1));
        let found = occurrences(self.object, window, &Zone::utc(), &Limits::default()).occurrences;
        found.iter().any(|occurrence| occurrence.recurrence == recurrence)
    }

    pub(super) fn stamp(&mut self, component: &Component, at: Timestamp) {
        self.set_stamps(component, &Change { stamp: Some(at), ..Change::default() });
    }
}
