//! Copies and moves within an account.
//!
//! A move is a tombstone with `moved_to` and a new row with the same identity.

use crate::access::{Grant, right};
use crate::backend::params;
use crate::collection::Difference;
use crate::error::{Refusal, Result, Subject, row_fault};
use crate::item::Unique::{ComponentUid, ResourceName};
use crate::item::{Item, Moved, UidRanges, VANISH};
use crate::item_flags::changeable;
use crate::marks::Marks;
use crate::transaction::Write;
use std::collections::{HashMap, HashSet};
use vocabulary::{AccountId, CollectionId, CollectionKind, Component, Flags, ItemId, Rights, Uid};

const INSERT_COPY: &str = "INSERT INTO item (account_id, collection_id, uid, object_id, content_id, thread_id, \
     size_bytes, counted, flags, keywords, received_at, saved_at, filter_at, created_modseq, content_modseq, modseq, \
     vanished_at, author_id, private, component, component_uid, starts_at, resource_name, media_type, schedule_modseq, \
     thread_began_at, follow_up, verb, verb_at, seen_modseq, flag_modseq, label_modseq, other_modseq) \
     SELECT account_id, ?4, ?5, ?6, content_id, thread_id, size_bytes, ?10, ?11, ?12, received_at, ?7, \
     filter_at, ?8, ?8, ?8, 0, COALESCE(?9, author_id), private, component, component_uid, starts_at, ?13, media_type, \
     CASE WHEN schedule_modseq > 0 THEN ?8 ELSE 0 END, thread_began_at, ?14, ?15, ?16, ?8, ?8, ?8, ?8 \
     FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
const UNCOUNTED: &str = "SELECT uid FROM item WHERE account_id = ?1 AND collection_id = ?2 AND vanished_at = 0 \
     AND counted = 0";

/// What is put where.
struct Placement<'a> {
    from: CollectionId,
    to: CollectionId,
    account: AccountId,
    /// The first of the UIDs that they get there.
    first: Uid,
    /// Who adds them; `None`: they stay their authors'.
    author: Option<i64>,
    /// The resource name of each at the target.
    names: Vec<Option<String>>,
    /// At the target: flags that the principal may not set there stay off (RFC 4314 section 4).
    rights: Rights,
    items: &'a [Item],
    /// The identity of each item at the target.
    ids: Vec<ItemId>,
    /// Whether each counts towards the quota: a copy does, a moved item as before.
    counted: HashMap<Uid, i64>,
}

/// An event in a mail folder could be read by nobody.
fn same_kind<R, S>(source: &Grant<'_, R>, target: &Grant<'_, S>) -> Result<()> {
    if source.collection().kind.home() == target.collection().kind.home() {
        return Ok(());
    }
    Err(Refusal::Invalid("the target holds items of another kind").into())
}

impl<'tx> Write<'tx> {
    /// Copies items within an account (flags and received time go with them, as far as the rights at
    /// the target allow).
    ///
    /// # Errors
    /// [`Refusal::OverQuota`], [`Refusal::AlreadyExists`] if a UID of an event, card or task is taken
    /// at the target: then nothing is copied. [`Refusal::Invalid`] between kinds of folders and across
    /// accounts: there the bytes must be prepared for the other account and inserted.
    pub fn copy(
        &mut self,
        source: &Grant<'tx, right::ReadItems>,
        target: &Grant<'tx, right::Insert>,
        ranges: &UidRanges,
    ) -> Result<Vec<Moved>> {
        self.duplicate(source, target, ranges, None)
    }

    /// Copies one event, card, task or file to a resource name, also within its collection.
    ///
    /// # Errors
    /// As [`Write::copy`]; [`Refusal::AlreadyExists`] if the name is taken.
    pub fn copy_resource(
        &mut self,
        source: &Grant<'tx, right::ReadItems>,
        target: &Grant<'tx, right::Insert>,
        uid: Uid,
        name: &str,
    ) -> Result<Moved> {
        let copied = self.duplicate(source, target, &[uid.0..=uid.0], Some(name))?;
        copied.into_iter().next().ok_or_else(|| Refusal::NotFound(Subject::Item).into())
    }

