//! Contacts.

use activesync_wire::convert::contact::{self as lens, Reader, Writer};
use activesync_wire::item::ConversionError;
use activesync_wire::item::Sent;
use activesync_wire::item::contact::Contact;
use vocabulary::Timestamp;
use wbxml::Element;

use super::{Author, Edited, Viewer};

const HOUR_MS: i64 = 3_600_000;

fn reader(viewer: &Viewer) -> Reader<'_> {
    Reader { version: viewer.version, preferences: &viewer.wanted.preferences }
}

pub(super) fn show(bytes: &[u8], viewer: &Viewer) -> Result<Contact, ConversionError> {
    let mut contact = lens::to_wire(bytes, &reader(viewer))?;
    let shift_ms = i64::from(viewer.quirks.day_hour) * HOUR_MS;
    for day in [&mut contact.birthday, &mut contact.anniversary] {
        if let Sent::Value(moment) = day {
            *moment = Timestamp(moment.0 + shift_ms);
        }
    }
    Ok(contact)
}

pub(super) fn edit(
    old: Option<&[u8]>,
    data: &Element,
    author: Author<'_>,
) -> Result<Edited, ConversionError> {
    let reader = reader(author.viewer);
    let contact = Contact::parse(data, reader.version)?;
    let writer = Writer { reader, supported: author.supported, uid: author.uid };
    lens::from_wire(old, &contact, &writer).map(Edited::from)
}
