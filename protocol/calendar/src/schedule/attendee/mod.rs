//! What an attendee writes: RFC 6638 section 3.2.2.
//!
//! What is the organiser's is refused when it is changed, and put back when a client could not know it: answers of
//! others, SEQUENCE, and DTSTAMP, by which the next message is known to be newer. What the client leaves out because it
//! does not know the property is no change.

mod check;
mod reply;

use std::collections::{BTreeMap, BTreeSet};

use content_line::{Edit, NewLine};
use vocabulary::Timestamp;

use super::copy::{AS_OF, Copy, DECLINED, Key, People, Person, instant_text};
use super::essence::Essence;
use super::line::{Added, Answer, derived_lines, lines_of, note_cancelled, put, put_into};
use super::organizer::StatusOf;
use super::{Actor, Agent, Plan, Refused, Role, stamp};
use crate::component::Component;
use crate::edit::plain;
use crate::term::{ComponentKind, Participation, Status};
use reply::Reply;

/// Most components of one answer.
const REPLIES_MAX: usize = 1_000;

/// An attendee's new bytes. `old` is the attendee's copy so far.
pub(super) fn write(
    actor: &Actor<'_>,
    old: Option<&Copy<'_>>,
    new: &Copy<'_>,
    status: StatusOf<'_>,
) -> Result<Plan, Refused> {
    let written = new.document.bytes();
    let mut plan = Plan {
        keeps_tag: old.is_some_and(|old| old.document.bytes() == written),
        ..Plan::of(Role::Attendee)
    };
    let Some(organizer) = new.organizer().filter(|organizer| organizer.by_server) else {
        // RFC 6638 section 3.2.2.3: no special processing.
        return Ok(plan);
    };
    let last = [old, Some(new)].into_iter().flatten().filter_map(|copy| last_known(actor, copy)).max();
    let mut attendance = Attendance {
        actor,
        old,
        new,
        series: old.and_then(|old| Some(old.people(old.master()?).by_address())).unwrap_or_default(),
        stamp: stamp::next(last, actor.now),
        edit: new.document.edit(),
        replies: BTreeMap::new(),
        added: Added::default(),
    };
    match old {
        Some(old) => attendance.compare(old)?,
        None => attendance.create(),
    }
    let forced = attendance.take_force_send();
    let (edit, mut replies, at) = (attendance.edit, attendance.replies, attendance.stamp);
    if replies.len() > REPLIES_MAX {
        return Err(Refused::TooMany);
    }
    if forced == Some(true) && replies.is_empty() {
        replies = current_answers(actor, new);
    }
    let bytes = edit.finish();
    let bytes = match old.and_then(Copy::as_of) {
        Some((told, _)) if bytes != written || new.as_of().is_some_and(|(at, _)| at != told) => {
            with_as_of(&bytes, told)?
        }
        _ => bytes,
    };
    let sends = actor.agent == Agent::Server && !replies.is_empty();
    let code = match (sends, forced) {
        (true, _) => Some(status(&organizer.address)),
        (false, Some(false)) => Some("2.3"),
        _ => None,
    };
    let bytes = match code {
        Some(code) => with_status(&bytes, code)?,
        None => bytes,
    };
    if sends {
        let next = Copy::parse(&bytes)?;
        plan.messages = Reply { actor, stamp: at, old }.message(&next, &replies, code.unwrap_or("5.1"))?;
    }
    plan.rewritten = (bytes != written).then_some(bytes);
    Ok(plan)
}

/// An attendee's removal: RFC 6638 sections 3.2.2.4 and 8.1.
pub(super) fn remove(
    actor: &Actor<'_>,
    old: &Copy<'_>,
    reply: bool,
    status: StatusOf<'_>,
) -> Result<Plan, Refused> {
    let mut plan = Plan::of(Role::Attendee);
    let Some(organizer) = old.organizer().filter(|organizer| organizer.by_server) else { return Ok(plan) };
    if !reply || actor.agent == Agent::Client {
        return Ok(plan);
    }
    let mut replies = current_answers(actor, old);
    replies.retain(|_, participation| *participation != Participation::Declined);
    replies.values_mut().for_each(|participation| *participation = Participation::Declined);
    if !replies.is_empty() {
        let stamp = stamp::next(last_known(actor, old), actor.now);
        let code = status(&organizer.address);
        plan.messages = Reply { actor, stamp, old: Some(old) }.message(old, &replies, code)?;
    }
    Ok(plan)
}

