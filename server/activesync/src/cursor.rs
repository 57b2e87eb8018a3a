//! What a device holds of one collection: a row whose size does not depend on the collection.
//!
//! [`State`] keeps the stand of the newest answer and of the one before it, because only the client
//! knows which of the two arrived. A [`Progress`] says exactly which items the device has:
//!
//! * items up to `cursor.added` are known here, and their changes up to `(cursor.modseq, cursor.uid)`
//!   have been told;
//! * of the known ones the device has those at or above `boundary`, except those within `hole`;
//! * and it has those of `ahead`, which it got out of order: items that it made itself, and items that
//!   were replaced or came back under the identity that it knows.

use activesync_wire::body::{BodyPreference, BodyType, MimeSupport};
use activesync_wire::command::sync::{Conflict, FilterType, Options};
use activesync_wire::sync_key::SyncKey;
use storage::{Cursor, Item};
use vocabulary::{ItemId, ModSeq, Timestamp, Uid};

/// A place in the order of a filter by time.
pub(crate) type Mark = (Timestamp, Uid);

/// Above every item.
pub(crate) const TOP: Mark = (Timestamp(i64::MAX), Uid(u32::MAX));
/// Most items that a device may have out of order; beyond, they are sent again in order.
pub(crate) const AHEAD_MAX: usize = 128;

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

/// An item that the device has out of order, as the device saw it last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ahead {
    pub(crate) id: ItemId,
    pub(crate) uid: Uid,
    pub(crate) filter_at: Timestamp,
    pub(crate) modseq: ModSeq,
}

impl Ahead {
    pub(crate) fn of(item: &Item) -> Self {
        Self { id: item.id, uid: item.uid, filter_at: item.filter_at, modseq: item.modseq }
    }
}

/// Which items a device has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) cursor: Cursor,
    pub(crate) boundary: Mark,
    pub(crate) hole: Option<Hole>,
    pub(crate) ahead: Vec<Ahead>,
}

impl Progress {
    /// The device has nothing, and hears of everything from now on.
    pub(crate) fn nothing(end: Cursor) -> Self {
        Self { cursor: end, boundary: TOP, hole: None, ahead: Vec::new() }
    }

    /// Whether the device has a known item at this place.
    pub(crate) fn covers(&self, place: Mark) -> bool {
        place >= self.boundary && !self.hole.is_some_and(|hole| hole.from <= place && place < hole.to)
    }

    /// Whether the device has seen this very version of an item.
    pub(crate) fn saw(&self, item: &Item) -> bool {
        match self.ahead.iter().find(|ahead| ahead.id == item.id) {
            Some(ahead) => ahead.modseq == item.modseq,
            None => {
                item.uid <= self.cursor.added
                    && (item.modseq, item.uid) <= (self.cursor.modseq, self.cursor.uid)
            }
        }
    }

    /// Notes that the device has this version. `false`: there is no room.
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
}

/// Where a device stands after one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stand {
    /// The key that came with that answer.
    pub(crate) key: SyncKey,
    pub(crate) progress: Progress,
    /// In force until others come (MS-ASCMD R3597).
    pub(crate) options: Options,
    /// Commands ran under this key, so results are kept under it.
    pub(crate) ran_commands: bool,
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
}

impl State {
    /// The stand that a key names; `None` for a key that is too old or was never given out.
    pub(crate) fn find(&self, key: SyncKey) -> Option<(Slot, &Stand)> {
        [(Slot::Current, &self.current), (Slot::Previous, &self.previous), (Slot::Pending, &self.pending)]
            .into_iter()
            .find_map(|(slot, stand)| {
                stand.as_ref().filter(|stand| stand.key == key).map(|stand| (slot, stand))
            })
    }

