//! HTTP: which paths, who asks, and one line in the log for each request, without the address that stands in it.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use autodiscover_wire::{ErrorCode, Failure, REQUEST_BYTES_MAX, Request, RequestError};
use http_door::{log_in, peer_address, receive};
use session::LineWritten;
use vocabulary::{AccountId, Door};

use crate::{Autodiscover, document, version_2};

/// Clients write the paths in every case.
const XML_PATH: &str = "/{service:(?i:autodiscover)}/{file:(?i:autodiscover\\.xml)}";
const JSON_PATH: &str = "/{service:(?i:autodiscover)}/{file:(?i:autodiscover\\.json)}{rest:(?:/.*)?}";
/// When a client shall ask again after a fault of ours, in seconds.
const RETRY_AFTER_FAULT_S: u32 = 30;

pub(crate) fn configure(front_end: &Autodiscover, config: &mut web::ServiceConfig) {
    let data = web::Data::new(front_end.clone());
    config.service(
        web::resource(XML_PATH)
            .app_data(data.clone())
            .route(web::post().to(post))
            .route(web::get().to(get))
            .default_service(web::to(|| async { HttpResponse::MethodNotAllowed().finish() })),
    );
    config.service(
        web::resource(JSON_PATH)
            .app_data(data)
            .route(web::get().to(get_json))
            .default_service(web::to(|| async { HttpResponse::MethodNotAllowed().finish() })),
    );
}

/// Whoever only looks whether the service is there finds it, and learns nothing.
async fn get(request: HttpRequest, front_end: web::Data<Autodiscover>) -> HttpResponse {
    let response = xml(failure(&front_end, ErrorCode::InvalidRequest));
    written(&request, &front_end, None, "none", response)
}

async fn post(
    request: HttpRequest,
    front_end: web::Data<Autodiscover>,
    payload: web::Payload,
) -> HttpResponse {
    let context = &front_end.context;
    // Every account may ask: what it is told depends on its kind.
    let closed = |_| "This account may not use this server.".to_owned();
    let login = match log_in(&request, context, Door::Web, None, closed).await {
        Ok(login) => login,
        Err(response) => return written(&request, &front_end, None, "none", response),
    };
    let id = login.account.id;
    // The Content-Type is not looked at: MS-ASCMD R42 R5123 R5718, and some send none.
    let (schema, response) = match receive(context, id, &request, payload, REQUEST_BYTES_MAX).await {
        Err(error) => ("none", HttpResponse::new(error.status())),
        Ok(body) => match Request::parse(&body.bytes) {
            Ok(asked) => match document::document(&front_end, &login, &asked).await {
                Ok(document) => (document::word(asked.schema), xml(document)),
                Err(error) => (document::word(asked.schema), unavailable(&error)),
            },
            Err(RequestError::Invalid(reason)) => {
                tracing::debug!(account = id.0, reason, "no request");
                ("none", xml(failure(&front_end, ErrorCode::InvalidRequest)))
            }
            Err(RequestError::UnknownSchema) => {
                ("unknown", xml(failure(&front_end, ErrorCode::UnknownSchema)))
            }
        },
    };
    written(&request, &front_end, Some(id), schema, response)
}

async fn get_json(request: HttpRequest, front_end: web::Data<Autodiscover>) -> HttpResponse {
    let rest = request.match_info().get("rest").unwrap_or_default();
    let (status, body) = match version_2::answer(&front_end.served, rest, request.query_string()) {
        Ok(found) => (StatusCode::OK, found),
        Err(refused) => (StatusCode::BAD_REQUEST, refused),
    };
    let response = HttpResponse::build(status).content_type("application/json; charset=utf-8").body(body);
    written(&request, &front_end, None, "json", response)
}

pub(crate) fn failure(front_end: &Autodiscover, code: ErrorCode) -> String {
    const DAY_MS: i64 = 86_400_000;
    let time_ms = front_end.context.clock.now().0.rem_euclid(DAY_MS);
    // FNV-1a: a number that tells servers apart.
    let hash = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let id = front_end.context.hostname.bytes().fold(0x811c_9dc5, hash);
    Failure { code, time_ms: u32::try_from(time_ms).unwrap_or_default(), id }.xml()
}

fn xml(document: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/xml; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "private"))
        .body(document)
}

fn unavailable(error: &storage::Error) -> HttpResponse {
    match error {
        storage::Error::Fault(fault) => drop(session::incident(fault)),
        storage::Error::Refusal(refusal) => tracing::warn!(%refusal, "an account cannot be told of itself"),
    }
    let mut response = HttpResponse::ServiceUnavailable().finish();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_FAULT_S));
    response
}

fn written(
    request: &HttpRequest,
    front_end: &Autodiscover,
    account: Option<AccountId>,
    schema: &'static str,
    response: HttpResponse,
) -> HttpResponse {
    tracing::info!(
        door = %Door::Web,
        peer = peer_address(request, &front_end.context.trusted_proxies).map(tracing::field::display),
        account = account.map(|account| account.0),
        method = %request.method(),
        schema,
        status = response.status().as_u16(),
        "autodiscover"
    );
    request.extensions_mut().insert(LineWritten);
    response
}
