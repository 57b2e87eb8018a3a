//! HTTP: MS-ASHTTP. One resource, OPTIONS and POST.
//!
//! Who asks is known before the body is read. Success without a body is `Content-Length: 0` and no
//! Content-Type (R212); larger bodies are compressed for clients that take gzip.

use activesync_wire::query::Query;
use activesync_wire::status::CommonStatus;
use activesync_wire::{RequestError, Version};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use session::{Denied, LineWritten, Login};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use vocabulary::Door;

use crate::Server;
use crate::call::{Call, Reply};
use crate::{command, device, status};

/// Clients write the path in every case.
const PATH: &str = "/{service:(?i:microsoft-server-activesync)}{slash:/?}";
/// Room for what stands around a message in its document.
const ENVELOPE_BYTES: usize = 64 << 10;

pub(crate) fn configure(server: &Arc<Server>, config: &mut web::ServiceConfig) {
    let resource = web::resource(PATH)
        .app_data(web::Data::from(Arc::clone(server)))
        .route(web::method(Method::OPTIONS).to(options))
        .route(web::post().to(post))
        .default_service(web::to(|| async { HttpResponse::NotImplemented().finish() })) // MS-ASHTTP R187
        .wrap(Compress::default())
        .wrap(from_fn(without_mark));
    config.service(resource);
}

/// Takes the mark of [`empty`] off again: it is for the compression only.
async fn without_mark(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "identity") {
        headers.remove(header::CONTENT_ENCODING);
    }
    Ok(response)
}

async fn options(request: HttpRequest, server: web::Data<Server>) -> HttpResponse {
    if let Err(response) = log_in(&request, &server, None).await {
        return response;
    }
    let mut response = empty(StatusCode::OK);
    for (name, value) in command::options::headers() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn post(request: HttpRequest, server: web::Data<Server>, body: web::Payload) -> HttpResponse {
    let server = server.into_inner();
    let begun = server.context.clock.now();
    let query = match Query::parse(request.query_string()) {
        Ok(query) => query,
        Err(error) => return unreadable(error),
    };
    let Some(version) = query.version.or_else(|| header_version(&request)) else {
        return unreadable(RequestError::common(CommonStatus::VersionNotSupported, "no known version"));
    };
    let login = match log_in(&request, &server, Some(query.device_id.clone())).await {
        Ok(login) => login,
        Err(response) => return response,
    };
    let multipart = query.accept_multipart || header_is(&request, "MS-ASAcceptMultiPart", "T");
    let policy_key =
        query.policy_key.or_else(|| text_header(&request, "X-MS-PolicyKey")?.trim().parse().ok());
    let call = Call { server, login, query, version, multipart };
    let reply = match receive(&call, &request, body).await {
        Ok(body) => Box::pin(serve(&call, &request, policy_key, &body)).await,
        Err(code) => Reply::Http(code),
    };
    let (http, status) = match &reply {
        Reply::Empty => (200, None),
        Reply::Body { status, .. } => (200, *status),
        Reply::Http(code) => (*code, None),
    };
    tracing::info!(
        door = %Door::ActiveSync,
        peer = request.peer_addr().map(tracing::field::display),
        account = call.account().0,
        device = call.device(),
        command = call.query.command.name(),
        version = call.version.as_str(),
        http,
        status,
        duration_ms = call.now().0 - begun.0,
        "activesync"
    );
    request.extensions_mut().insert(LineWritten);
    response(&call, reply)
}

/// The request of a known sender.
async fn serve(call: &Call, request: &HttpRequest, policy_key: Option<u32>, body: &[u8]) -> Reply {
    let user_agent = text_header(request, "User-Agent").unwrap_or_default();
    let run = async {
        let device = device::meet(call, user_agent).await?;
        device::admit(call, &device, policy_key)?;
        command::run(call, body).await
    };
    run.await.unwrap_or_else(|failure| status::failed(&failure, call.query.command, call.version))
}

fn response(call: &Call, reply: Reply) -> HttpResponse {
    match reply {
        Reply::Empty => empty(StatusCode::OK),
        Reply::Body { content_type, bytes, .. } => {
            HttpResponse::Ok().insert_header((header::CONTENT_TYPE, content_type)).body(bytes)
        }
        Reply::Http(code) => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = empty(status);
            if status == StatusCode::SERVICE_UNAVAILABLE {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
            }
            tracing::debug!(account = call.account().0, code, "answered by HTTP alone");
            response
        }
    }
}

/// Without a body. Marked as what it is, or compression would make twenty bytes of nothing.
fn empty(status: StatusCode) -> HttpResponse {
    HttpResponseBuilder::new(status).insert_header((header::CONTENT_ENCODING, "identity")).finish()
}

/// Before the version is known there is only HTTP to say what is wrong.
fn unreadable(error: RequestError) -> HttpResponse {
    let code = match error {
        RequestError::Common { status, .. } => status.http(),
        RequestError::Structure(_) | RequestError::Own { .. } => 400,
    };
    tracing::debug!(%error, "unreadable request");
    empty(StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST))
}

