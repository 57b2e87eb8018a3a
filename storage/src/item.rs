//! Items: a content's place in a collection.
//!
//! A row is (collection, UID) and never moves: a move is a tombstone with `moved_to` and a new row
//! with the same object id, so a UID names the same bytes for ever.

use crate::access::{Grant, right};
use crate::backend::{Param, Row, params};
use crate::collection::Difference;
use crate::content::{Parsed, Prepared, Stored};
use crate::error::{Refusal, Result, Subject, row_fault};
use crate::transaction::{Read, Write};
use std::ops::RangeInclusive;
use vocabulary::{
    AccountId, CollectionId, ContentId, Flags, ItemId, Keyword, Keywords, ModSeq, Rights, Timestamp, Uid,
    UidValidity,
};

/// UIDs as the protocols name them: ranges, each from low to high.
pub type UidRanges = [RangeInclusive<u32>];

/// One item as a transaction found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number in the collection.
    pub uid: Uid,
    /// The identity that it keeps when it moves (RFC 8474 EMAILID).
    pub id: ItemId,
    /// Its bytes.
    pub content: ContentId,
    /// The conversation, fixed when it came in.
    pub thread: i64,
    /// Uncompressed size.
    pub size_bytes: i64,
    /// System flags.
    pub flags: Flags,
    /// Keywords.
    pub keywords: Keywords,
    /// When it was received (INTERNALDATE).
    pub received_at: Timestamp,
    /// When it came into this collection (RFC 8514).
    pub saved_at: Timestamp,
    /// What a filter by time compares.
    pub filter_at: Timestamp,
    /// When it came into the log.
    pub created_modseq: ModSeq,
    /// When its body last changed (ETag).
    pub content_modseq: ModSeq,
    /// When anything of it last changed (MODSEQ).
    pub modseq: ModSeq,
    /// A tombstone.
    pub vanished: bool,
    /// Where a moved item went to, in the same account.
    pub moved_to: Option<(CollectionId, Uid)>,
    /// The device generation whose Sync Add made it.
    pub created_by: Option<String>,
    /// The device that need not be told of the last change: it made it.
    pub quiet_for: Option<String>,
}

macro_rules! item_columns {
    () => {
        "uid, object_id, content_id, thread_id, size_bytes, flags, keywords, received_at, saved_at, filter_at, \
         created_modseq, content_modseq, modseq, vanished_at, moved_collection, moved_uid, created_by, quiet_for"
    };
}
pub(crate) use item_columns;

pub(crate) fn uid_of(value: i64) -> Result<Uid> {
    Ok(Uid(u32::try_from(value).map_err(row_fault)?))
}

pub(crate) fn item_of(row: &Row<'_>) -> Result<Item> {
    let moved_to = match (row.opt_int(14)?, row.opt_int(15)?) {
        (Some(collection), Some(uid)) => Some((CollectionId(collection), uid_of(uid)?)),
        _ => None,
    };
    Ok(Item {
        uid: uid_of(row.int(0)?)?,
        id: ItemId(row.int(1)?),
        content: ContentId(row.int(2)?),
        thread: row.int(3)?,
        size_bytes: row.int(4)?,
        flags: Flags::from_bits(row.int(5)?),
        keywords: keywords_of(row.text(6)?),
        received_at: Timestamp(row.int(7)?),
        saved_at: Timestamp(row.int(8)?),
        filter_at: Timestamp(row.int(9)?),
        created_modseq: ModSeq(row.int(10)?),
        content_modseq: ModSeq(row.int(11)?),
        modseq: ModSeq(row.int(12)?),
        vanished: row.int(13)? != 0,
        moved_to,
        created_by: row.opt_text(16)?.map(str::to_owned),
        quiet_for: row.opt_text(17)?.map(str::to_owned),
    })
}

fn keywords_of(column: &str) -> Keywords {
    if column.is_empty() { Keywords::default() } else { Keywords::from_column(column) }
}

