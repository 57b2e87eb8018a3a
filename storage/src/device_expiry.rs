//! Devices that do not come any more. They are forgotten with their cursors, so that those that come under another
//! name at each start (classic Outlook since 2408) do not fill an account.
//!
//! A device about which somebody decided, or whose wipe waits or was confirmed, is never forgotten by itself: if it
//! came back it would be met as one that nobody knows.

use crate::backend::params;
use crate::device::DEVICES_MAX;
use crate::device_event::DeviceDeed;
use crate::error::{Refusal, Result};
use crate::transaction::Write;
use vocabulary::AccountId;

const DAY_MS: i64 = 86_400_000;
/// Longer than anybody asks for.
const DAYS_MAX: i64 = 36_500;
/// Above the maximum such a device gives way when it was not seen for this long.
const OUTLOOK_GIVES_WAY_MS: i64 = DAY_MS;

/// For how long devices are remembered that do not come. 0 days: for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceExpiry {
    /// Phones and all others, in days.
    pub days: i64,
    /// Those whose type begins with `WindowsOutlook`, in days.
    pub outlook_days: i64,
}

impl Default for DeviceExpiry {
    fn default() -> Self {
        Self { days: 180, outlook_days: 30 }
    }
}

impl DeviceExpiry {
    pub(crate) fn check(self) -> std::result::Result<(), Refusal> {
        let range = 0..=DAYS_MAX;
        if range.contains(&self.days) && range.contains(&self.outlook_days) {
            Ok(())
        } else {
            Err(Refusal::Invalid("devices are remembered for 0 (for ever) to 36500 days"))
        }
    }

    pub(crate) fn to_text(self) -> String {
        format!("{} {}", self.days, self.outlook_days)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (days, outlook_days) = text.split_once(' ')?;
        Some(Self { days: days.parse().ok()?, outlook_days: outlook_days.parse().ok()? })
    }
}

/// Seen last before this moment; nothing was for those that are remembered for ever.
fn before(now: i64, days: i64) -> i64 {
    if days == 0 { i64::MIN } else { now.saturating_sub(days * DAY_MS) }
}

/// The longest unseen first. Types are the device's own word, in any case.
const DEAD: &str = "SELECT device_id FROM device WHERE account_id = ?1 AND access = '' AND wipe = '' \
     AND last_seen_at < CASE WHEN LOWER(device_type) LIKE 'windowsoutlook%' THEN CAST(?2 AS BIGINT) \
       ELSE CAST(?3 AS BIGINT) END ORDER BY last_seen_at, device_id LIMIT ?4";

impl Write<'_> {
    /// Forgets devices that were not seen for as long as their domain remembers them.
    pub(crate) fn expire_devices(&mut self, account: AccountId) -> Result<u64> {
        let expiry = self.device_settings(account)?.expiry;
        let now = self.now().0;
        let outlook = before(now, expiry.outlook_days);
        self.forget_dead(account, outlook, before(now, expiry.days), DEVICES_MAX as i64)
    }

    /// Makes room for one more device: the longest unseen that is dead gives way. Whether there was one.
    pub(crate) fn dead_device_gives_way(&mut self, account: AccountId) -> Result<bool> {
        let expiry = self.device_settings(account)?.expiry;
        let now = self.now().0;
        let outlook = before(now, expiry.outlook_days).max(now - OUTLOOK_GIVES_WAY_MS);
        Ok(self.forget_dead(account, outlook, before(now, expiry.days), 1)? > 0)
    }

    fn forget_dead(&mut self, account: AccountId, outlook: i64, others: i64, most: i64) -> Result<u64> {
        let params = params![account.0, outlook, others, most];
        let dead = self.connection.rows(DEAD, params, |row| Ok(row.text(0)?.to_owned()))?;
        for id in &dead {
            self.forget_device(account, id)?;
            self.note_device_event(account, id, DeviceDeed::Expired, "")?;
        }
        Ok(dead.len() as u64)
    }
}
