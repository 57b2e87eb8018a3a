//! Who acts and sends in somebody's name.

use storage::{Read, Refusal, Store};
use vocabulary::{AccountId, CollectionKind, Door, Principal, Rights};

use super::plan::Writer;

/// Whether rights on a folder of this kind make their holder a delegate of its owner.
#[must_use]
pub fn makes_delegate(kind: CollectionKind, rights: Rights) -> bool {
    let is_calendar = matches!(kind, CollectionKind::Calendar | CollectionKind::Tasks);
    is_calendar && rights.contains(Rights::LOOKUP | Rights::READ) && rights.writes_items()
}

/// Whether an account may ask and send in the name of another: it is the same, or a delegate, by itself or as the member
/// of a group. What everybody of the domain may do makes nobody a delegate.
///
/// # Errors
/// [`storage::Fault`] only.
pub async fn may_send_for(store: &Store, author: AccountId, owner: AccountId) -> storage::Result<bool> {
    if author == owner {
        return Ok(true);
    }
    let principal = Principal::account(author, Door::Admin);
    let held = store.read(&principal, |tx: &Read<'_>| tx.delegations()).await?;
    Ok(held.iter().any(|one| one.owner == owner && makes_delegate(one.kind, one.rights)))
}

/// Whoever may write in a calendar of another, but is no delegate, tells nobody of it in the owner's name: the write is
/// refused, or those who wait for a message would never hear.
///
/// # Errors
/// [`Refusal::Denied`].
pub(super) async fn check_sender(store: &Store, writer: &Writer) -> storage::Result<()> {
    if may_send_for(store, writer.author.id, writer.owner.id).await? {
        return Ok(());
    }
    Err(Refusal::Denied { need: Rights::SEND_ON_BEHALF }.into())
}
