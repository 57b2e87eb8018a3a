//! COPY and MOVE of an item of a calendar or address book: RFC 4918 sections 9.8 and 9.9. They say nothing new to
//! anybody: RFC 6638 sections 3.2.3.3 and 3.2.3.4. A meeting that something else takes the place of is removed, and so is
//! one that moves to another account: that is told.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use calendar::schedule::{Agent, Written};
use dav_wire::ETag;
use dav_wire::header::{Destination, Overwrite};
use http_door::text_header;
use storage::{Error, Item, Read, Refusal, Stored, Subject, Write, right};
use vocabulary::Home;
use workflow::meeting::Planned;

use super::delete;
use super::put::{self, StoredObject, Target};
use crate::address::FolderAddress;
use crate::attachment::{self, Foreign};
use crate::call::{Answer, Call, Checked, Failure, retried, settled};
use crate::condition::Conditions;
use crate::kind;
use crate::location::Location;
use crate::property::item::Tagged as _;
use crate::schedule::{self, Against};

/// How often a move between accounts begins, if others write the item while its bytes are on their way.
const ATTEMPTS_MAX: usize = 2;

/// What becomes of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Copy,
    Move,
}

/// The item that is copied or moved.
#[derive(Debug, Clone)]
struct Source {
    address: FolderAddress,
    name: String,
    conditions: Conditions,
}

pub(crate) async fn run(call: &Call, request: &HttpRequest, method: Method) -> Answer {
    if let Location::Collection(collection) = &call.location {
        return super::transfer_collection::run(call, request, collection, method).await;
    }
    let Location::Item(collection, name) = &call.location else { return Err(Failure::not_allowed()) };
    let (target_collection, target_name) = match destination(request)? {
        // RFC 4918 sections 9.8.5 and 9.9.4.
        destination if destination == call.location => return Err(StatusCode::FORBIDDEN.into()),
        Location::Item(collection, name) => (collection, name),
        _ => return Err(StatusCode::FORBIDDEN.into()),
    };
    // What is in a schedule inbox came from the house, and leads nowhere but out.
    if collection.home == Home::Scheduling {
        return Err(StatusCode::FORBIDDEN.into());
    }
    if target_collection.home != collection.home {
        return Err(kind::Kind::of_folder(target_collection.home).unsupported_media.clone().into());
    }
    let overwrite =
        Overwrite::parse(text_header(request, "Overwrite")).map_err(|_| StatusCode::BAD_REQUEST)?;
    let source = Source {
        address: call.folder(collection).await?,
        name: name.as_str().to_owned(),
        conditions: Conditions::of(request)?,
    };
    let target = Target {
        address: call.folder(&target_collection).await.map_err(put::no_parent)?,
        name: target_name.as_str().to_owned(),
        conditions: match overwrite {
            Overwrite::Replace => Conditions::default(),
            Overwrite::Keep => Conditions::of_absence(),
        },
    };
    let stored = match method {
        Method::Copy => {
            let (_, stored) = read(call, &source, &target).await?;
            put::store(call, target, call.store().load(stored).await?, Agent::Client).await?
        }
        Method::Move if source.address.owner.id == target.address.owner.id => {
            move_within(call, source, target).await?
        }
        Method::Move => move_across(call, source, target).await?,
    };
    Ok(if stored.is_new { HttpResponse::Created() } else { HttpResponse::NoContent() }.finish())
}

/// Where to. Its host is not looked at: behind a proxy it is not the one that we are called by.
pub(crate) fn destination(request: &HttpRequest) -> Answer<Location> {
    let header = text_header(request, "Destination").ok_or(StatusCode::BAD_REQUEST)?;
    let destination = Destination::parse(header).map_err(|_| StatusCode::BAD_REQUEST)?;
    Location::of(&destination.href).ok_or(StatusCode::CONFLICT.into())
}

