//! Tasks that are done, once or one time of many.

use chrono::TimeDelta;
use vocabulary::Timestamp;

use super::time::times;
use super::{Change, EditError, Field, Patch, Target, change, patched};
use crate::rule::{End, Walk, Work};
use crate::term::Status;
use crate::zone::Zone;
use crate::{Component, Moment, Rule};

/// Most steps to find the next occurrence of a task.
const STEPS_MAX: u32 = 100_000;

/// Marks a task, or one changed occurrence of it, as done: RFC 5545 sections 3.8.1.8, 3.8.1.11 and 3.8.2.1.
///
/// # Errors
/// Those of [`change`].
pub fn complete(bytes: &[u8], target: Target<'_>, at: Timestamp) -> Result<Vec<u8>, EditError> {
    change(bytes, target, &completion(at))
}

/// Moves a recurring task on to its next occurrence, as todoman and Apple's Reminders do when one is done: DTSTART and
/// DUE move and its alarms with them, COUNT says how many are left, and it is open again. `None` if the one it stands at is
/// the last. `floating` are the clocks of days and of floating times.
///
/// # Errors
/// If the bytes are no calendar object with a master that has a rule and a date.
pub fn advance(bytes: &[u8], floating: &Zone) -> Result<Option<Vec<u8>>, EditError> {
    let mut is_last = false;
    let bytes = patched(bytes, |patch| {
        let master = patch.master()?;
        match patch.next(master)? {
            Some((next, shift)) => {
                patch.set_times(master, &next);
                patch.set_properties(master, &next);
                let zone = master.anchor().map_or(floating, |anchor| patch.object.zone_of(anchor, floating));
                patch.shift_alarms(master, shift, zone);
            }
            None => is_last = true,
        }
        Ok(())
    })?;
    Ok((!is_last).then_some(bytes))
}

/// The occurrence that a recurring task stands at, as a task of its own that is done.
///
/// # Errors
/// If the bytes are no calendar object with a master.
pub fn completed_copy(bytes: &[u8], uid: &str, at: Timestamp) -> Result<Vec<u8>, EditError> {
    let single = patched(bytes, |patch| {
        let master = patch.master()?;
        for name in ["RRULE", "RDATE", "EXDATE", "EXRULE"] {
            patch.remove_all(master, name);
        }
        for component in patch.object.overrides() {
            patch.edit.remove_component(component.lines);
        }
        Ok(())
    })?;
    change(&single, Target::Master, &Change { uid: Field::Set(uid.to_owned()), ..completion(at) })
}

fn completion(at: Timestamp) -> Change {
    Change {
        status: Field::Set(Status::Completed),
        completed: Field::Set(at),
        percent_complete: Field::Set(100),
        ..Change::default()
    }
}

impl Patch<'_, '_> {
    /// What moves the task on, and how far its clocks move.
    fn next(&self, master: &Component) -> Result<Option<(Change, TimeDelta)>, EditError> {
        let (Some(anchor), Some(rule)) = (master.anchor(), master.rules.first()) else {
            return Err(EditError::NotRecurring);
        };
        let Some((passed, local)) = self.next_of(master, anchor, rule) else { return Ok(None) };
        let shift = local - anchor.local();
        let moved =
            |moment: &Moment| moment.local().checked_add_signed(shift).map(|local| moment.with_local(local));
        let end = match rule.end {
            End::Count(count) => End::Count(count.saturating_sub(passed)),
            _ => rule.end.clone(),
        };
        let change = Change {
            rule: Field::Set(Rule { end, ..rule.moved_from(anchor.local().date()) }),
            status: if master.status == Some(Status::Completed) {
                Field::Set(Status::NeedsAction)
            } else {
                Field::Keep
            },
            completed: Field::Clear,
            percent_complete: Field::Clear,
            ..times(master.start.as_ref().and_then(moved), master.end.as_ref().and_then(moved))
        };
        Ok(Some((change, shift)))
    }

    /// The next local time that no EXDATE takes out, and how many occurrences that COUNT counts come before it.
    fn next_of(
        &self,
        master: &Component,
        anchor: &Moment,
        rule: &Rule,
    ) -> Option<(u32, chrono::NaiveDateTime)> {
        let clocks = Zone::utc();
        let zone = self.object.zone_of(anchor, &clocks);
        let until = rule.last_local(|utc| zone.local(Zone::utc().instant(utc)));
        let mut exceptions: Vec<Timestamp> = master
            .exceptions
            .iter()
            .map(|exception| self.object.recurrence_instant(exception, &clocks))
            .collect();
        exceptions.sort_unstable();
        let mut walk = Walk::new(rule, anchor.local(), anchor.is_date(), until);
        let mut work = Work::new(STEPS_MAX);
        let mut passed = 1;
        while let Some(local) = walk.next(&mut work) {
            if exceptions.binary_search(&zone.instant(local)).is_err() {
                return Some((passed, local));
            }
            passed += 1;
        }
        None
    }
}
