//! New bytes for an item that exists.

use crate::access::{Grant, right};
use crate::backend::params;
use crate::collection::Difference;
use crate::error::{Refusal, Result};
use crate::item::{Added, COUNTED_OF, NewItem};
use crate::schedule::ScheduleTag;
use crate::transaction::Write;
use vocabulary::{Component, Home, ModSeq, Uid};

impl<'tx> Write<'tx> {
    /// Replaces the content of an event, card or task in place; its flags stay, and its resource name
    /// unless another one is given. The old bytes stay as a `version` until the retention window ends.
    /// (A mail is never changed in place: see [`Write::replace_mail`].)
    ///
    /// # Errors
    /// [`Refusal::Stale`] if `expected` is given and the content has changed since (If-Match);
    /// [`Refusal::OverQuota`]; [`Refusal::NotFound`]; [`Refusal::Denied`] for the item of another if
    /// the principal may change only its own.
    pub fn replace(
        &mut self,
        grant: &Grant<'tx, right::Replace>,
        uid: Uid,
        new: &NewItem,
        expected: Option<ModSeq>,
        quiet_for: Option<&str>,
    ) -> Result<ModSeq> {
        const VERSION: &str = "INSERT INTO version (account_id, collection_id, uid, from_modseq, until_modseq, \
             content_id, filter_at, private, replaced_at) \
             SELECT account_id, collection_id, uid, content_modseq, ?4, content_id, filter_at, private, ?5 \
             FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        const REPLACE: &str = "UPDATE item SET content_id = ?4, size_bytes = ?5, filter_at = ?6, content_modseq = ?7, \
             modseq = ?7, quiet_for = ?8, component_uid = ?9, resource_name = COALESCE(?10, resource_name), \
             private = ?11, component = ?12, starts_at = ?13, media_type = ?14, \
             schedule_modseq = CASE WHEN ?15 = 0 THEN 0 WHEN ?15 = 1 AND schedule_modseq > 0 THEN schedule_modseq \
             ELSE ?7 END \
             WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        let (account, collection) = (grant.collection().account, grant.collection().id);
        self.refuse_foreign(grant, &(uid.0..=uid.0))?;
        let old = self.living_row(account, collection, uid)?;
        if expected.is_some_and(|expected| expected != old.content_modseq) {
            return Err(Refusal::Stale { current: old.content_modseq }.into());
        }
        self.refuse_unusable(account, &new.content)?;
        self.refuse_twins(account, collection, new, Some(uid))?;
        let size = new.content.size_bytes;
        let counted = self.connection.int(COUNTED_OF, params![account.0, collection.0, i64::from(uid.0)])?;
        let attached = self.attachment_bytes(account, &new.attachments)?;
        self.charge(account, (size - old.size_bytes) * counted.unwrap_or(1) + attached, false)?;
        let modseq = self.stamp(account)?;
        let again_in_this_request = old.content_modseq == modseq;
        if !again_in_this_request {
            let params = params![account.0, collection.0, i64::from(uid.0), modseq.0, self.now().0];
            self.connection.execute(VERSION, params)?;
            self.retain(account, old.size_bytes)?;
        }
        let content = self.add_content(account, &new.content)?;
        let params = params![
            account.0,
            collection.0,
            i64::from(uid.0),
            content.0,
            size,
            new.filter_at.0,
            modseq.0,
            quiet_for,
            new.component_uid.as_deref(),
            new.resource_name.as_deref(),
            i64::from(new.private),
            new.component.map_or("", Component::as_str),
            new.starts_at.0,
            &new.media_type,
            match new.schedule_tag {
                ScheduleTag::None => 0,
                ScheduleTag::Kept => 1,
                ScheduleTag::New => 2_i64,
            },
        ];
        self.connection.execute(REPLACE, params)?;
        if grant.collection().kind.home() == Home::Calendars {
            self.forget_attachments(account, collection, uid)?;
        }
        self.attach(account, collection, uid, &new.attachments)?;
        if again_in_this_request {
            // Nobody has seen what this request wrote before: no version names it.
            self.release_content(account, old.content.0)?;
        }
        let by = Difference { messages: 0, unseen: 0, bytes: size - old.size_bytes };
        self.count(account, collection, modseq, by)?;
        Ok(modseq)
    }

    /// Replaces a mail (a draft): a tombstone that points to a new row with the same identity.
    ///
    /// # Errors
    /// As [`Write::insert`]; [`Refusal::NotFound`].
    pub fn replace_mail(
        &mut self,
        remove: &Grant<'tx, right::Remove>,
        insert: &Grant<'tx, right::Insert>,
        uid: Uid,
        new: &NewItem,
    ) -> Result<Added> {
        const KEEP_ID: &str =
            "UPDATE item SET object_id = ?4 WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        let (account, collection) = (remove.collection().account, remove.collection().id);
        self.same_account(account, insert.collection().account)?;
        self.refuse_foreign(remove, &(uid.0..=uid.0))?;
        let old = self.living_row(account, collection, uid)?;
        let mut added = self.insert(insert, new)?;
        let target = insert.collection().id;
        self.connection.execute(KEEP_ID, params![account.0, target.0, i64::from(added.uid.0), old.id.0])?;
        added.id = old.id;
        self.vanish(account, collection, &old, Some((target, added.uid)))?;
        Ok(added)
    }
}