/// What the attendee says in each component that takes place.
fn current_answers(actor: &Actor<'_>, copy: &Copy<'_>) -> BTreeMap<Key, Participation> {
    (copy.index.iter())
        .filter(|(_, at)| !copy.is_cancelled(**at))
        .filter_map(|(key, at)| Some((*key, own(actor, copy.people(*at))?.participation)))
        .take(REPLIES_MAX)
        .collect()
}

pub(super) fn own<'p>(actor: &Actor<'_>, people: &'p People) -> Option<&'p Person> {
    people.find(|address| actor.owner.contains(address))
}

/// The time that the next answer must be later than: of the last answer, and of what the copy was told last. Answers
/// of before may be gone from the copy with what they were given to, and the organiser still knows them.
fn last_known(actor: &Actor<'_>, copy: &Copy<'_>) -> Option<Timestamp> {
    let told = copy.as_of().map(|(told, _)| told);
    let answered = copy.people.iter().filter_map(|people| own(actor, people)?.replied);
    answered.chain(copy.own_exceptions().into_values()).chain(told).max()
}

/// What the copy was told last stays, whatever the client has read or dropped.
fn with_as_of(bytes: &[u8], told: Timestamp) -> Result<Vec<u8>, Refused> {
    let copy = Copy::parse(bytes)?;
    let mut edit = copy.document.edit();
    put(&mut edit, &copy.document, copy.calendar, AS_OF, &plain(instant_text(told)));
    Ok(edit.finish())
}

/// RFC 6638 section 7.3: the status of the answer stands beside the organiser.
fn with_status(bytes: &[u8], code: &str) -> Result<Vec<u8>, Refused> {
    let copy = Copy::parse(bytes)?;
    let mut edit = copy.document.edit();
    for organizer in copy.people.iter().filter_map(|people| people.organizer.as_ref()) {
        edit.set_parameter(organizer.line, "SCHEDULE-STATUS", &[code]);
    }
    Ok(edit.finish())
}

struct Attendance<'c, 'd, 'a> {
    actor: &'c Actor<'c>,
    old: Option<&'c Copy<'c>>,
    new: &'d Copy<'a>,
    /// The people of the old series.
    series: BTreeMap<&'c str, &'c Person>,
    /// DTSTAMP of the answer.
    stamp: Timestamp,
    edit: Edit<'d, 'a>,
    /// What is answered to each component.
    replies: BTreeMap<Key, Participation>,
    /// Components that the client does not have.
    added: Added,
}

/// What a component was before.
struct Before<'c> {
    /// Its component in the old copy: its own or that of the series.
    component: &'c Component,
    people: &'c People,
    is_series: bool,
    /// The attendee's answer so far.
    participation: Option<Participation>,
}

impl<'c> Attendance<'c, '_, '_> {
    /// An invitation that came to the client by another way: RFC 6638 section 3.2.2.2.
    fn create(&mut self) {
        let answers = current_answers(self.actor, self.new);
        for (key, participation) in answers {
            if participation != Participation::NeedsAction
                && let Some(own) = self.new.at(key).and_then(|at| own(self.actor, self.new.people(at)))
            {
                self.replies.insert(key, participation);
                Answer { replied: Some(self.stamp), ..Answer::of(own) }.write(&mut self.edit, own);
            }
        }
    }

    fn compare(&mut self, old: &'c Copy<'c>) -> Result<(), Refused> {
        check::organizer(old, self.new)?;
        let components: Vec<(Key, usize)> = self.new.index.iter().map(|(key, at)| (*key, *at)).collect();
        let series = old.master().map(|at| Essence::of(old, at));
        // What was cancelled since is not the attendee's to put back.
        let mut own_exceptions = old.own_exceptions();
        let cancelled = old.cancelled_exceptions();
        own_exceptions.retain(|at, _| !cancelled.contains_key(at));
        let mut instants = None;
        for (key, at) in components {
            let after = Essence::of(self.new, at);
            let (essence, base, declined) = match (old.at(key), key, old.master(), &series) {
                (Some(base), ..) => (Essence::of(old, base), base, false),
                (None, Key::Occurrence(recurrence), Some(master), Some(series)) => {
                    let declined = own_exceptions.contains_key(&recurrence);
                    if !declined && !instants.get_or_insert_with(|| old.instants()).has(recurrence) {
                        return Err(Refused::AttendeeChange);
                    }
                    (series.of_occurrence(old, recurrence), master, declined)
                }
                _ => return Err(Refused::AttendeeChange),
            };
            check::essence(&essence, &after)?;
            let Some(component) = old.component(base) else { continue };
            let people = old.people(base);
            let participation = own(self.actor, people).map(|own| own.participation);
            let before = Before {
                component,
                people,
                is_series: old.at(key).is_none(),
                participation: if declined { Some(Participation::Declined) } else { participation },
            };
            self.component(key, at, &before)?;
        }
        self.look_at_exceptions(old, &own_exceptions)?;
        self.look_at_dropped(old, series.as_ref())?;
        if let Some(series) = &series {
            self.answer_alike(old, series);
        }
        let added = std::mem::take(&mut self.added);
        if added.is_full {
            return Err(Refused::TooMany);
        }
        added.append(&mut self.edit, self.new.calendar);
        Ok(())
    }

