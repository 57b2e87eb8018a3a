//! HTTP: MS-ASHTTP. One resource, OPTIONS and POST.
//!
//! Who asks is known before the body is read. Success without a body is `Content-Length: 0` and no
//! Content-Type (R212); larger bodies are compressed for clients that take gzip.

use activesync_wire::query::Query;
use activesync_wire::status::CommonStatus;
use activesync_wire::{Command, RequestError, Version};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use http_door::{Body, leave_plain, peer_address, receive, text_header, without_mark};
use session::{LineWritten, Login};
use std::sync::Arc;
use vocabulary::Door;

use crate::Server;
use crate::call::{Call, Remarks, Reply};
use crate::device::{Admitted, Known};
use crate::quirk::Quirks;
use crate::{command, device, quarantine, status, turned_away};

/// Clients write the path in every case.
const PATH: &str = "/{service:(?i:microsoft-server-activesync)}{slash:/?}";
/// Room for what stands around a message in its document, and for documents that name little.
const ENVELOPE_BYTES: usize = 64 << 10;
/// Longest document of a command that brings no message: certificates, thousands of ids, a text for absence.
const DOCUMENT_BYTES_MAX: usize = 4 << 20;

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

async fn options(request: HttpRequest, server: web::Data<Server>) -> HttpResponse {
    let begun = server.context.clock.now();
    let login = match log_in(&request, &server, None).await {
        Ok(login) => login,
        Err(response) => return response,
    };
    if let Some(response) = turned_away::elsewhere(&server, &login).await {
        return response;
    }
    let mut response = empty(StatusCode::OK);
    insert(&mut response, command::options::headers());
    // Without a device: OPTIONS does not name one.
    tracing::info!(
        door = %Door::ActiveSync,
        peer = peer_address(&request, &server.context.trusted_proxies).map(tracing::field::display),
        account = login.account.id.0,
        command = "Options",
        http = response.status().as_u16(),
        duration_ms = server.context.clock.now().0 - begun.0,
        "activesync"
    );
    request.extensions_mut().insert(LineWritten);
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
    // Before the store is asked anything else.
    if let Some(response) = turned_away::too_often(&server, &login, &query.device_id) {
        return response;
    }
    let multipart = query.accept_multipart || header_is(&request, "MS-ASAcceptMultiPart", "T");
    let policy_key =
        query.policy_key.or_else(|| text_header(&request, "X-MS-PolicyKey")?.trim().parse().ok());
    let quirks = Quirks::of(text_header(&request, "User-Agent").unwrap_or_default());
    let (origin, remarks) = (http_door::origin(&request), Remarks::default());
    let call = Call { server, login, query, version, multipart, quirks, origin, remarks };
    let body = receive(&call.server.context, call.account(), &request, body, body_bytes_max(&call)).await;
    let reply = match body {
        Ok(body) => Box::pin(serve(&call, &request, policy_key, body)).await,
        Err(error) => Reply::Http(error.status().as_u16()),
    };
    let (http, status) = match &reply {
        Reply::Empty | Reply::File { .. } => (200, None),
        Reply::Body { status, .. } => (200, *status),
        Reply::Elsewhere(_) => (451, None),
        Reply::Http(code) => (*code, None),
    };
    tracing::info!(
        door = %Door::ActiveSync,
        peer = peer_address(&request, &call.server.context.trusted_proxies).map(tracing::field::display),
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
    if call.remarks.has_progressed() {
        call.server.throttle.give_back(call.account(), call.device());
    }
    let mut response = response(&call, reply);
    if call.remarks.begins_anew() {
        insert(&mut response, command::options::at_the_beginning());
    }
    response
}

/// The request of a known sender.
async fn serve(call: &Call, request: &HttpRequest, policy_key: Option<u32>, body: Body) -> Reply {
    let user_agent = text_header(request, "User-Agent").unwrap_or_default();
    let run = async {
        let met = match device::meet(call, user_agent).await? {
            Known::Here(met) => met,
            Known::Elsewhere(place) => return Ok(Reply::Elsewhere(place)),
        };
        match device::admit(call, &met, policy_key)? {
            Admitted::Whole => command::run(call, body).await,
            Admitted::ToTellOfItself => quarantine::settings(call, &body.bytes).await,
        }
    };
    run.await.unwrap_or_else(|failure| status::failed(&failure, call.query.command, call.version))
}

fn response(call: &Call, reply: Reply) -> HttpResponse {
    match reply {
        Reply::Empty => empty(StatusCode::OK),
        Reply::Body { content_type, bytes, .. } => {
            HttpResponse::Ok().insert_header((header::CONTENT_TYPE, content_type)).body(bytes)
        }
        Reply::File { content_type, bytes } => {
            let unknown = HeaderValue::from_static("application/octet-stream");
            let content_type = HeaderValue::try_from(content_type).unwrap_or(unknown);
            let mut response =
                HttpResponse::Ok().insert_header((header::CONTENT_TYPE, content_type)).body(bytes);
            leave_plain(&mut response);
            response
        }
        Reply::Elsewhere(place) => turned_away::redirected(&place),
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

fn insert<const N: usize>(response: &mut HttpResponse, headers: [(&'static str, String); N]) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
}

fn empty(status: StatusCode) -> HttpResponse {
    let mut response = HttpResponseBuilder::new(status).finish();
    leave_plain(&mut response);
    response
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

fn header_is(request: &HttpRequest, name: &str, value: &str) -> bool {
    text_header(request, name).is_some_and(|sent| sent.trim().eq_ignore_ascii_case(value))
}

fn header_version(request: &HttpRequest) -> Option<Version> {
    text_header(request, "MS-ASProtocolVersion").and_then(Version::parse)
}

/// No more of the body than the command can need. A message has the allowed size: before 14.0 and inside WBXML it is
/// bytes; base64 makes four of three elsewhere.
fn body_bytes_max(call: &Call) -> usize {
    match call.query.command {
        Command::Sync | Command::SendMail | Command::SmartReply | Command::SmartForward => {
            call.server.context.limits.message_bytes_max / 3 * 4 + ENVELOPE_BYTES
        }
        Command::Ping | Command::Provision | Command::FolderSync => ENVELOPE_BYTES,
        _ => DOCUMENT_BYTES_MAX,
    }
}

/// Phones write UTF-8, Outlook writes ISO-8859-1: both are read.
async fn log_in(
    request: &HttpRequest,
    server: &Server,
    device: Option<String>,
) -> Result<Login, HttpResponse> {
    // MS-ASHTTP R180
    let closed = |_| "This account may not use ActiveSync.".to_owned();
    http_door::log_in(request, &server.context, Door::ActiveSync, device, closed).await
}
