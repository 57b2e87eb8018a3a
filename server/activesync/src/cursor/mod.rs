//! What a device holds of one collection: a row whose size does not depend on the collection.
//!
//! [`State`] keeps the stand of the newest answer and of the one before it, because only the client
//! knows which of the two arrived. A [`Progress`] says exactly which items the device has:
//!
//! * items up to `cursor.added` are known here, and their changes up to `(cursor.modseq, cursor.uid)`
//!   have been told;
//! * of the known ones the device has those at or above `boundary`, except those within `hole`;
//! * it has those of `own`, which it made itself, wherever they stand;
//! * `ahead` lists exceptions: items that were replaced or came back under the identity that the
//!   device knows, items that an edit moved across the filter's edge while the log was being read;
//! * of those of `doubtful` nobody knows: an answer that was lost told of them;
//! * those of `choked` it could not take, so they were left out until they change;
//! * what changes with time alone it shows as it is at `as_of`, or above the place of `aging` as it is then.

mod id_set;
mod progress;
mod row;
mod trouble;
mod uid_set;

pub(crate) use id_set::IdSet;
pub(crate) use progress::{Aging, Ahead, Hole, Progress, TOP, mark};
pub(crate) use trouble::{Care, Trouble};

use activesync_wire::command::sync::Options;
use activesync_wire::item::Supported;
use activesync_wire::sync_key::SyncKey;
use storage::Cursor;

/// Where a device stands after one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stand {
    /// The key that came with that answer.
    pub(crate) key: SyncKey,
    pub(crate) progress: Progress,
    /// In force until others come (MS-ASCMD R3597).
    pub(crate) options: Options,
    /// What the client said when it began (MS-ASCMD R4548).
    pub(crate) supported: Supported,
    /// Commands ran under this key, so results are kept under it.
    pub(crate) ran_commands: bool,
    /// The answer told of items.
    pub(crate) told: bool,
    /// What the answer gave or took away; `None`: too much to list. Only the newest is asked for it.
    pub(crate) said: Option<IdSet>,
}

/// Which stand a key names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The newest answer arrived.
    Current,
    /// The newest answer was lost.
    Previous,
    /// The first use of a new generation: the old one dies.
    Pending,
}

/// The whole row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct State {
    /// The last generation that was given out; none is ever used again.
    pub(crate) last_generation: u32,
    /// Given out at key 0 and not used yet.
    pub(crate) pending: Option<Stand>,
    pub(crate) current: Option<Stand>,
    pub(crate) previous: Option<Stand>,
    /// The device asked for the same answer more than once lately.
    pub(crate) trouble: Option<Trouble>,
}

/// The epoch of no view: the store refuses a cursor of it, and the client begins anew.
const NO_EPOCH: i64 = -1;

impl State {
    /// The stand that a key names; `None` for a key that is too old or was never given out.
    ///
    /// Of what lost answers told the stand before them is in doubt: the device may have shown all of it
    /// and lost no more than the key. If that is too much to be told again, the client begins anew.
    pub(crate) fn find(&self, key: SyncKey) -> Option<(Slot, Stand)> {
        let slots = [
            (Slot::Current, &self.current),
            (Slot::Previous, &self.previous),
            (Slot::Pending, &self.pending),
        ];
        let (slot, mut stand) = slots.into_iter().find_map(|(slot, stand)| {
            stand.as_ref().filter(|stand| stand.key == key).map(|stand| (slot, stand.clone()))
        })?;
        if let (Slot::Previous, Some(lost)) = (slot, &self.current) {
            let ids = lost.said.iter().flat_map(IdSet::iter).chain(lost.progress.doubtful.iter());
            let doubtful = IdSet::collect(stand.progress.doubtful.iter().chain(ids));
            match doubtful.filter(|_| lost.said.is_some()) {
                Some(doubtful) => stand.progress.doubtful = doubtful,
                None => stand.progress.cursor.epoch = NO_EPOCH,
            }
        }
        Some((slot, stand))
    }

    /// Key 0: an unused generation, the same one again if it is unused still. Phones prime twice.
    pub(crate) fn prime(&mut self, end: Cursor, options: Options, supported: Supported) -> SyncKey {
        let key = match &self.pending {
            Some(pending) => pending.key,
            None => {
                self.last_generation += 1;
                SyncKey { generation: self.last_generation, counter: 1 }
            }
        };
        let progress = Progress::nothing(end);
        let said = Some(IdSet::default());
        self.pending =
            Some(Stand { key, progress, options, supported, ran_commands: false, told: false, said });
        key
    }

    /// The next key of the generation that a stand belongs to.
    pub(crate) fn next_key(&self, base: &Stand) -> SyncKey {
        let generation = base.key.generation;
        let known = [&self.current, &self.previous];
        let newest = known.iter().filter_map(|stand| stand.as_ref()).map(|stand| stand.key);
        let newest = newest.filter(|key| key.generation == generation).map(|key| key.counter).max();
        SyncKey { generation, counter: newest.unwrap_or(0).max(base.key.counter) + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::ItemId;

    fn primed() -> (State, SyncKey) {
        let mut state = State::default();
        let key = state.prime(Cursor::start(0), Options::default(), Supported::default());
        (state, key)
    }

    fn slot(state: &State, key: SyncKey) -> Option<Slot> {
        state.find(key).map(|(slot, _)| slot)
    }

    #[test]
    fn priming_twice_gives_one_generation_and_using_it_ends_that() {
        let (mut state, key) = primed();
        let prime =
            |state: &mut State| state.prime(Cursor::start(0), Options::default(), Supported::default());
        assert_eq!(prime(&mut state), key);
        assert_eq!(slot(&state, key), Some(Slot::Pending));
        state.current = state.pending.take();
        let next = prime(&mut state);
        assert_ne!(next.generation, key.generation);
        assert_eq!(slot(&state, key), Some(Slot::Current), "the old one lives until the new is used");
    }

    #[test]
    fn what_lost_answers_told_is_in_doubt() {
        let ids = |numbers: &[i64]| IdSet::collect(numbers.iter().copied().map(ItemId));
        let (mut state, key) = primed();
        let mut base = state.pending.take().unwrap();
        base.progress.doubtful = ids(&[1]).unwrap();
        let mut lost = Stand { key: SyncKey { counter: 2, ..key }, said: ids(&[5, 2]), ..base.clone() };
        lost.progress.doubtful = ids(&[3]).unwrap();
        (state.previous, state.current) = (Some(base), Some(lost));
        let doubtful = state.find(key).map(|(_, stand)| stand.progress.doubtful);
        assert_eq!(doubtful, ids(&[1, 2, 3, 5]));
        let newest = state.find(SyncKey { counter: 2, ..key }).map(|(_, stand)| stand.progress.doubtful);
        assert_eq!(newest, ids(&[3]));
        state.current.as_mut().unwrap().said = None;
        assert_eq!(state.find(key).unwrap().1.progress.cursor.epoch, NO_EPOCH);
    }
}
