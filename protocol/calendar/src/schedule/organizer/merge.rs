//! What the server does to an organiser's bytes before anybody is told: answers that the client could not know are put
//! back, those to what has been rescheduled are cleared, SEQUENCE goes up.

use std::collections::BTreeMap;

use content_line::{Edit, NewLine, Value};
use vocabulary::Timestamp;

use super::super::copy::{Copy, Person, UNASKED};
use super::super::line::{Added, Answer, derived_lines, put, put_into};
use super::super::{Actor, Agent, Refused};
use super::change::{Base, Changes, Turn};
use crate::edit::plain;
use crate::term::Participation;

/// The bytes, and what they asked for beside.
pub(super) struct Merged {
    pub(super) bytes: Vec<u8>,
    /// Attendees with SCHEDULE-FORCE-SEND, and whether it names a method that they can be sent (RFC 6638 section 7.2).
    pub(super) forced: BTreeMap<String, bool>,
}

/// Merges what an organiser has written with what is known.
pub(super) fn merge(
    actor: &Actor<'_>,
    old: Option<&Copy<'_>>,
    new: &Copy<'_>,
    changes: &Changes,
    is_own: &dyn Fn(&str) -> bool,
) -> Result<Merged, Refused> {
    let series = old.and_then(|old| Some(old.people(old.master()?).by_address())).unwrap_or_default();
    let edit = new.document.edit();
    let mut merge = Merge { actor, old, new, is_own, series, edit, forced: BTreeMap::new() };
    for (at, turn) in changes.turns.iter().enumerate() {
        merge.component(at, turn);
    }
    let mut carried = Added::default();
    let series = new.master().and_then(|at| Some((new.component(at)?, changes.turns.get(at)?)));
    if let Some((series, turn)) = series {
        let sequence = merge.sequence(series.sequence, turn);
        for &(recurrence, at) in &changes.carried {
            if carried.has_room_for(&new.document, series.lines) {
                carried.extend(merge.carried(recurrence, at, sequence));
            }
        }
    }
    if carried.is_full {
        return Err(Refused::TooMany);
    }
    carried.append(&mut merge.edit, new.calendar);
    Ok(Merged { bytes: merge.edit.finish(), forced: merge.forced })
}

struct Merge<'c, 'd, 'a> {
    actor: &'c Actor<'c>,
    old: Option<&'c Copy<'c>>,
    new: &'d Copy<'a>,
    is_own: &'c dyn Fn(&str) -> bool,
    /// The people of the old series.
    series: BTreeMap<&'c str, &'c Person>,
    edit: Edit<'d, 'a>,
    forced: BTreeMap<String, bool>,
}

impl<'d> Merge<'_, 'd, '_> {
    fn component(&mut self, at: usize, turn: &Turn) {
        let new = self.new;
        let Some(component) = new.component(at) else { return };
        let sequence = self.sequence(component.sequence, turn);
        if sequence != component.sequence {
            put(&mut self.edit, &new.document, component.lines, "SEQUENCE", &plain(sequence));
        }
        let people = new.people(at);
        if let Some(organizer) = &people.organizer {
            self.keep_organizer(organizer);
            self.take_force_send(organizer, false);
        }
        let known = match (turn.base, self.old) {
            (Base::Same(at), Some(old)) => old.people(at).by_address(),
            _ => BTreeMap::new(),
        };
        for person in &people.attendees {
            self.take_force_send(person, true);
            if (self.is_own)(&person.address) || !person.by_server {
                continue;
            }
            let before = match turn.base {
                Base::Series(_) => self.series.get(person.address.as_str()),
                _ => known.get(person.address.as_str()),
            };
            let before = before.copied();
            self.answer(person, before, turn, sequence);
        }
    }

    /// RFC 5546 section 2.1.4. Whatever the client writes, it never goes down, and what is new in an old meeting is
    /// newer than anything that the meeting has been.
    fn sequence(&self, written: u32, turn: &Turn) -> u32 {
        let Some(old) = self.old.filter(|_| self.actor.agent == Agent::Server) else { return written };
        let is_new = turn.base == Base::Nothing;
        if turn.bumps || is_new {
            return written.max(old.sequence().saturating_add(1));
        }
        let before = turn.base.at().and_then(|at| old.component(at)).map_or(0, |before| before.sequence);
        written.max(before)
    }

