//! Accounts and the addresses that lead to them.
//!
//! An account's identity is its id. Renaming moves the address and keeps everything; the old
//! address can be set up again and is then a new, empty account with a new id.

use crate::access::Admin;
use crate::backend::params;
use crate::collection::NewCollection;
use crate::entity::{account, address};
use crate::error::{Refusal, Result, Subject, row_fault};
use crate::schedule::SCHEDULE_INBOX;
use crate::setting::Scope;
use crate::transaction::{Read, Write};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use vocabulary::{
    AccountClass, AccountId, AccountKind, CollectionId, CollectionKind, DomainId, EmailAddress, GroupId,
    LeafName, ModSeq, Role, Timestamp,
};

/// One account, as the house knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its identity for ever.
    pub id: AccountId,
    /// Its domain.
    pub domain: DomainId,
    /// What stands behind it.
    pub class: AccountClass,
    /// What it is sold as.
    pub kind: AccountKind,
    /// The name of the person.
    pub name: String,
    /// `de` or `en`.
    pub language: String,
    /// Every door is closed to it.
    pub suspended: bool,
    /// The address that it is called by.
    pub address: EmailAddress,
    /// Its other addresses.
    pub aliases: Vec<EmailAddress>,
    /// Bytes of living items, of attachments in use, and of the properties of collections that it keeps.
    pub used_bytes: i64,
    /// The limit.
    pub quota_bytes: i64,
    /// Since when it exists.
    pub created_at: Timestamp,
}

/// An account to be set up.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The address that it will be called by; its domain must exist.
    pub address: EmailAddress,
    /// What it is sold as.
    pub kind: AccountKind,
    /// What stands behind it.
    pub class: AccountClass,
    /// The name of the person.
    pub name: String,
    /// `None`: the domain's.
    pub language: Option<String>,
    /// `None`: the domain's default.
    pub quota_bytes: Option<i64>,
}

/// Where mail to an address goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// One account.
    Account(AccountId),
    /// The members of a group.
    Group(GroupId, Vec<AccountId>),
}

const NEW_COUNTER: &str = "INSERT INTO account_counter (account_id, modseq, used_bytes, quota_bytes, next_collection, \
     next_object, next_content, next_thread, next_uidvalidity) VALUES (?1, ?2, 0, ?3, 1, 1, 1, 1, ?4)";
const COUNTER: &str = "SELECT used_bytes, quota_bytes FROM account_counter WHERE account_id = ?1";
const ADDRESS: &str = "SELECT account_id, group_id FROM address WHERE address = ?1";
const REMOVE_ADDRESS: &str = "DELETE FROM address WHERE address = ?1 AND account_id = ?2 AND is_primary = 0";
const MOVE_PRIMARY: &str =
    "UPDATE address SET address = ?2, domain_id = ?3 WHERE account_id = ?1 AND is_primary = 1";
const MEMBERS: &str = "SELECT m.account_id FROM group_member m JOIN account a ON a.id = m.account_id \
     WHERE m.group_id = ?1 AND m.ended = 0 ORDER BY m.account_id";
/// The tables of a mailbox, which go with their account.
const OWNED: [&str; 28] = [
    "DELETE FROM item WHERE account_id = ?1",
    "DELETE FROM version WHERE account_id = ?1",
    "DELETE FROM attachment WHERE account_id = ?1",
    "DELETE FROM attachment_use WHERE account_id = ?1",
    "DELETE FROM content WHERE account_id = ?1",
    "DELETE FROM collection WHERE account_id = ?1",
    "DELETE FROM thread WHERE account_id = ?1",
    "DELETE FROM conversation_rule WHERE account_id = ?1",
    "DELETE FROM category WHERE account_id = ?1",
    "DELETE FROM activity WHERE account_id = ?1",
    "DELETE FROM permission WHERE account_id = ?1",
    "DELETE FROM permission WHERE grantee_type = 'account' AND grantee_id = ?1",
    "DELETE FROM subscription WHERE account_id = ?1 OR owner_id = ?1",
    "DELETE FROM share_notice WHERE account_id = ?1 OR owner_id = ?1 OR other_id = ?1",
    // What delegates keep of its folders counts in their quotas, and goes when they are swept.
    "DELETE FROM property WHERE account_id = ?1",
    "DELETE FROM file_lock WHERE account_id = ?1 OR holder_id = ?1",
    "DELETE FROM push_registration WHERE account_id = ?1 OR owner_id = ?1",
    "DELETE FROM device WHERE account_id = ?1",
    "DELETE FROM device_event WHERE account_id = ?1",
    "DELETE FROM cursor WHERE account_id = ?1 OR owner_id = ?1",
    "DELETE FROM idempotency WHERE account_id = ?1",
    "DELETE FROM recipient WHERE account_id = ?1",
    "DELETE FROM outbox WHERE account_id = ?1",
    "DELETE FROM queue_recipient WHERE account_id = ?1",
    "DELETE FROM queue_message WHERE account_id = ?1",
    "DELETE FROM credential WHERE account_id = ?1",
    "DELETE FROM group_member WHERE account_id = ?1",
    "DELETE FROM address WHERE account_id = ?1",
];

