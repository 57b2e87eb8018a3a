//! What differs between calendars and address books.

mod addressbook;
mod calendar;
mod schedule_inbox;

pub(crate) use self::calendar::on_the_wire;

use bytes::Bytes;
use dav_wire::property::{MediaType, ReportName, ResourceType};
use dav_wire::{Precondition, Property, Value};
use storage::{NewItem, Store};
use vocabulary::{AccountId, Component, Home, Timestamp};
use workflow::ObjectError;

use crate::call::Failure;
use crate::folder::Folder;

/// Largest object that a PUT may bring, in bytes: a card with a photo of a few megapixels.
pub(crate) const OBJECT_BYTES_MAX: usize = {
    const WANTED: usize = 10 << 20;
    if WANTED < storage::CONTENT_BYTES_MAX { WANTED } else { storage::CONTENT_BYTES_MAX }
};

/// A row for each kind of home.
pub(crate) struct Kind {
    pub(crate) resource_type: ResourceType,
    /// What clients call the media type of its items, without parameters.
    pub(crate) media_types: &'static [&'static str],
    /// The forms in which its items are given.
    pub(crate) media: &'static [MediaType],
    /// Turns an item in JSON, in which it may come too, into what is stored.
    pub(crate) from_json: fn(&[u8]) -> Result<Vec<u8>, Precondition>,
    /// The property that gives an item in a report.
    pub(crate) data: Property,
    /// The reports of its collections beside those of all.
    pub(crate) reports: &'static [ReportName],
    pub(crate) too_large: Precondition,
    pub(crate) unsupported_media: Precondition,
    pub(crate) location_not_ok: Precondition,
    pub(crate) uid_conflict: fn(String) -> Precondition,
    /// Values of properties that only collections of this kind have.
    pub(crate) value: fn(&Folder, Property) -> Option<Value>,
}

impl Kind {
    /// `None` for plain files, whose refusals have no names of their own, and for mailboxes, which are nowhere here.
    pub(crate) fn of(home: Home) -> Option<&'static Self> {
        match home {
            Home::Calendars => Some(&calendar::CALENDAR),
            Home::AddressBooks => Some(&addressbook::ADDRESS_BOOK),
            Home::Scheduling => Some(&schedule_inbox::SCHEDULE_INBOX),
            Home::Files | Home::Mailboxes => None,
        }
    }

    /// Whether clients call its items in JSON by this media type, which has no parameters.
    pub(crate) fn is_json(&self, media_type: &str) -> bool {
        self.media.iter().any(|media| media.is_json() && media.content_type == media_type)
    }

    /// The kind of a calendar or address book that a path led to.
    pub(crate) fn of_folder(home: Home) -> &'static Self {
        Self::of(home).unwrap_or(&calendar::CALENDAR)
    }
}

/// Makes the bytes of an object ready to be stored as they are.
///
/// # Errors
/// With the name of the precondition that they do not meet.
pub(crate) async fn ingest(
    home: Home,
    store: &Store,
    account: AccountId,
    bytes: Bytes,
    now: Timestamp,
) -> Result<NewItem, Failure> {
    let new = match home {
        Home::AddressBooks => {
            addressbook::check_version(&bytes)?;
            workflow::ingest_card(store, account, bytes, now).await
        }
        // RFC 7529 section 10. Other doors keep such an object, of which only DTSTART is known; a calendar app can be
        // told.
        Home::Calendars if ::calendar::has_unknown_scale(&bytes) => {
            return Err(Precondition::SupportedRscale.into());
        }
        Home::Calendars | Home::Files | Home::Mailboxes | Home::Scheduling => {
            workflow::ingest_calendar_object(store, account, bytes, now).await
        }
    };
    new.map_err(|error| {
        tracing::debug!(%error, "an object is not taken");
        match error {
            ObjectError::Calendar(::calendar::Invalid::CalendarData(_)) => {
                Precondition::ValidCalendarData.into()
            }
            ObjectError::Calendar(::calendar::Invalid::ObjectResource(_)) => {
                Precondition::ValidCalendarObjectResource.into()
            }
            ObjectError::Card(_) => Precondition::ValidAddressData.into(),
            ObjectError::Store(error) => error.into(),
        }
    })
}

/// `Content-Type` of an item in JSON: RFC 7265, RFC 7095. Such a text is UTF-8 and does not say so.
pub(crate) fn json_content_type(component: Option<Component>) -> &'static str {
    match component {
        Some(Component::Event) => "application/calendar+json; component=vevent",
        Some(Component::Todo) => "application/calendar+json; component=vtodo",
        Some(Component::Journal) => "application/calendar+json; component=vjournal",
        Some(Component::Card) => "application/vcard+json",
        Some(Component::File) | None => "application/json",
    }
}

/// `Content-Type` of an item.
pub(crate) fn content_type(component: Option<Component>) -> &'static str {
    match component {
        Some(Component::Event) => "text/calendar; charset=utf-8; component=vevent",
        Some(Component::Todo) => "text/calendar; charset=utf-8; component=vtodo",
        Some(Component::Journal) => "text/calendar; charset=utf-8; component=vjournal",
        Some(Component::Card) => "text/vcard; charset=utf-8",
        Some(Component::File) | None => "application/octet-stream",
    }
}
