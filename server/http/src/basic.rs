//! Who asks: HTTP Basic, RFC 7617.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use session::{Context, Denied, Login};
use std::net::{IpAddr, Ipv4Addr};
use vocabulary::{AccountKind, Door};

use crate::{leave_plain, peer_address, text_header};

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
    let peer = peer_address(request, &context.trusted_proxies);
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.address);
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

/// How one says who one is: the header `WWW-Authenticate`. RFC 7617 section 2.
pub const CHALLENGE: &str = "Basic realm=\"Kontor\", charset=\"UTF-8\"";

fn unauthorized() -> HttpResponse {
    let mut response = empty(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
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
    use actix_web::test::TestRequest;
    use session::{Clock, Limits, Network};
    use storage::{Database, NewAccount, Options, PasswordKeys, Store, Write};
    use vocabulary::{AccountClass, Principal, Timestamp};

    #[test]
    fn passwords_are_read_both_ways() {
        assert_eq!(readings(b"a:b"), ["a:b"]);
        assert_eq!(readings("a:\u{fc}".as_bytes()), ["a:\u{fc}", "a:\u{c3}\u{bc}"]);
        assert_eq!(readings(b"a:\xfc"), ["a:\u{fc}"]);
    }

    /// A house with `anna@blumen.test` whose password is `right`. A second guess from a network is one too many.
    async fn house(directory: &std::path::Path, trusted_proxies: &[&str]) -> Context {
        let database = Database::Sqlite(directory.join("kontor.db"));
        let clock = Clock::new(|| Timestamp(1_795_510_800_000));
        let store = Store::open(Options::new(database, directory.to_owned(), clock)).await.unwrap();
        let keys = PasswordKeys::new("right").unwrap();
        let set_up = move |tx: &mut Write<'_>| {
            let admin = tx.administer()?;
            tx.create_domain(&admin, "blumen.test", "en")?;
            let new = NewAccount {
                address: "anna@blumen.test".parse().unwrap(),
                kind: AccountKind::Exchange,
                class: AccountClass::Person,
                name: "Anna".to_owned(),
                language: None,
                quota_bytes: None,
            };
            let anna = tx.create_account(&admin, &new)?;
            tx.set_password(&admin, anna, &keys)
        };
        store.write(&Principal::System { door: Door::Admin }, &[], set_up).await.unwrap();
        let limits = Limits { guesses_per_network_max: 1, wrong_answer_ms_min: 0, ..Limits::default() };
        let mut context = Context::new(store, "mail.blumen.test", limits).await.unwrap();
        context.trusted_proxies =
            trusted_proxies.iter().map(|text| text.parse::<Network>().unwrap()).collect();
        context
    }

    /// The status of a login that came through a proxy.
    async fn ask(context: &Context, forwarded_for: &str, password: &str) -> u16 {
        let secret = STANDARD.encode(format!("anna@blumen.test:{password}"));
        let request = TestRequest::default()
            .peer_addr("10.0.0.1:4000".parse().unwrap())
            .append_header(("X-Forwarded-For", forwarded_for))
            .append_header(("Authorization", format!("Basic {secret}")))
            .to_http_request();
        match log_in(&request, context, Door::Dav, None, |_| String::new()).await {
            Ok(_) => 200,
            Err(response) => response.status().as_u16(),
        }
    }

    #[tokio::test]
    async fn behind_a_trusted_proxy_whoever_guesses_shuts_out_nobody_else() {
        let (guesser, other) = ("198.51.100.7", "203.0.113.9");
        for (trusted, others_status) in [(&["10.0.0.0/8"][..], 200), (&[], 503)] {
            let directory = tempfile::tempdir().unwrap();
            let context = house(directory.path(), trusted).await;
            assert_eq!(ask(&context, guesser, "wrong").await, 401);
            assert_eq!(ask(&context, guesser, "wrong too").await, 503);
            assert_eq!(ask(&context, other, "right").await, others_status, "trusted: {trusted:?}");
        }
    }
}
