//! From the organiser's new state of things and the attendee's old copy to the new copy.
//!
//! The message is the base, so that what the organiser says keeps its bytes. What the attendee has for himself comes
//! from the copy: alarms, TRANSP, CATEGORIES and the like, progress of a task, properties that only his clients know,
//! and what he has answered unless he is asked anew. What the copy knows that is newer than the message stays.

use std::collections::{BTreeMap, BTreeSet};

use content_line::{Document, Edit, NewLine, Value};
use vocabulary::Timestamp;

use super::super::Actor;
use super::super::attendee::own;
use super::super::copy::{CANCELLED, Copy, DECLINED, Key, Person, instant_text};
use super::super::essence::{Essence, PERSONAL};
use super::super::line::{Added, Answer, SERVERS_OWN, derived_lines, lines_of, lines_without_nested};
use super::cancel::marker;
use super::request::{remove_harmful_alarms, without_method};
use super::version;
use crate::edit::moment_line;
use crate::term::{ComponentKind, Participation};

/// Properties of other makers by which their organisers say something; all other `X-` may be the attendee's own.
const ORGANIZERS_OWN: &[&str] = &["X-ALT-DESC", "X-MICROSOFT-", "X-MS-", "X-GOOGLE-", "X-KONTOR-"];

pub(super) struct Update<'c> {
    actor: &'c Actor<'c>,
    stored: &'c Copy<'c>,
    message: &'c Copy<'c>,
    /// [`DECLINED`] occurrences of the copy, and when.
    own_exceptions: BTreeMap<Timestamp, Timestamp>,
    /// [`CANCELLED`] occurrences of the copy that the message is older than, and when.
    cancelled: BTreeMap<Timestamp, Timestamp>,
}

/// What becomes of one component of the message.
enum Fate {
    Taken,
    /// The copy has something newer.
    Superseded,
    /// The attendee has taken the occurrence out.
    TakenOut,
}

impl<'c> Update<'c> {
    pub(super) fn new(actor: &'c Actor<'c>, stored: &'c Copy<'c>, message: &'c Copy<'c>) -> Self {
        let own_exceptions = stored.own_exceptions();
        let told = message_stamp(message);
        let mut cancelled = stored.cancelled_exceptions();
        cancelled.retain(|_, at| Some(*at) > told);
        Self { actor, stored, message, own_exceptions, cancelled }
    }

    /// The new copy.
    pub(super) fn whole(&self) -> Vec<u8> {
        let message = self.message;
        let document = &message.document;
        let mut edit = document.edit();
        without_method(message, &mut edit);
        let mut kept = Added::default();
        let mut taken_out = BTreeSet::new();
        for (key, &at) in &message.index {
            let Some(component) = message.component(at) else { continue };
            match self.fate(*key, at) {
                Fate::Taken => self.take(*key, at, &mut edit),
                Fate::Superseded => edit.remove_component(component.lines),
                Fate::TakenOut => {
                    edit.remove_component(component.lines);
                    if let Key::Occurrence(recurrence) = key {
                        taken_out.insert(*recurrence);
                    }
                }
            }
        }
        self.keep_occurrences(&mut kept);
        taken_out.extend(self.kept_exceptions());
        if let Some(master) = message.master().and_then(|at| message.component(at)) {
            let out: BTreeSet<Timestamp> = taken_out.iter().chain(self.cancelled.keys()).copied().collect();
            for recurrence in out {
                edit.append_line(master.lines, self.exception(recurrence, taken_out.contains(&recurrence)));
            }
        } else {
            self.keep_cancelled(&mut kept);
        }
        if !kept.is_empty() {
            let stored = self.stored;
            self.add_zones(&stored.document, stored.calendar, document, message.calendar, &mut edit);
            kept.append(&mut edit, message.calendar);
        }
        edit.finish()
    }

    /// The message with what the attendee has for himself, for a copy that is the base itself.
    pub(super) fn prepared(&self) -> Vec<u8> {
        let mut edit = self.message.document.edit();
        without_method(self.message, &mut edit);
        for (key, at) in &self.message.index {
            self.take(*key, *at, &mut edit);
        }
        edit.finish()
    }

