//! GET and HEAD of plain files: their bytes as they came, or parts of them (RFC 9110 section 14); of collections a page
//! for people.
//!
//! What strangers stored is served from our own origin, so no answer may run there: nothing is sniffed, every document is
//! in a sandbox, and what could be active is to be saved.

use actix_web::http::header::{self, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::ETag;
use storage::{Item, Stored};
use vocabulary::Timestamp;

use super::guard::Guard;
use super::index::Index;
use super::place::{FilePath, Place, missing};
use super::{look, range};
use crate::call::{Answer, Call};
use crate::condition::Conditions;
use crate::property::item::Tagged as _;

enum Found {
    File(Box<Item>, Stored),
    Index(Index),
}

pub(super) async fn run(call: &Call, request: &HttpRequest, path: FilePath) -> Answer {
    let guard = Guard::of(call, request)?;
    let (reading, name) = (guard.of_reading(), path.names.last().cloned().unwrap_or_default());
    let found = look(call, move |tx| {
        let place = path.place(tx)?;
        let locks = place.locks(tx)?;
        if !place.is_there() {
            return Err(missing().into());
        }
        reading.check(tx, &path, &place, &locks)?;
        match place {
            Place::Collection(grant) => Ok(Found::Index(Index::read(tx, &grant, &path)?)),
            Place::File(grant, item) => {
                let uid = item.uid.0;
                let stored = tx.contents(&grant, &[uid..=uid], false)?.pop();
                Ok(Found::File(item, stored.ok_or_else(missing)?.1))
            }
            Place::Free(_) | Place::Nowhere => Err(missing().into()),
        }
    });
    match found.await? {
        Found::Index(index) => Ok(index.answer()),
        Found::File(item, stored) => {
            let shown = Shown {
                tag: item.etag(),
                media_type: item.content_type(),
                name: &name,
                modified: item.filter_at,
            };
            show(call, request, guard.conditions(), &shown, stored).await
        }
    }
}

/// What an answer says of the bytes in it.
pub(crate) struct Shown<'s> {
    pub(crate) tag: ETag,
    pub(crate) media_type: &'s str,
    pub(crate) name: &'s str,
    /// When they came to be what they are.
    pub(crate) modified: Timestamp,
}

/// The bytes that a GET wants, or what a HEAD wants to know of them.
pub(crate) async fn show(
    call: &Call,
    request: &HttpRequest,
    conditions: &Conditions,
    shown: &Shown<'_>,
    stored: Stored,
) -> Answer {
    let Shown { tag, media_type, name, modified } = shown;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, tag.to_string()));
    // A shared cache must not give one user's files to another.
    response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    if conditions.is_known(Some(tag)) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    response.insert_header((header::LAST_MODIFIED, dav_wire::http_date(*modified)));
    response.insert_header((header::ACCEPT_RANGES, "bytes"));
    // RFC 9110 section 8.8.3.3: a strong tag is of these very bytes.
    response.insert_header((header::CONTENT_ENCODING, "identity"));
    harmless(&mut response, media_type, name);
    response.content_type(*media_type);
    if request.method() == Method::HEAD {
        return Ok(range::head(&mut response, stored.size_bytes()));
    }
    let bytes = call.store().load(stored).await?;
    Ok(range::answer(request, response, tag, bytes))
}

/// Headers by which a browser shows what it shows without running any of it.
pub(super) fn harmless(response: &mut actix_web::HttpResponseBuilder, media_type: &str, name: &str) {
    const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    response.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response.insert_header((header::CONTENT_SECURITY_POLICY, "sandbox"));
    response.insert_header((RESOURCE_POLICY, "same-origin"));
    if !is_passive(media_type) {
        response.insert_header((header::CONTENT_DISPOSITION, attachment(name)));
    }
}

/// What a browser may show in its window.
fn is_passive(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_of = |kind: &str| essence.strip_prefix(kind).is_some_and(|rest| rest.starts_with('/'));
    // SVG runs scripts.
    let image = is_of("image") && !essence.contains("svg") && !essence.contains("xml");
    image || is_of("audio") || is_of("video") || ["text/plain", "application/pdf"].contains(&essence.as_str())
}

/// RFC 6266 section 4.3, RFC 8187 section 3.2.
fn attachment(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_run_is_shown() {
        for (media_type, shown) in [
            ("text/plain", true),
            ("Text/Plain; charset=utf-8", true),
            ("image/png", true),
            ("video/mp4", true),
            ("application/pdf", true),
            ("text/html", false),
            ("TEXT/HTML", false),
            ("image/svg+xml", false),
            ("application/xhtml+xml", false),
            ("text/xml", false),
            ("text/javascript", false),
            ("application/octet-stream", false),
            ("imagery/x", false),
            ("image", false),
            ("", false),
        ] {
            assert_eq!(is_passive(media_type), shown, "{media_type}");
        }
    }

    // RFC 6266 section 4.3, RFC 8187 section 3.2.
    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(attachment("a b.html"), "attachment; filename*=UTF-8''a%20b.html");
        assert_eq!(attachment("\"é;\u{7f}"), "attachment; filename*=UTF-8''%22%C3%A9%3B%7F");
    }
}
