//! Rows that have had their time: tombstones, superseded versions, deleted folders, settled mails of the
//! queue, revoked credentials, who did what.

use super::{ROWS_MAX, Step};
use crate::backend::params;
use crate::cursor::reader_of;
use crate::error::{Result, row_fault};
use crate::transaction::Write;
use vocabulary::{AccountId, CollectionId, CollectionKind, ContentId, Home, ModSeq};

const DAY_MS: i64 = 86_400_000;
/// What happened stays in the log for this long; a cursor older than that starts again.
const LOG_AGE_MS: i64 = 90 * DAY_MS;
/// Answers of repeated requests are remembered this long, and as long as their key lives.
const REMEMBERED_AGE_MS: i64 = 14 * DAY_MS;
/// A mail of the queue, of whose recipients none waits, can be looked up this long.
const SETTLED_AGE_MS: i64 = DAY_MS;
/// A revoked credential can be looked up this long.
const REVOKED_AGE_MS: i64 = 90 * DAY_MS;

/// A version as a sweep finds it.
struct Past {
    collection: CollectionId,
    uid: i64,
    from: i64,
    until: ModSeq,
    content: ContentId,
}

impl Write<'_> {
    /// Deletes what has had its time, at most [`ROWS_MAX`] rows of a kind.
    pub(super) fn bury(&mut self, account: AccountId, step: &mut Step) -> Result<()> {
        step.swept.rows += self.expire_schedule_messages(account)?;
        step.swept.tombstones += self.bury_tombstones(account)?;
        step.swept.rows += self.bury_versions(account)?;
        step.swept.rows += self.bury_orphaned_versions(account, step)?;
        step.swept.rows += self.bury_folders(account)?;
        step.swept.rows += self.bury_properties(account)?;
        step.swept.rows += self.bury_settled_mails(account, step)?;
        step.swept.rows += self.bury_aged_rows(account)?;
        step.swept.rows += self.expire_devices(account)?;
        step.swept.rows += self.bury_device_events(account, self.now().0 - LOG_AGE_MS, ROWS_MAX)?;
        Ok(())
    }

    /// The floor of their collections rises. An item goes after its versions have given their bytes back.
    fn bury_tombstones(&mut self, account: AccountId) -> Result<u64> {
        const OLD: &str = "SELECT i.collection_id, i.uid, i.modseq FROM item i WHERE i.account_id = ?1 \
             AND i.vanished_at > 0 AND i.vanished_at < ?2 AND i.content_id = 0 \
             AND NOT EXISTS (SELECT v.uid FROM version v WHERE v.account_id = i.account_id \
               AND v.collection_id = i.collection_id AND v.uid = i.uid AND v.content_id > 0) LIMIT ?3";
        const DELETE: &str = "DELETE FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        const VERSIONS: &str =
            "DELETE FROM version WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        const NAMED: &str =
            "DELETE FROM attachment_use WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        let params = params![account.0, self.now().0 - LOG_AGE_MS, ROWS_MAX];
        let rows = self
            .connection
            .rows(OLD, params, |row| Ok((CollectionId(row.int(0)?), row.int(1)?, ModSeq(row.int(2)?))))?;
        for (collection, uid, modseq) in &rows {
            self.connection.execute(DELETE, params![account.0, collection.0, *uid])?;
            self.connection.execute(VERSIONS, params![account.0, collection.0, *uid])?;
            self.connection.execute(NAMED, params![account.0, collection.0, *uid])?;
            self.raise_floor(account, *collection, *modseq)?;
        }
        Ok(rows.len() as u64)
    }

    /// What an item was is asked only for a cursor before the change that ended it: such cursors lie
    /// below the floor, or do once the change is as old as a tombstone may become.
    fn bury_versions(&mut self, account: AccountId) -> Result<u64> {
        const PAST: &str = "SELECT v.collection_id, v.uid, v.from_modseq, v.until_modseq, v.content_id FROM version v \
             JOIN collection c ON c.account_id = v.account_id AND c.collection_id = v.collection_id \
             WHERE v.account_id = ?1 AND v.content_id = 0 AND (v.until_modseq <= c.floor OR v.replaced_at < ?2) LIMIT ?3";
        let rows = self.past_versions(PAST, account)?;
        for past in &rows {
            self.delete_version(account, past)?;
            self.raise_floor(account, past.collection, past.until)?;
        }
        Ok(rows.len() as u64)
    }

    /// Versions of items that are gone: earlier programs left some behind.
    fn bury_orphaned_versions(&mut self, account: AccountId, step: &mut Step) -> Result<u64> {
        const ORPHANED: &str = "SELECT v.collection_id, v.uid, v.from_modseq, v.until_modseq, v.content_id FROM version v \
             LEFT JOIN item i ON i.account_id = v.account_id AND i.collection_id = v.collection_id AND i.uid = v.uid \
             WHERE v.account_id = ?1 AND v.replaced_at < ?2 AND i.uid IS NULL LIMIT ?3";
        let rows = self.past_versions(ORPHANED, account)?;
        for past in &rows {
            self.delete_version(account, past)?;
            if past.content.0 > 0 {
                self.release_into(account, past.content, step)?;
            }
        }
        Ok(rows.len() as u64)
    }

    fn past_versions(&self, sql: &'static str, account: AccountId) -> Result<Vec<Past>> {
        self.connection.rows(sql, params![account.0, self.now().0 - LOG_AGE_MS, ROWS_MAX], |row| {
            Ok(Past {
                collection: CollectionId(row.int(0)?),
                uid: row.int(1)?,
                from: row.int(2)?,
                until: ModSeq(row.int(3)?),
                content: ContentId(row.int(4)?),
            })
        })
    }

    fn delete_version(&self, account: AccountId, past: &Past) -> Result<()> {
        const DELETE: &str = "DELETE FROM version \
             WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3 AND from_modseq = ?4";
        self.connection.execute(DELETE, params![account.0, past.collection.0, past.uid, past.from]).map(drop)
    }

    fn raise_floor(&self, account: AccountId, collection: CollectionId, to: ModSeq) -> Result<()> {
        const FLOOR: &str = "UPDATE collection SET floor = ?3 \
             WHERE account_id = ?1 AND collection_id = ?2 AND floor < ?3";
        self.connection.execute(FLOOR, params![account.0, collection.0, to.0]).map(drop)
    }

    /// A deleted folder goes after its last tombstone, with what others noted of it. Its id and its
    /// UIDVALIDITY are never given again: both come from the account's counter.
    fn bury_folders(&mut self, account: AccountId) -> Result<u64> {
        const OLD: &str = "SELECT c.collection_id, c.kind, c.modseq FROM collection c \
             WHERE c.account_id = ?1 AND c.vanished_at > 0 AND c.vanished_at < ?2 AND NOT EXISTS ( \
               SELECT i.uid FROM item i WHERE i.account_id = c.account_id AND i.collection_id = c.collection_id) LIMIT ?3";
        const WITH_IT: [&str; 5] = [
            "DELETE FROM permission WHERE account_id = ?1 AND collection_id = ?2",
            "DELETE FROM subscription WHERE owner_id = ?1 AND collection_id = ?2",
            "DELETE FROM cursor WHERE owner_id = ?1 AND collection_id = ?2",
            "DELETE FROM push_registration WHERE owner_id = ?1 AND collection_id = ?2",
            "DELETE FROM collection WHERE account_id = ?1 AND collection_id = ?2",
        ];
        let params = params![account.0, self.now().0 - LOG_AGE_MS, ROWS_MAX];
        let rows = self.connection.rows(OLD, params, |row| {
            let kind: CollectionKind = row.text(1)?.parse().map_err(row_fault)?;
            Ok((row.int(0)?, kind.home(), ModSeq(row.int(2)?)))
        })?;
        for (collection, home, modseq) in &rows {
            for sql in WITH_IT {
                self.connection.execute(sql, params![account.0, *collection])?;
            }
            // Nobody follows the others by their names.
            if matches!(home, Home::Calendars | Home::AddressBooks) {
                self.raise_home_floor(account, *home, *modseq)?;
            }
        }
        Ok(rows.len() as u64)
    }

    /// What the account kept of folders of others that are gone. It counts in this account's quota, so whoever
    /// deleted the folder could not take it away.
    fn bury_properties(&mut self, account: AccountId) -> Result<u64> {
        const GONE: &str = "SELECT DISTINCT p.owner_id, p.collection_id FROM property p LEFT JOIN collection c \
             ON c.account_id = p.owner_id AND c.collection_id = p.collection_id AND c.vanished_at = 0 \
             WHERE p.account_id = ?1 AND c.collection_id IS NULL LIMIT ?2";
        let gone = self.connection.rows(GONE, params![account.0, ROWS_MAX], |row| {
            Ok((AccountId(row.int(0)?), CollectionId(row.int(1)?)))
        })?;
        let mut rows = 0;
        for (owner, collection) in gone {
            rows += self.forget_properties(account, owner, collection)?;
        }
        Ok(rows)
    }

    fn bury_settled_mails(&mut self, account: AccountId, step: &mut Step) -> Result<u64> {
        const SETTLED: &str = "SELECT m.queue_id, m.content_id FROM queue_message m \
             WHERE m.account_id = ?1 AND m.created_at < ?2 AND NOT EXISTS ( \
               SELECT r.recipient FROM queue_recipient r WHERE r.account_id = m.account_id AND r.queue_id = m.queue_id \
               AND r.state <> 'done' AND (r.state <> 'failed' OR r.notified = 0)) LIMIT ?3";
        const RECIPIENTS: &str = "DELETE FROM queue_recipient WHERE account_id = ?1 AND queue_id = ?2";
        const MESSAGE: &str = "DELETE FROM queue_message WHERE account_id = ?1 AND queue_id = ?2";
        let params = params![account.0, self.now().0 - SETTLED_AGE_MS, ROWS_MAX];
        let rows = self.connection.rows(SETTLED, params, |row| Ok((row.int(0)?, ContentId(row.int(1)?))))?;
        for (queue_id, content) in &rows {
            self.connection.execute(RECIPIENTS, params![account.0, *queue_id])?;
            self.connection.execute(MESSAGE, params![account.0, *queue_id])?;
            self.release_into(account, *content, step)?;
        }
        Ok(rows.len() as u64)
    }

    /// Rows that nothing refers to.
    fn bury_aged_rows(&self, account: AccountId) -> Result<u64> {
        const REVOKED: &str = "DELETE FROM credential WHERE account_id = ?1 AND credential_id IN ( \
               SELECT credential_id FROM credential WHERE account_id = ?1 AND revoked_at < ?2 LIMIT ?3)";
        /// Stamps rise with time: only the first rows are looked at.
        const DONE: &str = "DELETE FROM activity WHERE account_id = ?1 AND modseq IN ( \
               SELECT modseq FROM (SELECT modseq, at FROM activity WHERE account_id = ?1 ORDER BY modseq LIMIT ?3) AS oldest \
               WHERE at < ?2)";
        /// At most one for each share of the account.
        const TOLD: &str = "DELETE FROM share_notice WHERE account_id = ?1 AND told_at < ?2";
        let now = self.now().0;
        let revoked = params![account.0, now - REVOKED_AGE_MS, ROWS_MAX];
        let done = params![account.0, now - LOG_AGE_MS, ROWS_MAX];
        let told = params![account.0, now - LOG_AGE_MS];
        let rows = self.connection.execute(REVOKED, revoked)?
            + self.connection.execute(DONE, done)?
            + self.connection.execute(TOLD, told)?
            + self.bury_locks(account)?
            + self.bury_pushes(account)?;
        self.forget_old_answers(account)?;
        Ok(rows)
    }

    /// A device that was off for weeks repeats its last request under the key that it holds: answers beside its
    /// living row may still be asked for, and go with the key. About collection 0 there is no such row.
    fn forget_old_answers(&self, account: AccountId) -> Result<()> {
        const READERS: &str = "SELECT DISTINCT reader, collection_id FROM idempotency \
             WHERE account_id = ?1 AND created_at < ?2";
        const LIVES: &str = "SELECT owner_id FROM cursor \
             WHERE account_id = ?1 AND reader = ?2 AND owner_id = ?3 AND collection_id = ?4";
        const FORGET: &str = "DELETE FROM idempotency \
             WHERE account_id = ?1 AND reader = ?2 AND collection_id = ?3 AND created_at < ?4";
        let before = self.now().0 - REMEMBERED_AGE_MS;
        let readers = self
            .connection
            .rows(READERS, params![account.0, before], |row| Ok((row.text(0)?.to_owned(), row.int(1)?)))?;
        for (reader, collection) in readers {
            let lives = match reader_of(&reader) {
                Some((actor, device)) if collection != 0 => {
                    let params = params![actor.0, device, account.0, collection];
                    self.connection.row(LIVES, params, |row| row.int(0))?.is_some()
                }
                Some(_) | None => false,
            };
            if !lives {
                self.connection.execute(FORGET, params![account.0, reader.as_str(), collection, before])?;
            }
        }
        Ok(())
    }
}
