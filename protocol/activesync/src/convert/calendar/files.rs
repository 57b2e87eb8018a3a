//! Files of an event: MS-ASAIRS section 2.2.2.8.

use calendar::edit::{self, ATTACHMENTS_MAX, AttachedFile, Instance, ManagedAttachment};
use calendar::{Moment, Object};
use std::collections::BTreeSet;
use vocabulary::Timestamp;

use super::{Reader, parse};
use crate::convert::day;
use crate::item::ConversionError;
use crate::item::calendar::attachment_part;
use crate::item::email::{Attachment, AttachmentMethod};
use crate::version::Version;

/// Those of the whole event.
pub(super) fn shown(stored: &[u8], version: Version) -> Vec<Attachment> {
    if version < Version::V16_0 || !may_have_files(stored) {
        return Vec::new();
    }
    let files = edit::files(stored).unwrap_or_default();
    files.into_iter().filter(|file| file.is_of_whole).map(show).collect()
}

/// Most events have none, and are not read once more.
fn may_have_files(stored: &[u8]) -> bool {
    let begins = |line: &[u8]| line.get(..6).is_some_and(|name| name.eq_ignore_ascii_case(b"ATTACH"));
    stored.split(|byte| *byte == b'\n').any(begins)
}

fn show(file: AttachedFile) -> Attachment {
    Attachment {
        display_name: if file.name.is_empty() { "attachment".to_owned() } else { file.name },
        file_reference: attachment_part(&file.key).to_string(),
        method: AttachmentMethod::Normal,
        estimated_data_size: file.size_bytes,
        content_id: None,
        content_location: None,
        is_inline: false,
    }
}

/// See [`super::change_files`].
pub(super) fn change(
    old: &[u8],
    instance: Option<Timestamp>,
    gone: &[u32],
    new: &[ManagedAttachment<'_>],
    reader: &Reader<'_>,
) -> Result<Vec<u8>, ConversionError> {
    let instances = match instance {
        Some(at) => Some(vec![Instance::Occurrence(occurrence(&parse(old)?, at, reader))]),
        None => None,
    };
    let refused = |_| ConversionError("the files of the event cannot be changed");
    let known = edit::files(old).map_err(|_| ConversionError("the stored event cannot be read"))?;
    let keys: BTreeSet<&str> = known
        .iter()
        .filter(|file| gone.contains(&attachment_part(&file.key)))
        .map(|file| file.key.as_str())
        .collect();
    let mut bytes = old.to_vec();
    if !keys.is_empty() {
        bytes = edit::remove_files(&bytes, instances.as_deref(), &keys, reader.now).map_err(refused)?;
    }
    for file in new {
        // The same request, once more.
        if known.iter().any(|known| known.key == file.managed_id) {
            continue;
        }
        bytes = edit::attach(&bytes, instances.as_deref(), file, reader.now).map_err(refused)?;
    }
    let count = edit::files(&bytes).map(|files| files.len()).unwrap_or_default();
    if new.is_empty() || count < ATTACHMENTS_MAX { Ok(bytes) } else { Err(ConversionError("too many files")) }
}

fn occurrence(object: &Object, at: Timestamp, reader: &Reader<'_>) -> Moment {
    match object.master().is_some_and(calendar::Component::is_all_day) {
        true => Moment::Date(day::from_wire(at, reader.zone)),
        false => object.recurrence_moment(at, reader.zone),
    }
}