    fn component(&mut self, key: Key, at: usize, before: &Before<'c>) -> Result<(), Refused> {
        let Some(component) = self.new.component(at) else { return Ok(()) };
        if component.sequence != before.component.sequence {
            let sequence = plain(before.component.sequence);
            put(&mut self.edit, &self.new.document, component.lines, "SEQUENCE", &sequence);
        }
        // RFC 6638 section 3.2.2.1 lets attendees write DTSTAMP. Here it tells which message the copy is of.
        if let Some(at) = before.component.stamp.filter(|at| component.stamp != Some(*at)) {
            put(&mut self.edit, &self.new.document, component.lines, "DTSTAMP", &crate::edit::stamp(at));
        }
        self.keep_others(at, before)?;
        let own_before = own(self.actor, before.people);
        let own_after = own(self.actor, self.new.people(at));
        let (Some(own_before), Some(own_after)) = (own_before, own_after) else {
            return if own_before.is_some() == own_after.is_some() {
                Ok(())
            } else {
                Err(Refused::AttendeeChange)
            };
        };
        let answer = completion(before.component, component, own_before, own_after);
        let progresses = component.kind == ComponentKind::ToDo && {
            let progress = |task: &Component| (task.percent_complete, task.completed, task.status);
            progress(component) != progress(before.component)
        };
        let replies = !self.new.is_cancelled(at)
            && (before.participation != Some(answer) || (progresses && !before.is_series));
        if replies {
            self.replies.insert(key, answer);
        }
        let replied = match (replies, before.is_series) {
            (true, _) => Some(self.stamp),
            (false, false) => own_before.replied,
            (false, true) => None,
        };
        Answer { participation: answer, asked: own_before.asked, replied }.write(&mut self.edit, own_after);
        Ok(())
    }

    /// RFC 6638 section 3.2.10.1: what the copy says of others stays.
    fn keep_others(&mut self, at: usize, before: &Before<'c>) -> Result<(), Refused> {
        let (Some(old), Some(component)) = (self.old, self.new.component(at)) else { return Ok(()) };
        let fresh;
        let known = if before.is_series {
            &self.series
        } else {
            fresh = before.people.by_address();
            &fresh
        };
        let mut named = BTreeSet::new();
        for person in &self.new.people(at).attendees {
            named.insert(person.address.as_str());
            if self.actor.owner.contains(&person.address) {
                continue;
            }
            // Nobody but the organiser invites.
            let Some(before) = known.get(person.address.as_str()) else {
                return Err(Refused::AttendeeChange);
            };
            let shown = |one: &Person| (one.participation, one.role, one.user_type, one.name.clone());
            if shown(person) != shown(before)
                && let Some(line) = old.document.line(before.line)
            {
                self.edit.replace(person.line, NewLine::copy_of(line));
            }
        }
        for person in known.values().filter(|person| !named.contains(person.address.as_str())) {
            if let Some(line) =
                old.document.line(person.line).filter(|_| !self.actor.owner.contains(&person.address))
            {
                self.edit.append_line(component.lines, NewLine::copy_of(line));
            }
        }
        Ok(())
    }

