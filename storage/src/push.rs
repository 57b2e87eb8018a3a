//! Who is told by push that a collection changed, and up to where each has been told.
//!
//! A registration is of a client of an account, for one collection that the account may read, at one endpoint. It holds
//! two marks: the collection's `highest` and `modseq` when it was last told. What stands above them is to be told, by a
//! message that says no more than that: levels, not a queue, so that nothing piles up while a client is away and nothing
//! is lost in a crash. Whoever sends claims a registration for a while ([`Write::claim_pushes`]), in the name of its
//! account, whose right to read is asked anew; one that may not read any more is removed.

use crate::access::{Admin, Grant, right};
use crate::backend::{Row, params};
use crate::change::Cursor;
use crate::collection::Collection;
use crate::error::{Error, Fault, Refusal, Result, Subject};
use crate::open::hex;
use crate::transaction::{Read, Write};
use crate::wake::Whose;
use std::collections::BTreeSet;
use vocabulary::{AccountId, CollectionId, ModSeq, Timestamp};

/// Most registrations of one account: 50 collections on 10 devices.
pub const PUSH_REGISTRATIONS_MAX: i64 = 500;
/// Longest endpoint, in bytes.
pub const PUSH_ENDPOINT_BYTES_MAX: usize = 2_000;
/// Longest key and secret, in bytes: what they are, whoever sends knows.
const KEY_BYTES_MAX: usize = 200;
/// A registration that was claimed is claimed again after this long, unless it was settled.
const CLAIM_MS: i64 = 5 * 60_000;
/// Registrations that are claimed at once: all of them are tried within the time of a claim.
const CLAIMED_MAX: i64 = 8;
/// For more owners than these, all registrations are looked through at once.
const OWNERS_ASKED_MAX: usize = 64;

/// What a client wants to be told of a collection, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPush {
    /// A URL; together with the collection it names the registration. At most [`PUSH_ENDPOINT_BYTES_MAX`].
    pub endpoint: String,
    /// With which messages are encrypted.
    pub public_key: Vec<u8>,
    /// What else the client shares with us for it.
    pub auth_secret: Vec<u8>,
    /// It wants to be told that items changed.
    pub content: bool,
    /// It wants to be told that the collection itself changed: its name, its properties.
    pub properties: bool,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// Up to which stamps a client has been told of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Of its items: its `highest`.
    pub content: ModSeq,
    /// Of itself: its `modseq`.
    pub properties: ModSeq,
}

/// Something that is to be told to one client now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePush {
    /// Which registration.
    pub token: String,
    /// Where.
    pub endpoint: String,
    /// With which the message is encrypted.
    pub public_key: Vec<u8>,
    /// The secret that belongs to it.
    pub auth_secret: Vec<u8>,
    /// What changed, as it is now.
    pub collection: Collection,
    /// The end of its log, for the account that is told.
    pub end: Cursor,
    /// Its items changed.
    pub content: bool,
    /// The collection itself changed.
    pub properties: bool,
    /// What the client knows when it has been told.
    pub told: Told,
    /// How often it was tried in vain, one time after the other.
    pub failures: i64,
}

/// What there is to do for whoever sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DuePushes {
    /// Accounts with registrations that can be claimed.
    pub accounts: BTreeSet<AccountId>,
    /// When the next of those will be due that may not be told yet.
    pub next_at: Option<Timestamp>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushOutcome {
    /// It was taken.
    Delivered {
        /// What the client has been told with it.
        told: Told,
        /// When the next may be sent.
        again_at: Timestamp,
    },
    /// It is to be tried again.
    Later {
        /// When.
        at: Timestamp,
    },
    /// There is nobody any more.
    Gone,
}

/// Which of an account's registrations are not told of what a transaction does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Silenced {
    /// All are told.
    #[default]
    Nothing,
    /// Those with these tokens.
    These(Vec<String>),
    /// Every one of the acting account.
    Own,
}

/// One registration that is not told of a transaction.
#[derive(Debug)]
pub(crate) struct Silence {
    account: AccountId,
    token: String,
    pub(crate) owner: AccountId,
    collection: CollectionId,
    /// What it had been told before.
    told: Told,
    /// Whether that was all: what others did is told nevertheless.
    knows_content: bool,
    knows_properties: bool,
}

/// A registration above whose marks something stands.
struct Pending {
    token: String,
    owner: AccountId,
    collection: CollectionId,
    endpoint: String,
    public_key: Vec<u8>,
    auth_secret: Vec<u8>,
    content: bool,
    properties: bool,
    told: Told,
    failures: i64,
}

