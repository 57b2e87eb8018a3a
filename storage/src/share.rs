//! Sharing as people see it: with whom a folder is shared, who shares with me, what was told of it, and what I
//! took out of sight.
//!
//! The rows of `permission` are the truth. What is kept beside them is the view of whoever shares or is shared with:
//! a folder of another is in sight at every door as soon as it is shared, until its reader takes it out.

use crate::access::{Admin, Grant, right};
use crate::backend::{Row, params};
use crate::collection::Collection;
use crate::delegation::{Grantee, grantee_of};
use crate::error::{Refusal, Result, Subject, row_fault};
use crate::transaction::{Read, Write};
use std::collections::BTreeMap;
use vocabulary::{AccountId, CollectionId, CollectionKind, EmailAddress, Rights, Timestamp};

/// Who else holds rights on a folder, as people call them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Who.
    pub grantee: Grantee,
    /// What they may do.
    pub rights: Rights,
    /// By which address they are called; `None`: everybody of the domain.
    pub address: Option<EmailAddress>,
    /// The name of the person or group; empty for everybody.
    pub name: String,
    /// False: they took the folder out of sight.
    pub in_sight: bool,
}

/// What an account may do with a folder of another, by itself or as the member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Whose folder.
    pub owner: AccountId,
    /// By which address the owner is called.
    pub address: EmailAddress,
    /// Which folder.
    pub collection: CollectionId,
    /// What it holds.
    pub kind: CollectionKind,
    /// All that is granted, but for what is granted to everybody.
    pub rights: Rights,
}

/// What happened to a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Somebody opened a folder to the reader, or changed what may be done with it.
    Given,
    /// Somebody closed a folder.
    Taken,
    /// Somebody has a folder of the reader in sight again.
    Accepted,
    /// Somebody took a folder of the reader out of sight.
    Declined,
}

/// What an account is told of one share: the last thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whose folder.
    pub owner: AccountId,
    /// Which.
    pub collection: CollectionId,
    /// Who did it: the owner, or (of the reader's own folders) somebody else.
    pub other: AccountId,
    /// What happened.
    pub news: News,
    /// What the folder holds.
    pub kind: CollectionKind,
    /// What the folder was called then.
    pub name: String,
    /// The last segment of its DAV URL then.
    pub resource_name: String,
    /// When.
    pub at: Timestamp,
}

impl News {
    const ALL: [Self; 4] = [Self::Given, Self::Taken, Self::Accepted, Self::Declined];

    fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Taken => "taken",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
        }
    }
}

const SHARES: &str = "SELECT p.grantee_type, p.grantee_id, p.rights, COALESCE(d.address, e.address), \
     COALESCE(a.name, g.name, ''), COALESCE(s.subscribed, 1) FROM permission p \
     LEFT JOIN account a ON p.grantee_type = 'account' AND a.id = p.grantee_id \
     LEFT JOIN account_group g ON p.grantee_type = 'group' AND g.id = p.grantee_id \
     LEFT JOIN address d ON d.account_id = a.id AND d.is_primary = 1 \
     LEFT JOIN address e ON e.group_id = g.id AND e.is_primary = 1 \
     LEFT JOIN subscription s ON s.account_id = a.id AND s.owner_id = p.account_id \
       AND s.collection_id = p.collection_id \
     WHERE p.account_id = ?1 AND p.collection_id = ?2 AND p.rights > 0 ORDER BY p.grantee_type, p.grantee_id";
const DELEGATIONS: &str = "SELECT p.account_id, d.address, p.collection_id, c.kind, p.rights FROM permission p \
     JOIN account o ON o.id = p.account_id AND o.suspended = 0 \
     JOIN account me ON me.id = ?1 AND me.domain_id = o.domain_id AND me.suspended = 0 \
     JOIN address d ON d.account_id = o.id AND d.is_primary = 1 \
     JOIN collection c ON c.account_id = p.account_id AND c.collection_id = p.collection_id AND c.vanished_at = 0 \
     WHERE p.rights > 0 AND p.account_id <> ?1 AND ( \
       (p.grantee_type = 'account' AND p.grantee_id = ?1) \
       OR (p.grantee_type = 'group' AND p.grantee_id IN \
           (SELECT m.group_id FROM group_member m WHERE m.account_id = ?1 AND m.ended = 0))) \
     ORDER BY p.account_id, p.collection_id";
