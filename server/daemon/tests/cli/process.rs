//! A server as a process, and waiting for it.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How long a condition may take to come true on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A process that is ended when the test is.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    pub(crate) fn terminate(&mut self) -> Option<i32> {
        self.signal("-TERM");
        eventually("the server ends after SIGTERM", || self.0.try_wait().unwrap()).code()
    }
}

/// Looks again until there is an answer, yielding the processor in between.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = started();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's deadline is real time")]
pub(crate) fn started() -> Instant {
    Instant::now()
}
