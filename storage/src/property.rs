//! What clients keep of a collection beside its name: colour, order, description, time zone, and
//! properties that no specification knows.
//!
//! Each account has its own view of a collection. What it has not set, it sees as the owner set it;
//! what a delegate sets, nobody else sees. A view counts towards the quota of whose it is, name and
//! value of each property, until it is removed or its collection is.

use crate::access::{Grant, right};
use crate::backend::{Param, params};
use crate::error::{Refusal, Result};
use crate::transaction::{Read, Write};
use std::collections::BTreeMap;
use vocabulary::{AccountId, CollectionId, ModSeq, Rights};

/// Most properties of one view of a collection.
pub const PROPERTIES_MAX: usize = 200;
/// Largest value of a property (a time zone with all its rules is a large one).
pub const PROPERTY_BYTES_MAX: usize = 64 * 1024;
pub(crate) const NAME_BYTES_MAX: usize = 1_000;
/// How many names [`NAMED`] has room for: as many as programs ask for at once.
const NAMES_AT_ONCE: usize = 16;

/// `item` is 0: the collection itself. What is kept of single items: `file_property.rs`.
const ALL: &str = "SELECT name, value FROM property \
     WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3 AND item = 0";
const NAMED: &str = "SELECT name, value FROM property \
     WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3 AND item = 0 \
     AND name IN (?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";
const ONE: &str = "SELECT value FROM property \
     WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3 AND item = 0 AND name = ?4";
const COUNT: &str = "SELECT COUNT(*) FROM property \
     WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3 AND item = 0";
const PUT: &str = "INSERT INTO property (account_id, owner_id, collection_id, item, name, value, modseq) \
     VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6) ON CONFLICT (account_id, owner_id, collection_id, item, name) \
     DO UPDATE SET value = excluded.value, modseq = excluded.modseq";
const REMOVE: &str = "DELETE FROM property \
     WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3 AND item = 0 AND name = ?4";
/// With what is kept of its items.
const BYTES: &str = "SELECT CAST(COALESCE(SUM(OCTET_LENGTH(name) + OCTET_LENGTH(value)), 0) AS BIGINT) FROM property \
     WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3";
const FORGET: &str = "DELETE FROM property WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3";

impl<'tx> Read<'tx> {
    /// The properties of a collection as the principal sees them.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn properties(&self, grant: &Grant<'tx, right::Lookup>) -> Result<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        for (viewer, owner, collection) in self.views(grant) {
            self.add_properties(ALL, params![viewer.0, owner.0, collection.0], &mut found)?;
        }
        Ok(found)
    }

    /// Those of some names. What is not there is left out.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn properties_named(
        &self,
        grant: &Grant<'tx, right::Lookup>,
        names: &[String],
    ) -> Result<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        for (viewer, owner, collection) in self.views(grant) {
            for some in names.chunks(NAMES_AT_ONCE) {
                let mut params = params![viewer.0, owner.0, collection.0].to_vec();
                // The last name fills the places that are left.
                let places = (0..NAMES_AT_ONCE).filter_map(|place| some.get(place).or(some.last()));
                params.extend(places.map(Param::from));
                self.add_properties(NAMED, &params, &mut found)?;
            }
        }
        Ok(found)
    }

    /// The owner's view, and over it that of the acting account, if it is another.
    fn views(
        &self,
        grant: &Grant<'tx, right::Lookup>,
    ) -> impl Iterator<Item = (AccountId, AccountId, CollectionId)> + use<> {
        let (owner, collection) = (grant.collection().account, grant.collection().id);
        [Some(owner), self.viewer(owner)].into_iter().flatten().map(move |viewer| (viewer, owner, collection))
    }

    /// How many properties the acting account keeps of collections of others, and when it set the last of them. As long
    /// as both are the same, so are the properties.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn kept_of_others(&self) -> Result<(i64, ModSeq)> {
        const KEPT: &str = "SELECT COUNT(*), COALESCE(MAX(modseq), 0) FROM property WHERE account_id = ?1 AND owner_id <> ?1";
        let Some(actor) = self.principal.account_id() else { return Ok((0, ModSeq::ZERO)) };
        let kept =
            self.connection.row(KEPT, params![actor.0], |row| Ok((row.int(0)?, ModSeq(row.int(1)?))))?;
        Ok(kept.unwrap_or((0, ModSeq::ZERO)))
    }

    fn add_properties(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        found: &mut BTreeMap<String, String>,
    ) -> Result<()> {
        self.connection.for_each(sql, params, |row| {
            found.insert(row.text(0)?.to_owned(), row.text(1)?.to_owned());
            Ok(())
        })
    }

    /// The acting account, if it is not the owner.
    fn viewer(&self, owner: AccountId) -> Option<AccountId> {
        self.principal.account_id().filter(|viewer| *viewer != owner)
    }
}

