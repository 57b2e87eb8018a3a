//! Sequence sets: RFC 9051 section 4.1.1.

use crate::{Input, Output, SyntaxError};

/// Whether numbers are message sequence numbers or UIDs (RFC 9051 section 6.4.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Numbering {
    /// Places in the session's view of the mailbox, from 1.
    Sequence,
    /// Unique identifiers.
    Uid,
}

/// A set of numbers as the client wrote it: not expanded, not sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SequenceSet {
    /// `$`: what the last SEARCH saved (RFC 9051 section 6.4.4).
    Saved,
    /// Ranges.
    Ranges(Ranges),
}

/// The members of a [`SequenceSet`], at most [`Ranges::COUNT_MAX`], each a number or a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranges(Vec<(u32, u32)>);

/// `*`, the largest number in use. 0 is no message number, so it is free to stand for this.
const STAR: u32 = 0;

impl Ranges {
    /// Most members: a client that names every second message of a mailbox of 200,000.
    pub const COUNT_MAX: usize = 100_000;
}

impl SequenceSet {
    /// ```abnf
    /// sequence-set = (seq-number / seq-range) ["," sequence-set] / "$"
    /// ```
    pub(crate) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        if input.take(b'$') {
            return Ok(Self::Saved);
        }
        let mut ranges = Vec::new();
        loop {
            let from = seq_number(input)?;
            let to = if input.take(b':') { seq_number(input)? } else { from };
            if ranges.len() == Ranges::COUNT_MAX {
                return Err(input.error("fewer members of the sequence set"));
            }
            ranges.push((from, to));
            if !input.take(b',') {
                return Ok(Self::Ranges(Ranges(ranges)));
            }
        }
    }

    /// Reads a set that is all of `text`; for tests and for what was written down before.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut input = Input::new(text.as_bytes(), crate::NameEncoding::Utf8);
        let set = Self::parse(&mut input).ok()?;
        (input.at() == text.len()).then_some(set)
    }

    /// Whether this is `$`.
    #[must_use]
    pub fn is_saved(&self) -> bool {
        *self == Self::Saved
    }

    /// Whether `*` occurs.
    #[must_use]
    pub fn has_star(&self) -> bool {
        self.members().iter().any(|&(from, to)| from == STAR || to == STAR)
    }

    /// The largest number written, `*` aside: above the number of messages it makes a set of sequence
    /// numbers invalid (RFC 9051 section 9, `seq-number`).
    #[must_use]
    pub fn largest_written(&self) -> Option<u32> {
        self.members().iter().map(|&(from, to)| from.max(to)).filter(|&number| number != STAR).max()
    }

    /// The numbers meant when `largest` is the largest number in use: sorted ranges without overlap.
    ///
    /// `n:*` with `n` above `largest` includes `largest` (RFC 9051 section 9, `seq-range`). When nothing
    /// is in use (`largest` is 0), what has a `*` is empty. `$` is empty here: ask the session.
    #[must_use]
    pub fn resolve(&self, largest: u32) -> Resolved {
        let star = |number| if number == STAR { largest } else { number };
        let mut ranges: Vec<(u32, u32)> = self
            .members()
            .iter()
            .map(|&(from, to)| (star(from), star(to)))
            .filter(|&(from, to)| from != 0 && to != 0)
            .map(|(from, to)| (from.min(to), from.max(to)))
            .collect();
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match merged.last_mut() {
                Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Resolved(merged)
    }

    fn members(&self) -> &[(u32, u32)] {
        match self {
            Self::Saved => &[],
            Self::Ranges(ranges) => &ranges.0,
        }
    }

    /// Writes the set as it was read.
    pub fn write(&self, out: &mut Output) {
        if self.is_saved() {
            out.raw(b"$");
        }
        let number = |out: &mut Output, number| match number {
            STAR => out.raw(b"*"),
            number => out.number(number),
        };
        for (place, &(from, to)) in self.members().iter().enumerate() {
            if place > 0 {
                out.raw(b",");
            }
            number(out, from);
            if from != to {
                out.raw(b":");
                number(out, to);
            }
        }
    }
}

fn seq_number(input: &mut Input<'_>) -> Result<u32, SyntaxError> {
    if input.take(b'*') {
        return Ok(STAR);
    }
    match input.peek() {
        Some(b'0'..=b'9') => input.nonzero(),
        _ => Err(input.error("a sequence set")),
    }
}

/// Sorted ranges of numbers that do not touch each other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolved(Vec<(u32, u32)>);