/// What an opened mailbox holds of each item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFlags {
    /// Its number.
    pub uid: Uid,
    /// System flags.
    pub flags: Flags,
    /// Keywords.
    pub keywords: Keywords,
    /// MODSEQ.
    pub modseq: ModSeq,
}

/// An item to be added.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Its bytes.
    pub content: Prepared,
    /// System flags.
    pub flags: Flags,
    /// Keywords.
    pub keywords: Keywords,
    /// When it was received.
    pub received_at: Timestamp,
    /// What a filter by time compares; mail: when it was received.
    pub filter_at: Timestamp,
    /// The device generation whose Sync Add makes it.
    pub created_by: Option<String>,
    /// Counts towards the quota (a warning mail does not).
    pub counted: bool,
    /// DAV resource name, for events, cards and tasks.
    pub resource_name: Option<String>,
    /// The UID inside the content, for events, cards and tasks.
    pub component_uid: Option<String>,
    /// Marked private by its owner.
    pub private: bool,
}

impl NewItem {
    /// A mail received at a moment, without flags.
    #[must_use]
    pub fn mail(content: Prepared, received_at: Timestamp) -> Self {
        Self {
            content,
            flags: Flags::NONE,
            keywords: Keywords::default(),
            received_at,
            filter_at: received_at,
            created_by: None,
            counted: true,
            resource_name: None,
            component_uid: None,
            private: false,
        }
    }
}

/// Where an added item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// Its number.
    pub uid: Uid,
    /// Its identity.
    pub id: ItemId,
    /// Of the collection, for APPENDUID.
    pub uidvalidity: UidValidity,
    /// Its stamp.
    pub modseq: ModSeq,
}

/// A copied or moved item: where it was and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The old number.
    pub from: Uid,
    /// The new number.
    pub to: Uid,
    /// Its identity at the target.
    pub id: ItemId,
}

const RANGE: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0 ORDER BY uid"
);
const ONE_ANYWAY: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3"
);
const BY_OBJECT: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND object_id = ?3 AND collection_id = ?2 ORDER BY uid DESC LIMIT 1"
);
const WHERE_OBJECT: &str = "SELECT collection_id, uid FROM item \
     WHERE account_id = ?1 AND object_id = ?2 AND vanished_at = 0 ORDER BY collection_id DESC LIMIT 1";
const FLAGS: &str = "SELECT uid, flags, keywords, modseq FROM item \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0 ORDER BY uid";
const NEWEST: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND vanished_at = 0 \
     AND (filter_at, uid) < (?3, ?4) AND filter_at >= ?5 ORDER BY filter_at DESC, uid DESC LIMIT ?6"
);
const COUNT_SINCE: &str = "SELECT COUNT(*) FROM item \
     WHERE account_id = ?1 AND collection_id = ?2 AND vanished_at = 0 AND filter_at >= ?3";
const INSERT: &str = "INSERT INTO item (account_id, collection_id, uid, object_id, content_id, thread_id, size_bytes, \
     counted, flags, keywords, received_at, saved_at, filter_at, created_modseq, content_modseq, modseq, \
     vanished_at, author_id, created_by, resource_name, component_uid, private) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, ?14, 0, ?15, ?16, ?17, ?18, ?19)";
const INSERT_COPY: &str = "INSERT INTO item (account_id, collection_id, uid, object_id, content_id, thread_id, \
     size_bytes, counted, flags, keywords, received_at, saved_at, filter_at, created_modseq, content_modseq, modseq, \
     vanished_at, author_id, private) \
     SELECT account_id, ?4, ?5, ?6, content_id, thread_id, size_bytes, counted, flags, keywords, received_at, ?7, \
     filter_at, ?8, ?8, ?8, 0, ?9, private FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
const VANISH: &str = "UPDATE item SET vanished_at = ?4, modseq = ?5, moved_collection = ?6, moved_uid = ?7, \
     quiet_for = NULL WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
const VANISH_RANGE: &str = "UPDATE item SET vanished_at = ?5, modseq = ?6, quiet_for = NULL \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0";
const SIZES: &str = "SELECT COUNT(*), COALESCE(SUM(1 - (flags & 1)), 0), COALESCE(SUM(size_bytes), 0), \
     COALESCE(SUM(size_bytes * counted), 0) FROM item \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0";
