//! Schedule inboxes: RFC 6638 section 2.2. What comes into them, the house puts there.

use dav_wire::collation::Collation;
use dav_wire::property::{Component, MediaType, ReportName, ResourceType};
use dav_wire::{Precondition, Property, Value};

use super::Kind;
use crate::folder::Folder;

pub(super) static SCHEDULE_INBOX: Kind = Kind {
    resource_type: ResourceType::ScheduleInbox,
    media_types: &["text/calendar"],
    media: &[MediaType::ICALENDAR, MediaType::JCAL],
    from_json: super::calendar::from_json,
    data: Property::CalendarData,
    reports: &[ReportName::CalendarQuery, ReportName::CalendarMultiget],
    too_large: Precondition::MaxResourceSize,
    unsupported_media: Precondition::SupportedCalendarData,
    location_not_ok: Precondition::CalendarCollectionLocationOk,
    uid_conflict: Precondition::NoUidConflict,
    value,
};

fn value(folder: &Folder, property: Property) -> Option<Value> {
    match property {
        Property::SupportedCalendarComponentSet => {
            Some(Value::Components(vec![Component::Event, Component::ToDo]))
        }
        Property::SupportedCalendarData => Some(Value::MediaTypes(SCHEDULE_INBOX.media.to_vec())),
        Property::CalendarCollationSet => Some(Value::Collations(Collation::ALL.to_vec())),
        Property::ScheduleDefaultCalendarUrl => {
            folder.default_calendar.as_ref().map(|href| Value::Href(href.to_string()))
        }
        _ => None,
    }
}
