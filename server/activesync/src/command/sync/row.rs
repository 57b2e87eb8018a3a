//! The device's row after an answer, stored before a byte of it is sent.

use activesync_wire::command::sync::Options;
use activesync_wire::sync_key::SyncKey;

use super::View;
use super::apply::{Done, Kind};
use super::collect::Page;
use crate::call::{Call, StateKey};
use crate::cursor::{IdSet, Slot, Stand, State, Trouble};
use vocabulary::Timestamp;

/// What a request came to, for the row.
pub(crate) struct Outcome<'a> {
    pub(crate) slot: Slot,
    pub(crate) base: &'a Stand,
    pub(crate) options: Options,
    pub(crate) page: &'a Page,
    pub(crate) done: &'a [Done],
    /// There is something to say, so the client gets another key.
    pub(crate) speaks: bool,
}

/// Stores the new row if it is needed. The key that holds now; `None` if the row has changed since it
/// was read.
///
/// # Errors
/// [`storage::Error`].
pub(crate) async fn store(
    call: &Call,
    view: &View,
    outcome: Outcome<'_>,
) -> storage::Result<Option<SyncKey>> {
    let (state, forgotten) = next_state(&view.state, &outcome, call.now());
    let key = match outcome.speaks {
        true => state.current.as_ref().map_or(outcome.base.key, |stand| stand.key),
        false => outcome.base.key,
    };
    if state == view.state {
        return Ok(Some(key));
    }
    let place = StateKey::new(call, view.folder.account, view.folder.collection);
    let expected = view.bytes.clone();
    let mut accounts = vec![call.account()];
    if !forgotten.is_empty() {
        accounts.push(view.folder.account);
    }
    let stored = call.store().write(call.principal(), &accounts, move |tx| {
        if tx.cursor_state(&place.cursor())? != expected {
            return Ok(false);
        }
        for key in forgotten {
            tx.forget_remembered(place.owner, &place.reader, place.collection, &key.to_string())?;
        }
        tx.put_cursor_state(&place.cursor(), &state.encode())?;
        Ok(true)
    });
    Ok(stored.await?.then_some(key))
}

/// The row after an answer, and the keys whose results nobody can ask for any more.
fn next_state(state: &State, outcome: &Outcome<'_>, now: Timestamp) -> (State, Vec<SyncKey>) {
    let mut next = state.clone();
    next.trouble = trouble(state, outcome.slot, outcome.base, now);
    let base = outcome.base;
    let stand = |key| Stand {
        key,
        progress: outcome.page.progress.clone(),
        options: outcome.options.clone(),
        ..base.clone()
    };
    let ran_commands = base.ran_commands || !outcome.done.is_empty();
    if !outcome.speaks {
        // The place moves on under the same key.
        let moved = Some(stand(base.key));
        match outcome.slot {
            Slot::Current => next.current = moved,
            Slot::Previous => next.previous = moved,
            Slot::Pending => {
                let forgotten = dropped([state.current.as_ref(), state.previous.as_ref()]);
                (next.current, next.previous, next.pending) = (moved, None, None);
                return (next, forgotten);
            }
        }
        return (next, Vec::new());
    }
    let forgotten = match outcome.slot {
        Slot::Current => dropped([state.previous.as_ref(), None]),
        Slot::Previous => dropped([state.current.as_ref(), None]),
        Slot::Pending => dropped([state.current.as_ref(), state.previous.as_ref()]),
    };
    let key = state.next_key(base);
    if outcome.slot == Slot::Pending {
        next.pending = None;
    }
    let told = !outcome.page.entries.is_empty();
    next.current = Some(Stand { ran_commands: false, told, said: said(outcome), ..stand(key) });
    next.previous = Some(Stand { ran_commands, said: Some(IdSet::default()), ..base.clone() });
    (next, forgotten)
}

/// How the device fares with the answer to this request. An answer that told nothing is no trouble: who has no key
/// of it asks with the one before.
pub(crate) fn trouble(state: &State, slot: Slot, base: &Stand, now: Timestamp) -> Option<Trouble> {
    match slot {
        Slot::Previous => {
            let told = state.current.as_ref().is_some_and(|lost| lost.told);
            if told { Some(Trouble::again(state.trouble, base.key, now)) } else { state.trouble }
        }
        Slot::Current => match state.trouble {
            // The same key again, without an answer between.
            Some(trouble) if trouble.key == base.key => Some(trouble),
            trouble => trouble.and_then(|trouble| trouble.arrived(base.key)),
        },
        Slot::Pending => None,
    }
}

/// What an answer gives to the device or takes from it, what the device made or deleted itself included.
fn said(outcome: &Outcome<'_>) -> Option<IdSet> {
    let told = outcome.page.entries.iter().filter_map(|entry| entry.say.given_or_taken());
    let made = outcome.done.iter().filter_map(|done| done.effect.made).map(|made| made.id);
    let deletions = outcome.done.iter().filter(|done| done.kind == Kind::Delete);
    IdSet::collect(told.chain(made).chain(deletions.filter_map(|done| done.id)))
}

fn dropped(stands: [Option<&Stand>; 2]) -> Vec<SyncKey> {
    stands.into_iter().flatten().filter(|stand| stand.ran_commands).map(|stand| stand.key).collect()
}
