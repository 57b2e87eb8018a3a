//! `Read` and `Write`: what a closure may do inside its transaction.

use crate::access::Brand;
use crate::backend::{Connection, params};
use crate::error::{Fault, Refusal, Result, Subject};
use crate::push::Silence;
use crate::retention::Retained;
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::ops::Deref;
use vocabulary::{AccountId, CollectionId, ContentId, ItemId, ModSeq, Principal, Timestamp, UidValidity};

/// What is fixed for an opened store.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) incarnation: i64,
    /// Keys every content hash: a hash that leaks says nothing about the bytes.
    pub(crate) key: [u8; 32],
    pub(crate) retention_ms: i64,
}

/// A transaction that reads. Everything it sees is of one moment.
pub struct Read<'tx> {
    pub(crate) connection: &'tx Connection<'tx>,
    pub(crate) principal: &'tx Principal,
    pub(crate) context: &'tx Context,
    now: Timestamp,
    _brand: Brand<'tx>,
}

impl<'tx> Read<'tx> {
    pub(crate) fn new(
        connection: &'tx Connection<'tx>,
        principal: &'tx Principal,
        now: Timestamp,
        context: &'tx Context,
    ) -> Self {
        // 0 stands for 'never' in the rows.
        let now = Timestamp(now.0.max(1));
        Self { connection, principal, context, now, _brand: PhantomData }
    }

    /// Who acts.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        self.principal
    }

    /// The moment of this transaction.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }
}

/// A transaction that writes the accounts it declared.
pub struct Write<'tx> {
    read: Read<'tx>,
    locked: BTreeMap<AccountId, Counter>,
    /// Whose waiting readers must look again though nothing of theirs got a stamp: rights, group
    /// membership, passwords.
    woken: BTreeSet<AccountId>,
    /// Whose plain files may lie at fewer paths than before.
    unmapped: BTreeSet<AccountId>,
    /// Whose attachments may be named by fewer items than before.
    unattached: BTreeSet<AccountId>,
    /// Who is not told of this transaction by push.
    pub(crate) silenced: Vec<Silence>,
}

impl<'tx> Deref for Write<'tx> {
    type Target = Read<'tx>;
    fn deref(&self) -> &Read<'tx> {
        &self.read
    }
}

/// The counter row of a locked account, written back once at the end.
#[derive(Debug, Clone)]
pub(crate) struct Counter {
    modseq: i64,
    stamped: bool,
    dirty: bool,
    pub(crate) used_bytes: i64,
    pub(crate) quota_bytes: i64,
    next_collection: i64,
    next_object: i64,
    next_content: i64,
    next_thread: i64,
    next_uidvalidity: i64,
    /// Bytes that this transaction leaves to retention.
    retained_bytes: i64,
}

/// SQLite has one writer, so reading is locking.
const LOCK_SQLITE: &str = "SELECT modseq, used_bytes, quota_bytes, next_collection, next_object, next_content, \
     next_thread, next_uidvalidity FROM account_counter WHERE account_id = ?1";
const LOCK_POSTGRES: &str = "SELECT modseq, used_bytes, quota_bytes, next_collection, next_object, next_content, \
     next_thread, next_uidvalidity FROM account_counter WHERE account_id = ?1 FOR UPDATE";
const WRITE_COUNTER: &str = "UPDATE account_counter SET modseq = ?2, used_bytes = ?3, quota_bytes = ?4, \
     next_collection = ?5, next_object = ?6, next_content = ?7, next_thread = ?8, next_uidvalidity = ?9 \
     WHERE account_id = ?1";
const WRITE_ACTIVITY: &str = "INSERT INTO activity (account_id, modseq, at, principal_id, door, device) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

