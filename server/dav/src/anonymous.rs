//! Who has not said who it is: RFC 5397 section 3.
//!
//! Most programs that send a first request without a password wait for a 401, and ask their user for one only then. So
//! nobody is answered without a password but who asks for nothing else than that: whose principal it is, at the root of
//! the host. Discovery leads to `/dav/`, where a password is asked for as ever. The answer names the challenge too.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use dav_wire::header::Depth;
use dav_wire::method::PropFind;
use dav_wire::name::QName;
use dav_wire::property::ResourceType;
use dav_wire::{Detail, MultiStatus, Property, PropertyAnswer, Status, Value};
use http_door::{CHALLENGE, log_in, text_header};
use session::Context;
use std::time::Duration;
use vocabulary::Door;

use crate::location::Location;
use crate::{route, status};

/// A body that asks for some properties by their names.
const BODY_BYTES_MAX: usize = 16 << 10;
/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a request may be answered to somebody unknown, if its body asks for no more.
pub(crate) fn may_be_answered(request: &HttpRequest) -> bool {
    let depth = text_header(request, "Depth").and_then(|text| Depth::parse(text).ok());
    request.method().as_str() == "PROPFIND"
        && request.uri().path() == "/"
        && depth == Some(Depth::Zero)
        && !request.headers().contains_key(header::AUTHORIZATION)
}

/// The answer: who it is, which is nobody, or else a challenge.
pub(crate) async fn answer(request: &HttpRequest, context: &Context, payload: web::Payload) -> HttpResponse {
    if let Some(names) = asked(payload).await {
        let mut response = told(&names);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
        return response;
    }
    match log_in(request, context, Door::Dav, None, route::closed).await {
        Err(response) => response,
        // Nobody logs in without a password.
        Ok(_) => HttpResponse::BadRequest().finish(),
    }
}

/// The properties that are asked for, if the principal is among them.
async fn asked(payload: web::Payload) -> Option<Vec<QName>> {
    let received = tokio::time::timeout(PATIENCE, payload.to_bytes_limited(BODY_BYTES_MAX)).await;
    let body = received.ok()?.ok()?.ok()?;
    match PropFind::parse(&body) {
        Ok(PropFind::Prop(names)) if names.contains(&Property::CurrentUserPrincipal.into()) => Some(names),
        _ => None,
    }
}

fn told(names: &[QName]) -> HttpResponse {
    let answers: Vec<PropertyAnswer> = names
        .iter()
        .map(|name| match Property::from_name(name.name()) {
            Some(Property::CurrentUserPrincipal) => {
                PropertyAnswer::value(name.clone(), Value::Unauthenticated)
            }
            Some(Property::ResourceType) => {
                PropertyAnswer::value(name.clone(), Value::ResourceTypes(vec![ResourceType::Collection]))
            }
            _ => PropertyAnswer::missing(name.clone()),
        })
        .collect();
    let mut output = MultiStatus::new(Detail::Full);
    output.response(&Location::Root.href().to_string(), &answers);
    status::document(Status::MULTI_STATUS, output.finish())
}
