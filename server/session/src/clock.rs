//! The one place that reads the computer's clock.

use std::time::{SystemTime, UNIX_EPOCH};
use storage::Clock;
use vocabulary::Timestamp;

/// The clock of the computer. Tests and the demo hand in another.
#[must_use]
pub fn system_clock() -> Clock {
    Clock::new(|| {
        #[expect(clippy::disallowed_methods, reason = "the clock that everybody else is handed")]
        let now = SystemTime::now();
        // A computer that believes to be before 1970 is treated as being there.
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    })
}

/// The moment on the clock that no time server changes, for deadlines within a connection.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a duration of network time, not a time of day")]
pub fn steady_now() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_computer_is_past_the_year_2025() {
        assert!(super::system_clock().now().seconds() > 1_735_689_600);
    }
}
