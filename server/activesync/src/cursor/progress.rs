//! Which items a device has.

use storage::{Cursor, Item};
use vocabulary::{ItemId, ModSeq, Timestamp, Uid};

use super::id_set::IdSet;
use super::uid_set::UidSet;

/// A place in the order of a filter by time.
pub(crate) type Mark = (Timestamp, Uid);

/// Above every item.
pub(crate) const TOP: Mark = (Timestamp(i64::MAX), Uid(u32::MAX));
/// Most items that a device may have out of order; beyond, they are sent again in order.
pub(crate) const AHEAD_MAX: usize = 64;

/// Most items that a device could not take.
pub(crate) const CHOKED_MAX: usize = 32;

pub(crate) fn mark(item: &Item) -> Mark {
    (item.filter_at, item.uid)
}

/// Items that a narrowed filter has taken away already: those from `from` up to `to`. It grows
/// downwards until it reaches the boundary, which then becomes `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hole {
    pub(crate) from: Mark,
    pub(crate) to: Mark,
}

/// Items that are looked at again because they look different by now: those above `below` have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Aging {
    /// As they look then.
    pub(crate) as_of: Timestamp,
    pub(crate) below: Mark,
}

/// An item of which the order does not say whether the device has it, as the device saw it last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ahead {
    pub(crate) id: ItemId,
    pub(crate) uid: Uid,
    pub(crate) filter_at: Timestamp,
    pub(crate) modseq: ModSeq,
    /// It has it, though it should not yet; or it has it no more, though it should still.
    pub(crate) held: bool,
}

impl Ahead {
    pub(crate) fn held(item: &Item) -> Self {
        Self { id: item.id, uid: item.uid, filter_at: item.filter_at, modseq: item.modseq, held: true }
    }

    pub(crate) fn away(item: &Item) -> Self {
        Self { held: false, ..Self::held(item) }
    }
}

/// Which items a device has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) cursor: Cursor,
    pub(crate) boundary: Mark,
    pub(crate) hole: Option<Hole>,
    /// What it made itself and the order does not cover yet.
    pub(crate) own: UidSet,
    /// Exceptions from the order, one by one.
    pub(crate) ahead: Vec<Ahead>,
    /// An answer that was lost told of these: the device did what it said, or did not.
    pub(crate) doubtful: IdSet,
    /// It could not take these: they count as told, and are new to it once they change.
    pub(crate) choked: IdSet,
    /// The items that the device has are told as they look then, or as they looked later. `None`: it has none yet, or
    /// time does not change how they look.
    pub(crate) as_of: Option<Timestamp>,
    /// That is being brought forward.
    pub(crate) aging: Option<Aging>,
    /// Of a mail that it has it has the whole conversation.
    pub(crate) conversations: bool,
}

impl Progress {
    /// The device has nothing, and hears of everything from now on.
    pub(crate) fn nothing(end: Cursor) -> Self {
        Self {
            cursor: end,
            boundary: TOP,
            hole: None,
            own: UidSet::default(),
            ahead: Vec::new(),
            doubtful: IdSet::default(),
            choked: IdSet::default(),
            as_of: None,
            aging: None,
            conversations: false,
        }
    }

    /// The same for whole conversations, or for single mails; `None`: the device has some the other way.
    pub(crate) fn of_conversations(self, whole: bool) -> Option<Self> {
        let has_nothing = self.boundary == TOP && self.own.is_empty() && self.ahead.is_empty();
        (has_nothing || self.conversations == whole).then_some(Self { conversations: whole, ..self })
    }

    /// Whether the order says that the device has a known item at this place.
    pub(crate) fn covers(&self, place: Mark) -> bool {
        place >= self.boundary && !self.hole.is_some_and(|hole| hole.from <= place && place < hole.to)
    }

    /// Whether the order, or that the device made it, says that it has what stands at this place.
    pub(crate) fn has_at(&self, place: Mark) -> bool {
        self.own.contains(place.1) || (place.1 <= self.cursor.added && self.covers(place))
    }

