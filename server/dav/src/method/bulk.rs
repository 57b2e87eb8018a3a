//! POST of several objects or changes at once to a calendar or address book: "Calendar Server Bulk Change Requests for *DAV
//! Protocols" (Apple, 2011). Each is stored by itself, and told by itself in the order of the request.
//!
//! The objects themselves are posted, or a document that lists the changes (`post.rs` tells it from others).
//!
//! Absent: the answer's header `CTag` (section 8.2), for a tag of afterwards may cover what others changed meanwhile, which
//! the client would never read then; properties of items other than their content, which are refused (section 4.1).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use bytes::Bytes;
use calendar::schedule::Agent;
use dav_wire::method::{BulkChange, MultiPut, PropertyChanges};
use dav_wire::name::calendarserver;
use dav_wire::property::BulkLimits;
use dav_wire::xml::Element;
use dav_wire::{ETagList, MultiStatus, Precondition, Property, PropertyAnswer, Status, Value};
use futures::stream::{self, StreamExt};
use http_door::{BodyError, receive, text_header};
use std::pin::pin;
use storage::right;
use vocabulary::Home;

use super::add_member::fresh_name;
use super::delete;
use super::put::{self, StoredObject, Target};
use crate::address::FolderAddress;
use crate::call::{Answer, Call, Failure, settled};
use crate::condition::Conditions;
use crate::cursor::CTAG_URI;
use crate::kind::{Kind, OBJECT_BYTES_MAX};
use crate::location::CollectionLocation;
use crate::status;

/// What one request may hold.
pub(crate) const LIMITS: BulkLimits = BulkLimits { resources_max: 1_000, bytes_max: OBJECT_BYTES_MAX };
/// What its objects may have together when each has the time zones that it names, in bytes: a request of thirty lines
/// for each of a thousand events, with a definition for each.
const OBJECTS_BYTES_MAX: usize = 4 * OBJECT_BYTES_MAX;
/// How many objects of one request are on their way into the store at once: it commits those together that wait.
const STORED_AT_ONCE: usize = 16;

pub(super) async fn run(
    call: &Call,
    collection: &CollectionLocation,
    request: &HttpRequest,
    payload: web::Payload,
) -> Answer {
    let kind = Kind::of_folder(collection.home);
    check_type(kind, text_header(request, "Content-Type"))?;
    put::check_head(kind, request)?;
    let address = call.folder(collection).await?;
    admit(call, request, &address, false).await?;
    let body = receive(&call.context, call.account().id, request, payload, LIMITS.bytes_max).await;
    let body = body.map_err(BodyError::status)?;
    let mut output = MultiStatus::new(call.detail());
    Bulk { call, collection, address, kind }.import(&body.bytes, &mut output).await?;
    Ok(status::document(Status::MULTI_STATUS, output.finish()))
}

/// A list of changes, for a collection to which it was admitted.
pub(super) async fn carry_out(call: &Call, collection: &CollectionLocation, wanted: MultiPut) -> Answer {
    let kind = Kind::of_folder(collection.home);
    let address = call.folder(collection).await?;
    let mut output = MultiStatus::new(call.detail());
    Bulk { call, collection, address, kind }.carry_out(wanted.changes, &mut output).await?;
    Ok(status::document(Status::MULTI_STATUS, output.finish()))
}

/// What the objects are must be said: a page of somebody else can make a browser post a body that says nothing of its
/// type, and the password with it.
fn check_type(kind: &Kind, content_type: Option<&str>) -> Answer<()> {
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        objects if kind.media_types.contains(&objects) => Ok(()),
        "" => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into()),
        _ => Err(kind.unsupported_media.clone().into()),
    }
}

/// Refuses before the body is taken what would be refused afterwards too; of a document only what concerns the collection
/// as a whole.
pub(super) async fn admit(
    call: &Call,
    request: &HttpRequest,
    address: &FolderAddress,
    is_document: bool,
) -> Answer<()> {
    let (conditions, address) = (Conditions::of(request)?, address.clone());
    let read = call.store().read(call.principal(), move |tx| {
        let grant = address.open::<right::Lookup>(tx)?;
        if !is_document {
            drop(address.open::<right::Insert>(tx)?);
        }
        Ok(conditions.check_collection(&address, &grant))
    });
    // Section 6: the client learns which condition it was.
    let names_ctag = text_header(request, "If").is_some_and(|text| text.contains(CTAG_URI));
    settled(read.await).map_err(|failure| match failure {
        Failure::Status(StatusCode::PRECONDITION_FAILED) if names_ctag => Precondition::CTagOk.into(),
        other => other,
    })
}

