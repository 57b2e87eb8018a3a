//! Locks on plain files: who alone may change what lies at a path, and until when.
//!
//! A lock is of a path from the root of an account's files, not of what lies there: it stays when the file is put
//! anew, and goes when nothing lies there any more (at the end of the transaction that took it away). A deep lock is
//! of everything beneath its path too. The store keeps locks and their compatibility; what needs whose token, the front
//! end asks ([`Locks`]) in the transaction of the change, which has the account's counter locked.
//!
//! The lock of a delegate holds as long as the delegate may change what is locked.

use crate::access::{Grant, right};
use crate::backend::{Row, params};
use crate::error::{Fault, Refusal, Result, Subject};
use crate::item::{BY_RESOURCE, item_of};
use crate::transaction::{Read, Write};
use vocabulary::{AccountId, Rights, Timestamp};

/// Most living locks on the files of one account.
pub const LOCKS_MAX: i64 = 1_000;
/// Longest text that a client may leave about who holds a lock.
pub const LOCK_OWNER_BYTES_MAX: usize = 8 * 1024;
/// Longest time that a lock lives without being refreshed, in seconds.
pub const LOCK_S_MAX: u32 = 86_400;

/// A lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// A UUID (RFC 9562): nobody guesses it, and it never comes again.
    pub token: String,
    /// The names from the root of the account's files to what is locked.
    pub path: Vec<String>,
    /// Whether everything beneath is locked too.
    pub deep: bool,
    /// Whether nobody else may have a lock there.
    pub exclusive: bool,
    /// Who locked it.
    pub holder: AccountId,
    /// What the client says of who that is.
    pub owner: String,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// A lock to be made.
#[derive(Debug, Clone)]
pub struct NewLock {
    /// The names from the root to what is to be locked.
    pub path: Vec<String>,
    /// With everything beneath.
    pub deep: bool,
    /// Nobody else may have a lock there.
    pub exclusive: bool,
    /// What the client says of who holds it; at most [`LOCK_OWNER_BYTES_MAX`].
    pub owner: String,
    /// How long it is to live, at most [`LOCK_S_MAX`].
    pub seconds: u32,
}

/// The living locks on the files of an account, at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locks(Vec<Lock>);

impl Lock {
    fn is_over(&self, path: &[String]) -> bool {
        self.path == path || (self.deep && path.starts_with(&self.path))
    }
}

impl Locks {
    /// Those that lock what lies at a path.
    pub fn over<'l>(&'l self, path: &'l [String]) -> impl Iterator<Item = &'l Lock> {
        self.0.iter().filter(move |lock| lock.is_over(path))
    }

    /// Those whose own path is this one or beneath it.
    pub fn within<'l>(&'l self, path: &'l [String]) -> impl Iterator<Item = &'l Lock> {
        self.0.iter().filter(move |lock| lock.path.starts_with(path))
    }

    /// Those that a new lock cannot stand beside.
    pub fn against<'l>(&'l self, new: &'l NewLock) -> impl Iterator<Item = &'l Lock> {
        let meets = |lock: &Lock| lock.is_over(&new.path) || (new.deep && lock.path.starts_with(&new.path));
        self.0.iter().filter(move |lock| (lock.exclusive || new.exclusive) && meets(lock))
    }
}

impl FromIterator<Lock> for Locks {
    fn from_iter<I: IntoIterator<Item = Lock>>(locks: I) -> Self {
        Self(locks.into_iter().collect())
    }
}

const LIVING: &str = "SELECT token, path, deep, exclusive, holder_id, owner, expires_at FROM file_lock \
     WHERE account_id = ?1 AND expires_at > ?2 ORDER BY token";
const PATHS: &str = "SELECT token, path FROM file_lock WHERE account_id = ?1";
const PUT: &str = "INSERT INTO file_lock (account_id, token, path, deep, exclusive, holder_id, owner, expires_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const REFRESH: &str = "UPDATE file_lock SET expires_at = ?3 WHERE account_id = ?1 AND token = ?2";
const REMOVE: &str = "DELETE FROM file_lock WHERE account_id = ?1 AND token = ?2";
const EXPIRED: &str = "DELETE FROM file_lock WHERE account_id = ?1 AND expires_at <= ?2";
const ALL: &str = "SELECT account_id, path FROM file_lock ORDER BY account_id, token";

fn lock_of(row: &Row<'_>) -> Result<Lock> {
    Ok(Lock {
        token: row.text(0)?.to_owned(),
        path: path_of(row.text(1)?),
        deep: row.int(2)? != 0,
        exclusive: row.int(3)? != 0,
        holder: AccountId(row.int(4)?),
        owner: row.text(5)?.to_owned(),
        expires_at: Timestamp(row.int(6)?),
    })
}

/// Between the names of a path: no name has a control character in it.
const SEPARATOR: &str = "\n";

fn path_of(column: &str) -> Vec<String> {
    if column.is_empty() { Vec::new() } else { column.split(SEPARATOR).map(str::to_owned).collect() }
}