impl<'tx> Read<'tx> {
    /// The accounts of a domain, or all of them.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn accounts(&self, _admin: &Admin<'tx>, domain: Option<DomainId>) -> Result<Vec<Account>> {
        let mut find = account::Entity::find().order_by_asc(account::Column::Id);
        if let Some(domain) = domain {
            find = find.filter(account::Column::DomainId.eq(domain.0));
        }
        self.connection.find(find)?.into_iter().map(|row| self.account_of(row)).collect()
    }

    /// One account. Its owner and the house may ask.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn account(&self, id: AccountId) -> Result<Account> {
        self.require_owner(id)?;
        self.account_row(id)
    }

    pub(crate) fn account_row(&self, id: AccountId) -> Result<Account> {
        let row = self.connection.find_one(account::Entity::find_by_id(id.0))?;
        self.account_of(row.ok_or(Refusal::NotFound(Subject::Account))?)
    }

    fn account_of(&self, row: account::Model) -> Result<Account> {
        let find = address::Entity::find()
            .filter(address::Column::AccountId.eq(row.id))
            .order_by_desc(address::Column::IsPrimary)
            .order_by_asc(address::Column::Address);
        let mut addresses = Vec::new();
        for found in self.connection.find(find)? {
            addresses.push(EmailAddress::parse(&found.address).map_err(row_fault)?);
        }
        let (used_bytes, quota_bytes) = self
            .connection
            .row(COUNTER, params![row.id], |row| Ok((row.int(0)?, row.int(1)?)))?
            .ok_or_else(|| row_fault("an account has no counter"))?;
        if addresses.is_empty() {
            return Err(row_fault("an account has no address"));
        }
        Ok(Account {
            id: AccountId(row.id),
            domain: DomainId(row.domain_id),
            class: row.class.parse().map_err(row_fault)?,
            kind: row.kind.parse().map_err(row_fault)?,
            name: row.name,
            language: row.language,
            suspended: row.suspended != 0,
            address: addresses.remove(0),
            aliases: addresses,
            used_bytes,
            quota_bytes,
            created_at: Timestamp(row.created_at),
        })
    }

    /// Where mail to an address goes: alias domains and `user+detail` are understood.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn resolve(&self, _admin: &Admin<'tx>, address: &EmailAddress) -> Result<Destination> {
        let address = self.in_main_domain(address)?;
        let mut found = self.destination(&address)?;
        if found.is_none()
            && let Some(plain) = address.without_detail()
        {
            found = self.destination(&plain)?;
        }
        found.ok_or_else(|| Refusal::NotFound(Subject::Address).into())
    }

    /// The account that an address is of.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also for a group.
    pub fn account_by_address(&self, admin: &Admin<'tx>, address: &EmailAddress) -> Result<Account> {
        match self.resolve(admin, address)? {
            Destination::Account(id) => self.account_row(id),
            Destination::Group(..) => Err(Refusal::NotFound(Subject::Account).into()),
        }
    }

    pub(crate) fn in_main_domain(&self, address: &EmailAddress) -> Result<EmailAddress> {
        let domain = self.domain_by_name(address.domain())?;
        EmailAddress::parse(&format!("{}@{}", address.local(), domain.name)).map_err(row_fault)
    }

    fn destination(&self, address: &EmailAddress) -> Result<Option<Destination>> {
        let text = address.to_string();
        let row =
            self.connection.row(ADDRESS, params![&text], |row| Ok((row.opt_int(0)?, row.opt_int(1)?)))?;
        Ok(match row {
            Some((Some(account), _)) => Some(Destination::Account(AccountId(account))),
            Some((None, Some(group))) => {
                let members =
                    self.connection.rows(MEMBERS, params![group], |row| Ok(AccountId(row.int(0)?)))?;
                Some(Destination::Group(GroupId(group), members))
            }
            _ => None,
        })
    }
}

