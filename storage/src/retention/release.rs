//! The bytes of deleted items, of superseded versions and of attachments that nothing names: released when their
//! retention has ended, or when an account retains more than it may; the oldest first. The tombstones stay in the log.

use super::Step;
use crate::backend::{Row, params};
use crate::error::Result;
use crate::transaction::{Read, Write};
use vocabulary::{AccountId, ContentId};

/// A tombstone, version or unnamed attachment that still holds its bytes.
struct Holder {
    collection: i64,
    uid: i64,
    /// 0 for a tombstone: stamps begin above it.
    from_modseq: i64,
    content: ContentId,
    /// Of an attachment; of anything else empty.
    token: String,
}

fn holder_of(row: &Row<'_>) -> Result<Holder> {
    Ok(Holder {
        collection: row.int(0)?,
        uid: row.int(1)?,
        from_modseq: row.int(2)?,
        content: ContentId(row.int(3)?),
        token: row.text(5)?.to_owned(),
    })
}

/// A content that nothing names any more.
struct Freed {
    bytes: i64,
    blob: Option<String>,
}

/// Those older than a moment, the oldest first: all parts come in the order of their index.
const HOLDERS: &str = "SELECT collection_id, uid, CAST(0 AS BIGINT), content_id, vanished_at, '' FROM item \
     WHERE account_id = ?1 AND vanished_at > 0 AND vanished_at < ?2 AND content_id > 0 \
     UNION ALL SELECT collection_id, uid, from_modseq, content_id, replaced_at, '' FROM version \
     WHERE account_id = ?1 AND replaced_at < ?2 AND content_id > 0 \
     UNION ALL SELECT 0, 0, 0, content_id, unused_since, token FROM attachment \
     WHERE account_id = ?1 AND unused_since > 0 AND unused_since < ?2 ORDER BY 5 LIMIT ?3";
/// What a moved or copied item shares with a living one takes no room of its own.
const RETAINED_BYTES: &str = "SELECT CAST(COALESCE(SUM(c.size_bytes), 0) AS BIGINT) FROM ( \
       SELECT content_id, COUNT(*) AS held FROM ( \
         SELECT content_id FROM item WHERE account_id = ?1 AND vanished_at > 0 AND content_id > 0 \
         UNION ALL SELECT content_id FROM version WHERE account_id = ?1 AND content_id > 0 \
         UNION ALL SELECT content_id FROM attachment WHERE account_id = ?1 AND unused_since > 0) AS holders \
       GROUP BY content_id) AS h \
     JOIN content c ON c.account_id = ?1 AND c.content_id = h.content_id WHERE c.refs = h.held";
const QUOTA_BYTES: &str = "SELECT quota_bytes FROM account_counter WHERE account_id = ?1";

impl Read<'_> {
    /// By how many bytes an account retains more than it may: as much again as its quota.
    pub(super) fn bytes_above_cap(&self, account: AccountId) -> Result<i64> {
        let retained = self.connection.int(RETAINED_BYTES, params![account.0])?.unwrap_or(0);
        let quota = self.connection.int(QUOTA_BYTES, params![account.0])?.unwrap_or(i64::MAX);
        Ok(retained.saturating_sub(quota).max(0))
    }
}

impl Write<'_> {
    /// Releases what is older than the retention, and more while the account is above its cap.
    pub(super) fn release_bytes(
        &mut self,
        account: AccountId,
        bytes_above_cap: i64,
        step: &mut Step,
    ) -> Result<()> {
        let ended = self.now().0 - self.context.retention_ms;
        for holder in self.holders(account, ended)? {
            self.release_holder(account, &holder, step)?;
        }
        if step.freed_bytes >= bytes_above_cap {
            return Ok(());
        }
        for holder in self.holders(account, i64::MAX)? {
            if step.freed_bytes >= bytes_above_cap {
                break;
            }
            self.release_holder(account, &holder, step)?;
        }
        Ok(())
    }

    fn holders(&self, account: AccountId, before: i64) -> Result<Vec<Holder>> {
        self.connection.rows(HOLDERS, params![account.0, before, super::ROWS_MAX], holder_of)
    }

    fn release_holder(&mut self, account: AccountId, holder: &Holder, step: &mut Step) -> Result<()> {
        const TOMBSTONE: &str =
            "UPDATE item SET content_id = 0 WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        const VERSION: &str = "UPDATE version SET content_id = 0 \
             WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3 AND from_modseq = ?4";
        /// A tombstone that names it finds nothing from now on.
        const ATTACHMENT: &str = "DELETE FROM attachment WHERE account_id = ?1 AND token = ?2";
        let Holder { collection, uid, from_modseq, content, ref token } = *holder;
        if !token.is_empty() {
            self.connection.execute(ATTACHMENT, params![account.0, token.as_str()])?;
        } else if from_modseq == 0 {
            self.connection.execute(TOMBSTONE, params![account.0, collection, uid])?;
        } else {
            self.connection.execute(VERSION, params![account.0, collection, uid, from_modseq])?;
        }
        self.release_into(account, content, step)?;
        step.swept.contents += 1;
        Ok(())
    }

    /// Takes one reference away and notes what that freed.
    pub(super) fn release_into(
        &mut self,
        account: AccountId,
        content: ContentId,
        step: &mut Step,
    ) -> Result<()> {
        if let Some(freed) = self.take_reference(account, content)? {
            step.freed_bytes += freed.bytes;
            step.freed_blobs.extend(freed.blob);
        }
        Ok(())
    }

    fn take_reference(&mut self, account: AccountId, content: ContentId) -> Result<Option<Freed>> {
        const DELETE: &str = "DELETE FROM content WHERE account_id = ?1 AND content_id = ?2 AND refs <= 0 \
             RETURNING size_bytes, blob_name";
        self.add_content_refs(account, content, -1)?;
        self.connection.row(DELETE, params![account.0, content.0], |row| {
            Ok(Freed { bytes: row.int(0)?, blob: row.opt_text(1)?.map(str::to_owned) })
        })
    }

    /// Takes one reference away; a blob that nothing names any more is left to the collector.
    pub(crate) fn release_content(&mut self, account: AccountId, content: i64) -> Result<()> {
        self.take_reference(account, ContentId(content)).map(drop)
    }
}
