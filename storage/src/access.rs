//! The gate: the only rights check of the product.
//!
//! A [`Grant`] proves that the principal of this transaction holds a right on one collection. It is
//! made here only, borrowed from the transaction by an invariant brand: it cannot be forged, kept
//! for later, or used in another transaction.
//!
//! What must not compile stands below what does, and differs from it in the forbidden thing only.
//!
//! A number may leave the transaction:
//! ```
//! # use storage::{Store, right}; use vocabulary::{AccountId, CollectionId, Principal};
//! # async fn f(store: &Store, me: &Principal, owner: AccountId, id: CollectionId) -> storage::Result<()> {
//! let mut kept = Vec::new();
//! store.read(me, move |tx| Ok(kept.push(tx.open::<right::ReadItems>(owner, id)?.epoch()))).await
//! # }
//! ```
//! A grant may not:
//! ```compile_fail,E0521
//! # use storage::{Store, right}; use vocabulary::{AccountId, CollectionId, Principal};
//! # async fn f(store: &Store, me: &Principal, owner: AccountId, id: CollectionId) -> storage::Result<()> {
//! let mut kept = Vec::new();
//! store.read(me, move |tx| Ok(kept.push(tx.open::<right::ReadItems>(owner, id)?))).await
//! # }
//! ```
//! The right that is needed fits:
//! ```
//! # use storage::{Store, right}; use vocabulary::{AccountId, CollectionId, Principal};
//! # async fn f(store: &Store, me: &Principal, owner: AccountId, id: CollectionId) -> storage::Result<u64> {
//! store.write(me, &[owner], move |tx| tx.remove(&tx.open::<right::Remove>(owner, id)?, &[1..=1])).await
//! # }
//! ```
//! The wrong right does not fit:
//! ```compile_fail,E0308
//! # use storage::{Store, right}; use vocabulary::{AccountId, CollectionId, Principal};
//! # async fn f(store: &Store, me: &Principal, owner: AccountId, id: CollectionId) -> storage::Result<u64> {
//! store.write(me, &[owner], move |tx| tx.remove(&tx.open::<right::ReadItems>(owner, id)?, &[1..=1])).await
//! # }
//! ```
//! A grant is used in its own transaction:
//! ```
//! # use storage::{Read, Result, right}; use vocabulary::{AccountId, CollectionId};
//! fn f<'one>(one: &Read<'one>, two: &Read<'one>, owner: AccountId, id: CollectionId) -> Result<usize> {
//!     Ok(two.items(&one.open::<right::ReadItems>(owner, id)?, &[1..=1])?.len())
//! }
//! ```
//! It does not fit another:
//! ```compile_fail,E0621
//! # use storage::{Read, Result, right}; use vocabulary::{AccountId, CollectionId};
//! fn f<'one>(one: &Read<'one>, two: &Read<'_>, owner: AccountId, id: CollectionId) -> Result<usize> {
//!     Ok(two.items(&one.open::<right::ReadItems>(owner, id)?, &[1..=1])?.len())
//! }
//! ```

use crate::backend::{Row, params};
use crate::collection::Collection;
use crate::error::{Refusal, Result, Subject};
use crate::transaction::Read;
use std::marker::PhantomData;
use vocabulary::{AccountId, CollectionId, DomainId, Principal, Rights};

pub(crate) type Brand<'tx> = PhantomData<fn(&'tx ()) -> &'tx ()>;

/// The rights that a grant can prove, as types.
pub mod right {
    use vocabulary::Rights;

    /// A right, and what it needs.
    pub trait Right {
        /// What the principal must hold (for [`ChangeFlags`] any of it).
        const NEEDED: Rights;

        /// Whether these rights are enough.
        #[must_use]
        fn permitted(held: Rights) -> bool {
            held.contains(Self::NEEDED)
        }
    }

