//! What objects that are put, copied or moved name: RFC 8607 sections 3.7 and 3.11.

use bytes::Bytes;
use calendar::Object;
use calendar::edit::{self, ManagedAttachment};
use dav_wire::Precondition;
use storage::{Error, NewAttachment, NewItem, Parsed, Refusal, right};
use vocabulary::AccountId;

use super::access::{self, Found};
use super::{ATTACHMENTS_MAX, essence, uri};
use crate::call::{Answer, Call, Failure};
use crate::kind;
use crate::method::put::Target;

/// What becomes of attachments that lie in another account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// They come along as copies, but for those of the organiser in the copy of a guest.
    KeptForGuests,
    /// They come along as copies.
    Copied,
}

/// An object that is ready to be stored.
pub(crate) struct Ingested {
    pub(crate) new: NewItem,
    /// What is stored.
    pub(crate) bytes: Bytes,
    /// It is not what the client sent.
    pub(crate) is_rewritten: bool,
}

/// Makes the bytes of an object ready to be stored, with attachments that come with it.
///
/// # Errors
/// As [`kind::ingest`]; a precondition if it names what is not there for whoever stores it, or too much.
pub(crate) async fn ingest(
    call: &Call,
    target: &Target,
    bytes: Bytes,
    attached: Vec<NewAttachment>,
    foreign: Foreign,
) -> Answer<Ingested> {
    let (owner, home) = (target.address.owner.id, target.address.home);
    let now = call.context.clock.now();
    let mut new = kind::ingest(home, call.store(), owner, bytes.clone(), now).await?;
    let named = Named { tokens: &new.attachments.named, attached: &attached };
    let elsewhere = match named.elsewhere(call, target, &bytes, foreign).await {
        Ok(elsewhere) => elsewhere,
        Err(failure) => {
            call.store().discard(new.content).await;
            return Err(failure);
        }
    };
    new.attachments.new = attached;
    if elsewhere.is_empty() {
        return Ok(Ingested { new, bytes, is_rewritten: false });
    }
    let mut attached = new.attachments.new;
    call.store().discard(new.content).await;
    let mut changes = Vec::with_capacity(elsewhere.len());
    for found in elsewhere {
        let copy = copy(call, owner, &found).await?;
        changes.push((found.named.attachment, uri(&call.origin, &copy.token), copy.token.clone()));
        attached.push(copy);
    }
    let changes: Vec<(&str, ManagedAttachment<'_>)> = changes
        .iter()
        .map(|(old, uri, token)| {
            let line = ManagedAttachment {
                uri,
                managed_id: token,
                media_type: essence(&old.media_type),
                name: Some(old.name.as_str()).filter(|name| !name.is_empty()),
                size_bytes: u64::try_from(old.size_bytes).unwrap_or_default(),
            };
            (old.token.as_str(), line)
        })
        .collect();
    // An id that differs in what was left out of it is none.
    let edited = edit::reattach(&bytes, &changes, None).map_err(|_| Precondition::ValidManagedIdParameter)?;
    let bytes = Bytes::from(edited);
    let mut new = kind::ingest(home, call.store(), owner, bytes.clone(), now).await?;
    new.attachments.new = attached;
    Ok(Ingested { new, bytes, is_rewritten: true })
}

/// What an object names.
struct Named<'n> {
    tokens: &'n [String],
    /// Those that come with it.
    attached: &'n [NewAttachment],
}

impl Named<'_> {
    /// Those that are to come along from another account.
    async fn elsewhere(
        &self,
        call: &Call,
        target: &Target,
        bytes: &Bytes,
        foreign: Foreign,
    ) -> Answer<Vec<Found>> {
        if self.tokens.is_empty() {
            return Ok(Vec::new());
        }
        if self.tokens.len() > ATTACHMENTS_MAX {
            return Err(Precondition::MaxAttachmentsPerResource.into());
        }
        let known = named_before(call, target).await?;
        let mut elsewhere = Vec::new();
        for token in self.tokens {
            // What stands in the object already is nobody's decision now.
            if known.contains(token) || self.attached.iter().any(|new| new.token == *token) {
                continue;
            }
            let found = match access::find(call, token).await {
                Err(Failure::Store(Error::Refusal(Refusal::NotFound(_)))) => {
                    return Err(Precondition::ValidManagedIdParameter.into());
                }
                found => found?,
            };
            if !access::may_name(call, &found).await? {
                return Err(Precondition::ValidManagedIdParameter.into());
            }
            if found.named.attachment.account != target.address.owner.id {
                elsewhere.push(found);
            }
        }
        if foreign == Foreign::KeptForGuests && !elsewhere.is_empty() {
            let object = Object::parse(bytes).ok();
            elsewhere
                .retain(|found| !object.as_ref().is_some_and(|object| is_guests_copy(object, found, target)));
        }
        Ok(elsewhere)
    }
}

/// What the object that is to be replaced names.
async fn named_before(call: &Call, target: &Target) -> Answer<Vec<String>> {
    let (address, name) = (target.address.clone(), target.name.clone());
    let read = call.store().read(call.principal(), move |tx| {
        let grant = address.open::<right::ReadItems>(tx)?;
        match tx.item_by_resource(&grant, &name)? {
            Some(item) => tx.attachments_named(&grant, item.uid),
            None => Ok(Vec::new()),
        }
    });
    Ok(read.await?)
}

/// Whether the object is a meeting of the attachment's owner, to which the owner of the target is invited: then its line
/// is the organiser's to change.
fn is_guests_copy(object: &Object, found: &Found, target: &Target) -> bool {
    let organizer = access::addresses(&found.owner);
    let guest = access::addresses(&target.address.owner);
    let mut components = object.components.iter();
    components.any(|component| {
        component.organizer.as_ref().is_some_and(|person| organizer.contains(&person.address))
            && component.attendees.iter().any(|person| guest.contains(&person.address))
    })
}

/// The same bytes for another account, under an id of their own.
async fn copy(call: &Call, owner: AccountId, found: &Found) -> Answer<NewAttachment> {
    let bytes = call.store().load(found.named.stored.clone()).await?;
    Ok(NewAttachment {
        token: workflow::fresh_id()?,
        content: call.store().prepare(owner, bytes, Parsed::default()).await?,
        name: found.named.attachment.name.clone(),
        media_type: found.named.attachment.media_type.clone(),
    })
}
