//! Wrong guesses, counted for all doors together.
//!
//! Two counts, which fall back to nothing in [`Limits::guesses_window_s`]: by network and user, and
//! by network alone. There is none by user alone, with which anybody could lock anybody out. The
//! same wrong password again is no new guess for the first count: a phone that still has the old
//! one asks for days and must not shut out the laptop next to it.

use super::proved::{Key, lock, make_room};
use crate::Limits;
use crate::network::prefix;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use vocabulary::Timestamp;

/// Wrong passwords that are recognised again, for one network and user.
const KNOWN_WRONG_MAX: usize = 4;
/// Guesses that can be looked at at the same time; two that share a place wait for each other.
const TURNS: usize = 1_024;

/// One guess: who, from where, what. The texts are hashed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guess {
    /// IPv4 /24, IPv6 /64.
    network: IpAddr,
    /// IPv4 /24, IPv6 /56: what one customer of a provider has at least (RIPE-690).
    site: IpAddr,
    identity: u64,
    password: u64,
}

impl Guess {
    pub(crate) fn new(key: &Key, peer: IpAddr, identity: &str, password: &str) -> Self {
        Self {
            network: prefix(peer, 24, 64),
            site: prefix(peer, 24, 56),
            identity: key.number(&[identity]),
            password: key.number(&[identity, password]),
        }
    }
}

/// How full a count is, as the moment at which it will be empty: it needs no timer to fall.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    empty_at_ms: i64,
}

/// A limit: so many in so long.
#[derive(Debug, Clone, Copy)]
struct Budget {
    window_ms: i64,
    cost_ms: i64,
}

impl Budget {
    fn new(count_max: u32, window_s: u32) -> Self {
        let window_ms = i64::from(window_s.max(1)) * 1_000;
        Self { window_ms, cost_ms: (window_ms / i64::from(count_max.max(1))).max(1) }
    }

    /// For how many milliseconds there is no room for one more; 0 if there is.
    fn wait_ms(self, level: Level, now: Timestamp) -> i64 {
        // A clock that was set back shuts nobody out for longer than the window.
        let fill_ms = (level.empty_at_ms - now.0).clamp(0, self.window_ms);
        (fill_ms - (self.window_ms - self.cost_ms)).max(0)
    }

    fn charge(self, level: &mut Level, now: Timestamp) {
        let fill_ms = (level.empty_at_ms - now.0).clamp(0, self.window_ms);
        level.empty_at_ms = now.0 + (fill_ms + self.cost_ms).min(self.window_ms);
    }
}

/// Of one network and user.
#[derive(Debug, Default)]
struct Guesses {
    level: Level,
    known_wrong: [Option<u64>; KNOWN_WRONG_MAX],
    next: usize,
}

/// The counts.
#[derive(Debug)]
pub(crate) struct Throttle {
    per_account: Budget,
    per_network: Budget,
    guesses: Mutex<HashMap<(IpAddr, u64), Guesses>>,
    sites: Mutex<HashMap<IpAddr, Level>>,
    turns: Vec<tokio::sync::Mutex<()>>,
}

impl Throttle {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            per_account: Budget::new(limits.guesses_per_account_max, limits.guesses_window_s),
            per_network: Budget::new(limits.guesses_per_network_max, limits.guesses_window_s),
            guesses: Mutex::default(),
            sites: Mutex::default(),
            turns: (0..TURNS).map(|_| tokio::sync::Mutex::new(())).collect(),
        }
    }

    /// Waits until no other guess for this user from this network is looked at.
    pub(crate) async fn turn(&self, guess: &Guess) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        // The identity is a keyed hash: nobody can aim at another's place.
        let network = match guess.network {
            IpAddr::V4(v4) => u64::from(v4.to_bits()),
            IpAddr::V6(v6) => (v6.to_bits() >> 64) as u64,
        };
        let place = (guess.identity ^ network.wrapping_mul(0x9e37_79b9_7f4a_7c15)) % TURNS as u64;
        match self.turns.get(place as usize) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }

    /// Begins to look at a guess. It counts as wrong unless [`Attempt::was_right`] is said of it,
    /// also if the client goes away meanwhile.
    ///
    /// # Errors
    /// In how many seconds there will be room for another.
    pub(crate) fn begin(&self, guess: Guess, now: Timestamp) -> Result<Attempt<'_>, u32> {
        let site = lock(&self.sites).get(&guess.site).copied().unwrap_or_default();
        let mut wait_ms = self.per_network.wait_ms(site, now);
        if let Some(before) = lock(&self.guesses).get(&(guess.network, guess.identity))
            && !before.known_wrong.contains(&Some(guess.password))
        {
            wait_ms = wait_ms.max(self.per_account.wait_ms(before.level, now));
        }
        if wait_ms > 0 {
            return Err(u32::try_from(wait_ms.saturating_add(999) / 1_000).unwrap_or(u32::MAX));
        }
        Ok(Attempt { throttle: self, guess, now, right: false })
    }

    fn was_wrong(&self, guess: &Guess, now: Timestamp) {
        let mut sites = lock(&self.sites);
        make_room(&mut sites, |level| level.empty_at_ms > now.0);
        self.per_network.charge(sites.entry(guess.site).or_default(), now);
        drop(sites);

        let mut guesses = lock(&self.guesses);
        make_room(&mut guesses, |guesses| guesses.level.empty_at_ms > now.0);
        let before = guesses.entry((guess.network, guess.identity)).or_default();
        if before.known_wrong.contains(&Some(guess.password)) {
            return;
        }
        self.per_account.charge(&mut before.level, now);
        if let Some(place) = before.known_wrong.get_mut(before.next) {
            *place = Some(guess.password);
        }
        before.next = (before.next + 1) % KNOWN_WRONG_MAX;
    }
}

