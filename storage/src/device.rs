//! Phones, as each account knows them. A device id is the device's own word: it is untrusted, may
//! collide, and names a device only within one account.

use crate::backend::params;
use crate::device_event::DeviceDeed;
use crate::entity::device;
use crate::error::{Refusal, Result};
use crate::transaction::{Read, Write};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use vocabulary::{AccountId, Timestamp};

/// Most devices of one account: Exchange's default.
pub const DEVICES_MAX: usize = 100;

/// One device of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// What it calls itself.
    pub id: String,
    /// `SmartPhone`, `iPhone`, `WindowsOutlook15` ..
    pub device_type: String,
    /// The last User-Agent.
    pub user_agent: String,
    /// The protocol version that it last used.
    pub protocol_version: String,
    /// What it told of itself (model, system, language), as its front end wrote it.
    pub information: String,
    /// The policy key that it must send; 0 before it was provisioned.
    pub policy_key: i64,
    /// The key of a provisioning that it has not acknowledged yet; 0 for none.
    pub pending_policy_key: i64,
    /// The policies that it acknowledged.
    pub policy_hash: String,
    /// Empty, or the state of a remote wipe.
    pub wipe: String,
    /// First seen.
    pub created_at: Timestamp,
    /// Last seen, to the minute.
    pub last_seen_at: Timestamp,
}

/// How exact `last_seen_at` is.
const LAST_SEEN_STEP_MS: i64 = 60_000;

impl<'tx> Read<'tx> {
    /// The devices of an account. Its owner and the house may ask.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody else.
    pub fn devices(&self, account: AccountId) -> Result<Vec<Device>> {
        self.require_owner(account)?;
        let find = device::Entity::find()
            .filter(device::Column::AccountId.eq(account.0))
            .order_by_asc(device::Column::DeviceId);
        Ok(self.connection.find(find)?.into_iter().map(device_of).collect())
    }

    /// One device of an account, if it was seen before.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house.
    pub fn device(&self, account: AccountId, id: &str) -> Result<Option<Device>> {
        const ONE: &str = "SELECT device_type, user_agent, protocol_version, information, policy_key, \
             pending_policy_key, policy_hash, wipe, created_at, last_seen_at FROM device \
             WHERE account_id = ?1 AND device_id = ?2";
        self.require_owner(account)?;
        if has_control(id) {
            return Ok(None);
        }
        self.connection.row(ONE, params![account.0, id], |row| {
            Ok(Device {
                id: id.to_owned(),
                device_type: row.text(0)?.to_owned(),
                user_agent: row.text(1)?.to_owned(),
                protocol_version: row.text(2)?.to_owned(),
                information: row.text(3)?.to_owned(),
                policy_key: row.int(4)?,
                pending_policy_key: row.int(5)?,
                policy_hash: row.text(6)?.to_owned(),
                wipe: row.text(7)?.to_owned(),
                created_at: Timestamp(row.int(8)?),
                last_seen_at: Timestamp(row.int(9)?),
            })
        })
    }
}

fn device_of(row: device::Model) -> Device {
    Device {
        id: row.device_id,
        device_type: row.device_type,
        user_agent: row.user_agent,
        protocol_version: row.protocol_version,
        information: row.information,
        policy_key: row.policy_key,
        pending_policy_key: row.pending_policy_key,
        policy_hash: row.policy_hash,
        wipe: row.wipe,
        created_at: Timestamp(row.created_at),
        last_seen_at: Timestamp(row.last_seen_at),
    }
}

/// PostgreSQL keeps no NUL in a text, SQLite does: none gets so far.
fn has_control(text: &str) -> bool {
    text.contains(char::is_control)
}

/// Without control characters, but for those in `keep`.
fn printable(text: &str, keep: &[char]) -> String {
    text.chars().filter(|c| !c.is_control() || keep.contains(c)).collect()
}

impl<'tx> Write<'tx> {
    /// Writes a device's row, new or known. Control characters in what it says of itself are dropped. The wipe of a
    /// known device stays as it is: it has functions of its own.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house; [`Refusal::Invalid`] when the
    /// account has too many devices, or for a control character in the device's id.
    pub fn put_device(&mut self, account: AccountId, device: &Device) -> Result<()> {
        const COUNT: &str = "SELECT COUNT(*) FROM device WHERE account_id = ?1";
        self.require_owner(account)?;
        if has_control(&device.id) {
            return Err(Refusal::Invalid("a device id has no control characters").into());
        }
        let row = device::ActiveModel {
            account_id: Set(account.0),
            device_id: Set(device.id.clone()),
            device_type: Set(printable(&device.device_type, &[])),
            user_agent: Set(printable(&device.user_agent, &[])),
            protocol_version: Set(printable(&device.protocol_version, &[])),
            // Its front end writes one line for each thing that the device said.
            information: Set(printable(&device.information, &['\n'])),
            policy_key: Set(device.policy_key),
            pending_policy_key: Set(device.pending_policy_key),
            policy_hash: Set(device.policy_hash.clone()),
            wipe: Set(device.wipe.clone()),
            created_at: Set(device.created_at.0),
            last_seen_at: Set(device.last_seen_at.0),
        };
        if self.device(account, &device.id)?.is_some() {
            let row = device::ActiveModel { wipe: NotSet, ..row };
            let update = device::Entity::update(row).validate().map_err(crate::error::row_fault)?;
            return self.connection.change(&update);
        }
        if self.connection.int(COUNT, params![account.0])?.unwrap_or(0) >= DEVICES_MAX as i64
            && !self.dead_device_gives_way(account)?
        {
            return Err(Refusal::Invalid("the account has too many devices").into());
        }
        self.connection.change(&device::Entity::insert(row))
    }

    /// Notes that a device was here.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house.
    pub fn device_seen(&mut self, account: AccountId, id: &str) -> Result<()> {
        const SEEN: &str = "UPDATE device SET last_seen_at = ?3 WHERE account_id = ?1 AND device_id = ?2 AND last_seen_at < ?4";
        self.require_owner(account)?;
        if has_control(id) {
            return Ok(());
        }
        let now = self.now().0;
        self.connection.execute(SEEN, params![account.0, id, now, now - LAST_SEEN_STEP_MS]).map(drop)
    }

    /// Forgets a device with its cursors and answers.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Denied`] to its owner when an administrator blocked it, or when its wipe waits
    /// or was done.
    pub fn remove_device(&mut self, account: AccountId, id: &str) -> Result<()> {
        self.may_forget_device(account, id)?;
        self.forget_device(account, id)?;
        self.note_device_event(account, id, DeviceDeed::Removed, "")
    }

    pub(crate) fn forget_device(&self, account: AccountId, id: &str) -> Result<()> {
        self.connection
            .execute("DELETE FROM cursor WHERE account_id = ?1 AND reader = ?2", params![account.0, id])?;
        // Also those that the house kept for it (SendMail is delivered by the house).
        let answers = "DELETE FROM idempotency WHERE account_id = ?1 AND (reader = ?2 OR reader = ?3)";
        let (own, houses) = (format!("{account}/{id}"), format!("0/{id}"));
        self.connection.execute(answers, params![account.0, &own, &houses])?;
        let sql = "DELETE FROM device WHERE account_id = ?1 AND device_id = ?2";
        self.connection.execute(sql, params![account.0, id]).map(drop)
    }
}
