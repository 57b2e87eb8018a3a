//! Settings: small texts under (scope, name). Scopes are `store`, `house`, `domain/ID` and `account/ID`.

use crate::access::Admin;
use crate::backend::params;
use crate::error::{Refusal, Result, row_fault};
use crate::transaction::{Read, Write};
use vocabulary::{AccountId, DomainId};

/// Longest value of a setting.
pub const SETTING_BYTES_MAX: usize = 64 * 1024;

/// Whose setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// An account's own: its owner may read and write it.
    Account(AccountId),
    /// A domain's.
    Domain(DomainId),
}

impl Scope {
    fn key(self) -> String {
        match self {
            Self::Account(id) => format!("account/{id}"),
            Self::Domain(id) => format!("domain/{id}"),
        }
    }
}

impl<'tx> Read<'tx> {
    fn may_set(&self, scope: Scope) -> Result<Option<Admin<'tx>>> {
        match scope {
            Scope::Account(id) => self.require_owner(id).map(|()| None),
            Scope::Domain(_) => self.administer().map(Some),
        }
    }

    /// A setting, if it was set.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] or [`Refusal::Denied`] for those whose setting it is not.
    pub fn setting(&self, scope: Scope, name: &str) -> Result<Option<String>> {
        const GET: &str = "SELECT value FROM setting WHERE scope = ?1 AND name = ?2";
        self.may_set(scope)?;
        self.connection.row(GET, params![&scope.key(), name], |row| Ok(row.text(0)?.to_owned()))
    }
}

impl<'tx> Write<'tx> {
    /// Writes a setting.
    ///
    /// # Errors
    /// As [`Read::setting`]; [`Refusal::TooLarge`].
    pub fn put_setting(&mut self, scope: Scope, name: &str, value: &str) -> Result<()> {
        const PUT: &str = "INSERT INTO setting (scope, name, value) VALUES (?1, ?2, ?3) \
             ON CONFLICT (scope, name) DO UPDATE SET value = excluded.value";
        self.may_set(scope)?;
        if value.len() > SETTING_BYTES_MAX {
            return Err(Refusal::TooLarge { limit_bytes: SETTING_BYTES_MAX as i64 }.into());
        }
        self.connection.execute(PUT, params![&scope.key(), name, value]).map(drop)
    }

    /// A secret of the house that is drawn once: what is kept under the name, or `fresh` if nothing is. Whoever draws
    /// one at the same moment gets the one that is kept.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`].
    pub fn house_secret(&mut self, _admin: &Admin<'tx>, name: &str, fresh: &str) -> Result<String> {
        const KEEP: &str = "INSERT INTO setting (scope, name, value) VALUES ('house', ?1, ?2) \
             ON CONFLICT (scope, name) DO NOTHING";
        const GET: &str = "SELECT value FROM setting WHERE scope = 'house' AND name = ?1";
        if fresh.len() > SETTING_BYTES_MAX {
            return Err(Refusal::TooLarge { limit_bytes: SETTING_BYTES_MAX as i64 }.into());
        }
        self.connection.execute(KEEP, params![name, fresh])?;
        let kept = self.connection.row(GET, params![name], |row| Ok(row.text(0)?.to_owned()))?;
        kept.ok_or_else(|| row_fault("a secret that was kept is not there"))
    }

    /// Whose settings they are is removed.
    pub(crate) fn remove_settings(&self, scope: Scope) -> Result<()> {
        const REMOVE: &str = "DELETE FROM setting WHERE scope = ?1";
        self.connection.execute(REMOVE, params![&scope.key()]).map(drop)
    }
}