impl<'tx> Write<'tx> {
    /// Locks the declared accounts, in id order, as the first statements of the transaction.
    pub(crate) fn begin(read: Read<'tx>, accounts: &[AccountId]) -> Result<Self> {
        let mut write = Self {
            read,
            locked: BTreeMap::new(),
            woken: BTreeSet::new(),
            unmapped: BTreeSet::new(),
            unattached: BTreeSet::new(),
            silenced: Vec::new(),
        };
        for account in accounts {
            write.lock(*account)?;
        }
        Ok(write)
    }

    pub(crate) fn lock(&mut self, account: AccountId) -> Result<()> {
        let sql = if self.connection.is_postgres() { LOCK_POSTGRES } else { LOCK_SQLITE };
        let counter = self.connection.row(sql, params![account.0], |row| {
            Ok(Counter {
                modseq: row.int(0)?,
                stamped: false,
                dirty: false,
                used_bytes: row.int(1)?,
                quota_bytes: row.int(2)?,
                next_collection: row.int(3)?,
                next_object: row.int(4)?,
                next_content: row.int(5)?,
                next_thread: row.int(6)?,
                next_uidvalidity: row.int(7)?,
                retained_bytes: 0,
            })
        })?;
        let counter = counter.ok_or(Refusal::NotFound(Subject::Account))?;
        self.locked.insert(account, counter);
        Ok(())
    }

    /// The account is gone: there is nothing to write back.
    pub(crate) fn forget_lock(&mut self, account: AccountId) {
        self.locked.remove(&account);
    }

    /// Readers that wait on an account look again after the commit.
    pub(crate) fn wake(&mut self, account: AccountId) {
        self.woken.insert(account);
    }

    /// Something is not among an account's plain files any more, or not where it was. Locks of paths at which there
    /// is nothing in the end go with this transaction: what lies at a path may be put there anew within it.
    pub(crate) fn unmap_files(&mut self, account: AccountId) {
        self.unmapped.insert(account);
    }

    /// Something that may have named attachments of an account names them no more. Those that nothing names in the end
    /// are out of use with this transaction: an item may be taken away and put anew within it.
    pub(crate) fn unattach(&mut self, account: AccountId) {
        self.unattached.insert(account);
    }

    /// What follows from all that was done: locks of nothing and attachments that nothing names.
    pub(crate) fn settle(&mut self) -> Result<()> {
        for account in std::mem::take(&mut self.unmapped) {
            self.drop_unmapped_locks(account)?;
        }
        for account in std::mem::take(&mut self.unattached) {
            self.retire_attachments(account)?;
        }
        for silence in std::mem::take(&mut self.silenced) {
            if self.locked.get(&silence.owner).is_some_and(|counter| counter.stamped) {
                self.keep_silent(&silence)?;
            }
        }
        Ok(())
    }

    /// Writes the counters back; which accounts moved where. [`ModSeq::ZERO`] stands for a wake-up
    /// without a stamp.
    pub(crate) fn finish(self) -> Result<Vec<(AccountId, ModSeq)>> {
        let mut stamps: Vec<_> = self.woken.iter().map(|account| (*account, ModSeq::ZERO)).collect();
        for (account, counter) in &self.locked {
            if counter.dirty {
                self.connection.execute(
                    WRITE_COUNTER,
                    params![
                        account.0,
                        counter.modseq,
                        counter.used_bytes,
                        counter.quota_bytes,
                        counter.next_collection,
                        counter.next_object,
                        counter.next_content,
                        counter.next_thread,
                        counter.next_uidvalidity,
                    ],
                )?;
            }
            if counter.stamped {
                let principal = self.principal;
                self.connection.execute(
                    WRITE_ACTIVITY,
                    params![
                        account.0,
                        counter.modseq,
                        self.now().0,
                        principal.account_id().map(|id| id.0),
                        principal.door().as_str(),
                        principal.device(),
                    ],
                )?;
                stamps.push((*account, ModSeq(counter.modseq)));
            }
        }
        Ok(stamps)
    }

