//! Properties of somebody's home: what macOS asks of it together with its calendars.

use dav_wire::property::Component;
use dav_wire::{Property, Value};
use storage::Account;
use vocabulary::Home;

use crate::folder;

pub(super) fn value(viewer: &Account, home: Home, owner: &Account, property: Property) -> Option<Value> {
    let is_own = owner.id == viewer.id;
    match property {
        Property::DisplayName => Some(Value::Text(folder::called(owner))),
        Property::QuotaUsedBytes if is_own => Some(Value::Integer(owner.used_bytes)),
        Property::QuotaAvailableBytes if is_own => {
            Some(Value::Integer((owner.quota_bytes - owner.used_bytes).max(0)))
        }
        // Events and to-dos may lie side by side, and so may any others: every set will do.
        Property::SupportedCalendarComponentSets if home == Home::Calendars => {
            Some(Value::ComponentSets(vec![
                vec![Component::Event],
                vec![Component::ToDo],
                vec![Component::Journal],
                vec![Component::Event, Component::ToDo, Component::Journal],
            ]))
        }
        // RFC 8607 section 6.1: none but the host by which the home is known.
        Property::ManagedAttachmentsServerUrl if home == Home::Calendars => Some(Value::Empty),
        _ => None,
    }
}
