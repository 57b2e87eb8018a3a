//! Grants to colleagues, groups, and the delegate's own view of what is shared.

use crate::access::{Admin, Grant, right};
use crate::backend::{Row, params};
use crate::entity::account_group;
use crate::error::{Refusal, Result, Subject};
use crate::transaction::{Read, Write};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use vocabulary::{AccountId, CollectionId, DomainId, EmailAddress, GroupId, Rights};

/// Who is given rights; always of the owner's domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grantee {
    /// Everybody of the domain.
    Anyone,
    /// One account.
    Account(AccountId),
    /// The members of a group.
    Group(GroupId),
}

/// One row of a folder's list of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// To whom.
    pub grantee: Grantee,
    /// What.
    pub rights: Rights,
}

/// A group of accounts of one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its identity.
    pub id: GroupId,
    /// Its domain.
    pub domain: DomainId,
    /// Its name; its address is `name@domain`.
    pub name: String,
    /// Its members.
    pub members: Vec<AccountId>,
}

const PUT: &str = "INSERT INTO permission (account_id, collection_id, grantee_type, grantee_id, rights, epoch, created_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account_id, collection_id, grantee_type, grantee_id) \
     DO UPDATE SET rights = excluded.rights, epoch = excluded.epoch";
const HELD: &str = "SELECT rights FROM permission \
     WHERE account_id = ?1 AND collection_id = ?2 AND grantee_type = ?3 AND grantee_id = ?4";
const LIST: &str = "SELECT grantee_type, grantee_id, rights FROM permission \
     WHERE account_id = ?1 AND collection_id = ?2 AND rights > 0 ORDER BY grantee_type, grantee_id";
const DOMAIN_OF_ACCOUNT: &str = "SELECT domain_id FROM account WHERE id = ?1";
const DOMAIN_OF_GROUP: &str = "SELECT domain_id FROM account_group WHERE id = ?1";
const PUT_MEMBER: &str = "INSERT INTO group_member (group_id, account_id, epoch, ended) VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (group_id, account_id) DO UPDATE SET epoch = excluded.epoch, ended = excluded.ended";
const MEMBERS: &str =
    "SELECT account_id FROM group_member WHERE group_id = ?1 AND ended = 0 ORDER BY account_id";
const END_MEMBERS: &str = "UPDATE group_member SET ended = 1, epoch = ?2 WHERE group_id = ?1 AND ended = 0";
const END_GROUP_GRANTS: &str =
    "UPDATE permission SET rights = 0, epoch = ?2 WHERE grantee_type = 'group' AND grantee_id = ?1";
const WAKE_SHARED: &str =
    "SELECT collection_id FROM permission WHERE account_id = ?1 AND collection_id = ?2 LIMIT 1";

/// Whom the first two columns name.
pub(crate) fn grantee_of(row: &Row<'_>) -> Result<Grantee> {
    Ok(match row.text(0)? {
        "account" => Grantee::Account(AccountId(row.int(1)?)),
        "group" => Grantee::Group(GroupId(row.int(1)?)),
        _ => Grantee::Anyone,
    })
}

impl<'tx> Read<'tx> {
    /// The rights that others hold on a folder.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn permissions(&self, grant: &Grant<'tx, right::Administer>) -> Result<Vec<Permission>> {
        let collection = grant.collection();
        self.connection.rows(LIST, params![collection.account.0, collection.id.0], |row| {
            Ok(Permission { grantee: grantee_of(row)?, rights: Rights::from_bits(row.int(2)?) })
        })
    }

    /// The groups of a domain.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn groups(&self, _admin: &Admin<'tx>, domain: DomainId) -> Result<Vec<Group>> {
        let find = account_group::Entity::find()
            .filter(account_group::Column::DomainId.eq(domain.0))
            .order_by_asc(account_group::Column::Name);
        let rows = self.connection.find(find)?;
        rows.into_iter()
            .map(|row| {
                let members =
                    self.connection.rows(MEMBERS, params![row.id], |member| Ok(AccountId(member.int(0)?)))?;
                Ok(Group { id: GroupId(row.id), domain: DomainId(row.domain_id), name: row.name, members })
            })
            .collect()
    }

    fn domain_of(&self, grantee: Grantee, owner: DomainId) -> Result<DomainId> {
        let (found, subject) = match grantee {
            Grantee::Anyone => return Ok(owner),
            Grantee::Account(id) => {
                (self.connection.int(DOMAIN_OF_ACCOUNT, params![id.0])?, Subject::Account)
            }
            Grantee::Group(id) => (self.connection.int(DOMAIN_OF_GROUP, params![id.0])?, Subject::Group),
        };
        Ok(DomainId(found.ok_or(Refusal::NotFound(subject))?))
    }
}

