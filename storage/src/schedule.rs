//! What meetings ask of the store: an object by its UID wherever its owner keeps it, the scheduling messages
//! that came in, and which calendars somebody may see the busy times of.

use crate::access::{Admin, Grant, right};
use crate::backend::params;
use crate::error::{Refusal, Result};
use crate::item::{Added, Item, NewItem, ONE_ANYWAY, item_of, uid_of};
use crate::transaction::{Read, Write};
use vocabulary::{AccountId, CollectionId, CollectionKind, Rights, Role};

/// The name of every schedule inbox in its home.
pub const SCHEDULE_INBOX: &str = "inbox";
/// Most messages in a schedule inbox: the oldest makes room for the next.
pub const SCHEDULE_MESSAGES_MAX: i64 = 1_000;
/// A client takes messages out when it has shown them; what none took goes after this time.
const MESSAGE_AGE_MS: i64 = 30 * 86_400_000;
/// Most places of one UID that are looked at. Clients that copy objects make a few.
const PLACES_MAX: i64 = 16;

/// What becomes of an item's schedule tag when it is written: RFC 6638 section 3.2.10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleTag {
    /// It is no scheduling object resource.
    None,
    /// It is one, and clients that had it before have to look again.
    New,
    /// Only what others have answered is new: that of the item that it replaces stays.
    Kept,
}

/// An event or task in one of its owner's calendars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedObject {
    /// The calendar.
    pub collection: CollectionId,
    /// The item.
    pub item: Item,
}

const PLACES: &str = "SELECT i.collection_id, i.uid FROM collection c JOIN item i ON i.account_id = c.account_id \
     AND i.collection_id = c.collection_id AND i.component_uid = ?2 AND i.vanished_at = 0 \
     WHERE c.account_id = ?1 AND c.kind IN ('calendar', 'tasks', 'notes') AND c.vanished_at = 0 \
     ORDER BY c.collection_id LIMIT ?3";
const EXPIRED: &str = "SELECT MAX(i.uid) FROM collection c JOIN item i ON i.account_id = c.account_id \
     AND i.collection_id = c.collection_id AND i.vanished_at = 0 AND i.saved_at < ?2 \
     WHERE c.account_id = ?1 AND c.kind = 'schedule' AND c.vanished_at = 0";
const OLDEST: &str = "SELECT uid FROM item WHERE account_id = ?1 AND collection_id = ?2 AND vanished_at = 0 \
     ORDER BY uid LIMIT 1";

impl<'tx> Read<'tx> {
    /// The events and tasks of a UID in all calendars of an account, in the order in which the calendars were made.
    /// Clients keep one; where several are kept, the first sixteen are given.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house.
    pub fn objects_of_uid(&self, account: AccountId, uid: &str) -> Result<Vec<PlacedObject>> {
        self.require_owner(account)?;
        self.places(account, uid)
    }

    /// Another scheduling object of this UID in another calendar of the same account. Whoever may write in one
    /// calendar learns that the UID is taken, and no more.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn scheduled_elsewhere<R>(&self, grant: &Grant<'tx, R>, uid: &str) -> Result<Option<PlacedObject>> {
        let collection = grant.collection();
        let objects = self.places(collection.account, uid)?;
        let is_other =
            |one: &PlacedObject| one.collection != collection.id && one.item.schedule_modseq.is_some();
        Ok(objects.into_iter().find(is_other))
    }

    fn places(&self, account: AccountId, uid: &str) -> Result<Vec<PlacedObject>> {
        let places = self.connection.rows(PLACES, params![account.0, uid, PLACES_MAX], |row| {
            Ok((CollectionId(row.int(0)?), uid_of(row.int(1)?)?))
        })?;
        let mut objects = Vec::with_capacity(places.len());
        for (collection, uid) in places {
            let params = params![account.0, collection.0, i64::from(uid.0)];
            let item = self.connection.row(ONE_ANYWAY, params, item_of)?;
            objects.extend(item.map(|item| PlacedObject { collection, item }));
        }
        Ok(objects)
    }

    /// The calendars of an account of whose events the principal may know when they are, if not what they are.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn busy_calendars(&self, account: AccountId) -> Result<Vec<CollectionId>> {
        const CALENDARS: &str = "SELECT collection_id FROM collection \
             WHERE account_id = ?1 AND kind = ?2 AND vanished_at = 0 ORDER BY collection_id";
        let params = params![account.0, CollectionKind::Calendar.as_str()];
        let mut calendars = Vec::new();
        for id in self.connection.rows(CALENDARS, params, |row| Ok(CollectionId(row.int(0)?)))? {
            if self.view_of(account, id)?.rights.contains(Rights::FREE_BUSY) {
                calendars.push(id);
            }
        }
        Ok(calendars)
    }
}

impl<'tx> Write<'tx> {
    /// Puts a scheduling message into the schedule inbox of an account. It counts towards no quota: a full mailbox
    /// still hears that a meeting does not take place.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for what claims the only place of its UID; as [`Write::insert`].
    pub fn file_schedule_message(
        &mut self,
        _admin: &Admin<'tx>,
        account: AccountId,
        message: &NewItem,
    ) -> Result<Added> {
        if message.component_uid.is_some() || message.counted {
            return Err(Refusal::Invalid("a scheduling message is no calendar object").into());
        }
        let inbox = self.open_role::<right::Insert>(account, Role::ScheduleInbox)?;
        if inbox.collection().messages >= SCHEDULE_MESSAGES_MAX
            && let Some(oldest) = self.connection.int(OLDEST, params![account.0, inbox.collection().id.0])?
        {
            let remove = self.open_role::<right::Remove>(account, Role::ScheduleInbox)?;
            let oldest = uid_of(oldest)?.0;
            self.remove(&remove, &[oldest..=oldest])?;
        }
        self.insert(&inbox, message)
    }

    /// Removes the messages that no client took out in time; how many.
    pub(crate) fn expire_schedule_messages(&mut self, account: AccountId) -> Result<u64> {
        let before = self.now().0 - MESSAGE_AGE_MS;
        let last = self.connection.row(EXPIRED, params![account.0, before], |row| row.opt_int(0))?;
        let Some(last) = last.flatten() else { return Ok(0) };
        let inbox = self.open_role::<right::Remove>(account, Role::ScheduleInbox)?;
        // UIDs rise with time, so what stands before it is older still.
        self.remove(&inbox, &[1..=uid_of(last)?.0])
    }
}
