//! POST: what no other method says. A document says by its root element what it wants of a collection or home.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use dav_wire::RequestError;
use dav_wire::method::MultiPut;
use dav_wire::name::mobileme::MULTIPUT;
use dav_wire::name::push::PUSH_REGISTER;
use dav_wire::sharing::SharingRequest;
use dav_wire::xml::{Limits, parse};
use http_door::{BodyError, receive, text_header};
use vocabulary::Home;

use super::{add_member, bulk, preference, share};
use crate::attachment;
use crate::call::{Answer, Call, Failure};
use crate::location::Location;
use crate::push;
use crate::route::XML_BYTES_MAX;
use crate::schedule;

pub(crate) async fn run(call: &Call, request: &HttpRequest, payload: web::Payload) -> Answer {
    match &call.location {
        Location::Outbox(owner) => schedule::post_to_outbox(call, owner, request, payload).await,
        Location::Item(..) => {
            preference::represented(call, attachment::change(call, request, payload).await).await
        }
        Location::Collection(collection) if collection.home == Home::Scheduling => {
            Err(Failure::not_allowed())
        }
        Location::Collection(collection) if is_document(request) => {
            // Refused before it is read, whatever it wants.
            bulk::admit(call, request, &call.folder(collection).await?, true).await?;
            document(call, request, payload, bulk::LIMITS.bytes_max).await
        }
        Location::Home(..) if is_document(request) => document(call, request, payload, XML_BYTES_MAX).await,
        Location::Home(..) => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into()),
        _ => preference::represented(call, add_member::run(call, request, payload).await).await,
    }
}

/// Whether the body says that it is a document, which no item is. It must be said: a page of somebody else can make a
/// browser post a body of other types, and the password with it.
fn is_document(request: &HttpRequest) -> bool {
    let content_type = text_header(request, "Content-Type").unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let is_xml = ["application/xml", "text/xml", share::CONTENT_TYPE]
        .iter()
        .any(|document| essence.eq_ignore_ascii_case(document));
    is_xml && request.query_string() != add_member::QUERY
}

/// Does what a document wants, one arm for each root element that has a meaning where it is posted to.
async fn document(call: &Call, request: &HttpRequest, payload: web::Payload, bytes_max: usize) -> Answer {
    let body = receive(&call.context, call.account().id, request, payload, bytes_max).await;
    let body = body.map_err(BodyError::status)?;
    let root = parse(&body.bytes, &Limits::REPORT).map_err(RequestError::from)?;
    match (&call.location, SharingRequest::parse(&root)?) {
        (Location::Collection(collection), Some(SharingRequest::Share(changes))) => {
            share::change(call, collection, changes).await
        }
        (Location::Home(_, owner), Some(SharingRequest::Reply(reply))) => {
            share::reply(call, owner, &reply).await
        }
        (Location::Collection(collection), None) if root.name() == MULTIPUT => {
            bulk::carry_out(call, collection, MultiPut::parse(root)?).await
        }
        (_, None) if root.name() == PUSH_REGISTER => push::register(call, &root).await,
        // Unknown, or meant for something else.
        _ => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_document_must_say_that_it_is_one() {
        for (content_type, expected) in [
            ("application/xml; charset=utf-8", true),
            ("text/xml", true),
            ("Application/DAVSharing+XML", true),
            ("text/calendar", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            let request = TestRequest::post().insert_header(("Content-Type", content_type));
            assert_eq!(is_document(&request.to_http_request()), expected, "{content_type}");
        }
        assert!(!is_document(&TestRequest::post().to_http_request()));
        // A member to come is an object, whatever it says.
        let member = TestRequest::post().uri("/dav/calendars/a@b.test/c/?add-member");
        let member = member.insert_header(("Content-Type", "text/xml"));
        assert!(!is_document(&member.to_http_request()));
    }
}
