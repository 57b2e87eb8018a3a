//! Collections: folders of one kind, with counters kept by the same transaction.

use crate::access::{Grant, right};
use crate::backend::{Row, params};
use crate::error::{Refusal, Result, Subject, row_fault};
use crate::item::RESOURCE_NAME_BYTES_MAX;
use crate::transaction::{Read, Write};
use vocabulary::{
    AccountId, CollectionId, CollectionKind, Home, LeafName, MailboxPath, ModSeq, Principal, Rights, Role,
    Uid, UidValidity,
};

/// Most folders of one account, living and vanished ones of this incarnation aside.
pub const COLLECTIONS_MAX: i64 = 10_000;

/// One folder as a transaction found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Its owner.
    pub account: AccountId,
    /// Its identity: a rename changes no id.
    pub id: CollectionId,
    /// The folder above; 0 at the root.
    pub parent: CollectionId,
    /// What it holds.
    pub kind: CollectionKind,
    /// What it is for.
    pub role: Option<Role>,
    /// The last part of its name.
    pub name: LeafName,
    /// RFC 9051 section 2.3.1.1.
    pub uidvalidity: UidValidity,
    /// The UID that the next item gets.
    pub uid_next: Uid,
    /// The highest stamp of any change in it (HIGHESTMODSEQ, CTag).
    pub highest: ModSeq,
    /// Cursors below it cannot be answered: their tombstones are gone.
    pub floor: ModSeq,
    /// When it was made.
    pub created_modseq: ModSeq,
    /// When its own row last changed.
    pub modseq: ModSeq,
    /// Shown in subscribed lists of its owner.
    pub subscribed: bool,
    /// Living items.
    pub messages: i64,
    /// Living items without `\Seen`.
    pub unseen: i64,
    /// Uncompressed bytes of living items.
    pub bytes: i64,
    /// The last segment of its DAV URL; none for mail.
    pub resource_name: Option<String>,
}

macro_rules! columns {
    () => {
        "account_id, collection_id, parent_id, kind, role, name, uidvalidity, uid_next, highest, floor, \
         created_modseq, modseq, subscribed, messages, unseen, bytes, resource_name"
    };
}
pub(crate) use columns as collection_columns;

const ONE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM collection WHERE account_id = ?1 AND collection_id = ?2 AND vanished_at = 0"
);
const ALL: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM collection WHERE account_id = ?1 AND vanished_at = 0 ORDER BY collection_id"
);
const ALL_BUT_FILES: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM collection WHERE account_id = ?1 AND vanished_at = 0 AND kind <> 'files' ORDER BY collection_id"
);
const BY_ROLE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM collection WHERE account_id = ?1 AND role = ?2 AND vanished_at = 0 ORDER BY collection_id LIMIT 1"
);
const BY_NAME: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM collection WHERE account_id = ?1 AND parent_id = ?2 AND kind = ?3 AND name = ?4 AND vanished_at = 0"
);
const SHARED_WITH: &str = "SELECT DISTINCT p.account_id, p.collection_id FROM permission p \
     JOIN account o ON o.id = p.account_id JOIN account me ON me.id = ?1 AND me.domain_id = o.domain_id \
     WHERE p.rights > 0 AND p.collection_id > 0 AND p.account_id <> ?1 AND ( \
       (p.grantee_type = 'anyone' AND p.grantee_id = me.domain_id) \
       OR (p.grantee_type = 'account' AND p.grantee_id = ?1) \
       OR (p.grantee_type = 'group' AND p.grantee_id IN \
           (SELECT m.group_id FROM group_member m WHERE m.account_id = ?1 AND m.ended = 0))) \
       AND NOT EXISTS (SELECT s.account_id FROM subscription s WHERE s.account_id = ?1 \
         AND s.owner_id = p.account_id AND s.collection_id = p.collection_id AND s.subscribed = 0) \
     ORDER BY p.account_id, p.collection_id";
const INSERT: &str = "INSERT INTO collection (account_id, collection_id, parent_id, kind, role, name, uidvalidity, \
     uid_next, highest, floor, created_modseq, modseq, vanished_at, subscribed, messages, unseen, bytes, \
     resource_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, 0, ?8, ?8, 0, 1, 0, 0, 0, ?9)";
