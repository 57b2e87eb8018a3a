//! Items: a content's place in a collection.
//!
//! A row is (collection, UID) and never moves: a move is a tombstone with `moved_to` and a new row
//! with the same object id, so a UID names the same bytes for ever.

use crate::access::{Grant, right};
use crate::attachment::Attachments;
use crate::backend::{Param, Row, params};
use crate::collection::Difference;
use crate::content::{Parsed, Prepared, Stored};
use crate::error::{Refusal, Result, Subject, row_fault};
use crate::marks::{MarkStamps, Marks};
use crate::schedule::ScheduleTag;
use crate::transaction::{Read, Write};
use std::collections::HashSet;
use std::ops::RangeInclusive;
use vocabulary::{
    AccountId, CollectionId, CollectionKind, Component, ContentId, Flags, Home, ItemId, Keywords, ModSeq,
    Rights, Timestamp, Uid, UidValidity,
};

/// Longest DAV resource name.
pub const RESOURCE_NAME_BYTES_MAX: usize = 255;
/// Longest UID of an event, card or task: an index of PostgreSQL holds it.
pub const COMPONENT_UID_BYTES_MAX: usize = 1_000;

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
    /// Who added it.
    pub author: Option<AccountId>,
    /// DAV resource name of an event, card or task.
    pub resource_name: Option<String>,
    /// The UID inside the content.
    pub component_uid: Option<String>,
    /// What kind of object it is; none for mail.
    pub component: Option<Component>,
    /// When its first occurrence starts; `filter_at` is when the last one ends.
    pub starts_at: Timestamp,
    /// Marked private by its owner.
    pub private: bool,
    /// Of an event or task that its owner is the organiser or an attendee of: when its schedule tag last changed.
    pub schedule_modseq: Option<ModSeq>,
    /// What its bytes are said to be; empty for what the house reads itself.
    pub media_type: String,
    /// What phones say of a mail beside its flags.
    pub marks: Marks,
    /// When which of the marks last changed.
    pub mark_stamps: MarkStamps,
    /// When the first mail of its conversation came that this account ever had.
    pub thread_began_at: Timestamp,
}

macro_rules! item_columns {
    () => {
        "uid, object_id, content_id, thread_id, size_bytes, flags, keywords, received_at, saved_at, filter_at, \
         created_modseq, content_modseq, modseq, vanished_at, moved_collection, moved_uid, created_by, quiet_for, \
         author_id, resource_name, component_uid, component, starts_at, private, media_type, schedule_modseq, \
         follow_up, verb, verb_at, seen_modseq, flag_modseq, label_modseq, other_modseq, thread_began_at"
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
        author: row.opt_int(18)?.map(AccountId),
        resource_name: row.opt_text(19)?.map(str::to_owned),
        component_uid: row.opt_text(20)?.map(str::to_owned),
        component: component_of(row.text(21)?)?,
        starts_at: Timestamp(row.int(22)?),
        private: row.int(23)? != 0,
        media_type: row.text(24)?.to_owned(),
        schedule_modseq: Some(ModSeq(row.int(25)?)).filter(|stamp| *stamp > ModSeq::ZERO),
        marks: Marks::read(row, 26)?,
        mark_stamps: MarkStamps::read(row, 29)?,
        thread_began_at: Timestamp(row.int(33)?),
    })
}

pub(crate) fn component_of(column: &str) -> Result<Option<Component>> {
    if column.is_empty() { Ok(None) } else { column.parse().map(Some).map_err(row_fault) }
}

pub(crate) fn keywords_of(column: &str) -> Keywords {
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
    /// What kind of object it is; none for mail.
    pub component: Option<Component>,
    /// When its first occurrence starts; `filter_at` is when the last one ends.
    pub starts_at: Timestamp,
    /// DAV resource name of an event, card or task; the store makes one if there is none.
    pub resource_name: Option<String>,
    /// The UID inside the content, for events, cards and tasks.
    pub component_uid: Option<String>,
    /// Marked private by its owner.
    pub private: bool,
    /// What the bytes are said to be; empty for what the house reads itself.
    pub media_type: String,
    /// The managed attachments of an event, task or note.
    pub attachments: Attachments,
    /// What becomes of its schedule tag.
    pub schedule_tag: ScheduleTag,
    /// What phones say of a mail beside its flags.
    pub marks: Marks,
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
            component: None,
            starts_at: received_at,
            resource_name: None,
            component_uid: None,
            private: false,
            media_type: String::new(),
            attachments: Attachments::default(),
            schedule_tag: ScheduleTag::None,
            marks: Marks::default(),
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

/// What no two living items of a folder share.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unique<'a> {
    ComponentUid(Option<&'a str>),
    ResourceName(Option<&'a str>),
}

const RANGE: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0 \
     AND private <= ?5 ORDER BY uid"
);
pub(crate) const ONE_ANYWAY: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3"
);
const BY_OBJECT: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND object_id = ?3 AND collection_id = ?2 AND private <= ?4 \
     ORDER BY uid DESC LIMIT 1"
);
pub(crate) const BY_RESOURCE: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND resource_name = ?3 AND vanished_at = 0 \
     AND private <= ?4"
);
const BY_COMPONENT: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND component_uid = ?3 AND vanished_at = 0 \
     AND private <= ?4"
);
const OF_OTHERS: &str = "SELECT uid FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 \
     AND vanished_at = 0 AND (author_id IS NULL OR author_id <> ?5) LIMIT 1";
