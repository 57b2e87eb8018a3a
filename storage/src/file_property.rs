//! What clients keep of plain files and of the collections that hold them: properties that no specification knows.
//!
//! Unlike those of calendars (`property.rs`) they are of the resource, not of each viewer: whoever may change it sets
//! them for all, and they travel with copies and moves. They count towards the quota of the account that the files are in.

use crate::access::{Grant, right};
use crate::backend::params;
use crate::error::{Refusal, Result, Subject};
use crate::item::{Item, range_params};
use crate::property::{NAME_BYTES_MAX, PROPERTIES_MAX, PROPERTY_BYTES_MAX};
use crate::transaction::{Read, Write};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use vocabulary::{AccountId, CollectionId, ItemId, Rights};

const GET: &str = "SELECT name, value FROM property \
     WHERE account_id = ?1 AND owner_id = ?1 AND collection_id = ?2 AND item = ?3";
const PUT: &str = "INSERT INTO property (account_id, owner_id, collection_id, item, name, value, modseq) \
     VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account_id, owner_id, collection_id, item, name) \
     DO UPDATE SET value = excluded.value, modseq = excluded.modseq";
const REMOVE: &str = "DELETE FROM property \
     WHERE account_id = ?1 AND owner_id = ?1 AND collection_id = ?2 AND item = ?3 AND name = ?4";
/// What lies within a range of items, and how much is kept of it.
const BYTES_WITHIN: &str = "SELECT CAST(COALESCE(SUM(OCTET_LENGTH(name) + OCTET_LENGTH(value)), 0) AS BIGINT) \
     FROM property WHERE account_id = ?1 AND owner_id = ?1 AND collection_id = ?2 \
     AND item IN (SELECT object_id FROM item \
       WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0)";
const FORGET: &str = "DELETE FROM property WHERE account_id = ?1 AND owner_id = ?1 AND collection_id = ?2 \
     AND item IN (SELECT object_id FROM item \
       WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0)";
const BYTES: &str = "SELECT CAST(COALESCE(SUM(OCTET_LENGTH(name) + OCTET_LENGTH(value)), 0) AS BIGINT) \
     FROM property WHERE account_id = ?1 AND owner_id = ?1 AND collection_id = ?2 AND item = ?3";
const MOVE: &str = "UPDATE property SET collection_id = ?4 \
     WHERE account_id = ?1 AND owner_id = ?1 AND collection_id = ?2 AND item = ?3";
const COPY: &str = "INSERT INTO property (account_id, owner_id, collection_id, item, name, value, modseq) \
     SELECT account_id, owner_id, ?4, ?5, name, value, ?6 FROM property \
     WHERE account_id = ?1 AND owner_id = ?1 AND collection_id = ?2 AND item = ?3";

/// In the column: the collection itself.
const COLLECTION: ItemId = ItemId(0);

impl<'tx> Read<'tx> {
    /// What is kept of an item of a collection of plain files; `None`: of the collection.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn file_properties(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        item: Option<ItemId>,
    ) -> Result<BTreeMap<String, String>> {
        let collection = grant.collection();
        let params = params![collection.account.0, collection.id.0, item.unwrap_or(COLLECTION).0];
        let read = |row: &crate::backend::Row<'_>| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
        Ok(self.connection.rows(GET, params, read)?.into_iter().collect())
    }
}

