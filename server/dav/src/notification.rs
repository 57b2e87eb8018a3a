//! What people are told about sharing: the collection of notifications of the calendar server's extensions, made of
//! the store's notices. A notification goes when its reader removes it, answers it, or some months have passed.
//!
//! What is absent: notices of system and quota, and of changes in shared calendars.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::sharing::{InviteNotice, Notification, Organizer, ReplyNotice, SharingValue};
use dav_wire::{ETag, Href, Property, Segment, Value, xml};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use storage::{Account, News, Notice, Refusal, Subject};
use vocabulary::{AccountId, CollectionId, EmailAddress, Home, ItemId, ModSeq, Timestamp};

use crate::address::{FolderAddress, FolderName};
use crate::call::{Answer, Call};
use crate::condition::Conditions;
use crate::directory;
use crate::folder::{Folder, Kept, called};
use crate::home::read_if_there;
use crate::location;
use crate::sharing::access_of;

/// A notification, with what its properties are made of.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// The last segment of its path.
    pub(crate) name: String,
    pub(crate) notification: Notification,
    at: Timestamp,
    collection: i64,
    /// Which notice it is made of.
    notice: (AccountId, CollectionId, AccountId),
}

impl Told {
    fn document(&self) -> Vec<u8> {
        self.notification.document(self.at)
    }

    pub(crate) fn etag(&self) -> ETag {
        ETag { item: ItemId(self.collection), content: ModSeq(self.at.0) }
    }

    pub(crate) fn value(&self, property: Property) -> Option<Value> {
        match property {
            Property::ETag => Some(Value::Text(self.etag().to_string())),
            Property::ContentType => Some(Value::Text(xml::CONTENT_TYPE.to_owned())),
            Property::ContentLength => i64::try_from(self.document().len()).ok().map(Value::Integer),
            Property::CreationDate => Some(Value::DateTime(self.at)),
            Property::LastModified => Some(Value::HttpDate(self.at)),
            Property::NotificationType => Some(Value::Sharing(SharingValue::Kind(self.notification.clone()))),
            _ => None,
        }
    }
}

/// What changes with every notification that comes or goes.
pub(crate) fn ctag(all: &[Arc<Told>]) -> String {
    format!("{}-{}", all.len(), all.iter().map(|told| told.at.0).max().unwrap_or_default())
}

/// The name of the share in invitations and answers to them.
fn uid(notice: &Notice) -> String {
    format!("{}-{}", notice.owner, notice.collection)
}

/// Everything that the user is told, oldest first.
///
/// # Errors
/// [`Refusal::NotFound`] for another's.
pub(crate) async fn all(call: &Call, owner: &EmailAddress) -> Answer<Vec<Arc<Told>>> {
    if *owner != call.account().address {
        return Err(Refusal::NotFound(Subject::Account).into());
    }
    let notices = call.store().read(call.principal(), |tx| tx.notices()).await?;
    let ids = notices.iter().map(|notice| notice.other).collect::<BTreeSet<_>>();
    let others = directory::by_ids(call, ids.into_iter().collect()).await?;
    let others: HashMap<AccountId, Arc<Account>> =
        others.into_iter().map(|account| (account.id, Arc::new(account))).collect();
    let addresses = notices
        .iter()
        .filter(|notice| notice.news == News::Given)
        .filter_map(|notice| Some(address(notice, Arc::clone(others.get(&notice.owner)?))));
    let folders = given(call, addresses.collect()).await?;
    let mut told = Vec::with_capacity(notices.len());
    for notice in notices {
        let Some(other) = others.get(&notice.other) else { continue };
        let key = (notice.owner, notice.collection);
        let notification = match (notice.news, folders.get(&key)) {
            (News::Given, Some(folder)) => invite(call, &notice, other, Some(folder)),
            // It ended in another way than by the grant that was told of.
            (News::Given, None) => continue,
            (News::Taken, _) => invite(call, &notice, other, None),
            (News::Accepted | News::Declined, _) => reply(call, &notice, other),
        };
        let name = format!("{}-{}-{}.xml", notice.owner, notice.collection, notice.other);
        let (at, collection) = (notice.at, notice.collection.0);
        let notice = (notice.owner, notice.collection, notice.other);
        told.push(Arc::new(Told { name, notification, at, collection, notice }));
    }
    Ok(told)
}