    /// EXDATE for an occurrence that was declined, cancelled, or both.
    fn exception(&self, recurrence: Timestamp, is_declined: bool) -> NewLine {
        let mut line = moment_line("EXDATE", &self.message.moment(recurrence));
        if let Some(at) = self.own_exceptions.get(&recurrence).filter(|_| is_declined) {
            line = line.parameter(DECLINED, &[&instant_text(*at)]);
        }
        if let Some(at) = self.cancelled.get(&recurrence) {
            line = line.parameter(CANCELLED, &[&instant_text(*at)]);
        }
        line
    }

    /// What was cancelled needs something that stands for it where no series is left that can take it out.
    fn keep_cancelled(&self, kept: &mut Added) {
        let Some(series) = self.stored.master().and_then(|at| self.stored.component(at)) else { return };
        for (recurrence, at) in &self.cancelled {
            if kept.has_room_for(&self.stored.document, series.lines) {
                kept.extend(marker(self.stored, series, *recurrence, (series.sequence, Some(*at))));
            }
        }
    }

    fn fate(&self, key: Key, at: usize) -> Fate {
        let Key::Occurrence(recurrence) = key else { return Fate::Taken };
        let told = message_stamp(self.message);
        if self.stored.at(key).is_some_and(|old| version::of(self.stored, old).1 > told) {
            return Fate::Superseded;
        }
        let answer = own(self.actor, self.message.people(at));
        let is_out = self.own_exceptions.get(&recurrence).is_some_and(|declined| {
            self.message.master().is_some()
                && answer.is_some_and(|own| {
                    let is_known = own.participation == Participation::Declined;
                    is_known || (self.is_unheard(*declined) && !self.is_asked_anew(own))
                })
        });
        if is_out {
            Fate::TakenOut
        } else if self.cancelled.contains_key(&recurrence) {
            Fate::Superseded
        } else {
            Fate::Taken
        }
    }

    /// Whether the organiser cannot have known an answer of this time. One that he could have known and does not have
    /// is one that he has given up with the occurrence, or one that is late; then he tells.
    fn is_unheard(&self, answered: Timestamp) -> bool {
        // Other servers tell nothing of what somebody has answered to one occurrence.
        self.message.as_of().is_none_or(|(told, _)| answered > told)
    }

    /// Whether the attendee has been asked anew since the copy of the series was told.
    fn is_asked_anew(&self, own: &Person) -> bool {
        let series = self.stored.master().and_then(|at| self.stored.component(at));
        series.is_none_or(|series| own.asked > series.sequence)
    }

    /// Whether the series is told anew in a way that leaves the attendee's exceptions to it as they are.
    fn series_goes_on(&self) -> bool {
        let (Some(old), Some(new)) = (self.stored.master(), self.message.master()) else { return false };
        let answer = own(self.actor, self.message.people(new));
        let (before, after) = (Essence::of(self.stored, old), Essence::of(self.message, new));
        let is_asked_anew = match self.message.as_of() {
            Some(_) => answer.is_none_or(|own| self.is_asked_anew(own)),
            None => after.rules != before.rules,
        };
        !is_asked_anew && !after.is_moved(&before) && !self.stored.is_cancelled(old)
    }

    /// Occurrences of the copy that the message does not have.
    fn keep_occurrences(&self, kept: &mut Added) {
        let goes_on = self.series_goes_on();
        let mut instants = None;
        let series = self.stored.master().filter(|_| goes_on).map(|at| Essence::of(self.stored, at));
        for (recurrence, at) in self.stored.overrides() {
            let key = Key::Occurrence(recurrence);
            let Some(component) = self.stored.component(at) else { continue };
            if version::of(self.stored, at).1 > message_stamp(self.message) {
                let lines = lines_of(&self.stored.document, component.lines);
                kept.extend(lines.into_iter().map(|(_, line)| line));
                continue;
            }
            if self.message.at(key).is_some() || self.stored.is_cancelled(at) {
                continue;
            }
            let Some(series) = &series else { continue };
            if !instants.get_or_insert_with(|| self.message.instants()).has(recurrence) {
                continue;
            }
            if self.message.as_of().is_none() {
                // Others tell changed occurrences apart from their series.
                let lines = lines_of(&self.stored.document, component.lines);
                kept.extend(lines.into_iter().map(|(_, line)| line));
            } else if series.of_occurrence(self.stored, recurrence) == Essence::of(self.stored, at) {
                let series = self.message.master().and_then(|at| self.message.component(at));
                if series.is_some_and(|series| kept.has_room_for(&self.message.document, series.lines)) {
                    kept.extend(self.own_occurrence(recurrence, at));
                }
            }
        }
    }

