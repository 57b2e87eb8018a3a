//! Notes.

use activesync_wire::convert::note::{self as lens, Writer};
use activesync_wire::item::ConversionError;
use activesync_wire::item::note::Note;
use wbxml::Element;

use super::{Author, Edited, Viewer};

pub(super) fn show(bytes: &[u8], viewer: &Viewer) -> Result<Note, ConversionError> {
    lens::to_wire(bytes, &viewer.wanted.preferences)
}

pub(super) fn edit(
    old: Option<&[u8]>,
    data: &Element,
    author: Author<'_>,
) -> Result<Edited, ConversionError> {
    let Author { viewer, uid, .. } = author;
    let note = Note::parse(data, viewer.version)?;
    let preferences = viewer.wanted.preferences.as_slice();
    let writer = Writer { version: viewer.version, preferences, now: viewer.now, uid };
    lens::from_wire(old, &note, &writer).map(Edited::from)
}
