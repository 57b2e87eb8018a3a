//! Who asks: HTTP Basic, RFC 7617.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use session::{Context, Denied, Login};
use std::net::{IpAddr, Ipv4Addr};
use vocabulary::{AccountKind, Door};

use crate::{leave_plain, text_header};

/// When a client shall ask again after a fault of ours.
const RETRY_AFTER_FAULT_S: u32 = 30;

/// Checks the password that came with a request. `closed` says in words why accounts of a kind may not come
/// in here.
///
/// # Errors
/// The answer to give instead: 401, 403 with the reason in words, or 503.
pub async fn log_in(
    request: &HttpRequest,
    context: &Context,
    door: Door,
    device: Option<String>,
    closed: impl FnOnce(AccountKind) -> String,
) -> Result<Login, HttpResponse> {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let Some(credentials) = credentials(request) else { return Err(unauthorized()) };
    for text in readings(&credentials) {
        let Some((user, password)) = text.split_once(':') else { continue };
        let login = context.authenticator.password(user, password, door, peer, device.clone());
        match login.await {
            Ok(login) => return Ok(login),
            Err(Denied::Wrong) => {}
            Err(denied) => return Err(refusal(denied, closed)),
        }
    }
    Err(unauthorized())
}

fn refusal(denied: Denied, closed: impl FnOnce(AccountKind) -> String) -> HttpResponse {
    match denied {
        Denied::Wrong => unauthorized(),
        Denied::DoorClosed { kind, .. } => {
            HttpResponse::Forbidden().content_type("text/plain; charset=utf-8").body(closed(kind))
        }
        Denied::Throttled { retry_after_s } => later(retry_after_s),
        Denied::Fault(error) => {
            match error {
                storage::Error::Fault(fault) => drop(session::incident(&fault)),
                storage::Error::Refusal(refusal) => tracing::warn!(%refusal, "a login was refused"),
            }
            later(RETRY_AFTER_FAULT_S)
        }
    }
}

fn unauthorized() -> HttpResponse {
    let challenge = HeaderValue::from_static("Basic realm=\"Kontor\", charset=\"UTF-8\"");
    let mut response = empty(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

fn later(after_s: u32) -> HttpResponse {
    let mut response = empty(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after_s));
    response
}

fn empty(status: StatusCode) -> HttpResponse {
    let mut response = HttpResponseBuilder::new(status).finish();
    leave_plain(&mut response);
    response
}

fn credentials(request: &HttpRequest) -> Option<Vec<u8>> {
    let (scheme, code) = text_header(request, "Authorization")?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    STANDARD.decode(code.trim()).ok()
}

/// What the bytes can mean: UTF-8 as we ask for (RFC 7617 section 2.1), else the ISO-8859-1 of older clients.
fn readings(bytes: &[u8]) -> Vec<String> {
    let mut readings: Vec<String> = std::str::from_utf8(bytes).map(str::to_owned).into_iter().collect();
    if !bytes.is_ascii() {
        readings.push(bytes.iter().copied().map(char::from).collect());
    }
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_read_both_ways() {
        assert_eq!(readings(b"a:b"), ["a:b"]);
        assert_eq!(readings("a:\u{fc}".as_bytes()), ["a:\u{fc}", "a:\u{c3}\u{bc}"]);
        assert_eq!(readings(b"a:\xfc"), ["a:\u{fc}"]);
    }
}
