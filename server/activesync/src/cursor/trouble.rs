//! A device that asks for the same answer again and again.
//!
//! A lost answer is nothing special: the next one is made anew. A device that chokes on an item comes back for ever,
//! and shows nothing that comes after it. So the answers get smaller until one item is left; that is sent without
//! its body, and at last not at all.

use activesync_wire::sync_key::SyncKey;
use vocabulary::Timestamp;

/// As many answers of one size are made before the next are smaller.
const TRIES_MAX: u8 = 3;
/// By what answers shrink.
const SHRINK: u16 = 8;
/// By what they grow again.
const GROW: u16 = 2;
/// The largest answer: MS-ASCMD R3458.
const WINDOW_MAX: u16 = 512;
/// A line that is bad for a while loses answers too: nothing is left out before the device has had so much time.
const PATIENCE_MS: i64 = 5 * 60_000;

/// How a device fares with the answer that it is to have next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// The key that it comes with.
    pub(crate) key: SyncKey,
    /// Most items of an answer.
    pub(crate) window: u16,
    /// How often an answer of this size was asked for again.
    pub(crate) tries: u8,
    /// When it asked again for the first time.
    pub(crate) since: Timestamp,
}

/// How an answer is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Care {
    /// As the device wishes.
    #[default]
    None,
    /// At most so many items.
    Few(u16),
    /// One item, without its body.
    Bare,
    /// Without the item that would be next.
    Without,
}

impl Care {
    /// Most items of the answer.
    pub(crate) fn window(self) -> usize {
        match self {
            Self::None => usize::MAX,
            Self::Few(window) => window.into(),
            Self::Bare | Self::Without => 1,
        }
    }
}

impl Trouble {
    /// After a request that asks again for the answer to `key`.
    pub(crate) fn again(before: Option<Self>, key: SyncKey, now: Timestamp) -> Self {
        let fresh = Self { key, window: WINDOW_MAX, tries: 0, since: now };
        let mut next = before.filter(|trouble| trouble.key == key).unwrap_or(fresh);
        next.tries = next.tries.saturating_add(1);
        if next.tries > TRIES_MAX && next.window > 1 {
            (next.window, next.tries) = ((next.window / SHRINK).max(1), 1);
        }
        next
    }

    /// After a request that shows that the answer has arrived: the next ones may be larger, by and by.
    pub(crate) fn arrived(self, key: SyncKey) -> Option<Self> {
        let window = self.window.saturating_mul(GROW);
        (window < WINDOW_MAX).then_some(Self { key, window, tries: 0, ..self })
    }

    /// How the next answer is made.
    pub(crate) fn care(self, now: Timestamp) -> Care {
        match (self.window, self.tries) {
            (WINDOW_MAX.., _) => Care::None,
            (1, tries) if tries > 2 * TRIES_MAX && now.0 - self.since.0 >= PATIENCE_MS => Care::Without,
            (1, tries) if tries > TRIES_MAX => Care::Bare,
            (window, _) => Care::Few(window),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(counter: u64) -> SyncKey {
        SyncKey { generation: 1, counter }
    }

    fn after(requests: u32, step_ms: i64) -> (Trouble, Care) {
        let mut now = Timestamp(0);
        let mut trouble = None;
        for _ in 0..requests {
            trouble = Some(Trouble::again(trouble, key(2), now));
            now.0 += step_ms;
        }
        let trouble = trouble.unwrap();
        (trouble, trouble.care(now))
    }

    #[test]
    fn answers_shrink_to_one_item_that_goes_without_its_body_and_then_not_at_all() {
        let care = |requests| after(requests, PATIENCE_MS).1;
        assert_eq!([1, 3].map(care), [Care::None; 2], "an answer or two are lost now and then");
        assert_eq!([4, 6, 7, 10].map(care), [Care::Few(64), Care::Few(64), Care::Few(8), Care::Few(1)]);
        assert_eq!([12, 13, 15, 16].map(care), [Care::Few(1), Care::Bare, Care::Bare, Care::Without]);
        assert_eq!(care(400), Care::Without);
    }

    #[test]
    fn a_bad_line_leaves_nothing_out() {
        assert_eq!(after(100, 1_000).1, Care::Bare);
    }

    #[test]
    fn what_arrives_lets_answers_grow_again() {
        let (trouble, _) = after(10, 1);
        let next = trouble.arrived(key(3)).unwrap();
        assert_eq!((next.window, next.key, next.tries), (2, key(3), 0));
        let windows: Vec<u16> =
            std::iter::successors(Some(next), |next| next.arrived(key(4))).map(|next| next.window).collect();
        assert_eq!(windows, [2, 4, 8, 16, 32, 64, 128, 256]);
        let (again, _) = after(9, 1);
        assert_eq!(Trouble::again(Some(again), key(9), Timestamp(5)).window, WINDOW_MAX, "another answer");
    }
}
