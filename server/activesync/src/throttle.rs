//! How often a device may ask: MS-ASHTTP sections 2.2.2.1.2.13 and 3.1.5.2.3.
//!
//! Each device of each account has a bucket: so many requests at once, and so many a minute after that. Only devices that
//! are in debt are remembered, so a house of quiet phones needs no memory. A request that is held open counts once, when
//! it comes; one that brought the device forward is given back ([`Throttle::give_back`]), so that no first sync is too
//! long. Requests are counted by each process for itself.

use session::Limits;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use vocabulary::AccountId;

/// Most devices that are remembered. When half of these are in debt and no more fit in, all debts are forgotten.
const DEVICES_MAX: usize = 1 << 16;

#[derive(Debug)]
pub(crate) struct Throttle {
    /// What one request costs; `None`: nothing is counted.
    cost: Option<Duration>,
    /// How much debt a device may have.
    debt_max: Duration,
    /// For each device, when its debt is paid.
    debts: Mutex<HashMap<(AccountId, String), Instant>>,
}

impl Throttle {
    pub(crate) fn new(limits: &Limits) -> Self {
        let per_minute = limits.activesync_requests_per_minute;
        let cost = Duration::from_secs(60).checked_div(per_minute);
        let debt_max = cost.unwrap_or_default().saturating_mul(limits.activesync_requests_at_once.max(1));
        Self { cost, debt_max, debts: Mutex::default() }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// In how many seconds, at least 1, the next is served: this one is not, and not counted.
    pub(crate) fn count(&self, account: AccountId, device: &str, now: Instant) -> Result<(), u32> {
        let Some(cost) = self.cost else { return Ok(()) };
        let mut debts = self.debts.lock().unwrap_or_else(PoisonError::into_inner);
        if debts.len() >= DEVICES_MAX {
            debts.retain(|_, paid_at| *paid_at > now);
            // So that not every request of such times looks through them all.
            if debts.len() >= DEVICES_MAX / 2 {
                debts.clear();
            }
        }
        let paid_at = debts.entry((account, device.to_owned())).or_insert(now);
        let debt = paid_at.saturating_duration_since(now) + cost;
        if let Some(too_much) = debt.checked_sub(self.debt_max).filter(|more| !more.is_zero()) {
            return Err(u32::try_from(too_much.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1));
        }
        *paid_at = now + debt;
        Ok(())
    }

    /// Takes a counted request back.
    pub(crate) fn give_back(&self, account: AccountId, device: &str) {
        let Some(cost) = self.cost else { return };
        let mut debts = self.debts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(paid_at) = debts.get_mut(&(account, device.to_owned()))
            && let Some(earlier) = paid_at.checked_sub(cost)
        {
            *paid_at = earlier;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANNA: AccountId = AccountId(1);

    fn throttle(at_once: u32, per_minute: u32) -> Throttle {
        Throttle::new(&Limits {
            activesync_requests_at_once: at_once,
            activesync_requests_per_minute: per_minute,
            ..Limits::default()
        })
    }

    #[test]
    fn a_device_that_asks_too_often_is_told_when_to_come_again() {
        let (throttle, now) = (throttle(3, 6), session::steady_now());
        for _ in 0..3 {
            assert_eq!(throttle.count(ANNA, "phone", now), Ok(()));
        }
        assert_eq!(throttle.count(ANNA, "phone", now), Err(10));
        assert_eq!(throttle.count(ANNA, "phone", now + Duration::from_millis(9_500)), Err(1));
        assert_eq!(throttle.count(ANNA, "phone", now + Duration::from_secs(10)), Ok(()));
        assert_eq!(throttle.count(ANNA, "tablet", now), Ok(()), "another device");
        assert_eq!(throttle.count(AccountId(2), "phone", now), Ok(()), "another account");
    }

    #[test]
    fn a_request_that_brought_something_is_not_counted_and_nothing_is_counted_without_a_limit() {
        let (limited, now) = (throttle(1, 1), session::steady_now());
        for _ in 0..100 {
            assert_eq!(limited.count(ANNA, "phone", now), Ok(()));
            limited.give_back(ANNA, "phone");
        }
        assert_eq!(limited.count(ANNA, "phone", now), Ok(()));
        assert_eq!(limited.count(ANNA, "phone", now), Err(60));
        let unlimited = throttle(1, 0);
        assert!((0..10).all(|_| unlimited.count(ANNA, "phone", now).is_ok()));
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let (throttle, now) = (throttle(1, 1), session::steady_now());
        for number in 0..DEVICES_MAX + 10 {
            throttle.count(ANNA, &number.to_string(), now).unwrap();
        }
        assert!(throttle.debts.lock().unwrap().len() <= DEVICES_MAX);
    }

    proptest! {
        /// In no stretch of time does a device get more than its bucket and what flows in.
        #[test]
        fn no_more_is_served_than_was_promised(
            gaps in prop::collection::vec(0_u64..3_000, 1..200), at_once in 1_u32..20, per_minute in 1_u32..600,
        ) {
            let (throttle, begin) = (throttle(at_once, per_minute), session::steady_now());
            let (mut now, mut served) = (begin, 0_u64);
            for gap in gaps {
                now += Duration::from_millis(gap);
                served += u64::from(throttle.count(ANNA, "phone", now).is_ok());
                let flowed = u64::try_from((now - begin).as_millis()).unwrap() * u64::from(per_minute) / 60_000;
                prop_assert!(served <= u64::from(at_once) + flowed + 1);
            }
        }
    }
}