    pub(crate) fn exception(&self, id: ItemId) -> Option<&Ahead> {
        self.ahead.iter().find(|ahead| ahead.id == id)
    }

    /// Whether the device has the item.
    pub(crate) fn has(&self, item: &Item) -> bool {
        match self.exception(item.id) {
            Some(ahead) => ahead.held,
            None => self.has_at(mark(item)),
        }
    }

    /// Whether the device has seen this very version of an item. What only a lost answer told of, or history
    /// will, it may show in an older one.
    pub(crate) fn saw(&self, item: &Item) -> bool {
        if !self.has(item) || self.doubtful.contains(item.id) {
            return false;
        }
        match self.exception(item.id) {
            Some(ahead) => ahead.held && ahead.modseq == item.modseq,
            None if self.own.contains(item.uid) => item.modseq == item.created_modseq,
            None => item.uid <= self.cursor.added && self.passed(item),
        }
    }

    /// Whether the log was told beyond what happened last to the item.
    fn passed(&self, item: &Item) -> bool {
        (item.modseq, item.uid) <= (self.cursor.modseq, self.cursor.uid)
    }

    /// Whether the device has been told that the item is gone.
    pub(crate) fn saw_go(&self, item: &Item) -> bool {
        item.vanished && self.passed(item) && !self.doubtful.contains(item.id)
    }

    /// Whether the device has seen the bytes of an item.
    pub(crate) fn saw_content(&self, item: &Item) -> bool {
        if !self.has(item) {
            return false;
        }
        match self.exception(item.id) {
            // The bytes of a mail never change: it is replaced by another row.
            Some(ahead) if item.content_modseq == item.created_modseq => ahead.uid == item.uid,
            Some(ahead) => ahead.modseq >= item.content_modseq,
            None if self.own.contains(item.uid) => item.content_modseq == item.created_modseq,
            None => item.content_modseq <= self.cursor.told || self.saw(item),
        }
    }

    /// Notes an exception. `false`: there is no room.
    pub(crate) fn put_ahead(&mut self, seen: Ahead) -> bool {
        if let Some(known) = self.ahead.iter_mut().find(|known| known.id == seen.id) {
            *known = seen;
            return true;
        }
        if self.ahead.len() >= AHEAD_MAX {
            return false;
        }
        self.ahead.push(seen);
        true
    }

    pub(crate) fn forget_ahead(&mut self, id: ItemId) {
        self.ahead.retain(|ahead| ahead.id != id);
    }

    /// Notes that the device is never told of this version of an item. The first of too many is forgotten: its next
    /// change comes as the change of an item that the device does not have.
    pub(crate) fn put_choked(&mut self, id: ItemId) {
        self.doubtful.remove(id);
        self.choked.insert(id);
        let first = self.choked.iter().next();
        if let Some(first) = first.filter(|_| self.choked.len() > CHOKED_MAX) {
            self.choked.remove(first);
        }
    }

    /// The highest row that the device can have.
    pub(crate) fn reach(&self) -> Uid {
        self.own.last().unwrap_or_default().max(self.cursor.added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_not_on_the_device() {
        let mut progress = Progress::nothing(Cursor::start(0));
        assert!(!progress.covers((Timestamp(5), Uid(1))));
        progress.boundary = (Timestamp(1), Uid(0));
        progress.hole = Some(Hole { from: (Timestamp(4), Uid(2)), to: (Timestamp(6), Uid(0)) });
        for (at, uid, expected) in
            [(0, 9, false), (1, 0, true), (4, 1, true), (4, 2, false), (5, 9, false), (6, 0, true)]
        {
            assert_eq!(progress.covers((Timestamp(at), Uid(uid))), expected, "{at} {uid}");
        }
    }

    #[test]
    fn what_the_device_made_it_has_wherever_it_stands() {
        let mut progress = Progress::nothing(Cursor::start(0));
        let place = (Timestamp(5), Uid(3));
        assert!(!progress.has_at(place));
        assert!(progress.own.insert(Uid(3)));
        assert!(progress.has_at(place));
        assert_eq!(progress.reach(), Uid(3));
    }
}
