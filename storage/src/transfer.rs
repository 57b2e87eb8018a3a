//! Copies and moves within an account.
//!
//! A move is a tombstone with `moved_to` and a new row with the same identity.

use crate::access::{Grant, right};
use crate::backend::params;
use crate::collection::Difference;
use crate::error::{Refusal, Result, row_fault};
use crate::item::{Item, Moved, UidRanges, VANISH};
use crate::item_flags::changeable;
use crate::transaction::Write;
use std::collections::HashMap;
use vocabulary::{AccountId, CollectionId, Flags, ItemId, Rights, Uid};

const INSERT_COPY: &str = "INSERT INTO item (account_id, collection_id, uid, object_id, content_id, thread_id, \
     size_bytes, counted, flags, keywords, received_at, saved_at, filter_at, created_modseq, content_modseq, modseq, \
     vanished_at, author_id, private) \
     SELECT account_id, ?4, ?5, ?6, content_id, thread_id, size_bytes, ?10, ?11, ?12, received_at, ?7, \
     filter_at, ?8, ?8, ?8, 0, ?9, private FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
const UNCOUNTED: &str = "SELECT uid FROM item WHERE account_id = ?1 AND collection_id = ?2 AND vanished_at = 0 \
     AND counted = 0";

/// What is put where.
struct Placement<'a> {
    from: CollectionId,
    to: CollectionId,
    account: AccountId,
    /// At the target: flags that the principal may not set there stay off (RFC 4314 section 4).
    rights: Rights,
    items: &'a [Item],
    /// The identity of each item at the target.
    ids: Vec<ItemId>,
    /// Whether each counts towards the quota: a copy does, a moved item as before.
    counted: HashMap<Uid, i64>,
}

impl<'tx> Write<'tx> {
    /// Copies items within an account (flags and received time go with them, as far as the rights at
    /// the target allow).
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
        let account = target.collection().account;
        self.same_account(source.collection().account, account)?;
        let items = self.distinct_items(source, ranges)?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        self.charge(account, items.iter().map(|item| item.size_bytes).sum(), false)?;
        let count = i64::try_from(items.len()).map_err(row_fault)?;
        let first = self.next_objects(account, count)?;
        let moved = self.place(Placement {
            from: source.collection().id,
            to: target.collection().id,
            account,
            rights: target.rights(),
            items: &items,
            ids: (0..count).map(|offset| ItemId(first.0 + offset)).collect(),
            counted: HashMap::new(),
        })?;
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
        let items = self.distinct_items(read, ranges)?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let uncounted = self.connection.rows(UNCOUNTED, params![account.0, from.0], |row| {
            Ok((Uid(u32::try_from(row.int(0)?).map_err(row_fault)?), 0))
        })?;
        // What leaves and what arrives are the same bytes: nothing is charged.
        let moved = self.place(Placement {
            from,
            to: target.collection().id,
            account,
            rights: target.rights(),
            items: &items,
            ids: items.iter().map(|item| item.id).collect(),
            counted: uncounted.into_iter().collect(),
        })?;
        self.leave_tombstones(account, from, target.collection().id, &items, &moved)?;
        Ok(moved)
    }

    /// Each item once, however often the ranges name it.
    fn distinct_items(&self, grant: &Grant<'tx, right::ReadItems>, ranges: &UidRanges) -> Result<Vec<Item>> {
        let mut items = self.items(grant, ranges)?;
        let in_order = items.windows(2).all(|pair| matches!(pair, [one, two] if one.uid < two.uid));
        if !in_order {
            items.sort_by_key(|item| item.uid);
            items.dedup_by_key(|item| item.uid);
        }
        Ok(items)
    }

    fn leave_tombstones(
        &mut self,
        account: AccountId,
        from: CollectionId,
        to: CollectionId,
        items: &[Item],
        moved: &[Moved],
    ) -> Result<()> {
        let modseq = self.stamp(account)?;
        let mut by = Difference::default();
        for (item, place) in items.iter().zip(moved) {
            self.add_content_refs(account, item.content, 1)?;
            let params = params![
                account.0,
                from.0,
                i64::from(item.uid.0),
                self.now().0,
                modseq.0,
                Some(to.0),
                Some(i64::from(place.to.0)),
            ];
            self.connection.execute(VANISH, params)?;
            by.messages -= 1;
            by.unseen -= i64::from(!item.flags.contains(Flags::SEEN));
            by.bytes -= item.size_bytes;
        }
        self.count(account, from, modseq, by)
    }

    pub(crate) fn same_account(&self, source: AccountId, target: AccountId) -> Result<()> {
        if source == target {
            return Ok(());
        }
        Err(Refusal::Invalid("items are copied between accounts by their bytes").into())
    }

    /// Rows for the items at the end of the target.
    fn place(&mut self, placement: Placement<'_>) -> Result<Vec<Moved>> {
        let Placement { from, to, account, rights, items, ids, counted } = placement;
        let modseq = self.stamp(account)?;
        let count = i64::try_from(items.len()).map_err(row_fault)?;
        let first = self.take_uids(account, to, count)?;
        let author = self.principal.account_id().map(|id| id.0);
        let (may, may_write) = (changeable(rights), rights.contains(Rights::WRITE));
        let mut by = Difference::default();
        let mut moved = Vec::with_capacity(items.len());
        for ((item, id), uid) in items.iter().zip(ids).zip(first.0..) {
            let flags = item.flags & may;
            let keywords = if may_write { item.keywords.to_column() } else { String::new() };
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
                counted.get(&item.uid).copied().unwrap_or(1),
                flags.bits(),
                &keywords,
            ];
            self.connection.execute(INSERT_COPY, params)?;
            by.messages += 1;
            by.unseen += i64::from(!flags.contains(Flags::SEEN));
            by.bytes += item.size_bytes;
            moved.push(Moved { from: item.uid, to: Uid(uid), id });
        }
        self.count(account, to, modseq, by)?;
        Ok(moved)
    }
}