const SET_FLAGS: &str = "UPDATE item SET flags = ?4, keywords = ?5, modseq = ?6, quiet_for = ?7 \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
const SET_FLAGS_RANGE: &str = "UPDATE item SET flags = ((flags | ?5) & ?6), modseq = ?7, quiet_for = ?8 \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0 \
     AND ((flags | ?5) & ?6) <> flags";
const COUNTED_OF: &str = "SELECT counted FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";

impl<'tx> Read<'tx> {
    /// Living items of UID ranges, in UID order.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn items(&self, grant: &Grant<'tx, right::ReadItems>, ranges: &UidRanges) -> Result<Vec<Item>> {
        let collection = grant.collection();
        let mut items = Vec::new();
        for range in ranges {
            let params = range_params(collection.account, collection.id, range);
            self.connection.for_each(RANGE, &params, |row| {
                items.push(item_of(row)?);
                Ok(())
            })?;
        }
        Ok(items)
    }

    /// UID, flags and MODSEQ of living items, for an opened mailbox.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn item_flags(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        range: &RangeInclusive<u32>,
    ) -> Result<Vec<ItemFlags>> {
        let collection = grant.collection();
        let params = range_params(collection.account, collection.id, range);
        self.connection.rows(FLAGS, &params, |row| {
            Ok(ItemFlags {
                uid: uid_of(row.int(0)?)?,
                flags: Flags::from_bits(row.int(1)?),
                keywords: keywords_of(row.text(2)?),
                modseq: ModSeq(row.int(3)?),
            })
        })
    }

    /// The item with an identity in this collection, also as a tombstone (the newest if it came back).
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn item_by_id(&self, grant: &Grant<'tx, right::ReadItems>, id: ItemId) -> Result<Option<Item>> {
        let collection = grant.collection();
        self.connection.row(BY_OBJECT, params![collection.account.0, collection.id.0, id.0], item_of)
    }

    /// Living items older than `(filter_at, uid)` and not older than `since`, the newest first.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn items_newest_first(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        before: (Timestamp, Uid),
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Item>> {
        let collection = grant.collection();
        let params = params![
            collection.account.0,
            collection.id.0,
            before.0.0,
            i64::from(before.1.0),
            since.0,
            i64::try_from(limit).unwrap_or(i64::MAX),
        ];
        self.connection.rows(NEWEST, params, item_of)
    }

    /// How many living items a filter by time shows.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn count_since(&self, grant: &Grant<'tx, right::ReadItems>, since: Timestamp) -> Result<i64> {
        let collection = grant.collection();
        let count =
            self.connection.int(COUNT_SINCE, params![collection.account.0, collection.id.0, since.0])?;
        Ok(count.unwrap_or(0))
    }

    /// What was parsed of living items once: envelope, structure, summary.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn parsed(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        ranges: &UidRanges,
    ) -> Result<Vec<(Uid, Parsed)>> {
        let collection = grant.collection();
        let mut found = Vec::new();
        for range in ranges {
            let (first, last) = (*range.start(), *range.end());
            self.parsed_rows(collection.account, collection.id.0, first, last, |uid, parsed| {
                found.push((Uid(uid), parsed));
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// The contents of items, to be loaded with [`crate::Store::load`] after the transaction.
    /// `vanished_too` also finds what is kept until the retention window ends (POP3's frozen list).
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn contents(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        ranges: &UidRanges,
        vanished_too: bool,
    ) -> Result<Vec<(Uid, Stored)>> {
        let collection = grant.collection();
        let mut found = Vec::new();
        for range in ranges {
            let (first, last) = (*range.start(), *range.end());
            self.stored_rows(
                collection.account,
                collection.id.0,
                first,
                last,
                vanished_too,
                |uid, stored| {
                    found.push((Uid(uid), stored));
                    Ok(())
                },
            )?;
        }
        Ok(found)
    }

    /// Where the living item with an identity is, if the principal may see that collection.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn locate(&self, account: AccountId, id: ItemId) -> Result<Option<(CollectionId, Uid)>> {
        let found = self.connection.row(WHERE_OBJECT, params![account.0, id.0], |row| {
            Ok((CollectionId(row.int(0)?), uid_of(row.int(1)?)?))
        })?;
        match found {
            Some((collection, uid)) if self.view_of(account, collection)?.rights.contains(Rights::READ) => {
                Ok(Some((collection, uid)))
            }
            _ => Ok(None),
        }
    }
}

fn range_params(
    account: AccountId,
    collection: CollectionId,
    range: &RangeInclusive<u32>,
) -> [Param<'static>; 4] {
    [
        Param::Int(account.0),
        Param::Int(collection.0),
        Param::Int(i64::from(*range.start())),
        Param::Int(i64::from(*range.end())),
    ]
}

/// How a STORE changes flags: RFC 9051 section 6.4.6.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagChange {
    /// `+FLAGS`.
    Add(Flags, Keywords),
    /// `-FLAGS`.
    Remove(Flags, Keywords),
    /// `FLAGS`.
    Replace(Flags, Keywords),
}

impl FlagChange {
    /// The flags after the change, where the rights allow it.
    fn apply(&self, flags: Flags, keywords: &Keywords, rights: Rights) -> (Flags, Keywords) {
        let may = changeable(rights);
        let may_write = rights.contains(Rights::WRITE);
        let merged = |wanted: Flags| (flags & !may) | (wanted & may);
        match self {
            Self::Add(more, words) => {
                let mut set = keywords.clone();
                if may_write {
                    words.iter().for_each(|word: &Keyword| {
                        set.insert(word.clone());
                    });
                }
                (merged(flags | *more), set)
            }
            Self::Remove(less, words) => {
                let mut set = keywords.clone();
                if may_write {
                    words.iter().for_each(|word| set.remove(word));
                }
                (merged(flags & !*less), set)
            }
            Self::Replace(all, words) => {
                (merged(*all), if may_write { words.clone() } else { keywords.clone() })
            }
        }
    }

    /// For changes of system flags only: `(flags | or) & and`.
    fn masks(&self, rights: Rights) -> Option<(Flags, Flags)> {
        let may = changeable(rights);
        match self {
            Self::Add(more, words) if words.is_empty() => Some((*more & may, Flags::ALL)),
            Self::Remove(less, words) if words.is_empty() => Some((Flags::NONE, !(*less & may))),
            _ => None,
        }
    }
}

/// RFC 4314 section 4: `s` is for \Seen, `t` for \Deleted, `w` for the rest.
fn changeable(rights: Rights) -> Flags {
    let mut may = Flags::NONE;
    if rights.contains(Rights::SEEN) {
        may = may | Flags::SEEN;
    }
    if rights.contains(Rights::DELETE_ITEMS) {
        may = may | Flags::DELETED;
    }
    if rights.contains(Rights::WRITE) {
        may = may | Flags::ANSWERED | Flags::FLAGGED | Flags::DRAFT;
    }
    may
}

/// What a change of flags came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlagsChanged {
    /// Items whose flags were changed, or were so already, in UID order.
    pub matched: Vec<Uid>,
    /// Items that had changed since `unchanged_since` and were left alone (RFC 7162 MODIFIED).
    pub modified: Vec<Uid>,
    /// The stamp, if anything was changed.
    pub modseq: Option<ModSeq>,
}

