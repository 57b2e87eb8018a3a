//! Waking readers: a level per account, not a queue; it cannot overflow.
//!
//! A wake-up says only 'account 7 is now at 4182'. Every reader, also the one who made the change,
//! learns what changed by reading the log from its own cursor.

mod house;
pub(crate) mod postgres;
pub(crate) mod sqlite;

use house::Listeners;
pub use house::{HouseWakes, Whose};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{mpsc, watch};
use vocabulary::{AccountId, ModSeq};

/// The levels of this process, and the way to other processes.
#[derive(Default)]
pub(crate) struct Hub {
    levels: Mutex<HashMap<AccountId, watch::Sender<ModSeq>>>,
    /// Set on PostgreSQL: changes of this process are told to the others.
    outward: Mutex<Option<mpsc::UnboundedSender<(AccountId, ModSeq)>>>,
    /// Who waits for changes of all accounts.
    listeners: Listeners,
}

impl Hub {
    /// After a commit of this process.
    pub(crate) fn publish(&self, stamps: &[(AccountId, ModSeq)]) {
        self.raise(stamps);
        let outward = self.outward.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(outward) = outward.as_ref() {
            for stamp in stamps {
                // A closed channel means that the listener task ended with its runtime.
                let _ = outward.send(*stamp);
            }
        }
    }

    /// From anywhere: raises the levels that somebody watches.
    pub(crate) fn raise(&self, stamps: &[(AccountId, ModSeq)]) {
        if stamps.is_empty() {
            return;
        }
        self.listeners.note(stamps.iter().map(|(account, _)| *account));
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        for (account, modseq) in stamps {
            let Some(level) = levels.get(account) else { continue };
            if level.receiver_count() == 0 {
                levels.remove(account);
                continue;
            }
            level.send_if_modified(|known| {
                let rises = *modseq > *known;
                if rises {
                    *known = *modseq;
                }
                // Zero: rights or passwords changed, look again.
                rises || *modseq == ModSeq::ZERO
            });
        }
    }

    /// Wakes everybody: another process wrote, or could not be heard for a while, and whose accounts
    /// have changed is not known.
    pub(crate) fn raise_all(&self) {
        self.listeners.note_anybody();
        let levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        for level in levels.values() {
            level.send_modify(|_| {});
        }
    }

    pub(crate) fn subscribe(&self, accounts: &[AccountId]) -> Wakes {
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        let receivers = accounts
            .iter()
            .map(|account| {
                levels.entry(*account).or_insert_with(|| watch::Sender::new(ModSeq::ZERO)).subscribe()
            })
            .collect();
        Wakes { receivers }
    }

    pub(crate) fn listen(&self) -> HouseWakes {
        self.listeners.listen()
    }

    pub(crate) fn set_outward(&self, sender: mpsc::UnboundedSender<(AccountId, ModSeq)>) {
        *self.outward.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
    }
}

/// What a waiting reader holds. Subscribe first, then look, then sleep: no gap in between.
#[derive(Debug)]
pub struct Wakes {
    receivers: Vec<watch::Receiver<ModSeq>>,
}

impl Wakes {
    /// Waits until any of the accounts has changed since the last call (or since subscribing).
    pub async fn any(&mut self) {
        match self.receivers.as_mut_slice() {
            [] => std::future::pending().await,
            [one] => changed(one).await,
            many => {
                let waits = many.iter_mut().map(|receiver| Box::pin(changed(receiver)));
                futures::future::select_all(waits).await;
            }
        }
    }
}

async fn changed(receiver: &mut watch::Receiver<ModSeq>) {
    if receiver.changed().await.is_err() {
        // The store was closed; nothing will ever change again.
        std::future::pending::<()>().await;
    }
}
