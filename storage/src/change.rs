//! The log: `changes_since`. The rows carry their change numbers, so the rows are the log.
//!
//! A row moves to the end of the log when it changes, so a cursor in the middle cannot tell a new
//! item that has not been sent from an old one that has changed. UIDs can: they rise with creation
//! and never change. A [`Cursor`] therefore holds two marks: `(modseq, uid)`, up to which changes of
//! known items have been told, and `added`, up to which items are known. First come the changes of
//! known items in log order, then, when the log is exhausted, unknown items in UID order.
//!
//! While pages are read, an item whose bytes changed can move behind the page by a change of its
//! flags. So a third mark, `told`, stays where the pass through the log began: bytes newer than that
//! are told as changed, whatever was last done to the item.

use crate::access::{Grant, right};
use crate::backend::{Param, params};
use crate::error::{Refusal, Result};
use crate::item::{Item, item_columns, item_of};
use crate::transaction::Read;
use vocabulary::{ModSeq, Timestamp, Uid};

/// A reader's place in the log of one collection, of constant size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The epoch of the view: rights that changed make every older cursor useless.
    pub epoch: i64,
    /// Changes of known items are told up to here ..
    pub modseq: ModSeq,
    /// .. and of those with this very stamp up to this UID (a page may end inside a run).
    pub uid: Uid,
    /// Items up to this UID are known.
    pub added: Uid,
    /// Bytes of known items are told up to here: the end of the log when it was last exhausted.
    pub told: ModSeq,
}

impl Cursor {
    /// Knows nothing yet.
    #[must_use]
    pub fn start(epoch: i64) -> Self {
        Self { epoch, modseq: ModSeq::ZERO, uid: Uid(0), added: Uid(0), told: ModSeq::ZERO }
    }

    /// Knows everything that a grant sees.
    #[must_use]
    pub fn at_end<R>(grant: &Grant<'_, R>) -> Self {
        let collection = grant.collection();
        Self {
            epoch: grant.epoch(),
            modseq: collection.highest,
            uid: Uid(u32::MAX),
            added: Uid(collection.uid_next.0.saturating_sub(1)),
            told: collection.highest,
        }
    }
}

/// What happened to an item, for a reader with this cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// Unknown until now.
    Added,
    /// Known, and its body changed.
    Changed,
    /// Known, and only flags changed.
    FlagsChanged,
    /// Known, and gone.
    Removed,
}

/// What an item was at a reader's cursor, as far as it decides whether the reader had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// What a filter by time compared.
    pub filter_at: Timestamp,
    /// It was marked private.
    pub private: bool,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// The item as it is now (a tombstone if it is gone).
    pub item: Item,
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The changes, in the order in which the cursor passes them.
    pub changes: Vec<Change>,
    /// The cursor after them.
    pub next: Cursor,
    /// There is more at this moment.
    pub more: bool,
}

const LOG: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND (modseq, uid) > (?3, ?4) AND uid <= ?5 \
     ORDER BY modseq, uid LIMIT ?6"
);
const NEW: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid > ?3 AND vanished_at = 0 \
     AND private <= ?5 ORDER BY uid LIMIT ?4"
);

impl<'tx> Read<'tx> {
    /// Checks that a cursor can be answered: its view is today's, its history is still there.
    ///
    /// # Errors
    /// [`Refusal::ResyncRequired`].
    pub fn check_cursor<R>(&self, grant: &Grant<'tx, R>, cursor: &Cursor) -> Result<()> {
        let collection = grant.collection();
        let fresh = cursor.modseq == ModSeq::ZERO && cursor.added == Uid(0);
        let of_this_view = cursor.epoch == grant.epoch();
        // A cursor inside the run of stamps at the floor may have missed some of it.
        // What items were at `told` is asked of versions, which are swept up to the floor too.
        let above_the_floor = collection.floor == ModSeq::ZERO
            || ((cursor.modseq, cursor.uid) >= (collection.floor, Uid(u32::MAX))
                && cursor.told >= collection.floor);
        let of_this_time = above_the_floor
            && cursor.modseq <= collection.highest
            && cursor.told <= collection.highest
            && (cursor.modseq.incarnation() == self.context.incarnation
                || collection.highest == cursor.modseq);
        if of_this_view && (fresh || of_this_time) {
            return Ok(());
        }
        Err(Refusal::ResyncRequired { floor: collection.floor }.into())
    }

