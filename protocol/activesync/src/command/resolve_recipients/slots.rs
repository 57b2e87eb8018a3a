//! MergedFreeBusy: MS-ASCMD section 2.2.3.107.

use calendar::schedule::{BusyKind, BusyPeriod};
use std::ops::Range;
use vocabulary::Timestamp;

/// Length of a slot, in milliseconds: MS-ASCMD R3319.
pub const SLOT_MS: i64 = 30 * 60_000;

/// One digit for each half hour from the start on, the last perhaps shorter (R3329, R3330): 0 free, 1 tentative, 2 busy,
/// 3 away. Of what touches a slot the highest counts (R3327). The periods may come in any order and overlap; the caller
/// bounds the range.
#[must_use]
pub fn merged_free_busy(range: &Range<Timestamp>, periods: &[BusyPeriod]) -> String {
    let (start, end) = (range.start.0, range.end.0);
    let count =
        usize::try_from(end.saturating_sub(start).max(0)).unwrap_or_default().div_ceil(SLOT_MS as usize);
    let mut slots = vec![0_u8; count];
    for period in periods {
        let (from, until) = (period.range.start.0.max(start), period.range.end.0.min(end));
        if from >= until {
            continue;
        }
        let first = usize::try_from((from - start) / SLOT_MS).unwrap_or(usize::MAX);
        let after = usize::try_from(until - start).unwrap_or_default().div_ceil(SLOT_MS as usize);
        for slot in slots.iter_mut().take(after).skip(first) {
            *slot = (*slot).max(digit(period.kind));
        }
    }
    slots.into_iter().map(|digit| char::from(b'0' + digit)).collect()
}

/// MS-ASCMD R3321 to R3324.
fn digit(kind: BusyKind) -> u8 {
    match kind {
        BusyKind::Tentative => 1,
        BusyKind::Busy => 2,
        BusyKind::Unavailable => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: i64 = 60_000;

    fn period(from: i64, until: i64, kind: BusyKind) -> BusyPeriod {
        BusyPeriod { range: Timestamp(from)..Timestamp(until), kind }
    }

    // MS-ASCMD R3319 R3321 R3330 R3332 R3334 R3335 R3336
    #[test]
    fn the_examples_of_the_specification_hold() {
        let noon = 12 * 60 * MINUTE;
        let away = [period(noon, noon + 5 * MINUTE, BusyKind::Unavailable)];
        let asked = |from: i64, until: i64| merged_free_busy(&(Timestamp(from)..Timestamp(until)), &away);
        assert_eq!(asked(noon, noon + 60 * MINUTE), "30");
        assert_eq!(asked(noon + 5 * MINUTE - 1_000, noon + 60 * MINUTE), "30");
        assert_eq!(asked(noon + 5 * MINUTE, noon + 60 * MINUTE), "00");
        let one = noon + 60 * MINUTE;
        assert_eq!(asked(one, one + 30 * MINUTE), "0");
        assert_eq!(asked(one - 1_000, one + 30 * MINUTE), "00");
        assert_eq!(asked(one, one + 30 * MINUTE + 1_000), "00");
    }

    proptest! {
        // MS-ASCMD R3319 R3320 R3330
        #[test]
        fn each_slot_is_the_highest_of_what_overlaps_it(
            start in -2_000_i64..2_000,
            length in 1_i64..600,
            found in prop::collection::vec((-3_000_i64..4_000, 0_i64..400, 0_usize..3), 0..12),
        ) {
            let kinds = [BusyKind::Tentative, BusyKind::Busy, BusyKind::Unavailable];
            let periods: Vec<BusyPeriod> = found
                .iter()
                .map(|(from, length, kind)| period(from * MINUTE, (from + length) * MINUTE, kinds[*kind]))
                .collect();
            let end = start + length;
            let range = Timestamp(start * MINUTE)..Timestamp(end * MINUTE);
            let merged = merged_free_busy(&range, &periods);
            let mut expected = String::new();
            let mut slot = start;
            while slot < end {
                // Minute by minute: everything here begins and ends with a minute.
                let minutes = slot..(slot + 30).min(end);
                let highest = minutes
                    .flat_map(|minute| found.iter().filter(move |(from, length, _)| (*from..from + length).contains(&minute)))
                    .map(|(_, _, kind)| kind + 1)
                    .max();
                expected.push_str(&highest.unwrap_or(0).to_string());
                slot += 30;
            }
            prop_assert_eq!(merged, expected);
        }
    }
}