    macro_rules! rights {
        ($($(#[$doc:meta])* $name:ident = $needed:expr;)+) => {
            $($(#[$doc])* #[derive(Debug)] pub enum $name {}
            impl Right for $name { const NEEDED: Rights = $needed; })+
        };
    }

    rights! {
        /// Knows that the folder exists, its name and counts.
        Lookup = Rights::LOOKUP;
        /// Reads items and follows the log.
        ReadItems = Rights::READ;
        /// Adds items.
        Insert = Rights::INSERT;
        /// Removes items for good (also the source of a move).
        /// Makes folders beneath.
        CreateChild = Rights::CREATE;
        /// Renames or deletes the folder.
        DeleteCollection = Rights::DELETE_COLLECTION;
        /// Changes the folder's grants.
        Administer = Rights::ADMINISTER;
    }

    /// Removes items for good (also the source of a move): all, or those that the principal made.
    #[derive(Debug)]
    pub enum Remove {}

    impl Right for Remove {
        const NEEDED: Rights = Rights::of(&[Rights::DELETE_ITEMS, Rights::EXPUNGE]);

        fn permitted(held: Rights) -> bool {
            held.contains(Self::NEEDED) || held.contains(Rights::OWN_ITEMS)
        }
    }

    /// Replaces the content of an item: of all, or of those that the principal made.
    #[derive(Debug)]
    pub enum Replace {}

    impl Right for Replace {
        const NEEDED: Rights = Rights::REPLACE;

        fn permitted(held: Rights) -> bool {
            held.contains(Self::NEEDED) || held.contains(Rights::OWN_ITEMS)
        }
    }

    /// Changes those flags that the principal may: `s` for `\Seen`, `t` for `\Deleted`, `w` for the
    /// others (RFC 4314 section 4). What it may not change is left alone.
    #[derive(Debug)]
    pub enum ChangeFlags {}

    impl Right for ChangeFlags {
        const NEEDED: Rights = Rights::WRITE;

        fn permitted(held: Rights) -> bool {
            [Rights::SEEN, Rights::WRITE, Rights::DELETE_ITEMS, Rights::OWN_ITEMS]
                .into_iter()
                .any(|one| held.contains(one))
        }
    }
}

use right::Right;

/// Proof of the right `R` on one collection, for the length of the transaction `'tx`.
#[derive(Debug)]
pub struct Grant<'tx, R> {
    collection: Collection,
    rights: Rights,
    epoch: i64,
    _right: PhantomData<R>,
    _brand: Brand<'tx>,
}

impl<R> Grant<'_, R> {
    /// The collection as it was when the grant was opened.
    #[must_use]
    pub fn collection(&self) -> &Collection {
        &self.collection
    }

    /// The largest value of `private` that the principal may see.
    pub(crate) fn private_max(&self) -> i64 {
        i64::from(self.rights.contains(Rights::SEE_PRIVATE))
    }

    /// All rights that the principal holds on it.
    #[must_use]
    pub fn rights(&self) -> Rights {
        self.rights
    }

    /// The epoch of this principal's view: a cursor of another epoch is answered with a resync.
    #[must_use]
    pub fn epoch(&self) -> i64 {
        self.epoch
    }
}

/// Proof that the house itself acts: accounts, domains and passwords are changed with it only.
#[derive(Debug)]
pub struct Admin<'tx> {
    _brand: Brand<'tx>,
}

const PRINCIPAL: &str = "SELECT domain_id, suspended FROM account WHERE id = ?1";
const SHARED: &str = "SELECT p.rights, p.epoch FROM permission p JOIN account o ON o.id = p.account_id \
     WHERE p.account_id = ?1 AND p.collection_id = ?2 AND o.domain_id = ?4 AND ( \
       (p.grantee_type = 'anyone' AND p.grantee_id = ?4) \
       OR (p.grantee_type = 'account' AND p.grantee_id = ?3) \
       OR (p.grantee_type = 'group' AND p.grantee_id IN \
           (SELECT m.group_id FROM group_member m WHERE m.account_id = ?3 AND m.ended = 0)))";
const MEMBER_EPOCH: &str = "SELECT COALESCE(MAX(epoch), 0) FROM group_member WHERE account_id = ?1";

/// What a principal may do with a collection, and since when it has been so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    pub(crate) rights: Rights,
    pub(crate) epoch: i64,
}

