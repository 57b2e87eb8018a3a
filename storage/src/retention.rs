//! What time takes away: contents whose retention ended, old tombstones, orphaned blobs.

use crate::access::Admin;
use crate::backend::params;
use crate::error::{Error, Refusal, Result};
use crate::store::Store;
use crate::transaction::Write;
use std::collections::HashSet;
use vocabulary::{AccountId, CollectionId, Door, ModSeq, Principal};

/// Tombstones stay this long; a cursor older than that starts again.
const TOMBSTONE_AGE_MS: i64 = 90 * 86_400_000;
/// Answers of repeated requests are remembered this long.
const REMEMBERED_AGE_MS: i64 = 14 * 86_400_000;
/// A blob that no row names is an orphan only after this: its transaction may still come.
pub(crate) const ORPHAN_AGE_MS: i64 = 86_400_000;
/// Rows per transaction: a sweep never holds the writer for long.
const ROWS_MAX: i64 = 500;

/// What a sweep took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Contents.
    pub contents: u64,
    /// Tombstones.
    pub tombstones: u64,
    /// Blobs.
    pub blobs: u64,
}

impl Store {
    /// One sweep over the whole house.
    ///
    /// # Errors
    /// [`crate::Fault`]; what was swept before stays swept.
    pub async fn sweep(&self) -> Result<Swept> {
        let house = Principal::System { door: Door::Admin };
        let accounts = self
            .read(&house, |tx| {
                let admin = tx.administer()?;
                Ok(tx.accounts(&admin, None)?.into_iter().map(|account| account.id).collect::<Vec<_>>())
            })
            .await?;
        let mut swept = Swept::default();
        for account in accounts {
            loop {
                let step = self
                    .write(&house, &[account], move |tx| {
                        let admin = tx.administer()?;
                        tx.sweep_account(&admin, account)
                    })
                    .await;
                let step = match step {
                    Ok(step) => step,
                    // Removed meanwhile: its rows went with it.
                    Err(Error::Refusal(Refusal::NotFound(_))) => break,
                    Err(error) => return Err(error),
                };
                swept.contents += step.contents;
                swept.tombstones += step.tombstones;
                if step == Swept::default() {
                    break;
                }
            }
        }
        swept.blobs = self.collect_blobs().await?;
        Ok(swept)
    }

    /// Removes blobs that are old and named by no row. A crash anywhere leaves only orphans.
    async fn collect_blobs(&self) -> Result<u64> {
        let house = Principal::System { door: Door::Admin };
        // The files' times are of the host's clock, so their age is too; the house's clock may be set
        // ahead (a demo). Whichever says that a blob is young keeps it.
        let oldest = self.clock().now().0.min(host_now_ms()) - ORPHAN_AGE_MS;
        let listed = self.blobs().list().await?;
        // Read after the listing: what was named meanwhile is found named.
        let named = self
            .read(&house, |tx| {
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
    /// One step of a sweep: at most a few hundred rows.
    fn sweep_account(&mut self, _admin: &Admin<'tx>, account: AccountId) -> Result<Swept> {
        let now = self.now().0;
        let contents = self.release_items(account, now)? + self.release_versions(account, now)?;
        self.connection.execute(
            "DELETE FROM idempotency WHERE account_id = ?1 AND created_at < ?2",
            params![account.0, now - REMEMBERED_AGE_MS],
        )?;
        Ok(Swept { contents, tombstones: self.bury(account, now)?, blobs: 0 })
    }

    fn release_items(&mut self, account: AccountId, now: i64) -> Result<u64> {
        const OVERDUE: &str = "SELECT collection_id, uid, content_id FROM item WHERE account_id = ?1 \
             AND vanished_at > 0 AND vanished_at < ?2 AND content_id > 0 LIMIT ?3";
        const RELEASE: &str =
            "UPDATE item SET content_id = 0 WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        let limit = now - self.context.retention_ms;
        let rows = self.connection.rows(OVERDUE, params![account.0, limit, ROWS_MAX], |row| {
            Ok((row.int(0)?, row.int(1)?, row.int(2)?))
        })?;
        for (collection, uid, content) in &rows {
            self.connection.execute(RELEASE, params![account.0, *collection, *uid])?;
            self.release_content(account, *content)?;
        }
        Ok(rows.len() as u64)
    }

    fn release_versions(&mut self, account: AccountId, now: i64) -> Result<u64> {
        const OVERDUE: &str = "SELECT collection_id, uid, from_modseq, content_id FROM version \
             WHERE account_id = ?1 AND replaced_at < ?2 AND content_id > 0 LIMIT ?3";
        const RELEASE: &str = "UPDATE version SET content_id = 0 \
             WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3 AND from_modseq = ?4";
        let limit = now - self.context.retention_ms;
        let rows = self.connection.rows(OVERDUE, params![account.0, limit, ROWS_MAX], |row| {
            Ok((row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?))
        })?;
        for (collection, uid, from, content) in &rows {
            self.connection.execute(RELEASE, params![account.0, *collection, *uid, *from])?;
            self.release_content(account, *content)?;
        }
        Ok(rows.len() as u64)
    }

    pub(crate) fn release_content(&mut self, account: AccountId, content: i64) -> Result<()> {
        self.add_content_refs(account, vocabulary::ContentId(content), -1)?;
        self.connection
            .execute(
                "DELETE FROM content WHERE account_id = ?1 AND content_id = ?2 AND refs <= 0",
                params![account.0, content],
            )
            .map(drop)
    }

    /// Deletes old tombstones and raises the floor of their collections.
    fn bury(&mut self, account: AccountId, now: i64) -> Result<u64> {
        const OLD: &str = "SELECT collection_id, uid, modseq FROM item WHERE account_id = ?1 \
             AND vanished_at > 0 AND vanished_at < ?2 AND content_id = 0 LIMIT ?3";
        const DELETE: &str = "DELETE FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        const VERSIONS: &str = "DELETE FROM version WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3 \
             AND content_id = 0";
        const FLOOR: &str = "UPDATE collection SET floor = ?3 \
             WHERE account_id = ?1 AND collection_id = ?2 AND floor < ?3";
        let rows =
            self.connection.rows(OLD, params![account.0, now - TOMBSTONE_AGE_MS, ROWS_MAX], |row| {
                Ok((CollectionId(row.int(0)?), row.int(1)?, ModSeq(row.int(2)?)))
            })?;
        for (collection, uid, modseq) in &rows {
            self.connection.execute(DELETE, params![account.0, collection.0, *uid])?;
            self.connection.execute(VERSIONS, params![account.0, collection.0, *uid])?;
            self.connection.execute(FLOOR, params![account.0, collection.0, modseq.0])?;
        }
        Ok(rows.len() as u64)
    }
}
