//! Waking a reader of all accounts: whose changed, not how often; a set, which cannot overflow.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;
use vocabulary::AccountId;

/// More accounts than these are not told apart.
const ACCOUNTS_MAX: usize = 1_000;

/// Whose accounts may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Those of these.
    Accounts(BTreeSet<AccountId>),
    /// Anybody's.
    Anybody,
}

impl Whose {
    /// Those of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Accounts(mut one), Self::Accounts(other)) => {
                one.extend(other);
                if one.len() > ACCOUNTS_MAX { Self::Anybody } else { Self::Accounts(one) }
            }
            (Self::Anybody, _) | (_, Self::Anybody) => Self::Anybody,
        }
    }
}

/// What a reader of all accounts holds. Listen first, then look, then wait: no gap in between.
#[derive(Debug)]
pub struct HouseWakes {
    noted: Arc<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    whose: Mutex<Option<Whose>>,
    risen: Notify,
}

impl HouseWakes {
    /// Waits until any account has changed since the last call (or since listening); whose it was. Who gives up
    /// waiting misses nothing.
    pub async fn changed(&self) -> Whose {
        loop {
            if let Some(whose) = self.take() {
                return whose;
            }
            self.noted.risen.notified().await;
        }
    }

    /// Whose accounts have changed, without waiting.
    #[must_use]
    pub fn take(&self) -> Option<Whose> {
        self.noted.whose().take()
    }
}

impl Noted {
    fn whose(&self) -> MutexGuard<'_, Option<Whose>> {
        self.whose.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, new: Whose) {
        let mut whose = self.whose();
        let all = match whose.take() {
            Some(known) => known.and(new),
            None => new,
        };
        *whose = Some(all);
        drop(whose);
        self.risen.notify_one();
    }
}

/// Those who listen in this process.
#[derive(Debug, Default)]
pub(super) struct Listeners(Mutex<Vec<Weak<Noted>>>);

impl Listeners {
    pub(super) fn listen(&self) -> HouseWakes {
        let noted = Arc::new(Noted::default());
        self.all().push(Arc::downgrade(&noted));
        HouseWakes { noted }
    }

    pub(super) fn note(&self, accounts: impl Iterator<Item = AccountId>) {
        let mut listeners = self.all();
        if !listeners.is_empty() {
            tell(&mut listeners, &Whose::Accounts(accounts.collect()));
        }
    }

    pub(super) fn note_anybody(&self) {
        tell(&mut self.all(), &Whose::Anybody);
    }

    fn all(&self) -> MutexGuard<'_, Vec<Weak<Noted>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(listeners: &mut Vec<Weak<Noted>>, whose: &Whose) {
    listeners.retain(|listener| {
        let listener = listener.upgrade();
        if let Some(listener) = &listener {
            listener.add(whose.clone());
        }
        listener.is_some()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn accounts(numbers: impl IntoIterator<Item = i64>) -> Whose {
        Whose::Accounts(numbers.into_iter().map(AccountId).collect())
    }

    #[test]
    fn a_listener_learns_once_whose_accounts_changed() {
        let listeners = Listeners::default();
        listeners.note([AccountId(1)].into_iter());
        let wakes = listeners.listen();
        assert_eq!(wakes.changed().now_or_never(), None, "what was before is looked up");
        listeners.note([AccountId(2)].into_iter());
        listeners.note([AccountId(3), AccountId(2)].into_iter());
        assert_eq!(wakes.changed().now_or_never(), Some(accounts([2, 3])));
        assert_eq!(wakes.changed().now_or_never(), None);
        listeners.note([AccountId(4)].into_iter());
        listeners.note_anybody();
        assert_eq!(wakes.take(), Some(Whose::Anybody));
        drop(wakes);
        listeners.note_anybody();
        assert!(listeners.all().is_empty());
    }

    #[test]
    fn many_accounts_are_anybody() {
        let most = i64::try_from(ACCOUNTS_MAX).unwrap();
        let whole = accounts(1..=most);
        assert_eq!(accounts(1..most).and(accounts([most])), whole);
        assert_eq!(whole.and(accounts([most + 1])), Whose::Anybody);
    }
}
