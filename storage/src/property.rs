//! What clients keep of a collection beside its name: colour, order, description, time zone, and
//! properties that no specification knows.
//!
//! Each account has its own view of a collection. What it has not set, it sees as the owner set it;
//! what a delegate sets, nobody else sees.

use crate::access::{Grant, right};
use crate::backend::params;
use crate::error::{Refusal, Result};
use crate::transaction::{Read, Write};
use std::collections::BTreeMap;
use vocabulary::{AccountId, CollectionId, Rights};

/// Most properties of one view of a collection.
pub const PROPERTIES_MAX: usize = 200;
/// Largest value of a property (a time zone with all its rules is a large one).
pub const PROPERTY_BYTES_MAX: usize = 64 * 1024;
const NAME_BYTES_MAX: usize = 1_000;

const GET: &str =
    "SELECT name, value FROM property WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3";
const PUT: &str = "INSERT INTO property (account_id, owner_id, collection_id, name, value, modseq) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account_id, owner_id, collection_id, name) \
     DO UPDATE SET value = excluded.value, modseq = excluded.modseq";
const REMOVE: &str =
    "DELETE FROM property WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3 AND name = ?4";
const FORGET: &str = "DELETE FROM property WHERE account_id = ?1 AND owner_id = ?1 AND collection_id = ?2";

impl<'tx> Read<'tx> {
    /// The properties of a collection as the principal sees them.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn properties(&self, grant: &Grant<'tx, right::Lookup>) -> Result<BTreeMap<String, String>> {
        let collection = grant.collection();
        let mut found = self.properties_of(collection.account, collection.account, collection.id)?;
        if let Some(viewer) = self.viewer(collection.account) {
            found.extend(self.properties_of(viewer, collection.account, collection.id)?);
        }
        Ok(found)
    }

    fn properties_of(
        &self,
        viewer: AccountId,
        owner: AccountId,
        collection: CollectionId,
    ) -> Result<BTreeMap<String, String>> {
        let rows = self.connection.rows(GET, params![viewer.0, owner.0, collection.0], |row| {
            Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))
        })?;
        Ok(rows.into_iter().collect())
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
    /// [`PROPERTIES_MAX`], [`Refusal::Denied`] for who may not read the items.
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
        let known = self.properties_of(viewer, owner, id)?;
        if known.get(name).map(String::as_str) == value {
            return Ok(());
        }
        match value {
            Some(value) => {
                if value.len() > PROPERTY_BYTES_MAX {
                    return Err(Refusal::TooLarge { limit_bytes: PROPERTY_BYTES_MAX as i64 }.into());
                }
                let full = known.len() >= PROPERTIES_MAX && !known.contains_key(name);
                if full || name.len() > NAME_BYTES_MAX || name.contains('\0') || value.contains('\0') {
                    return Err(Refusal::Invalid("the property cannot be kept").into());
                }
                let modseq = self.stamp(viewer)?;
                let params = params![viewer.0, owner.0, id.0, name, value, modseq.0];
                self.connection.execute(PUT, params)?;
            }
            None => {
                self.stamp(viewer)?;
                self.connection.execute(REMOVE, params![viewer.0, owner.0, id.0, name])?;
            }
        }
        if viewer == owner { self.touch_collection(owner, id) } else { Ok(()) }
    }

    /// The owner's view ends with the collection; a delegate's row names a number that never comes again.
    pub(crate) fn forget_properties(&mut self, owner: AccountId, collection: CollectionId) -> Result<()> {
        self.connection.execute(FORGET, params![owner.0, collection.0]).map(drop)
    }
}
