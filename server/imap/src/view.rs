//! What one session believes about its mailbox.
//!
//! Sequence numbers are of the view: a message that is gone keeps its number until the client has been
//! told (RFC 9051 section 7.5.1), and one that has arrived gets its number when EXISTS is sent. Changes
//! come from the store's log only, those of the session itself as well.
//!
//! A range of places is one range of UIDs, holes included: what lies in a hole is dead, and UIDs never
//! come back.

use crate::completion::{Completion, Ranges};
use imap_wire::{Numbering, Output, Resolved, SequenceSet};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::{Range, RangeInclusive};
use storage::{ChangeKind, Cursor, Error, FlagChange, Grant, ItemFlags, Read, Refusal, right};
use vocabulary::{Flags, Keyword, Keywords, ModSeq, Uid};

/// How many changes are read at a time.
const PAGE: usize = 1_000;
/// How many FETCH responses are written before what was written may be sent.
const REPORTED_AT_ONCE: usize = 512;
/// Most keywords that the FLAGS response names.
const KEYWORDS_SHOWN_MAX: usize = 500;

/// One message. 24 bytes.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) modseq: ModSeq,
    pub(crate) uid: Uid,
    words: u32,
    pub(crate) flags: Flags,
    gone: bool,
    untold: Untold,
}

/// What of a change the client does not know yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Untold {
    Nothing,
    /// It set the flags itself and wants to hear no more than the stamp.
    Stamp,
    Flags,
}

/// Places in the view, from 0: rising ranges that do not touch.
pub(crate) type Places = Vec<Range<usize>>;

/// Sets of keywords, each kept once.
#[derive(Debug, Default)]
struct Words {
    sets: Vec<Keywords>,
    numbers: HashMap<String, u32>,
    known: HashSet<String>,
    shown: Vec<Keyword>,
    /// A keyword is new since the client was told.
    grown: bool,
}

impl Words {
    /// 0 is the empty set.
    fn number(&mut self, keywords: &Keywords) -> u32 {
        if keywords.is_empty() {
            return 0;
        }
        let column = keywords.to_column();
        if let Some(number) = self.numbers.get(&column) {
            return *number;
        }
        for keyword in keywords.iter() {
            if self.known.insert(keyword.as_str().to_ascii_lowercase())
                && self.shown.len() < KEYWORDS_SHOWN_MAX
            {
                self.shown.push(keyword.clone());
                self.grown = true;
            }
        }
        self.sets.push(keywords.clone());
        let number = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        self.numbers.insert(column, number);
        number
    }

    fn get(&self, number: u32) -> Option<&Keywords> {
        self.sets.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }
}

/// One change, as the log told it.
#[derive(Debug)]
pub(crate) struct Told {
    removed: bool,
    state: ItemFlags,
}

/// What is new in the mailbox.
#[derive(Debug)]
pub(crate) enum News {
    /// What the log has since the view's cursor.
    Changes(Vec<Told>, Cursor),
    /// All of it: the log cannot answer from that cursor.
    Everything(Vec<ItemFlags>, Cursor),
}

/// The client's own change, of whose result it wants to hear nothing.
#[derive(Debug)]
pub(crate) struct Silent {
    pub(crate) stamp: ModSeq,
    pub(crate) change: FlagChange,
}

impl Silent {
    /// Whether this is what the client expects, knowing what it knew.
    fn explains(&self, before: Flags, words: &Keywords, after: &ItemFlags) -> bool {
        if after.modseq != self.stamp {
            return false;
        }
        let mut expected = words.clone();
        let flags = match &self.change {
            FlagChange::Add(flags, more) => {
                more.iter().for_each(|word| {
                    expected.insert(word.clone());
                });
                before | *flags
            }
            FlagChange::Remove(flags, less) => {
                less.iter().for_each(|word| expected.remove(word));
                before & !*flags
            }
            FlagChange::Replace(flags, all) => {
                expected = all.clone();
                *flags
            }
        };
        flags == after.flags && expected == after.keywords
    }
}

/// What the client is told of a change, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// `UID` in FETCH responses.
    pub(crate) uid: bool,
    /// `MODSEQ` in FETCH responses.
    pub(crate) modseq: bool,
    /// VANISHED instead of EXPUNGE.
    pub(crate) vanished: bool,
}

/// The messages of a selected mailbox.
#[derive(Debug)]
pub(crate) struct View {
    rows: Vec<Row>,
    /// How many of them the client knows of.
    announced: usize,
    words: Words,
    cursor: Cursor,
    /// Up to this stamp the client has been told everything, removals too.
    told: ModSeq,
    gone: usize,
    /// First and last UID that may have something untold.
    untold: Option<(Uid, Uid)>,
    /// The first stamp of the store's incarnation. What is older came back with a restore: to every client
    /// it is as if changed then, whatever it was told of it before.
    oldest: ModSeq,
}

