//! How much the accounts have left to retention since they were last swept: noted in memory, by the
//! process that wrote. What is forgotten at its end, the regular sweep finds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use vocabulary::AccountId;

/// An account is to be swept when it left more than this part of its quota to retention.
const QUOTA_PART: i64 = 10;

/// What one transaction left to retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retained {
    pub(crate) account: AccountId,
    pub(crate) bytes: i64,
    pub(crate) quota_bytes: i64,
}

/// The notes of this process.
#[derive(Debug, Default)]
pub(crate) struct Pressure {
    notes: Mutex<HashMap<AccountId, Retained>>,
    risen: Notify,
}

impl Pressure {
    /// After the commit.
    pub(crate) fn note(&self, retained: &[Retained]) {
        if retained.is_empty() {
            return;
        }
        let mut notes = self.notes();
        for new in retained {
            let note = notes.entry(new.account).or_insert(Retained { bytes: 0, ..*new });
            note.bytes = note.bytes.saturating_add(new.bytes);
            note.quota_bytes = new.quota_bytes;
            if presses(note) {
                self.risen.notify_one();
            }
        }
    }

    /// The account is being swept.
    pub(crate) fn forget(&self, account: AccountId) {
        self.notes().remove(&account);
    }

    /// Waits for accounts that are to be swept. Who gives up waiting misses none.
    pub(crate) async fn accounts(&self) -> Vec<AccountId> {
        loop {
            let pressing: Vec<_> = self.notes().values().filter(|note| presses(note)).copied().collect();
            if !pressing.is_empty() {
                return pressing.into_iter().map(|note| note.account).collect();
            }
            self.risen.notified().await;
        }
    }

    fn notes(&self) -> MutexGuard<'_, HashMap<AccountId, Retained>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn presses(note: &Retained) -> bool {
    note.bytes > note.quota_bytes / QUOTA_PART
}

#[cfg(test)]
mod tests {
    use super::{AccountId, Pressure, Retained};
    use futures::FutureExt;

    #[test]
    fn an_account_is_to_be_swept_above_a_tenth_of_its_quota_and_until_it_is_swept() {
        let pressure = Pressure::default();
        let note = |account, bytes| {
            pressure.note(&[Retained { account: AccountId(account), bytes, quota_bytes: 1_000 }]);
        };
        note(1, 100);
        note(2, 60);
        assert_eq!(pressure.accounts().now_or_never(), None);
        note(2, 41);
        assert_eq!(pressure.accounts().now_or_never(), Some(vec![AccountId(2)]));
        assert_eq!(pressure.accounts().now_or_never(), Some(vec![AccountId(2)]));
        pressure.forget(AccountId(2));
        assert_eq!(pressure.accounts().now_or_never(), None);
        note(1, 1);
        assert_eq!(pressure.accounts().now_or_never(), Some(vec![AccountId(1)]));
    }
}
