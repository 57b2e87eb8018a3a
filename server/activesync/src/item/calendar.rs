//! Events.

use activesync_wire::Version;
use activesync_wire::convert::calendar::{self as lens, Reader, Writer};
use activesync_wire::item::ConversionError;
use activesync_wire::item::calendar::{Event, instance_id};
use calendar::edit::ManagedAttachment;
use vocabulary::Timestamp;
use wbxml::Element;

use super::{Author, Edit, Edited, Identity, Viewer};

/// The lens looks with these addresses.
fn addresses(viewer: &Viewer) -> Vec<&str> {
    viewer.addresses.iter().map(String::as_str).collect()
}

fn reader<'a>(viewer: &'a Viewer, addresses: &'a [&'a str]) -> Reader<'a> {
    Reader {
        version: viewer.version,
        zone: &viewer.zone,
        now: viewer.now,
        addresses,
        name: &viewer.name,
        preferences: &viewer.wanted.preferences,
    }
}

pub(super) fn show(bytes: &[u8], viewer: &Viewer) -> Result<Event, ConversionError> {
    lens::to_wire(bytes, &reader(viewer, &addresses(viewer)))
}

pub(super) fn edit(
    old: Option<&[u8]>,
    edit: Edit<'_>,
    author: Author<'_>,
) -> Result<Edited, ConversionError> {
    let addresses = addresses(author.viewer);
    let reader = reader(author.viewer, &addresses);
    let version = reader.version;
    let writer = Writer { reader, supported: author.supported, uid: author.uid };
    let series = || old.ok_or(ConversionError("a new event has no occurrences yet"));
    let (bytes, is_as_sent) = match edit {
        Edit::Whole(data) => {
            let event = Event::parse(data, version)?;
            let bytes = lens::from_wire(old, &event, &writer)?;
            let is_as_sent = old.is_none() || lens::is_as_sent(&bytes, &event, &reader)?;
            (bytes, is_as_sent)
        }
        Edit::Instance(id, data) => {
            let event = Event::parse_instance(data, version)?;
            (lens::change_instance(series()?, instance_id(id)?, &event, &writer)?, true)
        }
        Edit::WithoutInstance(id) => {
            let instance = instance_id(id)?;
            let bytes = lens::delete_instance(series()?, instance, &writer)?;
            let is_as_sent = lens::is_as_deleted(&bytes, instance, &reader)?;
            (bytes, is_as_sent)
        }
    };
    Ok(Edited { bytes, also: None, restore: !is_as_sent })
}

/// The object after its files have changed.
///
/// # Errors
/// Item status 6.
pub(crate) fn change_files(
    bytes: &[u8],
    instance: Option<Timestamp>,
    gone: &[u32],
    new: &[ManagedAttachment<'_>],
    viewer: &Viewer,
) -> Result<Vec<u8>, ConversionError> {
    lens::change_files(bytes, instance, gone, new, &reader(viewer, &addresses(viewer)))
}

/// Whether an event looks different from what it looked like at `told`.
pub(super) fn has_aged(bytes: &[u8], viewer: &Viewer, told: Timestamp) -> bool {
    let before = Viewer { now: told, ..viewer.clone() };
    show(bytes, &before) != show(bytes, viewer)
}

/// The client gives the UID up to 14.1, from 16.0 a word of its own.
pub(super) fn identity(data: &Element, viewer: &Viewer) -> Identity {
    let Ok(event) = Event::parse(data, viewer.version) else { return Identity::Request };
    let named = if viewer.version >= Version::V16_0 {
        event.client_uid.into_value().map(Identity::ClientUid)
    } else {
        event.uid.into_value().map(Identity::Uid)
    };
    named.unwrap_or(Identity::Request)
}
