//! Who is known and not served: the phones of an account that moved, and devices that ask far too often.

use activesync_wire::command::options::{LOCATION_HEADER, THROTTLE_HEADER, TOO_MANY_COMMANDS, location};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use http_door::leave_plain;
use session::{Login, steady_now};
use vocabulary::Door;
use workflow::Elsewhere;

use crate::Server;

/// When a client shall ask again after a fault of ours, in seconds.
const RETRY_AFTER_FAULT_S: u32 = 30;

/// The answer to a request without a device for an account whose phones belong to another server.
pub(crate) async fn elsewhere(server: &Server, login: &Login) -> Option<HttpResponse> {
    match workflow::elsewhere(&server.context, &login.account, Door::ActiveSync).await {
        Ok(place) => place.as_ref().map(redirected),
        Err(error) => {
            match error {
                storage::Error::Fault(fault) => drop(session::incident(&fault)),
                storage::Error::Refusal(refusal) => {
                    tracing::warn!(%refusal, "where phones belong is not known")
                }
            }
            Some(later(RETRY_AFTER_FAULT_S))
        }
    }
}

/// The answer for a device that asked too often.
pub(crate) fn too_often(server: &Server, login: &Login, device: &str) -> Option<HttpResponse> {
    let after_s = server.throttle.count(login.account.id, device, steady_now()).err()?;
    tracing::warn!(account = login.account.id.0, device, retry_after_s = after_s, "a device asks too often");
    let mut response = later(after_s);
    // MS-ASHTTP R9052
    let condition = HeaderValue::from_static(TOO_MANY_COMMANDS);
    response.headers_mut().insert(HeaderName::from_static(THROTTLE_HEADER), condition);
    Some(response)
}

/// The answer for an account whose phones belong to another server; for every version (MS-ASHTTP section 3.2.5.1).
pub(crate) fn redirected(place: &Elsewhere) -> HttpResponse {
    let mut response = empty(StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS);
    let location = match place {
        Elsewhere::Host(host) => Some(location(host)), // MS-ASHTTP R285
        // MS-ASHTTP R272: without a location the phone asks Autodiscover, which tells the address.
        Elsewhere::Address(_) => None,
    };
    if let Some(Ok(location)) = location.map(HeaderValue::try_from) {
        response.headers_mut().insert(HeaderName::from_static(LOCATION_HEADER), location);
    }
    response
}

fn later(after_s: u32) -> HttpResponse {
    let mut response = empty(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after_s)); // MS-ASHTTP R287
    response
}

fn empty(status: StatusCode) -> HttpResponse {
    let mut response = HttpResponseBuilder::new(status).finish();
    leave_plain(&mut response);
    response
}
