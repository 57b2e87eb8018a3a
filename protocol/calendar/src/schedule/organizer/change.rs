//! What an organiser's write changes, component by component.

use std::collections::BTreeMap;

use vocabulary::Timestamp;

use super::super::copy::{Copy, Instants, Key, Person};
use super::super::essence::Essence;

/// What the component is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// The one for the same occurrence.
    Same(usize),
    /// The series, which said what this occurrence is.
    Series(usize),
    /// Nothing: it is new.
    Nothing,
}

impl Base {
    /// The component of the old copy.
    pub(super) fn at(self) -> Option<usize> {
        match self {
            Self::Same(at) | Self::Series(at) => Some(at),
            Self::Nothing => None,
        }
    }
}

/// What becomes of one component.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) base: Base,
    /// Guests must answer anew: RFC 6638 section 3.2.8.
    pub(super) rescheduled: bool,
    /// SEQUENCE goes up: RFC 5546 section 2.1.4.
    pub(super) bumps: bool,
    /// Guests are told. Occurrences that are only taken out are told by themselves.
    pub(super) matters: bool,
    /// Something about people changed, which the copies of guests show, but nobody is told.
    pub(super) people: bool,
}

/// What an organiser's write changes.
pub(super) struct Changes {
    /// For each component of the new copy.
    pub(super) turns: Vec<Turn>,
    /// Occurrences whose component only says who answered what. A client that has not seen the answer does not have
    /// it, and must not lose it: RFC 6638 section 3.2.10.1.
    pub(super) carried: Vec<(Timestamp, usize)>,
    /// Changed occurrences, as components of the old copy, that are gone with their component.
    pub(super) gone: Vec<(Timestamp, usize)>,
    /// Whether an occurrence is again as the series says.
    pub(super) reverted: bool,
    /// Occurrences of the old series that EXDATE takes out now.
    pub(super) excluded: Vec<Timestamp>,
}

/// Compares two copies of the organiser.
pub(super) fn changes(old: Option<&Copy<'_>>, new: &Copy<'_>, is_own: &dyn Fn(&str) -> bool) -> Changes {
    let nothing = Turn { base: Base::Nothing, rescheduled: true, bumps: false, matters: true, people: false };
    let mut changes = Changes {
        turns: vec![nothing; new.object.components.len()],
        carried: Vec::new(),
        gone: Vec::new(),
        reverted: false,
        excluded: Vec::new(),
    };
    let Some(old) = old else { return changes };
    let series_people = old.master().map(|at| old.people(at).by_address()).unwrap_or_default();
    let mut series = Comparison { old, new, is_own, series_people, old_instants: None, new_instants: None };
    series.compare_masters(&mut changes);
    series.compare_overrides(&mut changes);
    series.look_at_dropped(&mut changes);
    changes
}

struct Comparison<'c, 'a> {
    old: &'c Copy<'a>,
    new: &'c Copy<'a>,
    is_own: &'c dyn Fn(&str) -> bool,
    /// The people of the old series.
    series_people: BTreeMap<&'c str, &'c Person>,
    old_instants: Option<Instants>,
    new_instants: Option<Instants>,
}

impl Comparison<'_, '_> {
    fn old_has(&mut self, recurrence: Timestamp) -> bool {
        let old = self.old;
        old.master().is_some() && self.old_instants.get_or_insert_with(|| old.instants()).has(recurrence)
    }

    fn new_has(&mut self, recurrence: Timestamp) -> bool {
        let new = self.new;
        new.master().is_some() && self.new_instants.get_or_insert_with(|| new.instants()).has(recurrence)
    }

    fn compare_masters(&mut self, changes: &mut Changes) {
        let (Some(old_at), Some(new_at)) = (self.old.master(), self.new.master()) else { return };
        let (before, after) = (Essence::of(self.old, old_at), Essence::of(self.new, new_at));
        let (old_exceptions, new_exceptions) = (self.old.exceptions(), self.new.exceptions());
        let reinstated =
            old_exceptions.difference(&new_exceptions).any(|at| self.new.at(Key::Occurrence(*at)).is_none());
        let added: Vec<Timestamp> = new_exceptions.difference(&old_exceptions).copied().collect();
        let is_moved = after.is_moved(&before);
        let rescheduled = is_moved
            || reinstated
            || after.is_revived(&before)
            || after.recurs_more(&before, self.new, self.old);
        let recurs_otherwise = after.rules != before.rules || after.dates != before.dates;
        let tells = rescheduled
            || recurs_otherwise
            || after.status != before.status
            || old_exceptions.difference(&new_exceptions).next().is_some();
        let stands_alone = |copy: &Copy<'_>, at: Timestamp| copy.at(Key::Occurrence(at)).is_some();
        for at in &added {
            if !stands_alone(self.old, *at) && !stands_alone(self.new, *at) && self.old_has(*at) {
                changes.excluded.push(*at);
            }
        }
        let (uninvites, people) = self.compare_people(Base::Same(old_at), new_at);
        if let Some(turn) = changes.turns.get_mut(new_at) {
            *turn = Turn {
                base: Base::Same(old_at),
                rescheduled,
                bumps: tells || !added.is_empty() || uninvites,
                matters: tells || after.content != before.content,
                people,
            };
        }
    }