const BY_RESOURCE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM collection WHERE account_id = ?1 AND resource_name = ?2 AND vanished_at = 0 AND kind <> 'files' \
     ORDER BY collection_id"
);
const COUNT: &str = "SELECT COUNT(*) FROM collection WHERE account_id = ?1 AND vanished_at = 0";
const HAS_CHILDREN: &str = "SELECT collection_id FROM collection WHERE account_id = ?1 AND parent_id = ?2 AND vanished_at = 0 LIMIT 1";
const RENAME: &str = "UPDATE collection SET parent_id = ?3, name = ?4, modseq = ?5 WHERE account_id = ?1 AND collection_id = ?2";
const SUBSCRIBE: &str =
    "UPDATE collection SET subscribed = ?3, modseq = ?4 WHERE account_id = ?1 AND collection_id = ?2";
const SET_ROLE: &str =
    "UPDATE collection SET role = ?3, modseq = ?4 WHERE account_id = ?1 AND collection_id = ?2";
const VANISH: &str = "UPDATE collection SET vanished_at = ?3, modseq = ?4, highest = ?4, messages = 0, unseen = 0, \
     bytes = 0 WHERE account_id = ?1 AND collection_id = ?2";
const COUNTED: &str = "SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM item \
     WHERE account_id = ?1 AND collection_id = ?2 AND vanished_at = 0 AND counted = 1";
const VANISH_ITEMS: &str = "UPDATE item SET vanished_at = ?3, modseq = ?4 \
     WHERE account_id = ?1 AND collection_id = ?2 AND vanished_at = 0";
const COUNTERS: &str = "UPDATE collection SET highest = ?3, messages = messages + ?4, unseen = unseen + ?5, \
     bytes = bytes + ?6 WHERE account_id = ?1 AND collection_id = ?2";
const TAKE_UIDS: &str = "UPDATE collection SET uid_next = uid_next + ?3 \
     WHERE account_id = ?1 AND collection_id = ?2 RETURNING uid_next";

pub(crate) fn collection_of(row: &Row<'_>) -> Result<Collection> {
    let role = row.text(4)?;
    Ok(Collection {
        account: AccountId(row.int(0)?),
        id: CollectionId(row.int(1)?),
        parent: CollectionId(row.int(2)?),
        kind: row.text(3)?.parse().map_err(row_fault)?,
        role: if role.is_empty() { None } else { Some(role.parse().map_err(row_fault)?) },
        name: LeafName::new(row.text(5)?).map_err(row_fault)?,
        uidvalidity: UidValidity(u32::try_from(row.int(6)?).map_err(row_fault)?),
        uid_next: Uid(u32::try_from(row.int(7)?).map_err(row_fault)?),
        highest: ModSeq(row.int(8)?),
        floor: ModSeq(row.int(9)?),
        created_modseq: ModSeq(row.int(10)?),
        modseq: ModSeq(row.int(11)?),
        subscribed: row.int(12)? != 0,
        messages: row.int(13)?,
        unseen: row.int(14)?,
        bytes: row.int(15)?,
        resource_name: row.opt_text(16)?.map(str::to_owned),
    })
}

/// A folder that the principal may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visible {
    /// The folder.
    pub collection: Collection,
    /// What the principal may do with it.
    pub rights: Rights,
    /// The epoch of its view (0 for an owner).
    pub epoch: i64,
}

/// What is to be added to a folder's counters.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Difference {
    pub(crate) messages: i64,
    pub(crate) unseen: i64,
    pub(crate) bytes: i64,
}

impl<'tx> Read<'tx> {
    pub(crate) fn collection_row(&self, account: AccountId, id: CollectionId) -> Result<Option<Collection>> {
        self.connection.row(ONE, params![account.0, id.0], collection_of)
    }

