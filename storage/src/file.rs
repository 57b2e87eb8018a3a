//! Plain files: collections within collections, found by the names on the way from the account's root to them.
//!
//! A name is unique in its collection, whether it is that of an item or of a collection. Collections keep their
//! identity when they move: moving a tree is one row. What takes several transactions to read (a large collection) is
//! read in pages.

use crate::access::{Grant, right};
use crate::backend::params;
use crate::collection::{COLLECTIONS_MAX, Collection, NewCollection, collection_columns, collection_of};
use crate::collection::{Visible, refuse_resource_name};
use crate::error::{Error, Refusal, Result, Subject, row_fault};
use crate::item::{Item, RESOURCE_TAKEN, item_columns, item_of};
use crate::transaction::{Read, Write};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use vocabulary::{AccountId, CollectionId, CollectionKind, LeafName, MailboxPath, Rights, Role, Uid};

/// Most items and collections that are copied at once.
pub const COPY_MEMBERS_MAX: i64 = 10_000;

const ROOT: &str = concat!(
    "SELECT ",
    collection_columns!(),
    " FROM collection WHERE account_id = ?1 AND parent_id = 0 AND resource_name = ?2 AND kind = 'files' \
     AND vanished_at = 0"
);
const NAMED: &str = concat!(
    "SELECT ",
    collection_columns!(),
    " FROM collection WHERE account_id = ?1 AND parent_id = ?2 AND resource_name = ?3 AND kind = 'files' \
     AND vanished_at = 0"
);
const BENEATH: &str = concat!(
    "SELECT ",
    collection_columns!(),
    " FROM collection WHERE account_id = ?1 AND parent_id = ?2 AND kind = 'files' AND vanished_at = 0 \
     AND collection_id > ?3 ORDER BY collection_id LIMIT ?4"
);
const ITEMS: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid > ?3 AND vanished_at = 0 AND private <= ?4 \
     ORDER BY uid LIMIT ?5"
);
/// A collection and all beneath it with their levels, those above first.
const TREE: &str = "WITH RECURSIVE tree(id, level) AS ( \
       SELECT CAST(?2 AS BIGINT), CAST(0 AS BIGINT) \
       UNION ALL SELECT c.collection_id, t.level + 1 FROM collection c JOIN tree t ON c.parent_id = t.id \
       WHERE c.account_id = ?1 AND c.kind = 'files' AND c.vanished_at = 0) \
     SELECT id, level FROM tree ORDER BY level, id";
const MOVE: &str = "UPDATE collection SET parent_id = ?3, name = ?4, resource_name = ?5, modseq = ?6, highest = ?6 \
     WHERE account_id = ?1 AND collection_id = ?2";
const INHERIT: &str = "INSERT INTO permission (account_id, collection_id, grantee_type, grantee_id, rights, epoch, \
     created_at) SELECT account_id, ?3, grantee_type, grantee_id, rights, epoch, ?4 FROM permission \
     WHERE account_id = ?1 AND collection_id = ?2 AND rights > 0";