impl<'tx> Write<'tx> {
    /// Adds an item. Its stamp, UID and the quota are of this transaction.
    ///
    /// # Errors
    /// [`Refusal::OverQuota`]; [`Refusal::AlreadyExists`] if its UID or resource name is taken.
    pub fn insert(&mut self, grant: &Grant<'tx, right::Insert>, new: &NewItem) -> Result<Added> {
        let (account, collection) = (grant.collection().account, grant.collection().id);
        let size = new.content.size_bytes;
        self.charge(account, if new.counted { size } else { 0 }, !new.counted)?;
        self.refuse_twins(account, collection, new, None)?;
        let modseq = self.stamp(account)?;
        let content = self.add_content(account, &new.content)?;
        let thread = self.thread_of(account, &new.content.parsed)?;
        let id = self.next_objects(account, 1)?;
        let uid = self.take_uids(account, collection, 1)?;
        let unseen = i64::from(!new.flags.contains(Flags::SEEN));
        self.count(account, collection, modseq, Difference { messages: 1, unseen, bytes: size })?;
        let keywords = new.keywords.to_column();
        let params = params![
            account.0,
            collection.0,
            i64::from(uid.0),
            id.0,
            content.0,
            thread,
            size,
            i64::from(new.counted),
            new.flags.bits(),
            &keywords,
            new.received_at.0,
            self.now().0,
            new.filter_at.0,
            modseq.0,
            self.principal.account_id().map(|id| id.0),
            new.created_by.as_deref(),
            new.resource_name.as_deref(),
            new.component_uid.as_deref(),
            i64::from(new.private),
        ];
        self.connection.execute(INSERT, params)?;
        Ok(Added { uid, id, uidvalidity: grant.collection().uidvalidity, modseq })
    }