    /// All folders of an account that the principal may see, in the order of their making.
    ///
    /// # Errors
    /// [`crate::Fault`] only: an account without a visible folder gives an empty list.
    pub fn collections(&self, account: AccountId) -> Result<Vec<Visible>> {
        let with_files = CollectionKind::Files.is_shown_at(self.principal.door());
        let sql = if with_files { ALL } else { ALL_BUT_FILES };
        let mut rows = self.connection.rows(sql, params![account.0], collection_of)?;
        rows.retain(|collection| collection.kind.is_shown_at(self.principal.door()));
        let mut visible = Vec::with_capacity(rows.len());
        let owner = matches!(self.principal, Principal::System { .. })
            || self.principal.account_id() == Some(account);
        let whole = match (owner, rows.first()) {
            (true, Some(first)) => Some(self.view_of(account, first.id)?),
            _ => None,
        };
        for collection in rows {
            let view = match whole {
                Some(view) => view,
                None => self.view_of(account, collection.id)?,
            };
            if view.rights.contains(Rights::LOOKUP) {
                visible.push(Visible { collection, rights: view.rights, epoch: view.epoch });
            }
        }
        Ok(visible)
    }

    /// Folders of colleagues that are shared with the acting account, but for those that it took out of sight.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn shared_collections(&self) -> Result<Vec<Visible>> {
        let Some(actor) = self.principal.account_id() else { return Ok(Vec::new()) };
        let ids = self.connection.rows(SHARED_WITH, params![actor.0], |row| {
            Ok((AccountId(row.int(0)?), CollectionId(row.int(1)?)))
        })?;
        let mut visible = Vec::new();
        for (owner, id) in ids {
            let Some(collection) = self.collection_row(owner, id)? else { continue };
            if !collection.kind.is_shown_at(self.principal.door()) {
                continue;
            }
            let view = self.view_of(owner, id)?;
            if view.rights.contains(Rights::LOOKUP) {
                visible.push(Visible { collection, rights: view.rights, epoch: view.epoch });
            }
        }
        Ok(visible)
    }

    /// The special folder of an account, opened with a right.
    ///
    /// # Errors
    /// As [`Read::open`].
    pub fn open_role<R: right::Right>(&self, account: AccountId, role: Role) -> Result<Grant<'tx, R>> {
        let row = self.connection.row(BY_ROLE, params![account.0, role.as_str()], collection_of)?;
        self.grant(row.ok_or(Refusal::NotFound(Subject::Collection))?)
    }

    /// The folder at a path of an account, opened with a right.
    ///
    /// # Errors
    /// As [`Read::open`].
    pub fn open_path<R: right::Right>(
        &self,
        account: AccountId,
        kind: CollectionKind,
        path: &MailboxPath,
    ) -> Result<Grant<'tx, R>> {
        let row = self.find_path(account, kind, path)?;
        self.grant(row.ok_or(Refusal::NotFound(Subject::Collection))?)
    }

    /// The collection with a DAV resource name in a home of an account, opened with a right.
    ///
    /// # Errors
    /// As [`Read::open`].
    pub fn open_resource<R: right::Right>(
        &self,
        account: AccountId,
        home: Home,
        name: &str,
    ) -> Result<Grant<'tx, R>> {
        let row = self.find_resource(account, home, name)?;
        self.grant(row.ok_or(Refusal::NotFound(Subject::Collection))?)
    }

    fn find_resource(&self, account: AccountId, home: Home, name: &str) -> Result<Option<Collection>> {
        let named = self.connection.rows(BY_RESOURCE, params![account.0, name], collection_of)?;
        Ok(named.into_iter().find(|collection| collection.kind.home() == home))
    }

    pub(crate) fn find_path(
        &self,
        account: AccountId,
        kind: CollectionKind,
        path: &MailboxPath,
    ) -> Result<Option<Collection>> {
        let mut parent = CollectionId(0);
        let mut found = None;
        for part in path.parts() {
            found = self.child(account, parent, kind, part)?;
            match &found {
                Some(collection) => parent = collection.id,
                None => return Ok(None),
            }
        }
        Ok(found)
    }

    pub(crate) fn child(
        &self,
        account: AccountId,
        parent: CollectionId,
        kind: CollectionKind,
        name: &LeafName,
    ) -> Result<Option<Collection>> {
        let params = params![account.0, parent.0, kind.as_str(), name.as_str()];
        self.connection.row(BY_NAME, params, collection_of)
    }
}

