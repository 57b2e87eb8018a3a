//! Moments as people write them, and the clock of `demo --now`.

use anyhow::Context as _;
use chrono::{DateTime, NaiveDateTime, SecondsFormat};
use std::time::Instant;
use storage::Clock;
use vocabulary::Timestamp;

/// A clock that stands at `start` now and runs on.
#[expect(clippy::disallowed_methods, reason = "the time since the start, which moves a clock of our own")]
pub(crate) fn starting_at(start: Timestamp) -> Clock {
    let since = Instant::now();
    Clock::new(move || {
        let elapsed_ms = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
        Timestamp(start.0.saturating_add(elapsed_ms))
    })
}

/// Reads `2026-11-23T09:00`, with or without seconds or a zone; without one it is UTC.
pub(crate) fn parse(text: &str) -> anyhow::Result<Timestamp> {
    if let Ok(zoned) = DateTime::parse_from_rfc3339(text) {
        return Ok(Timestamp(zoned.timestamp_millis()));
    }
    let plain = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"))
        .context("a moment is written 2026-11-23T09:00 (UTC) or 2026-11-23T09:00:00+01:00")?;
    Ok(Timestamp(plain.and_utc().timestamp_millis()))
}

/// RFC 3339 in UTC, to the second.
pub(crate) fn rfc_3339(moment: Timestamp) -> String {
    DateTime::from_timestamp_millis(moment.0)
        .map(|moment| moment.to_rfc3339_opts(SecondsFormat::Secs, true))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_every_form() {
        for text in
            ["2026-11-23T09:00", "2026-11-23T09:00:00", "2026-11-23T09:00:00Z", "2026-11-23T10:00:00+01:00"]
        {
            assert_eq!(parse(text).unwrap(), Timestamp(1_795_424_400_000), "{text}");
        }
        assert!(parse("tomorrow").is_err());
        assert_eq!(rfc_3339(Timestamp(1_795_424_400_000)), "2026-11-23T09:00:00Z");
    }

    #[test]
    fn a_named_moment_runs_on() {
        let clock = starting_at(Timestamp(1_000));
        let first = clock.now();
        assert!(first >= Timestamp(1_000));
        while clock.now() == first {
            std::hint::spin_loop();
        }
        assert!(clock.now() > first && clock.now() < Timestamp(3_600_000));
    }
}
