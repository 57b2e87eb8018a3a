//! Sets of small numbers as bits.

/// A set of numbers from 0 to 63.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mask(u64);

impl Mask {
    pub(super) fn of(numbers: impl IntoIterator<Item = u32>) -> Self {
        Self(
            numbers
                .into_iter()
                .filter(|number| *number < u64::BITS)
                .fold(0, |bits, number| bits | 1 << number),
        )
    }

    /// All numbers below `end`.
    pub(super) fn below(end: u32) -> Self {
        Self(1_u64.checked_shl(end).map_or(u64::MAX, |bit| bit - 1))
    }

    pub(super) fn contains(self, number: u32) -> bool {
        self.0.checked_shr(number).is_some_and(|bits| bits & 1 == 1)
    }

    /// Whether it has a number that is not below `begin`.
    pub(super) fn reaches(self, begin: u32) -> bool {
        self.0.checked_shr(begin).is_some_and(|bits| bits != 0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// The `index`-th smallest number.
    pub(super) fn nth(self, index: u32) -> Option<u32> {
        self.iter().nth(usize::try_from(index).ok()?)
    }

    /// The numbers, smallest first.
    pub(super) fn iter(self) -> impl Iterator<Item = u32> {
        let mut bits = self.0;
        std::iter::from_fn(move || {
            let number = (bits != 0).then(|| bits.trailing_zeros());
            bits &= bits.wrapping_sub(1);
            number
        })
    }
}
