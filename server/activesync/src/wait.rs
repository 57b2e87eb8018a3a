//! Turns: requests of one device for one collection run one after the other, and a newer one ends
//! the wait of an older one. Across processes the state row's compare in the store does the same.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedMutexGuard, watch};
use vocabulary::{AccountId, CollectionId};

/// What a turn is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Subject {
    /// Sync of a collection.
    Collection(AccountId, CollectionId),
    /// The folder hierarchy.
    Hierarchy,
    /// Ping.
    Ping,
    /// The validation of certificates: of all devices of an account together.
    Certificates,
}

type Key = (AccountId, String, Subject);

/// Above so many slots those that nobody uses are swept.
const SLOTS_KEPT: usize = 4096;

#[derive(Default)]
pub(crate) struct Turns {
    slots: Mutex<HashMap<Key, Arc<Slot>>>,
    /// At how many slots the unused ones are forgotten next.
    sweep_at: AtomicUsize,
}

#[derive(Default)]
struct Slot {
    turn: Arc<tokio::sync::Mutex<()>>,
    newest: watch::Sender<u64>,
}

/// The right to work on some subjects, until it is dropped.
pub(crate) struct Turn {
    tickets: Vec<Ticket>,
    held: Vec<OwnedMutexGuard<()>>,
}

struct Ticket {
    slot: Arc<Slot>,
    newest: watch::Receiver<u64>,
    number: u64,
}

impl Turns {
    /// Waits for the turn on all of the subjects. Who waits inside an older turn on any of them is
    /// told to end.
    pub(crate) async fn take(&self, account: AccountId, device: &str, mut subjects: Vec<Subject>) -> Turn {
        // Always in the same order, so that two requests never wait for each other.
        subjects.sort_unstable();
        subjects.dedup();
        let tickets: Vec<Ticket> = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            let sweep_at = self.sweep_at.load(Ordering::Relaxed).max(SLOTS_KEPT);
            if slots.len() >= sweep_at {
                slots.retain(|_, slot| Arc::strong_count(slot) > 1);
                self.sweep_at.store(slots.len().saturating_mul(2), Ordering::Relaxed);
            }
            let ticket = |subject| ticket(slots.entry((account, device.to_owned(), subject)).or_default());
            subjects.into_iter().map(ticket).collect()
        };
        let mut turn = Turn { tickets, held: Vec::new() };
        for ticket in &turn.tickets {
            turn.held.push(Arc::clone(&ticket.slot.turn).lock_owned().await);
        }
        turn
    }
}

fn ticket(slot: &mut Arc<Slot>) -> Ticket {
    let mut number = 0;
    slot.newest.send_modify(|newest| {
        *newest += 1;
        number = *newest;
    });
    Ticket { slot: Arc::clone(slot), newest: slot.newest.subscribe(), number }
}

impl Turn {
    /// Resolves when a newer request wants one of the subjects.
    pub(crate) async fn superseded(&mut self) {
        if self.tickets.is_empty() {
            return std::future::pending().await;
        }
        let waits = self.tickets.iter_mut().map(|ticket| {
            let number = ticket.number;
            let newer = ticket.newest.wait_for(move |newest| *newest > number);
            Box::pin(async move { drop(newer.await) })
        });
        futures::future::select_all(waits).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox() -> Vec<Subject> {
        vec![Subject::Collection(AccountId(1), CollectionId(1))]
    }

    #[tokio::test]
    async fn a_newer_request_ends_the_older_wait_and_then_has_its_turn() {
        let turns = Arc::new(Turns::default());
        let mut older = turns.take(AccountId(1), "phone", inbox()).await;
        let newer = {
            let turns = Arc::clone(&turns);
            async move { turns.take(AccountId(1), "phone", inbox()).await }
        };
        let waiting = async {
            older.superseded().await;
            drop(older);
        };
        let (mut newer, ()) = tokio::join!(newer, waiting);
        let idle = tokio::time::timeout(std::time::Duration::from_millis(1), newer.superseded()).await;
        assert!(idle.is_err(), "the newest is not ended");
    }

    #[tokio::test]
    async fn other_devices_and_folders_do_not_wait() {
        let turns = Turns::default();
        let _one = turns.take(AccountId(1), "phone", inbox()).await;
        let _two = turns.take(AccountId(1), "tablet", inbox()).await;
        let _three = turns.take(AccountId(1), "phone", vec![Subject::Hierarchy, Subject::Ping]).await;
    }
}
