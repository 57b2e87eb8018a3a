//! Bodies of requests: how large, how slow, and how many at once.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use session::{Context, Held, Room, Share};
use std::time::Duration;
use vocabulary::AccountId;

use crate::text_header;

/// All bodies of one moment share this much memory: without room a request is told to come again.
static BODIES: Room = Room::new(256 << 20);
/// What the bodies of one account may hold of it, or one body, if that may be larger.
const ACCOUNT_BYTES_MAX: usize = 64 << 20;
/// Every body has this long, and longer by its size at the rate below: a byte a minute holds nothing for ever.
const SECONDS_MIN: u64 = 60;
const BYTES_PER_S_MIN: usize = 16 << 10;

/// A body, and the room that it takes.
#[derive(Debug)]
pub struct Body {
    /// All of it.
    pub bytes: Bytes,
    _held: Held,
}

/// Why a body was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// It has more bytes than may be.
    TooLarge,
    /// It came too slowly.
    TooSlow,
    /// It is compressed, or otherwise coded.
    Coded,
    /// It broke off.
    Broken,
    /// There is no room, or the server ends: the client shall ask again.
    NotNow,
}

impl BodyError {
    /// How HTTP says it.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Coded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::NotNow => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Reads a body of at most `bytes_max` bytes for an account. The client may have been waiting to be asked
/// (`Expect: 100-continue`).
///
/// # Errors
/// [`BodyError`].
pub async fn receive(
    context: &Context,
    account: AccountId,
    request: &HttpRequest,
    mut payload: web::Payload,
    bytes_max: usize,
) -> Result<Body, BodyError> {
    let coding = text_header(request, "Content-Encoding").map(str::trim);
    if coding.is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Err(BodyError::Coded);
    }
    let announced = text_header(request, "Content-Length").and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > bytes_max) {
        return Err(BodyError::TooLarge);
    }
    let mut held = BODIES.enter(Some(Share { account, bytes_max: ACCOUNT_BYTES_MAX.max(bytes_max) }));
    let mut bytes = BytesMut::new();
    let patience_s = SECONDS_MIN + (announced.unwrap_or(bytes_max) / BYTES_PER_S_MIN) as u64;
    let deadline = tokio::time::sleep(Duration::from_secs(patience_s));
    tokio::pin!(deadline);
    loop {
        let piece = tokio::select! {
            piece = payload.next() => piece,
            () = &mut deadline => return Err(BodyError::TooSlow),
            () = context.tasks.requested() => return Err(BodyError::NotNow),
        };
        let Some(piece) = piece else { return Ok(Body { bytes: bytes.freeze(), _held: held }) };
        let piece = piece.map_err(|_| BodyError::Broken)?;
        if bytes.len() + piece.len() > bytes_max {
            return Err(BodyError::TooLarge);
        }
        if !held.grow(piece.len()) {
            return Err(BodyError::NotNow);
        }
        bytes.extend_from_slice(&piece);
    }
}
