//! Whom an organiser's write concerns, and what each is told: RFC 6638 sections 3.2.1.1 to 3.2.1.3.

use std::collections::BTreeMap;

use vocabulary::Timestamp;

use super::super::copy::{Copy, Key};
use super::change::{Base, Changes, Turn};

/// Most occurrences that one CANCEL names; where more are taken out, the guest gets the state of things.
const CANCELS_MAX: usize = 100;

/// What somebody is invited to.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// The series, or the only component.
    pub(super) master: bool,
    /// Single occurrences with their components, by occurrence.
    pub(super) overrides: Vec<(Timestamp, usize)>,
}

impl Part {
    fn has(&self, recurrence: Timestamp) -> bool {
        self.find(recurrence).is_some()
    }

    fn find(&self, recurrence: Timestamp) -> Option<usize> {
        let at = self.overrides.binary_search_by_key(&recurrence, |(at, _)| *at).ok()?;
        self.overrides.get(at).map(|(_, component)| *component)
    }
}

/// Everybody whom the server tells something, and what they are invited to. What is cancelled invites nobody, and
/// whoever has only answered is not invited.
pub(super) fn guests(copy: &Copy<'_>, is_own: &dyn Fn(&str) -> bool) -> BTreeMap<String, Part> {
    let mut guests: BTreeMap<String, Part> = BTreeMap::new();
    for (key, &at) in copy.index.iter().filter(|(_, at)| !copy.is_cancelled(**at)) {
        for person in &copy.people(at).attendees {
            if !person.by_server || person.is_unasked || is_own(&person.address) {
                continue;
            }
            let part = match guests.get_mut(&person.address) {
                Some(part) => part,
                None => guests.entry(person.address.clone()).or_default(),
            };
            match key {
                Key::Master => part.master = true,
                // The same line may stand twice.
                Key::Occurrence(recurrence)
                    if part.overrides.last().is_some_and(|(at, _)| at == recurrence) => {}
                Key::Occurrence(recurrence) => part.overrides.push((*recurrence, at)),
            }
        }
    }
    guests
}

/// What a guest must be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    Nothing,
    /// The copy is refreshed in silence.
    Refresh,
    /// The state of things.
    Request,
    /// These occurrences are off; also those that EXDATE takes out for everybody, if `for_all`.
    Cancel {
        for_all: bool,
        occurrences: Vec<Timestamp>,
    },
}

/// What a write means for those who stay invited.
pub(super) struct Dues<'c> {
    old: &'c Copy<'c>,
    next: &'c Copy<'c>,
    changes: &'c Changes,
    /// Occurrences that have a component of their own now.
    fresh: Vec<Timestamp>,
}

impl<'c> Dues<'c> {
    pub(super) fn new(old: &'c Copy<'c>, next: &'c Copy<'c>, changes: &'c Changes) -> Self {
        let is_fresh =
            |at: usize| changes.turns.get(at).is_some_and(|turn| matches!(turn.base, Base::Series(_)));
        let fresh =
            next.overrides().filter(|(_, at)| is_fresh(*at)).map(|(recurrence, _)| recurrence).collect();
        Self { old, next, changes, fresh }
    }

    pub(super) fn of(&self, before: &Part, after: &Part) -> Due {
        let mut tally = Tally { other: before.master != after.master, ..Tally::default() };
        let stays = before.master && after.master;
        if stays {
            tally.take(self.next.master().and_then(|at| self.changes.turns.get(at)));
            tally.other |= self.changes.reverted;
        }
        for &(recurrence, _) in &before.overrides {
            self.look_at_old(recurrence, after, &mut tally);
        }
        for &(recurrence, at) in &after.overrides {
            if before.has(recurrence) {
                continue;
            }
            if before.master && self.old.at(Key::Occurrence(recurrence)).is_none() {
                tally.take(self.changes.turns.get(at));
                // What is answered by itself from now on must stand by itself in every copy.
                tally.people = true;
            } else {
                tally.other = true;
            }
        }
        if stays {
            self.look_for_exclusions(after, &mut tally);
        }
        let for_all = stays && !self.changes.excluded.is_empty();
        let off = tally.removed.len() + if for_all { self.changes.excluded.len() } else { 0 };
        match off {
            _ if tally.other => Due::Request,
            0 if tally.people => Due::Refresh,
            0 => Due::Nothing,
            off if off > CANCELS_MAX => Due::Request,
            _ => {
                tally.removed.sort_unstable();
                Due::Cancel { for_all, occurrences: tally.removed }
            }
        }
    }

    fn look_at_old(&self, recurrence: Timestamp, after: &Part, tally: &mut Tally) {
        if let Some(at) = after.find(recurrence) {
            tally.take(self.changes.turns.get(at));
        } else if self.next.at(Key::Occurrence(recurrence)).is_none()
            && after.master
            && self.changes.gone.binary_search_by_key(&recurrence, |(gone, _)| *gone).is_err()
        {
            tally.other = true;
        } else {
            tally.removed.push(recurrence);
        }
    }

    /// Occurrences that have a component of their own now, without this guest.
    fn look_for_exclusions(&self, after: &Part, tally: &mut Tally) {
        let included = self.count_fresh(after);
        let excluded = self.fresh.len().saturating_sub(included);
        if excluded > CANCELS_MAX {
            tally.other = true;
        } else if excluded > 0 {
            tally.removed.extend(self.fresh.iter().filter(|fresh| !after.has(**fresh)));
        }
    }

    fn count_fresh(&self, part: &Part) -> usize {
        part.overrides.iter().filter(|(at, _)| self.fresh.binary_search(at).is_ok()).count()
    }
}

#[derive(Default)]
struct Tally {
    other: bool,
    people: bool,
    removed: Vec<Timestamp>,
}

impl Tally {
    fn take(&mut self, turn: Option<&Turn>) {
        if let Some(turn) = turn {
            self.other |= turn.matters;
            self.people |= turn.people;
        }
    }
}