/// A request that is admitted.
struct Bulk<'r> {
    call: &'r Call,
    collection: &'r CollectionLocation,
    address: FolderAddress,
    kind: &'static Kind,
}

/// An object that has been stored.
struct Made {
    href: String,
    etag: Tag,
}

/// The tag of what was stored; `None`: it is not what the client sent (RFC 4791 section 5.3.4).
type Tag = Option<String>;

impl Bulk<'_> {
    /// Section 3: every object in the body becomes an item of its own.
    async fn import(&self, body: &[u8], output: &mut MultiStatus) -> Answer<()> {
        let objects = Objects::of(self.address.home, body)?;
        if objects.count() > LIMITS.resources_max || objects.total_bytes() > OBJECTS_BYTES_MAX {
            return Err(StatusCode::PAYLOAD_TOO_LARGE.into());
        }
        let made = stream::iter(0..objects.count()).map(|object| self.create(objects.bytes(object)));
        let mut made = pin!(made.buffered(STORED_AT_ONCE).enumerate());
        while let Some((object, outcome)) = made.next().await {
            self.tell_creation(output, objects.uid(object), outcome);
        }
        Ok(())
    }

    /// Section 4: one change after the other.
    async fn carry_out(&self, changes: Vec<BulkChange>, output: &mut MultiStatus) -> Answer<()> {
        if changes.len() > LIMITS.resources_max {
            return Err(StatusCode::PAYLOAD_TOO_LARGE.into());
        }
        for change in changes {
            match change {
                BulkChange::Create(changes) => match self.content(changes) {
                    Ok(bytes) => {
                        let objects = Objects::of(self.address.home, &bytes).ok();
                        let uid = objects.as_ref().and_then(|objects| objects.uid(0));
                        let outcome = self.create(bytes.clone()).await;
                        self.tell_creation(output, uid, outcome);
                    }
                    Err(answers) => output.response("", &answers),
                },
                BulkChange::Update { href, if_match, changes } => match self.content(changes) {
                    Ok(bytes) => {
                        let outcome = self.update(&href, if_match, bytes).await;
                        self.tell_update(output, &href, outcome);
                    }
                    Err(answers) => output.response(&href, &answers),
                },
                BulkChange::Delete { href, if_match } => {
                    let outcome = self.remove(&href, if_match).await;
                    match outcome {
                        Ok(()) => output.status(&href, Status::OK, None),
                        Err(failure) => self.tell_failure(output, &href, &failure),
                    }
                }
            }
        }
        Ok(())
    }

    async fn create(&self, bytes: Bytes) -> Answer<Made> {
        let name = fresh_name(self.address.home)?;
        let href = self.address.item(&name).to_string();
        let stored =
            put::store(self.call, self.target(name, Conditions::of_absence()), bytes, Agent::Server).await?;
        Ok(Made { href, etag: tag(&stored) })
    }

    async fn update(&self, href: &str, if_match: Option<ETagList>, bytes: Bytes) -> Answer<Tag> {
        let is_conditional = if_match.is_some();
        let conditions = Conditions::of_match(if_match.unwrap_or(ETagList::Any));
        let target = self.target(self.name_of(href)?, conditions);
        match put::store(self.call, target, bytes, Agent::Server).await {
            // There is nothing to be updated.
            Err(Failure::Status(StatusCode::PRECONDITION_FAILED)) if !is_conditional => {
                Err(StatusCode::NOT_FOUND.into())
            }
            outcome => outcome.map(|stored| tag(&stored)),
        }
    }

    async fn remove(&self, href: &str, if_match: Option<ETagList>) -> Answer<()> {
        let name = self.name_of(href)?;
        let conditions = if_match.map_or_else(Conditions::default, Conditions::of_match);
        delete::item(self.call, &self.address, &name, &conditions, true).await
    }

    fn target(&self, name: String, conditions: Conditions) -> Target {
        Target { address: self.address.clone(), name, conditions }
    }

    /// Of what lies elsewhere nothing is changed here.
    fn name_of(&self, href: &str) -> Answer<String> {
        self.collection.name_of(href).ok_or_else(|| StatusCode::FORBIDDEN.into())
    }

    /// The content that is to be set. Items have no other properties that can be.
    fn content(&self, changes: PropertyChanges) -> Result<Bytes, Vec<PropertyAnswer>> {
        let data = self.kind.data;
        let (contents, others): (Vec<Element>, Vec<Element>) =
            changes.set.into_iter().partition(|element| element.name() == data.name());
        let mut refused: Vec<_> = others.into_iter().map(|element| element.name).collect();
        refused.extend(changes.removed);
        match contents.first() {
            Some(content) if refused.is_empty() => Ok(with_line_ends(&content.text())),
            content => {
                let why = || Some(Precondition::CannotModifyProtectedProperty);
                let refused =
                    refused.into_iter().map(|name| PropertyAnswer::failed(name, Status::FORBIDDEN, why()));
                let content = content.map(|_| PropertyAnswer::failed(data, Status::FAILED_DEPENDENCY, None));
                Err(refused.chain(content).collect())
            }
        }
    }

    fn tell_creation(&self, output: &mut MultiStatus, uid: Option<&str>, outcome: Answer<Made>) {
        match outcome {
            Ok(Made { href, etag }) => {
                let uid = uid.map(|uid| Value::Text(uid.to_owned()));
                let uid = uid.map(|uid| PropertyAnswer::value(calendarserver::UID, uid));
                let etag = etag.map(|etag| PropertyAnswer::value(Property::ETag, Value::Text(etag)));
                output.response(&href, &etag.into_iter().chain(uid).collect::<Vec<_>>());
            }
            Err(failure) => {
                let (status, why) = status::within(self.call, &failure);
                output.not_made(uid, status, why.as_ref());
            }
        }
    }

    fn tell_update(&self, output: &mut MultiStatus, href: &str, outcome: Answer<Tag>) {
        match outcome {
            Ok(Some(etag)) => {
                output.response(href, &[PropertyAnswer::value(Property::ETag, Value::Text(etag))]);
            }
            Ok(None) => output.status(href, Status::OK, None),
            Err(failure) => self.tell_failure(output, href, &failure),
        }
    }

    fn tell_failure(&self, output: &mut MultiStatus, href: &str, failure: &Failure) {
        let (status, why) = status::within(self.call, failure);
        output.status(href, status, why.as_ref());
    }
}