const UNSEEN_PRIVATE: &str = "SELECT uid FROM item WHERE account_id = ?1 AND collection_id = ?2 \
     AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0 AND private > ?5 LIMIT 1";
const WHERE_OBJECT: &str = "SELECT collection_id, uid, private FROM item \
     WHERE account_id = ?1 AND object_id = ?2 AND vanished_at = 0 ORDER BY collection_id DESC LIMIT 1";
pub(crate) const FLAGS: &str = "SELECT uid, flags, keywords, modseq, author_id FROM item \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0 \
     AND private <= ?5 ORDER BY uid";
const NEWEST: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND vanished_at = 0 \
     AND (filter_at, uid) < (?3, ?4) AND filter_at >= ?5 AND private <= ?7 ORDER BY filter_at DESC, uid DESC LIMIT ?6"
);
const COUNT_SINCE: &str = "SELECT COUNT(*) FROM item \
     WHERE account_id = ?1 AND collection_id = ?2 AND vanished_at = 0 AND filter_at >= ?3 AND private <= ?4";
const INSERT: &str = "INSERT INTO item (account_id, collection_id, uid, object_id, content_id, thread_id, size_bytes, \
     counted, flags, keywords, received_at, saved_at, filter_at, created_modseq, content_modseq, modseq, \
     vanished_at, author_id, created_by, resource_name, component_uid, private, component, starts_at, media_type, \
     schedule_modseq, follow_up, verb, verb_at, thread_began_at, seen_modseq, flag_modseq, label_modseq, other_modseq) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14, ?14, 0, ?15, ?16, ?17, ?18, ?19, ?20, \
     ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?14, ?14, ?14, ?14)";
pub(crate) const VANISH: &str = "UPDATE item SET vanished_at = ?4, modseq = ?5, moved_collection = ?6, moved_uid = ?7, \
     quiet_for = NULL WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
const VANISH_RANGE: &str = "UPDATE item SET vanished_at = ?5, modseq = ?6, quiet_for = NULL \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0";
const SIZES: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(1 - (flags & 1)), 0) AS BIGINT), \
     CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT), CAST(COALESCE(SUM(size_bytes * counted), 0) AS BIGINT) FROM item \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0";
const COMPONENT_TAKEN: &str = "SELECT uid FROM item WHERE account_id = ?1 AND collection_id = ?2 \
     AND component_uid = ?3 AND vanished_at = 0";
pub(crate) const RESOURCE_TAKEN: &str = "SELECT uid FROM item WHERE account_id = ?1 AND collection_id = ?2 \
     AND resource_name = ?3 AND vanished_at = 0";
pub(crate) const COUNTED_OF: &str =
    "SELECT counted FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";

impl<'tx> Read<'tx> {
    /// Refuses what the principal may not change: items of others for who may change only its own, and
    /// private items, which are not there for who may not see them.
    ///
    /// # Errors
    /// [`Refusal::Denied`] and [`Refusal::NotFound`] in these cases.
    pub fn refuse_foreign<R: right::Right>(
        &self,
        grant: &Grant<'tx, R>,
        range: &RangeInclusive<u32>,
    ) -> Result<()> {
        let [account, folder, first, last] =
            range_params(grant.collection().account, grant.collection().id, range);
        if grant.private_max() == 0 {
            let params = [account, folder, first, last, Param::Int(grant.private_max())];
            if self.connection.int(UNSEEN_PRIVATE, &params)?.is_some() {
                return Err(Refusal::NotFound(Subject::Item).into());
            }
        }
        if let Some(author) = self.only_of(grant) {
            let params = [account, folder, first, last, Param::Int(author)];
            if self.connection.int(OF_OTHERS, &params)?.is_some() {
                return Err(Refusal::Denied { need: R::NEEDED }.into());
            }
        }
        Ok(())
    }

