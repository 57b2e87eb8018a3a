//! Occurrences that are left out (EXDATE, RFC 5545 section 3.8.5.1) or changed (RECURRENCE-ID, section 3.8.4.4).

use std::collections::BTreeSet;
use std::slice::from_ref;

use content_line::{Document, LineKind, NewLine, Value, split};
use vocabulary::Timestamp;

use super::time::{in_form_of, moment_line};
use super::{EditError, Patch, Target, patched};
use crate::component::Component;
use crate::zone::Zone;
use crate::{Moment, Object, read};

/// Takes an occurrence out of the series, changed or not.
///
/// # Errors
/// If the bytes are no calendar object with a master that is a series.
pub fn add_exception(bytes: &[u8], occurrence: &Moment) -> Result<Vec<u8>, EditError> {
    add_exceptions(bytes, from_ref(occurrence))
}

/// As [`add_exception`], of several occurrences at once.
///
/// # Errors
/// As [`add_exception`].
pub fn add_exceptions(bytes: &[u8], occurrences: &[Moment]) -> Result<Vec<u8>, EditError> {
    patched(bytes, |patch| {
        let master = patch.series()?;
        let mut taken_out = patch.instants(&master.exceptions);
        let last = patch.document.properties(master.lines, "EXDATE").last().map(|(line, _)| line);
        for occurrence in occurrences {
            if let Ok(component) = patch.find(Target::Occurrence(occurrence)) {
                patch.edit.remove_component(component.lines);
            }
            if !taken_out.insert(patch.instant(occurrence)) {
                continue;
            }
            let line = moment_line("EXDATE", &patch.named(occurrence));
            match last {
                Some(last) => patch.edit.insert_after(last, line),
                None => patch.edit.append_line(master.lines, line),
            }
        }
        Ok(())
    })
}

/// Puts an occurrence back that EXDATE takes out.
///
/// # Errors
/// If the bytes are no calendar object with a master.
pub fn remove_exception(bytes: &[u8], occurrence: &Moment) -> Result<Vec<u8>, EditError> {
    patched(bytes, |patch| patch.put_back(from_ref(occurrence)))
}

/// Gives an occurrence a component of its own that says what the series says, to be changed. One that has one, or that
/// EXDATE takes out, gets what it lacks.
///
/// # Errors
/// If the bytes are no calendar object with a master that is a series.
pub fn add_override(bytes: &[u8], occurrence: &Moment) -> Result<Vec<u8>, EditError> {
    add_overrides(bytes, from_ref(occurrence), usize::MAX)
}

/// As [`add_override`], of several occurrences at once. Each copies all that its series says: the object must not grow
/// beyond `bytes_max` by that.
///
/// # Errors
/// As [`add_override`], and [`EditError::TooLarge`].
pub fn add_overrides(bytes: &[u8], occurrences: &[Moment], bytes_max: usize) -> Result<Vec<u8>, EditError> {
    patched(bytes, |patch| {
        let master = patch.series()?;
        patch.put_back(occurrences)?;
        let mut made = BTreeSet::new();
        let is_new = |occurrence: &&Moment| {
            patch.find(Target::Occurrence(occurrence)).is_err() && made.insert(patch.instant(occurrence))
        };
        let new: Vec<&Moment> = occurrences.iter().filter(is_new).collect();
        let lines = patch.document.component(master.lines).map(content_line::Component::lines);
        let lines = lines.into_iter().flatten().filter_map(|at| patch.document.line(at));
        let copy_bytes: usize = lines.map(|line| line.raw().len()).sum();
        let is_too_large = bytes.len().saturating_add(copy_bytes.saturating_mul(new.len())) > bytes_max;
        if is_too_large && !new.is_empty() {
            return Err(EditError::TooLarge);
        }
        new.into_iter().try_for_each(|occurrence| patch.give_component(master, occurrence))
    })
}

/// Makes a changed occurrence one like the others again.
///
/// # Errors
/// If the bytes are no calendar object, or no component has this RECURRENCE-ID.
pub fn remove_override(bytes: &[u8], occurrence: &Moment) -> Result<Vec<u8>, EditError> {
    remove_overrides(bytes, from_ref(occurrence))
}

/// As [`remove_override`], of several occurrences at once.
///
/// # Errors
/// As [`remove_override`].
pub fn remove_overrides(bytes: &[u8], occurrences: &[Moment]) -> Result<Vec<u8>, EditError> {
    patched(bytes, |patch| {
        for occurrence in occurrences {
            let component = patch.find(Target::Occurrence(occurrence))?;
            patch.edit.remove_component(component.lines);
        }
        Ok(())
    })
}

/// Makes all occurrences alike: no EXDATE, no changed occurrence.
///
/// # Errors
/// If the bytes are no calendar object with a master.
pub fn drop_exceptions(bytes: &[u8]) -> Result<Vec<u8>, EditError> {
    patched(bytes, |patch| {
        let master = patch.master()?;
        patch.remove_all(master, "EXDATE");
        for component in patch.object.overrides() {
            patch.edit.remove_component(component.lines);
        }
        Ok(())
    })
}

