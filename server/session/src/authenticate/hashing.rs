//! argon2, off the threads that serve connections and only so often at a time.

use super::Denied;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use storage::{Error, Fault, PasswordKeys, Refusal};
use tokio::sync::Semaphore;

/// Most logins that wait for a core. At some 30 ms each the last waits for half a minute on one
/// core; a client has given up by then.
const WAITING_MAX: usize = 1_000;

/// As many computations at a time as there are cores.
#[derive(Debug)]
pub(crate) struct Hashing {
    cores: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    computed: Arc<AtomicU64>,
}

impl Hashing {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            computed: Arc::default(),
        }
    }

    pub(crate) fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// Which of the keys the password fits.
    pub(crate) async fn verify(
        &self,
        keys: Vec<PasswordKeys>,
        password: &str,
    ) -> Result<Option<usize>, Denied> {
        let closed = |_| Error::from(Fault::Closed);
        let Ok(place) = Arc::clone(&self.waiting).try_acquire_owned() else {
            return Err(Denied::Fault(Refusal::Busy.into()));
        };
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(closed)?;
        let (password, computed) = (password.to_owned(), Arc::clone(&self.computed));
        let work = move || {
            // Held in here, so that a client that goes away does not start a second computation
            // while its first one still runs.
            let _held = (place, core);
            keys.iter().position(|keys| {
                computed.fetch_add(1, Ordering::Relaxed);
                keys.verify(&password)
            })
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Denied::Fault(Fault::Panic(error.to_string()).into()))
    }
}
