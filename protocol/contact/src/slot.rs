//! Which of several lines with one role is the first, the second, and which are not shown.
//!
//! The view has three e-mail addresses, and a card may have none or ten. Lines fill the places of their role
//! in the order of preference and of the document. Where that would not do (the second address without the
//! first; the first of ten cleared) a line is pinned to its place by [`PIN`].

use content_line::Line;

use crate::role::Role;
use crate::types::{Types, preference};

/// The parameter that pins a line to the place of that number, counted from 1; 0 pins it to none.
pub(crate) const PIN: &str = "X-KONTOR-SLOT";

/// A line that may fill a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate<L> {
    /// The line.
    pub(crate) line: L,
    /// Lower comes first.
    pub(crate) rank: u16,
    /// Where it is pinned.
    pub(crate) pin: Option<usize>,
}

/// The rank of lines that have their role only for want of a better one is worse by this.
const GUESS: u16 = 1_000;

impl Candidate<usize> {
    pub(crate) fn new(index: usize, line: &Line<'_>, role: Role, types: &Types) -> Self {
        let guess = if role.is_guess(types) { GUESS } else { 0 };
        let pin = line.parameter_value(PIN).and_then(|value| value.parse().ok());
        Self { line: index, rank: preference(line, types) + guess, pin }
    }
}

/// The line in each of `slots` places.
pub(crate) fn assign<L: Copy>(candidates: &[Candidate<L>], slots: usize) -> Vec<Option<L>> {
    let mut order: Vec<&Candidate<L>> = candidates.iter().collect();
    order.sort_by_key(|candidate| candidate.rank);
    let mut places = vec![None; slots];
    let mut loose = Vec::new();
    for candidate in order {
        match candidate.pin {
            Some(0) => {}
            Some(pin) => match places.get_mut(pin - 1) {
                Some(place @ None) => *place = Some(candidate.line),
                _ => loose.push(candidate.line),
            },
            None => loose.push(candidate.line),
        }
    }
    let mut loose = loose.into_iter();
    for place in places.iter_mut().filter(|place| place.is_none()) {
        *place = loose.next();
    }
    places
}

/// Pins as few lines as it takes that each is where `target` says, and the others nowhere.
pub(crate) fn pin<L: Copy + PartialEq>(candidates: &mut [Candidate<L>], target: &[Option<L>]) {
    // Each round but the last pins one place's line, or all lines that have no place.
    for _ in 0..=target.len() + 1 {
        let assigned = assign(candidates, target.len());
        let wrong = assigned.iter().zip(target).position(|(is, should)| is != should);
        let Some(wrong) = wrong else { return };
        let line = target.get(wrong).copied().flatten().or(assigned.get(wrong).copied().flatten());
        let place = target.iter().position(|should| should.is_some() && *should == line);
        for candidate in candidates.iter_mut() {
            let placed = target.contains(&Some(candidate.line));
            match place {
                Some(place) if Some(candidate.line) == line => candidate.pin = Some(place + 1),
                None if !placed => candidate.pin = Some(0),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(line: u8, rank: u16, pin: Option<usize>) -> Candidate<u8> {
        Candidate { line, rank, pin }
    }

    #[test]
    fn the_preferred_comes_first_and_the_others_in_order() {
        let lines = [candidate(1, 101, None), candidate(2, 1, None), candidate(3, 101, None)];
        assert_eq!(assign(&lines, 2), [Some(2), Some(1)]);
        assert_eq!(assign(&lines, 4), [Some(2), Some(1), Some(3), None]);
    }

    #[test]
    fn pinned_lines_have_their_place() {
        let lines = [candidate(1, 101, Some(2)), candidate(2, 101, Some(0)), candidate(3, 101, None)];
        assert_eq!(assign(&lines, 3), [Some(3), Some(1), None]);
        // Of two with one pin the second takes what is free; a pin to no place is none.
        let lines = [candidate(1, 101, Some(1)), candidate(2, 101, Some(1)), candidate(3, 101, Some(9))];
        assert_eq!(assign(&lines, 3), [Some(1), Some(2), Some(3)]);
    }

    #[test]
    fn pinning_reaches_every_target() {
        // All ways to place three of four lines, or none of them, in three places.
        let choices = [None, Some(0), Some(1), Some(2), Some(3)];
        for a in choices {
            for b in choices {
                for c in choices {
                    let target = [a, b, c];
                    let twice = |x: Option<u8>| x.is_some() && target.iter().filter(|t| **t == x).count() > 1;
                    if target.into_iter().any(twice) {
                        continue;
                    }
                    let mut lines = [0, 1, 2, 3].map(|line| candidate(line, 101 - u16::from(line), None));
                    pin(&mut lines, &target);
                    assert_eq!(assign(&lines, 3), target);
                }
            }
        }
    }

    #[test]
    fn what_is_right_is_not_pinned() {
        let mut lines = [candidate(1, 101, None), candidate(2, 101, None)];
        pin(&mut lines, &[Some(1), Some(2), None]);
        assert!(lines.iter().all(|line| line.pin.is_none()));
        pin(&mut lines, &[None, Some(2), None]);
        assert_eq!(lines.map(|line| line.pin), [Some(0), Some(2)]);
    }
}
