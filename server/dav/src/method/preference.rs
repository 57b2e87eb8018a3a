//! `Prefer`: RFC 7240 section 2, RFC 8144. What a client would like beside the bare answer to a change.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use dav_wire::Href;

use super::get;
use crate::call::{Answer, Call, Failure};
use crate::condition::Conditions;
use crate::location::Location;

/// The answer to PUT or POST with the resource in it, if that is what the client wants: as it is after the change (RFC
/// 8144 section 3.1), or as it is when its conditions do not hold (section 3.2).
pub(crate) async fn represented(call: &Call, answer: Answer) -> Answer {
    if !call.prefer.representation {
        return answer;
    }
    let (status, location) = match &answer {
        Ok(done) if done.status() == StatusCode::CREATED => (StatusCode::CREATED, made(call, done)),
        Ok(done) if done.status().is_success() => (StatusCode::OK, call.location.clone()),
        Err(Failure::Status(StatusCode::PRECONDITION_FAILED)) => {
            (StatusCode::PRECONDITION_FAILED, call.location.clone())
        }
        _ => return answer,
    };
    let Location::Item(collection, name) = &location else { return answer };
    match get::item(call, collection, name, Conditions::default(), None).await {
        Ok(mut whole) => {
            *whole.status_mut() = status;
            let headers = whole.headers_mut();
            // Where it is, and what was attached to it.
            for name in [header::LOCATION, header::HeaderName::from_static("cal-managed-id")] {
                if let Some(told) = answer.as_ref().ok().and_then(|done| done.headers().get(&name)) {
                    headers.insert(name, told.clone());
                }
            }
            if let Ok(href) = location.href().to_string().parse() {
                headers.insert(header::CONTENT_LOCATION, href);
            }
            applied(&mut whole, "return=representation");
            Ok(whole)
        }
        // The change is made; what became of it since is no failure of it.
        Err(_) => answer,
    }
}

/// What was made: under the name that the server chose, or that of the request. An attachment is told of by its object.
fn made(call: &Call, done: &HttpResponse) -> Location {
    let chosen = done.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let location = chosen.and_then(|text| Location::of(&Href::parse(text).ok()?));
    let location = location.filter(|location| matches!(location, Location::Item(..)));
    location.unwrap_or_else(|| call.location.clone())
}

/// RFC 7240 section 3: says that a preference was met.
pub(crate) fn applied(response: &mut HttpResponse, preference: &'static str) {
    let name = header::HeaderName::from_static("preference-applied");
    response.headers_mut().insert(name, header::HeaderValue::from_static(preference));
}
