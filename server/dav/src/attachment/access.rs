//! Who may read an attachment: whoever may read an object of its account that names it, whoever is invited by such an
//! object, and whoever may read the copy of somebody who is invited.
//!
//! Naming it is not enough: an object that somebody else wrote into one's calendar would open what was never meant for
//! its owner.

use calendar::schedule::Addresses;
use std::collections::BTreeSet;
use storage::{Account, AttachmentUse, Error, Refusal, Subject, right};
use vocabulary::{AccountId, Rights};
use workflow::NamedAttachment;

use crate::call::{Answer, Call};
use crate::directory;
use crate::property::principal::calendar_addresses;

/// An attachment of somebody in the same domain, and what names it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) named: NamedAttachment,
    /// Whose it is.
    pub(super) owner: Account,
}

/// The attachment of a token, whoever may read it.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(super) async fn find(call: &Call, token: &str) -> Answer<Found> {
    let named = NamedAttachment::find(call.store(), token).await?.ok_or_else(missing)?;
    let owner = directory::by_id(call, named.attachment.account).await?;
    Ok(Found { named, owner })
}

pub(super) fn missing() -> Refusal {
    Refusal::NotFound(Subject::Item)
}

/// Whether whoever asks may read it.
pub(super) async fn may_read(call: &Call, found: &Found) -> Answer<bool> {
    let living = found.named.uses.iter().filter(|one| one.is_living).copied().collect();
    let mut readable = readable(call, living).await?;
    if readable.contains(&found.named.attachment.account) {
        return Ok(true);
    }
    readable.insert(call.account().id);
    let people = directory::by_ids(call, readable.into_iter().collect()).await?;
    Ok(found.named.is_for(call.store(), people.iter().map(addresses).collect()).await?)
}

/// Whether whoever asks may let an object name it. One that nothing names any more is there for those who may read where
/// it was named last: what was deleted may come back.
pub(super) async fn may_name(call: &Call, found: &Found) -> Answer<bool> {
    if may_read(call, found).await? {
        return Ok(true);
    }
    let owner = found.named.attachment.account;
    let own: Vec<_> = found.named.uses.iter().filter(|one| one.account == owner).copied().collect();
    if own.iter().any(|one| one.is_living) {
        return Ok(false);
    }
    Ok(readable(call, own).await?.contains(&owner))
}

/// By which addresses an account is invited.
pub(super) fn addresses(account: &Account) -> Addresses {
    let others = calendar_addresses(account);
    Addresses::new(&account.address.to_string(), others.iter().map(String::as_str))
}

/// Those whose items, of some, may be read by whoever asks.
async fn readable(call: &Call, uses: Vec<AttachmentUse>) -> Answer<BTreeSet<AccountId>> {
    let read = call.store().read(call.principal(), move |tx| {
        let mut readable = BTreeSet::new();
        for place in uses {
            match tx.open::<right::ReadItems>(place.account, place.collection) {
                Ok(grant) => {
                    if !place.is_private || grant.rights().contains(Rights::SEE_PRIVATE) {
                        readable.insert(place.account);
                    }
                }
                Err(Error::Refusal(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(readable)
    });
    Ok(read.await?)
}