fn tag(stored: &StoredObject) -> Tag {
    (!stored.is_rewritten).then(|| stored.etag.to_string())
}

/// A body of many objects.
enum Objects<'b> {
    Calendar(calendar::Split<'b>),
    Cards(contact::Split<'b>),
}

impl<'b> Objects<'b> {
    /// # Errors
    /// If the body as a whole cannot be read.
    fn of(home: Home, body: &'b [u8]) -> Result<Self, Precondition> {
        match home {
            Home::AddressBooks => {
                contact::Split::new(body).map(Self::Cards).map_err(|_| Precondition::ValidAddressData)
            }
            Home::Calendars | Home::Files | Home::Mailboxes | Home::Scheduling => {
                calendar::Split::new(body).map(Self::Calendar).map_err(|_| Precondition::ValidCalendarData)
            }
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Calendar(objects) => objects.count(),
            Self::Cards(cards) => cards.count(),
        }
    }

    /// Of cards it is no more than the body.
    fn total_bytes(&self) -> usize {
        match self {
            Self::Calendar(objects) => objects.total_bytes(),
            Self::Cards(_) => 0,
        }
    }

    fn uid(&self, object: usize) -> Option<&str> {
        match self {
            Self::Calendar(objects) => objects.uid(object),
            Self::Cards(cards) => cards.uid(object),
        }
    }

    fn bytes(&self, object: usize) -> Bytes {
        match self {
            Self::Calendar(objects) => objects.bytes(object).into(),
            Self::Cards(cards) => Bytes::copy_from_slice(cards.bytes(object)),
        }
    }
}

/// An object out of a document, which has one character for every line end (Extensible Markup Language 1.0 section 2.11).
fn with_line_ends(text: &str) -> Bytes {
    text.trim_start().replace("\r\n", "\n").replace('\n', "\r\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_must_say_what_they_are() {
        let calendar = Kind::of_folder(Home::Calendars);
        for (content_type, expected) in [
            ("text/calendar; charset=\"utf-8\"", true),
            ("Text/Calendar", true),
            ("text/vcard", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            assert_eq!(check_type(calendar, Some(content_type)).is_ok(), expected, "{content_type}");
        }
        assert!(check_type(calendar, None).is_err());
    }

    #[test]
    fn line_ends_that_a_document_took_come_back() {
        for text in ["\n  BEGIN:X\nEND:X\n", "BEGIN:X\r\nEND:X\r\n", "BEGIN:X\r\nEND:X\n"] {
            assert_eq!(with_line_ends(text), "BEGIN:X\r\nEND:X\r\n");
        }
    }
}
