//! Answers of those who have no client that edits iCalendar, and of rooms, which have none at all.

use std::collections::BTreeMap;
use std::ops::Range;

use content_line::{Edit, NewLine, Value};
use vocabulary::Timestamp;

use super::Actor;
use super::attendee::own;
use super::copy::{Copy, Key};
use super::line::{Answer, derived_lines};
use crate::Moment;
use crate::edit::{EditError, add_override};
use crate::expand::{Limits, occurrences};
use crate::term::Participation;
use crate::zone::Zone;

/// Most occurrences that a room declines one by one; where more collide it declines the series.
const COLLISIONS_MAX: usize = 50;
/// What a room looks at.
const LIMITS: Limits = Limits { occurrences_max: 2_000, steps_max: 100_000 };

/// The owner's copy with an answer in it, for [`write`](super::write()) to be told to the organiser.
///
/// Without `occurrence` it is the answer to the whole: also to changed occurrences, unless they have been answered
/// differently. A comment goes to the organiser with this answer (RFC 5546 section 3.2.3).
///
/// # Errors
/// If the bytes are no calendar object, there is no such occurrence, or the owner is not invited to it.
pub fn respond(
    actor: &Actor<'_>,
    stored: &[u8],
    occurrence: Option<&Moment>,
    participation: Participation,
    comment: Option<&str>,
) -> Result<Vec<u8>, EditError> {
    let with_override;
    let bytes = match occurrence {
        Some(occurrence) => {
            let copy = Copy::parse(stored)?;
            if copy.at(Key::Occurrence(copy.instant(occurrence))).is_some() {
                stored
            } else if copy.master().is_none() {
                return Err(EditError::NoComponent);
            } else {
                with_override = add_override(stored, occurrence)?;
                &with_override
            }
        }
        None => stored,
    };
    let copy = Copy::parse(bytes)?;
    let keys = match occurrence {
        Some(occurrence) => vec![Key::Occurrence(copy.instant(occurrence))],
        None => all_keys(actor, &copy),
    };
    let mut edit = copy.document.edit();
    let mut is_invited = false;
    for key in keys {
        let Some(at) = copy.at(key) else { continue };
        let (Some(component), Some(own)) = (copy.component(at), own(actor, copy.people(at))) else {
            continue;
        };
        is_invited = true;
        Answer { participation, ..Answer::of(own) }.write(&mut edit, own);
        if let Some(comment) = comment.filter(|comment| !comment.is_empty()) {
            edit.append_line(component.lines, NewLine::new("COMMENT", Value::text(comment)));
        }
    }
    if is_invited { Ok(edit.finish()) } else { Err(EditError::NoComponent) }
}

/// What an answer to the whole answers.
fn all_keys(actor: &Actor<'_>, copy: &Copy<'_>) -> Vec<Key> {
    let says = |at: usize| own(actor, copy.people(at)).map(|own| own.participation);
    let series = copy.master().and_then(says);
    let is_meant = |key: Key, at: usize| match key {
        Key::Master => true,
        Key::Occurrence(_) => {
            let says = says(at);
            series.is_none() || says == series || says == Some(Participation::NeedsAction)
        }
    };
    let living = copy.index.iter().filter(|(_, at)| !copy.is_cancelled(**at));
    living.filter(|(key, at)| is_meant(**key, **at)).map(|(key, _)| *key).collect()
}

/// The copy of a room or resource with the answer that it gives by itself: it accepts what nothing collides with and
/// declines the rest, occurrence by occurrence within `horizon`. `None`: nothing is asked.
///
/// `busy` are its other meetings, in any order; dates and floating times are those of the clocks of `floating`. The
/// result is for [`write`](super::write()).
#[must_use]
pub fn answer(
    actor: &Actor<'_>,
    stored: &[u8],
    busy: &[Range<Timestamp>],
    horizon: Range<Timestamp>,
    floating: &Zone,
) -> Option<Vec<u8>> {
    let copy = Copy::parse(stored).ok()?;
    let is_asked = |at: usize| {
        let answer = own(actor, copy.people(at)).map(|own| own.participation);
        !copy.is_cancelled(at) && answer == Some(Participation::NeedsAction)
    };
    let asked: Vec<(Key, usize)> =
        copy.index.iter().map(|(key, at)| (*key, *at)).filter(|(_, at)| is_asked(*at)).collect();
    if asked.is_empty() || copy.organizer().is_none_or(|person| actor.owner.contains(&person.address)) {
        return None;
    }
    let taken = Taken::new(busy);
    let mut found: BTreeMap<usize, (usize, Vec<Timestamp>)> = BTreeMap::new();
    for occurrence in occurrences(&copy.object, horizon, floating, &LIMITS).occurrences {
        let (all, collisions) = found.entry(occurrence.component).or_default();
        *all += 1;
        if taken.overlaps(occurrence.start, occurrence.end) {
            // The copy names occurrences by the clocks of UTC.
            collisions.push(match copy.component(occurrence.component).and_then(|one| one.anchor()) {
                Some(anchor) => copy.instant(
                    &anchor.with_local(copy.object.zone_of(anchor, floating).local(occurrence.recurrence)),
                ),
                None => occurrence.recurrence,
            });
        }
    }
    let mut edit = copy.document.edit();
    let mut added = Vec::new();
    for (key, at) in asked {
        let (all, collisions) = found.remove(&at).unwrap_or_default();
        let is_off = !collisions.is_empty()
            && (key != Key::Master || collisions.len() == all || collisions.len() > COLLISIONS_MAX);
        answer_component(
            actor,
            &copy,
            at,
            if is_off { Participation::Declined } else { Participation::Accepted },
            &mut edit,
        );
        if !is_off {
            for recurrence in collisions {
                added.extend(declined(actor, &copy, at, recurrence));
            }
        }
    }
    if !added.is_empty() {
        edit.append_component(copy.calendar, added);
    }
    Some(edit.finish())
}

fn answer_component(
    actor: &Actor<'_>,
    copy: &Copy<'_>,
    at: usize,
    participation: Participation,
    edit: &mut Edit<'_, '_>,
) {
    if let Some(own) = own(actor, copy.people(at)) {
        Answer { participation, ..Answer::of(own) }.write(edit, own);
    }
}

/// A component for one occurrence that the room declines.
fn declined(actor: &Actor<'_>, copy: &Copy<'_>, master: usize, recurrence: Timestamp) -> Vec<NewLine> {
    let Some(own) = own(actor, copy.people(master)) else { return Vec::new() };
    let answer = Answer { participation: Participation::Declined, ..Answer::of(own) };
    let written = |(at, line): (Option<usize>, NewLine)| {
        if at == Some(own.line) { answer.written(line, own) } else { line }
    };
    derived_lines(copy, recurrence).into_iter().map(written).collect()
}

/// Times that are taken, joined and in order.
struct Taken(Vec<Range<Timestamp>>);

impl Taken {
    fn new(busy: &[Range<Timestamp>]) -> Self {
        let mut sorted: Vec<Range<Timestamp>> =
            busy.iter().filter(|range| range.start < range.end).cloned().collect();
        sorted.sort_unstable_by_key(|range| range.start);
        let mut joined: Vec<Range<Timestamp>> = Vec::new();
        for range in sorted {
            match joined.last_mut().filter(|last| range.start <= last.end) {
                Some(last) => last.end = last.end.max(range.end),
                None => joined.push(range),
            }
        }
        Self(joined)
    }

    fn overlaps(&self, start: Timestamp, end: Timestamp) -> bool {
        let next = self.0.partition_point(|range| range.end <= start);
        self.0.get(next).is_some_and(|range| range.start < end)
    }
}