    /// Living items of UID ranges, in UID order.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn items(&self, grant: &Grant<'tx, right::ReadItems>, ranges: &UidRanges) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        for range in ranges {
            let params = masked_range_params(grant, range);
            self.connection.for_each(RANGE, &params, |row| {
                items.push(item_of(row)?);
                Ok(())
            })?;
        }
        Ok(items)
    }

    /// The living item with a DAV resource name.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn item_by_resource(&self, grant: &Grant<'tx, right::ReadItems>, name: &str) -> Result<Option<Item>> {
        let collection = grant.collection();
        let params = params![collection.account.0, collection.id.0, name, grant.private_max()];
        self.connection.row(BY_RESOURCE, params, item_of)
    }

    /// The living item whose content has a UID.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn item_by_component_uid(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        uid: &str,
    ) -> Result<Option<Item>> {
        let collection = grant.collection();
        let params = params![collection.account.0, collection.id.0, uid, grant.private_max()];
        self.connection.row(BY_COMPONENT, params, item_of)
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
        let params = masked_range_params(grant, range);
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
        let params = params![collection.account.0, collection.id.0, id.0, grant.private_max()];
        self.connection.row(BY_OBJECT, params, item_of)
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
            grant.private_max(),
        ];
        self.connection.rows(NEWEST, params, item_of)
    }

    /// How many living items a filter by time shows.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn count_since(&self, grant: &Grant<'tx, right::ReadItems>, since: Timestamp) -> Result<i64> {
        let collection = grant.collection();
        let params = params![collection.account.0, collection.id.0, since.0, grant.private_max()];
        Ok(self.connection.int(COUNT_SINCE, params)?.unwrap_or(0))
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
        let mut found = Vec::new();
        for range in ranges {
            let (first, last) = (*range.start(), *range.end());
            self.parsed_rows(grant, first, last, |uid, parsed| {
                found.push((Uid(uid), parsed));
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// Passes the summary of each living item of the collection to `each`, in UID order, without any other column: for
    /// searches that look at all of them, or at all of a kind of object.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn summaries(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        component: Option<Component>,
        mut each: impl FnMut(Uid, &[u8]),
    ) -> Result<()> {
        self.summary_rows(grant, component, |uid, summary| {
            each(Uid(uid), summary);
            Ok(())
        })
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
        let mut found = Vec::new();
        for range in ranges {
            let (first, last) = (*range.start(), *range.end());
            self.stored_rows(grant, first, last, vanished_too, |uid, stored| {
                found.push((Uid(uid), stored));
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// Where the living item with an identity is, if the principal may see that collection.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn locate(&self, account: AccountId, id: ItemId) -> Result<Option<(CollectionId, Uid)>> {
        let found = self.connection.row(WHERE_OBJECT, params![account.0, id.0], |row| {
            Ok((CollectionId(row.int(0)?), uid_of(row.int(1)?)?, row.int(2)? != 0))
        })?;
        let Some((collection, uid, private)) = found else { return Ok(None) };
        let needed = match private {
            true => Rights::LOOKUP | Rights::READ | Rights::SEE_PRIVATE,
            false => Rights::LOOKUP | Rights::READ,
        };
        let visible = self.view_of(account, collection)?.rights.contains(needed);
        Ok(visible.then_some((collection, uid)))
    }
}

/// Those of a range that the principal may see.
pub(crate) fn masked_range_params<R>(
    grant: &Grant<'_, R>,
    range: &RangeInclusive<u32>,
) -> [Param<'static>; 5] {
    let [account, folder, first, last] =
        range_params(grant.collection().account, grant.collection().id, range);
    [account, folder, first, last, Param::Int(grant.private_max())]
}

pub(crate) fn range_params(
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

impl<'tx> Write<'tx> {
    /// Adds an item. Its stamp, UID and the quota are of this transaction. An event, card or task
    /// without a resource name gets one.
    ///
    /// # Errors
    /// [`Refusal::OverQuota`]; [`Refusal::AlreadyExists`] if its UID or resource name is taken;
    /// [`Refusal::Invalid`] if one of the two cannot be kept.
    pub fn insert(&mut self, grant: &Grant<'tx, right::Insert>, new: &NewItem) -> Result<Added> {
        let (account, collection) = (grant.collection().account, grant.collection().id);
        let size = new.content.size_bytes;
        // Everything is asked before anything is written: a caller may go on after a refusal.
        self.refuse_unusable(account, &new.content)?;
        self.refuse_twins(account, collection, new, None)?;
        if let (Some(Component::File), Some(name)) = (new.component, &new.resource_name) {
            self.refuse_collection_called(account, collection, name)?;
        }
        let attached = self.attachment_bytes(account, &new.attachments)?;
        let counted = if new.counted { size } else { 0 };
        self.charge(account, counted + attached, !new.counted)?;
        let modseq = self.stamp(account)?;
        let content = self.add_content(account, &new.content)?;
        let (thread, began) = self.thread_of(account, &new.content.parsed, new.received_at)?;
        let id = self.next_objects(account, 1)?;
        let uid = self.take_uids(account, collection, 1)?;
        let unseen = i64::from(!new.flags.contains(Flags::SEEN));
        self.count(account, collection, modseq, Difference { messages: 1, unseen, bytes: size })?;
        let keywords = new.keywords.to_column();
        let resource_name = match (&new.resource_name, new.component) {
            (None, Some(component)) => {
                Some(self.free_resource_name(account, collection, component, id, &HashSet::new())?)
            }
            (name, _) => name.clone(),
        };
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
            resource_name.as_deref(),
            new.component_uid.as_deref(),
            i64::from(new.private),
            new.component.map_or("", Component::as_str),
            new.starts_at.0,
            &new.media_type,
            if new.schedule_tag == ScheduleTag::None { 0 } else { modseq.0 },
            new.marks.follow_up.as_str(),
            new.marks.verb_code(),
            new.marks.verb_at(),
            began.0,
        ];
        self.connection.execute(INSERT, params)?;
        self.attach(account, collection, uid, &new.attachments)?;
        Ok(Added { uid, id, uidvalidity: grant.collection().uidvalidity, modseq })
    }

    /// The name by which DAV shows an item that came by another door.
    pub(crate) fn free_resource_name(
        &self,
        account: AccountId,
        collection: CollectionId,
        component: Component,
        id: ItemId,
        used: &HashSet<String>,
    ) -> Result<String> {
        let ending = match component {
            Component::Event | Component::Todo | Component::Journal => ".ics",
            Component::Card => ".vcf",
            Component::File => "",
        };
        let mut name = format!("{id}{ending}");
        let mut tail = 0;
        // A client may have chosen a name of this form before.
        while used.contains(&name)
            || self.connection.int(RESOURCE_TAKEN, params![account.0, collection.0, &name])?.is_some()
        {
            tail += 1;
            name = format!("{id}-{tail}{ending}");
        }
        Ok(name)
    }

    pub(crate) fn refuse_twins(
        &self,
        account: AccountId,
        collection: CollectionId,
        new: &NewItem,
        except: Option<Uid>,
    ) -> Result<()> {
        let uid = Unique::ComponentUid(new.component_uid.as_deref());
        self.refuse_twin_of(account, collection, uid, except)?;
        let name = Unique::ResourceName(new.resource_name.as_deref());
        self.refuse_twin_of(account, collection, name, except)
    }

    /// Refuses what is unique among the living items of a folder and taken there, or cannot be kept.
    pub(crate) fn refuse_twin_of(
        &self,
        account: AccountId,
        collection: CollectionId,
        unique: Unique<'_>,
        except: Option<Uid>,
    ) -> Result<()> {
        let (sql, name, bytes_max, problem) = match unique {
            Unique::ComponentUid(uid) => {
                (COMPONENT_TAKEN, uid, COMPONENT_UID_BYTES_MAX, "the UID cannot be kept")
            }
            Unique::ResourceName(name) => {
                (RESOURCE_TAKEN, name, RESOURCE_NAME_BYTES_MAX, "the resource name cannot be kept")
            }
        };
        let Some(name) = name else { return Ok(()) };
        if name.is_empty() || name.len() > bytes_max || name.chars().any(char::is_control) {
            return Err(Refusal::Invalid(problem).into());
        }
        let twin = self.connection.int(sql, params![account.0, collection.0, name])?;
        if twin.is_some_and(|twin| Some(twin) != except.map(|uid| i64::from(uid.0))) {
            return Err(Refusal::AlreadyExists(Subject::Item).into());
        }
        Ok(())
    }

    pub(crate) fn living_row(&self, account: AccountId, collection: CollectionId, uid: Uid) -> Result<Item> {
        let row =
            self.connection.row(ONE_ANYWAY, params![account.0, collection.0, i64::from(uid.0)], item_of)?;
        row.filter(|item| !item.vanished).ok_or_else(|| Refusal::NotFound(Subject::Item).into())
    }

    pub(crate) fn vanish(
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
    /// [`Refusal::Denied`] for items of others if the principal may remove only its own; a UID that is
    /// not there is no error.
    pub fn remove(&mut self, grant: &Grant<'tx, right::Remove>, ranges: &UidRanges) -> Result<u64> {
        let (account, collection) = (grant.collection().account, grant.collection().id);
        let mut removed = 0;
        for range in ranges {
            self.refuse_foreign(grant, range)?;
            let params = range_params(account, collection, range);
            let sums = self
                .connection
                .row(SIZES, &params, |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?)))?;
            let Some((messages, unseen, bytes, counted)) = sums.filter(|sums| sums.0 > 0) else { continue };
            let modseq = self.stamp(account)?;
            if grant.collection().kind == CollectionKind::Files {
                self.unmap_items(account, collection, range)?;
            }
            if grant.collection().kind.home() == Home::Calendars {
                self.unattach(account);
            }
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
}
