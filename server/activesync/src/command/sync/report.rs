//! What an administrator finds in a device's record: items that it could not be given.

use activesync_wire::server_id::{FolderId, ServerId};
use vocabulary::ItemId;

use crate::call::Call;

/// Most items of one answer that are named. A store that has lost much must not push everything else out of the record.
const NAMED_MAX: usize = 4;

/// The device was not told of these items: it asked for the same answer again and again, or they are damaged.
///
/// # Errors
/// [`storage::Fault`] only.
pub(crate) async fn left_out(call: &Call, folder: FolderId, items: Vec<ItemId>) -> storage::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let named = items.iter().take(NAMED_MAX).map(|item| ServerId { folder, item: *item }.to_string());
    let mut names: Vec<String> = named.collect();
    if items.len() > NAMED_MAX {
        names.push("others".to_owned());
    }
    for item in &names {
        tracing::warn!(
            account = call.account().0,
            device = call.device(),
            item,
            "a device is not given an item"
        );
    }
    let (account, device) = (call.account(), call.device().to_owned());
    let write = move |tx: &mut storage::Write<'_>| {
        let collection = tx.open::<storage::right::Lookup>(folder.account, folder.collection)?;
        for name in &names {
            let what = format!("{name} in {}", collection.collection().name);
            tx.note_left_out(account, &device, &what)?;
        }
        Ok(())
    };
    call.store().write(call.principal(), &[account], write).await
}