    fn refuse_twins(
        &self,
        account: AccountId,
        collection: CollectionId,
        new: &NewItem,
        except: Option<Uid>,
    ) -> Result<()> {
        const BY_COMPONENT: &str = "SELECT uid FROM item WHERE account_id = ?1 AND collection_id = ?2 \
             AND component_uid = ?3 AND vanished_at = 0";
        const BY_RESOURCE: &str = "SELECT uid FROM item WHERE account_id = ?1 AND collection_id = ?2 \
             AND resource_name = ?3 AND vanished_at = 0";
        let names = [(BY_COMPONENT, &new.component_uid), (BY_RESOURCE, &new.resource_name)];
        for (sql, name) in names {
            let Some(name) = name else { continue };
            let twin = self.connection.int(sql, params![account.0, collection.0, name])?;
            if twin.is_some_and(|twin| Some(twin) != except.map(|uid| i64::from(uid.0))) {
                return Err(Refusal::AlreadyExists(Subject::Item).into());
            }
        }
        Ok(())
    }

    /// Replaces the content of an event, card or task in place; flags stay. The old bytes stay as a
    /// `version` until the retention window ends. (A mail is never changed in place: see
    /// [`Write::replace_mail`].)
    ///
    /// # Errors
    /// [`Refusal::Stale`] if `expected` is given and the content has changed since (If-Match);
    /// [`Refusal::OverQuota`]; [`Refusal::NotFound`].
    pub fn replace(
        &mut self,
        grant: &Grant<'tx, right::Replace>,
        uid: Uid,
        new: &NewItem,
        expected: Option<ModSeq>,
        quiet_for: Option<&str>,
    ) -> Result<ModSeq> {
        const VERSION: &str = "INSERT INTO version (account_id, collection_id, uid, from_modseq, until_modseq, \
             content_id, filter_at, private, replaced_at) \
             SELECT account_id, collection_id, uid, content_modseq, ?4, content_id, filter_at, private, ?5 \
             FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        const REPLACE: &str = "UPDATE item SET content_id = ?4, size_bytes = ?5, filter_at = ?6, content_modseq = ?7, \
             modseq = ?7, quiet_for = ?8, component_uid = ?9, resource_name = ?10, private = ?11 \
             WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        let (account, collection) = (grant.collection().account, grant.collection().id);
        let old = self.living_row(account, collection, uid)?;
        if expected.is_some_and(|expected| expected != old.content_modseq) {
            return Err(Refusal::Stale { current: old.content_modseq }.into());
        }
        self.refuse_twins(account, collection, new, Some(uid))?;
        let size = new.content.size_bytes;
        self.charge(account, size - old.size_bytes, false)?;
        let modseq = self.stamp(account)?;
        if old.content_modseq != modseq {
            let params = params![account.0, collection.0, i64::from(uid.0), modseq.0, self.now().0];
            self.connection.execute(VERSION, params)?;
        }
        let content = self.add_content(account, &new.content)?;
        let params = params![
            account.0,
            collection.0,
            i64::from(uid.0),
            content.0,
            size,
            new.filter_at.0,
            modseq.0,
            quiet_for,
            new.component_uid.as_deref(),
            new.resource_name.as_deref(),
            i64::from(new.private),
        ];
        self.connection.execute(REPLACE, params)?;
        let by = Difference { messages: 0, unseen: 0, bytes: size - old.size_bytes };
        self.count(account, collection, modseq, by)?;
        Ok(modseq)
    }