impl<'tx> Read<'tx> {
    /// The living locks on the files of an account, one of whose collections is open.
    ///
    /// # Errors
    /// [`Fault`] only.
    pub fn locks<R>(&self, grant: &Grant<'tx, R>) -> Result<Locks> {
        let account = grant.collection().account;
        let mut living = self.connection.rows(LIVING, params![account.0, self.now().0], lock_of)?;
        let mut failed = None;
        living.retain(|lock| {
            lock.holder == account
                || self.is_held(account, lock).unwrap_or_else(|error| {
                    failed = Some(error);
                    false
                })
        });
        failed.map_or(Ok(Locks(living)), Err)
    }

    /// Whether the holder of a lock may still do what it keeps others from.
    fn is_held(&self, account: AccountId, lock: &Lock) -> Result<bool> {
        let Some(holder) = self.holder_of(account, &lock.path)? else { return Ok(false) };
        let held = self.view_of_account(lock.holder, account, holder.id)?.rights;
        Ok(held.contains(Rights::LOOKUP) && <right::Replace as right::Right>::permitted(held))
    }

    /// Locks of paths at which there is nothing: whose, and how many.
    pub(crate) fn loose_locks(&self) -> Result<Vec<(AccountId, usize)>> {
        let mut loose: Vec<(AccountId, usize)> = Vec::new();
        let all =
            self.connection.rows(ALL, &[], |row| Ok((AccountId(row.int(0)?), path_of(row.text(1)?))))?;
        for (account, path) in all {
            if self.holder_of(account, &path)?.is_some() {
                continue;
            }
            match loose.last_mut() {
                Some((last, count)) if *last == account => *count += 1,
                _ => loose.push((account, 1)),
            }
        }
        Ok(loose)
    }
}

impl<'tx> Write<'tx> {
    /// Locks what lies at a path, in the name of the principal. `grant`: of the collection that is locked, or that
    /// holds the item. `Err` within: the locks that stand in the way.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if nothing lies there, [`Refusal::Denied`] for who may change only its own items and asks
    /// for another, [`Refusal::Invalid`] above [`LOCKS_MAX`] or [`LOCK_OWNER_BYTES_MAX`].
    pub fn lock_files(
        &mut self,
        grant: &Grant<'tx, right::Replace>,
        new: &NewLock,
    ) -> Result<std::result::Result<Lock, Vec<Lock>>> {
        let account = grant.collection().account;
        self.counter(account)?;
        let holder = self.principal.account_id().ok_or(Refusal::Denied { need: Rights::REPLACE })?;
        let place = self.holder_of(account, &new.path)?;
        if place.is_none_or(|place| place.id != grant.collection().id) {
            return Err(Refusal::NotFound(Subject::Item).into());
        }
        let is_collection =
            self.files_at(account, &new.path)?.is_some_and(|found| found.id == grant.collection().id);
        let item = match new.path.last() {
            Some(name) if !is_collection => {
                let params = params![account.0, grant.collection().id.0, name, grant.private_max()];
                self.connection.row(BY_RESOURCE, params, item_of)?
            }
            _ => None,
        };
        self.refuse_foreign_file(grant, item.as_ref())?;
        if new.owner.len() > LOCK_OWNER_BYTES_MAX || new.owner.contains('\0') {
            return Err(Refusal::Invalid("the owner of the lock cannot be kept").into());
        }
        self.connection.execute(EXPIRED, params![account.0, self.now().0])?;
        let locks = self.locks(grant)?;
        let against: Vec<Lock> = locks.against(new).cloned().collect();
        if !against.is_empty() {
            return Ok(Err(against));
        }
        if i64::try_from(locks.0.len()).unwrap_or(i64::MAX) >= LOCKS_MAX {
            return Err(Refusal::Invalid("too many locks").into());
        }
        let lock = Lock {
            token: fresh_uuid()?,
            path: new.path.clone(),
            deep: new.deep,
            exclusive: new.exclusive,
            holder,
            owner: new.owner.clone(),
            expires_at: self.after(new.seconds),
        };
        let path = lock.path.join(SEPARATOR);
        let params = params![
            account.0,
            &lock.token,
            &path,
            i64::from(lock.deep),
            i64::from(lock.exclusive),
            holder.0,
            &lock.owner,
            lock.expires_at.0,
        ];
        self.connection.execute(PUT, params)?;
        Ok(Ok(lock))
    }

    /// Lets a lock of the principal's live on from now.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none, [`Refusal::Denied`] if another holds it.
    pub fn refresh_lock(
        &mut self,
        grant: &Grant<'tx, right::Lookup>,
        token: &str,
        seconds: u32,
    ) -> Result<Lock> {
        let lock = self.own_lock(grant, token)?;
        let lock = Lock { expires_at: self.after(seconds), ..lock };
        let params = params![grant.collection().account.0, token, lock.expires_at.0];
        self.connection.execute(REFRESH, params)?;
        Ok(lock)
    }