impl<'tx> Read<'tx> {
    /// The collection at a path of names beneath the root of an account's plain files, opened with a right. What lies
    /// on the way to it need not be visible: whoever asks has said its names.
    ///
    /// # Errors
    /// As [`Read::open`].
    pub fn open_files<R: right::Right>(&self, account: AccountId, path: &[String]) -> Result<Grant<'tx, R>> {
        let found = self.files_at(account, path)?;
        self.grant(found.ok_or(Refusal::NotFound(Subject::Collection))?)
    }

    /// The collection at a path, whoever may see it.
    pub(crate) fn files_at(&self, account: AccountId, path: &[String]) -> Result<Option<Collection>> {
        let mut found = self.connection.row(ROOT, params![account.0, Role::Files.as_str()], collection_of)?;
        for name in path {
            let Some(above) = found else { return Ok(None) };
            found = self.files_called(account, above.id, name)?;
        }
        Ok(found)
    }

    /// The collection at a path, or the one that holds an item of that path; `None`: nothing lies there.
    pub(crate) fn holder_of(&self, account: AccountId, path: &[String]) -> Result<Option<Collection>> {
        let Some((name, above)) = path.split_last() else { return self.files_at(account, path) };
        let Some(above) = self.files_at(account, above)? else { return Ok(None) };
        if let Some(found) = self.files_called(account, above.id, name)? {
            return Ok(Some(found));
        }
        let is_item = self.connection.int(RESOURCE_TAKEN, params![account.0, above.id.0, name])?.is_some();
        Ok(is_item.then_some(above))
    }

    fn files_called(
        &self,
        account: AccountId,
        above: CollectionId,
        name: &str,
    ) -> Result<Option<Collection>> {
        self.connection.row(NAMED, params![account.0, above.0, name], collection_of)
    }

    /// Collections right beneath one, those that the principal may see, in the order of their making; at most `limit`
    /// of those made after `after`.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn files_beneath(
        &self,
        grant: &Grant<'tx, right::Lookup>,
        after: CollectionId,
        limit: usize,
    ) -> Result<Vec<Visible>> {
        let (account, above) = (grant.collection().account, grant.collection().id);
        let (page, mut after) = (i64::try_from(limit).unwrap_or(i64::MAX), after);
        let mut visible = Vec::new();
        loop {
            let params = params![account.0, above.0, after.0, page];
            let rows = self.connection.rows(BENEATH, params, collection_of)?;
            let is_last = rows.len() < limit;
            for collection in rows {
                after = collection.id;
                let view = self.view_of(account, collection.id)?;
                if view.rights.contains(Rights::LOOKUP) {
                    visible.push(Visible { collection, rights: view.rights, epoch: view.epoch });
                }
                if visible.len() >= limit {
                    return Ok(visible);
                }
            }
            if is_last {
                return Ok(visible);
            }
        }
    }

    /// The next living items of a collection in UID order: at most `limit` of those above `after`.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn files(&self, grant: &Grant<'tx, right::ReadItems>, after: Uid, limit: usize) -> Result<Vec<Item>> {
        let collection = grant.collection();
        let params = params![
            collection.account.0,
            collection.id.0,
            i64::from(after.0),
            grant.private_max(),
            i64::try_from(limit).unwrap_or(i64::MAX),
        ];
        self.connection.rows(ITEMS, params, item_of)
    }

    fn tree(&self, account: AccountId, root: CollectionId) -> Result<Vec<(CollectionId, usize)>> {
        self.connection.rows(TREE, params![account.0, root.0], |row| {
            Ok((CollectionId(row.int(0)?), usize::try_from(row.int(1)?).map_err(row_fault)?))
        })
    }

    /// Whether something in a collection of plain files has a name.
    pub(crate) fn is_file_name_taken(
        &self,
        account: AccountId,
        above: CollectionId,
        name: &str,
    ) -> Result<bool> {
        Ok(self.files_called(account, above, name)?.is_some()
            || self.connection.int(RESOURCE_TAKEN, params![account.0, above.0, name])?.is_some())
    }

    pub(crate) fn refuse_collection_called(
        &self,
        account: AccountId,
        above: CollectionId,
        name: &str,
    ) -> Result<()> {
        match self.files_called(account, above, name)? {
            Some(_) => Err(Refusal::AlreadyExists(Subject::Collection).into()),
            None => Ok(()),
        }
    }
}

impl<'tx> Write<'tx> {
    /// Makes a collection of plain files within another.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`] if the name is taken, also by an item; [`Refusal::Invalid`] if it cannot be kept or
    /// lies too deep.
    pub fn create_files(&mut self, above: &Grant<'tx, right::CreateChild>, name: &str) -> Result<Collection> {
        let parent = above.collection();
        if parent.kind != CollectionKind::Files {
            return Err(Refusal::Invalid("the folder above holds another kind").into());
        }
        let new = NewCollection {
            parent: parent.id,
            kind: CollectionKind::Files,
            role: None,
            name: self.free_leaf_name(parent.account, parent.id, name)?,
            resource_name: Some(name.to_owned()),
        };
        let made = self.create_collection(parent.account, &new)?;
        self.touch_collection(parent.account, parent.id)?;
        Ok(made)
    }

    /// What people read. Names that differ as bytes may be the same to people, or nothing to them.
    fn free_leaf_name(&self, account: AccountId, above: CollectionId, name: &str) -> Result<LeafName> {
        for number in 0..=COLLECTIONS_MAX {
            let candidate =
                if number == 0 { LeafName::new(name) } else { LeafName::new(&format!("({number})")) };
            if let Ok(candidate) = candidate
                && self.child(account, above, CollectionKind::Files, &candidate)?.is_none()
            {
                return Ok(candidate);
            }
        }
        Err(Refusal::Invalid("too many folders").into())
    }

    /// Deletes a collection of plain files with everything in it and beneath it.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for the root; [`Refusal::Denied`] if one beneath may not be deleted. Then nothing is.
    pub fn delete_files(&mut self, grant: &Grant<'tx, right::DeleteCollection>) -> Result<()> {
        let Collection { account, id, parent, role, .. } = *grant.collection();
        if role.is_some() {
            return Err(Refusal::Invalid("a special folder cannot be deleted").into());
        }
        let tree = self.tree(account, id)?;
        for (beneath, _) in tree.iter().skip(1).rev() {
            let grant = self.open_within::<right::DeleteCollection>(account, *beneath)?;
            self.delete_collection(&grant)?;
        }
        self.delete_collection(grant)?;
        self.touch_collection(account, parent)
    }