    fn duplicate(
        &mut self,
        source: &Grant<'tx, right::ReadItems>,
        target: &Grant<'tx, right::Insert>,
        ranges: &UidRanges,
        name: Option<&str>,
    ) -> Result<Vec<Moved>> {
        let account = target.collection().account;
        same_kind(source, target)?;
        self.same_account(source.collection().account, account)?;
        let items = self.distinct_items(source, ranges)?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let to = target.collection().id;
        let names = self.names_at(account, to, &items, None, name)?;
        self.charge(account, items.iter().map(|item| item.size_bytes).sum(), false)?;
        let count = i64::try_from(items.len()).map_err(row_fault)?;
        let first_id = self.next_objects(account, count)?;
        let moved = self.place(Placement {
            from: source.collection().id,
            to,
            account,
            first: self.take_uids(account, to, count)?,
            author: self.principal.account_id().map(|id| id.0),
            names,
            rights: target.rights(),
            items: &items,
            ids: (0..count).map(|offset| ItemId(first_id.0 + offset)).collect(),
            counted: HashMap::new(),
        })?;
        for item in &items {
            self.add_content_refs(account, item.content, 1)?;
        }
        if target.collection().kind == CollectionKind::Files {
            for (item, copy) in items.iter().zip(&moved) {
                self.copy_file_properties(account, (source.collection().id, item.id), (to, copy.id))?;
            }
        }
        Ok(moved)
    }

    /// Moves items within an account: they keep their identity.
    ///
    /// # Errors
    /// As [`Write::copy`]; [`Refusal::Denied`] for items of others if the principal may remove only
    /// its own.
    pub fn move_items(
        &mut self,
        source: &Grant<'tx, right::Remove>,
        read: &Grant<'tx, right::ReadItems>,
        target: &Grant<'tx, right::Insert>,
        ranges: &UidRanges,
    ) -> Result<Vec<Moved>> {
        self.relocate(source, read, target, ranges, None)
    }

    /// Moves one event, card or task to a resource name, also within its collection.
    ///
    /// # Errors
    /// As [`Write::move_items`]; [`Refusal::AlreadyExists`] if the name is taken.
    pub fn move_resource(
        &mut self,
        source: &Grant<'tx, right::Remove>,
        read: &Grant<'tx, right::ReadItems>,
        target: &Grant<'tx, right::Insert>,
        uid: Uid,
        name: &str,
    ) -> Result<Moved> {
        let moved = self.relocate(source, read, target, &[uid.0..=uid.0], Some(name))?;
        moved.into_iter().next().ok_or_else(|| Refusal::NotFound(Subject::Item).into())
    }

    fn relocate(
        &mut self,
        source: &Grant<'tx, right::Remove>,
        read: &Grant<'tx, right::ReadItems>,
        target: &Grant<'tx, right::Insert>,
        ranges: &UidRanges,
        name: Option<&str>,
    ) -> Result<Vec<Moved>> {
        let (account, from) = (source.collection().account, source.collection().id);
        same_kind(source, target)?;
        self.same_account(account, target.collection().account)?;
        if read.collection().id != from || read.collection().account != account {
            return Err(Refusal::Invalid("two grants of one folder are needed").into());
        }
        for range in ranges {
            self.refuse_foreign(source, range)?;
        }
        let items = self.distinct_items(read, ranges)?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let to = target.collection().id;
        let names = self.names_at(account, to, &items, Some(from), name)?;
        let uncounted = self.connection.rows(UNCOUNTED, params![account.0, from.0], |row| {
            Ok((Uid(u32::try_from(row.int(0)?).map_err(row_fault)?), 0))
        })?;
        let count = i64::try_from(items.len()).map_err(row_fault)?;
        let first = self.take_uids(account, to, count)?;
        // The old rows end first: names and UIDs are unique among the living.
        self.leave_tombstones(account, from, (to, first), &items)?;
        if target.collection().kind == CollectionKind::Files {
            for item in &items {
                self.move_file_properties(account, item.id, from, to)?;
            }
            self.unmap_files(account);
        }
        // What leaves and what arrives are the same bytes: nothing is charged.
        self.place(Placement {
            from,
            to,
            account,
            first,
            author: None,
            names,
            rights: target.rights(),
            items: &items,
            ids: items.iter().map(|item| item.id).collect(),
            counted: uncounted.into_iter().collect(),
        })
    }