/// A folder to be made.
#[derive(Debug, Clone)]
pub struct NewCollection {
    /// The folder above; 0 at the root.
    pub parent: CollectionId,
    /// What it will hold.
    pub kind: CollectionKind,
    /// What it is for.
    pub role: Option<Role>,
    /// Its name.
    pub name: LeafName,
    /// The last segment of its DAV URL; the store makes one if there is none (mail has none).
    pub resource_name: Option<String>,
}

impl<'tx> Write<'tx> {
    /// Makes a folder. At the root only the owner may; beneath a folder its create right is needed. What somebody else
    /// makes takes the grants of the folder above along, or its maker could not see it; so does all that is made among
    /// plain files.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`] if the name, the role or the resource name is taken.
    pub fn create_collection(&mut self, account: AccountId, new: &NewCollection) -> Result<Collection> {
        if new.parent.0 == 0 {
            self.require_owner(account)?;
            if new.kind == CollectionKind::Files && new.role != Some(Role::Files) {
                return Err(Refusal::Invalid("plain files have one root").into());
            }
        } else {
            let parent = self.open::<right::CreateChild>(account, new.parent)?;
            if self.depth(parent.collection())? >= MailboxPath::DEPTH_MAX {
                return Err(Refusal::Invalid("folders nest too deep").into());
            }
            refuse_mixture(parent.collection().kind, new.kind)?;
        }
        if self.child(account, new.parent, new.kind, &new.name)?.is_some() {
            return Err(Refusal::AlreadyExists(Subject::Collection).into());
        }
        if self.connection.int(COUNT, params![account.0])?.unwrap_or(0) >= COLLECTIONS_MAX {
            return Err(Refusal::Invalid("too many folders").into());
        }
        let role = new.role.map_or("", Role::as_str);
        if new.role.is_some()
            && self.connection.row(BY_ROLE, params![account.0, role], collection_of)?.is_some()
        {
            return Err(Refusal::AlreadyExists(Subject::Collection).into());
        }
        if let Some(name) = &new.resource_name {
            refuse_resource_name(name)?;
            let taken = match new.kind {
                CollectionKind::Files => self.is_file_name_taken(account, new.parent, name)?,
                kind => self.find_resource(account, kind.home(), name)?.is_some(),
            };
            if taken {
                return Err(Refusal::AlreadyExists(Subject::Collection).into());
            }
        }
        let modseq = self.stamp(account)?;
        let id = self.next_collection(account)?;
        let resource_name = match (&new.resource_name, new.kind) {
            (None, CollectionKind::Mail) => None,
            (None, kind) => Some(self.free_resource_name_of(account, kind.home(), new.role, id)?),
            (name, _) => name.clone(),
        };
        let uidvalidity = self.next_uidvalidity(account)?;
        let params = params![
            account.0,
            id.0,
            new.parent.0,
            new.kind.as_str(),
            role,
            new.name.as_str(),
            i64::from(uidvalidity.0),
            modseq.0,
            resource_name.as_deref(),
        ];
        self.connection.execute(INSERT, params)?;
        let is_by_other = self.principal.account_id().is_some_and(|maker| maker != account);
        if is_by_other || new.kind == CollectionKind::Files {
            self.inherit_permissions(account, new.parent, id)?;
        }
        self.collection_row(account, id)?.ok_or_else(|| row_fault("a folder vanished while it was made"))
    }

    /// The word of its role, or its number.
    fn free_resource_name_of(
        &self,
        account: AccountId,
        home: Home,
        role: Option<Role>,
        id: CollectionId,
    ) -> Result<String> {
        let mut name = role.map_or_else(|| id.to_string(), |role| role.as_str().to_owned());
        let mut tail = 0;
        while self.find_resource(account, home, &name)?.is_some() {
            tail += 1;
            name = format!("{id}-{tail}");
        }
        Ok(name)
    }

