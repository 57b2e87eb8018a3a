//! GET and HEAD of an item: its bytes as they came, RFC 9110 section 9.3.1.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::Segment;
use storage::{Item, Refusal, Stored, Subject, right};

use crate::call::{Answer, Call, Failure, settled};
use crate::condition::Conditions;
use crate::kind;
use crate::location::{CollectionLocation, Location};
use crate::property::item::etag;
use crate::time_zones::TimeZones;

pub(crate) async fn run(call: &Call, request: &HttpRequest) -> Answer {
    let Location::Item(collection, name) = &call.location else { return Err(Failure::not_allowed()) };
    item(call, collection, name, Conditions::of(request)?).await
}

/// An item as it is now.
pub(super) async fn item(
    call: &Call,
    collection: &CollectionLocation,
    name: &Segment,
    conditions: Conditions,
) -> Answer {
    let (address, name, reading) = (call.folder(collection).await?, name.clone(), conditions.of_reading());
    let read = call.store().read(call.principal(), move |tx| {
        let grant = address.open::<right::ReadItems>(tx)?;
        let missing = || Refusal::NotFound(Subject::Item);
        let item = tx.item_by_resource(&grant, name.as_str())?.ok_or_else(missing)?;
        let uid = item.uid.0;
        let stored = tx.contents(&grant, &[uid..=uid], false)?.pop().ok_or_else(missing)?.1;
        let checked = reading.check(&address, &grant, name.as_str(), Some(&etag(&item)));
        Ok(checked.map(|()| (item, stored)))
    });
    let (item, stored): (Item, Stored) = settled(read.await)?;
    let tag = etag(&item);
    let tag_text = (header::ETAG, tag.to_string());
    if conditions.is_known(Some(&tag)) {
        return Ok(HttpResponse::NotModified().insert_header(tag_text).finish());
    }
    let bytes = call.time_zones.given(call.store().load(stored).await?);
    // A shared cache must not give one user's calendar to another.
    let private = (header::CACHE_CONTROL, "private, no-cache");
    let content_type = kind::content_type(item.component);
    Ok(HttpResponse::Ok()
        .insert_header(tag_text)
        .insert_header(private)
        .insert_header(TimeZones::VARY)
        .content_type(content_type)
        .body(bytes))
}
