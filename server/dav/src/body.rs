//! Bodies of requests: how large, how slow, and how many at once.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use session::{Held, Room, Share};
use std::time::Duration;

use crate::call::{Call, Failure};

/// Bodies that only ask or set.
pub(crate) const XML_BYTES_MAX: usize = 1 << 20;
/// A report may list what it wants.
pub(crate) const REPORT_BYTES_MAX: usize = 10 << 20;

/// All bodies of one moment share this much memory: without room a request is told to come again.
static BODIES: Room = Room::new(256 << 20);
/// What the bodies of one account may hold of it.
const ACCOUNT_BYTES_MAX: usize = 64 << 20;
/// Every body has this long, and longer by its size at the rate below.
const SECONDS_MIN: u64 = 60;
const BYTES_PER_S_MIN: usize = 16 << 10;

/// A body, and the room that it takes.
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    _held: Held,
}

/// Reads a body of at most `bytes_max` bytes. The client may have been waiting to be asked (`Expect: 100-continue`).
///
/// # Errors
/// `too_large` above that; 408, 415 and 503 as their names say.
pub(crate) async fn receive(
    call: &Call,
    request: &HttpRequest,
    mut payload: web::Payload,
    bytes_max: usize,
    too_large: impl Fn() -> Failure,
) -> Result<Body, Failure> {
    let text = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    if text(header::CONTENT_ENCODING).is_some_and(|coding| !coding.trim().eq_ignore_ascii_case("identity")) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into());
    }
    let announced = text(header::CONTENT_LENGTH).and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > bytes_max) {
        return Err(too_large());
    }
    let mut held = BODIES.enter(Some(Share { account: call.account().id, bytes_max: ACCOUNT_BYTES_MAX }));
    let mut bytes = BytesMut::new();
    let patience_s = SECONDS_MIN + (announced.unwrap_or(bytes_max) / BYTES_PER_S_MIN) as u64;
    let deadline = tokio::time::sleep(Duration::from_secs(patience_s));
    tokio::pin!(deadline);
    loop {
        let piece = tokio::select! {
            piece = payload.next() => piece,
            () = &mut deadline => return Err(StatusCode::REQUEST_TIMEOUT.into()),
            () = call.context.tasks.requested() => return Err(StatusCode::SERVICE_UNAVAILABLE.into()),
        };
        let Some(piece) = piece else { return Ok(Body { bytes: bytes.freeze(), _held: held }) };
        let piece = piece.map_err(|_| StatusCode::BAD_REQUEST)?;
        if bytes.len() + piece.len() > bytes_max {
            return Err(too_large());
        }
        if !held.grow(piece.len()) {
            return Err(StatusCode::SERVICE_UNAVAILABLE.into());
        }
        bytes.extend_from_slice(&piece);
    }
}

/// The XML of a request.
///
/// # Errors
/// 413 above `bytes_max`, and as [`receive`].
pub(crate) async fn receive_xml(
    call: &Call,
    request: &HttpRequest,
    payload: web::Payload,
    bytes_max: usize,
) -> Result<Body, Failure> {
    receive(call, request, payload, bytes_max, || StatusCode::PAYLOAD_TOO_LARGE.into()).await
}
