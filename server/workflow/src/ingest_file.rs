//! Plain files become items: the house reads nothing of their bytes.

use bytes::Bytes;
use storage::{NewItem, Parsed, Store};
use vocabulary::{AccountId, Component, Timestamp};

/// Makes a file ready to be inserted or to replace another. `filter_at` is when its bytes last changed, `received_at`
/// when the file was made.
///
/// # Errors
/// As [`Store::prepare`].
pub async fn ingest_file(
    store: &Store,
    account: AccountId,
    bytes: Bytes,
    media_type: String,
    now: Timestamp,
) -> storage::Result<NewItem> {
    let content = store.prepare(account, bytes, Parsed::default()).await?;
    Ok(NewItem { component: Some(Component::File), media_type, ..NewItem::mail(content, now) })
}