macro_rules! with_collection {
    () => {
        "push_registration r LEFT JOIN collection c \
         ON c.account_id = r.owner_id AND c.collection_id = r.collection_id"
    };
}
macro_rules! is_behind {
    () => {
        "(c.collection_id IS NULL OR c.vanished_at > 0 OR (r.content = 1 AND c.highest > r.content_told) \
         OR (r.properties = 1 AND c.modseq > r.property_told))"
    };
}

const DUE: &str = concat!(
    "SELECT r.account_id, r.due_at FROM ",
    with_collection!(),
    " JOIN account a ON a.id = r.account_id WHERE a.suspended = 0 AND r.expires_at > ?1 AND ",
    is_behind!()
);
const DUE_OF_OWNER: &str = concat!(
    "SELECT r.account_id, r.due_at FROM ",
    with_collection!(),
    " JOIN account a ON a.id = r.account_id WHERE a.suspended = 0 AND r.expires_at > ?1 AND r.owner_id = ?2 AND ",
    is_behind!()
);
const CLAIMABLE: &str = concat!(
    "SELECT r.token, r.owner_id, r.collection_id, r.endpoint, r.public_key, r.auth_secret, r.content, \
     r.properties, r.content_told, r.property_told, r.failures FROM ",
    with_collection!(),
    " WHERE r.account_id = ?1 AND r.due_at <= ?2 AND r.expires_at > ?2 AND ",
    is_behind!(),
    " ORDER BY r.due_at, r.token LIMIT ?3"
);
const OWN: &str = "SELECT r.token, r.owner_id, r.collection_id, r.content_told, r.property_told, c.highest, c.modseq \
     FROM push_registration r JOIN collection c \
     ON c.account_id = r.owner_id AND c.collection_id = r.collection_id WHERE r.account_id = ?1";
const FIND: &str = "SELECT token FROM push_registration \
     WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3 AND endpoint = ?4";
const COUNT: &str = "SELECT COUNT(*) FROM push_registration WHERE account_id = ?1";
const PUT: &str = "INSERT INTO push_registration (account_id, token, owner_id, collection_id, endpoint, public_key, \
     auth_secret, content, properties, content_told, property_told, expires_at, due_at, failures, created_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 0, ?13)";
/// That a client comes again says nothing of its push service: what failed there stays failed.
const RENEW: &str = "UPDATE push_registration SET public_key = ?3, auth_secret = ?4, content = ?5, properties = ?6, \
     expires_at = ?7 WHERE account_id = ?1 AND token = ?2";
const CLAIM: &str = "UPDATE push_registration SET due_at = ?3 WHERE account_id = ?1 AND token = ?2";
const DELIVERED: &str = "UPDATE push_registration SET due_at = ?3, failures = 0, \
     content_told = CASE WHEN content_told < ?4 THEN ?4 ELSE content_told END, \
     property_told = CASE WHEN property_told < ?5 THEN ?5 ELSE property_told END \
     WHERE account_id = ?1 AND token = ?2";
const LATER: &str = "UPDATE push_registration SET due_at = ?3, failures = failures + 1 \
     WHERE account_id = ?1 AND token = ?2";
const KNOWS: &str = "UPDATE push_registration SET content_told = ?3, property_told = ?4 \
     WHERE account_id = ?1 AND token = ?2";
const REMOVE: &str = "DELETE FROM push_registration WHERE account_id = ?1 AND token = ?2";
const EXPIRED: &str = "DELETE FROM push_registration WHERE account_id = ?1 AND expires_at <= ?2";
const MARKS: &str = "SELECT highest, modseq FROM collection WHERE account_id = ?1 AND collection_id = ?2";
const CHANGED_ITEM: &str =
    "SELECT uid FROM item WHERE account_id = ?1 AND collection_id = ?2 AND modseq > ?3 LIMIT 1";

fn pending_of(row: &Row<'_>) -> Result<Pending> {
    Ok(Pending {
        token: row.text(0)?.to_owned(),
        owner: AccountId(row.int(1)?),
        collection: CollectionId(row.int(2)?),
        endpoint: row.text(3)?.to_owned(),
        public_key: row.bytes(4)?.to_vec(),
        auth_secret: row.bytes(5)?.to_vec(),
        content: row.int(6)? != 0,
        properties: row.int(7)? != 0,
        told: Told { content: ModSeq(row.int(8)?), properties: ModSeq(row.int(9)?) },
        failures: row.int(10)?,
    })
}