impl<'tx> Read<'tx> {
    /// Opens a collection with the right `R`.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it does not exist or the principal lacks the lookup right (it is
    /// not told which), [`Refusal::Denied`] if it is visible but `R` is missing.
    pub fn open<R: Right>(&self, account: AccountId, id: CollectionId) -> Result<Grant<'tx, R>> {
        let collection = self.collection_row(account, id)?.ok_or(Refusal::NotFound(Subject::Collection))?;
        self.grant(collection)
    }

    pub(crate) fn grant<R: Right>(&self, collection: Collection) -> Result<Grant<'tx, R>> {
        let view = self.view_of(collection.account, collection.id)?;
        let is_shown = collection.kind.is_shown_at(self.principal.door());
        if !is_shown || !view.rights.contains(Rights::LOOKUP) {
            return Err(Refusal::NotFound(Subject::Collection).into());
        }
        if !R::permitted(view.rights) {
            return Err(Refusal::Denied { need: R::NEEDED }.into());
        }
        Ok(Grant {
            collection,
            rights: view.rights,
            epoch: view.epoch,
            _right: PhantomData,
            _brand: PhantomData,
        })
    }

    /// The rights of this transaction's principal, read anew: a revoked one is gone at once.
    pub(crate) fn view_of(&self, owner: AccountId, collection: CollectionId) -> Result<View> {
        match self.principal {
            Principal::System { .. } => Ok(View { rights: Rights::ALL, epoch: 0 }),
            Principal::Account { account, .. } => self.view_of_account(*account, owner, collection),
        }
    }

    /// The rights of an account, read anew.
    pub(crate) fn view_of_account(
        &self,
        actor: AccountId,
        owner: AccountId,
        collection: CollectionId,
    ) -> Result<View> {
        let none = View { rights: Rights::NONE, epoch: 0 };
        let Some(domain) = self.active_domain(actor)? else { return Ok(none) };
        if actor == owner {
            return Ok(View { rights: Rights::ALL, epoch: 0 });
        }
        // The wall: the statement asks for the owner's domain too, whatever the grant row says.
        let mut view = none;
        let read = |row: &Row<'_>| {
            view.rights = view.rights | Rights::from_bits(row.int(0)?);
            view.epoch = view.epoch.max(row.int(1)?);
            Ok(())
        };
        self.connection.for_each(SHARED, params![owner.0, collection.0, actor.0, domain.0], read)?;
        if let Some(epoch) = self.connection.int(MEMBER_EPOCH, params![actor.0])? {
            view.epoch = view.epoch.max(epoch);
        }
        Ok(view)
    }

    /// The domain of an account that exists and is not suspended.
    fn active_domain(&self, account: AccountId) -> Result<Option<DomainId>> {
        let row = self.connection.row(PRINCIPAL, params![account.0], |row| Ok((row.int(0)?, row.int(1)?)))?;
        Ok(row.filter(|(_, suspended)| *suspended == 0).map(|(domain, _)| DomainId(domain)))
    }

    /// The author whose items alone the principal may change with right `R`; `None`: those of all.
    pub(crate) fn only_of<R: Right>(&self, grant: &Grant<'tx, R>) -> Option<i64> {
        let all = grant.rights().contains(R::NEEDED);
        (!all).then(|| self.principal.account_id().map_or(0, |account| account.0))
    }

    /// Refuses a principal that does not own the account (or is not the house).
    pub(crate) fn require_owner(&self, account: AccountId) -> Result<()> {
        match self.principal {
            Principal::System { .. } => Ok(()),
            Principal::Account { account: actor, .. } if *actor == account => {
                match self.active_domain(account)? {
                    Some(_) => Ok(()),
                    None => Err(Refusal::NotFound(Subject::Account).into()),
                }
            }
            Principal::Account { .. } => Err(Refusal::NotFound(Subject::Account).into()),
        }
    }

    /// Proof that the house itself acts.
    ///
    /// # Errors
    /// [`Refusal::Denied`] for every other principal.
    pub fn administer(&self) -> Result<Admin<'tx>> {
        match self.principal {
            Principal::System { .. } => Ok(Admin { _brand: PhantomData }),
            Principal::Account { .. } => Err(Refusal::Denied { need: Rights::ADMINISTER }.into()),
        }
    }
}
