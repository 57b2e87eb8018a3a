//! Rows of constant size in which readers keep where they are, and the answers of requests that
//! must not happen twice.

use crate::backend::params;
use crate::error::{Refusal, Result};
use crate::transaction::{Read, Write};
use vocabulary::{AccountId, CollectionId};

/// Largest state of one reader and collection. A state that grows with its folder is a bug.
pub const STATE_BYTES_MAX: usize = 16 * 1024;

/// Whose state: a reader (a device) of an account, about a collection of an owner.
/// Collection 0 stands for the folder hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CursorKey<'a> {
    /// The account that reads.
    pub account: AccountId,
    /// Its device.
    pub reader: &'a str,
    /// Whose collection.
    pub owner: AccountId,
    /// Which.
    pub collection: CollectionId,
}

/// Under what a request is remembered: (reader, collection, key of the request, id of the command).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestKey<'a> {
    /// The account that is changed.
    pub account: AccountId,
    /// The reader (a device of the acting account; the store keeps the two together, so that nobody
    /// reads another's answers).
    pub reader: &'a str,
    /// The collection.
    pub collection: CollectionId,
    /// The key that the request came with.
    pub sync_key: &'a str,
    /// What names the command within the request.
    pub client_key: &'a str,
}

impl<'tx> Read<'tx> {
    /// The state that a reader kept.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner of the reader.
    pub fn cursor_state(&self, key: &CursorKey<'_>) -> Result<Option<Vec<u8>>> {
        const GET: &str = "SELECT state FROM cursor \
             WHERE account_id = ?1 AND reader = ?2 AND owner_id = ?3 AND collection_id = ?4";
        self.require_owner(key.account)?;
        let params = params![key.account.0, key.reader, key.owner.0, key.collection.0];
        self.connection.row(GET, params, |row| Ok(row.bytes(0)?.to_vec()))
    }

    /// The answer that a request got before: its hash and its result.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn remembered(&self, key: &RequestKey<'_>) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
        const GET: &str = "SELECT hash, result FROM idempotency WHERE account_id = ?1 AND reader = ?2 \
             AND collection_id = ?3 AND sync_key = ?4 AND client_key = ?5";
        let reader = self.own_reader(key.reader);
        let params = params![key.account.0, &reader, key.collection.0, key.sync_key, key.client_key];
        self.connection.row(GET, params, |row| Ok((row.bytes(0)?.to_vec(), row.bytes(1)?.to_vec())))
    }

    fn own_reader(&self, reader: &str) -> String {
        format!("{}/{reader}", self.principal.account_id().map_or(0, |id| id.0))
    }
}

/// Who acted and with which device: the inverse of `own_reader`.
pub(crate) fn reader_of(own_reader: &str) -> Option<(AccountId, &str)> {
    let (actor, device) = own_reader.split_once('/')?;
    Some((AccountId(actor.parse().ok()?), device))
}

impl<'tx> Write<'tx> {
    /// Keeps a reader's state. The reader's account must be declared.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] above [`STATE_BYTES_MAX`]; [`Refusal::NotFound`].
    pub fn put_cursor_state(&mut self, key: &CursorKey<'_>, state: &[u8]) -> Result<()> {
        const PUT: &str = "INSERT INTO cursor (account_id, reader, owner_id, collection_id, state, updated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account_id, reader, owner_id, collection_id) \
             DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at";
        self.require_owner(key.account)?;
        self.counter(key.account)?;
        if state.len() > STATE_BYTES_MAX {
            return Err(Refusal::TooLarge { limit_bytes: STATE_BYTES_MAX as i64 }.into());
        }
        let params = params![key.account.0, key.reader, key.owner.0, key.collection.0, state, self.now().0];
        self.connection.execute(PUT, params).map(drop)
    }

    /// Forgets a reader's state.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner of the reader.
    pub fn remove_cursor_state(&mut self, key: &CursorKey<'_>) -> Result<()> {
        const REMOVE: &str = "DELETE FROM cursor \
             WHERE account_id = ?1 AND reader = ?2 AND owner_id = ?3 AND collection_id = ?4";
        self.require_owner(key.account)?;
        let params = params![key.account.0, key.reader, key.owner.0, key.collection.0];
        self.connection.execute(REMOVE, params).map(drop)
    }

    /// Remembers an answer in the transaction of its effect. The account must be declared.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn remember(&mut self, key: &RequestKey<'_>, hash: &[u8], result: &[u8]) -> Result<()> {
        const PUT: &str = "INSERT INTO idempotency (account_id, reader, collection_id, sync_key, client_key, hash, \
             result, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
             ON CONFLICT (account_id, reader, collection_id, sync_key, client_key) \
             DO UPDATE SET hash = excluded.hash, result = excluded.result, created_at = excluded.created_at";
        self.counter(key.account)?;
        let reader = self.own_reader(key.reader);
        let params = params![
            key.account.0,
            &reader,
            key.collection.0,
            key.sync_key,
            key.client_key,
            hash,
            result,
            self.now().0,
        ];
        self.connection.execute(PUT, params).map(drop)
    }

    /// Forgets the answers under one key of a reader and collection: its next key was used.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn forget_remembered(
        &mut self,
        account: AccountId,
        reader: &str,
        collection: CollectionId,
        sync_key: &str,
    ) -> Result<()> {
        const FORGET: &str = "DELETE FROM idempotency \
             WHERE account_id = ?1 AND reader = ?2 AND collection_id = ?3 AND sync_key = ?4";
        self.counter(account)?;
        let reader = self.own_reader(reader);
        self.connection.execute(FORGET, params![account.0, &reader, collection.0, sync_key]).map(drop)
    }
}