/// The tag and the bytes of the source, if its conditions hold.
async fn read(call: &Call, source: &Source, target: &Target) -> Answer<(ETag, Stored)> {
    let (source, target) = (source.clone(), target.clone());
    let read = call.store().read(call.principal(), move |tx| {
        let Source { address, name, conditions } = &source;
        if is_itself(tx, &source, &target)? {
            return Ok(Err(Failure::from(StatusCode::FORBIDDEN)));
        }
        let grant = address.open::<right::ReadItems>(tx)?;
        let missing = || Refusal::NotFound(Subject::Item);
        let item = tx.item_by_resource(&grant, name)?.ok_or_else(missing)?;
        let stored = tx.contents(&grant, &[item.uid.0..=item.uid.0], false)?.pop().ok_or_else(missing)?.1;
        let tag = item.etag();
        Ok(conditions.check(address, &grant, name, Some(&tag)).map(|()| (tag, stored)))
    });
    settled(read.await)
}

/// RFC 4918 sections 9.8.5 and 9.9.4: an item has a path in its owner's home, and others where it is mounted.
fn is_itself(tx: &Read<'_>, source: &Source, target: &Target) -> storage::Result<bool> {
    if source.name != target.name || source.address.owner.id != target.address.owner.id {
        return Ok(false);
    }
    let from = source.address.open::<right::Lookup>(tx)?;
    match target.address.open::<right::Lookup>(tx) {
        Ok(to) => Ok(from.collection().id == to.collection().id),
        Err(Error::Refusal(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The item as it is now, if its conditions hold and the collection that it is to enter is there.
fn find(tx: &Write<'_>, source: &Source, target: &Target) -> Checked<Item> {
    if is_itself(tx, source, target)? {
        return Ok(Err(StatusCode::FORBIDDEN.into()));
    }
    let grant = source.address.open::<right::ReadItems>(tx)?;
    let found = tx.item_by_resource(&grant, &source.name)?;
    let item = found.ok_or(Refusal::NotFound(Subject::Item))?;
    let Source { address, name, conditions } = source;
    if let Err(failure) = conditions.check(address, &grant, name, Some(&item.etag())) {
        return Ok(Err(failure));
    }
    match target.address.open::<right::Lookup>(tx) {
        Ok(_) => Ok(Ok(item)),
        // RFC 4918 section 9.9.4.
        Err(Error::Refusal(Refusal::NotFound(_))) => Ok(Err(StatusCode::CONFLICT.into())),
        Err(error) => Err(error),
    }
}

/// The item keeps its identity, which is how phones and mail programs know it.
async fn move_within(call: &Call, source: Source, target: Target) -> Answer<StoredObject> {
    let mut stored = retried(async || try_within(call, source.clone(), target.clone()).await).await?;
    schedule::deliver(call, std::mem::take(&mut stored.posted)).await;
    Ok(stored)
}

/// What it means that an item goes from where it is. Where there is none, or none to be seen, the transaction says so.
async fn plan_removal(call: &Call, address: &FolderAddress, name: &str) -> Answer<(Against, Planned)> {
    let against = match delete::find(call, address, name).await {
        Err(Failure::Store(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. }))) => {
            Against::NoMeeting
        }
        found => found?,
    };
    let written = Written::Removed { reply: true };
    let planned = schedule::plan(call, address, Agent::Server, &against, written).await?;
    Ok((against, planned))
}

/// [`Refusal::Stale`] if what was at the target was written after its removal was planned.
async fn try_within(call: &Call, source: Source, target: Target) -> Answer<StoredObject> {
    let (against, planned) = plan_removal(call, &target.address, &target.name).await?;
    let accounts = call.accounts(source.address.owner.id);
    let hidden_conflict = put::hidden_conflict(&target.address);
    let write = call.write(&accounts, move |tx| {
        let item = match find(tx, &source, &target)? {
            Ok(item) => item,
            Err(failure) => return Ok(Err(failure)),
        };
        let Target { address, name, conditions } = &target;
        let (from, read) = (source.address.open(tx)?, source.address.open(tx)?);
        let (to, at_target) = (address.open(tx)?, address.open::<right::ReadItems>(tx)?);
        let old = tx.item_by_resource(&at_target, name)?;
        if let Err(failure) =
            conditions.check(address, &at_target, name, old.as_ref().map(|item| item.etag()).as_ref())
        {
            return Ok(Err(failure));
        }
        if let Err(unmet) = put::check_component(tx, address, item.component)? {
            return Ok(Err(unmet.into()));
        }
        let twin = match &item.component_uid {
            Some(uid) => tx
                .item_by_component_uid(&at_target, uid)?
                .filter(|twin| !is_same(address, &source, twin, &item)),
            None => None,
        };
        if let Some(unmet) =
            put::uid_conflict(address, old.as_ref(), twin.as_ref(), item.component_uid.as_deref())
        {
            return Ok(Err(unmet.into()));
        }
        let mut posted = Vec::new();
        if let Some(old) = &old {
            against.check(Some(old))?;
            let grant = address.open::<right::Remove>(tx)?;
            tx.remove(&grant, &[old.uid.0..=old.uid.0])?;
            // A meeting of the same UID that comes in its place goes on.
            if item.schedule_modseq.is_none() {
                posted = planned.letters.post(tx)?;
            }
        }
        let moved = tx.move_resource(&from, &read, &to, item.uid, name)?;
        let placed = tx.item_by_id(&at_target, moved.id)?.ok_or(Refusal::NotFound(Subject::Item))?;
        let stored = StoredObject::of(old.is_none(), placed.etag());
        Ok(Ok(StoredObject { schedule_tag: placed.schedule_tag(), posted, ..stored }))
    });
    match write.await {
        // The transaction is undone: what was at the target is there still.
        Err(Error::Refusal(Refusal::AlreadyExists(_))) => Err(hidden_conflict.into()),
        written => settled(written),
    }
}

/// Whether what is found at the target is the very item that moves (to another name in its own collection).
fn is_same(address: &FolderAddress, source: &Source, found: &Item, item: &Item) -> bool {
    address.owner.id == source.address.owner.id && found.id == item.id
}

/// Between two accounts the bytes are prepared anew, and both accounts change in one transaction.
async fn move_across(call: &Call, source: Source, target: Target) -> Answer<StoredObject> {
    let mut attempt = 1;
    loop {
        match try_across(call, source.clone(), target.clone()).await {
            Err(Failure::Store(Error::Refusal(Refusal::Stale { .. }))) if attempt < ATTEMPTS_MAX => {
                attempt += 1;
            }
            outcome => {
                let mut stored = outcome?;
                schedule::deliver(call, std::mem::take(&mut stored.posted)).await;
                return Ok(stored);
            }
        }
    }
}

/// In its owner's calendar the item is no more, which is told as if it were deleted. [`Refusal::Stale`] if it was written
/// after its bytes were read: they would replace what is newer.
async fn try_across(call: &Call, source: Source, target: Target) -> Answer<StoredObject> {
    let (tag, stored) = read(call, &source, &target).await?;
    let bytes = call.store().load(stored).await?;
    let against = put::admit_early(call, &target, &bytes).await?;
    let ingested = attachment::ingest(call, &target, bytes, Vec::new(), Foreign::Copied).await?;
    let placing = put::prepare(call, target, against, ingested, Agent::Client).await?;
    let (left, planned) = plan_removal(call, &source.address, &source.name).await?;
    let contents = put::contents(&placing.new);
    let accounts = [source.address.owner.id, placing.target.address.owner.id, call.account().id];
    let write = call.write(&accounts, move |tx| {
        let item = match find(tx, &source, &placing.target)? {
            Ok(item) => item,
            Err(failure) => return Ok(Err(failure)),
        };
        if item.etag() != tag {
            return Err(Refusal::Stale { current: item.content_modseq }.into());
        }
        left.check(Some(&item))?;
        let remove = source.address.open::<right::Remove>(tx)?;
        let mut placed = put::place(tx, &placing)?;
        if let Ok(placed) = &mut placed {
            tx.remove(&remove, &[item.uid.0..=item.uid.0])?;
            placed.posted.extend(planned.letters.post(tx)?);
        }
        Ok(placed)
    });
    let outcome = settled(write.await);
    for content in contents {
        put::discard_refused(call, content, &outcome).await;
    }
    outcome
}
