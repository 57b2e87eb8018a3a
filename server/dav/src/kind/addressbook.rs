//! Address books: RFC 6352 section 5.2.

use dav_wire::collation::Collation;
use dav_wire::property::{MediaType, ReportName, ResourceType};
use dav_wire::{Precondition, Property, Value};

use super::{Kind, OBJECT_BYTES_MAX};
use crate::folder::Folder;
use crate::form;

pub(super) static ADDRESS_BOOK: Kind = Kind {
    resource_type: ResourceType::AddressBook,
    // The second and third are those of version 3.0 and before.
    media_types: &["text/vcard", "text/x-vcard", "text/directory"],
    media: &[MediaType::VCARD_3, MediaType::VCARD_4, MediaType::JCARD],
    from_json,
    data: Property::AddressData,
    reports: &[ReportName::AddressBookQuery, ReportName::AddressBookMultiget],
    too_large: Precondition::CardMaxResourceSize,
    unsupported_media: Precondition::SupportedAddressData,
    location_not_ok: Precondition::AddressBookCollectionLocationOk,
    uid_conflict: Precondition::CardNoUidConflict,
    value,
};

/// # Errors
/// RFC 6352 section 6.3.2.1.
fn from_json(text: &[u8]) -> Result<Vec<u8>, Precondition> {
    contact::from_json(text).map_err(|error| {
        tracing::debug!(%error, "a card is not taken");
        Precondition::ValidAddressData
    })
}

fn value(_: &Folder, property: Property) -> Option<Value> {
    match property {
        Property::SupportedAddressData => Some(Value::MediaTypes(ADDRESS_BOOK.media.to_vec())),
        // A picture is as large as its card may be, less the third by which base64 lengthens it.
        Property::CardMaxImageSize => i64::try_from(OBJECT_BYTES_MAX / 4 * 3).ok().map(Value::Integer),
        Property::CardMaxResourceSize => i64::try_from(OBJECT_BYTES_MAX).ok().map(Value::Integer),
        Property::CardCollationSet => Some(Value::Collations(Collation::ALL.to_vec())),
        _ => None,
    }
}

/// RFC 6352 section 6.2.2: what says that it is of a version that is not offered is refused. Version 2.1, which old
/// programs still write, is kept as it comes and given in the others.
pub(super) fn check_version(bytes: &[u8]) -> Result<(), Precondition> {
    match form::media(bytes) {
        Some(media) if media.version != "2.1" && !ADDRESS_BOOK.media.contains(&media) => {
            Err(Precondition::SupportedAddressData)
        }
        // What has no version is no card, which is said by another name.
        _ => Ok(()),
    }
}