    /// RFC 6638 sections 3.2.1 and 3.2.8: what a guest has answered is not the organiser's to say.
    fn answer(&mut self, person: &Person, before: Option<&Person>, turn: &Turn, sequence: u32) {
        let asked = if self.actor.agent == Agent::Server { sequence } else { person.asked };
        let is_unasked = before.is_some_and(|before| stays_unasked(person, before));
        if is_unasked {
            self.edit.set_parameter(person.line, UNASKED, &["TRUE"]);
        }
        let answer = match before {
            Some(before) if !turn.rescheduled || is_unasked => {
                self.keep_status(person, before);
                // An answer to the series says nothing of a later one to the occurrence.
                let replied = before.replied.filter(|_| matches!(turn.base, Base::Same(_)));
                Answer { replied, ..Answer::of(before) }
            }
            _ => Answer::none_since(asked),
        };
        answer.write(&mut self.edit, person);
    }

    /// A SCHEDULE-STATUS that is not the one that the server has set is from before an answer.
    fn keep_status(&mut self, person: &Person, before: &Person) {
        let Some(old) = self.old else { return };
        let status = |copy: &Copy<'_>, person: &Person| -> Option<Vec<String>> {
            let status = copy.document.line(person.line)?.parameter("SCHEDULE-STATUS")?;
            Some(status.values().map(|code| code.into_owned()).collect())
        };
        if let (Some(set), Some(written)) = (status(old, before), status(self.new, person))
            && set != written
        {
            let codes: Vec<&str> = set.iter().map(String::as_str).collect();
            self.edit.set_parameter(person.line, "SCHEDULE-STATUS", &codes);
        }
    }

    /// Of several addresses of the organiser the first that guests were told is the one that they know.
    fn keep_organizer(&mut self, organizer: &Person) {
        let Some(old) = self.old else { return };
        let Some(before) = old.organizer().filter(|before| before.address != organizer.address) else {
            return;
        };
        if let Some(line) = old.document.line(before.line).filter(|_| (self.is_own)(&before.address)) {
            self.edit.set_value(organizer.line, &Value::stripped(&line.value()));
        }
    }

    /// RFC 6638 section 7.2: it is not stored.
    fn take_force_send(&mut self, person: &Person, is_attendee: bool) {
        let line = self.new.document.line(person.line);
        let Some(method) = line.and_then(|line| line.parameter_value("SCHEDULE-FORCE-SEND")) else { return };
        if is_attendee && person.by_server {
            let is_known = method.trim().eq_ignore_ascii_case("REQUEST");
            *self.forced.entry(person.address.clone()).or_default() |= is_known;
        }
        self.edit.remove_parameter(person.line, "SCHEDULE-FORCE-SEND");
    }

    /// An occurrence that somebody has answered differently than the series. With the SEQUENCE of the series whoever
    /// is not invited any more has answered something older.
    fn carried(&self, recurrence: Timestamp, old_at: usize, series_sequence: u32) -> Vec<NewLine> {
        let (Some(old), Some(master)) = (self.old, self.new.master()) else { return Vec::new() };
        let Some(component) = self.new.component(master) else { return Vec::new() };
        let known = old.people(old_at).by_address();
        let guests = self.new.people(master).attendees.iter().filter(|person| person.by_server);
        let guests: BTreeMap<usize, &Person> = guests.map(|person| (person.line, person)).collect();
        let mut lines = derived_lines(self.new, recurrence);
        for (at, line) in &mut lines {
            let Some(person) = at.and_then(|at| guests.get(&at)) else { continue };
            if let Some(before) =
                known.get(person.address.as_str()).filter(|_| !(self.is_own)(&person.address))
            {
                *line = Answer::of(before).written(line.clone(), person);
            }
            let series = self.series.get(person.address.as_str());
            if series.is_some_and(|before| stays_unasked(person, before)) {
                *line = line.clone().parameter(UNASKED, &["TRUE"]);
            }
        }
        let sequence = old.component(old_at).map_or(0, |before| before.sequence).max(series_sequence);
        put_into(&mut lines, &self.new.document, component.lines, "SEQUENCE", &plain(sequence));
        lines.into_iter().map(|(_, line)| line.without_parameter("SCHEDULE-FORCE-SEND")).collect()
    }
}

/// Somebody who has answered without being asked, in the line of a client that drops what it does not know. One that
/// invites him asks for his answer.
fn stays_unasked(written: &Person, before: &Person) -> bool {
    before.is_unasked
        && written.participation == before.participation
        && written.participation != Participation::NeedsAction
}
