//! Passwords that were right a short while ago, as keyed hashes in memory.
//!
//! The key is random and of this process: a copy of these hashes is of no use elsewhere.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use storage::{Credential, Fault};
use vocabulary::{AccountId, Timestamp};

/// How long a proof holds.
const PROOF_MS: i64 = 5 * 60_000;
/// Most proofs, and most credentials whose use was noted: some 10 MB.
const ENTRIES_MAX: usize = 100_000;

/// The secret of this process.
#[derive(Clone)]
pub(crate) struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// That a credential was proved with a password.
pub(crate) type Proof = [u8; 32];

impl Key {
    pub(crate) fn random() -> Result<Self, Fault> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| Fault::Open(error.to_string()))?;
        Ok(Self(key))
    }

    /// Of this account, this credential as it is now, and this password.
    pub(crate) fn proof(&self, account: AccountId, credential: &Credential, password: &str) -> Proof {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&account.0.to_be_bytes());
        hasher.update(&credential.id.to_be_bytes());
        // Salted, so another for every time that a password is set. Of fixed length, as all before
        // it: no two inputs run together.
        hasher.update(blake3::hash(&credential.keys.scram().stored_key).as_bytes());
        hasher.update(password.as_bytes());
        *hasher.finalize().as_bytes()
    }

    /// A number for texts that an attacker chooses: it cannot be made to collide.
    pub(crate) fn number(&self, texts: &[&str]) -> u64 {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for text in texts {
            hasher.update(&(text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        let mut number = [0; 8];
        hasher.finalize_xof().fill(&mut number);
        u64::from_be_bytes(number)
    }
}

/// The proofs that hold.
#[derive(Debug, Default)]
pub(crate) struct Proved {
    /// Until when each holds.
    proofs: Mutex<HashMap<Proof, Timestamp>>,
    /// When the use of a credential was last noted.
    noted: Mutex<HashMap<(AccountId, i64), Timestamp>>,
}

impl Proved {
    pub(crate) fn holds(&self, proof: &Proof, now: Timestamp) -> bool {
        // A clock that was set back does not make a proof hold longer.
        lock(&self.proofs).get(proof).is_some_and(|until| (1..=PROOF_MS).contains(&(until.0 - now.0)))
    }

    pub(crate) fn remember(&self, proof: Proof, now: Timestamp) {
        let mut proofs = lock(&self.proofs);
        make_room(&mut proofs, |until| *until > now);
        proofs.insert(proof, Timestamp(now.0.saturating_add(PROOF_MS)));
    }

    /// Whether it is this caller who notes that a credential was used: one in each step of time.
    pub(crate) fn take_turn_to_note(&self, which: (AccountId, i64), now: Timestamp, step_ms: i64) -> bool {
        let mut noted = lock(&self.noted);
        let is_recent = |at: &Timestamp| (0..step_ms).contains(&(now.0 - at.0));
        if noted.get(&which).is_some_and(is_recent) {
            return false;
        }
        make_room(&mut noted, is_recent);
        noted.insert(which, now);
        true
    }
}

/// Keeps a map below its limit: what is over goes first. If nearly all is of use, all goes, for
/// what is lost costs one computation each; so the sweep stays rare.
pub(super) fn make_room<K, V>(map: &mut HashMap<K, V>, is_of_use: impl Fn(&V) -> bool) {
    if map.len() < ENTRIES_MAX {
        return;
    }
    map.retain(|_, value| is_of_use(value));
    if map.len() > ENTRIES_MAX / 4 * 3 {
        map.clear();
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_holds_for_five_minutes_and_not_when_the_clock_goes_back() {
        let proved = Proved::default();
        let start = Timestamp(1_000_000);
        proved.remember([7; 32], start);
        assert!(proved.holds(&[7; 32], start));
        assert!(!proved.holds(&[8; 32], start));
        assert!(proved.holds(&[7; 32], Timestamp(start.0 + PROOF_MS - 1)));
        assert!(!proved.holds(&[7; 32], Timestamp(start.0 + PROOF_MS)));
        assert!(!proved.holds(&[7; 32], Timestamp(start.0 - 1)));
    }

    #[test]
    fn the_use_of_a_credential_is_noted_once_in_each_step() {
        let proved = Proved::default();
        let turn = |id, at| proved.take_turn_to_note((AccountId(1), id), Timestamp(at), 60_000);
        assert!(turn(1, 100_000));
        assert!(!turn(1, 159_999));
        assert!(turn(2, 159_999));
        assert!(turn(1, 160_000));
    }

    #[test]
    fn a_full_map_keeps_what_is_of_use_and_stays_bounded() {
        let mut map: HashMap<usize, bool> = (0..ENTRIES_MAX).map(|n| (n, n < 10)).collect();
        make_room(&mut map, |of_use| *of_use);
        assert_eq!(map.len(), 10);
        let mut map: HashMap<usize, bool> = (0..ENTRIES_MAX).map(|n| (n, true)).collect();
        make_room(&mut map, |of_use| *of_use);
        assert!(map.is_empty());
    }

    #[test]
    fn texts_do_not_run_together() {
        let key = Key::random().unwrap();
        assert_ne!(key.number(&["ab", "c"]), key.number(&["a", "bc"]));
        assert_eq!(key.number(&["ab", "c"]), key.number(&["ab", "c"]));
        assert_ne!(key.number(&["ab"]), Key::random().unwrap().number(&["ab"]));
    }
}
