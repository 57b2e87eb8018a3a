//! Copies and moves within an account.
//!
//! A move is a tombstone with `moved_to` and a new row with the same identity.

use crate::access::{Grant, right};
use crate::backend::params;
use crate::collection::Difference;
use crate::error::{Refusal, Result, row_fault};
use crate::item::{COUNTED_OF, Item, Moved, UidRanges};
use crate::transaction::Write;
use vocabulary::{AccountId, CollectionId, Flags, ItemId, Uid};

const INSERT_COPY: &str = "INSERT INTO item (account_id, collection_id, uid, object_id, content_id, thread_id, \
     size_bytes, counted, flags, keywords, received_at, saved_at, filter_at, created_modseq, content_modseq, modseq, \
     vanished_at, author_id, private) \
     SELECT account_id, ?4, ?5, ?6, content_id, thread_id, size_bytes, counted, flags, keywords, received_at, ?7, \
     filter_at, ?8, ?8, ?8, 0, ?9, private FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";

impl<'tx> Write<'tx> {
    /// Copies items within an account (flags and received time go with them).
    ///
    /// # Errors
    /// [`Refusal::OverQuota`]: then nothing is copied. [`Refusal::Invalid`] across accounts: there
    /// the bytes must be prepared for the other account and inserted.
    pub fn copy(
        &mut self,
        source: &Grant<'tx, right::ReadItems>,
        target: &Grant<'tx, right::Insert>,
        ranges: &UidRanges,
    ) -> Result<Vec<Moved>> {
        let items = self.items(source, ranges)?;
        let bytes: i64 = items.iter().map(|item| item.size_bytes).sum();
        self.same_account(source.collection().account, target.collection().account)?;
        let account = target.collection().account;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        self.charge(account, bytes, false)?;
        let count = i64::try_from(items.len()).map_err(row_fault)?;
        let first = self.next_objects(account, count)?;
        let ids = (0..count).map(|offset| ItemId(first.0 + offset)).collect();
        let moved = self.place(source.collection().id, target.collection().id, account, &items, ids)?;
        for item in &items {
            self.add_content_refs(account, item.content, 1)?;
        }
        Ok(moved)
    }

    /// Moves items within an account: they keep their identity.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] across accounts.
    pub fn move_items(
        &mut self,
        source: &Grant<'tx, right::Remove>,
        read: &Grant<'tx, right::ReadItems>,
        target: &Grant<'tx, right::Insert>,
        ranges: &UidRanges,
    ) -> Result<Vec<Moved>> {
        let (account, from) = (source.collection().account, source.collection().id);
        self.same_account(account, target.collection().account)?;
        if read.collection().id != from || read.collection().account != account {
            return Err(Refusal::Invalid("two grants of one folder are needed").into());
        }
        let items = self.items(read, ranges)?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let to = target.collection().id;
        let ids = items.iter().map(|item| item.id).collect();
        let moved = self.place(from, to, account, &items, ids)?;
        for item in &items {
            self.add_content_refs(account, item.content, 1)?;
        }
        // `place` charged nothing: what leaves and what arrives are the same bytes.
        for (item, place) in items.iter().zip(&moved) {
            self.charge(account, self.counted_bytes(account, from, item)?, true)?;
            self.vanish(account, from, item, Some((to, place.to)))?;
        }
        Ok(moved)
    }

    fn counted_bytes(&self, account: AccountId, collection: CollectionId, item: &Item) -> Result<i64> {
        let params = params![account.0, collection.0, i64::from(item.uid.0)];
        Ok(self.connection.int(COUNTED_OF, params)?.unwrap_or(1) * item.size_bytes)
    }

    fn same_account(&self, source: AccountId, target: AccountId) -> Result<()> {
        if source == target {
            return Ok(());
        }
        Err(Refusal::Invalid("items are copied between accounts by their bytes").into())
    }

    /// Rows for `items` of `from` at the end of `to`.
    fn place(
        &mut self,
        from: CollectionId,
        to: CollectionId,
        account: AccountId,
        items: &[Item],
        ids: Vec<ItemId>,
    ) -> Result<Vec<Moved>> {
        let modseq = self.stamp(account)?;
        let count = i64::try_from(items.len()).map_err(row_fault)?;
        let first = self.take_uids(account, to, count)?;
        let author = self.principal.account_id().map(|id| id.0);
        let mut by = Difference::default();
        let mut moved = Vec::with_capacity(items.len());
        for ((item, id), uid) in items.iter().zip(ids).zip(first.0..) {
            let params = params![
                account.0,
                from.0,
                i64::from(item.uid.0),
                to.0,
                i64::from(uid),
                id.0,
                self.now().0,
                modseq.0,
                author,
            ];
            self.connection.execute(INSERT_COPY, params)?;
            by.messages += 1;
            by.unseen += i64::from(!item.flags.contains(Flags::SEEN));
            by.bytes += item.size_bytes;
            moved.push(Moved { from: item.uid, to: Uid(uid), id });
        }
        self.count(account, to, modseq, by)?;
        Ok(moved)
    }
}
