//! The calendars of one account: where a meeting is, where a new one goes, and what changes there.

use bytes::Bytes;
use std::ops::Range;
use storage::{Item, NewItem, PlacedObject, Read, Refusal, ScheduleTag, Scope, Store, Subject, Write, right};
use vocabulary::{AccountId, CollectionId, CollectionKind, Component, ItemId, ModSeq, Role, Timestamp};

use super::people::HOUSE;
use crate::ingest_object::{ObjectError, ingest_calendar_object};

/// The account's setting that names the calendar for invitations, by its number.
pub const DEFAULT_CALENDAR: &str = "default_calendar";
/// Under this name it is kept of a collection that it is [`TRANSPARENT`].
pub const CALENDAR_TRANSPARENCY: &str = "calendar-transparency";
/// Under this name it is kept of a calendar or schedule inbox when its owner can be asked to come: an iCalendar object
/// with VAVAILABILITY components, RFC 7953 section 7.2.4.
pub const CALENDAR_AVAILABILITY: &str = "calendar-availability";
/// The events of such a calendar make nobody busy: RFC 6638 section 9.1.
pub const TRANSPARENT: &str = "transparent";

/// The calendar into which new invitations go: the one that the owner chose, if it still is one, else the account's
/// first. Tasks have theirs.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the owner and the house.
pub fn default_calendar(
    tx: &Read<'_>,
    account: AccountId,
    component: Component,
) -> storage::Result<CollectionId> {
    let first = |role| Ok(tx.open_role::<right::Insert>(account, role)?.collection().id);
    if component == Component::Todo {
        return first(Role::Tasks);
    }
    if component == Component::Journal {
        return first(Role::Notes);
    }
    let chosen = tx.setting(Scope::Account(account), DEFAULT_CALENDAR)?;
    if let Some(id) = chosen.and_then(|text| text.parse().ok()).map(CollectionId) {
        match tx.open::<right::Insert>(account, id) {
            Ok(grant) if grant.collection().kind == CollectionKind::Calendar => return Ok(id),
            Ok(_) | Err(storage::Error::Refusal(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    first(Role::Calendar)
}

/// The owner's copy of a meeting.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) collection: CollectionId,
    pub(super) item: Item,
    pub(super) bytes: Bytes,
}

/// The copy that an account has of a meeting. Of several objects with its UID the one that is a meeting already is
/// meant.
pub(super) async fn stored(store: &Store, account: AccountId, uid: &str) -> storage::Result<Option<Stored>> {
    let uid = uid.to_owned();
    let find = move |tx: &Read<'_>| {
        let mut objects = tx.objects_of_uid(account, &uid)?;
        let meeting = objects.iter().position(|one| one.item.schedule_modseq.is_some()).unwrap_or(0);
        if meeting >= objects.len() {
            return Ok(None);
        }
        let PlacedObject { collection, item } = objects.swap_remove(meeting);
        let grant = tx.open::<right::ReadItems>(account, collection)?;
        let content = tx.contents(&grant, &[item.uid.0..=item.uid.0], false)?.pop();
        let (_, content) = content.ok_or(Refusal::NotFound(Subject::Content))?;
        Ok(Some((collection, item, content)))
    };
    let Some((collection, item, content)) = store.read(&HOUSE, find).await? else { return Ok(None) };
    Ok(Some(Stored { collection, item, bytes: store.load(content).await? }))
}

/// A change of one calendar, made ready before the transaction.
#[derive(Debug, Clone)]
pub(super) struct Change {
    account: AccountId,
    /// What it was made of; `None`: there was nothing with this UID.
    old: Option<(CollectionId, Item)>,
    /// What it becomes.
    pub(super) bytes: Bytes,
    new: NewItem,
}

impl Change {
    /// `Ok(None)`: the bytes are no object that can be stored.
    pub(super) async fn prepare(
        store: &Store,
        account: AccountId,
        old: Option<&Stored>,
        bytes: Vec<u8>,
        schedule_tag: ScheduleTag,
        now: Timestamp,
    ) -> storage::Result<Option<Self>> {
        let bytes = Bytes::from(bytes);
        let new = match ingest_calendar_object(store, account, bytes.clone(), now).await {
            Ok(new) => NewItem { schedule_tag, ..new },
            Err(ObjectError::Store(error)) => return Err(error),
            Err(error @ (ObjectError::Calendar(_) | ObjectError::Card(_))) => {
                tracing::info!(account = account.0, %error, "a meeting cannot be stored");
                return Ok(None);
            }
        };
        let old = old.map(|old| (old.collection, old.item.clone()));
        Ok(Some(Self { account, old, bytes, new }))
    }

    /// When what is changed is, with a day of room for times that float.
    pub(super) fn extent(&self) -> Range<Timestamp> {
        const DAY_MS: i64 = 86_400_000;
        let NewItem { starts_at, filter_at, .. } = self.new;
        Timestamp(starts_at.0.saturating_sub(DAY_MS))..Timestamp(filter_at.0.saturating_add(DAY_MS))
    }

    /// Makes the change, as whoever acts in this transaction.
    ///
    /// # Errors
    /// [`Refusal::Stale`] if the calendar is not as it was read: it is to be prepared again.
    pub(super) fn make(&self, tx: &mut Write<'_>) -> storage::Result<(CollectionId, ItemId)> {
        let account = self.account;
        match &self.old {
            Some((collection, old)) => {
                self.find_unchanged(tx, *collection, old)?;
                let replace = tx.open::<right::Replace>(account, *collection)?;
                tx.replace(&replace, old.uid, &self.new, None, None)?;
                Ok((*collection, old.id))
            }
            None => {
                let uid = self.new.component_uid.as_deref().unwrap_or_default();
                if let Some(other) = tx.objects_of_uid(account, uid)?.pop() {
                    return Err(stale(Some(other.item.content_modseq)));
                }
                let component = self.new.component.unwrap_or(Component::Event);
                let calendar = default_calendar(tx, account, component)?;
                let insert = tx.open::<right::Insert>(account, calendar)?;
                Ok((calendar, tx.insert(&insert, &self.new)?.id))
            }
        }
    }

    /// Removes what would be changed.
    ///
    /// # Errors
    /// As [`Change::make`].
    pub(super) fn remove(&self, tx: &mut Write<'_>) -> storage::Result<Option<(CollectionId, ItemId)>> {
        if let Some((collection, old)) = &self.old {
            self.find_unchanged(tx, *collection, old)?;
            let remove = tx.open::<right::Remove>(self.account, *collection)?;
            tx.remove(&remove, &[old.uid.0..=old.uid.0])?;
        }
        Ok(None)
    }

    fn find_unchanged(&self, tx: &Write<'_>, collection: CollectionId, old: &Item) -> storage::Result<()> {
        let read = tx.open::<right::ReadItems>(self.account, collection)?;
        let now = tx.items(&read, &[old.uid.0..=old.uid.0])?.pop();
        match now {
            Some(now) if now.content == old.content => Ok(()),
            now => Err(stale(now.map(|now| now.content_modseq))),
        }
    }
}

pub(super) fn stale(current: Option<ModSeq>) -> storage::Error {
    Refusal::Stale { current: current.unwrap_or(ModSeq::ZERO) }.into()
}
