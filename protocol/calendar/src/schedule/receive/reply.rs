//! REPLY: RFC 5546 sections 3.2.3 and 3.4.3, RFC 6638 section 4.2.

use std::collections::BTreeMap;

use content_line::{Edit, NewLine};
use vocabulary::Timestamp;

use super::super::copy::{ASKED, Copy, Instants, Key, Person, REPLIED, UNASKED};
use super::super::essence::Essence;
use super::super::line::{Added, Answer, SERVERS_OWN, derived_lines, put, put_into};
use super::super::organizer::refresh;
use super::super::{Actor, Received, Why, stamp};
use super::store;
use crate::read::COMPONENTS_MAX;
use crate::term::Participation;

/// Most occurrences that answers give a component of their own at once.
const ADDED_MAX: usize = 1_000;
/// Most attendees of a component to which an answer of somebody unknown adds one.
const ATTENDEES_MAX: usize = 1_000;

pub(super) fn receive(
    actor: &Actor<'_>,
    stored: &Copy<'_>,
    message: &Copy<'_>,
    from: &str,
) -> Result<Received, Why> {
    let mut answers = Answers {
        stored,
        message,
        from,
        owner: &|address| actor.owner.contains(address),
        now: stamp::next(None, actor.now),
        stamp: stamp::next(stored.stamp(), actor.now),
        edit: stored.document.edit(),
        added: Added::default(),
        added_components: 0,
        instants: None,
        is_taken: false,
        is_shown: false,
        is_late: false,
    };
    for (key, at) in &message.index {
        answers.take(*key, *at);
    }
    if answers.added.is_full {
        return Err(Why::NotForUs);
    }
    if !answers.is_taken {
        return Err(Why::Old);
    }
    let (is_shown, is_late) = (answers.is_shown, answers.is_late);
    let bytes = store(Some(stored), answers.finish())?;
    let mut refreshed = Vec::new();
    if is_shown && let Ok(copy) = Copy::parse(&bytes) {
        // Whoever was told the state of things since the answer may have given it up.
        refreshed = refresh(actor, &copy, from, is_late, &|address| actor.owner.contains(address));
    }
    Ok(Received::Store { bytes, is_new: false, keeps_tag: true, refresh: refreshed })
}

struct Answers<'c, 'd, 'a> {
    stored: &'d Copy<'a>,
    message: &'c Copy<'c>,
    from: &'c str,
    owner: &'c dyn Fn(&str) -> bool,
    now: Timestamp,
    /// DTSTAMP of the new state of things.
    stamp: Timestamp,
    edit: Edit<'d, 'a>,
    added: Added,
    added_components: usize,
    instants: Option<Instants>,
    is_taken: bool,
    /// Whether other guests see a difference.
    is_shown: bool,
    /// Whether an answer is older than the state of things that guests were told last, or is taken for more than the
    /// message says.
    is_late: bool,
}

/// What somebody says of one component.
struct Said<'c> {
    sequence: u32,
    stamp: Timestamp,
    participation: Participation,
    person: &'c Person,
    /// SCHEDULE-STATUS: RFC 6638 section 4.2.
    codes: String,
}

impl Said<'_> {
    /// RFC 5546 section 2.1.5. Whoever was asked anew has not answered yet, and of two answers the later counts.
    fn is_new(&self, known: Answer) -> bool {
        self.sequence >= known.asked && known.replied.is_none_or(|last| self.stamp > last)
    }

    fn answer(&self, asked: u32) -> Answer {
        Answer { participation: self.participation, asked, replied: Some(self.stamp) }
    }
}

