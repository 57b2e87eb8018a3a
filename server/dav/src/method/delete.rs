//! DELETE: RFC 4918 section 9.6. The removal of a meeting is told to whom it concerns: RFC 6638 section 3.2.3.2.

use actix_web::{HttpRequest, HttpResponse};
use calendar::schedule::{Agent, Written};
use dav_wire::Precondition;
use http_door::text_header;
use storage::{Item, Outgoing, Read, Refusal, Subject, Write, right};
use vocabulary::Home;
use workflow::meeting::{self, Planned, RemovalOfAll};

use super::share;
use crate::address::{FolderAddress, FolderName};
use crate::call::{Answer, Call, Checked, Failure, retried, settled};
use crate::condition::Conditions;
use crate::directory;
use crate::location::Location;
use crate::notification;
use crate::property::item::Tagged as _;
use crate::push;
use crate::schedule::{self, Against};

pub(crate) async fn run(call: &Call, request: &HttpRequest) -> Answer {
    let conditions = Conditions::of(request)?;
    // RFC 6638 section 8.1.
    let reply =
        text_header(request, "Schedule-Reply").is_none_or(|value| !value.trim().eq_ignore_ascii_case("F"));
    match &call.location {
        Location::Item(collection, name) => {
            item(call, &call.folder(collection).await?, name.as_str(), &conditions, reply).await?;
        }
        Location::Collection(collection) => {
            let address = call.folder(collection).await?;
            if matches!(address.name, FolderName::Mount(_)) {
                return share::remove(call, address, conditions).await;
            }
            let posted = retried(async || whole(call, &address, &conditions).await).await?;
            schedule::deliver(call, posted).await;
        }
        Location::Notification(owner, name) => return notification::delete(call, request, owner, name).await,
        Location::Push(token) => return push::remove(call, token).await,
        _ => return Err(Failure::not_allowed()),
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Removes an item, if the conditions hold, and tells those whom it concerns; `reply`: also the organiser.
pub(super) async fn item(
    call: &Call,
    address: &FolderAddress,
    name: &str,
    conditions: &Conditions,
    reply: bool,
) -> Answer<()> {
    let posted = retried(async || item_once(call, address, name, conditions, reply).await).await?;
    schedule::deliver(call, posted).await;
    Ok(())
}

async fn item_once(
    call: &Call,
    address: &FolderAddress,
    name: &str,
    conditions: &Conditions,
    reply: bool,
) -> Answer<Vec<Outgoing>> {
    let (address, name, conditions) = (address.clone(), name.to_owned(), conditions.clone());
    let against = find(call, &address, &name).await?;
    let written = Written::Removed { reply };
    let planned = schedule::plan(call, &address, Agent::Server, &against, written).await?;
    let accounts = call.accounts(address.owner.id);
    let write =
        call.write(&accounts, move |tx| remove_planned(tx, &address, &name, &conditions, &against, &planned));
    settled(write.await)
}

/// What the removal of an item is to be planned against.
pub(super) async fn find(call: &Call, address: &FolderAddress, name: &str) -> Answer<Against> {
    if address.home != Home::Calendars {
        return Ok(Against::NoMeeting);
    }
    let (address, name) = (address.clone(), name.to_owned());
    let read = call.store().read(call.principal(), move |tx: &Read<'_>| {
        let grant = address.open::<right::ReadItems>(tx)?;
        let item = tx.item_by_resource(&grant, &name)?.ok_or(Refusal::NotFound(Subject::Item))?;
        if item.schedule_modseq.is_none() {
            return Ok(None);
        }
        let stored = tx.contents(&grant, &[item.uid.0..=item.uid.0], false)?.pop();
        Ok(stored.map(|(_, stored)| (item, stored)))
    });
    match read.await? {
        None => Ok(Against::NoMeeting),
        found => Against::item(call, found).await,
    }
}

/// Removes an item as it was planned.
fn remove_planned(
    tx: &mut Write<'_>,
    address: &FolderAddress,
    name: &str,
    conditions: &Conditions,
    against: &Against,
    planned: &Planned,
) -> Checked<Vec<Outgoing>> {
    let item = match remove(tx, address, name, conditions)? {
        Ok(item) => item,
        Err(failure) => return Ok(Err(failure)),
    };
    against.check(Some(&item))?;
    Ok(Ok(planned.letters.post(tx)?))
}

/// Removes an item, if the conditions hold; what it was.
fn remove(tx: &mut Write<'_>, address: &FolderAddress, name: &str, conditions: &Conditions) -> Checked<Item> {
    let read = address.open::<right::ReadItems>(tx)?;
    let item = tx.item_by_resource(&read, name)?.ok_or(Refusal::NotFound(Subject::Item))?;
    if let Err(failure) = conditions
        .check(address, &read, name, Some(&item.etag()))
        .and_then(|()| conditions.check_schedule_tag(Some(&item)))
    {
        return Ok(Err(failure));
    }
    let grant = address.open::<right::Remove>(tx)?;
    tx.remove(&grant, &[item.uid.0..=item.uid.0])?;
    Ok(Ok(item))
}

/// A whole collection: each meeting in it is cancelled or declined, once.
async fn whole(call: &Call, address: &FolderAddress, conditions: &Conditions) -> Answer<Vec<Outgoing>> {
    let (address, conditions) = (address.clone(), conditions.clone());
    let removal = plan_whole(call, &address).await?;
    let accounts = call.accounts(address.owner.id);
    let write = call.write(&accounts, move |tx| {
        let grant = address.open::<right::DeleteCollection>(tx)?;
        if let Err(failure) = conditions.check_collection(&address, &grant) {
            return Ok(Err(failure));
        }
        let posted = removal.as_ref().map(|removal| removal.post(tx)).transpose()?;
        tx.delete_collection(&grant)?;
        Ok(Ok(posted.unwrap_or_default()))
    });
    settled(write.await)
}

/// What the removal of a whole collection amounts to, if the user may remove it.
pub(super) async fn plan_whole(call: &Call, address: &FolderAddress) -> Answer<Option<RemovalOfAll>> {
    if address.home != Home::Calendars {
        return Ok(None);
    }
    let id = open_to_delete(call, address).await?;
    let writer = schedule::writer(call, &address.owner, Agent::Server);
    Ok(Some(meeting::plan_removal_of_all(call.store(), &writer, id).await?))
}

/// The calendar, if the user may delete it: before its meetings are looked at.
async fn open_to_delete(call: &Call, address: &FolderAddress) -> Answer<vocabulary::CollectionId> {
    let wanted = address.clone();
    let open = move |tx: &Read<'_>| {
        let grant = wanted.open::<right::DeleteCollection>(tx)?;
        Ok((grant.collection().id, grant.collection().kind))
    };
    let (id, kind) = call.store().read(call.principal(), open).await?;
    let owner = address.owner.id;
    let component = match kind {
        vocabulary::CollectionKind::Calendar => vocabulary::Component::Event,
        _ => return Ok(id),
    };
    let default = move |tx: &Read<'_>| meeting::default_calendar(tx, owner, component);
    // RFC 6638 section 4.3.1.1.
    if call.store().read(&directory::HOUSE, default).await? == id {
        return Err(Precondition::DefaultCalendarNeeded.into());
    }
    Ok(id)
}