    /// An occurrence that the attendee takes out is declined, one put back is not any more: RFC 6638 section 3.2.2.3.
    fn look_at_exceptions(
        &mut self,
        old: &'c Copy<'c>,
        own_before: &BTreeMap<Timestamp, Timestamp>,
    ) -> Result<(), Refused> {
        let (Some(before), Some(after)) = (old.master(), self.new.master()) else { return Ok(()) };
        let (old_exceptions, new_exceptions) = (old.exceptions(), self.new.exceptions());
        let own_of_series = own(self.actor, old.people(before));
        let series_now = own(self.actor, self.new.people(after)).map(|own| own.participation);
        for back in old_exceptions.difference(&new_exceptions) {
            let Some(declined) = own_before.get(back) else { return Err(Refused::AttendeeChange) };
            let Some(now) = series_now.filter(|_| self.new.at(Key::Occurrence(*back)).is_none()) else {
                continue;
            };
            let replies = now != Participation::Declined;
            if replies {
                self.replies.insert(Key::Occurrence(*back), now);
            }
            self.stand_alone(*back, None, now, Some(if replies { self.stamp } else { *declined }));
        }
        let added: BTreeSet<Timestamp> = new_exceptions.difference(&old_exceptions).copied().collect();
        if added.is_empty() {
            return Ok(());
        }
        let instants = old.instants();
        let mut cancelled = BTreeMap::new();
        for out in &added {
            let says = match old.at(Key::Occurrence(*out)) {
                Some(at) if old.is_cancelled(at) => {
                    let stamp = old.component(at).and_then(|component| component.stamp);
                    cancelled.extend(stamp.map(|stamp| (*out, stamp)));
                    None
                }
                Some(at) => own(self.actor, old.people(at)),
                None if old.is_cancelled(before) || !instants.has(*out) => None,
                None => own_of_series,
            };
            // Also where the series is declined: another answer to it leaves this one as it is.
            let is_told = |says: &Person| {
                let is_by_itself = old.at(Key::Occurrence(*out)).is_some() && says.replied.is_some();
                is_by_itself && says.participation == Participation::Declined
            };
            if says.is_some_and(|says| !is_told(says)) {
                self.replies.insert(Key::Occurrence(*out), Participation::Declined);
            }
        }
        note_cancelled(self.new, &cancelled, &mut self.edit);
        let Some(component) = self.new.component(after) else { return Ok(()) };
        let declined = |at: &Timestamp| match added.contains(at) {
            true => Some(self.stamp),
            false => own_before.get(at).copied(),
        };
        for (line, exdate) in self.new.document.properties(component.lines, "EXDATE") {
            let values: Option<Vec<Timestamp>> = self.new.exdates(exdate).iter().map(declined).collect();
            if let Some(last) = values.and_then(|values| values.into_iter().max()) {
                self.edit.set_parameter(line, DECLINED, &[&instant_text(last)]);
            }
        }
        Ok(())
    }

    /// Components that the client has left out.
    fn look_at_dropped(&mut self, old: &'c Copy<'c>, series: Option<&Essence>) -> Result<(), Refused> {
        if old.master().is_some() && self.new.master().is_none() {
            return Err(Refused::AttendeeChange);
        }
        let exceptions = self.new.exceptions();
        let series_now =
            self.new.master().and_then(|at| Some(own(self.actor, self.new.people(at))?.participation));
        let mut instants = None;
        for (recurrence, at) in old.overrides() {
            let key = Key::Occurrence(recurrence);
            if self.new.at(key).is_some() || exceptions.contains(&recurrence) {
                continue;
            }
            let Some(component) = old.component(at) else { continue };
            let says = own(self.actor, old.people(at)).map(|own| own.participation);
            if old.is_cancelled(at) {
                if self.new.master().is_some() {
                    let lines = lines_of(&old.document, component.lines);
                    self.added.extend(lines.into_iter().map(|(_, line)| line));
                }
                continue;
            }
            let Some(series) = series else {
                // Single occurrences are declined by being removed.
                if says.is_some_and(|says| says != Participation::Declined) {
                    self.replies.insert(key, Participation::Declined);
                }
                continue;
            };
            // What the series does not have by itself would be gone.
            if !instants.get_or_insert_with(|| old.instants()).has(recurrence) {
                return Err(Refused::AttendeeChange);
            }
            check::essence(&series.of_occurrence(old, recurrence), &Essence::of(old, at))?;
            let said = own(self.actor, old.people(at));
            let Some((said, now)) = said.zip(series_now) else { continue };
            let replies = said.participation != now;
            if replies {
                self.replies.insert(key, now);
            } else if !self.others_differ(old, at) {
                continue;
            }
            let replied = if replies { Some(self.stamp) } else { said.replied };
            self.stand_alone(recurrence, Some((old, at)), now, replied);
        }
        Ok(())
    }