impl Resolved {
    /// Made of numbers that rise.
    pub fn from_ascending(numbers: impl IntoIterator<Item = u32>) -> Self {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some(last) if number <= last.1 => {}
                Some(last) if number - last.1 == 1 => last.1 = number,
                _ => ranges.push((number, number)),
            }
        }
        Self(ranges)
    }

    /// First and last number of each range, in rising order.
    #[must_use]
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// Whether there is no number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a number belongs to it; logarithmic.
    #[must_use]
    pub fn contains(&self, number: u32) -> bool {
        let after = self.0.partition_point(|&(from, _)| from <= number);
        after.checked_sub(1).and_then(|place| self.0.get(place)).is_some_and(|&(_, to)| number <= to)
    }

    /// How many numbers there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|&(from, to)| u64::from(to - from) + 1).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn resolved(text: &str, largest: u32) -> Vec<(u32, u32)> {
        SequenceSet::from_text(text).unwrap().resolve(largest).ranges().to_vec()
    }

    #[test]
    fn a_set_is_resolved_without_being_expanded() {
        assert_eq!(resolved("2,4:7,9,12:*", 15), [(2, 2), (4, 7), (9, 9), (12, 15)]);
        assert_eq!(resolved("*:4,5:7", 10), [(4, 10)]);
        assert_eq!(resolved("4:2", 10), [(2, 4)]);
        assert_eq!(resolved("1:4294967295", 10), [(1, u32::MAX)]);
        assert_eq!(resolved("1,2,3,5", 10), [(1, 3), (5, 5)]);
        assert_eq!(resolved("4294967295,4294967294", 10), [(u32::MAX - 1, u32::MAX)]);
    }

    #[test]
    fn star_is_the_last_message_even_when_the_range_begins_above_it() {
        assert_eq!(resolved("3291:*", 100), [(100, 3291)]);
        assert!(SequenceSet::from_text("3291:*").unwrap().resolve(100).contains(100));
        assert_eq!(resolved("*", 100), [(100, 100)]);
        assert_eq!(resolved("*:*", 100), [(100, 100)]);
    }

    #[test]
    fn star_in_an_empty_mailbox_is_nothing() {
        assert!(resolved("*", 0).is_empty());
        assert!(resolved("1:*", 0).is_empty());
        assert_eq!(resolved("7,1:*", 0), [(7, 7)]);
    }

    #[test]
    fn what_is_no_set_is_refused_where_it_stops() {
        for (text, at) in
            [("", 0), ("0", 0), ("1,", 2), ("1:", 2), ("1:0", 2), (",1", 0), ("a", 0), ("1,,2", 2)]
        {
            let mut input = Input::new(text.as_bytes(), crate::NameEncoding::Utf8);
            assert_eq!(SequenceSet::parse(&mut input).map_err(|e| e.at), Err(at), "{text}");
        }
        assert!(SequenceSet::from_text("$").unwrap().is_saved());
        assert_eq!(SequenceSet::from_text("4294967296"), None);
        assert_eq!(SequenceSet::from_text("1:9,*").unwrap().largest_written(), Some(9));
        assert_eq!(SequenceSet::from_text("*").unwrap().largest_written(), None);
    }

    #[test]
    fn the_number_of_members_is_bounded() {
        let text = |count: usize| vec!["1"; count].join(",");
        assert!(SequenceSet::from_text(&text(Ranges::COUNT_MAX)).is_some());
        assert!(SequenceSet::from_text(&text(Ranges::COUNT_MAX + 1)).is_none());
    }

    fn member() -> impl Strategy<Value = (u32, u32)> {
        (0..60u32, 0..60u32)
    }

    proptest! {
        #[test]
        fn a_set_reads_back(members in proptest::collection::vec(member(), 1..20)) {
            let set = SequenceSet::Ranges(Ranges(members));
            let mut out = Output::default();
            set.write(&mut out);
            let text = String::from_utf8(out.take()).unwrap();
            prop_assert_eq!(SequenceSet::from_text(&text), Some(set));
        }

        #[test]
        fn resolving_means_what_expanding_means(members in proptest::collection::vec(member(), 1..20), largest in 1..50u32) {
            let resolved = SequenceSet::Ranges(Ranges(members.clone())).resolve(largest);
            let star = |number: u32| if number == 0 { largest } else { number };
            for number in 1..70 {
                let expected = members.iter().any(|&(a, b)| {
                    let (a, b) = (star(a), star(b));
                    (a.min(b)..=a.max(b)).contains(&number)
                });
                prop_assert_eq!(resolved.contains(number), expected);
            }
            let all = (1..70).filter(|&number| resolved.contains(number));
            prop_assert_eq!(Resolved::from_ascending(all), resolved);
        }
    }
}