/// Leaves it to the rule when a series recurs: no RDATE (RFC 5545 section 3.8.5.2).
///
/// # Errors
/// If the bytes are no calendar object with a master.
pub fn drop_dates(bytes: &[u8]) -> Result<Vec<u8>, EditError> {
    patched(bytes, |patch| {
        let master = patch.master()?;
        patch.remove_all(master, "RDATE");
        Ok(())
    })
}

impl<'d> Patch<'d, '_> {
    pub(super) fn series(&self) -> Result<&'d Component, EditError> {
        let master = self.master()?;
        if master.anchor().is_none() || !master.is_recurring() {
            return Err(EditError::NotRecurring);
        }
        Ok(master)
    }

    /// All occurrences are placed by the same clocks, so any clocks will do.
    pub(super) fn instant(&self, occurrence: &Moment) -> Timestamp {
        self.object.recurrence_instant(occurrence, &Zone::utc())
    }

    /// The occurrence in the form of DTSTART.
    pub(super) fn named(&self, occurrence: &Moment) -> Moment {
        self.object.recurrence_moment(self.instant(occurrence), &Zone::utc())
    }

    fn instants(&self, occurrences: &[Moment]) -> BTreeSet<Timestamp> {
        occurrences.iter().map(|occurrence| self.instant(occurrence)).collect()
    }

    /// Takes occurrences out of EXDATE.
    fn put_back(&mut self, occurrences: &[Moment]) -> Result<(), EditError> {
        let master = self.master()?;
        let unwanted = self.instants(occurrences);
        for (line, exdate) in self.document.properties(master.lines, "EXDATE") {
            let value = exdate.value();
            let is_kept = |value: &&str| {
                let moment = read::moment_of(exdate, value);
                moment.is_none_or(|moment| !unwanted.contains(&self.instant(&moment)))
            };
            let kept: Vec<&str> = split(&value, ',').filter(is_kept).collect();
            if kept.is_empty() {
                self.edit.remove(line);
            } else {
                self.edit.set_value(line, &Value::stripped(&kept.join(",")));
            }
        }
        Ok(())
    }

    /// Puts a component for one occurrence behind the others.
    pub(super) fn give_component(
        &mut self,
        master: &Component,
        occurrence: &Moment,
    ) -> Result<(), EditError> {
        let calendar = read::calendar(self.document).ok_or(EditError::NoComponent)?;
        let lines = occurrence_lines(self.document, self.object, master, &self.named(occurrence));
        self.edit.append_component(calendar, lines.into_iter().map(|(_, line)| line).collect());
        Ok(())
    }
}

/// The lines of a series, alarms and all, as a component for one occurrence, each with the line that it is a copy of.
pub(crate) fn occurrence_lines(
    document: &Document<'_>,
    object: &Object,
    master: &Component,
    recurrence: &Moment,
) -> Vec<(Option<usize>, NewLine)> {
    let Some(component) = document.component(master.lines) else { return Vec::new() };
    let own: Vec<usize> = document.own_lines(master.lines).map(|(line, _)| line).collect();
    let mut lines = Vec::new();
    for at in component.lines() {
        let Some(line) = document.line(at) else { continue };
        let is_own = own.binary_search(&at).is_ok();
        if matches!(line.kind(), LineKind::Blank | LineKind::Junk)
            || is_own && ["RRULE", "RDATE", "EXDATE", "EXRULE"].iter().any(|name| line.is(name))
        {
            continue;
        }
        let copy = NewLine::copy_of(line);
        let copy = match moved(object, master, recurrence, line.name()).filter(|_| is_own) {
            Some(moment) => in_form_of(copy, &moment),
            None => copy,
        };
        lines.push((Some(at), copy));
        if is_own && line.is("UID") {
            lines.push((None, moment_line("RECURRENCE-ID", recurrence)));
        }
    }
    lines
}

/// When DTSTART, DTEND or DUE is for one occurrence.
fn moved(object: &Object, master: &Component, recurrence: &Moment, name: &str) -> Option<Moment> {
    let clocks = Zone::utc();
    let from_anchor = |moment: &Moment| {
        if moment.is_date() {
            let days = moment.local() - master.anchor()?.local();
            return recurrence.local().checked_add_signed(days).map(|local| moment.with_local(local));
        }
        let length = object.instant(moment, &clocks).0 - object.instant(master.anchor()?, &clocks).0;
        let instant = Timestamp(object.instant(recurrence, &clocks).0.saturating_add(length));
        Some(moment.with_local(object.zone_of(moment, &clocks).local(instant)))
    };
    match name.to_ascii_uppercase().as_str() {
        "DTSTART" => from_anchor(master.start.as_ref()?),
        "DTEND" | "DUE" => from_anchor(master.end.as_ref()?),
        _ => None,
    }
}
