//! What time takes away: contents whose retention ended, rows that have had their time, orphaned blobs.

mod bury;
mod pressure;
mod release;

use crate::access::Admin;
use crate::error::{Error, Refusal, Result};
use crate::store::Store;
use crate::transaction::Write;
pub(crate) use pressure::{Pressure, Retained};
use std::collections::HashSet;
use vocabulary::{AccountId, Door, Principal};

/// A blob that no row names is an orphan only after this: its transaction may still come.
pub(crate) const ORPHAN_AGE_MS: i64 = 86_400_000;
/// Rows of a kind per transaction: a sweep never holds the writer for long.
const ROWS_MAX: i64 = 500;

const HOUSE: Principal = Principal::System { door: Door::Admin };

/// What a sweep took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Contents of deleted items and superseded versions.
    pub contents: u64,
    /// Tombstones.
    pub tombstones: u64,
    /// Other rows: versions, deleted folders, settled mails, revoked credentials, who did what.
    pub rows: u64,
    /// Blobs.
    pub blobs: u64,
}

/// What one transaction of a sweep did.
#[derive(Debug, Default)]
struct Step {
    swept: Swept,
    /// Bytes of contents that nothing names any more, ..
    freed_bytes: i64,
    /// .. and their blobs, to be deleted after the commit.
    freed_blobs: Vec<String>,
}

impl Store {
    /// One sweep over the whole house.
    ///
    /// # Errors
    /// [`crate::Fault`]; what was swept before stays swept.
    pub async fn sweep(&self) -> Result<Swept> {
        let accounts = self
            .read(&HOUSE, |tx| {
                let admin = tx.administer()?;
                Ok(tx.accounts(&admin, None)?.into_iter().map(|account| account.id).collect::<Vec<_>>())
            })
            .await?;
        let mut swept = self.sweep_accounts(&accounts).await?;
        swept.blobs += self.collect_blobs().await?;
        Ok(swept)
    }

    /// Waits until accounts have left much to retention since they were last swept; which. Retention
    /// does not count towards the quota, so it must be kept within its own bounds soon. Whoever stops
    /// waiting misses nothing.
    pub async fn accounts_to_sweep(&self) -> Vec<AccountId> {
        self.pressure().accounts().await
    }

    /// One sweep over some accounts; one that is gone is passed over.
    ///
    /// # Errors
    /// As [`Store::sweep`].
    pub async fn sweep_accounts(&self, accounts: &[AccountId]) -> Result<Swept> {
        let mut swept = Swept::default();
        for account in accounts {
            self.pressure().forget(*account);
            self.sweep_account(*account, &mut swept).await?;
        }
        Ok(swept)
    }

    async fn sweep_account(&self, account: AccountId, swept: &mut Swept) -> Result<()> {
        let mut above_cap = self.read(&HOUSE, move |tx| tx.bytes_above_cap(account)).await?;
        loop {
            let step = self
                .write(&HOUSE, &[account], move |tx| {
                    let admin = tx.administer()?;
                    tx.sweep_step(&admin, account, above_cap)
                })
                .await;
            let step = match step {
                Ok(step) => step,
                // Removed meanwhile: its rows went with it.
                Err(Error::Refusal(Refusal::NotFound(_))) => return Ok(()),
                Err(error) => return Err(error),
            };
            // No row names them any more, and none ever will: each upload has a name of its own.
            for blob in &step.freed_blobs {
                self.blobs().delete(blob).await?;
                swept.blobs += 1;
            }
            if step.swept == Swept::default() {
                return Ok(());
            }
            above_cap = (above_cap - step.freed_bytes).max(0);
            swept.contents += step.swept.contents;
            swept.tombstones += step.swept.tombstones;
            swept.rows += step.swept.rows;
        }
    }

    /// Removes blobs that are old and named by no row. A crash anywhere leaves only orphans.
    async fn collect_blobs(&self) -> Result<u64> {
        // The files' times are of the host's clock, so their age is too; the house's clock may be set
        // ahead (a demo). Whichever says that a blob is young keeps it.
        let oldest = self.clock().now().0.min(host_now_ms()) - ORPHAN_AGE_MS;
        let listed = self.blobs().list().await?;
        // Read after the listing: what was named meanwhile is found named.
        let named = self
            .read(&HOUSE, |tx| {
                let sql = "SELECT blob_name FROM content WHERE blob_name IS NOT NULL";
                tx.connection.rows(sql, &[], |row| Ok(row.text(0)?.to_owned()))
            })
            .await?;
        let named: HashSet<String> = named.into_iter().collect();
        let mut removed = 0;
        for (name, written_at) in listed {
            if written_at.0 <= oldest && !named.contains(&name) {
                self.blobs().delete(&name).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

#[expect(clippy::disallowed_methods, reason = "compared with times of files, which are the host's")]
pub(crate) fn host_now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.ok().and_then(|age| i64::try_from(age.as_millis()).ok()).unwrap_or(0)
}

impl<'tx> Write<'tx> {
    /// One step of a sweep: at most a few hundred rows of each kind.
    fn sweep_step(&mut self, _admin: &Admin<'tx>, account: AccountId, above_cap: i64) -> Result<Step> {
        let mut step = Step::default();
        self.release_bytes(account, above_cap, &mut step)?;
        self.bury(account, &mut step)?;
        Ok(step)
    }
}
