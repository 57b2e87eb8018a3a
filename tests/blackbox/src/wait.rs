//! Waiting for a condition, with a deadline.

use std::time::{Duration, Instant};

/// How long a test waits for what must happen at all. What must happen *soon* is measured instead.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long a request that is answered at once would take at most. One that is silent for so long waits.
pub(crate) const SILENCE: Duration = Duration::from_millis(300);

/// Asks again and again until there is an answer, and fails with `what` when patience ends.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "did not happen in {PATIENCE:?}: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