impl<'tx> Read<'tx> {
    /// Which accounts have registrations of collections that changed, as far as collections of these owners are
    /// concerned.
    ///
    /// # Errors
    /// [`Fault`] only.
    pub fn pushes_due(&self, _admin: &Admin<'tx>, owners: &Whose) -> Result<DuePushes> {
        let now = self.now();
        let mut due = DuePushes::default();
        let mut note = |row: &Row<'_>| -> Result<()> {
            let (account, due_at) = (AccountId(row.int(0)?), Timestamp(row.int(1)?));
            if due_at <= now {
                due.accounts.insert(account);
            } else {
                due.next_at = Some(due.next_at.map_or(due_at, |known| known.min(due_at)));
            }
            Ok(())
        };
        match owners {
            Whose::Accounts(owners) if owners.len() <= OWNERS_ASKED_MAX => {
                for owner in owners {
                    self.connection.for_each(DUE_OF_OWNER, params![now.0, owner.0], &mut note)?;
                }
            }
            Whose::Accounts(_) | Whose::Anybody => {
                self.connection.for_each(DUE, params![now.0], &mut note)?;
            }
        }
        Ok(due)
    }

    /// Whether items changed since a client was told. What `highest` says is more: it rises with the collection's own
    /// changes too. A store that was put back has other numbers, and every client has to look.
    fn has_changed_items(&self, pending: &Pending, collection: &Collection) -> Result<bool> {
        let told = pending.told.content;
        if collection.highest <= told {
            return Ok(false);
        }
        let params = params![collection.account.0, collection.id.0, told.0];
        let is_put_back = collection.highest.incarnation() != told.incarnation();
        Ok(is_put_back || self.connection.int(CHANGED_ITEM, params)?.is_some())
    }
}

impl<'tx> Write<'tx> {
    /// Registers a client of the acting account, which must be declared, or renews its registration for this collection
    /// and endpoint; its token. It is told of what changes from now on.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] above [`PUSH_REGISTRATIONS_MAX`] and for what cannot be kept; [`Refusal::NotFound`] for the
    /// house, which has no clients.
    pub fn register_push(&mut self, grant: &Grant<'tx, right::ReadItems>, new: &NewPush) -> Result<String> {
        let account = self.principal.account_id().ok_or(Refusal::NotFound(Subject::Account))?;
        self.counter(account)?;
        let fits = new.endpoint.len() <= PUSH_ENDPOINT_BYTES_MAX
            && new.public_key.len() <= KEY_BYTES_MAX
            && new.auth_secret.len() <= KEY_BYTES_MAX;
        if !fits || new.endpoint.contains(char::is_control) {
            return Err(Refusal::Invalid("the registration cannot be kept").into());
        }
        let now = self.now().0;
        self.connection.execute(EXPIRED, params![account.0, now])?;
        let collection = grant.collection();
        let (content, properties) = (i64::from(new.content), i64::from(new.properties));
        let (public_key, auth_secret) = (new.public_key.as_slice(), new.auth_secret.as_slice());
        let place = params![account.0, collection.account.0, collection.id.0, &new.endpoint];
        let known = self.connection.row(FIND, place, |row| Ok(row.text(0)?.to_owned()))?;
        if let Some(token) = known {
            let params =
                params![account.0, &token, public_key, auth_secret, content, properties, new.expires_at.0];
            self.connection.execute(RENEW, params)?;
            return Ok(token);
        }
        if self.connection.int(COUNT, params![account.0])?.unwrap_or(0) >= PUSH_REGISTRATIONS_MAX {
            return Err(Refusal::Invalid("the account has too many registrations").into());
        }
        let token = fresh_token()?;
        let params = params![
            account.0,
            &token,
            collection.account.0,
            collection.id.0,
            &new.endpoint,
            public_key,
            auth_secret,
            content,
            properties,
            collection.highest.0,
            collection.modseq.0,
            new.expires_at.0,
            now,
        ];
        self.connection.execute(PUT, params)?;
        Ok(token)
    }

    /// Ends a registration of an account, which must be declared. Whether it was there.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house.
    pub fn remove_push(&mut self, account: AccountId, token: &str) -> Result<bool> {
        self.require_owner(account)?;
        self.counter(account)?;
        if token.contains(char::is_control) {
            return Ok(false);
        }
        Ok(self.connection.execute(REMOVE, params![account.0, token])? > 0)
    }

    /// Takes some of the account's registrations that are to be told something, for some minutes in which nobody else
    /// gets them. Those of collections that the account may not read any more are removed. The account, which must act
    /// itself, must be declared. An empty list: there are no more.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house.
    pub fn claim_pushes(&mut self, account: AccountId) -> Result<Vec<DuePush>> {
        self.require_owner(account)?;
        self.counter(account)?;
        let now = self.now().0;
        let mut claimed = Vec::new();
        // Each round ends, settles or claims what it found, so that the next one finds others.
        while claimed.is_empty() {
            let found = self.connection.rows(CLAIMABLE, params![account.0, now, CLAIMED_MAX], pending_of)?;
            if found.is_empty() {
                break;
            }
            for pending in found {
                claimed.extend(self.claim(account, pending)?);
            }
        }
        Ok(claimed)
    }

