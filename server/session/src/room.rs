//! Memory that all connections of a front end share, so that nobody fills it alone.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};
use vocabulary::AccountId;

/// So many bytes for a purpose, in the whole process.
///
/// Nobody waits for room: who waits while holding some waits for those who wait for it, and who
/// stands in a row stands behind the slowest client of the house. Without room the client is told
/// to come again.
#[derive(Debug)]
pub struct Room {
    free: Semaphore,
    /// What the accounts with a share hold now, in bytes.
    shares: Mutex<BTreeMap<AccountId, usize>>,
}

/// How much of a [`Room`] one account may hold, through all its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Whose.
    pub account: AccountId,
    /// How much.
    pub bytes_max: usize,
}

/// A part of a [`Room`], which comes back when this is dropped.
#[derive(Debug)]
pub struct Held {
    room: &'static Room,
    share: Option<Share>,
    permit: Option<SemaphorePermit<'static>>,
    bytes: usize,
}

impl Room {
    /// A room of so many bytes.
    #[must_use]
    pub const fn new(bytes: usize) -> Self {
        Self { free: Semaphore::const_new(bytes), shares: Mutex::new(BTreeMap::new()) }
    }

    /// Bytes that nobody holds.
    #[must_use]
    pub fn free_bytes(&self) -> usize {
        self.free.available_permits()
    }

    /// A part of it, which is empty at first.
    #[must_use]
    pub fn enter(&'static self, share: Option<Share>) -> Held {
        Held { room: self, share, permit: None, bytes: 0 }
    }

    fn shares(&self) -> MutexGuard<'_, BTreeMap<AccountId, usize>> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts bytes for the account, if its share has them.
    fn count(&self, share: Share, more_bytes: usize) -> bool {
        let mut shares = self.shares();
        let held_bytes = shares.get(&share.account).copied().unwrap_or(0);
        if more_bytes > share.bytes_max.saturating_sub(held_bytes) {
            return false;
        }
        shares.insert(share.account, held_bytes + more_bytes);
        true
    }

    fn give_back(&self, share: Share, bytes: usize) {
        let mut shares = self.shares();
        if let Some(held_bytes) = shares.get_mut(&share.account) {
            *held_bytes = held_bytes.saturating_sub(bytes);
            if *held_bytes == 0 {
                shares.remove(&share.account);
            }
        }
    }
}

impl Held {
    /// Takes more bytes, now. `false`, and nothing changes: the room or the account's share has not
    /// so many.
    #[must_use]
    pub fn grow(&mut self, more_bytes: usize) -> bool {
        let Ok(permits) = u32::try_from(more_bytes) else { return false };
        if self.share.is_some_and(|share| !self.room.count(share, more_bytes)) {
            return false;
        }
        let Ok(permit) = self.room.free.try_acquire_many(permits) else {
            if let Some(share) = self.share {
                self.room.give_back(share, more_bytes);
            }
            return false;
        };
        match &mut self.permit {
            Some(held) => held.merge(permit),
            None => self.permit = Some(permit),
        }
        self.bytes += more_bytes;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(share) = self.share {
            self.room.give_back(share, self.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_its_share_through_all_its_connections_and_others_have_theirs() {
        static ROOM: Room = Room::new(100);
        let anna = Some(Share { account: AccountId(1), bytes_max: 40 });
        let bert = Some(Share { account: AccountId(2), bytes_max: 40 });
        let (mut one, mut two, mut other) = (ROOM.enter(anna), ROOM.enter(anna), ROOM.enter(bert));
        assert!(one.grow(30) && !two.grow(11) && two.grow(10) && !one.grow(1));
        assert!(other.grow(40) && !other.grow(1));
        assert_eq!(ROOM.free_bytes(), 20);
        drop(one);
        assert!(two.grow(30) && !two.grow(1));
        drop((two, other));
        assert_eq!(ROOM.free_bytes(), 100);
        assert!(ROOM.shares().is_empty(), "an account that holds nothing is forgotten");
    }

    #[test]
    fn a_full_room_refuses_and_costs_nobody_of_its_share() {
        static ROOM: Room = Room::new(100);
        let mut all = ROOM.enter(None);
        assert!(all.grow(95) && !all.grow(6));
        let mut anna = ROOM.enter(Some(Share { account: AccountId(1), bytes_max: 40 }));
        assert!(!anna.grow(10));
        drop(all);
        assert!(anna.grow(40), "the refused ten are not counted");
    }
}
