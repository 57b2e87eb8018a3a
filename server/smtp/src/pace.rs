//! How long a message may take.

use std::time::Duration;
use tokio::time::Instant;

/// What a sender must bring each minute, on average: the worst mobile network brings 20 times as
/// much.
const BYTES_PER_MINUTE_MIN: u64 = 64 * 1024;

/// The time that a sender has for its message, from the first DATA or BDAT to the end. It holds
/// memory meanwhile, so a byte now and then is not enough.
#[derive(Debug)]
pub(crate) struct Pace {
    idle_timeout: Duration,
    next: Instant,
    last: Instant,
}

impl Pace {
    pub(crate) fn new(now: Instant, idle_timeout: Duration, message_bytes_max: u64) -> Self {
        let next = now + idle_timeout;
        Self { idle_timeout, next, last: next + time_for(message_bytes_max) }
    }

    /// Bytes came: they buy their time at the slowest rate, but no more silence than is allowed, and
    /// no more time than the largest message takes.
    pub(crate) fn received(&mut self, now: Instant, bytes: usize) {
        let bought = self.next + time_for(bytes as u64);
        self.next = bought.min(now + self.idle_timeout).min(self.last);
    }

    /// When it is over unless more comes.
    pub(crate) fn deadline(&self) -> Instant {
        self.next
    }
}

fn time_for(bytes: u64) -> Duration {
    Duration::from_millis(bytes.saturating_mul(60_000) / BYTES_PER_MINUTE_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(300);
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_byte_now_and_then_buys_no_time() {
        let start = session::steady_now();
        let mut pace = Pace::new(start, IDLE, 50 << 20);
        pace.received(start + Duration::from_secs(299), 1);
        assert!(pace.deadline() < start + Duration::from_secs(301));
    }

    #[test]
    fn a_slow_sender_has_its_time_and_a_quick_one_may_pause() {
        let start = session::steady_now();
        let mut pace = Pace::new(start, IDLE, 50 << 20);
        let mut now = start;
        for _ in 0..100 {
            now += MINUTE;
            assert!(now < pace.deadline());
            pace.received(now, 64 * 1024);
        }
        pace.received(now, 10 << 20);
        assert_eq!(pace.deadline(), now + IDLE);
    }

    #[test]
    fn a_message_without_end_ends() {
        let start = session::steady_now();
        let mut pace = Pace::new(start, IDLE, 64 * 1024);
        let mut now = start;
        while now < pace.deadline() {
            now += Duration::from_secs(1);
            pace.received(now, 1 << 20);
        }
        assert!(now <= start + IDLE + 2 * MINUTE);
    }
}
