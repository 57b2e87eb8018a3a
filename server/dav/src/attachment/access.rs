//! Who may read an attachment: whoever may read an object of its account that names it, whoever is invited by such an
//! object, and whoever may read the copy of somebody who is invited.
//!
//! Naming it is not enough: an object that somebody else wrote into one's calendar would open what was never meant for
//! its owner.

use bytes::Bytes;
use calendar::Object;
use calendar::schedule::Addresses;
use std::collections::BTreeSet;
use storage::{Account, Attachment, AttachmentUse, Error, Fault, Refusal, Stored, Subject, right};
use vocabulary::{AccountId, Rights};

use crate::call::{Answer, Call};
use crate::directory::{self, HOUSE};
use crate::members::READERS;
use crate::property::principal::calendar_addresses;

/// How many of the items that name an attachment are asked.
const USES_MAX: usize = 200;
/// How many objects are read to see who is invited.
const OBJECTS_MAX: usize = 16;

/// An attachment of somebody in the same domain, and what names it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) attachment: Attachment,
    pub(super) stored: Stored,
    /// Whose it is.
    pub(super) owner: Account,
    uses: Vec<AttachmentUse>,
}

/// The attachment of a token, whoever may read it.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(super) async fn find(call: &Call, token: &str) -> Answer<Found> {
    let token = token.to_owned();
    let read = call.store().read(&HOUSE, move |tx| {
        let admin = tx.administer()?;
        let found = tx.attachment(&admin, &token)?;
        Ok((found, tx.attachment_uses(&admin, &token, USES_MAX)?))
    });
    let (found, uses) = read.await?;
    let (attachment, stored) = found.ok_or_else(missing)?;
    let owner = directory::by_id(call, attachment.account).await?;
    Ok(Found { attachment, stored, owner, uses })
}

pub(super) fn missing() -> Refusal {
    Refusal::NotFound(Subject::Item)
}

/// Whether whoever asks may read it.
pub(super) async fn may_read(call: &Call, found: &Found) -> Answer<bool> {
    let living = found.uses.iter().filter(|one| one.is_living).copied().collect();
    let mut readable = readable(call, living).await?;
    if readable.contains(&found.attachment.account) {
        return Ok(true);
    }
    readable.insert(call.account().id);
    let people = directory::by_ids(call, readable.into_iter().collect()).await?;
    is_invited(call, found, people.iter().map(addresses).collect()).await
}

/// Whether whoever asks may let an object name it. One that nothing names any more is there for those who may read where
/// it was named last: what was deleted may come back.
pub(super) async fn may_name(call: &Call, found: &Found) -> Answer<bool> {
    if may_read(call, found).await? {
        return Ok(true);
    }
    let owner = found.attachment.account;
    let own: Vec<_> = found.uses.iter().filter(|one| one.account == owner).copied().collect();
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

/// Whether a living object of the attachment's account that names it names one of these people. It is read for the
/// house: who is invited may not read the organiser's calendar.
async fn is_invited(call: &Call, found: &Found, mut people: Vec<Addresses>) -> Answer<bool> {
    let owner = found.attachment.account;
    let own = found.uses.iter().filter(|one| one.is_living && one.account == owner);
    let own: Vec<AttachmentUse> = own.take(OBJECTS_MAX).copied().collect();
    let read = call.store().read(&HOUSE, move |tx| {
        let mut objects = Vec::new();
        for place in own {
            match tx.open::<right::ReadItems>(place.account, place.collection) {
                Ok(grant) => objects.extend(tx.contents(&grant, &[place.uid.0..=place.uid.0], false)?),
                // It went meanwhile.
                Err(Error::Refusal(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(objects)
    });
    for (_, stored) in read.await? {
        let bytes = call.store().load(stored).await?;
        let turn = READERS.acquire().await;
        let look = move || {
            let _turn = turn;
            (names_one(&bytes, &people), people)
        };
        let looked = tokio::task::spawn_blocking(look).await;
        let is_named;
        (is_named, people) = looked.map_err(|error| Error::from(Fault::Panic(error.to_string())))?;
        if is_named {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an object is about one of these people.
fn names_one(bytes: &Bytes, people: &[Addresses]) -> bool {
    let Ok(object) = Object::parse(bytes) else { return false };
    object.components.iter().any(|component| {
        let guests = component.attendees.iter().map(|attendee| &attendee.address);
        let mut named = guests.chain(component.organizer.iter().map(|organizer| &organizer.address));
        named.any(|address| people.iter().any(|person| person.contains(address)))
    })
}
