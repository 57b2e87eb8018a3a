//! DTSTAMP: what orders the messages of one sender.

use vocabulary::Timestamp;

/// A DTSTAMP so far ahead is that of a broken clock, and does not count.
const AHEAD_MAX_MS: i64 = 86_400_000;
const SECOND_MS: i64 = 1_000;

/// The DTSTAMP of something new: now, but later than the last one. DTSTAMP knows whole seconds only, and of two
/// messages with the same one the second would be taken for the first (RFC 5546 section 2.1.5).
pub(super) fn next(last: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let now = Timestamp::from_seconds(now.seconds());
    match last {
        Some(last) if is_plausible(last, now) => now.max(Timestamp(last.0 + SECOND_MS)),
        _ => now,
    }
}

/// Whether a clock that is right could have shown it.
pub(super) fn is_plausible(stamp: Timestamp, now: Timestamp) -> bool {
    stamp.0 <= now.0.saturating_add(AHEAD_MAX_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stamp_is_later_than_the_last() {
        let now = Timestamp(1_000_500);
        assert_eq!(next(None, now), Timestamp(1_000_000));
        assert_eq!(next(Some(Timestamp(990_000)), now), Timestamp(1_000_000));
        assert_eq!(next(Some(Timestamp(1_000_000)), now), Timestamp(1_001_000));
        assert_eq!(next(Some(Timestamp(5_000_000)), now), Timestamp(5_001_000));
        assert_eq!(next(Some(Timestamp(1_000_000 + 2 * AHEAD_MAX_MS)), now), Timestamp(1_000_000));
    }
}