/// One notification.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(crate) async fn find(call: &Call, owner: &EmailAddress, name: &Segment) -> Answer<Arc<Told>> {
    let found = all(call, owner).await?.into_iter().find(|told| told.name == name.as_str());
    Ok(found.ok_or(Refusal::NotFound(Subject::Item))?)
}

/// Where the reader has what was given.
fn address(notice: &Notice, owner: Arc<Account>) -> FolderAddress {
    let home = notice.kind.home();
    FolderAddress {
        href: host(&owner, notice),
        home,
        owner,
        name: FolderName::Mount(notice.collection),
        push: None,
    }
}

/// What was given, as it is now.
async fn given(
    call: &Call,
    addresses: Vec<FolderAddress>,
) -> Answer<HashMap<(AccountId, CollectionId), Folder>> {
    let kept = Kept::stored([Property::SupportedCalendarComponentSet, Property::ResourceType]);
    let read = call.store().read(call.principal(), move |tx| {
        let mut folders = HashMap::with_capacity(addresses.len());
        for address in addresses {
            if let Some(folder) = read_if_there(tx, address, &kept)? {
                folders.insert((folder.collection.account, folder.collection.id), folder);
            }
        }
        Ok(folders)
    });
    Ok(read.await?)
}

fn invite(call: &Call, notice: &Notice, owner: &Account, folder: Option<&Folder>) -> Notification {
    Notification::Invite(InviteNotice {
        uid: uid(notice),
        href: format!("mailto:{}", call.account().address),
        access: folder.map(|folder| access_of(folder.rights)),
        host: host(owner, notice).to_string(),
        organizer: Organizer { href: format!("mailto:{}", owner.address), name: called(owner) },
        summary: notice.name.clone(),
        is_calendar: notice.kind.home() == Home::Calendars,
        components: folder.map(Folder::components).unwrap_or_default(),
    })
}

fn reply(call: &Call, notice: &Notice, other: &Account) -> Notification {
    Notification::Reply(ReplyNotice {
        href: format!("mailto:{}", other.address),
        accepted: notice.news == News::Accepted,
        host: host(call.account(), notice).to_string(),
        in_reply_to: uid(notice),
        summary: notice.name.clone(),
    })
}

/// Where the owner has the collection.
fn host(owner: &Account, notice: &Notice) -> Href {
    let home = location::home(notice.kind.home(), &owner.address);
    match Segment::new(notice.resource_name.clone()) {
        Ok(name) => home.collection(name),
        // The store keeps no name that is none.
        Err(_) => home,
    }
}

/// GET and HEAD.
pub(crate) async fn get(call: &Call, request: &HttpRequest, owner: &EmailAddress, name: &Segment) -> Answer {
    let told = find(call, owner, name).await?;
    let conditions = Conditions::of(request)?;
    let tag = (header::ETAG, told.etag().to_string());
    if conditions.is_known(Some(&told.etag())) {
        return Ok(HttpResponse::NotModified().insert_header(tag).finish());
    }
    let private = (header::CACHE_CONTROL, "private, no-cache");
    let mut response = HttpResponse::Ok();
    Ok(response
        .insert_header(tag)
        .insert_header(private)
        .content_type(xml::CONTENT_TYPE)
        .body(told.document()))
}

/// DELETE: it was read.
pub(crate) async fn delete(
    call: &Call,
    request: &HttpRequest,
    owner: &EmailAddress,
    name: &Segment,
) -> Answer {
    let told = find(call, owner, name).await?;
    if !Conditions::of(request)?.tags_hold(Some(&told.etag())) {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    let (of, collection, other) = told.notice;
    let accounts = [call.account().id];
    let forget = call.write(&accounts, move |tx| tx.forget_notice(of, collection, other));
    forget.await?;
    Ok(HttpResponse::NoContent().finish())
}
