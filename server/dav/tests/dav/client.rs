//! One person's program: it sends requests and looks at answers.

use actix_web::App;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use vocabulary::{AccountId, CollectionId};

use crate::answer::Answer;
use crate::world::World;

pub(crate) struct Client<'w> {
    pub(crate) world: &'w World,
    pub(crate) id: AccountId,
    pub(crate) address: String,
    pub(crate) password: String,
}

/// Where an event or card is said to be the same as another: every program has its own way to call them.
pub(crate) fn event(uid: &str, summary: &str) -> String {
    event_at(uid, summary, "20261123T090000Z")
}

pub(crate) fn event_at(uid: &str, summary: &str, start: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n\
         DTSTART:{start}\r\nDURATION:PT1H\r\nSUMMARY:{summary}\r\nX-OWN;X-P=1:kept\r\n  as it is\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n"
    )
}

pub(crate) fn todo(uid: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VTODO\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n\
         SUMMARY:to do\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )
}

pub(crate) fn card(uid: &str, name: &str) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\nitem1.X-ABLABEL:x\r\nEND:VCARD\r\n"
    )
}

impl Client<'_> {
    /// A path in one's own home of calendars.
    pub(crate) fn calendar(&self, rest: &str) -> String {
        format!("/dav/calendars/{}/{rest}", self.address)
    }

    pub(crate) fn book(&self, rest: &str) -> String {
        format!("/dav/addressbooks/{}/{rest}", self.address)
    }

    /// A path among one's own plain files.
    pub(crate) fn file(&self, rest: &str) -> String {
        format!("/dav/files/{}/{rest}", self.address)
    }

    pub(crate) fn principal(&self) -> String {
        format!("/dav/principals/{}/", self.address)
    }

    /// The path of a collection of `owner` in one's own home.
    pub(crate) fn mounted(&self, owner: &Self, collection: CollectionId, rest: &str) -> String {
        self.calendar(&format!("~{}.{collection}/{rest}", owner.id))
    }

    /// One request.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let authorization = self.authorization();
        let mut all = vec![("Authorization", authorization.as_str())];
        all.extend(headers);
        anonymous(self.world, method, path, &all, body).await
    }

    /// One request whose answer is taken piece by piece.
    pub(crate) async fn begin(&self, method: &str, path: &str, depth: &str, body: &str) -> Pieces {
        let authorization = self.authorization();
        let headers = [("Authorization", authorization.as_str()), ("Depth", depth)];
        let response = respond(self.world, method, path, &headers, body).await;
        assert_eq!(response.status().as_u16(), 207);
        Pieces(response.into_body())
    }

    fn authorization(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.address, self.password)))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn put(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.send("PUT", path, &[], body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], "").await
    }

    pub(crate) async fn propfind(&self, path: &str, depth: &str, properties: &str) -> Answer {
        let body = format!("<propfind {NAMESPACES}><prop>{properties}</prop></propfind>");
        self.send("PROPFIND", path, &[("Depth", depth)], body).await
    }

    pub(crate) async fn report(&self, path: &str, body: &str) -> Answer {
        self.send("REPORT", path, &[("Depth", "1")], body.replacen('>', &format!(" {NAMESPACES}>"), 1)).await
    }

    pub(crate) async fn proppatch(&self, path: &str, changes: &str) -> Answer {
        let body = format!("<propertyupdate {NAMESPACES}>{changes}</propertyupdate>");
        self.send("PROPPATCH", path, &[], body).await
    }

    /// ACL with these entries.
    pub(crate) async fn acl(&self, path: &str, entries: &str) -> Answer {
        self.send("ACL", path, &[], format!("<acl {NAMESPACES}>{entries}</acl>")).await
    }

    /// POST of an XML document.
    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        let body = body.replacen('>', &format!(" {NAMESPACES}>"), 1);
        self.send("POST", path, &[("Content-Type", "application/xml")], body).await
    }

    /// The tag of an item; nothing if it is not there.
    pub(crate) async fn etag(&self, path: &str) -> Option<String> {
        self.send("HEAD", path, &[], "").await.header("etag")
    }
}

pub(crate) const NAMESPACES: &str = "xmlns='DAV:' xmlns:c='urn:ietf:params:xml:ns:caldav' \
     xmlns:r='urn:ietf:params:xml:ns:carddav' xmlns:s='http://calendarserver.org/ns/' \
     xmlns:a='http://apple.com/ns/ical/' xmlns:x='urn:x'";

/// A request of somebody who does not say who it is.
pub(crate) async fn anonymous(
    world: &World,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> Answer {
    let response = respond(world, method, path, headers, body).await;
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: String::from_utf8(read_body(response).await.into()).unwrap(),
    }
}

async fn respond(
    world: &World,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Vec<u8>>,
) -> ServiceResponse<BoxBody> {
    let app = init_service(App::new().configure(|config| world.dav.configure(config))).await;
    let mut request = TestRequest::with_uri(path)
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .set_payload(body.into());
    for (name, value) in headers {
        request = request.append_header((*name, *value));
    }
    call_service(&app, request.to_request()).await.map_into_boxed_body()
}

/// A body that is made as it is taken.
pub(crate) struct Pieces(BoxBody);

impl Pieces {
    /// The next piece. `None`: the body ended as it should.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, String>> {
        let piece = std::future::poll_fn(|context| self.0.as_pin_mut().poll_next(context)).await;
        piece.map(|piece| piece.map_err(|error| error.to_string()))
    }

    /// What follows, and why it broke off, if it did.
    pub(crate) async fn rest(&mut self) -> (String, Option<String>) {
        let mut text = Vec::new();
        let broken = loop {
            match self.next().await {
                Some(Ok(piece)) => text.extend_from_slice(&piece),
                Some(Err(error)) => break Some(error),
                None => break None,
            }
        };
        (String::from_utf8(text).unwrap(), broken)
    }
}