    /// The resource name that each item will have at the target, before anything is written. `leaving`:
    /// the folder that they leave, where their own names do not stand in their way.
    fn names_at(
        &self,
        account: AccountId,
        to: CollectionId,
        items: &[Item],
        leaving: Option<CollectionId>,
        wanted: Option<&str>,
    ) -> Result<Vec<Option<String>>> {
        let mut used = HashSet::new();
        let mut name_of = |item: &Item| -> Result<Option<String>> {
            let Some(component) = item.component else { return Ok(None) };
            let except = (leaving == Some(to)).then_some(item.uid);
            self.refuse_twin_of(account, to, ComponentUid(item.component_uid.as_deref()), except)?;
            let kept = match (wanted, item.resource_name.as_deref()) {
                (Some(wanted), _) => {
                    self.refuse_twin_of(account, to, ResourceName(Some(wanted)), except)?;
                    Some(wanted)
                }
                (None, Some(own)) => {
                    let taken = self.refuse_twin_of(account, to, ResourceName(Some(own)), except);
                    taken.is_ok().then_some(own)
                }
                (None, None) => None,
            };
            if let (Component::File, Some(kept)) = (component, kept) {
                self.refuse_collection_called(account, to, kept)?;
            }
            let name = match kept {
                Some(kept) if !used.contains(kept) => kept.to_owned(),
                _ => self.free_resource_name(account, to, component, item.id, &used)?,
            };
            used.insert(name.clone());
            Ok(Some(name))
        };
        items.iter().map(&mut name_of).collect()
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
        (to, first): (CollectionId, Uid),
        items: &[Item],
    ) -> Result<()> {
        let modseq = self.stamp(account)?;
        let mut by = Difference::default();
        for (item, uid) in items.iter().zip(first.0..) {
            self.add_content_refs(account, item.content, 1)?;
            let params = params![
                account.0,
                from.0,
                i64::from(item.uid.0),
                self.now().0,
                modseq.0,
                Some(to.0),
                Some(i64::from(uid)),
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
        let Placement { from, to, account, first, author, names, rights, items, ids, counted } = placement;
        let modseq = self.stamp(account)?;
        let (may, may_write) = (changeable(rights), rights.contains(Rights::WRITE));
        let mut by = Difference::default();
        let mut moved = Vec::with_capacity(items.len());
        for (((item, id), uid), name) in items.iter().zip(ids).zip(first.0..).zip(names) {
            let flags = item.flags & may;
            let keywords = if may_write { item.keywords.to_column() } else { String::new() };
            let marks = if may_write { item.marks.clone() } else { Marks::default() };
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
                name.as_deref(),
                marks.follow_up.as_str(),
                marks.verb_code(),
                marks.verb_at(),
            ];
            self.connection.execute(INSERT_COPY, params)?;
            if matches!(item.component, Some(Component::Event | Component::Todo | Component::Journal)) {
                self.copy_attachments(account, (from, item.uid), (to, Uid(uid)))?;
            }
            by.messages += 1;
            by.unseen += i64::from(!flags.contains(Flags::SEEN));
            by.bytes += item.size_bytes;
            moved.push(Moved { from: item.uid, to: Uid(uid), id });
        }
        self.count(account, to, modseq, by)?;
        Ok(moved)
    }
}
