//! Properties of an event, task, note, card or file.
//!
//! Absent: `getlastmodified` of anything but a file, for the store keeps no moment of a change; the tag says more.

use dav_wire::collation::Collation;
use dav_wire::{ETag, Property, ScheduleTag, Value};
use storage::Item;
use vocabulary::Component;

use crate::folder::Folder;
use crate::kind;

pub(super) fn value(folder: &Folder, item: &Item, property: Property) -> Option<Value> {
    match property {
        Property::ResourceId => Some(Value::Href(folder.resource_id_of(item))),
        Property::ETag => Some(Value::Text(etag(item).to_string())),
        Property::ScheduleTag => schedule_tag(item).map(|tag| Value::Text(tag.to_string())),
        Property::ContentType => Some(Value::Text(content_type(item).to_owned())),
        Property::ContentLength => Some(Value::Integer(item.size_bytes)),
        // RFC 6352 section 8.3: wherever a report compares texts.
        Property::CardCollationSet if item.component == Some(Component::Card) => {
            Some(Value::Collations(Collation::ALL.to_vec()))
        }
        Property::LastModified if is_file(item) => Some(Value::HttpDate(item.filter_at)),
        Property::CreationDate if is_file(item) => Some(Value::DateTime(item.received_at)),
        _ => None,
    }
}

/// RFC 6638 section 9.3: of events and tasks with an organiser.
pub(crate) fn schedule_tag(item: &Item) -> Option<ScheduleTag> {
    item.schedule_modseq.map(|schedule| ScheduleTag { item: item.id, schedule })
}

fn is_file(item: &Item) -> bool {
    item.component == Some(Component::File)
}

/// A file is what it was said to be.
pub(crate) fn content_type(item: &Item) -> &str {
    if item.media_type.is_empty() { kind::content_type(item.component) } else { &item.media_type }
}

/// It changes with every byte and never comes back.
pub(crate) fn etag(item: &Item) -> ETag {
    ETag { item: item.id, content: item.content_modseq }
}
