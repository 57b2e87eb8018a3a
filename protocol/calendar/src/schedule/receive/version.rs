//! Which of two is newer: RFC 5546 section 2.1.5.

use std::collections::BTreeMap;

use vocabulary::Timestamp;

use super::super::copy::{Copy, Key};

/// SEQUENCE and DTSTAMP of a component.
pub(super) type Version = (u32, Option<Timestamp>);

pub(super) fn of(copy: &Copy<'_>, at: usize) -> Version {
    copy.component(at).map_or((0, None), |component| (component.sequence, component.stamp))
}

/// Whether the state of things that a message tells is no newer than the copy.
///
/// Among servers of our kind `AS_OF` orders what is told. Others have SEQUENCE and DTSTAMP of the component that
/// stands for the whole.
pub(super) fn is_old(stored: &Copy<'_>, message: &Copy<'_>) -> bool {
    let (told, known) = (message.as_of().map(|(at, _)| at), stored.as_of().map(|(at, _)| at));
    match (told, known) {
        (Some(told), Some(known)) => told <= known,
        (Some(told), None) => whole(stored).is_some_and(|known| told <= known),
        (None, _) => match (message.master(), stored.master()) {
            (Some(new), Some(old)) => of(message, new) <= of(stored, old),
            (Some(new), None) => of(message, new).1 <= whole(stored),
            (None, _) => false,
        },
    }
}

/// When the copy was told the state of things, as far as its components show: a client may have dropped `AS_OF`.
/// Occurrences that were only cancelled do not count, for a CANCEL can come before what it cancels.
fn whole(copy: &Copy<'_>) -> Option<Timestamp> {
    match copy.master() {
        Some(master) => of(copy, master).1,
        None => {
            let living = copy.overrides().filter(|(_, at)| !copy.is_cancelled(*at));
            living.filter_map(|(_, at)| of(copy, at).1).max()
        }
    }
}

/// Whether what a message says of one occurrence is no newer than the copy, which has these
/// [`cancelled_exceptions`](Copy::cancelled_exceptions).
pub(super) fn is_old_occurrence(
    stored: &Copy<'_>,
    cancelled: &BTreeMap<Timestamp, Timestamp>,
    message: &Copy<'_>,
    recurrence: Timestamp,
) -> bool {
    let key = Key::Occurrence(recurrence);
    let Some(new) = message.at(key).map(|at| of(message, at)) else { return true };
    if cancelled.get(&recurrence).is_some_and(|known| new.1.is_none_or(|new| new <= *known)) {
        return true;
    }
    if stored.as_of().is_some_and(|(known, _)| new.1.is_none_or(|new| new <= known)) {
        return true;
    }
    match (stored.at(key), stored.master()) {
        (Some(old), _) => new <= of(stored, old),
        (None, Some(master)) => {
            let series = of(stored, master);
            new.1 < series.1 && new.0 <= series.0
        }
        (None, None) => false,
    }
}
