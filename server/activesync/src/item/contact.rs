//! Contacts.

use activesync_wire::convert::contact::{self as lens, Reader, Writer};
use activesync_wire::item::ConversionError;
use activesync_wire::item::contact::Contact;
use wbxml::Element;

use super::{Author, Edited, Viewer};

fn reader(viewer: &Viewer) -> Reader<'_> {
    Reader { version: viewer.version, preferences: &viewer.wanted.preferences }
}

pub(super) fn show(bytes: &[u8], viewer: &Viewer) -> Result<Contact, ConversionError> {
    lens::to_wire(bytes, &reader(viewer))
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
