//! Managed attachments (RFC 8607): what names one, and whom those objects are about.
//!
//! Naming one is not enough to read it, for anybody can write a name.

use bytes::Bytes;
use calendar::Object;
use calendar::schedule::Addresses;
use std::sync::Arc;
use storage::{Account, Attachment, AttachmentUse, Error, Fault, Read, Store, Stored, right};
use vocabulary::{Door, Principal};

use crate::meeting::owner_addresses;

/// How many of the items that name an attachment are asked.
const USES_MAX: usize = 200;
/// How many objects are read to see who is invited.
const OBJECTS_MAX: usize = 16;
static HOUSE: Principal = Principal::System { door: Door::Admin };

/// An attachment, and what names it.
#[derive(Debug)]
pub struct NamedAttachment {
    /// What it is, and whose.
    pub attachment: Attachment,
    /// Its bytes.
    pub stored: Stored,
    /// The items that name it, of every account.
    pub uses: Vec<AttachmentUse>,
}

impl NamedAttachment {
    /// The attachment of a token, whoever asks.
    ///
    /// # Errors
    /// [`storage::Fault`] only.
    pub async fn find(store: &Store, token: &str) -> storage::Result<Option<Self>> {
        let token = token.to_owned();
        let find = move |tx: &Read<'_>| {
            let admin = tx.administer()?;
            let Some((attachment, stored)) = tx.attachment(&admin, &token)? else { return Ok(None) };
            let uses = tx.attachment_uses(&admin, &token, USES_MAX)?;
            Ok(Some(Self { attachment, stored, uses }))
        };
        store.read(&HOUSE, find).await
    }

    /// Whether a living object of the attachment's account that names it also names one of these people as guest or
    /// organiser. It is read for the house: who is invited may not read the organiser's calendar.
    ///
    /// # Errors
    /// [`storage::Fault`] only.
    pub async fn is_for(&self, store: &Store, people: Vec<Addresses>) -> storage::Result<bool> {
        let owner = self.attachment.account;
        let own = self.uses.iter().filter(|one| one.is_living && one.account == owner);
        let own: Vec<AttachmentUse> = own.take(OBJECTS_MAX).copied().collect();
        let read = move |tx: &Read<'_>| {
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
        };
        let objects = store.read(&HOUSE, read).await?;
        let people = Arc::new(people);
        for (_, stored) in objects {
            let (bytes, people) = (store.load(stored).await?, Arc::clone(&people));
            let looked = tokio::task::spawn_blocking(move || names_one(&bytes, &people)).await;
            if looked.map_err(|error| Fault::Panic(error.to_string()))? {
                return Ok(true);
            }
        }
        Ok(false)
    }
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

/// The attachment that an object in the calendars of `owner` names, for whoever may read that object: if it is the
/// owner's, or an object of its account that names it is about the owner too.
///
/// # Errors
/// [`storage::Fault`] only.
pub async fn managed_attachment(
    store: &Store,
    owner: &Account,
    token: &str,
) -> storage::Result<Option<NamedAttachment>> {
    let Some(found) = NamedAttachment::find(store, token).await? else { return Ok(None) };
    let account = found.attachment.account;
    if account == owner.id {
        return Ok(Some(found));
    }
    // The wall: guests of other domains get files by mail.
    let theirs = store.read(&HOUSE, move |tx: &Read<'_>| tx.account(account)).await?;
    if theirs.domain != owner.domain {
        return Ok(None);
    }
    let addresses = owner_addresses(store, owner, &[]).await?;
    Ok(found.is_for(store, vec![addresses]).await?.then_some(found))
}