    /// Replaces a mail (a draft): a tombstone that points to a new row with the same identity.
    ///
    /// # Errors
    /// As [`Write::insert`]; [`Refusal::NotFound`].
    pub fn replace_mail(
        &mut self,
        remove: &Grant<'tx, right::Remove>,
        insert: &Grant<'tx, right::Insert>,
        uid: Uid,
        new: &NewItem,
    ) -> Result<Added> {
        const KEEP_ID: &str =
            "UPDATE item SET object_id = ?4 WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
        let (account, collection) = (remove.collection().account, remove.collection().id);
        let old = self.living_row(account, collection, uid)?;
        let mut added = self.insert(insert, new)?;
        let target = insert.collection().id;
        self.connection.execute(KEEP_ID, params![account.0, target.0, i64::from(added.uid.0), old.id.0])?;
        added.id = old.id;
        self.vanish(account, collection, &old, Some((target, added.uid)))?;
        Ok(added)
    }

    fn living_row(&self, account: AccountId, collection: CollectionId, uid: Uid) -> Result<Item> {
        let row =
            self.connection.row(ONE_ANYWAY, params![account.0, collection.0, i64::from(uid.0)], item_of)?;
        row.filter(|item| !item.vanished).ok_or_else(|| Refusal::NotFound(Subject::Item).into())
    }

    fn vanish(
        &mut self,
        account: AccountId,
        collection: CollectionId,
        item: &Item,
        moved_to: Option<(CollectionId, Uid)>,
    ) -> Result<()> {
        let uid = i64::from(item.uid.0);
        let counted = self.connection.int(COUNTED_OF, params![account.0, collection.0, uid])?.unwrap_or(1);
        let modseq = self.stamp(account)?;
        let params = params![
            account.0,
            collection.0,
            uid,
            self.now().0,
            modseq.0,
            moved_to.map(|(collection, _)| collection.0),
            moved_to.map(|(_, uid)| i64::from(uid.0)),
        ];
        self.connection.execute(VANISH, params)?;
        self.charge(account, -item.size_bytes * counted, true)?;
        let unseen = -i64::from(!item.flags.contains(Flags::SEEN));
        self.count(account, collection, modseq, Difference { messages: -1, unseen, bytes: -item.size_bytes })
    }