const MEMBERSHIPS: &str = "SELECT d.address FROM group_member m \
     JOIN address d ON d.group_id = m.group_id AND d.is_primary = 1 \
     WHERE m.account_id = ?1 AND m.ended = 0 ORDER BY d.address";
const OUT_OF_SIGHT: &str = "SELECT account_id FROM subscription \
     WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3 AND subscribed = 0";
const PUT_SIGHT: &str = "INSERT INTO subscription (account_id, owner_id, collection_id, position, transparent, \
     on_phone, subscribed, modseq) VALUES (?1, ?2, ?3, 0, 0, 1, ?4, ?5) \
     ON CONFLICT (account_id, owner_id, collection_id) \
     DO UPDATE SET subscribed = excluded.subscribed, modseq = excluded.modseq";
const SHOW_AGAIN: &str = "UPDATE subscription SET subscribed = 1 \
     WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3 AND subscribed = 0";
const NOTICES: &str = "SELECT owner_id, collection_id, other_id, state, kind, name, resource_name, told_at \
     FROM share_notice WHERE account_id = ?1 ORDER BY told_at, owner_id, collection_id, other_id";
const PUT_NOTICE: &str = "INSERT INTO share_notice (account_id, owner_id, collection_id, other_id, state, kind, \
     name, resource_name, told_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
     ON CONFLICT (account_id, owner_id, collection_id, other_id) DO UPDATE SET state = excluded.state, \
     kind = excluded.kind, name = excluded.name, resource_name = excluded.resource_name, told_at = excluded.told_at";
const FORGET_NOTICE: &str = "DELETE FROM share_notice \
     WHERE account_id = ?1 AND owner_id = ?2 AND collection_id = ?3 AND other_id = ?4";
const FORGET_NOTICES_OF: &str = "DELETE FROM share_notice WHERE owner_id = ?1 AND collection_id = ?2";

fn notice_of(row: &Row<'_>) -> Result<Notice> {
    let state = row.text(3)?;
    let news = News::ALL.into_iter().find(|news| news.as_str() == state);
    Ok(Notice {
        owner: AccountId(row.int(0)?),
        collection: CollectionId(row.int(1)?),
        other: AccountId(row.int(2)?),
        news: news.ok_or_else(|| row_fault("a notice of nothing"))?,
        kind: row.text(4)?.parse().map_err(row_fault)?,
        name: row.text(5)?.to_owned(),
        resource_name: row.text(6)?.to_owned(),
        at: Timestamp(row.int(7)?),
    })
}

/// Whether a folder is there for who holds these rights.
fn reads(rights: Rights) -> bool {
    rights.contains(Rights::LOOKUP | Rights::READ)
}

impl<'tx> Read<'tx> {
    /// The rights that others hold on a folder, and what they are called.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn shares(&self, grant: &Grant<'tx, right::Administer>) -> Result<Vec<Share>> {
        let collection = grant.collection();
        self.connection.rows(SHARES, params![collection.account.0, collection.id.0], |row| {
            Ok(Share {
                grantee: grantee_of(row)?,
                rights: Rights::from_bits(row.int(2)?),
                address: row.opt_text(3)?.map(EmailAddress::parse).transpose().map_err(row_fault)?,
                name: row.text(4)?.to_owned(),
                in_sight: row.int(5)? != 0,
            })
        })
    }

    /// The folders of others that the acting account may use by itself or as the member of a group. What everybody
    /// of the domain may use is left out: that makes nobody a delegate.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn delegations(&self) -> Result<Vec<Delegation>> {
        let Some(actor) = self.principal.account_id() else { return Ok(Vec::new()) };
        let mut found: BTreeMap<(AccountId, CollectionId), Delegation> = BTreeMap::new();
        self.connection.for_each(DELEGATIONS, params![actor.0], |row| {
            let (owner, collection) = (AccountId(row.int(0)?), CollectionId(row.int(2)?));
            let rights = Rights::from_bits(row.int(4)?);
            if let Some(known) = found.get_mut(&(owner, collection)) {
                known.rights = known.rights | rights;
                return Ok(());
            }
            let address = EmailAddress::parse(row.text(1)?).map_err(row_fault)?;
            let kind = row.text(3)?.parse().map_err(row_fault)?;
            found.insert((owner, collection), Delegation { owner, address, collection, kind, rights });
            Ok(())
        })?;
        Ok(found.into_values().collect())
    }

    /// The addresses of the groups that an account belongs to.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn memberships(&self, _admin: &Admin<'tx>, account: AccountId) -> Result<Vec<EmailAddress>> {
        self.connection
            .rows(MEMBERSHIPS, params![account.0], |row| EmailAddress::parse(row.text(0)?).map_err(row_fault))
    }

    /// Whether the acting account took a folder of another out of sight.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn is_out_of_sight(&self, owner: AccountId, collection: CollectionId) -> Result<bool> {
        let Some(actor) = self.principal.account_id() else { return Ok(false) };
        let found = self.connection.int(OUT_OF_SIGHT, params![actor.0, owner.0, collection.0])?;
        Ok(found.is_some())
    }

    /// What the acting account is told of what is shared, oldest first.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn notices(&self) -> Result<Vec<Notice>> {
        let Some(actor) = self.principal.account_id() else { return Ok(Vec::new()) };
        self.connection.rows(NOTICES, params![actor.0], notice_of)
    }
}

