//! Conversations: the mails of one thread, and where those go that are still to come.

use crate::access::{Grant, right};
use crate::backend::params;
use crate::content::Parsed;
use crate::error::{Error, Refusal, Result};
use crate::item::{Added, Item, NewItem, item_columns, item_of};
use crate::transaction::{Read, Write};
use vocabulary::{AccountId, CollectionId, CollectionKind, Timestamp, Uid};

const OF_THREAD: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND thread_id = ?3 AND uid <= ?4 AND component = '' \
     AND private <= ?5 ORDER BY uid"
);
const THREAD: &str = "SELECT thread_id FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
const RULE: &str = "SELECT collection_id FROM conversation_rule WHERE account_id = ?1 AND thread_id = ?2";
const SET_RULE: &str = "INSERT INTO conversation_rule (account_id, thread_id, collection_id, created_at) \
     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account_id, thread_id) \
     DO UPDATE SET collection_id = excluded.collection_id, created_at = excluded.created_at";
const DROP_RULE: &str = "DELETE FROM conversation_rule WHERE account_id = ?1 AND thread_id = ?2";

impl<'tx> Read<'tx> {
    /// The mails of a thread in one collection with UIDs up to `last`, in UID order; those that are gone too, as
    /// tombstones.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn conversation(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        thread: i64,
        last: Uid,
    ) -> Result<Vec<Item>> {
        let collection = grant.collection();
        let params =
            params![collection.account.0, collection.id.0, thread, i64::from(last.0), grant.private_max(),];
        self.connection.rows(OF_THREAD, params, item_of)
    }

    /// Where mail of a thread goes when it arrives, if it is not the Inbox.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn conversation_rule<R>(&self, inbox: &Grant<'tx, R>, thread: i64) -> Result<Option<CollectionId>> {
        let account = inbox.collection().account;
        Ok(self.connection.int(RULE, params![account.0, thread])?.map(CollectionId))
    }
}

impl<'tx> Write<'tx> {
    /// From now on mail of a thread goes to `target` when it arrives; with the Inbox itself the rule ends.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if the two are not mail folders of one account.
    pub fn set_conversation_rule(
        &mut self,
        inbox: &Grant<'tx, right::Remove>,
        target: &Grant<'tx, right::Insert>,
        thread: i64,
    ) -> Result<()> {
        let (inbox, target) = (inbox.collection(), target.collection());
        self.same_account(inbox.account, target.account)?;
        if target.kind != CollectionKind::Mail {
            return Err(Refusal::Invalid("a conversation is of mails").into());
        }
        let account = inbox.account;
        if inbox.id == target.id {
            return self.drop_rule(account, thread);
        }
        let params = params![account.0, thread, target.id.0, self.now().0];
        self.connection.execute(SET_RULE, params).map(drop)
    }

    fn drop_rule(&mut self, account: AccountId, thread: i64) -> Result<()> {
        self.connection.execute(DROP_RULE, params![account.0, thread]).map(drop)
    }

    /// Adds a mail that arrives: to the Inbox, or to where its conversation goes.
    ///
    /// # Errors
    /// As [`Write::insert`].
    pub fn insert_arrived(&mut self, inbox: &Grant<'tx, right::Insert>, new: &NewItem) -> Result<Added> {
        let added = self.insert(inbox, new)?;
        let (account, folder) = (inbox.collection().account, inbox.collection().id);
        let thread = self.connection.int(THREAD, params![account.0, folder.0, i64::from(added.uid.0)])?;
        let Some(thread) = thread else { return Ok(added) };
        let Some(rule) = self.conversation_rule(inbox, thread)? else { return Ok(added) };
        let target = match self.open::<right::Insert>(account, rule) {
            Ok(target) => target,
            Err(Error::Refusal(_)) => {
                // The folder is gone, and so is the rule.
                self.drop_rule(account, thread)?;
                return Ok(added);
            }
            Err(fault) => return Err(fault),
        };
        let source = self.open::<right::Remove>(account, folder)?;
        let read = self.open::<right::ReadItems>(account, folder)?;
        let moved = self.move_items(&source, &read, &target, &[added.uid.0..=added.uid.0])?;
        let uidvalidity = target.collection().uidvalidity;
        Ok(moved.first().map_or(added, |moved| Added { uid: moved.to, uidvalidity, ..added }))
    }

    /// The thread of a message and when that began: those of the first known message that it refers to.
    pub(crate) fn thread_of(
        &mut self,
        account: AccountId,
        parsed: &Parsed,
        received_at: Timestamp,
    ) -> Result<(i64, Timestamp)> {
        const FIND: &str = "SELECT thread_id, began_at FROM thread WHERE account_id = ?1 AND id_hash = ?2";
        const KEEP: &str = "INSERT INTO thread (account_id, id_hash, thread_id, began_at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (account_id, id_hash) DO NOTHING";
        /// The ids that are asked and kept: the message's own and the nearest it refers to.
        const IDS_MAX: usize = 12;
        let key = self.context.key;
        let ids: Vec<i64> = parsed
            .message_id
            .iter()
            .chain(parsed.references.iter().rev())
            .take(IDS_MAX)
            .map(|id| id_hash(&key, account, id))
            .collect();
        let mut known = None;
        for id in &ids {
            known = self
                .connection
                .row(FIND, params![account.0, *id], |row| Ok((row.int(0)?, Timestamp(row.int(1)?))))?;
            if known.is_some() {
                break;
            }
        }
        // Of what came before this was kept nobody knows when it began.
        let (thread, began) = match known {
            Some((thread, began)) if began > Timestamp(0) => (thread, began),
            Some((thread, _)) => (thread, received_at),
            None => (self.next_thread(account)?, received_at),
        };
        for id in &ids {
            self.connection.execute(KEEP, params![account.0, *id, thread, began.0])?;
        }
        Ok((thread, began))
    }
}

fn id_hash(key: &[u8; 32], account: AccountId, id: &str) -> i64 {
    let hash = crate::content::keyed_hash(key, account, id.as_bytes());
    let mut eight = [0_u8; 8];
    eight.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(eight)
}
