//! What a client is told when a request is not done: ARCHITECTURE.md part 5, the column DAV.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder};
use dav_wire::{Precondition, RequestError, Status, xml};
use storage::{Error, Fault, Refusal};

use crate::call::{Call, Failure};
use crate::kind::Kind;
use crate::method::options;
use crate::privilege;

/// How soon one may come again when the house is busy, in seconds.
const RETRY_AFTER_S: &str = "30";

/// The answer to a request that failed as a whole.
pub(crate) fn failed(call: &Call, failure: &Failure) -> HttpResponse {
    match failure {
        Failure::Request(error) => match error.body() {
            Some(body) => document(error.status(), body),
            None => text(http(error.status()), &error.to_string()),
        },
        Failure::Precondition(unmet) => precondition(unmet),
        // RFC 9110 section 15.5.6.
        Failure::Status(StatusCode::METHOD_NOT_ALLOWED) => HttpResponse::MethodNotAllowed()
            .insert_header((header::ALLOW, options::allow(Some(&call.location))))
            .finish(),
        Failure::Status(status) => plain(*status),
        Failure::Store(Error::Refusal(refusal)) => refused(call, refusal),
        Failure::Store(Error::Fault(cause)) => fault(cause),
    }
}

fn refused(call: &Call, refusal: &Refusal) -> HttpResponse {
    match (named(call, refusal), refusal) {
        (Ok(unmet), _) => precondition(&unmet),
        (Err(status), Refusal::Invalid(reason)) => text(status, reason),
        (Err(status), _) => plain(status),
    }
}

/// The precondition that a refusal is called by, or else what is left to say of it.
fn named(call: &Call, refusal: &Refusal) -> Result<Precondition, StatusCode> {
    match refusal {
        Refusal::NotFound(_) => Err(StatusCode::NOT_FOUND),
        Refusal::Denied { need } => Ok(privilege::missing(call, *need)),
        // Whoever knows what it stands in the way of says so with a name of its own.
        Refusal::AlreadyExists(_) | Refusal::Stale { .. } => Err(StatusCode::PRECONDITION_FAILED),
        Refusal::ResyncRequired { .. } => Ok(Precondition::ValidSyncToken), // RFC 6578 section 3.2
        Refusal::OverQuota { .. } => Ok(Precondition::QuotaNotExceeded),    // RFC 4331 section 6
        Refusal::TooLarge { .. } => match call.home().and_then(Kind::of) {
            Some(kind) => Ok(kind.too_large.clone()),
            None => Err(StatusCode::PAYLOAD_TOO_LARGE),
        },
        Refusal::Invalid(_) => Err(StatusCode::FORBIDDEN),
        Refusal::Busy => Err(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// What a failure is among the answers about several resources.
pub(crate) fn within(call: &Call, failure: &Failure) -> (Status, Option<Precondition>) {
    let of_precondition = |unmet: &Precondition| (unmet.status(), Some(unmet.clone()));
    match failure {
        Failure::Precondition(unmet) | Failure::Request(RequestError::Refused(unmet)) => {
            of_precondition(unmet)
        }
        Failure::Request(error) => (error.status(), None),
        Failure::Status(status) => (Status(status.as_u16()), None),
        Failure::Store(Error::Refusal(refusal)) => match named(call, refusal) {
            Ok(unmet) => of_precondition(&unmet),
            Err(status) => (Status(status.as_u16()), None),
        },
        Failure::Store(Error::Fault(cause)) => {
            drop(session::incident(cause));
            (Status::INTERNAL_SERVER_ERROR, None)
        }
    }
}

/// Database, disk or bug: the client gets a number, the log the cause.
pub(crate) fn fault(cause: &Fault) -> HttpResponse {
    text(StatusCode::INTERNAL_SERVER_ERROR, &format!("incident {}", session::incident(cause)))
}

/// A refusal that has a name: RFC 4918 section 16.
pub(crate) fn precondition(unmet: &Precondition) -> HttpResponse {
    document(unmet.status(), unmet.body())
}

/// An XML document.
pub(crate) fn document(status: Status, body: Vec<u8>) -> HttpResponse {
    HttpResponseBuilder::new(http(status)).content_type(xml::CONTENT_TYPE).body(body)
}

fn text(status: StatusCode, words: &str) -> HttpResponse {
    HttpResponseBuilder::new(status).content_type("text/plain; charset=utf-8").body(format!("{words}\n"))
}

fn plain(status: StatusCode) -> HttpResponse {
    let mut response = HttpResponseBuilder::new(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, RETRY_AFTER_S));
    }
    response.finish()
}

pub(crate) fn http(status: Status) -> StatusCode {
    StatusCode::from_u16(status.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