impl<'tx> Write<'tx> {
    /// Takes a folder of another out of the acting account's sight, at every door, or shows it again; its owner is
    /// told. Both accounts must be declared.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for a folder of one's own.
    pub fn show_share(&mut self, grant: &Grant<'tx, right::Lookup>, in_sight: bool) -> Result<()> {
        let collection = grant.collection();
        let (owner, id) = (collection.account, collection.id);
        let actor = self.principal.account_id().filter(|actor| *actor != owner);
        let actor = actor.ok_or(Refusal::Invalid("one's own folder is always in sight"))?;
        // Whoever removes the owner waits: no row of an account that is gone may be left behind.
        self.counter(owner)?;
        if self.is_out_of_sight(owner, id)? != in_sight {
            // Nothing changes, but what was told has been heard.
            return self.forget_notice(owner, id, owner);
        }
        let modseq = self.stamp(actor)?;
        self.connection.execute(PUT_SIGHT, params![actor.0, owner.0, id.0, i64::from(in_sight), modseq.0])?;
        self.forget_notice(owner, id, owner)?;
        self.wake(owner);
        self.put_notice(owner, collection, actor, if in_sight { News::Accepted } else { News::Declined })
    }

    /// Takes away what the acting account was told of a share.
    ///
    /// # Errors
    /// [`crate::Fault`] only: what was not told is no error.
    pub fn forget_notice(
        &mut self,
        owner: AccountId,
        collection: CollectionId,
        other: AccountId,
    ) -> Result<()> {
        let actor = self.principal.account_id().ok_or(Refusal::NotFound(Subject::Account))?;
        self.connection.execute(FORGET_NOTICE, params![actor.0, owner.0, collection.0, other.0]).map(drop)
    }

    fn put_notice(&self, told: AccountId, of: &Collection, other: AccountId, news: News) -> Result<()> {
        let resource = of.resource_name.as_deref().unwrap_or_default();
        let (name, at) = (of.name.as_str(), self.now().0);
        let (state, kind) = (news.as_str(), of.kind.as_str());
        let params = params![told.0, of.account.0, of.id.0, other.0, state, kind, name, resource, at];
        self.connection.execute(PUT_NOTICE, params).map(drop)
    }

    /// An account is told when a folder is opened to it or closed. Folders of mail and of files are shown by their own
    /// means, and a schedule inbox by none.
    pub(crate) fn tell_grantee(
        &self,
        of: &Collection,
        grantee: Grantee,
        held: Rights,
        rights: Rights,
    ) -> Result<()> {
        let Grantee::Account(account) = grantee else { return Ok(()) };
        let is_told =
            !matches!(of.kind, CollectionKind::Mail | CollectionKind::Files | CollectionKind::Schedule);
        if !is_told || self.principal.account_id() == Some(account) {
            return Ok(());
        }
        let news = match (reads(held), reads(rights)) {
            (_, true) if held == rights => return Ok(()),
            (_, true) => News::Given,
            (true, false) => News::Taken,
            (false, false) => return Ok(()),
        };
        if !reads(held) {
            self.connection.execute(SHOW_AGAIN, params![account.0, of.account.0, of.id.0])?;
        }
        self.put_notice(account, of, of.account, news)
    }

    /// The folder is gone, and with it what there was to tell.
    pub(crate) fn forget_notices_of(&self, owner: AccountId, collection: CollectionId) -> Result<()> {
        self.connection.execute(FORGET_NOTICES_OF, params![owner.0, collection.0]).map(drop)
    }
}