    fn alarms(&self, at: usize) -> Vec<Vec<&[u8]>> {
        let Some(component) = self.stored.component(at) else { return Vec::new() };
        let document = &self.stored.document;
        let raw = |child: usize| {
            let lines = document.component(child).map(|child| child.lines()).unwrap_or_default();
            lines.filter_map(|at| document.line(at)).map(content_line::Line::raw).collect()
        };
        alarms(document, component.lines).map(raw).collect()
    }

    /// What the series says now of an occurrence that has a component of its own only because of what the attendee
    /// did: the organiser has not heard his answer yet, or he is reminded otherwise.
    fn own_occurrence(&self, recurrence: Timestamp, at: usize) -> Vec<NewLine> {
        let (message, stored) = (self.message, self.stored);
        let Some(master) = message.master() else { return Vec::new() };
        let (Some(series), Some(old)) = (message.component(master), stored.component(at)) else {
            return Vec::new();
        };
        let Some(asked) = own(self.actor, message.people(master)) else { return Vec::new() };
        let said = own(self.actor, stored.people(at)).map(Answer::of);
        let unheard = said.filter(|said| said.replied.is_some_and(|replied| self.is_unheard(replied)));
        let rings_otherwise = stored.master().is_some_and(|master| self.alarms(master) != self.alarms(at));
        let answer = match unheard {
            Some(said) => Answer { asked: asked.asked, ..said },
            None if rings_otherwise => {
                Answer { replied: None, ..self.kept_answer(Key::Master, master).unwrap_or(Answer::of(asked)) }
            }
            None => return Vec::new(),
        };
        let own_lines = lines_without_nested(&message.document, series.lines);
        let mut lines = Vec::new();
        for (source, line) in derived_lines(message, recurrence) {
            let Some(source) = source else {
                lines.push(line);
                continue;
            };
            let is_personal = message.document.line(source).is_some_and(|line| is_personal(line.name()));
            if !own_lines.contains(&source) || is_personal {
                continue;
            }
            lines.push(if asked.line == source {
                answer.written(line, asked)
            } else {
                SERVERS_OWN.iter().fold(line, |line, name| line.without_parameter(name))
            });
        }
        let end = lines.pop();
        lines.extend(personal_lines(&stored.document, old.lines, |name| {
            is_personal(name)
                || (is_own_extension(name) && message.document.property(series.lines, name).is_none())
        }));
        for alarm in alarms(&stored.document, old.lines) {
            lines.extend(lines_of(&stored.document, alarm).into_iter().map(|(_, line)| line));
        }
        lines.extend(end);
        lines
    }

    /// Occurrences that the attendee took out and the message knows nothing of.
    fn kept_exceptions(&self) -> Vec<Timestamp> {
        if self.own_exceptions.is_empty() || !self.series_goes_on() {
            return Vec::new();
        }
        let exceptions = self.message.exceptions();
        let instants = self.message.instants();
        let is_kept = |(at, declined): &(&Timestamp, &Timestamp)| {
            !exceptions.contains(at)
                && self.is_unheard(**declined)
                && self.message.at(Key::Occurrence(**at)).is_none()
                && self.stored.at(Key::Occurrence(**at)).is_none()
                && instants.has(**at)
        };
        self.own_exceptions.iter().filter(is_kept).map(|(at, _)| *at).collect()
    }

    /// Puts what the attendee has for himself into a component of the message.
    fn take(&self, key: Key, at: usize, edit: &mut Edit<'_, '_>) {
        let message = self.message;
        let Some(component) = message.component(at) else { return };
        let document = &message.document;
        let base = self.stored.base_of(key);
        let Some((base, old)) = base.and_then(|base| Some((base, self.stored.component(base)?))) else {
            return remove_harmful_alarms(document, component.lines, edit);
        };
        let is_cancelled = message.is_cancelled(at);
        if let (Some(answer), Some(told)) = (self.kept_answer(key, at), own(self.actor, message.people(at))) {
            answer.write(edit, told);
        }
        for (line, _) in document.own_lines(component.lines).filter(|(_, line)| is_personal(line.name())) {
            edit.remove(line);
        }
        let is_task =
            component.kind == ComponentKind::ToDo && !is_cancelled && !self.stored.is_cancelled(base);
        if is_task && let Some((_, status)) = self.stored.document.property(old.lines, "STATUS") {
            match document.property(component.lines, "STATUS") {
                Some((line, _)) => edit.set_value(line, &Value::stripped(&status.value())),
                None => edit.append_line(component.lines, NewLine::copy_of(status)),
            }
        }
        let named: BTreeSet<String> =
            document.own_lines(component.lines).map(|(_, line)| line.name().to_ascii_uppercase()).collect();
        let lines = personal_lines(&self.stored.document, old.lines, |name| {
            is_personal(name) || (is_own_extension(name) && !named.contains(&name.to_ascii_uppercase()))
        });
        for line in lines {
            edit.append_line(component.lines, line);
        }
        for alarm in alarms(document, component.lines) {
            edit.remove_component(alarm);
        }
        if !is_cancelled {
            for alarm in alarms(&self.stored.document, old.lines) {
                let lines = lines_of(&self.stored.document, alarm).into_iter().map(|(_, line)| line);
                edit.append_component(component.lines, lines.collect());
            }
        }
    }

