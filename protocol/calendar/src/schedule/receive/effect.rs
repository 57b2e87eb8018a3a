//! Whether an update is one that its owner need not notice: RFC 6638 section 3.2.10.

use std::collections::BTreeSet;

use super::super::Actor;
use super::super::attendee::own;
use super::super::copy::{Copy, Key};
use super::super::essence::Essence;
use crate::term::Participation;

/// Whether only what others have answered is different.
pub(super) fn is_inconsequential(actor: &Actor<'_>, old: &Copy<'_>, new: &[u8]) -> bool {
    let Ok(new) = Copy::parse(new) else { return false };
    let keys: BTreeSet<Key> = old.index.keys().chain(new.index.keys()).copied().collect();
    let (old_series, new_series) = (series(old), series(&new));
    old.exceptions() == new.exceptions()
        && keys.into_iter().all(|key| {
            let before = view(actor, old, key, old_series.as_ref());
            let after = view(actor, &new, key, new_series.as_ref());
            before.is_some() && before == after
        })
}

type View<'c> = (Essence, Option<Participation>, BTreeSet<&'c str>);

fn series(copy: &Copy<'_>) -> Option<Essence> {
    Some(Essence::of(copy, copy.master()?))
}

/// What a copy says of a component that it has, or of an occurrence by its series.
fn view<'c>(actor: &Actor<'_>, copy: &'c Copy<'_>, key: Key, series: Option<&Essence>) -> Option<View<'c>> {
    let at = copy.base_of(key)?;
    let essence = match (key, copy.at(key)) {
        (Key::Occurrence(recurrence), None) => series?.of_occurrence(copy, recurrence),
        _ => Essence::of(copy, at),
    };
    let people = copy.people(at);
    let named = people.attendees.iter().map(|person| person.address.as_str()).collect();
    Some((essence, own(actor, people).map(|own| own.participation), named))
}