    fn claim(&self, account: AccountId, pending: Pending) -> Result<Option<DuePush>> {
        let grant = match self.open::<right::ReadItems>(pending.owner, pending.collection) {
            Ok(grant) => grant,
            Err(Error::Refusal(_)) => {
                self.connection.execute(REMOVE, params![account.0, &pending.token])?;
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let collection = grant.collection();
        let told = Told { content: collection.highest, properties: collection.modseq };
        let content = pending.content && self.has_changed_items(&pending, collection)?;
        let properties = pending.properties && collection.modseq > pending.told.properties;
        if !content && !properties {
            let params = params![account.0, &pending.token, told.content.0, told.properties.0];
            self.connection.execute(KNOWS, params)?;
            return Ok(None);
        }
        let until = self.now().0.saturating_add(CLAIM_MS);
        self.connection.execute(CLAIM, params![account.0, &pending.token, until])?;
        Ok(Some(DuePush {
            token: pending.token,
            endpoint: pending.endpoint,
            public_key: pending.public_key,
            auth_secret: pending.auth_secret,
            collection: collection.clone(),
            end: Cursor::at_end(&grant),
            content,
            properties,
            told,
            failures: pending.failures,
        }))
    }

    /// Writes what became of a message. The account must be declared. A registration that was removed meanwhile stays
    /// so.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house.
    pub fn settle_push(&mut self, account: AccountId, token: &str, outcome: PushOutcome) -> Result<()> {
        self.require_owner(account)?;
        self.counter(account)?;
        let rows = match outcome {
            PushOutcome::Delivered { told, again_at } => {
                let params = params![account.0, token, again_at.0, told.content.0, told.properties.0];
                self.connection.execute(DELIVERED, params)
            }
            PushOutcome::Later { at } => self.connection.execute(LATER, params![account.0, token, at.0]),
            PushOutcome::Gone => self.connection.execute(REMOVE, params![account.0, token]),
        };
        rows.map(drop)
    }

    /// Keeps registrations of the acting account from being told of what this transaction does, from here on: their
    /// clients know it, for they asked for it. What others did before is told nevertheless. To be called before the
    /// changes; collections of accounts that are not declared cannot change.
    ///
    /// # Errors
    /// [`Fault`] only.
    pub fn silence_pushes(&mut self, silenced: &Silenced) -> Result<()> {
        let Some(account) = self.principal.account_id() else { return Ok(()) };
        let is_meant = |token: &String| match silenced {
            Silenced::Nothing => false,
            Silenced::These(tokens) => tokens.contains(token),
            Silenced::Own => true,
        };
        if *silenced == Silenced::Nothing {
            return Ok(());
        }
        let own = self.connection.rows(OWN, params![account.0], |row| {
            let told = Told { content: ModSeq(row.int(3)?), properties: ModSeq(row.int(4)?) };
            Ok(Silence {
                account,
                token: row.text(0)?.to_owned(),
                owner: AccountId(row.int(1)?),
                collection: CollectionId(row.int(2)?),
                told,
                knows_content: told.content >= ModSeq(row.int(5)?),
                knows_properties: told.properties >= ModSeq(row.int(6)?),
            })
        })?;
        let mut meant: Vec<Silence> = own.into_iter().filter(|silence| is_meant(&silence.token)).collect();
        meant.retain(|silence| self.counter(silence.owner).is_ok());
        self.silenced.append(&mut meant);
        Ok(())
    }

    /// At the end of the transaction: the client knows what the collection has become.
    pub(crate) fn keep_silent(&self, silence: &Silence) -> Result<()> {
        let params = params![silence.owner.0, silence.collection.0];
        let marks = self.connection.row(MARKS, params, |row| {
            Ok(Told { content: ModSeq(row.int(0)?), properties: ModSeq(row.int(1)?) })
        })?;
        let Some(now) = marks else { return Ok(()) };
        let content = if silence.knows_content { now.content } else { silence.told.content };
        let properties = if silence.knows_properties { now.properties } else { silence.told.properties };
        let params = params![silence.account.0, &silence.token, content.0, properties.0];
        self.connection.execute(KNOWS, params).map(drop)
    }

    /// Registrations that have ended; how many.
    pub(crate) fn bury_pushes(&self, account: AccountId) -> Result<u64> {
        self.connection.execute(EXPIRED, params![account.0, self.now().0])
    }
}

/// 128 random bits: who does not know a token cannot guess it.
fn fresh_token() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Open(error.to_string()))?;
    Ok(hex(&bytes))
}