fn text_header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

fn header_is(request: &HttpRequest, name: &str, value: &str) -> bool {
    text_header(request, name).is_some_and(|sent| sent.trim().eq_ignore_ascii_case(value))
}

fn header_version(request: &HttpRequest) -> Option<Version> {
    text_header(request, "MS-ASProtocolVersion").and_then(Version::parse)
}

/// Bytes of all bodies that are being received at one moment: beyond it a request is told to come
/// again, so that unfinished requests cannot take the house's memory.
static BODIES_BYTES: AtomicUsize = AtomicUsize::new(0);
const BODIES_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Every body has this long, and longer by its size at the rate below.
const BODY_SECONDS_MIN: u64 = 60;
const BODY_BYTES_PER_S_MIN: usize = 16 * 1024;

/// What one request has taken of [`BODIES_BYTES`].
#[derive(Default)]
struct Room(usize);

impl Room {
    fn grow(&mut self, bytes: usize) -> bool {
        if BODIES_BYTES.fetch_add(bytes, Ordering::Relaxed) + bytes > BODIES_BYTES_MAX {
            BODIES_BYTES.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        self.0 += bytes;
        true
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        BODIES_BYTES.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// Reads the body, no more of it than a message of the allowed size can need.
async fn receive(call: &Call, request: &HttpRequest, mut body: web::Payload) -> Result<Vec<u8>, u16> {
    const TOO_LARGE: u16 = 413;
    const TOO_SLOW: u16 = 408;
    // Before 14.0 and inside WBXML a message is bytes; base64 makes four of three elsewhere.
    let bytes_max = call.server.context.limits.message_bytes_max / 3 * 4 + ENVELOPE_BYTES;
    let announced = text_header(request, "Content-Length").and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > bytes_max) {
        return Err(TOO_LARGE);
    }
    let tasks = &call.server.context.tasks;
    let mut bytes = Vec::new();
    let mut room = Room::default();
    // The whole body must come at least at this rate: one byte a minute holds nothing for ever.
    let patience_s = BODY_SECONDS_MIN + (announced.unwrap_or(bytes_max) / BODY_BYTES_PER_S_MIN) as u64;
    let deadline = tokio::time::sleep(Duration::from_secs(patience_s));
    tokio::pin!(deadline);
    loop {
        let piece = tokio::select! {
            piece = body.next() => piece,
            () = &mut deadline => return Err(TOO_SLOW),
            () = tasks.requested() => return Err(503),
        };
        let Some(piece) = piece else { return Ok(bytes) };
        let piece = piece.map_err(|_| 400_u16)?;
        if bytes.len() + piece.len() > bytes_max {
            return Err(TOO_LARGE);
        }
        if !room.grow(piece.len()) {
            return Err(503);
        }
        bytes.extend_from_slice(&piece);
    }
}

/// Basic authentication: phones write UTF-8, Outlook writes ISO-8859-1.
async fn log_in(
    request: &HttpRequest,
    server: &Server,
    device: Option<String>,
) -> Result<Login, HttpResponse> {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let Some(credentials) = credentials(request) else { return Err(unauthorized()) };
    let mut denied = Denied::Wrong;
    for text in readings(&credentials) {
        let Some((user, password)) = text.split_once(':') else { continue };
        let authenticator = &server.context.authenticator;
        let login = authenticator.password(user, password, Door::ActiveSync, peer, device.clone());
        match login.await {
            Ok(login) => return Ok(login),
            Err(Denied::Wrong) => denied = Denied::Wrong,
            Err(other) => {
                denied = other;
                break;
            }
        }
    }
    Err(match denied {
        Denied::Wrong => unauthorized(),
        // MS-ASHTTP R180
        Denied::DoorClosed { .. } => HttpResponse::Forbidden()
            .content_type("text/plain; charset=utf-8")
            .body("This account may not use ActiveSync."),
        Denied::Throttled { retry_after_s } => HttpResponse::ServiceUnavailable()
            .insert_header((header::RETRY_AFTER, retry_after_s.to_string()))
            .insert_header((header::CONTENT_ENCODING, "identity"))
            .finish(),
        Denied::Fault(error) => {
            match error {
                storage::Error::Fault(fault) => drop(session::incident(&fault)),
                storage::Error::Refusal(refusal) => tracing::warn!(%refusal, "a login was refused"),
            }
            empty(StatusCode::SERVICE_UNAVAILABLE)
        }
    })
}

fn unauthorized() -> HttpResponse {
    let mut response = empty(StatusCode::UNAUTHORIZED);
    let challenge = HeaderValue::from_static("Basic realm=\"Kontor\", charset=\"UTF-8\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

fn credentials(request: &HttpRequest) -> Option<Vec<u8>> {
    let (scheme, code) = text_header(request, "Authorization")?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    STANDARD.decode(code.trim()).ok()
}

/// What the bytes can mean.
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
