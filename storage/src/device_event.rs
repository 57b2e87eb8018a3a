//! What happened to the devices of an account, for whoever must answer for it: wipes step by step, decisions,
//! verdicts. A row says who, when and what; it outlives the device and is swept after 90 days.

use crate::backend::{Row, params};
use crate::domain::OwnNumber;
use crate::error::{Result, row_fault};
use crate::transaction::{Read, Write};
use std::fmt;
use std::str::FromStr;
use vocabulary::{AccountId, Timestamp};

/// Most rows of one account; the oldest give way.
const EVENTS_MAX: i64 = 2_000;
/// Most rows that are read of one account.
const READ_MAX: i64 = 500;
/// What a device does again and again is noted once in this time.
const AGAIN_MS: i64 = 3_600_000;
/// Longest detail.
const DETAIL_CHARACTERS_MAX: usize = 200;

macro_rules! deeds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// What was done with a device.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum DeviceDeed {
            $($(#[$doc])* $variant,)+
        }

        impl DeviceDeed {
            /// As it is written.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl FromStr for DeviceDeed {
            type Err = String;

            fn from_str(text: &str) -> std::result::Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("'{text}' is no event of a device")),
                }
            }
        }
    };
}

deeds! {
    /// The rules of the domain, or a decision, made another verdict of it; the detail says which.
    Judged = "judged",
    /// An administrator decided about it; the detail says what.
    Decided = "decided",
    /// Somebody asked for a wipe; the detail says of what.
    WipeAsked = "wipe-asked",
    /// The device was told to wipe.
    WipeSent = "wipe-sent",
    /// The device said that it is done.
    WipeConfirmed = "wipe-confirmed",
    /// The device said that it failed.
    WipeFailed = "wipe-failed",
    /// Somebody took the wish back.
    WipeCancelled = "wipe-cancelled",
    /// The device took only a part of the policy, or none; the detail says which.
    PolicyNotMet = "policy-not-met",
    /// It could not take an item, which is left out; the detail says which.
    LeftOut = "left-out",
    /// Somebody removed it.
    Removed = "removed",
    /// It was not seen for too long.
    Expired = "expired",
}

impl fmt::Display for DeviceDeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceEvent {
    /// To which device.
    pub device: String,
    /// When.
    pub at: Timestamp,
    /// Who did it; `None`: the house, such as an administrator or a sweep.
    pub actor: Option<AccountId>,
    /// What.
    pub deed: DeviceDeed,
    /// More of it, in a few words.
    pub detail: String,
}

fn event_of(row: &Row<'_>) -> Result<DeviceEvent> {
    let actor = row.int(3)?;
    Ok(DeviceEvent {
        device: row.text(0)?.to_owned(),
        deed: row.text(1)?.parse().map_err(row_fault)?,
        detail: row.text(2)?.to_owned(),
        actor: (actor > 0).then_some(AccountId(actor)),
        at: Timestamp(row.int(4)?),
    })
}

impl<'tx> Read<'tx> {
    /// What happened to the devices of an account, the newest first, at most 500. Its owner and the house may ask.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] for anybody else.
    pub fn device_events(&self, account: AccountId) -> Result<Vec<DeviceEvent>> {
        const EVENTS: &str = "SELECT device_id, what, detail, actor_id, at FROM device_event \
             WHERE account_id = ?1 ORDER BY event_id DESC LIMIT ?2";
        self.require_owner(account)?;
        self.connection.rows(EVENTS, params![account.0, READ_MAX], event_of)
    }

    /// How many devices of an account got another verdict since a moment.
    pub(crate) fn judged_since(&self, account: AccountId, since: i64) -> Result<i64> {
        const COUNT: &str =
            "SELECT COUNT(*) FROM device_event WHERE account_id = ?1 AND what = 'judged' AND at > ?2";
        Ok(self.connection.int(COUNT, params![account.0, since])?.unwrap_or(0))
    }
}

impl Write<'_> {
    /// Notes that a device could not take an item.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] for anybody but the owner and the house.
    pub fn note_left_out(&mut self, account: AccountId, device: &str, what: &str) -> Result<()> {
        self.require_owner(account)?;
        self.note_device_event_once(account, device, DeviceDeed::LeftOut, what)
    }

    /// Notes what was done, by whoever acts.
    pub(crate) fn note_device_event(
        &mut self,
        account: AccountId,
        device: &str,
        deed: DeviceDeed,
        detail: &str,
    ) -> Result<()> {
        const PUT: &str = "INSERT INTO device_event (account_id, event_id, device_id, what, detail, actor_id, at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        const OLD: &str = "DELETE FROM device_event WHERE account_id = ?1 AND event_id <= ?2";
        let number = self.take_own_number(account, OwnNumber::DeviceEvent)?;
        let actor = self.principal.account_id().map_or(0, |id| id.0);
        let detail: String = detail.chars().filter(|c| !c.is_control()).take(DETAIL_CHARACTERS_MAX).collect();
        let now = self.now().0;
        let params = params![account.0, number, device, deed.as_str(), detail.as_str(), actor, now];
        self.connection.execute(PUT, params)?;
        self.connection.execute(OLD, params![account.0, number - EVENTS_MAX]).map(drop)
    }

    /// The same for what a device may do again and again: once an hour, and again after anything else was noted of it.
    pub(crate) fn note_device_event_once(
        &mut self,
        account: AccountId,
        device: &str,
        deed: DeviceDeed,
        detail: &str,
    ) -> Result<()> {
        /// A device that fails to wipe says so after each time that it was told.
        const LAST: &str = "SELECT COUNT(*) FROM device_event e WHERE e.account_id = ?1 AND e.device_id = ?2 \
             AND e.what = ?3 AND e.detail = ?4 AND e.at > ?5 AND NOT EXISTS (SELECT n.event_id FROM device_event n \
               WHERE n.account_id = ?1 AND n.device_id = ?2 AND n.event_id > e.event_id \
               AND n.what IN ('decided', 'wipe-asked', 'wipe-confirmed', 'wipe-cancelled', 'removed', 'expired'))";
        let since = self.now().0 - AGAIN_MS;
        let again = self.connection.int(LAST, params![account.0, device, deed.as_str(), detail, since])?;
        if again.unwrap_or(0) > 0 {
            return Ok(());
        }
        self.note_device_event(account, device, deed, detail)
    }

    /// Rows older than a moment.
    pub(crate) fn bury_device_events(&self, account: AccountId, before: i64, rows_max: i64) -> Result<u64> {
        /// Numbers rise with time: only the first rows are looked at.
        const OLD: &str = "DELETE FROM device_event WHERE account_id = ?1 AND event_id IN ( \
               SELECT event_id FROM (SELECT event_id, at FROM device_event WHERE account_id = ?1 \
                 ORDER BY event_id LIMIT ?3) AS oldest WHERE at < ?2)";
        self.connection.execute(OLD, params![account.0, before, rows_max])
    }
}