    fn compare_overrides(&mut self, changes: &mut Changes) {
        let series = self.old.master().map(|at| (at, Essence::of(self.old, at)));
        let overrides: Vec<(Timestamp, usize)> = self.new.overrides().collect();
        for (recurrence, new_at) in overrides {
            let (base, before) = match (self.old.at(Key::Occurrence(recurrence)), &series) {
                (Some(at), _) => (Base::Same(at), Essence::of(self.old, at)),
                (None, Some((at, series))) if self.old_has(recurrence) => {
                    (Base::Series(*at), series.of_occurrence(self.old, recurrence))
                }
                _ => continue,
            };
            let after = Essence::of(self.new, new_at);
            // What was off with its series is asked anew with it.
            let was_off = base.at().is_some_and(|at| self.old.is_cancelled(at));
            let is_revived = was_off && !self.new.is_cancelled(new_at);
            let rescheduled = after.is_moved(&before) || is_revived;
            let tells = rescheduled
                || after.rules != before.rules
                || after.dates != before.dates
                || after.status != before.status;
            let (uninvites, people) = self.compare_people(base, new_at);
            if let Some(turn) = changes.turns.get_mut(new_at) {
                *turn = Turn {
                    base,
                    rescheduled,
                    bumps: tells || uninvites,
                    matters: tells || after.content != before.content,
                    people,
                };
            }
        }
    }

    fn look_at_dropped(&mut self, changes: &mut Changes) {
        let dropped: Vec<(Timestamp, usize)> = (self.old.overrides())
            .filter(|(recurrence, _)| self.new.at(Key::Occurrence(*recurrence)).is_none())
            .collect();
        if dropped.is_empty() {
            return;
        }
        let series = self.old.master().map(|at| Essence::of(self.old, at));
        let is_moved =
            self.new.master().and_then(|at| changes.turns.get(at)).is_none_or(|turn| turn.rescheduled);
        let (mut reverts, mut revives) = (false, false);
        for (recurrence, old_at) in dropped {
            if !self.new_has(recurrence) {
                changes.gone.push((recurrence, old_at));
                continue;
            }
            let says_the_same = series.as_ref().is_some_and(|essence| {
                essence.of_occurrence(self.old, recurrence) == Essence::of(self.old, old_at)
                    && self.series_people.keys().eq(self.old.people(old_at).by_address().keys())
            });
            if says_the_same && !is_moved {
                changes.carried.push((recurrence, old_at));
            } else {
                reverts |= !says_the_same;
                revives |= self.old.is_cancelled(old_at);
            }
        }
        changes.reverted = reverts;
        if let Some(turn) = self.new.master().and_then(|at| changes.turns.get_mut(at)) {
            turn.bumps |= reverts;
            turn.rescheduled |= revives;
        }
    }

    /// Whether somebody is not invited any more, and whether the lines show anything else.
    fn compare_people(&self, base: Base, new_at: usize) -> (bool, bool) {
        let new = self.new.people(new_at).by_address();
        match base {
            Base::Same(at) => self.compare_maps(&self.old.people(at).by_address(), &new),
            Base::Series(_) => self.compare_maps(&self.series_people, &new),
            Base::Nothing => (false, false),
        }
    }

    fn compare_maps(&self, old: &BTreeMap<&str, &Person>, new: &BTreeMap<&str, &Person>) -> (bool, bool) {
        let is_uninvited = |(address, person): (&&str, &&Person)| {
            person.by_server && !(self.is_own)(address) && !new.contains_key(address)
        };
        let shows_the_same = || {
            old.iter().zip(new).all(|((old_address, old), (new_address, new))| {
                // What a guest has answered is not the organiser's to change, but the organiser's own answer is.
                let answers_the_same = old.participation == new.participation || !(self.is_own)(new_address);
                let looks = |person: &Person| (person.name.clone(), person.role, person.user_type);
                old_address == new_address && answers_the_same && looks(old) == looks(new)
            })
        };
        (old.iter().any(is_uninvited), old.len() != new.len() || !shows_the_same())
    }
}