impl<'tx> Write<'tx> {
    /// Sets or removes a property of an item of a collection of plain files; `None`: of the collection.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] above [`PROPERTY_BYTES_MAX`], [`Refusal::Invalid`] above [`PROPERTIES_MAX`],
    /// [`Refusal::OverQuota`], [`Refusal::Denied`] for the item of another, and for the collection, if the principal may change only its own
    /// items.
    pub fn set_file_property(
        &mut self,
        grant: &Grant<'tx, right::Replace>,
        item: Option<&Item>,
        name: &str,
        value: Option<&str>,
    ) -> Result<()> {
        let (account, collection) = (grant.collection().account, grant.collection().id);
        self.refuse_foreign_file(grant, item)?;
        let of = item.map_or(COLLECTION, |item| item.id);
        let read = |row: &crate::backend::Row<'_>| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
        let known = self.connection.rows(GET, params![account.0, collection.0, of.0], read)?;
        let known: BTreeMap<String, String> = known.into_iter().collect();
        if known.get(name).map(String::as_str) == value {
            return Ok(());
        }
        if let Some(value) = value {
            if value.len() > PROPERTY_BYTES_MAX {
                return Err(Refusal::TooLarge { limit_bytes: PROPERTY_BYTES_MAX as i64 }.into());
            }
            let full = known.len() >= PROPERTIES_MAX && !known.contains_key(name);
            if full || name.len() > NAME_BYTES_MAX || name.contains('\0') || value.contains('\0') {
                return Err(Refusal::Invalid("the property cannot be kept").into());
            }
        }
        let bytes = |value: Option<&str>| value.map_or(0, |value| (name.len() + value.len()) as i64);
        let old = known.get(name).map(String::as_str);
        self.charge_unretained(account, bytes(value) - bytes(old), false)?;
        let modseq = self.stamp(account)?;
        let place = params![account.0, collection.0, of.0, name];
        match value {
            Some(value) => {
                let params = params![account.0, collection.0, of.0, name, value, modseq.0];
                self.connection.execute(PUT, params)?
            }
            None => self.connection.execute(REMOVE, place)?,
        };
        self.touch_collection(account, collection)
    }

    /// Refuses who may change only its own items, unless the item is one of them.
    pub(crate) fn refuse_foreign_file(
        &self,
        grant: &Grant<'tx, right::Replace>,
        item: Option<&Item>,
    ) -> Result<()> {
        match item {
            Some(item) => self.refuse_foreign(grant, &(item.uid.0..=item.uid.0)),
            None if grant.rights().contains(Rights::REPLACE) => Ok(()),
            None => Err(Refusal::Denied { need: Rights::REPLACE }.into()),
        }
    }

    /// What was kept of living items, before they go.
    pub(crate) fn forget_file_properties(
        &mut self,
        account: AccountId,
        collection: CollectionId,
        range: &RangeInclusive<u32>,
    ) -> Result<()> {
        let params = range_params(account, collection, range);
        let bytes = self.connection.int(BYTES_WITHIN, &params)?.unwrap_or(0);
        self.charge_unretained(account, -bytes, true)?;
        self.connection.execute(FORGET, &params).map(drop)
    }

    /// An item takes along what is kept of it.
    pub(crate) fn move_file_properties(
        &mut self,
        account: AccountId,
        item: ItemId,
        from: CollectionId,
        to: CollectionId,
    ) -> Result<()> {
        if from == to {
            return Ok(());
        }
        self.connection.execute(MOVE, params![account.0, from.0, item.0, to.0]).map(drop)
    }

    /// A copy of an item has what is kept of the item.
    pub(crate) fn copy_file_properties(
        &mut self,
        account: AccountId,
        (from, item): (CollectionId, ItemId),
        (to, copy): (CollectionId, ItemId),
    ) -> Result<()> {
        let bytes = self.connection.int(BYTES, params![account.0, from.0, item.0])?.unwrap_or(0);
        self.charge_unretained(account, bytes, false)?;
        let modseq = self.stamp(account)?;
        let params = params![account.0, from.0, item.0, to.0, copy.0, modseq.0];
        self.connection.execute(COPY, params).map(drop)
    }

    /// The same for a collection of any kind, as its owner sees it.
    pub(crate) fn copy_collection_properties(
        &mut self,
        account: AccountId,
        from: CollectionId,
        to: CollectionId,
    ) -> Result<()> {
        self.copy_file_properties(account, (from, COLLECTION), (to, COLLECTION))
    }

    /// Gives a collection that was just made what its owner keeps of another one of the account.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner, [`Refusal::OverQuota`].
    pub fn copy_properties(
        &mut self,
        from: &Grant<'tx, right::ReadItems>,
        to: &Grant<'tx, right::Insert>,
    ) -> Result<()> {
        let (from, to) = (from.collection(), to.collection());
        self.require_owner(to.account)?;
        if from.account != to.account {
            return Err(Refusal::NotFound(Subject::Collection).into());
        }
        self.copy_collection_properties(to.account, from.id, to.id)
    }
}
