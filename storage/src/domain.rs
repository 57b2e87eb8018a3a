//! Domains, their other names, and the numbers that domains, accounts and groups get.

use crate::access::Admin;
use crate::backend::params;
use crate::entity::{domain, domain_alias};
use crate::error::{Refusal, Result, Subject, row_fault};
use crate::setting::Scope;
use crate::transaction::{Read, Write};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use vocabulary::{AccountId, DomainId, ModSeq};

/// 10 GB (10^10 bytes): default and largest mailbox unless the domain says otherwise.
pub const QUOTA_BYTES: i64 = 10_000_000_000;

/// One domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its identity.
    pub id: DomainId,
    /// `example.org`, in lower case.
    pub name: String,
    /// Its other names.
    pub aliases: Vec<String>,
    /// Quota of new accounts.
    pub quota_default_bytes: i64,
    /// Largest quota.
    pub quota_max_bytes: i64,
    /// Language of new accounts (`de`, `en`).
    pub language: String,
}

const TAKE_NUMBER: &str = "INSERT INTO counter (name, value) VALUES (?1, ?2) \
     ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value";
const TAKE_OWN_NUMBER: &str = "UPDATE counter SET value = value + 1 WHERE name = ?1 RETURNING value";
/// Above what one counter of the whole house gave before each account had its own.
const FIRST_OWN_NUMBER: &str = "INSERT INTO counter (name, value) \
     VALUES (?1, ?3 + COALESCE((SELECT value FROM counter WHERE name = ?2), 0)) RETURNING value";
const FORGET_OWN_NUMBERS: &str = "DELETE FROM counter WHERE name = ?1";
const LOCK: &str = "UPDATE domain SET modseq = modseq WHERE id = ?1 RETURNING id";
const RAISE: &str = "UPDATE domain SET modseq = modseq + 1 WHERE id = ?1 RETURNING modseq";
const ACCOUNTS: &str = "SELECT COUNT(*) FROM account WHERE domain_id = ?1";

/// What is numbered within an account.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OwnNumber {
    Outbox,
    Queue,
    DeviceEvent,
}

impl OwnNumber {
    const ALL: [Self; 3] = [Self::Outbox, Self::Queue, Self::DeviceEvent];

    fn as_str(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Queue => "queue",
            Self::DeviceEvent => "device_event",
        }
    }

    fn counter_of(self, account: AccountId) -> String {
        format!("{}/{account}", self.as_str())
    }
}

impl<'tx> Read<'tx> {
    /// All domains.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn domains(&self, _admin: &Admin<'tx>) -> Result<Vec<Domain>> {
        let rows = self.connection.find(domain::Entity::find().order_by_asc(domain::Column::Name))?;
        rows.into_iter().map(|row| self.with_aliases(row)).collect()
    }

    fn with_aliases(&self, row: domain::Model) -> Result<Domain> {
        let find = domain_alias::Entity::find().filter(domain_alias::Column::DomainId.eq(row.id));
        let aliases = self.connection.find(find)?.into_iter().map(|alias| alias.name).collect();
        Ok(Domain {
            id: DomainId(row.id),
            name: row.name,
            aliases,
            quota_default_bytes: row.quota_default_bytes,
            quota_max_bytes: row.quota_max_bytes,
            language: row.language,
        })
    }

    /// The domain of a name or of another name of it. Only the house asks.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Denied`] for everybody else.
    pub fn domain_by_name(&self, name: &str) -> Result<Domain> {
        self.administer()?;
        let by_name = domain::Entity::find().filter(domain::Column::Name.eq(name));
        if let Some(row) = self.connection.find_one(by_name)? {
            return self.with_aliases(row);
        }
        let by_alias = domain_alias::Entity::find().filter(domain_alias::Column::Name.eq(name));
        let alias = self.connection.find_one(by_alias)?.ok_or(Refusal::NotFound(Subject::Domain))?;
        self.domain(DomainId(alias.domain_id))
    }

    pub(crate) fn domain(&self, id: DomainId) -> Result<Domain> {
        let row = self.connection.find_one(domain::Entity::find_by_id(id.0))?;
        self.with_aliases(row.ok_or(Refusal::NotFound(Subject::Domain))?)
    }
}

impl<'tx> Write<'tx> {
    /// The next number of a kind; never given twice.
    pub(crate) fn take_number(&self, of: &'static str) -> Result<i64> {
        self.connection
            .int(TAKE_NUMBER, params![of, self.first_number()])?
            .ok_or_else(|| row_fault("a counter gave no number"))
    }

    /// The next number of a kind within an account. The account must be declared: its lock orders
    /// those who take, so that accounts do not wait for each other.
    pub(crate) fn take_own_number(&self, account: AccountId, of: OwnNumber) -> Result<i64> {
        self.counter(account)?;
        let name = of.counter_of(account);
        if let Some(number) = self.connection.int(TAKE_OWN_NUMBER, params![&name])? {
            return Ok(number);
        }
        self.connection
            .int(FIRST_OWN_NUMBER, params![&name, of.as_str(), self.first_number()])?
            .ok_or_else(|| row_fault("a counter gave no number"))
    }