    /// Ends a lock of the principal's.
    ///
    /// # Errors
    /// As [`Write::refresh_lock`].
    pub fn unlock(&mut self, grant: &Grant<'tx, right::Lookup>, token: &str) -> Result<()> {
        self.own_lock(grant, token)?;
        self.connection.execute(REMOVE, params![grant.collection().account.0, token]).map(drop)
    }

    fn own_lock(&self, grant: &Grant<'tx, right::Lookup>, token: &str) -> Result<Lock> {
        self.counter(grant.collection().account)?;
        let found = self.locks(grant)?.0.into_iter().find(|lock| lock.token == token);
        let lock = found.ok_or(Refusal::NotFound(Subject::Item))?;
        if self.principal.account_id() != Some(lock.holder) {
            return Err(Refusal::Denied { need: Rights::REPLACE }.into());
        }
        Ok(lock)
    }

    fn after(&self, seconds: u32) -> Timestamp {
        Timestamp(self.now().0 + i64::from(seconds.min(LOCK_S_MAX)) * 1_000)
    }

    /// At the end of a transaction that took something away.
    pub(crate) fn drop_unmapped_locks(&mut self, account: AccountId) -> Result<()> {
        let read = |row: &Row<'_>| Ok((row.text(0)?.to_owned(), path_of(row.text(1)?)));
        for (token, path) in self.connection.rows(PATHS, params![account.0], read)? {
            if self.holder_of(account, &path)?.is_none() {
                self.connection.execute(REMOVE, params![account.0, &token])?;
            }
        }
        Ok(())
    }

    /// Locks that have ended; how many.
    pub(crate) fn bury_locks(&self, account: AccountId) -> Result<u64> {
        self.connection.execute(EXPIRED, params![account.0, self.now().0])
    }
}

/// Version 4: RFC 9562 section 5.4.
fn fresh_uuid() -> Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Open(error.to_string()))?;
    let number = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0b11 << 62) | 0x4 << 76 | 0b10 << 62;
    let digits = format!("{number:032x}");
    let mut text = String::with_capacity(36);
    for (at, digit) in digits.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        path_of(&text.replace('/', SEPARATOR))
    }

    fn lock(at: &str, deep: bool, exclusive: bool) -> Lock {
        Lock {
            token: at.to_owned(),
            path: path(at),
            deep,
            exclusive,
            holder: AccountId(1),
            owner: String::new(),
            expires_at: Timestamp(1),
        }
    }

    #[test]
    fn a_lock_is_of_its_path_and_a_deep_one_of_what_is_beneath() {
        let locks: Locks = [lock("a", false, true), lock("a/b", true, false), lock("a/b/c", false, false)]
            .into_iter()
            .collect();
        for (at, over, within) in [
            ("", vec![], vec!["a", "a/b", "a/b/c"]),
            ("a", vec!["a"], vec!["a", "a/b", "a/b/c"]),
            ("a/b", vec!["a/b"], vec!["a/b", "a/b/c"]),
            ("a/b/c", vec!["a/b", "a/b/c"], vec!["a/b/c"]),
            ("a/b/c/d", vec!["a/b"], vec![]),
            ("a/bb", vec![], vec![]),
        ] {
            let of = |found: Vec<&Lock>| found.into_iter().map(|lock| lock.token.clone()).collect::<Vec<_>>();
            assert_eq!(of(locks.over(&path(at)).collect()), over, "over {at}");
            assert_eq!(of(locks.within(&path(at)).collect()), within, "within {at}");
        }
    }

    #[test]
    fn only_shared_locks_stand_side_by_side() {
        for (there, new, stands) in [
            (("a", false, true), ("a", false, true), false),
            (("a", false, true), ("a", false, false), false),
            (("a", false, false), ("a", false, true), false),
            (("a", false, false), ("a", true, false), true),
            (("a", false, true), ("a/b", true, true), true),
            (("a", true, true), ("a/b", false, false), false),
            (("a", true, false), ("a/b", false, false), true),
            (("a/b", false, true), ("a", false, true), true),
            (("a/b", false, true), ("a", true, false), false),
            (("a/b", false, true), ("", true, true), false),
            (("", true, true), ("x", false, false), false),
        ] {
            let locks: Locks = [lock(there.0, there.1, there.2)].into_iter().collect();
            let new = NewLock {
                path: path(new.0),
                deep: new.1,
                exclusive: new.2,
                owner: String::new(),
                seconds: 1,
            };
            assert_eq!(locks.against(&new).next().is_none(), stands, "{there:?} and {new:?}");
        }
    }

    #[test]
    fn a_token_is_a_random_uuid() {
        let (one, other) = (fresh_uuid().unwrap(), fresh_uuid().unwrap());
        assert_ne!(one, other);
        for token in [one, other] {
            let parts: Vec<&str> = token.split('-').collect();
            assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{token}");
            assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{token}");
            assert!(token.chars().all(|c| c.is_ascii_hexdigit() || c == '-'), "{token}");
        }
    }
}
