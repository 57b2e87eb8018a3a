//! free-busy-query: RFC 4791 section 7.10. What is asked for itself counts, also a calendar that its owner calls
//! transparent. With what somebody is busy is not told, so the right to ask is less than that to read.

use actix_web::HttpResponse;
use actix_web::http::header;
use calendar::schedule::{Addresses, free_busy};
use dav_wire::report::FreeBusyQuery;
use dav_wire::{Precondition, Property, TimeSpan};
use std::sync::Arc;
use storage::{Error, Refusal};
use vocabulary::Rights;
use workflow::meeting::{Window, taken};

use super::zone;
use crate::call::{Answer, Call, Failure};
use crate::folder::{Folder, Kept};
use crate::location::CollectionLocation;
use crate::privilege;
use crate::property::principal::calendar_addresses;

pub(super) async fn run(call: &Arc<Call>, collection: &CollectionLocation, wanted: FreeBusyQuery) -> Answer {
    let TimeSpan { start, end } = wanted.span;
    let range = start..end;
    let address = call.folder(collection).await?;
    let kept = Kept::named([Property::CalendarTimezoneId]);
    let read = call.store().read(call.principal(), move |tx| Folder::read(tx, address, &kept));
    let folder = read.await?;
    if !(folder.rights.contains(Rights::FREE_BUSY) || folder.rights.contains(Rights::READ)) {
        return Err(privilege::missing(call, Rights::FREE_BUSY).into());
    }
    let zone = zone::of(call, &folder, None).await?;
    let owner = &folder.address.owner;
    let addresses = calendar_addresses(owner);
    let window = Arc::new(Window {
        account: owner.id,
        addresses: Addresses::new(&owner.address.to_string(), addresses.iter().map(String::as_str)),
        range: range.clone(),
        zone,
        masked_uid: None,
        transparent_too: true,
    });
    let busy = taken(call.store(), &window, folder.collection.id).await.map_err(too_many)?.periods;
    let answer = free_busy(&range, &busy, call.context.clock.now());
    let private = (header::CACHE_CONTROL, "private, no-store");
    Ok(HttpResponse::Ok().insert_header(private).content_type("text/calendar; charset=utf-8").body(answer))
}

fn too_many(error: Error) -> Failure {
    match error {
        Error::Refusal(Refusal::Invalid(_)) => Precondition::NumberOfMatchesWithinLimits.into(),
        error => error.into(),
    }
}
