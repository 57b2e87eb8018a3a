//! Managed attachments: files that belong to the objects of calendars which name them.
//!
//! An attachment is a content of its account, called by a token that nobody guesses. `attachment_use` says which items
//! name which tokens, whosever those are; a row stays with its item, also with a tombstone. An attachment that no living
//! item of its account names is out of use: it counts no more and is kept for the retention window, so that an object
//! that comes back finds it. Whether it is in use is asked at the end of a transaction that took something away
//! (`Write::settle`), as with locks: no operation can forget it.

use crate::access::{Admin, Grant, right};
use crate::backend::params;
use crate::content::{Prepared, Stored, stored_of};
use crate::error::{Refusal, Result};
use crate::item::uid_of;
use crate::transaction::{Read, Write};
use std::collections::BTreeSet;
use vocabulary::{AccountId, CollectionId, ContentId, Timestamp, Uid};

/// Longest token of an attachment, and of what an item names as one.
pub const ATTACHMENT_TOKEN_BYTES_MAX: usize = 255;
/// Longest name and longest media type of an attachment.
pub const ATTACHMENT_NAME_BYTES_MAX: usize = 255;

/// A file that objects of a calendar name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Whose it is, and in whose quota it counts.
    pub account: AccountId,
    /// What objects call it: unique in the whole house.
    pub token: String,
    /// Its bytes, which never change.
    pub content: ContentId,
    /// Their size.
    pub size_bytes: i64,
    /// What people call it; may be empty.
    pub name: String,
    /// What its bytes are said to be; may be empty.
    pub media_type: String,
    /// When it came.
    pub created_at: Timestamp,
}

/// An attachment that comes with the item that names it.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    /// What objects call it. Whoever knows it must not have guessed it.
    pub token: String,
    /// Its bytes, prepared for the account of the item.
    pub content: Prepared,
    /// What people call it.
    pub name: String,
    /// What its bytes are said to be.
    pub media_type: String,
}

/// The attachments of an item that is to be written.
#[derive(Debug, Clone, Default)]
pub struct Attachments {
    /// The tokens that its bytes name.
    pub named: Vec<String>,
    /// Those of them that come with it.
    pub new: Vec<NewAttachment>,
}

/// An item that names a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttachmentUse {
    /// Whose it is.
    pub account: AccountId,
    /// Where it lies.
    pub collection: CollectionId,
    /// Its number there.
    pub uid: Uid,
    /// `false`: a tombstone.
    pub is_living: bool,
    /// Marked private by its owner.
    pub is_private: bool,
}

const FIND: &str = "SELECT a.account_id, a.token, a.name, a.media_type, a.created_at, c.content_id, c.size_bytes, \
     c.encoding, c.hash, c.blob_name, c.body FROM attachment a \
     JOIN content c ON c.account_id = a.account_id AND c.content_id = a.content_id WHERE a.token = ?1";
/// The living ones first.
const USES: &str = "SELECT u.account_id, u.collection_id, u.uid, i.vanished_at, i.private FROM attachment_use u \
     JOIN item i ON i.account_id = u.account_id AND i.collection_id = u.collection_id AND i.uid = u.uid \
     WHERE u.token = ?1 ORDER BY i.vanished_at, u.account_id, u.collection_id, u.uid LIMIT ?2";
const NAMED: &str = "SELECT u.token FROM attachment_use u \
     JOIN item i ON i.account_id = u.account_id AND i.collection_id = u.collection_id AND i.uid = u.uid \
     WHERE u.account_id = ?1 AND u.collection_id = ?2 AND u.uid = ?3 AND i.vanished_at = 0 AND i.private <= ?4 \
     ORDER BY u.token";
const RETIRED_BYTES: &str =
    "SELECT size_bytes FROM attachment WHERE account_id = ?1 AND token = ?2 AND unused_since > 0";
const INSERT: &str = "INSERT INTO attachment (account_id, token, content_id, size_bytes, name, media_type, created_at, \
     unused_since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)";
const REVIVE: &str =
    "UPDATE attachment SET unused_since = 0 WHERE account_id = ?1 AND token = ?2 AND unused_since > 0";
const RETIRE: &str = "UPDATE attachment SET unused_since = ?3 WHERE account_id = ?1 AND token = ?2";
const FORGET: &str = "DELETE FROM attachment_use WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
const NAME: &str =
    "INSERT INTO attachment_use (account_id, collection_id, uid, token) VALUES (?1, ?2, ?3, ?4)";
const COPY: &str = "INSERT INTO attachment_use (account_id, collection_id, uid, token) \
     SELECT account_id, ?4, ?5, token FROM attachment_use WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
const UNNAMED: &str = "SELECT a.token, a.size_bytes FROM attachment a \
     WHERE a.account_id = ?1 AND a.unused_since = 0 AND NOT EXISTS (SELECT u.uid FROM attachment_use u \
       JOIN item i ON i.account_id = u.account_id AND i.collection_id = u.collection_id AND i.uid = u.uid \
       WHERE u.account_id = a.account_id AND u.token = a.token AND i.vanished_at = 0)";