    /// Removes items for good. How many.
    ///
    /// # Errors
    /// [`crate::Fault`] only; a UID that is not there is no error.
    pub fn remove(&mut self, grant: &Grant<'tx, right::Remove>, ranges: &UidRanges) -> Result<u64> {
        let (account, collection) = (grant.collection().account, grant.collection().id);
        let mut removed = 0;
        for range in ranges {
            let params = range_params(account, collection, range);
            let sums = self
                .connection
                .row(SIZES, &params, |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?)))?;
            let Some((messages, unseen, bytes, counted)) = sums.filter(|sums| sums.0 > 0) else { continue };
            let modseq = self.stamp(account)?;
            let params = params![
                account.0,
                collection.0,
                i64::from(*range.start()),
                i64::from(*range.end()),
                self.now().0,
                modseq.0,
            ];
            removed += self.connection.execute(VANISH_RANGE, params)?;
            self.charge(account, -counted, true)?;
            let by = Difference { messages: -messages, unseen: -unseen, bytes: -bytes };
            self.count(account, collection, modseq, by)?;
        }
        Ok(removed)
    }

    /// Changes flags of living items, as far as the grant's rights go.
    ///
    /// # Errors
    /// [`crate::Fault`] only; a UID that is not there is no error.
    pub fn change_flags(
        &mut self,
        grant: &Grant<'tx, right::ChangeFlags>,
        ranges: &UidRanges,
        change: &FlagChange,
        unchanged_since: Option<ModSeq>,
        quiet_for: Option<&str>,
    ) -> Result<FlagsChanged> {
        let (account, collection) = (grant.collection().account, grant.collection().id);
        let rights = grant.rights();
        let mut outcome = FlagsChanged::default();
        let mut unseen = 0;
        for range in ranges {
            let params = range_params(account, collection, range);
            let rows = self.connection.rows(FLAGS, &params, |row| {
                Ok((
                    uid_of(row.int(0)?)?,
                    Flags::from_bits(row.int(1)?),
                    keywords_of(row.text(2)?),
                    ModSeq(row.int(3)?),
                ))
            })?;
            let mut changed = Vec::new();
            let mut all_pass = true;
            for (uid, flags, keywords, modseq) in rows {
                if unchanged_since.is_some_and(|limit| modseq > limit) {
                    outcome.modified.push(uid);
                    all_pass = false;
                    continue;
                }
                outcome.matched.push(uid);
                let (new_flags, new_keywords) = change.apply(flags, &keywords, rights);
                if new_flags != flags || new_keywords != keywords {
                    unseen +=
                        i64::from(!new_flags.contains(Flags::SEEN)) - i64::from(!flags.contains(Flags::SEEN));
                    changed.push((uid, new_flags, new_keywords));
                }
            }
            if changed.is_empty() {
                continue;
            }
            let modseq = self.stamp(account)?;
            outcome.modseq = Some(modseq);
            match change.masks(rights).filter(|_| all_pass && changed.len() > 1) {
                // One statement for many rows: a STORE on 50,000 mails.
                Some((or, and)) => {
                    let (first, last) = (i64::from(*range.start()), i64::from(*range.end()));
                    let params = params![
                        account.0,
                        collection.0,
                        first,
                        last,
                        or.bits(),
                        and.bits(),
                        modseq.0,
                        quiet_for
                    ];
                    self.connection.execute(SET_FLAGS_RANGE, params)?;
                }
                None => {
                    for (uid, flags, keywords) in &changed {
                        let column = keywords.to_column();
                        let params = params![
                            account.0,
                            collection.0,
                            i64::from(uid.0),
                            flags.bits(),
                            &column,
                            modseq.0,
                            quiet_for,
                        ];
                        self.connection.execute(SET_FLAGS, params)?;
                    }
                }
            }
        }
        if let Some(modseq) = outcome.modseq {
            self.count(account, collection, modseq, Difference { messages: 0, unseen, bytes: 0 })?;
        }
        Ok(outcome)
    }

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

    /// The conversation of a message: that of the first message it refers to which is known here,
    /// or a new one. Fixed for ever; never merged later.
    fn thread_of(&mut self, account: AccountId, parsed: &Parsed) -> Result<i64> {
        const FIND: &str = "SELECT thread_id FROM thread WHERE account_id = ?1 AND id_hash = ?2";
        const KEEP: &str = "INSERT INTO thread (account_id, id_hash, thread_id) VALUES (?1, ?2, ?3) \
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
            known = self.connection.int(FIND, params![account.0, *id])?;
            if known.is_some() {
                break;
            }
        }
        let thread = match known {
            Some(thread) => thread,
            None => self.next_thread(account)?,
        };
        for id in &ids {
            self.connection.execute(KEEP, params![account.0, *id, thread])?;
        }
        Ok(thread)
    }
}

fn id_hash(key: &[u8; 32], account: AccountId, id: &str) -> i64 {
    let hash = crate::content::keyed_hash(key, account, id.as_bytes());
    let mut eight = [0_u8; 8];
    eight.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(eight)
}
