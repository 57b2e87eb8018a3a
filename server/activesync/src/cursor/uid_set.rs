//! Rows of a collection as ranges of UIDs: what one request adds has neighbouring UIDs.

use std::ops::RangeInclusive;
use vocabulary::Uid;

/// Most ranges of one set.
pub(crate) const RANGES_MAX: usize = 64;

/// A set of UIDs of bounded size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct UidSet {
    /// Ascending, with gaps between.
    ranges: Vec<RangeInclusive<u32>>,
}

impl UidSet {
    /// From ascending ranges; `None` if they are not.
    pub(super) fn of(ranges: Vec<RangeInclusive<u32>>) -> Option<Self> {
        let ascend = ranges.windows(2).all(|pair| match pair {
            [one, two] => one.end() < two.start(),
            _ => false,
        });
        let whole = ranges.iter().all(|range| !range.is_empty());
        (ascend && whole && ranges.len() <= RANGES_MAX).then_some(Self { ranges })
    }

    pub(crate) fn ranges(&self) -> &[RangeInclusive<u32>] {
        &self.ranges
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The highest of them.
    pub(crate) fn last(&self) -> Option<Uid> {
        self.ranges.last().map(|range| Uid(*range.end()))
    }

    pub(crate) fn contains(&self, uid: Uid) -> bool {
        self.place(uid).is_some()
    }

    fn place(&self, uid: Uid) -> Option<usize> {
        self.ranges.iter().position(|range| range.contains(&uid.0))
    }

    /// `false`: there is no room for another range.
    pub(crate) fn insert(&mut self, uid: Uid) -> bool {
        if self.contains(uid) {
            return true;
        }
        let Uid(uid) = uid;
        let (mut start, mut end) = (uid, uid);
        let mut at = self.ranges.partition_point(|range| *range.end() < uid);
        if let Some(after) = self.ranges.get(at)
            && Some(*after.start()) == uid.checked_add(1)
        {
            end = *self.ranges.remove(at).end();
        }
        if let Some(before) = at.checked_sub(1)
            && let Some(range) = self.ranges.get(before)
            && range.end().checked_add(1) == Some(uid)
        {
            start = *self.ranges.remove(before).start();
            at = before;
        }
        if self.ranges.len() >= RANGES_MAX {
            return false;
        }
        self.ranges.insert(at, start..=end);
        true
    }

    /// Takes one out. If that would make too many ranges, its neighbours go with it.
    pub(crate) fn remove(&mut self, uid: Uid) {
        let Some(at) = self.place(uid) else { return };
        let range = self.ranges.remove(at);
        let halves = [
            (range.start() < &uid.0).then(|| *range.start()..=uid.0.saturating_sub(1)),
            (range.end() > &uid.0).then(|| uid.0.saturating_add(1)..=*range.end()),
        ];
        for half in halves.into_iter().flatten().rev() {
            if self.ranges.len() < RANGES_MAX {
                self.ranges.insert(at, half);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set(steps in prop::collection::vec((1_u32..60, any::<bool>()), 0..200)) {
            let (mut set, mut model) = (UidSet::default(), BTreeSet::new());
            for (uid, insert) in steps {
                if insert {
                    prop_assert!(set.insert(Uid(uid)));
                    model.insert(uid);
                } else {
                    set.remove(Uid(uid));
                    model.remove(&uid);
                }
                prop_assert_eq!(UidSet::of(set.ranges.clone()), Some(set.clone()));
                let listed: Vec<u32> = set.ranges().iter().cloned().flatten().collect();
                prop_assert_eq!(&listed, &model.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(set.last().map(|uid| uid.0), model.last().copied());
                prop_assert_eq!(set.contains(Uid(uid)), insert);
            }
        }
    }

    #[test]
    fn it_stays_small() {
        let mut set = UidSet::default();
        let one_apart = (1..).step_by(2).take(RANGES_MAX).map(Uid);
        assert!(one_apart.clone().all(|uid| set.insert(uid)));
        assert!(!set.insert(Uid(1_000)), "no room");
        assert!(set.insert(Uid(2)), "what joins two makes room");
        assert!(set.insert(Uid(1_000)));
        set.remove(Uid(2));
        assert!(set.ranges().len() <= RANGES_MAX);
        assert!(!set.contains(Uid(2)));
        let reversed = vec![5..=6, 1..=2];
        assert_eq!(UidSet::of(reversed), None);
        let touching_end = vec![1..=2, 2..=3];
        assert_eq!(UidSet::of(touching_end), None);
    }

    #[test]
    fn the_highest_uid_has_no_neighbour() {
        let mut set = UidSet::default();
        assert!(set.insert(Uid(u32::MAX)) && set.insert(Uid(u32::MAX - 1)));
        set.remove(Uid(u32::MAX));
        assert_eq!(set.last(), Some(Uid(u32::MAX - 1)));
    }
}