    /// Key 0: an unused generation, the same one again if it is unused still. Phones prime twice.
    pub(crate) fn prime(&mut self, end: Cursor, options: Options) -> SyncKey {
        let key = match &self.pending {
            Some(pending) => pending.key,
            None => {
                self.last_generation += 1;
                SyncKey { generation: self.last_generation, counter: 1 }
            }
        };
        let progress = Progress::nothing(end);
        self.pending = Some(Stand { key, progress, options, ran_commands: false });
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

    /// The bytes of the row.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Out(vec![FORMAT]);
        out.u32(self.last_generation);
        for stand in [&self.pending, &self.current, &self.previous] {
            out.option(stand.as_ref(), Out::stand);
        }
        out.0
    }

    /// Reads a row; `None` if another program wrote it. Then devices begin anew.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut input = In(bytes.strip_prefix(&[FORMAT])?);
        let state = Self {
            last_generation: input.u32()?,
            pending: input.option(In::stand)?,
            current: input.option(In::stand)?,
            previous: input.option(In::stand)?,
        };
        input.0.is_empty().then_some(state)
    }
}

/// First byte of a row; another form gets another one.
const FORMAT: u8 = 1;

struct Out(Vec<u8>);

impl Out {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    fn i64(&mut self, value: i64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.u8(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn mark(&mut self, mark: Mark) {
        self.i64(mark.0.0);
        self.u32(mark.1.0);
    }

    fn stand(&mut self, stand: &Stand) {
        self.u32(stand.key.generation);
        self.i64(stand.key.counter.cast_signed());
        let Progress { cursor, boundary, hole, ahead } = &stand.progress;
        self.i64(cursor.epoch);
        self.i64(cursor.modseq.0);
        self.u32(cursor.uid.0);
        self.u32(cursor.added.0);
        self.mark(*boundary);
        self.option(*hole, |out, hole| {
            out.mark(hole.from);
            out.mark(hole.to);
        });
        self.u32(u32::try_from(ahead.len()).unwrap_or(u32::MAX));
        for item in ahead {
            self.i64(item.id.0);
            self.mark((item.filter_at, item.uid));
            self.i64(item.modseq.0);
        }
        self.options(&stand.options);
        self.u8(u8::from(stand.ran_commands));
    }

    /// What of the options concerns the items; class and limits of other kinds are not kept.
    fn options(&mut self, options: &Options) {
        self.u8(options.filter_type.code());
        self.option(options.conflict, |out, conflict| out.u8(u8::from(conflict == Conflict::Server)));
        self.u8(match options.mime_support {
            MimeSupport::Never => 0,
            MimeSupport::SmimeOnly => 1,
            MimeSupport::Always => 2,
        });
        self.option(options.mime_truncation, Self::u32);
        self.u8(u8::try_from(options.body_preferences.len()).unwrap_or(u8::MAX));
        for preference in options.body_preferences.iter().take(usize::from(u8::MAX)) {
            self.u8(preference.body_type.code());
            self.option(preference.truncation_size, Self::u32);
            self.u8(u8::from(preference.all_or_none));
            self.u8(preference.preview);
        }
    }
}

struct In<'a>(&'a [u8]);

impl In<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn flag(&mut self) -> Option<bool> {
        self.u8().map(|byte| byte != 0)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    /// The outer `None`: not readable.
    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.flag()? { read(self).map(Some) } else { Some(None) }
    }

    fn mark(&mut self) -> Option<Mark> {
        Some((Timestamp(self.i64()?), Uid(self.u32()?)))
    }

    fn stand(&mut self) -> Option<Stand> {
        let key = SyncKey { generation: self.u32()?, counter: self.i64()?.cast_unsigned() };
        let cursor = Cursor {
            epoch: self.i64()?,
            modseq: ModSeq(self.i64()?),
            uid: Uid(self.u32()?),
            added: Uid(self.u32()?),
        };
        let boundary = self.mark()?;
        let hole = self.option(|input| Some(Hole { from: input.mark()?, to: input.mark()? }))?;
        let count = usize::try_from(self.u32()?).ok().filter(|count| *count <= AHEAD_MAX)?;
        let ahead = (0..count).map(|_| self.ahead()).collect::<Option<Vec<_>>>()?;
        let progress = Progress { cursor, boundary, hole, ahead };
        Some(Stand { key, progress, options: self.options()?, ran_commands: self.flag()? })
    }

