//! Whether an update is one that its owner need not notice: RFC 6638 section 3.2.10.

use std::collections::BTreeSet;

use vocabulary::Timestamp;

use super::super::Actor;
use super::super::attendee::own;
use super::super::copy::{Copy, Instants, Key};
use super::super::essence::Essence;
use crate::term::Participation;

/// Whether only what others have answered is different.
pub(super) fn is_inconsequential(actor: &Actor<'_>, old: &Copy<'_>, new: &[u8]) -> bool {
    let Ok(new) = Copy::parse(new) else { return false };
    let keys: BTreeSet<Key> = old.index.keys().chain(new.index.keys()).copied().collect();
    let (mut old_series, mut new_series) = (Series::of(old), Series::of(&new));
    old.exceptions() == new.exceptions()
        && keys.into_iter().all(|key| {
            let before = view(actor, old, key, &mut old_series);
            let after = view(actor, &new, key, &mut new_series);
            before.is_some() && before == after
        })
}

type View<'c> = (Essence, Option<Participation>, BTreeSet<&'c str>);

/// A series, and its occurrences once they are asked for.
struct Series {
    essence: Option<Essence>,
    instants: Option<Instants>,
}

impl Series {
    fn of(copy: &Copy<'_>) -> Self {
        Self { essence: copy.master().map(|at| Essence::of(copy, at)), instants: None }
    }

    fn occurrence(&mut self, copy: &Copy<'_>, recurrence: Timestamp) -> Option<Essence> {
        let essence = self.essence.as_ref()?;
        let has = self.instants.get_or_insert_with(|| copy.instants()).has(recurrence);
        has.then(|| essence.of_occurrence(copy, recurrence))
    }
}

/// What a copy says of a component that it has, or of an occurrence by its series.
fn view<'c>(actor: &Actor<'_>, copy: &'c Copy<'_>, key: Key, series: &mut Series) -> Option<View<'c>> {
    let at = copy.base_of(key)?;
    let essence = match (key, copy.at(key)) {
        (Key::Occurrence(recurrence), None) => series.occurrence(copy, recurrence)?,
        _ => Essence::of(copy, at),
    };
    let people = copy.people(at);
    let named = people.attendees.iter().map(|person| person.address.as_str()).collect();
    Some((essence, own(actor, people).map(|own| own.participation), named))
}
