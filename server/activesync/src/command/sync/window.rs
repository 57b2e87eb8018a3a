//! How much goes into one answer: how many items, how many bytes.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use storage::{Grant, Item, Parsed, Read, Stored, right};
use vocabulary::Uid;

use super::collect::{Page, Say};
use crate::item::Content;

/// An answer ends behind the item that takes it over this.
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// What the elements of an item take beside its body, roughly.
const ITEM_BYTES: usize = 1024;
/// How much of the items may wait in memory for one answer.
const PAGE_BYTES_MAX: i64 = 16 << 20;
/// A larger one is not read before it is its turn.
const WAITING_BYTES_MAX: i64 = 128 << 10;

/// What was parsed of an item, and where its bytes are.
pub(crate) type Material = (Parsed, Stored);

/// Cuts a page to what may wait in memory.
pub(crate) fn cut_to_memory(page: &mut Page) {
    let mut bytes = 0;
    let fits = |say: &Say| {
        if let Say::Add(item) | Say::Change(item) | Say::Aged(item) = say {
            bytes += item.size_bytes.min(WAITING_BYTES_MAX);
        }
        bytes <= PAGE_BYTES_MAX
    };
    let count = page.entries.iter().map(|entry| &entry.say).take_while({
        let mut fits = fits;
        move |say| fits(say)
    });
    let count = count.count().max(1);
    cut(page, count);
}

/// Keeps the first entries.
pub(crate) fn cut(page: &mut Page, count: usize) {
    if count >= page.entries.len() {
        return;
    }
    page.entries.truncate(count);
    if let Some(last) = page.entries.last() {
        page.progress = last.after.clone();
        page.more = true;
    }
}

/// Reads what the bodies of these items are made of, in as few statements as possible.
///
/// # Errors
/// [`storage::Fault`] only.
pub(crate) fn materials<'tx>(
    tx: &Read<'tx>,
    grant: &Grant<'tx, right::ReadItems>,
    items: impl Iterator<Item = Uid>,
) -> storage::Result<HashMap<Uid, Material>> {
    let ranges = ranges(items);
    let mut parsed: HashMap<Uid, Parsed> = tx.parsed(grant, &ranges)?.into_iter().collect();
    let stored = tx.contents(grant, &ranges, false)?;
    let joined = stored.into_iter().filter_map(|(uid, stored)| Some((uid, (parsed.remove(&uid)?, stored))));
    Ok(joined.collect())
}

/// UIDs in any order as ranges.
pub(crate) fn ranges(uids: impl Iterator<Item = Uid>) -> Vec<RangeInclusive<u32>> {
    let mut uids: Vec<u32> = uids.map(|uid| uid.0).collect();
    uids.sort_unstable();
    uids.dedup();
    let mut ranges: Vec<RangeInclusive<u32>> = Vec::new();
    for uid in uids {
        match ranges.last_mut() {
            Some(range) if range.end().checked_add(1) == Some(uid) => *range = *range.start()..=uid,
            _ => ranges.push(uid..=uid),
        }
    }
    ranges
}

/// The items of a page whose bodies are needed.
pub(crate) fn with_bodies(page: &Page) -> impl Iterator<Item = &Item> {
    page.entries.iter().filter_map(|entry| with_body(&entry.say))
}

/// The item that is told with its body.
pub(crate) fn with_body(say: &Say) -> Option<&Item> {
    match say {
        Say::Add(item) | Say::Change(item) | Say::Aged(item) => Some(item),
        Say::Flags(..) | Say::Delete(_) | Say::SoftDelete(_) => None,
    }
}

/// Counts the bytes of an answer.
#[derive(Debug, Default)]
pub(crate) struct Scale {
    bytes: usize,
}

impl Scale {
    /// Whether there is room for more.
    pub(crate) fn has_room(&self) -> bool {
        self.bytes < ANSWER_BYTES_MAX
    }

    pub(crate) fn put(&mut self, content: Option<&Content>) {
        self.bytes += content.map_or(0, Content::body_bytes) + ITEM_BYTES;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_read_together() {
        let uids = [5, 1, 2, 3, 9, 5].map(Uid);
        assert_eq!(ranges(uids.into_iter()), [1..=3, 5..=5, 9..=9]);
        assert!(ranges(std::iter::empty()).is_empty());
    }
}