    fn ahead(&mut self) -> Option<Ahead> {
        let id = ItemId(self.i64()?);
        let (filter_at, uid) = self.mark()?;
        Some(Ahead { id, uid, filter_at, modseq: ModSeq(self.i64()?) })
    }

    fn options(&mut self) -> Option<Options> {
        let filter_type = FilterType::from_code(self.u8()?)?;
        let conflict = self.option(In::flag)?;
        let conflict = conflict.map(|server| if server { Conflict::Server } else { Conflict::Client });
        let mime_support = match self.u8()? {
            0 => MimeSupport::Never,
            1 => MimeSupport::SmimeOnly,
            _ => MimeSupport::Always,
        };
        let mime_truncation = self.option(In::u32)?;
        let count = self.u8()?;
        let body_preferences = (0..count).map(|_| self.preference()).collect::<Option<Vec<_>>>()?;
        Some(Options {
            filter_type,
            conflict,
            mime_support,
            mime_truncation,
            body_preferences,
            ..Options::default()
        })
    }

    fn preference(&mut self) -> Option<BodyPreference> {
        Some(BodyPreference {
            body_type: BodyType::from_code(self.u8()?)?,
            truncation_size: self.option(In::u32)?,
            all_or_none: self.flag()?,
            preview: self.u8()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand(counter: u64) -> Stand {
        let cursor = Cursor { epoch: 3, modseq: ModSeq(1 << 41), uid: Uid(7), added: Uid(9) };
        let preference = |body_type| BodyPreference {
            body_type,
            truncation_size: Some(512),
            all_or_none: true,
            preview: 255,
        };
        let options = Options {
            filter_type: FilterType::OneWeek,
            conflict: Some(Conflict::Client),
            mime_support: MimeSupport::SmimeOnly,
            mime_truncation: Some(4096),
            body_preferences: [BodyType::Plain, BodyType::Html, BodyType::Rtf, BodyType::Mime]
                .map(preference)
                .into(),
            ..Options::default()
        };
        let item = |id| Ahead { id: ItemId(id), uid: Uid(1), filter_at: Timestamp(-5), modseq: ModSeq(8) };
        let progress = Progress {
            cursor,
            boundary: (Timestamp(i64::MIN), Uid(0)),
            hole: Some(Hole { from: (Timestamp(1), Uid(2)), to: TOP }),
            ahead: (0..AHEAD_MAX as i64).map(item).collect(),
        };
        Stand { key: SyncKey { generation: 2, counter }, progress, options, ran_commands: true }
    }

    #[test]
    fn the_largest_state_reads_back_and_fits_its_row() {
        let state = State {
            last_generation: 2,
            pending: Some(stand(1)),
            current: Some(stand(3)),
            previous: Some(stand(2)),
        };
        let bytes = state.encode();
        assert!(bytes.len() <= storage::STATE_BYTES_MAX, "{}", bytes.len());
        assert_eq!(State::decode(&bytes), Some(state));
        for end in 0..bytes.len() {
            assert_eq!(State::decode(&bytes[..end]), None, "cut at {end}");
        }
        assert_eq!(State::decode(&State::default().encode()), Some(State::default()));
    }

    #[test]
    fn priming_twice_gives_one_generation_and_using_it_ends_that() {
        let mut state = State::default();
        let end = Cursor::start(0);
        let key = state.prime(end, Options::default());
        assert_eq!(state.prime(end, Options::default()), key);
        assert!(matches!(state.find(key), Some((Slot::Pending, _))));
        state.current = state.pending.take();
        let next = state.prime(end, Options::default());
        assert_ne!(next.generation, key.generation);
        assert!(
            matches!(state.find(key), Some((Slot::Current, _))),
            "the old one lives until the new is used"
        );
    }

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
}