impl<'tx> Write<'tx> {
    /// Sets an account up, with its special folders named in its language.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a domain that is not there, [`Refusal::AlreadyExists`] for a taken
    /// address, [`Refusal::Invalid`] for a quota above the domain's largest.
    pub fn create_account(&mut self, admin: &Admin<'tx>, new: &NewAccount) -> Result<AccountId> {
        let domain = self.domain_by_name(new.address.domain())?;
        let quota = new.quota_bytes.unwrap_or(domain.quota_default_bytes);
        if quota <= 0 || quota > domain.quota_max_bytes {
            return Err(Refusal::Invalid("the quota is above the domain's largest").into());
        }
        let id = AccountId(self.take_number("account")?);
        let language = new.language.clone().unwrap_or_else(|| domain.language.clone());
        let row = account::ActiveModel {
            id: Set(id.0),
            domain_id: Set(domain.id.0),
            class: Set(new.class.as_str().to_owned()),
            kind: Set(new.kind.as_str().to_owned()),
            name: Set(new.name.clone()),
            language: Set(language.clone()),
            suspended: Set(0),
            created_at: Set(self.now().0),
        };
        self.connection.change(&account::Entity::insert(row))?;
        let modseq = (self.context.incarnation << ModSeq::INCARNATION_SHIFT) + 1;
        // UIDVALIDITY is never 0 (RFC 9051 section 9, nz-number).
        self.connection.execute(NEW_COUNTER, params![id.0, modseq, quota, 1_i64])?;
        self.put_address(&self.in_main_domain(&new.address)?, domain.id, Some(id), None, true)?;
        self.lock(id)?;
        self.create_special_folders(id, &language)?;
        let _ = admin;
        Ok(id)
    }

    fn create_special_folders(&mut self, id: AccountId, language: &str) -> Result<()> {
        for (role, kind, english, german) in SPECIAL_FOLDERS {
            let name = if language == "de" { german } else { english };
            let name = LeafName::new(name).map_err(row_fault)?;
            let new = NewCollection {
                parent: CollectionId(0),
                kind: *kind,
                role: Some(*role),
                name,
                resource_name: (*role == Role::ScheduleInbox).then(|| SCHEDULE_INBOX.to_owned()),
            };
            self.create_collection(id, &new)?;
        }
        Ok(())
    }

    pub(crate) fn put_address(
        &self,
        address: &EmailAddress,
        domain: DomainId,
        account: Option<AccountId>,
        group: Option<GroupId>,
        primary: bool,
    ) -> Result<()> {
        self.lock_domain(domain)?;
        self.refuse_taken_address(address)?;
        let row = address::ActiveModel {
            address: Set(address.to_string()),
            domain_id: Set(domain.0),
            account_id: Set(account.map(|id| id.0)),
            group_id: Set(group.map(|id| id.0)),
            is_primary: Set(i64::from(primary)),
            created_at: Set(self.now().0),
        };
        self.connection.change(&address::Entity::insert(row))
    }

    fn refuse_taken_address(&self, address: &EmailAddress) -> Result<()> {
        match self.destination(address)? {
            Some(_) => Err(Refusal::AlreadyExists(Subject::Address).into()),
            None => Ok(()),
        }
    }

    /// Moves an account to another address of its domain; everything else stays as it is.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`] if the address is taken, [`Refusal::Invalid`] across domains.
    pub fn rename_account(&mut self, _admin: &Admin<'tx>, id: AccountId, to: &EmailAddress) -> Result<()> {
        let account = self.account_row(id)?;
        let domain = self.domain_by_name(to.domain())?;
        if domain.id != account.domain {
            return Err(Refusal::Invalid("an account cannot leave its domain").into());
        }
        let to = self.in_main_domain(to)?;
        self.refuse_taken_address(&to)?;
        let text = to.to_string();
        self.connection.execute(MOVE_PRIMARY, params![id.0, &text, domain.id.0]).map(drop)
    }

