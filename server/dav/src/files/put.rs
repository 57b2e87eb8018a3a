//! PUT of plain files: RFC 9110 section 9.3.4, RFC 4918 section 9.7. The bytes and their media type are kept as they come.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use dav_wire::ETag;
use http_door::{BodyError, receive, text_header};
use storage::{CONTENT_BYTES_MAX, NewItem, Read, Write, right};

use super::guard::Guard;
use super::place::{FilePath, Place};
use super::{change, look};
use crate::call::{Answer, Call, Failure};
use crate::method::put::{StoredObject, discard_refused};
use crate::property::item::Tagged as _;

/// Longest media type that is kept.
const MEDIA_TYPE_BYTES_MAX: usize = 255;

pub(super) async fn run(call: &Call, request: &HttpRequest, path: FilePath, payload: web::Payload) -> Answer {
    // RFC 9110 section 14.5: a part of a resource must not be taken for the whole.
    if request.headers().contains_key(header::CONTENT_RANGE) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let guard = Guard::of(call, request)?;
    let media_type = media_type(text_header(request, "Content-Type"));
    let body = receive(&call.context, call.account().id, request, payload, CONTENT_BYTES_MAX).await;
    let body = body.map_err(BodyError::status)?;
    // What would be refused afterwards is refused before the bytes are worked on.
    let (early, at) = (guard.clone(), path.clone());
    look(call, move |tx| admit(tx, &at, &early).map(drop)).await?;
    let (account, now) = (path.account(), call.context.clock.now());
    let mut new = workflow::ingest_file(call.store(), account, body.bytes.clone(), media_type, now).await?;
    new.resource_name = path.names.last().cloned();
    let content = new.content.clone();
    let outcome = change(call, account, move |tx| place(tx, &path, &guard, &new)).await;
    discard_refused(call, content, &outcome).await;
    let stored = outcome?;
    let mut response = if stored.is_new { HttpResponse::Created() } else { HttpResponse::NoContent() };
    Ok(response.insert_header((header::ETAG, stored.etag.to_string())).finish())
}

/// Where the bytes go, if they may.
fn admit<'tx>(tx: &Read<'tx>, path: &FilePath, guard: &Guard) -> Answer<Place<'tx>> {
    let place = path.place(tx)?;
    let account = path.account();
    let locks = place.locks(tx)?;
    match &place {
        // RFC 4918 section 9.7.2.
        Place::Collection(_) => return Err(Failure::not_allowed()),
        // RFC 4918 section 9.7.1.
        Place::Nowhere => return Err(StatusCode::CONFLICT.into()),
        Place::Free(above) => drop(tx.open::<right::Insert>(account, above.collection().id)?),
        Place::File(above, item) => {
            let replace = tx.open::<right::Replace>(account, above.collection().id)?;
            tx.refuse_foreign(&replace, &(item.uid.0..=item.uid.0))?;
        }
    }
    guard.check(tx, path, &place, &locks)?;
    match (&place, path.split()) {
        // RFC 4918 section 7.4: a collection changes when something comes into it.
        (Place::Free(_), Some((above, _))) => guard.may_change(tx, &locks, &[&above])?,
        _ => guard.may_change(tx, &locks, &[path])?,
    }
    Ok(place)
}

fn place(tx: &mut Write<'_>, path: &FilePath, guard: &Guard, new: &NewItem) -> Answer<StoredObject> {
    match admit(tx, path, guard)? {
        Place::File(above, item) => {
            let grant = tx.open::<right::Replace>(path.account(), above.collection().id)?;
            let content = tx.replace(&grant, item.uid, new, None, None)?;
            Ok(StoredObject::of(false, ETag { content, ..item.etag() }))
        }
        Place::Free(above) => {
            let grant = tx.open::<right::Insert>(path.account(), above.collection().id)?;
            let added = tx.insert(&grant, new)?;
            Ok(StoredObject::of(true, ETag { item: added.id, content: added.modseq }))
        }
        Place::Collection(_) | Place::Nowhere => Err(StatusCode::CONFLICT.into()),
    }
}

/// What is no media type (RFC 9110 section 8.3.1) is kept as nothing: it would stand in a header again.
pub(crate) fn media_type(header: Option<&str>) -> String {
    let text = header.unwrap_or_default().trim();
    let is_token = |part: &str| {
        let special = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        !part.is_empty() && part.bytes().all(special)
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    let names_a_type = essence.split_once('/').is_some_and(|(kind, rest)| is_token(kind) && is_token(rest));
    let is_plain = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if names_a_type && is_plain && text.len() <= MEDIA_TYPE_BYTES_MAX {
        text.to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 9110 section 8.3.1.
    #[test]
    fn a_media_type_is_kept_as_it_came_or_not_at_all() {
        for kept in ["text/plain", "Text/HTML; charset=\"utf-8\"", "application/vnd.x+y"] {
            assert_eq!(media_type(Some(kept)), kept);
        }
        for dropped in ["", "text", "text/", "/plain", "a b/c", "text/plain\r\nX: y", "t\u{e9}xt/plain"] {
            assert_eq!(media_type(Some(dropped)), "", "{dropped:?}");
        }
        let long = |length: usize| format!("a/{}", "b".repeat(length - 2));
        assert_eq!(media_type(Some(&long(MEDIA_TYPE_BYTES_MAX))), long(MEDIA_TYPE_BYTES_MAX));
        assert_eq!(media_type(Some(&long(MEDIA_TYPE_BYTES_MAX + 1))), "");
        assert_eq!(media_type(None), "");
    }
}