    /// Whether what stands for an occurrence does so because somebody else has answered it by itself.
    fn others_differ(&self, old: &Copy<'_>, at: usize) -> bool {
        old.people(at).by_address().iter().any(|(address, person)| {
            let series = self.series.get(address);
            !self.actor.owner.contains(address)
                && series.is_none_or(|series| series.participation != person.participation)
        })
    }

    /// A component for an occurrence that is as the series says, but for what was answered to it.
    fn stand_alone(
        &mut self,
        recurrence: Timestamp,
        old: Option<(&Copy<'_>, usize)>,
        participation: Participation,
        replied: Option<Timestamp>,
    ) {
        let Some(master) = self.new.master() else { return };
        let Some(component) = self.new.component(master) else { return };
        if !self.added.has_room_for(&self.new.document, component.lines) {
            return;
        }
        let known = old.map(|(old, at)| old.people(at).by_address()).unwrap_or_default();
        let guests = &self.new.people(master).attendees;
        let guests: BTreeMap<usize, &Person> = guests.iter().map(|person| (person.line, person)).collect();
        let mut lines = derived_lines(self.new, recurrence);
        for (at, line) in &mut lines {
            let Some(person) = at.and_then(|at| guests.get(&at)) else { continue };
            let answer = match known.get(person.address.as_str()) {
                _ if self.actor.owner.contains(&person.address) => {
                    Answer { participation, replied, ..Answer::of(person) }
                }
                Some(known) => Answer::of(known),
                None => continue,
            };
            *line = answer.written(line.clone(), person);
        }
        let series = self.old.and_then(|old| old.component(old.master()?));
        let before = old.and_then(|(old, at)| old.component(at)).or(series);
        if let Some(before) = before {
            let source = &self.new.document;
            put_into(&mut lines, source, component.lines, "SEQUENCE", &plain(before.sequence));
            if let Some(at) = before.stamp {
                put_into(&mut lines, source, component.lines, "DTSTAMP", &crate::edit::stamp(at));
            }
        }
        self.added.extend(lines.into_iter().map(|(_, line)| line));
    }

    /// An answer to the series is one to all occurrences that are as the series says and were answered as it was: they
    /// only stand by themselves because others have answered them by themselves.
    fn answer_alike(&mut self, old: &'c Copy<'c>, series: &Essence) {
        let before = old.master().and_then(|at| own(self.actor, old.people(at)));
        let (Some(before), Some(now)) = (before, self.replies.get(&Key::Master).copied()) else { return };
        for (recurrence, at) in self.new.overrides() {
            let key = Key::Occurrence(recurrence);
            let Some(was) = old.at(key).filter(|was| !old.is_cancelled(*was)) else { continue };
            let (Some(said), Some(says)) =
                (own(self.actor, old.people(was)), own(self.actor, self.new.people(at)))
            else {
                continue;
            };
            let is_alike = said.participation == before.participation
                && says.participation == said.participation
                && now != said.participation
                && series.of_occurrence(old, recurrence) == Essence::of(old, was);
            if is_alike {
                self.replies.insert(key, now);
                Answer { participation: now, asked: said.asked, replied: Some(self.stamp) }
                    .write(&mut self.edit, says);
            }
        }
    }

    /// RFC 6638 section 7.2: whether an answer is forced, or something that nobody knows.
    fn take_force_send(&mut self) -> Option<bool> {
        let mut forced = None;
        for people in &self.new.people {
            for person in people.organizer.iter().chain(&people.attendees) {
                let line = self.new.document.line(person.line);
                let Some(method) = line.and_then(|line| line.parameter_value("SCHEDULE-FORCE-SEND")) else {
                    continue;
                };
                if people.organizer.as_ref().is_some_and(|organizer| organizer.line == person.line) {
                    let is_reply = method.trim().eq_ignore_ascii_case("REPLY");
                    forced = Some(forced.unwrap_or(false) || is_reply);
                }
                self.edit.remove_parameter(person.line, "SCHEDULE-FORCE-SEND");
            }
        }
        forced
    }
}

/// What the attendee says. A client that marks a task as done without touching PARTSTAT means it all the same.
fn completion(
    before: &Component,
    after: &Component,
    own_before: &Person,
    own_after: &Person,
) -> Participation {
    let is_done_now = after.kind == ComponentKind::ToDo
        && after.status == Some(Status::Completed)
        && before.status != Some(Status::Completed);
    if is_done_now && own_after.participation == own_before.participation {
        Participation::Completed
    } else {
        own_after.participation
    }
}
