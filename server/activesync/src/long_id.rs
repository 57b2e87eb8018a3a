//! LongIds: what Search calls its results. MS-ASCMD section 2.2.3.98.

use activesync_wire::server_id::{FolderId, LongId, ServerId};
use std::str::FromStr;
use storage::{Refusal, Subject};

use crate::call::Call;

/// Where the item is now, if the sender may see it there.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(crate) async fn find(call: &Call, text: &str) -> storage::Result<ServerId> {
    let id = LongId::from_str(text).map_err(|_| Refusal::NotFound(Subject::Item))?;
    let found = call.store().read(call.principal(), move |tx| tx.locate(id.account, id.item)).await?;
    let (collection, _) = found.ok_or(Refusal::NotFound(Subject::Item))?;
    Ok(ServerId { folder: FolderId { account: id.account, collection }, item: id.item })
}
