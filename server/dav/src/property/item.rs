//! Properties of an event, task, note, card or file.
//!
//! Absent: `getlastmodified` of anything but a file, for the store keeps no moment of a change; the tag says more.

use dav_wire::collation::Collation;
use dav_wire::{ETag, Property, ScheduleTag, Value};
use storage::{Item, Resource};
use vocabulary::Component;

use crate::folder::Folder;
use crate::kind;

pub(super) fn value(folder: &Folder, item: &Resource, property: Property) -> Option<Value> {
    match property {
        Property::ResourceId => Some(Value::Href(folder.resource_id_of(item.id))),
        Property::ETag => Some(Value::Text(item.etag().to_string())),
        Property::ScheduleTag => item.schedule_tag().map(|tag| Value::Text(tag.to_string())),
        Property::ContentType => Some(Value::Text(item.content_type().to_owned())),
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

/// What has a tag and a type.
pub(crate) trait Tagged {
    fn etag(&self) -> ETag;
    fn schedule_tag(&self) -> Option<ScheduleTag>;
    fn content_type(&self) -> &str;
}

macro_rules! tagged {
    ($($row:ty),*) => {
        $(impl Tagged for $row {
            /// It changes with every byte and never comes back.
            fn etag(&self) -> ETag {
                ETag { item: self.id, content: self.content_modseq }
            }

            /// RFC 6638 section 9.3: of events and tasks with an organiser.
            fn schedule_tag(&self) -> Option<ScheduleTag> {
                self.schedule_modseq.map(|schedule| ScheduleTag { item: self.id, schedule })
            }

            /// A file is what it was said to be.
            fn content_type(&self) -> &str {
                if self.media_type.is_empty() { kind::content_type(self.component) } else { &self.media_type }
            }
        })*
    };
}

tagged!(Item, Resource);

fn is_file(item: &Resource) -> bool {
    item.component == Some(Component::File)
}
