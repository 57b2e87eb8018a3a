//! Calendars, task lists and notes: RFC 4791 section 4.2.

use ::calendar::{FIRST_MOMENT, LAST_MOMENT, Scale, Zone};
use dav_wire::collation::Collation;
use dav_wire::property::{Component, MediaType, ReportName, ResourceType, Transparency};
use dav_wire::{Precondition, Property, Value};
use vocabulary::Component as StoredComponent;
use workflow::meeting::{CALENDAR_TRANSPARENCY, TRANSPARENT};

use super::{Kind, OBJECT_BYTES_MAX};
use crate::attachment::{ATTACHMENT_BYTES_MAX, ATTACHMENTS_MAX};
use crate::folder::Folder;

pub(super) static CALENDAR: Kind = Kind {
    resource_type: ResourceType::Calendar,
    media_types: &["text/calendar"],
    media: &[MediaType::ICALENDAR, MediaType::JCAL],
    from_json,
    data: Property::CalendarData,
    reports: &[ReportName::CalendarQuery, ReportName::CalendarMultiget, ReportName::FreeBusyQuery],
    too_large: Precondition::MaxResourceSize,
    unsupported_media: Precondition::SupportedCalendarData,
    location_not_ok: Precondition::CalendarCollectionLocationOk,
    uid_conflict: Precondition::NoUidConflict,
    value,
};

/// # Errors
/// RFC 4791 section 5.3.2.1.
pub(super) fn from_json(text: &[u8]) -> Result<Vec<u8>, Precondition> {
    ::calendar::from_json(text).map_err(|error| {
        tracing::debug!(%error, "a calendar object is not taken");
        Precondition::ValidCalendarData
    })
}

fn value(folder: &Folder, property: Property) -> Option<Value> {
    match property {
        Property::SupportedCalendarComponentSet => Some(Value::Components(folder.components())),
        Property::SupportedCalendarData => Some(Value::MediaTypes(CALENDAR.media.to_vec())),
        Property::MaxResourceSize => i64::try_from(OBJECT_BYTES_MAX).ok().map(Value::Integer),
        Property::MaxAttachmentSize => i64::try_from(ATTACHMENT_BYTES_MAX).ok().map(Value::Integer),
        Property::MaxAttachmentsPerResource => i64::try_from(ATTACHMENTS_MAX).ok().map(Value::Integer),
        Property::CalendarCollationSet => Some(Value::Collations(Collation::ALL.to_vec())),
        Property::SupportedRscaleSet => Some(Value::Rscales(Scale::supported().collect())),
        // RFC 4791 sections 5.2.6 and 5.2.7: all that iCalendar can say.
        Property::MinDateTime => Some(Value::UtcDateTime(FIRST_MOMENT)),
        Property::MaxDateTime => Some(Value::UtcDateTime(LAST_MOMENT)),
        Property::CalendarTimezone => folder.time_zone().map(|zone| Value::Text(zone.calendar())),
        Property::CalendarTimezoneId => {
            let named = folder.time_zone().filter(|zone| Zone::by_iana_name(zone.name()).is_some());
            named.map(|zone| Value::Text(zone.name().to_owned()))
        }
        Property::ScheduleCalendarTransp => Some(Value::Transparency(transparency(folder))),
        _ => None,
    }
}

/// RFC 6638 section 9.1.
fn transparency(folder: &Folder) -> Transparency {
    match folder.kept(CALENDAR_TRANSPARENCY) {
        Some(TRANSPARENT) => Transparency::Transparent,
        _ => Transparency::Opaque,
    }
}

/// What the wire calls a component of the store.
pub(crate) fn on_the_wire(component: StoredComponent) -> Option<Component> {
    match component {
        StoredComponent::Event => Some(Component::Event),
        StoredComponent::Todo => Some(Component::ToDo),
        StoredComponent::Journal => Some(Component::Journal),
        StoredComponent::Card | StoredComponent::File => None,
    }
}
