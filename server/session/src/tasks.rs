//! Work that nobody awaits: started here only, asked to end and waited for at shutdown.

use std::future::Future;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The tasks of the server. Cheap to clone: all clones are one set.
#[derive(Debug, Clone)]
pub struct Tasks {
    tracker: TaskTracker,
    shutdown: CancellationToken,
    /// Where they run, also when the one who starts them is a thread of the HTTP server.
    runtime: Handle,
}

impl Tasks {
    /// An empty set, whose tasks run on the present runtime.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a default that panics outside of a runtime surprises")]
    pub fn new() -> Self {
        Self { tracker: TaskTracker::new(), shutdown: CancellationToken::new(), runtime: Handle::current() }
    }

    /// Starts a task. It should end soon after [`Tasks::requested`] resolves.
    pub fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tracker.spawn_on(task, &self.runtime);
    }

    /// Resolves when shutdown is asked for (at once, if it has been).
    pub async fn requested(&self) {
        self.shutdown.cancelled().await;
    }

    /// Whether shutdown has been asked for.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.shutdown.is_cancelled()
    }

    /// Asks every task to end.
    pub fn begin_shutdown(&self) {
        self.shutdown.cancel();
    }

    /// Waits until every task has ended. `false`: some had not after this time.
    pub async fn drained(&self, within: Duration) -> bool {
        self.tracker.close();
        tokio::time::timeout(within, self.tracker.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn shutdown_waits_for_a_task_that_ends_when_asked() {
        let tasks = Tasks::new();
        let (own, (ended, mut has_ended)) = (tasks.clone(), tokio::sync::oneshot::channel());
        tasks.spawn(async move {
            own.requested().await;
            let _ = ended.send(());
        });
        assert!(!tasks.drained(Duration::from_millis(1)).await);
        assert!(!tasks.is_requested());
        tasks.begin_shutdown();
        assert!(tasks.drained(LONG).await);
        assert!(tasks.is_requested());
        assert_eq!(has_ended.try_recv(), Ok(()));
    }

    #[tokio::test]
    async fn a_task_that_panics_does_not_hold_shutdown_up() {
        let tasks = Tasks::new();
        tasks.spawn(async { panic!("as a test") });
        assert!(tasks.drained(LONG).await);
    }
}
