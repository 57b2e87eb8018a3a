//! COPY and MOVE of an item: RFC 4918 sections 9.8 and 9.9.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::header::{Destination, Overwrite};
use storage::{Error, Item, NewItem, Refusal, Stored, Subject, Write, right};

use super::put::{self, StoredObject, Target};
use crate::address::FolderAddress;
use crate::call::{Answer, Call, Checked, Failure, settled, text_header};
use crate::condition::Conditions;
use crate::folder::Folder;
use crate::kind;
use crate::location::Location;
use crate::property::item::etag;

/// What becomes of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Copy,
    Move,
}

/// The item that is copied or moved.
struct Source {
    address: FolderAddress,
    name: String,
    conditions: Conditions,
}

pub(crate) async fn run(call: &Call, request: &HttpRequest, method: Method) -> Answer {
    let Location::Item(collection, name) = &call.location else { return Err(Failure::not_allowed()) };
    let (target_collection, target_name) = match destination(request)? {
        // RFC 4918 sections 9.8.5 and 9.9.4.
        destination if destination == call.location => return Err(StatusCode::FORBIDDEN.into()),
        Location::Item(collection, name) => (collection, name),
        _ => return Err(StatusCode::FORBIDDEN.into()),
    };
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
            let stored = read(call, &source).await?;
            put::store(call, target, call.store().load(stored).await?).await?
        }
        Method::Move if source.address.owner.id == target.address.owner.id => {
            move_within(call, source, target).await?
        }
        Method::Move => move_across(call, source, target).await?,
    };
    Ok(if stored.is_new { HttpResponse::Created() } else { HttpResponse::NoContent() }.finish())
}

/// Where to. Its host is not looked at: behind a proxy it is not the one that we are called by.
fn destination(request: &HttpRequest) -> Answer<Location> {
    let header = text_header(request, "Destination").ok_or(StatusCode::BAD_REQUEST)?;
    let destination = Destination::parse(header).map_err(|_| StatusCode::BAD_REQUEST)?;
    Location::of(&destination.href).ok_or(StatusCode::CONFLICT.into())
}

/// The bytes of the source, if its conditions hold.
async fn read(call: &Call, source: &Source) -> Answer<Stored> {
    let (address, name) = (source.address.clone(), source.name.clone());
    let conditions = source.conditions.clone();
    let read = call.store().read(call.principal(), move |tx| {
        let grant = address.open::<right::ReadItems>(tx)?;
        let missing = || Refusal::NotFound(Subject::Item);
        let item = tx.item_by_resource(&grant, &name)?.ok_or_else(missing)?;
        let stored = tx.contents(&grant, &[item.uid.0..=item.uid.0], false)?.pop().ok_or_else(missing)?.1;
        Ok(conditions.check(&address.item(&name), Some(&etag(&item))).map(|()| stored))
    });
    read.await?
}

/// The item as it is now, if its conditions hold and the collection that it is to enter is there.
fn find(tx: &Write<'_>, source: &Source, target: &FolderAddress) -> Checked<Item> {
    let grant = source.address.open::<right::ReadItems>(tx)?;
    let found = tx.item_by_resource(&grant, &source.name)?;
    let item = found.ok_or(Refusal::NotFound(Subject::Item))?;
    if let Err(failure) = source.conditions.check(&source.address.item(&source.name), Some(&etag(&item))) {
        return Ok(Err(failure));
    }
    match target.open::<right::Lookup>(tx) {
        Ok(_) => Ok(Ok(item)),
        // RFC 4918 section 9.9.4.
        Err(Error::Refusal(Refusal::NotFound(_))) => Ok(Err(StatusCode::CONFLICT.into())),
        Err(error) => Err(error),
    }
}

/// The item keeps its identity, which is how phones and mail programs know it.
async fn move_within(call: &Call, source: Source, target: Target) -> Answer<StoredObject> {
    let accounts = call.accounts(source.address.owner.id);
    let write = call.store().write(call.principal(), &accounts, move |tx| {
        let item = match find(tx, &source, &target.address)? {
            Ok(item) => item,
            Err(failure) => return Ok(Err(failure)),
        };
        let Target { address, name, conditions } = &target;
        let (from, read) = (source.address.open(tx)?, source.address.open(tx)?);
        let (to, at_target) = (address.open(tx)?, address.open::<right::ReadItems>(tx)?);
        let old = tx.item_by_resource(&at_target, name)?;
        if let Err(failure) = conditions.check(&address.item(name), old.as_ref().map(etag).as_ref()) {
            return Ok(Err(failure));
        }
        if let Err(unmet) = put::check_component(&Folder::read(tx, address.clone())?, item.component) {
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
        if let Some(old) = &old {
            let grant = address.open::<right::Remove>(tx)?;
            tx.remove(&grant, &[old.uid.0..=old.uid.0])?;
        }
        let moved = tx.move_resource(&from, &read, &to, item.uid, name)?;
        let placed = tx.item_by_id(&at_target, moved.id)?.ok_or(Refusal::NotFound(Subject::Item))?;
        Ok(Ok(StoredObject { is_new: old.is_none(), etag: etag(&placed) }))
    });
    write.await?
}

/// Whether what is found at the target is the very item that moves (to another name in its own collection).
fn is_same(address: &FolderAddress, source: &Source, found: &Item, item: &Item) -> bool {
    address.owner.id == source.address.owner.id && found.id == item.id
}

/// Between two accounts the bytes are prepared anew, and both accounts change in one transaction.
async fn move_across(call: &Call, source: Source, target: Target) -> Answer<StoredObject> {
    let bytes = call.store().load(read(call, &source).await?).await?;
    let (owner, home) = (target.address.owner.id, target.address.home);
    let mut new: NewItem = kind::ingest(home, call.store(), owner, bytes, call.context.clock.now()).await?;
    let content = new.content.clone();
    new.resource_name = Some(target.name.clone());
    let accounts = [source.address.owner.id, owner, call.account().id];
    let write = call.store().write(call.principal(), &accounts, move |tx| {
        let item = match find(tx, &source, &target.address)? {
            Ok(item) => item,
            Err(failure) => return Ok(Err(failure)),
        };
        let remove = source.address.open::<right::Remove>(tx)?;
        let placed = put::place(tx, &target, &new)?;
        if placed.is_ok() {
            tx.remove(&remove, &[item.uid.0..=item.uid.0])?;
        }
        Ok(placed)
    });
    let outcome = settled(write.await);
    if outcome.is_err() {
        call.store().discard(content).await;
    }
    outcome
}
