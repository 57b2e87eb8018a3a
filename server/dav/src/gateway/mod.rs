//! The address book of the house: a card for each person, room and group of the domain, which nobody keeps.
//! draft-daboo-carddav-directory-gateway-02.
//!
//! It lies in everybody's home under a name of its own, and in no listing: Contacts of macOS takes the first book that it
//! finds for the user's own. Programs that know the property `directory-gateway` search it; others can be given its URL.
//! A book that the user has made under this name long ago stands before it.
//!
//! Absent: sync-collection, for the house keeps no log of its people; `getctag` says whether anything changed.

mod answer;
mod card;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use dav_wire::property::Privilege;
use dav_wire::{Href, MissingPrivilege, Precondition, Segment, Value};
use http_door::{BodyError, receive};
use std::sync::Arc;
use storage::{Account, Error, Read, Refusal, right};
use vocabulary::Home;

use crate::call::{Answer, Call, Failure};
use crate::condition::Conditions;
use crate::location::{self, Location};
use crate::method::{get, preference};
use crate::property::Subject;
use crate::route::REPORT_BYTES_MAX;

/// The last segment of its path.
const NAME: &str = "directory";

/// What a path in the directory names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The directory itself.
    Book,
    /// What would be a card of it.
    Card(Segment),
}

/// What the path of a request names in the user's own directory; `None`: it is about something else.
///
/// # Errors
/// A fault of the store.
pub(crate) async fn place(call: &Call) -> Answer<Option<Place>> {
    let (collection, place) = match &call.location {
        Location::Collection(collection) => (collection, Place::Book),
        Location::Item(collection, name) => (collection, Place::Card(name.clone())),
        _ => return Ok(None),
    };
    let is_own = collection.owner == call.account().address;
    if collection.home != Home::AddressBooks || collection.name.as_str() != NAME || !is_own {
        return Ok(None);
    }
    let owner = call.account().id;
    let made_by_user =
        move |tx: &Read<'_>| match tx.open_resource::<right::Lookup>(owner, Home::AddressBooks, NAME) {
            Ok(_) => Ok(true),
            Err(Error::Refusal(Refusal::NotFound(_))) => Ok(false),
            Err(error) => Err(error),
        };
    let stands = call.store().read(call.principal(), made_by_user).await?;
    Ok((!stands).then_some(place))
}

/// The answer to a request about the directory.
pub(crate) async fn run(
    call: &Arc<Call>,
    request: &HttpRequest,
    payload: web::Payload,
    place: Place,
) -> Answer<HttpResponse> {
    match (request.method().as_str(), &place) {
        ("GET" | "HEAD", Place::Card(name)) => {
            let conditions = Conditions::of(request)?;
            let card = card::of_house(call).await?.into_iter().find(|card| card.name == *name);
            let card = card.ok_or(StatusCode::NOT_FOUND)?;
            Ok(get::card(&conditions, card.negotiate(request)?))
        }
        ("PROPFIND" | "REPORT", _) => {
            let body = receive(&call.context, call.account().id, request, payload, REPORT_BYTES_MAX).await;
            let body = body.map_err(BodyError::status)?;
            let report = request.method().as_str() == "REPORT";
            let mut response = match report {
                true => answer::report(call, &place, &body.bytes).await?,
                false => answer::propfind(call, &place, &body.bytes).await?,
            };
            if call.prefer.minimal {
                preference::applied(&mut response, "return=minimal");
            }
            Ok(response)
        }
        ("PUT" | "POST" | "DELETE" | "PROPPATCH" | "MOVE", _) => {
            let href = call.location.href().to_string();
            Err(Precondition::NeedPrivileges(vec![MissingPrivilege { href, privilege: Privilege::Write }])
                .into())
        }
        _ => Err(Failure::not_allowed()),
    }
}

/// The path of somebody's directory.
fn book(viewer: &Account) -> Href {
    let home = location::home(Home::AddressBooks, &viewer.address);
    Segment::new(NAME).map(|name| home.collection(name)).unwrap_or(home)
}

/// The directory of a principal or home, if it is the viewer's own.
pub(crate) fn of_subject(viewer: &Account, subject: &Subject) -> Option<Value> {
    let owner = match subject {
        Subject::Principal(person) => person.account(),
        Subject::Home(Home::AddressBooks, owner) => owner,
        _ => return None,
    };
    (owner.id == viewer.id).then(|| Value::Hrefs(vec![book(viewer).to_string()]))
}

/// RFC 6352 section 7.1.2: the card of a principal, in the directory of whoever asks.
pub(crate) fn card_of_subject(viewer: &Account, subject: &Subject) -> Option<Value> {
    let Subject::Principal(person) = subject else { return None };
    Some(Value::Href(book(viewer).item(card::name_of(person.account())?).to_string()))
}