impl<'tx> Write<'tx> {
    /// Gives, changes or (with no rights) takes away somebody's rights on a folder. Whoever the
    /// change concerns is answered anew with the next command: the view's epoch has moved.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] across domains, and for a grant to the owner; [`Refusal::Denied`] for rights that neither
    /// the giver nor the grantee holds: whoever may share a folder gives nobody, itself included, more of it.
    pub fn set_permission(
        &mut self,
        grant: &Grant<'tx, right::Administer>,
        grantee: Grantee,
        rights: Rights,
    ) -> Result<()> {
        let collection = grant.collection();
        let (owner, id) = (collection.account, collection.id);
        if grantee == Grantee::Account(owner) {
            return Err(Refusal::Invalid("the owner holds every right already").into());
        }
        let domain = self.account_row(owner)?.domain;
        // The domain's row is locked first: the grantee that is read then cannot be removed meanwhile.
        let epoch = self.raise_domain(domain)?;
        if self.domain_of(grantee, domain)? != domain {
            return Err(Refusal::Invalid("rights never cross a domain").into());
        }
        self.wake_grantee(grantee, domain)?;
        let (kind, number) = match grantee {
            Grantee::Anyone => ("anyone", domain.0),
            Grantee::Account(account) => ("account", account.0),
            Grantee::Group(group) => ("group", group.0),
        };
        let held = self.connection.int(HELD, params![owner.0, id.0, kind, number])?;
        let held = Rights::from_bits(held.unwrap_or(0));
        let missing = rights.without(held | grant.rights());
        if !missing.is_empty() {
            return Err(Refusal::Denied { need: missing }.into());
        }
        self.tell_grantee(collection, grantee, held, rights)?;
        let params = params![owner.0, id.0, kind, number, rights.bits(), epoch.0, self.now().0];
        self.connection.execute(PUT, params)?;
        self.touch(owner, id)
    }

    /// Stamps the owner's account, so that everybody who waits on it looks again.
    fn touch(&mut self, owner: AccountId, collection: CollectionId) -> Result<()> {
        if self.connection.int(WAKE_SHARED, params![owner.0, collection.0])?.is_some() {
            self.stamp(owner)?;
        }
        Ok(())
    }

    /// Whoever gains or loses rights looks again.
    fn wake_grantee(&mut self, grantee: Grantee, domain: DomainId) -> Result<()> {
        const EVERYBODY: &str = "SELECT id FROM account WHERE domain_id = ?1";
        let (sql, id) = match grantee {
            Grantee::Account(account) => {
                self.wake(account);
                return Ok(());
            }
            Grantee::Group(group) => (MEMBERS, group.0),
            Grantee::Anyone => (EVERYBODY, domain.0),
        };
        for account in self.connection.rows(sql, params![id], |row| Ok(AccountId(row.int(0)?)))? {
            self.wake(account);
        }
        Ok(())
    }

    /// Readers of what was shared with a group wait on the owners' accounts.
    fn wake_owners(&mut self, group: GroupId) -> Result<()> {
        const OWNERS: &str =
            "SELECT DISTINCT account_id FROM permission WHERE grantee_type = 'group' AND grantee_id = ?1";
        for owner in self.connection.rows(OWNERS, params![group.0], |row| Ok(AccountId(row.int(0)?)))? {
            self.wake(owner);
        }
        Ok(())
    }

    /// Sets a group up, with the address `name@domain`.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`].
    pub fn create_group(&mut self, _admin: &Admin<'tx>, address: &EmailAddress) -> Result<GroupId> {
        let domain = self.domain_by_name(address.domain())?;
        let address = self.in_main_domain(address)?;
        let id = GroupId(self.take_number("group")?);
        self.put_address(&address, domain.id, None, Some(id), true)?;
        let row = account_group::ActiveModel {
            id: Set(id.0),
            domain_id: Set(domain.id.0),
            name: Set(address.local().to_owned()),
            created_at: Set(self.now().0),
        };
        self.connection.change(&account_group::Entity::insert(row))?;
        Ok(id)
    }

    /// Adds a member of the same domain, or ends a membership.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] across domains, [`Refusal::NotFound`].
    pub fn set_member(
        &mut self,
        _admin: &Admin<'tx>,
        group: GroupId,
        account: AccountId,
        member: bool,
    ) -> Result<()> {
        let domain = self.domain_of(Grantee::Group(group), DomainId(0))?;
        let epoch = self.raise_domain(domain)?;
        if self.domain_of(Grantee::Account(account), DomainId(0))? != domain {
            return Err(Refusal::Invalid("a group lies within its domain").into());
        }
        self.wake(account);
        self.wake_owners(group)?;
        let params = params![group.0, account.0, epoch.0, i64::from(!member)];
        self.connection.execute(PUT_MEMBER, params).map(drop)
    }

    /// Removes a group; what its members held through it is gone with this commit.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn remove_group(&mut self, _admin: &Admin<'tx>, group: GroupId) -> Result<()> {
        let domain = self.domain_of(Grantee::Group(group), DomainId(0))?;
        let epoch = self.raise_domain(domain)?.0;
        self.wake_grantee(Grantee::Group(group), domain)?;
        self.wake_owners(group)?;
        self.connection.execute(END_MEMBERS, params![group.0, epoch])?;
        self.connection.execute(END_GROUP_GRANTS, params![group.0, epoch])?;
        self.connection.execute("DELETE FROM address WHERE group_id = ?1", params![group.0])?;
        self.connection.change(&account_group::Entity::delete_by_id(group.0))
    }
}
