//! Whole files, and parts of them: RFC 9110 sections 14 and 15.3.7.

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use dav_wire::header::ByteRange;
use dav_wire::{ETag, ETagList};
use futures::stream;
use http_door::text_header;

/// The answer to a HEAD: what a GET would say of itself.
pub(super) fn head(response: &mut HttpResponseBuilder, size_bytes: i64) -> HttpResponse {
    let size = u64::try_from(size_bytes).unwrap_or(0);
    response.body(SizedStream::new(size, stream::empty::<Result<Bytes, std::io::Error>>()))
}

/// The bytes that a GET wants.
pub(super) fn answer(
    request: &HttpRequest,
    mut response: HttpResponseBuilder,
    tag: &ETag,
    bytes: Bytes,
) -> HttpResponse {
    let size = bytes.len();
    let wanted = text_header(request, "Range").filter(|_| is_unchanged(request, tag));
    match wanted.map_or(ByteRange::Whole, |value| ByteRange::parse(value, size)) {
        ByteRange::Whole => response.body(bytes),
        ByteRange::Part(first, last) => {
            response.insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}")));
            response.status(StatusCode::PARTIAL_CONTENT).body(bytes.slice(first..=last))
        }
        // RFC 9110 section 15.5.17.
        ByteRange::Outside => HttpResponse::RangeNotSatisfiable()
            .insert_header((header::CONTENT_RANGE, format!("bytes */{size}")))
            .finish(),
    }
}

/// `If-Range`: RFC 9110 section 13.1.5. A part of something else would be taken for a part of what the client has. A
/// moment is no strong validator, for a file may change twice in a second.
fn is_unchanged(request: &HttpRequest, tag: &ETag) -> bool {
    let Some(value) = request.headers().get(header::IF_RANGE) else { return true };
    let list = value.to_str().ok().filter(|text| text.starts_with('"')).map(ETagList::parse);
    match list {
        Some(Ok(ETagList::Of(tags))) => matches!(&tags[..], [one] if !one.weak && one.names(tag)),
        _ => false,
    }
}
