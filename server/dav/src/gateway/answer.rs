//! What is told of the directory and its cards: PROPFIND, and the reports of RFC 6352 section 8.

use actix_web::HttpResponse;
use dav_wire::header::Depth;
use dav_wire::property::{ReportName, ResourceType};
use dav_wire::report::{AddressBookQuery, Multiget, PropertyRequest, Report};
use dav_wire::{Href, MultiStatus, Precondition, Property, PropertyAnswer, Status, Value};
use std::collections::HashSet;
use std::sync::Arc;
use storage::Fault;
use vocabulary::{Component, Home};

use super::card::{self, Card};
use super::{Place, book};
use crate::call::{Answer, Call};
use crate::kind::{self, Kind};
use crate::location::{self, Location};
use crate::property;
use crate::report::{Data, Filter};
use crate::{acl, privilege, status};

/// Most cards that one answer holds. A domain that has more is to be searched.
const CARDS_MAX: usize = 10_000;

const REPORTS: [ReportName; 2] = [ReportName::AddressBookQuery, ReportName::AddressBookMultiget];

pub(super) async fn propfind(call: &Arc<Call>, place: &Place, body: &[u8]) -> Answer {
    let request = PropertyRequest::of_propfind(body)?;
    let data = Data::of_cards(call, &request)?;
    let cards = card::of_house(call).await?;
    let told = match (place, call.depth) {
        (Place::Card(name), _) => {
            let card = cards.iter().find(|card| card.name == *name);
            Told {
                book: false,
                cards: vec![card.ok_or(actix_web::http::StatusCode::NOT_FOUND)?],
                missing: Vec::new(),
            }
        }
        (Place::Book, Some(Depth::Zero)) => Told { book: true, cards: Vec::new(), missing: Vec::new() },
        (Place::Book, Some(Depth::One)) => {
            Told { book: !call.prefer.depth_noroot, cards: cards.iter().collect(), missing: Vec::new() }
        }
        (Place::Book, Some(Depth::Infinity) | None) => return Err(Precondition::PropfindFiniteDepth.into()),
    };
    Ok(told.answer(call, &request, data.as_ref(), &card::ctag(call.store(), &cards), CARDS_MAX))
}

pub(super) async fn report(call: &Arc<Call>, place: &Place, body: &[u8]) -> Answer {
    match Report::parse(body)? {
        Report::AddressBookQuery(wanted) => query(call, place, wanted).await,
        Report::AddressBookMultiget(wanted) => multiget(call, place, wanted).await,
        _ => Err(Precondition::SupportedReport.into()),
    }
}

async fn query(call: &Arc<Call>, place: &Place, wanted: AddressBookQuery) -> Answer {
    let AddressBookQuery { properties: request, filter, limit } = wanted;
    let data = Data::of_cards(call, &request)?;
    let mut cards = card::of_house(call).await?;
    match place {
        Place::Card(name) => cards.retain(|card| card.name == *name),
        Place::Book if call.depth == Some(Depth::Zero) => cards.clear(),
        Place::Book => {}
    }
    let filter = Filter::Card(filter);
    // Away from the threads that serve connections: there may be thousands.
    let searching = tokio::task::spawn_blocking(move || {
        cards.retain(|card| filter.matches(&card.bytes));
        cards
    });
    let found = searching.await.map_err(|error| storage::Error::from(Fault::Panic(error.to_string())))?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(CARDS_MAX).min(CARDS_MAX);
    let told = Told { book: false, cards: found.iter().collect(), missing: Vec::new() };
    Ok(told.answer(call, &request, data.as_ref(), "", limit))
}

async fn multiget(call: &Arc<Call>, place: &Place, wanted: Multiget) -> Answer {
    let Multiget { properties: request, mut hrefs } = wanted;
    if let (Place::Card(_), true) = (place, hrefs.is_empty()) {
        hrefs.push(call.location.href().to_string());
    }
    let data = Data::of_cards(call, &request)?;
    let cards = card::of_house(call).await?;
    let mut told = Told { book: false, cards: Vec::new(), missing: Vec::new() };
    let mut asked = HashSet::new();
    let own = book(call.account());
    for href in hrefs.into_iter().filter(|href| asked.insert(href.clone())) {
        let location = Href::parse(&href).ok().and_then(|href| Location::of(&href));
        let name = match location {
            Some(Location::Item(collection, name)) if collection.href() == own => Some(name),
            _ => None,
        };
        match name.and_then(|name| cards.iter().find(|card| card.name == name)) {
            Some(card) => told.cards.push(card),
            None => told.missing.push(href),
        }
    }
    Ok(told.answer(call, &request, data.as_ref(), "", CARDS_MAX))
}

