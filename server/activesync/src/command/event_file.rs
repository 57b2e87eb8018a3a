//! A file of an event, as ItemOperations fetches it.

use activesync_wire::item::calendar::attachment_part;
use activesync_wire::server_id::FileReference;
use activesync_wire::status::ItemOperationsStatus as Status;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use calendar::edit::{self, AttachedFile};

use crate::call::Call;
use crate::status;

/// What it is, and its bytes; `event` is the object that names it.
///
/// # Errors
/// [`Status::InvalidAttachment`] if it has no such file, or one that is not for the reader; the store's.
pub(super) async fn find(
    call: &Call,
    reference: FileReference,
    event: &[u8],
) -> Result<(String, Vec<u8>), Status> {
    let files = edit::files(event).unwrap_or_default();
    let is_meant = |file: &AttachedFile| attachment_part(&file.key) == reference.part;
    let file = files.into_iter().find(is_meant).ok_or(Status::InvalidAttachment)?;
    let failed = |error: &storage::Error| status::item_operations(error);
    if !file.is_managed {
        let data = STANDARD_NO_PAD.decode(file.key.trim_end_matches('='));
        return Ok((named(file.media_type), data.map_err(|_| Status::ConversionFailed)?));
    }
    let owner = call.owner(reference.item.folder.account).await.map_err(|error| failed(&error))?;
    let found = workflow::managed_attachment(call.store(), &owner, &file.key).await;
    let found = found.map_err(|error| failed(&error))?;
    let found = found.ok_or(Status::InvalidAttachment)?;
    let data = call.store().load(found.stored).await.map_err(|error| failed(&error))?;
    Ok((named(found.attachment.media_type), data.to_vec()))
}

fn named(media_type: String) -> String {
    if media_type.is_empty() { "application/octet-stream".to_owned() } else { media_type }
}
