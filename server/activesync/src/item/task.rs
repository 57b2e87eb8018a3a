//! Tasks.

use activesync_wire::convert::task::{self as lens, Reader, Writer};
use activesync_wire::item::ConversionError;
use activesync_wire::item::task::Task;
use wbxml::Element;

use super::{Author, Edited, Viewer};

fn reader(viewer: &Viewer) -> Reader<'_> {
    Reader { version: viewer.version, zone: &viewer.zone, preferences: &viewer.wanted.preferences }
}

pub(super) fn show(bytes: &[u8], viewer: &Viewer) -> Result<Task, ConversionError> {
    lens::to_wire(bytes, &reader(viewer))
}

pub(super) fn edit(
    old: Option<&[u8]>,
    data: &Element,
    author: Author<'_>,
) -> Result<Edited, ConversionError> {
    let reader = reader(author.viewer);
    let task = Task::parse(data, reader.version)?;
    let (supported, uid) = (author.supported, author.uid);
    let writer = Writer { reader, supported, now: author.viewer.now, uid };
    let written = lens::from_wire(old, &task, &writer)?;
    Ok(Edited { bytes: written.task, also: written.completed, restore: false })
}