impl<'tx> Write<'tx> {
    /// Sets or removes a property in the principal's own view of a collection. The owner's view is
    /// everybody's default, so only the owner changes it. The principal's account must be declared.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] above [`PROPERTY_BYTES_MAX`], [`Refusal::Invalid`] above
    /// [`PROPERTIES_MAX`], [`Refusal::OverQuota`], [`Refusal::Denied`] for who may not read the items.
    pub fn set_property(
        &mut self,
        grant: &Grant<'tx, right::Lookup>,
        name: &str,
        value: Option<&str>,
    ) -> Result<()> {
        let collection = grant.collection();
        let (owner, id) = (collection.account, collection.id);
        if !grant.rights().contains(Rights::READ) {
            return Err(Refusal::Denied { need: Rights::READ }.into());
        }
        let viewer = self.viewer(owner).unwrap_or(owner);
        let place = params![viewer.0, owner.0, id.0, name];
        let old = self.connection.row(ONE, place, |row| Ok(row.text(0)?.to_owned()))?;
        if old.as_deref() == value {
            return Ok(());
        }
        if let Some(value) = value {
            if value.len() > PROPERTY_BYTES_MAX {
                return Err(Refusal::TooLarge { limit_bytes: PROPERTY_BYTES_MAX as i64 }.into());
            }
            let full = old.is_none() && self.counted(viewer, owner, id)? >= PROPERTIES_MAX as i64;
            if full || name.len() > NAME_BYTES_MAX || name.contains('\0') || value.contains('\0') {
                return Err(Refusal::Invalid("the property cannot be kept").into());
            }
        }
        let bytes = |value: Option<&str>| value.map_or(0, |value| (name.len() + value.len()) as i64);
        self.charge_unretained(viewer, bytes(value) - bytes(old.as_deref()), false)?;
        let modseq = self.stamp(viewer)?;
        match value {
            Some(value) => {
                let params = params![viewer.0, owner.0, id.0, name, value, modseq.0];
                self.connection.execute(PUT, params)?
            }
            None => self.connection.execute(REMOVE, place)?,
        };
        if viewer == owner { self.touch_collection(owner, id) } else { Ok(()) }
    }

    fn counted(&self, viewer: AccountId, owner: AccountId, id: CollectionId) -> Result<i64> {
        Ok(self.connection.int(COUNT, params![viewer.0, owner.0, id.0])?.unwrap_or(0))
    }

    /// The view of an account ends; how many properties it had. The account must be declared. The
    /// owner's ends with the collection, a delegate's with the next sweep of the delegate.
    pub(crate) fn forget_properties(
        &mut self,
        viewer: AccountId,
        owner: AccountId,
        collection: CollectionId,
    ) -> Result<u64> {
        let place = params![viewer.0, owner.0, collection.0];
        let bytes = self.connection.int(BYTES, place)?.unwrap_or(0);
        self.charge_unretained(viewer, -bytes, true)?;
        self.connection.execute(FORGET, place)
    }
}
