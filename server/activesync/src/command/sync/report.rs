//! What an administrator finds in a device's record: items that it could not be given.

use activesync_wire::server_id::{FolderId, ServerId};

use super::collect::Say;
use super::window::with_body;
use crate::call::Call;

/// The device was not told of an item, because it asked for the same answer again and again.
pub(crate) fn left_out(call: &Call, folder: FolderId, say: &Say) {
    let Some(item) = with_body(say) else { return };
    let id = ServerId { folder, item: item.id };
    tracing::warn!(account = call.account().0, device = call.device(), item = %id, "a device cannot take an item");
}