impl<'tx> Read<'tx> {
    /// The attachment of a token, whosever it is, and its bytes. Who may have them is said by the items that name it.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn attachment(&self, _admin: &Admin<'tx>, token: &str) -> Result<Option<(Attachment, Stored)>> {
        if token.len() > ATTACHMENT_TOKEN_BYTES_MAX {
            return Ok(None);
        }
        self.connection.row(FIND, params![token], |row| {
            let account = AccountId(row.int(0)?);
            let attachment = Attachment {
                account,
                token: row.text(1)?.to_owned(),
                content: ContentId(row.int(5)?),
                size_bytes: row.int(6)?,
                name: row.text(2)?.to_owned(),
                media_type: row.text(3)?.to_owned(),
                created_at: Timestamp(row.int(4)?),
            };
            Ok((attachment, stored_of(account, row, 5)?))
        })
    }

    /// The items of the house that name a token, the living ones first: at most `limit`.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn attachment_uses(
        &self,
        _admin: &Admin<'tx>,
        token: &str,
        limit: usize,
    ) -> Result<Vec<AttachmentUse>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.connection.rows(USES, params![token, limit], |row| {
            Ok(AttachmentUse {
                account: AccountId(row.int(0)?),
                collection: CollectionId(row.int(1)?),
                uid: uid_of(row.int(2)?)?,
                is_living: row.int(3)? == 0,
                is_private: row.int(4)? != 0,
            })
        })
    }

    /// The tokens that a living item names, also those of other accounts and of none.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn attachments_named(&self, grant: &Grant<'tx, right::ReadItems>, uid: Uid) -> Result<Vec<String>> {
        let collection = grant.collection();
        let params = params![collection.account.0, collection.id.0, i64::from(uid.0), grant.private_max()];
        self.connection.rows(NAMED, params, |row| Ok(row.text(0)?.to_owned()))
    }
}

impl Write<'_> {
    /// How much more an account will use for the attachments of an item: those that come with it, and those that come
    /// back into use.
    pub(crate) fn attachment_bytes(&self, account: AccountId, attachments: &Attachments) -> Result<i64> {
        let mut bytes = 0;
        for new in &attachments.new {
            let is_odd =
                |text: &str, bytes_max: usize| text.len() > bytes_max || text.chars().any(char::is_control);
            if is_odd(&new.token, ATTACHMENT_TOKEN_BYTES_MAX)
                || is_odd(&new.name, ATTACHMENT_NAME_BYTES_MAX)
                || is_odd(&new.media_type, ATTACHMENT_NAME_BYTES_MAX)
            {
                return Err(Refusal::Invalid("the attachment cannot be kept").into());
            }
            self.refuse_unusable(account, &new.content)?;
            bytes += new.content.size_bytes;
        }
        for token in tokens(attachments)? {
            bytes += self.connection.int(RETIRED_BYTES, params![account.0, token])?.unwrap_or(0);
        }
        Ok(bytes)
    }

    /// After an item was written: what comes with it is kept, and what it names is noted. Its bytes have been charged.
    pub(crate) fn attach(
        &mut self,
        account: AccountId,
        collection: CollectionId,
        uid: Uid,
        attachments: &Attachments,
    ) -> Result<()> {
        for new in &attachments.new {
            let content = self.add_content(account, &new.content)?;
            let (name, media_type) = (new.name.as_str(), new.media_type.as_str());
            let (token, size_bytes) = (new.token.as_str(), new.content.size_bytes);
            let params = params![account.0, token, content.0, size_bytes, name, media_type, self.now().0];
            self.connection.execute(INSERT, params)?;
            // Nobody needs to name it.
            self.unattach(account);
        }
        for token in tokens(attachments)? {
            let params = params![account.0, collection.0, i64::from(uid.0), token];
            self.connection.execute(NAME, params)?;
            self.connection.execute(REVIVE, params![account.0, token])?;
        }
        Ok(())
    }

    /// Before an item gets other bytes, or when a tombstone goes: what it named is forgotten.
    pub(crate) fn forget_attachments(
        &mut self,
        account: AccountId,
        collection: CollectionId,
        uid: Uid,
    ) -> Result<()> {
        self.connection.execute(FORGET, params![account.0, collection.0, i64::from(uid.0)])?;
        self.unattach(account);
        Ok(())
    }

    /// What a copied or moved item names, its new row names too.
    pub(crate) fn copy_attachments(
        &mut self,
        account: AccountId,
        (from, old): (CollectionId, Uid),
        (to, new): (CollectionId, Uid),
    ) -> Result<()> {
        let params = params![account.0, from.0, i64::from(old.0), to.0, i64::from(new.0)];
        self.connection.execute(COPY, params).map(drop)
    }

    /// Attachments that nothing names any more do not count from now on.
    pub(crate) fn retire_attachments(&mut self, account: AccountId) -> Result<()> {
        let unnamed = self
            .connection
            .rows(UNNAMED, params![account.0], |row| Ok((row.text(0)?.to_owned(), row.int(1)?)))?;
        for (token, size_bytes) in unnamed {
            self.connection.execute(RETIRE, params![account.0, token.as_str(), self.now().0])?;
            self.charge(account, -size_bytes, true)?;
        }
        Ok(())
    }
}

/// Each token once.
fn tokens(attachments: &Attachments) -> Result<BTreeSet<&str>> {
    let tokens: BTreeSet<&str> = attachments.named.iter().map(String::as_str).collect();
    let is_odd = |token: &&str| token.len() > ATTACHMENT_TOKEN_BYTES_MAX || token.contains('\0');
    if tokens.iter().any(is_odd) {
        return Err(Refusal::Invalid("the name of an attachment cannot be kept").into());
    }
    Ok(tokens)
}
