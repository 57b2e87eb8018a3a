//! Properties of an event, task, note or card.
//!
//! Absent: `getlastmodified`, for the store keeps no moment of a change; the tag says more.

use dav_wire::{ETag, Property, Value};
use storage::Item;

use crate::kind;

pub(super) fn value(item: &Item, property: Property) -> Option<Value> {
    match property {
        Property::ETag => Some(Value::Text(etag(item).to_string())),
        Property::ContentType => Some(Value::Text(kind::content_type(item.component).to_owned())),
        Property::ContentLength => Some(Value::Integer(item.size_bytes)),
        _ => None,
    }
}

/// It changes with every byte and never comes back.
pub(crate) fn etag(item: &Item) -> ETag {
    ETag { item: item.id, content: item.content_modseq }
}