    /// What lies within something that the principal sees is not told to be there by a refusal.
    fn open_within<R: right::Right>(&self, account: AccountId, id: CollectionId) -> Result<Grant<'tx, R>> {
        self.open(account, id).map_err(|error| match error {
            Error::Refusal(Refusal::NotFound(_)) => Refusal::Denied { need: R::NEEDED }.into(),
            other => other,
        })
    }

    /// Moves a collection of plain files with everything beneath it to another name, also in another collection of the
    /// account.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`] if the name is taken there; [`Refusal::Invalid`] for the root, for a move into itself,
    /// across accounts, or too deep.
    pub fn move_files(
        &mut self,
        grant: &Grant<'tx, right::DeleteCollection>,
        above: &Grant<'tx, right::CreateChild>,
        name: &str,
    ) -> Result<()> {
        let Collection { account, id, parent, role, kind, .. } = *grant.collection();
        let target = above.collection();
        self.same_account(account, target.account)?;
        if role.is_some() || kind != CollectionKind::Files || target.kind != CollectionKind::Files {
            return Err(Refusal::Invalid("this folder cannot be moved there").into());
        }
        refuse_resource_name(name)?;
        let tree = self.tree(account, id)?;
        if tree.iter().any(|(beneath, _)| *beneath == target.id) {
            return Err(Refusal::Invalid("a folder cannot lie within itself").into());
        }
        let height = tree.last().map_or(0, |(_, level)| level + 1);
        if self.depth(target)? + height > MailboxPath::DEPTH_MAX {
            return Err(Refusal::Invalid("folders nest too deep").into());
        }
        if self.is_file_name_taken(account, target.id, name)? {
            return Err(Refusal::AlreadyExists(Subject::Collection).into());
        }
        let leaf = self.free_leaf_name(account, target.id, name)?;
        let modseq = self.stamp(account)?;
        let params = params![account.0, id.0, target.id.0, leaf.as_str(), name, modseq.0];
        self.connection.execute(MOVE, params)?;
        self.unmap_files(account);
        self.touch_collection(account, parent)?;
        self.touch_collection(account, target.id)
    }

    /// Copies a collection of plain files, with what clients keep of it, to a name that is free; `deep` with everything
    /// in it and beneath it.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`] if the name is taken, [`Refusal::OverQuota`], [`Refusal::Denied`] if a collection
    /// beneath may not be read, [`Refusal::Invalid`] above [`COPY_MEMBERS_MAX`], into itself and across accounts.
    pub fn copy_files(
        &mut self,
        source: &Grant<'tx, right::ReadItems>,
        above: &Grant<'tx, right::CreateChild>,
        name: &str,
        deep: bool,
    ) -> Result<Collection> {
        let Collection { account, id, .. } = *source.collection();
        self.same_account(account, above.collection().account)?;
        let tree = self.tree(account, id)?;
        if deep && tree.iter().any(|(beneath, _)| *beneath == above.collection().id) {
            return Err(Refusal::Invalid("a folder cannot lie within itself").into());
        }
        let made = self.create_files(above, name)?;
        self.copy_collection_properties(account, id, made.id)?;
        if !deep {
            return Ok(made);
        }
        let mut members = 0;
        let mut copies = BTreeMap::from([(id, made.id)]);
        for (original, _) in tree {
            let read = self.open_within::<right::ReadItems>(account, original)?;
            members += 1 + read.collection().messages;
            if members > COPY_MEMBERS_MAX {
                return Err(Refusal::Invalid("too much to be copied at once").into());
            }
            if original != id {
                let parent = copies.get(&read.collection().parent).copied();
                let parent = parent.ok_or_else(|| row_fault("a folder hangs in the air"))?;
                let above = self.open_within::<right::CreateChild>(account, parent)?;
                let name = read.collection().resource_name.as_deref().unwrap_or_default();
                let copy = self.create_files(&above, name)?;
                self.copy_collection_properties(account, original, copy.id)?;
                copies.insert(original, copy.id);
            }
            let copy = copies.get(&original).copied().unwrap_or(made.id);
            let insert = self.open_within::<right::Insert>(account, copy)?;
            self.copy(&read, &insert, &[1..=u32::MAX])?;
        }
        Ok(made)
    }

    /// What is made among files that are shared is shared as they are. No reader has seen it, so the epochs of the
    /// grants above are as good as new ones.
    pub(crate) fn inherit_permissions(
        &self,
        account: AccountId,
        above: CollectionId,
        id: CollectionId,
    ) -> Result<()> {
        self.connection.execute(INHERIT, params![account.0, above.0, id.0, self.now().0]).map(drop)
    }

    /// Before items go: what was kept of them goes, and locks of paths at which nothing else comes.
    pub(crate) fn unmap_items(
        &mut self,
        account: AccountId,
        collection: CollectionId,
        range: &RangeInclusive<u32>,
    ) -> Result<()> {
        self.forget_file_properties(account, collection, range)?;
        self.unmap_files(account);
        Ok(())
    }
}