impl View {
    /// A mailbox as it is now; the client is about to be told all of it.
    pub(crate) fn new(items: &[ItemFlags], cursor: Cursor, oldest: ModSeq) -> Self {
        let mut words = Words::default();
        let rows: Vec<Row> = items.iter().map(|item| row(item, &mut words, oldest)).collect();
        words.grown = false;
        let (announced, told) = (rows.len(), cursor.modseq);
        Self { announced, rows, words, cursor, told, gone: 0, untold: None, oldest }
    }

    /// What is new since a cursor. The grant's transaction must be a new one.
    pub(crate) fn news<'tx>(
        tx: &Read<'tx>,
        grant: &Grant<'tx, right::ReadItems>,
        cursor: Cursor,
    ) -> storage::Result<News> {
        let mut told = Vec::new();
        let mut next = cursor;
        loop {
            let page = match tx.changes_since(grant, next, PAGE) {
                Ok(page) => page,
                Err(Error::Refusal(Refusal::ResyncRequired { .. })) => {
                    let items = tx.item_flags(grant, &(1..=u32::MAX))?;
                    return Ok(News::Everything(items, Cursor::at_end(grant)));
                }
                Err(error) => return Err(error),
            };
            next = page.next;
            told.extend(page.changes.into_iter().map(|change| Told {
                removed: change.kind == ChangeKind::Removed,
                state: ItemFlags {
                    uid: change.item.uid,
                    flags: change.item.flags,
                    keywords: change.item.keywords,
                    modseq: change.item.modseq,
                },
            }));
            if !page.more {
                return Ok(News::Changes(told, next));
            }
        }
    }

    /// Takes news in. The client is told by [`View::report`].
    pub(crate) fn absorb(&mut self, news: News, silent: Option<&Silent>) {
        // The log goes by stamps and not by UIDs: what has arrived is put in order before it joins.
        let mut arrived = BTreeMap::new();
        match news {
            News::Changes(changes, next) => {
                self.cursor = next;
                for change in changes {
                    if change.removed {
                        arrived.remove(&change.state.uid);
                        self.lose(change.state.uid);
                    } else {
                        self.take(&change.state, silent, &mut arrived);
                    }
                }
            }
            News::Everything(items, next) => {
                self.cursor = next;
                let alive: HashSet<Uid> = items.iter().map(|item| item.uid).collect();
                let lost: Vec<Uid> =
                    self.rows.iter().map(|row| row.uid).filter(|uid| !alive.contains(uid)).collect();
                lost.into_iter().for_each(|uid| self.lose(uid));
                for item in &items {
                    let known = self.find(item.uid).ok().and_then(|place| self.rows.get(place));
                    if known.is_none_or(|row| row.modseq != item.modseq.max(self.oldest)) {
                        self.take(item, silent, &mut arrived);
                    }
                }
            }
        }
        self.join(arrived);
    }

    /// Adds what has arrived, in linear time: UIDs rise, so it belongs at the end.
    fn join(&mut self, arrived: BTreeMap<Uid, Row>) {
        let last = self.rows.last().map(|row| row.uid);
        let in_order = arrived.keys().next().copied() > last || arrived.is_empty();
        self.rows.extend(arrived.into_values());
        if !in_order {
            // Behind one that the client was not told of yet.
            self.rows.sort_by_key(|row| row.uid);
        }
    }

    fn lose(&mut self, uid: Uid) {
        if let Ok(place) = self.find(uid)
            && let Some(row) = self.rows.get_mut(place)
            && !row.gone
        {
            row.gone = true;
            self.gone += 1;
        }
    }

    fn take(&mut self, item: &ItemFlags, silent: Option<&Silent>, arrived: &mut BTreeMap<Uid, Row>) {
        let fresh = row(item, &mut self.words, self.oldest);
        match self.find(item.uid) {
            Ok(place) => {
                let Some(known) = self.rows.get_mut(place) else { return };
                let none = Keywords::default();
                let words = self.words.get(known.words).unwrap_or(&none);
                let quiet = known.untold != Untold::Flags
                    && silent.is_some_and(|silent| silent.explains(known.flags, words, item));
                let untold = if quiet { Untold::Stamp } else { Untold::Flags };
                *known = Row { untold, gone: known.gone, ..fresh };
                self.mark(item.uid);
            }
            Err(_) => drop(arrived.insert(item.uid, fresh)),
        }
    }

    fn mark(&mut self, uid: Uid) {
        self.untold = Some(match self.untold {
            Some((first, last)) => (first.min(uid), last.max(uid)),
            None => (uid, uid),
        });
    }

    /// The stamp up to which the client has been told everything.
    pub(crate) fn told(&self) -> ModSeq {
        self.told
    }

    /// Where the log is to be read on.
    pub(crate) fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// How many messages the client knows of.
    pub(crate) fn count(&self) -> usize {
        self.announced
    }

    /// One message.
    pub(crate) fn row(&self, place: usize) -> Option<&Row> {
        self.rows.get(place)
    }

    /// The keywords of a message.
    pub(crate) fn keywords(&self, row: &Row) -> impl Iterator<Item = &Keyword> + use<'_> {
        self.words.get(row.words).into_iter().flat_map(Keywords::iter)
    }

    /// The keywords that occur, as far as they are shown.
    pub(crate) fn keywords_shown(&self) -> &[Keyword] {
        &self.words.shown
    }

    /// The largest UID that the client knows of; 0 without any.
    pub(crate) fn largest_uid(&self) -> u32 {
        self.announced.checked_sub(1).and_then(|last| self.rows.get(last)).map_or(0, |row| row.uid.0)
    }

    fn find(&self, uid: Uid) -> Result<usize, usize> {
        self.rows.binary_search_by_key(&uid, |row| row.uid)
    }

    /// The messages that a client means.
    ///
    /// # Errors
    /// BAD for sequence numbers that no message has (RFC 9051 section 9, `seq-number`).
    pub(crate) fn resolve(
        &self,
        numbering: Numbering,
        set: &SequenceSet,
        saved: &Resolved,
    ) -> Result<Places, Completion> {
        if set.is_saved() {
            return Ok(self.of_uids(saved.ranges()));
        }
        match numbering {
            Numbering::Uid => Ok(self.of_uids(set.resolve(self.largest_uid()).ranges())),
            Numbering::Sequence => {
                let count = u32::try_from(self.count()).unwrap_or(u32::MAX);
                if !set.has_star() && set.largest_written().is_some_and(|largest| largest > count) {
                    return Err(Completion::bad("there is no message of that number"));
                }
                let clamp = |number: u32| usize::try_from(number).unwrap_or(usize::MAX).min(self.count());
                let places = set.resolve(count);
                let places =
                    places.ranges().iter().map(|&(from, to)| clamp(from.saturating_sub(1))..clamp(to));
                Ok(places.filter(|places| !places.is_empty()).collect())
            }
        }
    }

    /// The messages with these UIDs that the client knows of.
    pub(crate) fn of_uids(&self, uids: &[(u32, u32)]) -> Places {
        let known = self.rows.get(..self.announced).unwrap_or_default();
        let mut places: Places = Vec::new();
        for &(from, to) in uids {
            let first = known.partition_point(|row| row.uid.0 < from);
            let end = known.partition_point(|row| row.uid.0 <= to);
            match places.last_mut() {
                _ if first >= end => {}
                Some(last) if last.end == first => last.end = end,
                _ => places.push(first..end),
            }
        }
        places
    }

    /// The same messages as UIDs for the store.
    pub(crate) fn uid_ranges(&self, places: &[Range<usize>]) -> Vec<RangeInclusive<u32>> {
        places
            .iter()
            .filter_map(|places| {
                let first = self.rows.get(places.start)?;
                let last = self.rows.get(places.end.checked_sub(1)?)?;
                Some(first.uid.0..=last.uid.0)
            })
            .collect()
    }

    /// Takes away the messages that fail a test.
    pub(crate) fn filter(&self, places: Places, mut keep: impl FnMut(&Row) -> bool) -> Places {
        let mut kept: Places = Vec::new();
        for place in places.into_iter().flatten() {
            if self.rows.get(place).is_some_and(&mut keep) {
                match kept.last_mut() {
                    Some(last) if last.end == place => last.end = place + 1,
                    _ => kept.push(place..place + 1),
                }
            }
        }
        kept
    }

    /// All messages that the client knows of.
    pub(crate) fn all(&self) -> Places {
        std::iter::once(0..self.announced).filter(|places| !places.is_empty()).collect()
    }

    /// A number of a message in the client's numbering.
    pub(crate) fn number(&self, numbering: Numbering, place: usize) -> u32 {
        match numbering {
            Numbering::Sequence => sequence(place),
            Numbering::Uid => self.rows.get(place).map_or(0, |row| row.uid.0),
        }
    }

    /// UIDs as the client numbers these messages.
    pub(crate) fn numbers(&self, numbering: Numbering, uids: &[Uid]) -> Ranges {
        let places = uids.iter().filter_map(|uid| self.find(*uid).ok());
        Resolved::from_ascending(places.map(|place| self.number(numbering, place))).ranges().to_vec()
    }

    /// Whether a change of this message's flags is untold; it counts as told from now on.
    pub(crate) fn take_untold_flags(&mut self, place: usize) -> bool {
        self.rows
            .get_mut(place)
            .is_some_and(|row| std::mem::replace(&mut row.untold, Untold::Nothing) == Untold::Flags)
    }

    /// These messages are reported again, whether or not they changed.
    pub(crate) fn tell_again(&mut self, uids: &[Uid]) {
        for uid in uids {
            if let Ok(place) = self.find(*uid)
                && let Some(row) = self.rows.get_mut(place)
            {
                row.untold = Untold::Flags;
                self.mark(*uid);
            }
        }
    }

    /// The stamps of these messages are told, whether or not they changed.
    pub(crate) fn tell_stamps(&mut self, uids: &[Uid]) {
        for uid in uids {
            if let Ok(place) = self.find(*uid)
                && let Some(row) = self.rows.get_mut(place)
                && row.untold == Untold::Nothing
            {
                row.untold = Untold::Stamp;
                self.mark(*uid);
            }
        }
    }

    /// Tells of a change of the flags that occur: the client should know a keyword before it meets it.
    pub(crate) fn report_keywords(&mut self, out: &mut Output) {
        if std::mem::take(&mut self.words.grown) {
            out.flags_response(Flags::ALL, &self.words.shown);
        }
    }

    /// Writes FETCH responses of changed flags, some hundreds at a time: `true` if there are more.
    pub(crate) fn report_flags(&mut self, out: &mut Output, style: Style) -> bool {
        let Some((first, last)) = self.untold else { return false };
        let words = &self.words;
        let start = self.rows.partition_point(|row| row.uid < first);
        let mut written = 0;
        for (place, row) in self.rows.iter_mut().enumerate().skip(start) {
            if row.uid > last {
                break;
            }
            let untold = std::mem::replace(&mut row.untold, Untold::Nothing);
            // What the client does not know of yet, it will fetch.
            if untold == Untold::Nothing || place >= self.announced || row.gone {
                continue;
            }
            if untold == Untold::Stamp && !style.modseq {
                continue;
            }
            let mut response = out.fetch(sequence(place));
            if style.uid {
                response.uid(row.uid);
            }
            if style.modseq {
                response.modseq(row.modseq);
            }
            if untold == Untold::Flags {
                let keywords = words.get(row.words).into_iter().flat_map(Keywords::iter);
                response.flags(row.flags, keywords);
            }
            response.end();
            written += 1;
            if written == REPORTED_AT_ONCE {
                self.untold = (row.uid < last).then_some((row.uid, last));
                return self.untold.is_some();
            }
        }
        self.untold = None;
        false
    }

    /// Tells of messages that are gone, if that is allowed now, and of those that have arrived.
    pub(crate) fn report_numbers(&mut self, out: &mut Output, expunges: bool, style: Style) {
        if self.gone > 0 {
            self.drop_gone(out, expunges, style);
        }
        if self.rows.len() > self.announced {
            self.announced = self.rows.len();
            out.exists(u32::try_from(self.announced).unwrap_or(u32::MAX));
        }
        if self.gone == 0 {
            self.told = self.cursor.modseq;
        }
    }

    /// The stamp before removals that the client may not be told of yet; `None` if it knows all.
    pub(crate) fn held_back_since(&self) -> Option<ModSeq> {
        (self.gone > 0).then_some(self.told)
    }

    fn drop_gone(&mut self, out: &mut Output, expunges: bool, style: Style) {
        let (announced, mut place, mut told) = (self.announced, 0, 0);
        let mut vanished = Vec::new();
        self.rows.retain(|row| {
            let known = place < announced;
            place += 1;
            if !row.gone || (known && !expunges) {
                return true;
            }
            self.gone -= 1;
            if known {
                if style.vanished {
                    vanished.push(row.uid.0);
                } else {
                    out.expunge(sequence(place - 1 - told));
                }
                told += 1;
            }
            false
        });
        self.announced -= told;
        out.vanished(false, Resolved::from_ascending(vanished).ranges());
    }
}

fn row(item: &ItemFlags, words: &mut Words, oldest: ModSeq) -> Row {
    Row {
        modseq: item.modseq.max(oldest),
        uid: item.uid,
        words: words.number(&item.keywords),
        flags: item.flags,
        gone: false,
        untold: Untold::Nothing,
    }
}

/// The sequence number of a place.
pub(crate) fn sequence(place: usize) -> u32 {
    u32::try_from(place + 1).unwrap_or(u32::MAX)
}