/// A guess that is looked at.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    throttle: &'a Throttle,
    guess: Guess,
    now: Timestamp,
    right: bool,
}

impl Attempt<'_> {
    pub(crate) fn was_right(mut self) {
        self.right = true;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.right {
            self.throttle.was_wrong(&self.guess, self.now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Table {
        throttle: Throttle,
        key: Key,
    }

    impl Table {
        fn new() -> Self {
            let limits = Limits {
                guesses_per_account_max: 3,
                guesses_per_network_max: 6,
                guesses_window_s: 300,
                ..Limits::default()
            };
            Self { throttle: Throttle::new(&limits), key: Key::random().unwrap() }
        }

        /// A wrong guess at a second of time: 0 if it was looked at, or when to come again.
        fn wrong(&self, peer: &str, user: &str, password: &str, second: i64) -> u32 {
            let guess = Guess::new(&self.key, peer.parse().unwrap(), user, password);
            self.throttle.begin(guess, Timestamp::from_seconds(second)).map(drop).err().unwrap_or(0)
        }
    }

    #[test]
    fn guesses_for_one_user_are_limited_and_room_comes_back_with_time() {
        let table = Table::new();
        for password in ["a", "b", "c"] {
            assert_eq!(table.wrong("192.0.2.1", "anna", password, 1_000), 0);
        }
        assert_eq!(table.wrong("192.0.2.99", "anna", "d", 1_000), 100, "the same /24");
        assert_eq!(table.wrong("192.0.2.1", "anna", "d", 1_099), 1);
        assert_eq!(table.wrong("192.0.2.1", "anna", "d", 1_100), 0);
        assert_eq!(table.wrong("192.0.2.1", "anna", "e", 1_100), 100);
        assert_eq!(table.wrong("192.0.3.1", "anna", "e", 1_100), 0, "another network");
    }

    #[test]
    fn the_same_wrong_password_is_one_guess_for_the_user_but_not_for_the_network() {
        let table = Table::new();
        for _ in 0..4 {
            assert_eq!(table.wrong("2001:db8::1", "anna", "old", 1_000), 0);
        }
        assert_eq!(table.wrong("2001:db8::1", "anna", "new", 1_000), 0);
        assert_eq!(table.wrong("2001:db8:0:1::1", "bert", "x", 1_000), 0);
        assert_eq!(table.wrong("2001:db8:0:1::1", "bert", "y", 1_000), 50, "the same /56");
        assert_eq!(table.wrong("2001:db8:0:100::1", "bert", "y", 1_000), 0, "another /56");
    }

    #[test]
    fn right_ones_and_a_clock_set_back_cost_nothing() {
        let table = Table::new();
        let guess = Guess::new(&table.key, "192.0.2.1".parse().unwrap(), "anna", "right");
        for _ in 0..20 {
            table.throttle.begin(guess, Timestamp::from_seconds(1_000)).unwrap().was_right();
        }
        for password in ["a", "b", "c"] {
            assert_eq!(table.wrong("192.0.2.1", "anna", password, 100_000), 0);
        }
        assert_eq!(table.wrong("192.0.2.1", "anna", "d", 0), 100, "not longer than the window");
    }
}
