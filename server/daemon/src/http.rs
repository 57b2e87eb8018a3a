//! The HTTP door: front ends of the web under one server, a page that says what this is, and
//! `/healthz`.
//!
//! What is absent: the web client.

use crate::doors::Web;
use activesync_server::ActiveSync;
use actix_web::body::MessageBody;
use actix_web::dev::{ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpMessage as _, HttpResponse, HttpServer, web};
use anyhow::{Context as _, Result};
use autodiscover_server::Autodiscover;
use dav_server::Dav;
use http_door::peer_address;
use rustls::ServerConfig;
use session::{Context, LineWritten};
use vocabulary::{Door, Principal};

/// How long requests under way have after a signal, in seconds.
const SHUTDOWN_TIMEOUT_S: u64 = 8;
/// The path whose front end writes a line of its own once it knows account and device.
const ACTIVE_SYNC: &str = "/Microsoft-Server-ActiveSync";
const ROOT_PAGE: &str = include_str!("root.html");

/// The front ends of the web.
#[derive(Debug, Clone)]
pub(crate) struct FrontEnds {
    /// `None`: the door is shut, as if it were not there.
    pub(crate) active_sync: Option<ActiveSync>,
    pub(crate) autodiscover: Autodiscover,
    pub(crate) dav: Dav,
}

impl FrontEnds {
    fn configure(&self, config: &mut web::ServiceConfig) {
        if let Some(active_sync) = &self.active_sync {
            active_sync.configure(config);
        }
        self.autodiscover.configure(config);
        self.dav.configure(config);
    }
}

/// Serves the sockets until the handle stops it.
pub(crate) fn start(
    context: &Context,
    front_ends: FrontEnds,
    doors: Web,
    tls: Option<&ServerConfig>,
) -> Result<ServerHandle> {
    let data = web::Data::new(context.clone());
    let mut server = HttpServer::new(move || {
        let front_ends = front_ends.clone();
        App::new()
            .app_data(data.clone())
            .wrap(from_fn(log_line))
            .route("/", web::get().to(root))
            .route("/healthz", web::get().to(health))
            .configure(move |config| front_ends.configure(config))
    })
    .disable_signals()
    .shutdown_timeout(SHUTDOWN_TIMEOUT_S);
    for listener in doors.https {
        let tls = tls.context("https needs a certificate: see [tls]")?.clone();
        server = server.listen_rustls_0_23(listener, tls)?;
    }
    for listener in doors.http {
        server = server.listen(listener)?;
    }
    let server = server.run();
    let handle = server.handle();
    context.tasks.spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the HTTP server ended");
        }
    });
    Ok(handle)
}

/// One line per request, unless its front end has written one. The query may hold names, so it is not
/// logged.
async fn log_line(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let Some(context) = request.app_data::<web::Data<Context>>().cloned() else {
        return next.call(request).await;
    };
    let began_at = context.clock.now();
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let peer = peer_address(request.request(), &context.trusted_proxies);
    let answered = next.call(request).await;
    let status = match &answered {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    if answered.as_ref().is_ok_and(|response| response.request().extensions().contains::<LineWritten>()) {
        return answered;
    }
    let is_active_sync =
        path.get(..ACTIVE_SYNC.len()).is_some_and(|start| start.eq_ignore_ascii_case(ACTIVE_SYNC));
    tracing::info!(
        door = %if is_active_sync { Door::ActiveSync } else { Door::Web },
        peer = peer.map(tracing::field::display),
        %method,
        // Debug escapes what would forge a log line.
        ?path,
        status = status.as_u16(),
        duration_ms = context.clock.now().0.saturating_sub(began_at.0),
        "request"
    );
    answered
}

async fn root() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(ROOT_PAGE)
}

/// 200 when the store answers, 503 when it does not: for load balancers and watchdogs.
async fn health(context: web::Data<Context>) -> HttpResponse {
    let house = Principal::System { door: Door::Web };
    let answered = context.store.read(&house, |tx| {
        let admin = tx.administer()?;
        tx.domains(&admin).map(drop)
    });
    match answered.await {
        Ok(()) => HttpResponse::Ok().content_type("text/plain").body("ok\n"),
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            HttpResponse::ServiceUnavailable().content_type("text/plain").body("the store does not answer\n")
        }
    }
}