    /// At most `limit` changes since a cursor.
    ///
    /// # Errors
    /// [`Refusal::ResyncRequired`] if the cursor is of another view or incarnation, or older than
    /// the history that is kept.
    pub fn changes_since(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        cursor: Cursor,
        limit: usize,
    ) -> Result<Changes> {
        self.check_cursor(grant, &cursor)?;
        let collection = grant.collection();
        let mut next = cursor;
        let mut changes = Vec::new();
        let mut log_exhausted = true;
        if cursor.added > Uid(0) && (cursor.modseq, cursor.uid) < (collection.highest, Uid(u32::MAX)) {
            let rows = self.log_page(grant, &cursor, limit + 1)?;
            log_exhausted = rows.len() <= limit;
            for item in rows.into_iter().take(limit) {
                (next.modseq, next.uid) = (item.modseq, item.uid);
                changes.extend(self.as_seen(grant, item, &cursor)?);
            }
        }
        let mut more = !log_exhausted;
        if log_exhausted {
            (next.modseq, next.uid, next.told) = (collection.highest, Uid(u32::MAX), collection.highest);
            let room = limit.saturating_sub(changes.len());
            more = self.add_unknown(grant, &mut next, &mut changes, room)?;
        }
        Ok(Changes { changes, next, more })
    }

    /// Whether anything but `limit` pages of nothing would come: cheaper than reading it.
    ///
    /// # Errors
    /// As [`Read::changes_since`].
    pub fn has_moved(&self, grant: &Grant<'tx, right::ReadItems>, cursor: &Cursor) -> Result<bool> {
        self.check_cursor(grant, cursor)?;
        let collection = grant.collection();
        Ok((cursor.modseq, cursor.uid) < (collection.highest, Uid(u32::MAX))
            || cursor.added.0.saturating_add(1) < collection.uid_next.0)
    }

    fn log_page(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        cursor: &Cursor,
        limit: usize,
    ) -> Result<Vec<Item>> {
        let collection = grant.collection();
        let params = params![
            collection.account.0,
            collection.id.0,
            cursor.modseq.0,
            i64::from(cursor.uid.0),
            i64::from(cursor.added.0),
            i64::try_from(limit).unwrap_or(i64::MAX),
        ];
        self.connection.rows(LOG, params, item_of)
    }

    /// A change as the principal may see it: a private item is not there for who may not see it, and
    /// one that has become private is gone.
    fn as_seen(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        mut item: Item,
        cursor: &Cursor,
    ) -> Result<Option<Change>> {
        let sees_private = grant.private_max() > 0;
        if !sees_private && item.private {
            // What came to be after `told` is known only to a reader who made it.
            let was_visible = self.before(grant, &item, cursor)?.is_none_or(|before| !before.private);
            if !was_visible {
                return Ok(None);
            }
            item.vanished = true;
        }
        Ok(Some(Change { kind: kind_of(&item, cursor), item }))
    }

    /// What an item was when the bytes of this cursor's items were told; `None` if it was not there.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn before(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        item: &Item,
        cursor: &Cursor,
    ) -> Result<Option<Before>> {
        const VERSION: &str = "SELECT filter_at, private FROM version WHERE account_id = ?1 \
             AND collection_id = ?2 AND uid = ?3 AND from_modseq <= ?4 AND until_modseq > ?4";
        if item.content_modseq <= cursor.told {
            return Ok(Some(Before { filter_at: item.filter_at, private: item.private }));
        }
        let (account, collection) = (grant.collection().account, grant.collection().id);
        let params = params![account.0, collection.0, i64::from(item.uid.0), cursor.told.0];
        self.connection.row(VERSION, params, |row| {
            Ok(Before { filter_at: Timestamp(row.int(0)?), private: row.int(1)? != 0 })
        })
    }

    fn add_unknown(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        next: &mut Cursor,
        changes: &mut Vec<Change>,
        room: usize,
    ) -> Result<bool> {
        let collection = grant.collection();
        let last = Uid(collection.uid_next.0.saturating_sub(1));
        if next.added >= last {
            return Ok(false);
        }
        let params = [
            Param::Int(collection.account.0),
            Param::Int(collection.id.0),
            Param::Int(i64::from(next.added.0)),
            Param::Int(i64::try_from(room).unwrap_or(i64::MAX).saturating_add(1)),
            Param::Int(grant.private_max()),
        ];
        let rows = self.connection.rows(NEW, &params, item_of)?;
        let more = rows.len() > room;
        for item in rows.into_iter().take(room) {
            next.added = item.uid;
            changes.push(Change { kind: ChangeKind::Added, item });
        }
        if !more {
            next.added = last;
        }
        Ok(more)
    }
}

fn kind_of(item: &Item, cursor: &Cursor) -> ChangeKind {
    if item.vanished {
        ChangeKind::Removed
    } else if item.content_modseq > cursor.told {
        ChangeKind::Changed
    } else {
        ChangeKind::FlagsChanged
    }
}
