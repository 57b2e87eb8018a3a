//! GET and HEAD of an item: its bytes as they came, RFC 9110 section 9.3.1.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::{Form, Segment};
use storage::{Item, Refusal, Stored, Subject, right};
use vocabulary::Component;

use crate::call::{Answer, Call, Failure, settled};
use crate::condition::Conditions;
use crate::location::{CollectionLocation, Location};
use crate::method::put::SCHEDULE_TAG;
use crate::notification;
use crate::property::item::Tagged as _;
use crate::time_zones::TimeZones;
use crate::{form, kind};

pub(crate) async fn run(call: &Call, request: &HttpRequest) -> Answer {
    if let Location::Notification(owner, name) = &call.location {
        return notification::get(call, request, owner, name).await;
    }
    let Location::Item(collection, name) = &call.location else { return Err(Failure::not_allowed()) };
    item(call, collection, name, Conditions::of(request)?, Some(request)).await
}

/// An item as it is now. The request chooses in which form it is given; without one it is given as it is stored.
pub(super) async fn item(
    call: &Call,
    collection: &CollectionLocation,
    name: &Segment,
    conditions: Conditions,
    request: Option<&HttpRequest>,
) -> Answer {
    let (address, name, reading) = (call.folder(collection).await?, name.clone(), conditions.of_reading());
    let read = call.store().read(call.principal(), move |tx| {
        let grant = address.open::<right::ReadItems>(tx)?;
        let missing = || Refusal::NotFound(Subject::Item);
        let item = tx.item_by_resource(&grant, name.as_str())?.ok_or_else(missing)?;
        let uid = item.uid.0;
        let stored = tx.contents(&grant, &[uid..=uid], false)?.pop().ok_or_else(missing)?.1;
        let checked = reading.check(&address, &grant, name.as_str(), Some(&item.etag()));
        Ok(checked.map(|()| (item, stored)))
    });
    let (item, stored): (Item, Stored) = settled(read.await)?;
    let tag = item.etag();
    if item.component == Some(Component::Card)
        && let Some(request) = request.filter(|request| form::is_asked_for(request))
    {
        let bytes = call.store().load(stored).await?;
        let given = form::negotiate(request, bytes, tag.to_string(), |form| tag.of_form(form))?;
        return Ok(card(&conditions, given));
    }
    let is_calendar_object = item.component.and_then(kind::on_the_wire).is_some();
    let as_json = is_calendar_object && request.is_some_and(form::is_jcal_wanted);
    let tag = if as_json { tag.of_form(Form::Json) } else { tag.to_string() };
    let mut response = if conditions.knows(&tag) {
        HttpResponse::NotModified().finish()
    } else {
        let bytes = call.time_zones.given(call.store().load(stored).await?);
        let mut response = HttpResponse::Ok();
        if as_json {
            // RFC 7265 section 3.
            let json = calendar::to_json(&bytes).map_err(|_| StatusCode::NOT_ACCEPTABLE)?;
            response.content_type(kind::json_content_type(item.component)).body(json)
        } else {
            response.content_type(kind::content_type(item.component)).body(bytes)
        }
    };
    describe(&mut response, &tag, item.component);
    // RFC 6638 section 8.2.
    if let Some(tag) = item.schedule_tag()
        && let Ok(tag) = HeaderValue::from_str(&tag.to_string())
    {
        response.headers_mut().insert(SCHEDULE_TAG, tag);
    }
    Ok(response)
}

/// A card in the form that the reader wants.
pub(crate) fn card(conditions: &Conditions, given: form::Given) -> HttpResponse {
    let mut response = if conditions.knows(&given.tag) {
        HttpResponse::NotModified().finish()
    } else {
        HttpResponse::Ok().content_type(given.content_type).body(given.bytes)
    };
    describe(&mut response, &given.tag, Some(Component::Card));
    response
}

/// What stands beside the bytes, and beside their absence: RFC 9110 section 15.4.5.
fn describe(response: &mut HttpResponse, tag: &str, component: Option<Component>) {
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    // A shared cache must not give one user's calendar to another.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    // RFC 9110 section 12.5.5: by what its form is chosen.
    if component != Some(Component::Card) {
        headers.append(header::VARY, HeaderValue::from_static(TimeZones::HEADER));
    }
    headers.append(header::VARY, HeaderValue::from_static("accept"));
}