impl<'c> Answers<'c, '_, '_> {
    fn said(&self, at: usize) -> Option<Said<'c>> {
        let component = self.message.component(at)?;
        let person = self.message.people(at).find(|address| address == self.from)?;
        let document = &self.message.document;
        let code = |value: &str| value.split(';').next().unwrap_or_default().trim().to_owned();
        let codes: Vec<String> = (document.properties(component.lines, "REQUEST-STATUS"))
            .map(|(_, line)| code(&line.value()))
            .filter(|code| !code.is_empty())
            .take(8)
            .collect();
        Some(Said {
            sequence: component.sequence,
            stamp: component.stamp.unwrap_or(self.now),
            participation: person.participation,
            person,
            codes: if codes.is_empty() { "2.0".to_owned() } else { codes.join(",") },
        })
    }

    fn take(&mut self, key: Key, at: usize) {
        let stored = self.stored;
        let Some(said) = self.said(at) else { return };
        match (stored.at(key), key) {
            (Some(known), Key::Occurrence(_)) => self.take_component(known, &said),
            (Some(known), Key::Master) => {
                self.take_component(known, &said);
                self.take_alike(known, &said);
            }
            (None, Key::Occurrence(recurrence)) => self.take_occurrence(recurrence, &said),
            (None, Key::Master) => {}
        }
    }

    fn take_component(&mut self, at: usize, said: &Said<'_>) {
        let stored = self.stored;
        let Some(component) = stored.component(at).filter(|_| !stored.is_cancelled(at)) else { return };
        let people = stored.people(at);
        if people.find(|address| address == self.from).is_none() {
            // Somebody who was not asked: kept, for the organiser to see (RFC 5546 section 3.2.3), and for nobody else.
            // One who was asked and then uninvited answers to an older SEQUENCE.
            if said.sequence >= component.sequence && people.attendees.len() < ATTENDEES_MAX {
                self.edit.append_line(component.lines, self.uninvited(said));
                self.is_taken = true;
            }
            return;
        }
        let from = self.from;
        for person in people.attendees.iter().filter(|person| person.address == from) {
            let known = Answer::of(person);
            if !said.is_new(known) {
                continue;
            }
            said.answer(known.asked).write(&mut self.edit, person);
            self.edit.set_parameter(person.line, "SCHEDULE-STATUS", &[&said.codes]);
            self.is_shown |= known.participation != said.participation && !person.is_unasked;
            self.take_note(said);
        }
    }

    /// An answer to the series is one to all occurrences (RFC 5546 section 3.2.3) that are as it is, and stand by
    /// themselves only because others have answered them by themselves: of these whoever answers may not know.
    fn take_alike(&mut self, series: usize, said: &Said<'_>) {
        let (stored, from) = (self.stored, self.from);
        let Some(before) = stored.people(series).find(|address| address == from).map(Answer::of) else {
            return;
        };
        if !said.is_new(before) || said.participation == before.participation {
            return;
        }
        let essence = Essence::of(stored, series);
        for (recurrence, at) in stored.overrides() {
            let is_answered = self.message.at(Key::Occurrence(recurrence)).is_some();
            let Some(person) = stored.people(at).find(|address| address == from) else { continue };
            let known = Answer::of(person);
            let follows = !is_answered
                && !stored.is_cancelled(at)
                && known.participation == before.participation
                && known.replied.is_none()
                && said.sequence >= known.asked
                && essence.of_occurrence(stored, recurrence) == Essence::of(stored, at);
            if follows {
                // It says nothing of a later answer to the occurrence, so it leaves no REPLIED.
                Answer { participation: said.participation, ..known }.write(&mut self.edit, person);
                self.edit.set_parameter(person.line, "SCHEDULE-STATUS", &[&said.codes]);
                // What was told of the occurrence, and may be on its way, does not have it.
                self.is_late = true;
            }
        }
    }

    /// An occurrence that somebody answers differently than the series gets a component of its own.
    fn take_occurrence(&mut self, recurrence: Timestamp, said: &Said<'_>) {
        let stored = self.stored;
        let Some(master) = stored.master().filter(|at| !stored.is_cancelled(*at)) else { return };
        let Some(component) = stored.component(master) else { return };
        let people = stored.people(master);
        let asked = people.find(|address| address == self.from).filter(|person| !person.is_unasked);
        let Some(person) = asked else { return };
        let components = stored.object.components.len() + self.added_components;
        if said.sequence < person.asked || self.added_components >= ADDED_MAX || components >= COMPONENTS_MAX
        {
            return;
        }
        if !self.instants.get_or_insert_with(|| stored.instants()).has(recurrence) {
            return;
        }
        if !self.added.has_room_for(&stored.document, component.lines) {
            return;
        }
        let guests: BTreeMap<usize, &Person> =
            people.attendees.iter().map(|person| (person.line, person)).collect();
        let mut lines = derived_lines(stored, recurrence);
        for (at, line) in &mut lines {
            let Some(guest) = at.and_then(|at| guests.get(&at)) else { continue };
            if guest.address == self.from {
                *line = said
                    .answer(guest.asked)
                    .written(line.clone(), guest)
                    .parameter("SCHEDULE-STATUS", &[&said.codes]);
            } else if !(self.owner)(&guest.address) {
                // An answer to the series says nothing of a later one to the occurrence.
                *line = Answer { replied: None, ..Answer::of(guest) }.written(line.clone(), guest);
            }
        }
        put_into(&mut lines, &stored.document, component.lines, "DTSTAMP", &crate::edit::stamp(self.stamp));
        self.added.extend(lines.into_iter().map(|(_, line)| line));
        self.added_components += 1;
        self.is_shown |= person.participation != said.participation;
        self.take_note(said);
    }

    fn take_note(&mut self, said: &Said<'_>) {
        self.is_taken = true;
        self.is_late |= self.stored.stamp().is_some_and(|told| said.stamp <= told);
    }

    fn uninvited(&self, said: &Said<'_>) -> NewLine {
        let Some(line) = self.message.document.line(said.person.line) else {
            return NewLine::new("ATTENDEE", crate::edit::plain(self.from)).parameter(UNASKED, &["TRUE"]);
        };
        let line = SERVERS_OWN.iter().fold(NewLine::copy_of(line), |line, name| line.without_parameter(name));
        let line = line.without_parameter(ASKED).without_parameter(REPLIED).parameter(UNASKED, &["TRUE"]);
        said.answer(0).written(line, said.person).parameter("SCHEDULE-STATUS", &[&said.codes])
    }

    fn finish(mut self) -> Vec<u8> {
        let stamp = crate::edit::stamp(self.stamp);
        for component in &self.stored.object.components {
            put(&mut self.edit, &self.stored.document, component.lines, "DTSTAMP", &stamp);
        }
        self.added.append(&mut self.edit, self.stored.calendar);
        self.edit.finish()
    }
}
