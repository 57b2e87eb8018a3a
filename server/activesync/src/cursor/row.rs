//! The bytes of a row.

use activesync_wire::body::{BodyPreference, BodyType, MimeSupport};
use activesync_wire::command::sync::{Conflict, FilterType, Options};
use activesync_wire::item::Supported;
use activesync_wire::sync_key::SyncKey;
use storage::Cursor;
use vocabulary::{ItemId, ModSeq, Timestamp, Uid};

use super::id_set::IDS_MAX;
use super::progress::{AHEAD_MAX, Mark};
use super::uid_set::{RANGES_MAX, UidSet};
use super::{Aging, Ahead, Hole, IdSet, Progress, Stand, State, Trouble};

/// First byte of a row; another form gets another one.
const FORMAT: u8 = 5;

impl State {
    /// The bytes of the row.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Out(vec![FORMAT]);
        out.u32(self.last_generation);
        for stand in [&self.pending, &self.current, &self.previous] {
            out.option(stand.as_ref(), Out::stand);
        }
        out.option(self.trouble, Out::trouble);
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
            trouble: input.option(In::trouble)?,
        };
        input.0.is_empty().then_some(state)
    }
}

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

    /// Seven bits in a byte, the lowest first; the highest bit says that more follows.
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.u8(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.u8(value.to_le_bytes()[0]);
    }

    fn count(&mut self, count: usize) {
        self.number(u64::try_from(count).unwrap_or(u64::MAX));
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

    fn key(&mut self, key: SyncKey) {
        self.u32(key.generation);
        self.i64(key.counter.cast_signed());
    }

    fn trouble(&mut self, trouble: Trouble) {
        self.key(trouble.key);
        self.number(trouble.window.into());
        self.u8(trouble.tries);
        self.i64(trouble.since.0);
    }

    fn stand(&mut self, stand: &Stand) {
        self.key(stand.key);
        self.progress(&stand.progress);
        self.options(&stand.options);
        let supported = stand.supported.encode();
        self.count(supported.len());
        self.0.extend_from_slice(&supported);
        self.u8(u8::from(stand.ran_commands));
        self.u8(u8::from(stand.told));
        self.option(stand.said.as_ref(), Self::ids);
    }

    fn progress(&mut self, progress: &Progress) {
        let Progress { cursor, boundary, hole, own, ahead, doubtful, choked, as_of, aging, conversations } =
            progress;
        self.i64(cursor.epoch);
        self.i64(cursor.modseq.0);
        self.u32(cursor.uid.0);
        self.u32(cursor.added.0);
        self.i64(cursor.told.0);
        self.mark(*boundary);
        self.option(*hole, |out, hole| {
            out.mark(hole.from);
            out.mark(hole.to);
        });
        self.count(own.ranges().len());
        for range in own.ranges() {
            self.u32(*range.start());
            self.u32(*range.end());
        }
        self.count(ahead.len());
        for item in ahead {
            self.i64(item.id.0);
            self.mark((item.filter_at, item.uid));
            self.i64(item.modseq.0);
            self.u8(u8::from(item.held));
        }
        self.ids(doubtful);
        self.ids(choked);
        self.option(*as_of, |out, as_of| out.i64(as_of.0));
        self.option(*aging, |out, aging| {
            out.i64(aging.as_of.0);
            out.mark(aging.below);
        });
        self.u8(u8::from(*conversations));
    }

    /// Steps between neighbours: identities of one answer are near each other.
    fn ids(&mut self, ids: &IdSet) {
        self.count(ids.len());
        let mut before = 0;
        for ItemId(id) in ids.iter() {
            self.number(id.wrapping_sub(before).cast_unsigned());
            before = id;
        }
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
        self.count(options.body_preferences.len());
        for preference in &options.body_preferences {
            self.preference(*preference);
        }
        self.option(options.body_part_preference, Self::preference);
    }

    fn preference(&mut self, preference: BodyPreference) {
        self.u8(preference.body_type.code());
        self.option(preference.truncation_size, Self::u32);
        self.u8(u8::from(preference.all_or_none));
        self.u8(preference.preview);
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

    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn count(&mut self, most: usize) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= most)
    }

    /// The outer `None`: not readable.
    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.flag()? { read(self).map(Some) } else { Some(None) }
    }

    fn mark(&mut self) -> Option<Mark> {
        Some((Timestamp(self.i64()?), Uid(self.u32()?)))
    }

    fn key(&mut self) -> Option<SyncKey> {
        Some(SyncKey { generation: self.u32()?, counter: self.i64()?.cast_unsigned() })
    }

    fn trouble(&mut self) -> Option<Trouble> {
        Some(Trouble {
            key: self.key()?,
            window: u16::try_from(self.number()?).ok()?,
            tries: self.u8()?,
            since: Timestamp(self.i64()?),
        })
    }

    fn stand(&mut self) -> Option<Stand> {
        Some(Stand {
            key: self.key()?,
            progress: self.progress()?,
            options: self.options()?,
            supported: self.supported()?,
            ran_commands: self.flag()?,
            told: self.flag()?,
            said: self.option(In::ids)?,
        })
    }

    fn progress(&mut self) -> Option<Progress> {
        let cursor = Cursor {
            epoch: self.i64()?,
            modseq: ModSeq(self.i64()?),
            uid: Uid(self.u32()?),
            added: Uid(self.u32()?),
            told: ModSeq(self.i64()?),
        };
        let boundary = self.mark()?;
        let hole = self.option(|input| Some(Hole { from: input.mark()?, to: input.mark()? }))?;
        let count = self.count(RANGES_MAX)?;
        let ranges = (0..count).map(|_| Some(self.u32()?..=self.u32()?)).collect::<Option<Vec<_>>>()?;
        let own = UidSet::of(ranges)?;
        let count = self.count(AHEAD_MAX)?;
        let ahead = (0..count).map(|_| self.ahead()).collect::<Option<Vec<_>>>()?;
        let (doubtful, choked) = (self.ids()?, self.ids()?);
        let as_of = self.option(|input| input.i64().map(Timestamp))?;
        let aging =
            self.option(|input| Some(Aging { as_of: Timestamp(input.i64()?), below: input.mark()? }))?;
        let conversations = self.flag()?;
        Some(Progress { cursor, boundary, hole, own, ahead, doubtful, choked, as_of, aging, conversations })
    }

    fn ahead(&mut self) -> Option<Ahead> {
        let id = ItemId(self.i64()?);
        let (filter_at, uid) = self.mark()?;
        Some(Ahead { id, uid, filter_at, modseq: ModSeq(self.i64()?), held: self.flag()? })
    }

    fn ids(&mut self) -> Option<IdSet> {
        let count = self.count(IDS_MAX)?;
        let mut ids = IdSet::default();
        let mut id = 0_i64;
        for _ in 0..count {
            id = id.wrapping_add(self.number()?.cast_signed());
            ids.insert(ItemId(id));
        }
        Some(ids)
    }

    fn supported(&mut self) -> Option<Supported> {
        let count = self.count(self.0.len())?;
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Supported::decode(bytes)
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
        let count = self.count(self.0.len())?;
        let body_preferences = (0..count).map(|_| self.preference()).collect::<Option<Vec<_>>>()?;
        Some(Options {
            filter_type,
            conflict,
            mime_support,
            mime_truncation,
            body_preferences,
            body_part_preference: self.option(In::preference)?,
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
    use super::super::progress::CHOKED_MAX;
    use super::*;
    use wbxml::page::{airsync_base, calendar, contacts, contacts2};

    /// Identities of one account, a million apart.
    fn ids() -> IdSet {
        IdSet::collect((1..=IDS_MAX as i64).map(|id| ItemId(id << 20))).unwrap()
    }

    fn stand(counter: u64) -> Stand {
        let (modseq, told) = (ModSeq(1 << 41), ModSeq(1 << 40));
        let cursor = Cursor { epoch: 3, modseq, uid: Uid(7), added: Uid(9), told };
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
            body_part_preference: Some(preference(BodyType::Html)),
            ..Options::default()
        };
        let (filter_at, modseq) = (Timestamp(-5), ModSeq(8));
        let item = |id| Ahead { id: ItemId(id), uid: Uid(1), filter_at, modseq, held: id % 2 == 0 };
        let ranges = (1..).step_by(2).take(RANGES_MAX).map(|uid| uid..=uid);
        let progress = Progress {
            cursor,
            boundary: (Timestamp(i64::MIN), Uid(0)),
            hole: Some(Hole { from: (Timestamp(1), Uid(2)), to: super::super::progress::TOP }),
            own: UidSet::of(ranges.collect()).unwrap(),
            ahead: (0..AHEAD_MAX as i64).map(item).collect(),
            doubtful: ids(),
            choked: IdSet::collect((1..=CHOKED_MAX as i64).map(|id| ItemId(id << 40))).unwrap(),
            as_of: Some(Timestamp(5)),
            aging: Some(Aging { as_of: Timestamp(6), below: (Timestamp(7), Uid(8)) }),
            conversations: true,
        };
        let tags = [contacts::CATEGORIES, contacts2::NICK_NAME, calendar::SUBJECT, airsync_base::BODY];
        let supported = Supported::new(Some(&tags));
        let key = SyncKey { generation: 2, counter };
        Stand { key, progress, options, supported, ran_commands: true, told: true, said: Some(ids()) }
    }

    #[test]
    fn the_largest_state_reads_back_and_fits_its_row() {
        let mut state = State::default();
        state.prime(Cursor::start(0), Options::default(), Supported::default());
        state.current = Some(stand(3));
        state.previous = Some(Stand { said: Some(IdSet::default()), ..stand(2) });
        let key = SyncKey { generation: 2, counter: 2 };
        state.trouble = Some(Trouble { key, window: 512, tries: 255, since: Timestamp(i64::MAX) });
        let bytes = state.encode();
        assert!(bytes.len() <= storage::STATE_BYTES_MAX, "{}", bytes.len());
        assert_eq!(State::decode(&bytes), Some(state));
        for end in 0..bytes.len() {
            assert_eq!(State::decode(&bytes[..end]), None, "cut at {end}");
        }
        assert_eq!(State::decode(&State::default().encode()), Some(State::default()));
    }

    #[test]
    fn a_row_of_another_format_is_not_read() {
        let mut bytes = State::default().encode();
        bytes[0] = FORMAT - 1;
        assert_eq!(State::decode(&bytes), None);
    }
}
