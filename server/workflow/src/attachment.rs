//! Managed attachments (RFC 8607) as an object of somebody's calendar names them.

use crate::meeting::owner_addresses;
use calendar::Object;
use storage::{Account, Attachment, AttachmentUse, Error, Read, Store, Stored, right};
use vocabulary::{Door, Principal};

/// How many of the items that name an attachment are asked.
const USES_MAX: usize = 200;
/// How many objects are read to see who is invited.
const OBJECTS_MAX: usize = 16;
static HOUSE: Principal = Principal::System { door: Door::Admin };

/// The attachment that an object in the calendars of `owner` names, for whoever may read that object: if it is the
/// owner's, or the owner is invited by an object of its account that names it too. Naming alone is not enough, for anybody
/// can write a name.
///
/// # Errors
/// [`storage::Fault`] only.
pub async fn managed_attachment(
    store: &Store,
    owner: &Account,
    token: &str,
) -> storage::Result<Option<(Attachment, Stored)>> {
    let named = token.to_owned();
    let find = move |tx: &Read<'_>| {
        let admin = tx.administer()?;
        let Some(found) = tx.attachment(&admin, &named)? else { return Ok(None) };
        Ok(Some((found, tx.attachment_uses(&admin, &named, USES_MAX)?)))
    };
    let Some((found, uses)) = store.read(&HOUSE, find).await? else { return Ok(None) };
    let account = found.0.account;
    if account == owner.id {
        return Ok(Some(found));
    }
    // The wall: guests of other domains get files by mail.
    let theirs = store.read(&HOUSE, move |tx: &Read<'_>| tx.account(account)).await?;
    if theirs.domain != owner.domain {
        return Ok(None);
    }
    let uses: Vec<AttachmentUse> =
        uses.into_iter().filter(|one| one.is_living && one.account == account).take(OBJECTS_MAX).collect();
    let read = move |tx: &Read<'_>| {
        let mut objects = Vec::new();
        for place in uses {
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
    let addresses = owner_addresses(store, owner, &[]).await?;
    for (_, stored) in objects {
        let Ok(object) = Object::parse(&store.load(stored).await?) else { continue };
        let is_invited = object.components.iter().any(|component| {
            component.attendees.iter().any(|attendee| addresses.contains(&attendee.address))
        });
        if is_invited {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