    /// Gives a collection of a home another DAV resource name: no id changes, and the old name leaves a tombstone for
    /// those who follow the home.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`] if the name is taken in the home, [`Refusal::Invalid`] for special folders, plain
    /// files and names that cannot be kept.
    pub fn rename_resource(&mut self, grant: &Grant<'tx, right::DeleteCollection>, name: &str) -> Result<()> {
        const RENAME: &str = "UPDATE collection SET resource_name = ?3, modseq = ?4, highest = ?4 \
             WHERE account_id = ?1 AND collection_id = ?2";
        let collection = grant.collection();
        let account = collection.account;
        if collection.role.is_some() {
            return Err(Refusal::Invalid("a special folder cannot be renamed").into());
        }
        if matches!(collection.kind, CollectionKind::Mail | CollectionKind::Files) {
            return Err(Refusal::Invalid("the folder has no resource name of its own").into());
        }
        refuse_resource_name(name)?;
        match self.find_resource(account, collection.kind.home(), name)? {
            Some(other) if other.id != collection.id => {
                return Err(Refusal::AlreadyExists(Subject::Collection).into());
            }
            Some(_) => return Ok(()),
            None => {}
        }
        let modseq = self.stamp(account)?;
        self.leave_name(collection, modseq)?;
        self.connection.execute(RENAME, params![account.0, collection.id.0, name, modseq.0]).map(drop)
    }

    pub(crate) fn depth(&self, collection: &Collection) -> Result<usize> {
        let mut depth = 1;
        let mut parent = collection.parent;
        while parent.0 != 0 {
            depth += 1;
            let above = self.collection_row(collection.account, parent)?;
            parent = above.ok_or_else(|| row_fault("a folder hangs in the air"))?.parent;
        }
        Ok(depth)
    }

    /// Renames or moves a folder within its account: one row, no id changes.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for special folders of mail, for a move of another special one and for a move
    /// beneath itself, [`Refusal::AlreadyExists`] if the new name is taken.
    pub fn rename_collection(
        &mut self,
        grant: &Grant<'tx, right::DeleteCollection>,
        parent: CollectionId,
        name: &LeafName,
    ) -> Result<()> {
        let collection = grant.collection();
        let account = collection.account;
        // What a special folder is for is said by its role, its name is for people; but programs know
        // those of mail by their names.
        let stays_as_it_is = collection.kind == CollectionKind::Mail || parent != collection.parent;
        if collection.role.is_some() && stays_as_it_is {
            return Err(Refusal::Invalid("a special folder cannot be renamed").into());
        }
        if collection.kind == CollectionKind::Files {
            return Err(Refusal::Invalid("plain files are called by their resource names").into());
        }
        if parent != collection.parent {
            self.may_move_beneath(collection, parent)?;
        }
        if let Some(other) = self.child(account, parent, collection.kind, name)?
            && other.id != collection.id
        {
            return Err(Refusal::AlreadyExists(Subject::Collection).into());
        }
        let modseq = self.stamp(account)?;
        let params = params![account.0, collection.id.0, parent.0, name.as_str(), modseq.0];
        self.connection.execute(RENAME, params).map(drop)
    }

    fn may_move_beneath(&self, collection: &Collection, parent: CollectionId) -> Result<()> {
        if parent.0 == 0 {
            return self.require_owner(collection.account);
        }
        let target = self.open::<right::CreateChild>(collection.account, parent)?;
        refuse_mixture(target.collection().kind, collection.kind)?;
        let mut above = Some(target.collection().clone());
        let mut depth = 1;
        while let Some(ancestor) = above {
            depth += 1;
            if ancestor.id == collection.id || depth > MailboxPath::DEPTH_MAX {
                return Err(Refusal::Invalid("a folder cannot be moved there").into());
            }
            above = self.collection_row(collection.account, ancestor.parent)?;
        }
        Ok(())
    }