    /// A number never taken before a restore may have been taken after the backup.
    fn first_number(&self) -> i64 {
        self.context.incarnation * crate::open::UID_JUMP + 1
    }

    /// The account is removed; its id is never given again.
    pub(crate) fn forget_own_numbers(&self, account: AccountId) -> Result<()> {
        for of in OwnNumber::ALL {
            self.connection.execute(FORGET_OWN_NUMBERS, params![&of.counter_of(account)])?;
        }
        Ok(())
    }

    /// Whoever sets something up in a domain and whoever removes the domain wait for each other.
    pub(crate) fn lock_domain(&self, domain: DomainId) -> Result<()> {
        let locked = self.connection.int(LOCK, params![domain.0])?;
        locked.map(drop).ok_or_else(|| Refusal::NotFound(Subject::Domain).into())
    }

    /// Raises the domain's own number: every view of its shared collections is of a new epoch.
    pub(crate) fn raise_domain(&self, domain: DomainId) -> Result<ModSeq> {
        let modseq = self.connection.int(RAISE, params![domain.0])?;
        Ok(ModSeq(modseq.ok_or(Refusal::NotFound(Subject::Domain))?))
    }

    /// Sets a domain up.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`], [`Refusal::Invalid`] for a name that is none.
    pub fn create_domain(&mut self, _admin: &Admin<'tx>, name: &str, language: &str) -> Result<DomainId> {
        let name = domain_name(name)?;
        self.refuse_taken_domain(&name)?;
        let id = self.take_number("domain")?;
        let row = domain::ActiveModel {
            id: Set(id),
            name: Set(name),
            modseq: Set(ModSeq::start_of(0).0.max(self.context.incarnation << ModSeq::INCARNATION_SHIFT)),
            quota_default_bytes: Set(QUOTA_BYTES),
            quota_max_bytes: Set(QUOTA_BYTES),
            language: Set(language.to_owned()),
            created_at: Set(self.now().0),
        };
        self.connection.change(&domain::Entity::insert(row))?;
        Ok(DomainId(id))
    }

    fn refuse_taken_domain(&self, name: &str) -> Result<()> {
        match self.domain_by_name(name) {
            Ok(_) => Err(Refusal::AlreadyExists(Subject::Domain).into()),
            Err(error) if error.refusal().is_some() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Default and largest quota of a domain's accounts, in bytes.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] unless 0 < default <= largest.
    pub fn set_domain_quota(
        &mut self,
        _admin: &Admin<'tx>,
        id: DomainId,
        default: i64,
        largest: i64,
    ) -> Result<()> {
        if default <= 0 || default > largest {
            return Err(
                Refusal::Invalid("the default quota must be above 0 and not above the largest").into()
            );
        }
        let row = domain::ActiveModel {
            id: Set(id.0),
            quota_default_bytes: Set(default),
            quota_max_bytes: Set(largest),
            ..Default::default()
        };
        self.connection.change(&domain::Entity::update(row).validate().map_err(row_fault)?)
    }

    /// Gives a domain another name; for delegation both are the same domain.
    ///
    /// # Errors
    /// [`Refusal::AlreadyExists`]; [`Refusal::NotFound`].
    pub fn add_domain_alias(&mut self, _admin: &Admin<'tx>, id: DomainId, alias: &str) -> Result<()> {
        let name = domain_name(alias)?;
        self.lock_domain(id)?;
        self.refuse_taken_domain(&name)?;
        let row = domain_alias::ActiveModel { name: Set(name), domain_id: Set(id.0) };
        self.connection.change(&domain_alias::Entity::insert(row))
    }

    /// Takes another name away.
    ///
    /// # Errors
    /// [`crate::Fault`] only: a name that is not there is no error.
    pub fn remove_domain_alias(&mut self, _admin: &Admin<'tx>, alias: &str) -> Result<()> {
        self.connection.change(&domain_alias::Entity::delete_by_id(alias.to_lowercase()))
    }

    /// Removes a domain without accounts.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] while it has accounts; [`Refusal::NotFound`].
    pub fn remove_domain(&mut self, _admin: &Admin<'tx>, id: DomainId) -> Result<()> {
        const CLEAN: [&str; 3] = [
            "DELETE FROM domain_alias WHERE domain_id = ?1",
            "DELETE FROM address WHERE domain_id = ?1",
            "DELETE FROM account_group WHERE domain_id = ?1",
        ];
        self.lock_domain(id)?;
        if self.connection.int(ACCOUNTS, params![id.0])?.unwrap_or(0) > 0 {
            return Err(Refusal::Invalid("the domain still has accounts").into());
        }
        for sql in CLEAN {
            self.connection.execute(sql, params![id.0])?;
        }
        self.remove_settings(Scope::Domain(id))?;
        self.connection.change(&domain::Entity::delete_by_id(id.0))
    }
}

fn domain_name(text: &str) -> Result<String> {
    vocabulary::EmailAddress::parse(&format!("postmaster@{text}"))
        .map(|address| address.domain().to_owned())
        .map_err(|_| Refusal::Invalid("that is no domain name").into())
}
