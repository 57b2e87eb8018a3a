//! What an administrator finds in a device's record: items that it could not be given.

use activesync_wire::server_id::{FolderId, ServerId};

use super::collect::Say;
use super::window::with_body;
use crate::call::Call;

/// The device was not told of an item, because it asked for the same answer again and again.
///
/// # Errors
/// [`storage::Fault`] only.
pub(crate) async fn left_out(call: &Call, folder: FolderId, say: &Say) -> storage::Result<()> {
    let Some(item) = with_body(say) else { return Ok(()) };
    let name = ServerId { folder, item: item.id };
    tracing::warn!(account = call.account().0, device = call.device(), item = %name, "a device cannot take an item");
    let (account, device) = (call.account(), call.device().to_owned());
    let write = move |tx: &mut storage::Write<'_>| {
        let collection = tx.open::<storage::right::Lookup>(folder.account, folder.collection)?;
        let what = format!("{name} in {}", collection.collection().name);
        tx.note_left_out(account, &device, &what)
    };
    call.store().write(call.principal(), &[account], write).await
}