    /// Changes what the account is sold as: up keeps, down hides, neither deletes.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn set_account_kind(&mut self, _admin: &Admin<'tx>, id: AccountId, kind: AccountKind) -> Result<()> {
        self.wake(id);
        self.update_account(account::ActiveModel {
            id: Set(id.0),
            kind: Set(kind.as_str().to_owned()),
            ..Default::default()
        })
    }

    /// Closes or opens every door.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn suspend_account(&mut self, _admin: &Admin<'tx>, id: AccountId, suspended: bool) -> Result<()> {
        self.wake(id);
        self.update_account(account::ActiveModel {
            id: Set(id.0),
            suspended: Set(i64::from(suspended)),
            ..Default::default()
        })
    }

    fn update_account(&self, row: account::ActiveModel) -> Result<()> {
        self.connection.change(&account::Entity::update(row).validate().map_err(row_fault)?)
    }

    /// Sets the quota in bytes. The account must be declared.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] above the domain's largest.
    pub fn set_account_quota(&mut self, _admin: &Admin<'tx>, id: AccountId, bytes: i64) -> Result<()> {
        let account = self.account_row(id)?;
        let domain = self.domain(account.domain)?;
        if bytes <= 0 || bytes > domain.quota_max_bytes {
            return Err(Refusal::Invalid("the quota is above the domain's largest").into());
        }
        self.set_quota_bytes(id, bytes)
    }

    /// Removes an account with everything that is its own, and every grant to it. It must be declared.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn remove_account(&mut self, _admin: &Admin<'tx>, id: AccountId) -> Result<()> {
        self.counter(id)?;
        let account = self.account_row(id)?;
        self.raise_domain(account.domain)?;
        self.wake(id);
        for sql in OWNED {
            self.connection.execute(sql, params![id.0])?;
        }
        self.remove_settings(Scope::Account(id))?;
        self.forget_own_numbers(id)?;
        self.forget_lock(id);
        self.connection.execute("DELETE FROM account_counter WHERE account_id = ?1", params![id.0])?;
        self.connection.change(&account::Entity::delete_by_id(id.0))
    }

    /// Gives an account another address in its domain.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`], [`Refusal::Invalid`] for an address of another domain.
    pub fn add_alias(&mut self, _admin: &Admin<'tx>, id: AccountId, alias: &EmailAddress) -> Result<()> {
        let account = self.account_row(id)?;
        let domain = self.domain_by_name(alias.domain())?;
        if domain.id != account.domain {
            return Err(Refusal::Invalid("an alias lies in its account's domain").into());
        }
        self.put_address(&self.in_main_domain(alias)?, domain.id, Some(id), None, false)
    }

    /// Takes another address away.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it is not an alias of this account.
    pub fn remove_alias(&mut self, _admin: &Admin<'tx>, id: AccountId, alias: &EmailAddress) -> Result<()> {
        let text = self.in_main_domain(alias)?.to_string();
        match self.connection.execute(REMOVE_ADDRESS, params![&text, id.0])? {
            0 => Err(Refusal::NotFound(Subject::Address).into()),
            _ => Ok(()),
        }
    }
}

/// The special folders of every account; the name is localised once, at creation. INBOX is fixed.
const SPECIAL_FOLDERS: &[(Role, CollectionKind, &str, &str)] = &[
    (Role::Inbox, CollectionKind::Mail, "INBOX", "INBOX"),
    (Role::Drafts, CollectionKind::Mail, "Drafts", "Entwürfe"),
    (Role::Sent, CollectionKind::Mail, "Sent", "Gesendet"),
    (Role::Trash, CollectionKind::Mail, "Trash", "Papierkorb"),
    (Role::Junk, CollectionKind::Mail, "Junk", "Spam"),
    (Role::Archive, CollectionKind::Mail, "Archive", "Archiv"),
    (Role::Calendar, CollectionKind::Calendar, "Calendar", "Kalender"),
    (Role::Contacts, CollectionKind::Contacts, "Contacts", "Kontakte"),
    (Role::Tasks, CollectionKind::Tasks, "Tasks", "Aufgaben"),
    (Role::Notes, CollectionKind::Notes, "Notes", "Notizen"),
    (Role::Files, CollectionKind::Files, "Files", "Dateien"),
    (Role::ScheduleInbox, CollectionKind::Schedule, "Invitations", "Einladungen"),
];
