//! What becomes of the collections of a home, for readers who follow it.
//!
//! A living collection says by its own stamps whether anything happened to it. One that went leaves its row behind, and one
//! that got another name a row for the old one; both are buried after a while, and then the floor of the home rises.

use crate::backend::params;
use crate::collection::Collection;
use crate::error::{Refusal, Result, row_fault};
use crate::setting::Scope;
use crate::transaction::{Read, Write};
use vocabulary::{AccountId, CollectionId, CollectionKind, Home, ModSeq};

/// A name that a collection of a home had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vanished {
    /// The identity of the tombstone; those that went later have higher ones, if they were made later.
    pub id: CollectionId,
    /// The name. A living collection may have it again.
    pub resource_name: String,
}

/// What became of the collections of a home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeLog {
    /// The highest stamp of any change of them.
    pub end: ModSeq,
    /// The names that went after a stamp, in the order of their identities.
    pub vanished: Vec<Vanished>,
}

const ENDS: &str = "SELECT kind, MAX(CASE WHEN highest > modseq THEN highest ELSE modseq END) FROM collection \
     WHERE account_id = ?1 GROUP BY kind";
const VANISHED: &str = "SELECT collection_id, kind, resource_name FROM collection \
     WHERE account_id = ?1 AND vanished_at > 0 AND modseq > ?2 AND resource_name IS NOT NULL ORDER BY collection_id";
const COUNTER: &str = "SELECT modseq FROM account_counter WHERE account_id = ?1";

impl Read<'_> {
    /// What went from a home of an account since a stamp, and where its log ends. [`ModSeq::ZERO`] stands for a reader
    /// who knows nothing: nothing is gone for it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner, [`Refusal::ResyncRequired`] if the stamp is of another
    /// incarnation, of a time to come, or older than the history that is kept.
    pub fn home_log(&self, account: AccountId, home: Home, since: ModSeq) -> Result<HomeLog> {
        let floor = self.home_floor(account, home)?;
        let mut log = HomeLog { end: floor, vanished: Vec::new() };
        self.connection.for_each(ENDS, params![account.0], |row| {
            let kind: CollectionKind = row.text(0)?.parse().map_err(row_fault)?;
            if kind.home() == home {
                log.end = log.end.max(ModSeq(row.int(1)?));
            }
            Ok(())
        })?;
        if since == ModSeq::ZERO {
            return Ok(log);
        }
        let last = ModSeq(self.connection.int(COUNTER, params![account.0])?.unwrap_or(0));
        let is_of_this_time = since.incarnation() == self.context.incarnation && since <= last;
        if !is_of_this_time || since < floor {
            return Err(Refusal::ResyncRequired { floor }.into());
        }
        self.connection.for_each(VANISHED, params![account.0, since.0], |row| {
            let kind: CollectionKind = row.text(1)?.parse().map_err(row_fault)?;
            if kind.home() == home {
                let (id, resource_name) = (CollectionId(row.int(0)?), row.text(2)?.to_owned());
                log.vanished.push(Vanished { id, resource_name });
            }
            Ok(())
        })?;
        Ok(log)
    }

    /// Of changes up to this stamp it is not known any more what went.
    fn home_floor(&self, account: AccountId, home: Home) -> Result<ModSeq> {
        let floor = self.setting(Scope::Account(account), &floor_name(home))?;
        Ok(ModSeq(floor.and_then(|text| text.parse().ok()).unwrap_or(0)))
    }
}

impl Write<'_> {
    /// A tombstone under the name that a collection has and is about to lose.
    pub(crate) fn leave_name(&mut self, collection: &Collection, modseq: ModSeq) -> Result<()> {
        const LEAVE: &str = "INSERT INTO collection (account_id, collection_id, parent_id, kind, role, name, uidvalidity, \
             uid_next, highest, floor, created_modseq, modseq, vanished_at, subscribed, messages, unseen, bytes, \
             resource_name) SELECT account_id, ?3, parent_id, kind, '', name, ?4, 1, ?5, 0, created_modseq, ?5, ?6, 0, \
             0, 0, 0, resource_name FROM collection WHERE account_id = ?1 AND collection_id = ?2";
        let account = collection.account;
        let id = self.next_collection(account)?;
        let uidvalidity = i64::from(self.next_uidvalidity(account)?.0);
        let params = params![account.0, collection.id.0, id.0, uidvalidity, modseq.0, self.now().0];
        self.connection.execute(LEAVE, params).map(drop)
    }

    /// The tombstone of a collection is buried.
    pub(crate) fn raise_home_floor(&mut self, account: AccountId, home: Home, to: ModSeq) -> Result<()> {
        if self.home_floor(account, home)? >= to {
            return Ok(());
        }
        self.put_setting(Scope::Account(account), &floor_name(home), &to.to_string())
    }
}

fn floor_name(home: Home) -> String {
    format!("floor of {home}")
}
