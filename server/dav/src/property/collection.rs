//! Properties of calendars and address books: RFC 4791 section 5.2, RFC 6352 section 6.2.

use dav_wire::property::Access;
use dav_wire::{Property, Value};
use vocabulary::Rights;
use workflow::meeting::CALENDAR_AVAILABILITY;

use crate::cursor;
use crate::folder::Folder;
use crate::method::{add_member, bulk};

pub(super) fn value(folder: &Folder, property: Property) -> Option<Value> {
    match property {
        Property::DisplayName => Some(Value::Text(folder.display_name())),
        // No report follows plain files.
        Property::SyncToken if folder.kind_if_any().is_none() => None,
        Property::SyncToken => Some(Value::Text(cursor::token(&folder.collection, &folder.end))),
        Property::CTag => Some(Value::Text(cursor::ctag(folder.end.epoch, &folder.collection))),
        Property::ResourceId => Some(Value::Href(folder.resource_id())),
        // RFC 5995 section 3.2.1: not the collection itself, to which other things are posted.
        Property::AddMember if folder.rights.contains(Rights::INSERT) => {
            Some(Value::Href(format!("{}?{}", folder.address.href, add_member::QUERY)))
        }
        Property::BulkRequests if folder.rights.contains(Rights::INSERT) => {
            folder.kind_if_any().map(|_| Value::BulkRequests(bulk::LIMITS))
        }
        Property::PushTransports => folder.push().map(|push| Value::Dead(push.transports())),
        Property::PushTopic => folder.push().map(|push| Value::Text(push.topic(&folder.collection))),
        Property::PushTriggers => folder.push().map(|push| Value::Dead(push.triggers())),
        Property::CalendarAvailability => {
            folder.kept(CALENDAR_AVAILABILITY).map(|text| Value::Text(text.to_owned()))
        }
        Property::QuotaUsedBytes if folder.is_own() => Some(Value::Integer(folder.address.owner.used_bytes)),
        Property::QuotaAvailableBytes if folder.is_own() => {
            let owner = &folder.address.owner;
            Some(Value::Integer((owner.quota_bytes - owner.used_bytes).max(0)))
        }
        _ => {
            let stored = match property.access() {
                Access::Settable => folder.stored(&property.into()).map(Value::Dead),
                Access::Protected | Access::AtCreation => None,
            };
            stored.or_else(|| folder.kind_if_any().and_then(|kind| (kind.value)(folder, property)))
        }
    }
}
