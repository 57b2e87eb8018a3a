//! Who asks: HTTP Basic, RFC 7617.

use actix_web::http::header;
use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use session::{Context, Denied, Login};
use std::net::{IpAddr, Ipv4Addr};
use vocabulary::{AccountKind, Door};

/// Checks the password that came with a request.
///
/// # Errors
/// The answer to give instead: 401, 403 with the reason in words, or 503.
pub(crate) async fn log_in(request: &HttpRequest, context: &Context) -> Result<Login, HttpResponse> {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let Some(credentials) = credentials(request) else { return Err(unauthorized()) };
    let mut denied = Denied::Wrong;
    for text in readings(&credentials) {
        let Some((user, password)) = text.split_once(':') else { continue };
        match context.authenticator.password(user, password, Door::Dav, peer, None).await {
            Ok(login) => return Ok(login),
            Err(Denied::Wrong) => {}
            Err(other) => {
                denied = other;
                break;
            }
        }
    }
    Err(refusal(denied))
}

fn refusal(denied: Denied) -> HttpResponse {
    match denied {
        Denied::Wrong => unauthorized(),
        Denied::DoorClosed { kind, .. } => closed(kind),
        Denied::Throttled { retry_after_s } => HttpResponse::ServiceUnavailable()
            .insert_header((header::RETRY_AFTER, retry_after_s.to_string()))
            .finish(),
        Denied::Fault(error) => {
            match error {
                storage::Error::Fault(fault) => drop(session::incident(&fault)),
                storage::Error::Refusal(refusal) => tracing::warn!(%refusal, "a login was refused"),
            }
            HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "30")).finish()
        }
    }
}

fn closed(kind: AccountKind) -> HttpResponse {
    HttpResponse::Forbidden().content_type("text/plain; charset=utf-8").body(format!(
        "An account of the kind '{kind}' has mail only. Calendars and contacts come with the kind 'exchange'.\n"
    ))
}

fn unauthorized() -> HttpResponse {
    let challenge = HeaderValue::from_static("Basic realm=\"Kontor\", charset=\"UTF-8\"");
    HttpResponse::Unauthorized().insert_header((header::WWW_AUTHENTICATE, challenge)).finish()
}

fn credentials(request: &HttpRequest) -> Option<Vec<u8>> {
    let (scheme, code) =
        request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
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