    /// Deletes a folder with its items; contents stay until the retention window ends.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for special folders and for folders with others beneath.
    pub fn delete_collection(&mut self, grant: &Grant<'tx, right::DeleteCollection>) -> Result<()> {
        let collection = grant.collection();
        let (account, id) = (collection.account, collection.id);
        if collection.role.is_some() {
            return Err(Refusal::Invalid("a special folder cannot be deleted").into());
        }
        if self.connection.int(HAS_CHILDREN, params![account.0, id.0])?.is_some() {
            return Err(Refusal::Invalid("the folder has folders beneath it").into());
        }
        if collection.kind == CollectionKind::Files {
            self.unmap_files(account);
        }
        if collection.kind.home() == Home::Calendars {
            self.unattach(account);
        }
        let modseq = self.stamp(account)?;
        let now = self.now().0;
        let counted = self.connection.int(COUNTED, params![account.0, id.0])?.unwrap_or(0);
        self.charge(account, -counted, true)?;
        self.connection.execute(VANISH_ITEMS, params![account.0, id.0, now, modseq.0])?;
        self.forget_notices_of(account, id)?;
        self.forget_properties(account, account, id)?;
        self.connection.execute(VANISH, params![account.0, id.0, now, modseq.0]).map(drop)
    }

    /// Shows the folder in its owner's subscribed lists, or not.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner.
    pub fn subscribe(&mut self, grant: &Grant<'tx, right::Lookup>, subscribed: bool) -> Result<()> {
        let collection = grant.collection();
        self.require_owner(collection.account)?;
        if collection.subscribed == subscribed {
            return Ok(());
        }
        let modseq = self.stamp(collection.account)?;
        let params = params![collection.account.0, collection.id.0, i64::from(subscribed), modseq.0];
        self.connection.execute(SUBSCRIBE, params).map(drop)
    }

    /// Gives a folder a role that no other folder has (RFC 6154 CREATE-SPECIAL-USE).
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`] if another folder has it, [`Refusal::Invalid`] if this one has one.
    pub fn set_role(&mut self, grant: &Grant<'tx, right::DeleteCollection>, role: Role) -> Result<()> {
        let collection = grant.collection();
        let account = collection.account;
        if collection.role.is_some() {
            return Err(Refusal::Invalid("the folder has a role already").into());
        }
        let other = self.connection.row(BY_ROLE, params![account.0, role.as_str()], collection_of)?;
        if other.is_some() {
            return Err(Refusal::AlreadyExists(Subject::Collection).into());
        }
        let modseq = self.stamp(account)?;
        self.connection
            .execute(SET_ROLE, params![account.0, collection.id.0, role.as_str(), modseq.0])
            .map(drop)
    }

    /// A folder whose own row says something else now: its CTag changes, its items do not.
    pub(crate) fn touch_collection(&mut self, account: AccountId, id: CollectionId) -> Result<()> {
        const TOUCH: &str =
            "UPDATE collection SET modseq = ?3, highest = ?3 WHERE account_id = ?1 AND collection_id = ?2";
        let modseq = self.stamp(account)?;
        self.connection.execute(TOUCH, params![account.0, id.0, modseq.0]).map(drop)
    }

    /// Raises `highest` and moves the counters of a folder.
    pub(crate) fn count(
        &self,
        account: AccountId,
        id: CollectionId,
        modseq: ModSeq,
        by: Difference,
    ) -> Result<()> {
        let params = params![account.0, id.0, modseq.0, by.messages, by.unseen, by.bytes];
        self.connection.execute(COUNTERS, params).map(drop)
    }

    /// Takes `count` UIDs in a row; the first of them.
    pub(crate) fn take_uids(&self, account: AccountId, id: CollectionId, count: i64) -> Result<Uid> {
        let next = self.connection.int(TAKE_UIDS, params![account.0, id.0, count])?;
        let first = next.ok_or(Refusal::NotFound(Subject::Collection))? - count;
        Ok(Uid(u32::try_from(first).map_err(row_fault)?))
    }
}

/// Plain files lie among plain files only.
fn refuse_mixture(above: CollectionKind, new: CollectionKind) -> Result<()> {
    if (above == CollectionKind::Files) == (new == CollectionKind::Files) {
        return Ok(());
    }
    Err(Refusal::Invalid("the folder above holds another kind").into())
}

pub(crate) fn refuse_resource_name(name: &str) -> Result<()> {
    let kept = !name.is_empty() && name.len() <= RESOURCE_NAME_BYTES_MAX;
    if !kept || name.chars().any(char::is_control) {
        return Err(Refusal::Invalid("the resource name cannot be kept").into());
    }
    Ok(())
}