    /// The attendee's own answer, unless he has been asked anew, or has answered by another way since.
    fn kept_answer(&self, key: Key, at: usize) -> Option<Answer> {
        // An occurrence that only now has a component of its own begins with what the organiser knows.
        let base = self.stored.at(key).filter(|base| !self.stored.is_cancelled(*base))?;
        let old = self.stored.component(base)?;
        let told = own(self.actor, self.message.people(at))?;
        let said = own(self.actor, self.stored.people(base))?;
        let has_said = said.participation != Participation::NeedsAction;
        let is_kept = if self.message.as_of().is_some() {
            // Without REPLIED a component only repeats what the organiser told or the series was answered, but in a
            // copy that came from elsewhere.
            let has_replied = said.replied.is_some() || (has_said && self.stored.as_of().is_none());
            // What was given to one occurrence can be given up without a new question.
            let is_given_up = key != Key::Master
                && told.replied < said.replied
                && said.replied.is_some_and(|replied| !self.is_unheard(replied));
            told.asked <= old.sequence && told.replied <= said.replied && has_replied && !is_given_up
        } else {
            version::of(self.message, at).0 <= old.sequence && has_said
        };
        is_kept.then_some(Answer { asked: told.asked, ..Answer::of(said) })
    }

    /// Defines the time zones of lines that come from another object (RFC 5545 section 3.2.19).
    pub(super) fn add_zones(
        &self,
        from: &Document<'_>,
        from_calendar: usize,
        into: &Document<'_>,
        into_calendar: usize,
        edit: &mut Edit<'_, '_>,
    ) {
        let known: BTreeSet<String> = zones(into, into_calendar).map(|(_, tzid)| tzid).collect();
        let first = into.children(into_calendar).next().and_then(|child| into.component(child));
        let Some(first) = first.map(|first| first.lines().start) else { return };
        for (zone, _) in zones(from, from_calendar).filter(|(_, tzid)| !known.contains(tzid)) {
            for (_, line) in lines_of(from, zone) {
                edit.insert_before(first, line);
            }
        }
    }
}

/// When the message was made.
fn message_stamp(message: &Copy<'_>) -> Option<Timestamp> {
    let as_of = message.as_of().map(|(at, _)| at);
    as_of.or_else(|| version::of(message, message.master()?).1)
}

fn zones<'d>(document: &'d Document<'_>, calendar: usize) -> impl Iterator<Item = (usize, String)> + use<'d> {
    let children: Vec<usize> = document.children(calendar).collect();
    children.into_iter().filter_map(|child| {
        document.component(child).filter(|child| child.name() == "VTIMEZONE")?;
        Some((child, document.property(child, "TZID")?.1.value().into_owned()))
    })
}

fn alarms<'d>(document: &'d Document<'_>, component: usize) -> impl Iterator<Item = usize> + use<'d> {
    let children: Vec<usize> = document.children(component).collect();
    children
        .into_iter()
        .filter(|child| document.component(*child).is_some_and(|child| child.name() == "VALARM"))
}

fn personal_lines(
    document: &Document<'_>,
    component: usize,
    is_meant: impl Fn(&str) -> bool,
) -> Vec<NewLine> {
    let own = document.own_lines(component).filter(|(_, line)| is_meant(line.name()));
    own.map(|(_, line)| NewLine::copy_of(line)).collect()
}

fn is_personal(name: &str) -> bool {
    PERSONAL.iter().any(|personal| personal.eq_ignore_ascii_case(name))
}

fn is_own_extension(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("X-") && !ORGANIZERS_OWN.iter().any(|prefix| name.starts_with(prefix))
}