/// What an answer is about.
struct Told<'c> {
    /// Whether the directory itself is.
    book: bool,
    cards: Vec<&'c Card>,
    /// Paths as they were asked for, at which there is nothing.
    missing: Vec<String>,
}

impl Told<'_> {
    /// RFC 6352 section 8.6.2: what is left out is said to be.
    fn answer(
        self,
        call: &Call,
        request: &PropertyRequest,
        data: Option<&Data>,
        ctag: &str,
        limit: usize,
    ) -> HttpResponse {
        let mut output = MultiStatus::new(call.detail());
        let book = book(call.account());
        if self.book {
            let answers = selected(request, |property| of_book(call, ctag, property));
            output.response(&book.to_string(), &answers);
        }
        let is_cut = self.cards.len() > limit;
        for card in self.cards.into_iter().take(limit) {
            respond(call, &book, card, request, data, &mut output);
        }
        for href in self.missing {
            output.status(&href, Status::NOT_FOUND, None);
        }
        if is_cut {
            let why = Precondition::NumberOfMatchesWithinLimits;
            output.status(&call.location.href().to_string(), why.status(), Some(&why));
        }
        status::document(Status::MULTI_STATUS, output.finish())
    }
}

fn respond(
    call: &Call,
    book: &Href,
    card: &Card,
    request: &PropertyRequest,
    data: Option<&Data>,
    output: &mut MultiStatus,
) {
    let href = book.item(card.name.clone()).to_string();
    let mut answers = selected(request, |property| of_card(call, card, property));
    match data.map(|data| data.value(&card.bytes)).transpose() {
        Ok(value) => {
            if let Some(value) = value {
                answers.retain(|answer| answer.name.name() != Property::AddressData.name());
                answers.push(PropertyAnswer::value(Property::AddressData, value));
            }
            output.response(&href, &answers);
        }
        Err(ungiven) => {
            let (status, why) = ungiven.why();
            output.status(&href, status, Some(&why));
        }
    }
}

fn selected(request: &PropertyRequest, live: impl Fn(Property) -> Option<Value>) -> Vec<PropertyAnswer> {
    let value = |name: &dav_wire::name::QName| live(Property::from_name(name.name())?);
    property::selected(&request.selection, |property| live(property).is_some(), &live, value, Vec::new)
}

fn of_book(call: &Call, ctag: &str, property: Property) -> Option<Value> {
    match property {
        Property::ResourceType => Some(Value::ResourceTypes(vec![
            ResourceType::Collection,
            ResourceType::AddressBook,
            ResourceType::Directory,
        ])),
        Property::DisplayName => Some(Value::Text(called(&call.account().language).to_owned())),
        Property::CTag => Some(Value::Text(ctag.to_owned())),
        Property::SupportedReportSet => Some(Value::Reports(REPORTS.to_vec())),
        Property::SupportedAddressData => {
            Some(Value::MediaTypes(Kind::of_folder(Home::AddressBooks).media.to_vec()))
        }
        _ => of_both(call, property),
    }
}

fn of_card(call: &Call, card: &Card, property: Property) -> Option<Value> {
    match property {
        Property::ResourceType => Some(Value::ResourceTypes(Vec::new())),
        Property::ETag => Some(Value::Text(card.etag())),
        Property::ContentType => Some(Value::Text(kind::content_type(Some(Component::Card)).to_owned())),
        Property::ContentLength => i64::try_from(card.bytes.len()).ok().map(Value::Integer),
        _ => of_both(call, property),
    }
}

fn of_both(call: &Call, property: Property) -> Option<Value> {
    match property {
        Property::CurrentUserPrincipal => Some(property::href(&location::principal(&call.account().address))),
        Property::CurrentUserPrivilegeSet => Some(Value::Privileges(privilege::of_reader())),
        Property::SupportedPrivilegeSet => {
            Some(Value::SupportedPrivileges(privilege::supported(Some(Home::AddressBooks))))
        }
        Property::Acl => Some(Value::Acl(acl::of_public())),
        Property::PrincipalCollectionSet => Some(Value::Hrefs(vec![Location::Principals.href().to_string()])),
        Property::CardCollationSet => Some(Value::Collations(dav_wire::collation::Collation::ALL.to_vec())),
        _ => None,
    }
}

/// What people read.
fn called(language: &str) -> &'static str {
    match language {
        "de" => "Verzeichnis",
        _ => "Directory",
    }
}
