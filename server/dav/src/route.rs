//! HTTP: which paths, who asks, and one line in the log for each request.

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, guard, web};
use dav_wire::Href;
use http_door::{BodyError, leave_plain, log_in, peer_address, receive, without_mark};
use session::{Context, LineWritten, Login};
use std::sync::Arc;
use vocabulary::{AccountKind, Door};

use crate::attachment;
use crate::call::{Answer, Call, Failure};
use crate::files;
use crate::location::Location;
use crate::method::{
    acl, delete, get, make_collection, options, post, preference, propfind, proppatch, put, transfer,
};
use crate::push::Push;
use crate::{anonymous, gateway, report, status, time_zone_service};

/// RFC 6764 section 5.
const WELL_KNOWN: [&str; 2] = ["/.well-known/caldav{slash:/?}", "/.well-known/carddav{slash:/?}"];
/// Bodies that only ask or set.
pub(crate) const XML_BYTES_MAX: usize = 1 << 20;
/// A report may list what it wants.
pub(crate) const REPORT_BYTES_MAX: usize = 10 << 20;
/// By which clients that know nothing but a host look for a principal.
const ON_ROOT: [&str; 3] = ["OPTIONS", "PROPFIND", "REPORT"];

pub(crate) fn configure(context: &Context, push: Option<&Push>, config: &mut web::ServiceConfig) {
    for path in WELL_KNOWN {
        config.service(web::resource(path).to(redirect));
    }
    time_zone_service::configure(config);
    let on_root = guard::fn_guard(|request| ON_ROOT.contains(&request.head().method.as_str()));
    for resource in
        [web::resource("/").guard(on_root), web::resource("/dav"), web::resource("/dav/{path:.*}")]
    {
        let data = web::Data::new(context.clone());
        let push = web::Data::new(push.cloned());
        config.service(
            resource
                .app_data(data)
                .app_data(push)
                .default_service(web::to(handle))
                .wrap(Compress::default())
                .wrap(from_fn(without_mark)),
        );
    }
}

/// For every method, PROPFIND too, and without a password. The location is relative, so that scheme, host and port are
/// those by which the client knows us.
async fn redirect() -> HttpResponse {
    HttpResponse::MovedPermanently().insert_header((header::LOCATION, "/dav/")).finish()
}

async fn handle(
    request: HttpRequest,
    context: web::Data<Context>,
    push: web::Data<Option<Push>>,
    payload: web::Payload,
) -> HttpResponse {
    let begun = context.clock.now();
    // Names of people and of what is theirs stand in the path: the log gets the kind of resource instead.
    let location = Href::parse(request.uri().path()).ok().and_then(|href| Location::of(&href));
    let resource = location.as_ref().map_or("none", Location::word);
    let classes = options::classes(location.as_ref(), push.is_some());
    let mut account = None;
    let mut response = if request.method() == Method::OPTIONS {
        options::answer(location.as_ref())
    } else if anonymous::may_be_answered(&request) {
        Box::pin(anonymous::answer(&request, &context, payload)).await
    } else {
        match log_in(&request, &context, Door::Dav, None, closed).await {
            Err(response) => response,
            Ok(login) => {
                account = Some(login.account.id.0);
                let push = Option::<Push>::clone(&push);
                Box::pin(serve(&request, &context, login, location, push, payload)).await
            }
        }
    };
    let dav = HeaderName::from_static("dav");
    response.headers_mut().insert(dav, HeaderValue::from_static(classes));
    leave_plain(&mut response);
    tracing::info!(
        door = %Door::Dav,
        peer = peer_address(&request, &context.trusted_proxies).map(tracing::field::display),
        account,
        method = %request.method(),
        resource,
        status = response.status().as_u16(),
        duration_ms = context.clock.now().0.saturating_sub(begun.0),
        "dav"
    );
    request.extensions_mut().insert(LineWritten);
    response
}

pub(crate) fn closed(kind: AccountKind) -> String {
    format!(
        "An account of the kind '{kind}' has mail only. Calendars and contacts come with the kind 'exchange'.\n"
    )
}

/// The request of a known sender.
async fn serve(
    request: &HttpRequest,
    context: &Context,
    login: Login,
    location: Option<Location>,
    push: Option<Push>,
    payload: web::Payload,
) -> HttpResponse {
    let Some(location) = location else { return HttpResponse::NotFound().finish() };
    match Call::new(context.clone(), login, location, push, request) {
        Err(_) => HttpResponse::BadRequest().finish(),
        Ok(call) => {
            let call = Arc::new(call);
            let answer = run(&call, request, payload).await;
            answer.unwrap_or_else(|failure| status::failed(&call, &failure))
        }
    }
}

async fn run(call: &Arc<Call>, request: &HttpRequest, payload: web::Payload) -> Answer {
    if let Some(place) = gateway::place(call).await? {
        return gateway::run(call, request, payload, place).await;
    }
    let method = request.method().as_str();
    if let Location::File(file) = &call.location
        && files::METHODS.contains(&method)
    {
        return files::run(call, file, request, payload).await;
    }
    if let Location::Attachment(token) = &call.location {
        return attachment::get(call, request, token).await;
    }
    match method {
        "GET" | "HEAD" => get::run(call, request).await,
        "PUT" => preference::represented(call, put::run(call, request, payload).await).await,
        "POST" => post::run(call, request, payload).await,
        "DELETE" => delete::run(call, request).await,
        "COPY" => transfer::run(call, request, transfer::Method::Copy).await,
        "MOVE" => transfer::run(call, request, transfer::Method::Move).await,
        "PROPFIND" | "PROPPATCH" | "MKCOL" | "MKCALENDAR" | "REPORT" | "ACL" => {
            let bytes_max = if method == "REPORT" { REPORT_BYTES_MAX } else { XML_BYTES_MAX };
            let body = receive(&call.context, call.account().id, request, payload, bytes_max).await;
            let body = body.map_err(BodyError::status)?;
            let mut response = with_document(call, request, &body.bytes).await?;
            if call.prefer.minimal {
                preference::applied(&mut response, "return=minimal");
            }
            Ok(response)
        }
        _ => Err(Failure::not_allowed()),
    }
}

/// The methods whose body is an XML document.
async fn with_document(call: &Arc<Call>, request: &HttpRequest, body: &[u8]) -> Answer {
    match request.method().as_str() {
        "PROPFIND" => propfind::run(call, body).await,
        "PROPPATCH" => proppatch::run(call, request, body).await,
        "ACL" => acl::run(call, request, body).await,
        "MKCALENDAR" => make_collection::run(call, make_collection::Method::MkCalendar, body).await,
        "MKCOL" => {
            make_collection::check_media_type(request, body)?;
            make_collection::run(call, make_collection::Method::MkCol, body).await
        }
        _ => report::run(call, body).await,
    }
}