    /// The account's counter, if the transaction declared it.
    pub(crate) fn counter(&self, account: AccountId) -> Result<&Counter> {
        self.locked.get(&account).ok_or_else(|| Fault::NotDeclared(account.0).into())
    }

    fn counter_mut(&mut self, account: AccountId) -> Result<&mut Counter> {
        let counter = self.locked.get_mut(&account).ok_or(Fault::NotDeclared(account.0))?;
        counter.dirty = true;
        Ok(counter)
    }

    /// The stamp of this transaction in an account: one, however many rows it writes.
    pub(crate) fn stamp(&mut self, account: AccountId) -> Result<ModSeq> {
        let counter = self.counter_mut(account)?;
        if !counter.stamped {
            counter.stamped = true;
            counter.modseq += 1;
        }
        Ok(ModSeq(counter.modseq))
    }

    /// Adds to what the account uses; refuses to go over its quota unless `force`. What is not in use any
    /// more is kept for a while.
    pub(crate) fn charge(&mut self, account: AccountId, bytes: i64, force: bool) -> Result<()> {
        self.charge_unretained(account, bytes, force)?;
        self.retain(account, (-bytes).max(0))
    }

    /// The same for what is gone at once when it is not in use any more.
    pub(crate) fn charge_unretained(&mut self, account: AccountId, bytes: i64, force: bool) -> Result<()> {
        let counter = self.counter_mut(account)?;
        let used = counter.used_bytes.saturating_add(bytes);
        if bytes > 0 && used > counter.quota_bytes && !force {
            return Err(Refusal::OverQuota { limit_bytes: counter.quota_bytes }.into());
        }
        counter.used_bytes = used;
        Ok(())
    }

    /// Notes superseded bytes that are kept for a while.
    pub(crate) fn retain(&mut self, account: AccountId, bytes: i64) -> Result<()> {
        self.counter_mut(account)?.retained_bytes += bytes;
        Ok(())
    }

    /// What this transaction leaves to retention.
    pub(crate) fn retained(&self) -> Vec<Retained> {
        let left = self.locked.iter().filter(|(_, counter)| counter.retained_bytes > 0);
        left.map(|(account, counter)| Retained {
            account: *account,
            bytes: counter.retained_bytes,
            quota_bytes: counter.quota_bytes,
        })
        .collect()
    }

    pub(crate) fn set_quota_bytes(&mut self, account: AccountId, bytes: i64) -> Result<()> {
        self.counter_mut(account)?.quota_bytes = bytes;
        Ok(())
    }

    pub(crate) fn next_collection(&mut self, account: AccountId) -> Result<CollectionId> {
        let counter = self.counter_mut(account)?;
        counter.next_collection += 1;
        Ok(CollectionId(counter.next_collection - 1))
    }

    /// `count` object ids in a row; the first.
    pub(crate) fn next_objects(&mut self, account: AccountId, count: i64) -> Result<ItemId> {
        let counter = self.counter_mut(account)?;
        counter.next_object += count;
        Ok(ItemId(counter.next_object - count))
    }

    pub(crate) fn next_content(&mut self, account: AccountId) -> Result<ContentId> {
        let counter = self.counter_mut(account)?;
        counter.next_content += 1;
        Ok(ContentId(counter.next_content - 1))
    }

    pub(crate) fn next_thread(&mut self, account: AccountId) -> Result<i64> {
        let counter = self.counter_mut(account)?;
        counter.next_thread += 1;
        Ok(counter.next_thread - 1)
    }

    /// From a counter, never the clock: a folder made anew under an old name differs for ever.
    pub(crate) fn next_uidvalidity(&mut self, account: AccountId) -> Result<UidValidity> {
        let counter = self.counter_mut(account)?;
        counter.next_uidvalidity += 1;
        let value = u32::try_from(counter.next_uidvalidity - 1).map_err(crate::error::row_fault)?;
        Ok(UidValidity(value))
    }
}
