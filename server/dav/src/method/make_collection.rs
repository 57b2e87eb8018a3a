//! MKCALENDAR and extended MKCOL: RFC 4791 section 5.3.1, RFC 5689 section 3. The collection is made with all its
//! properties, at the very path that the client chose, or not at all.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::method::{Instruction, MakeCollection};
use dav_wire::name::dav;
use dav_wire::property::{Component, ResourceType};
use dav_wire::xml::Element;
use dav_wire::{Precondition, Property, PropertyAnswer, Status, Value};
use http_door::text_header;
use storage::{Collection, Error, NewCollection, Refusal, Write};
use vocabulary::{AccountId, CollectionId, CollectionKind, Home, LeafName, Rights};

use crate::address::{self, FolderAddress};
use crate::call::{Answer, Call, Failure};
use crate::folder::{self, Kept};
use crate::kind::Kind;
use crate::location::{CollectionLocation, Location};
use crate::property::{Changes, Occasion};
use crate::{directory, privilege, status, subject};

/// The method by which a collection is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    MkCol,
    MkCalendar,
}

const EVERY_COMPONENT: &str = "<supported-calendar-component-set xmlns='urn:ietf:params:xml:ns:caldav'>\
     <comp name='VEVENT'/><comp name='VTODO'/><comp name='VJOURNAL'/></supported-calendar-component-set>";

pub(crate) async fn run(call: &Call, method: Method, body: &[u8]) -> Answer {
    let Location::Collection(location) = &call.location else { return Err(misplaced(call, method).await) };
    if location.home == Home::Scheduling {
        return Err(Kind::of_folder(location.home).location_not_ok.clone().into());
    }
    let request = match method {
        Method::MkCol => MakeCollection::parse_mkcol(body)?,
        Method::MkCalendar => MakeCollection::parse_mkcalendar(body)?,
    };
    check_type(location.home, method, &request)?;
    check_home(call, location).await?;
    let plan = match Plan::of(location, request) {
        Ok(plan) => plan,
        // No folder can be called by the path, and nothing is wrong with the properties.
        Err(answers) if answers.is_empty() => {
            return Err(Kind::of_folder(location.home).location_not_ok.clone().into());
        }
        Err(answers) => return Ok(failed(method, &answers)),
    };
    let address = call.folder(location).await?;
    let accounts = call.accounts(address.owner.id);
    let written = call.write(&accounts, move |tx| plan.carry_out(tx, &address));
    match written.await {
        // RFC 4791 section 5.3.1: the answer must not be kept.
        Ok(()) => Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-cache")).finish()),
        Err(Error::Refusal(Refusal::AlreadyExists(_))) => Err(exists(method)),
        Err(error) => Err(error.into()),
    }
}

/// What is to be made.
struct Plan {
    kind: CollectionKind,
    name: LeafName,
    resource_name: String,
    changes: Changes,
}

impl Plan {
    /// # Errors
    /// The answers about the properties, if one cannot be set; none of them, if no folder can have the name.
    fn of(location: &CollectionLocation, request: MakeCollection) -> Result<Self, Vec<PropertyAnswer>> {
        let components = components(&request);
        let named = request.properties.iter().rfind(|element| element.name() == dav::DISPLAYNAME);
        let named = named.and_then(|element| folder::wanted_name(element).ok().flatten());
        let segment = location.name.as_str();
        let name = named.or_else(|| LeafName::new(segment).ok());
        let kind = kind_for(location.home, components.as_deref());
        let mut instructions: Vec<_> = request.properties.into_iter().map(Instruction::Set).collect();
        if location.home == Home::Calendars && components.is_none() {
            // RFC 4791 section 5.2.3: without a set all components are taken, whatever the kind of folder holds.
            instructions.extend(Element::decode(EVERY_COMPONENT).ok().map(Instruction::Set));
        }
        Ok(Self {
            kind,
            name: name.ok_or_else(Vec::new)?,
            resource_name: segment.to_owned(),
            changes: Changes::check(instructions, Occasion::Creation)?,
        })
    }

    fn carry_out(&self, tx: &mut Write<'_>, address: &FolderAddress) -> storage::Result<()> {
        match address.open::<storage::right::Lookup>(tx) {
            Ok(_) => return Err(Refusal::AlreadyExists(storage::Subject::Collection).into()),
            Err(Error::Refusal(Refusal::NotFound(_))) => {}
            Err(error) => return Err(error),
        }
        make(tx, address.owner.id, self.kind, &self.name, &self.resource_name)?;
        self.changes.apply(tx, address)
    }
}

/// Makes a collection in a home. A neighbour may have the name already: then it gets a number.
pub(super) fn make(
    tx: &mut Write<'_>,
    owner: AccountId,
    kind: CollectionKind,
    called: &LeafName,
    resource_name: &str,
) -> storage::Result<Collection> {
    for name in folder::names_to_try(called) {
        let new = NewCollection {
            parent: CollectionId(0),
            kind,
            role: None,
            name,
            resource_name: Some(resource_name.to_owned()),
        };
        match tx.create_collection(owner, &new) {
            Err(Error::Refusal(Refusal::AlreadyExists(_))) => {}
            other => return other,
        }
    }
    Err(Refusal::Invalid("too many collections have this name").into())
}

/// A set with one component makes a folder of the kind that holds it; phones see it as such.
fn kind_for(home: Home, components: Option<&[Component]>) -> CollectionKind {
    match (home, components) {
        (Home::AddressBooks, _) => CollectionKind::Contacts,
        (_, Some([Component::ToDo])) => CollectionKind::Tasks,
        (_, Some([Component::Journal])) => CollectionKind::Notes,
        _ => CollectionKind::Calendar,
    }
}

fn components(request: &MakeCollection) -> Option<Vec<Component>> {
    let property = Property::SupportedCalendarComponentSet;
    let set = request.properties.iter().rfind(|element| element.name() == property.name())?;
    match property.read(set) {
        Ok(Value::Components(components)) => Some(components),
        // It is refused with the other properties.
        _ => Some(Vec::new()),
    }
}

/// A home holds collections of its own kind only.
fn check_type(home: Home, method: Method, request: &MakeCollection) -> Result<(), Failure> {
    let wanted = Kind::of_folder(home).resource_type;
    let types = request.resource_types()?;
    let fits = match method {
        Method::MkCol => {
            let is_subscribed = home == Home::Calendars && types.contains(&ResourceType::Subscribed);
            types.contains(&ResourceType::Collection) && (types.contains(&wanted) || is_subscribed)
        }
        Method::MkCalendar => {
            home == Home::Calendars && (types.is_empty() || types.contains(&ResourceType::Calendar))
        }
    };
    match (fits, method) {
        (true, _) => Ok(()),
        (false, Method::MkCol) => Err(Precondition::ValidResourceType.into()),
        (false, Method::MkCalendar) => Err(Precondition::CalendarCollectionLocationOk.into()),
    }
}

/// Only its owner makes collections in a home, and not under the names of those that are mounted.
pub(super) async fn check_home(call: &Call, location: &CollectionLocation) -> Result<(), Failure> {
    let owner = directory::by_address(call, &location.owner).await.map_err(super::put::no_parent)?;
    if owner.id != call.account().id {
        let home = Location::Home(location.home, location.owner.clone());
        subject::find(call, &home, &Kept::nothing()).await.map_err(super::put::no_parent)?;
        return Err(privilege::missing(call, Rights::INSERT).into());
    }
    if address::mounted(&location.name).is_some() {
        return Err(Kind::of_folder(location.home).location_not_ok.clone().into());
    }
    Ok(())
}

/// RFC 4918 section 9.3: a body that is not understood must not be overlooked.
pub(crate) fn check_media_type(request: &HttpRequest, body: &[u8]) -> Result<(), Failure> {
    let content_type = text_header(request, "Content-Type").unwrap_or("application/xml");
    if body.is_empty() || content_type.contains("xml") {
        return Ok(());
    }
    Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into())
}

/// Something is there already, or no collection can be there.
async fn misplaced(call: &Call, method: Method) -> Failure {
    match (&call.location, subject::find(call, &call.location, &Kept::nothing()).await) {
        (_, Ok(_)) => exists(method),
        // Collections do not lie in collections.
        (Location::Item(collection, _), Err(_)) => {
            let parent = Location::Collection(collection.clone());
            match subject::find(call, &parent, &Kept::nothing()).await {
                Ok(_) => Kind::of_folder(collection.home).location_not_ok.clone().into(),
                Err(failure) => super::put::no_parent(failure),
            }
        }
        (_, Err(_)) => StatusCode::FORBIDDEN.into(),
    }
}

/// RFC 4918 section 9.3.1, RFC 4791 section 5.3.1.
fn exists(method: Method) -> Failure {
    match method {
        Method::MkCol => StatusCode::METHOD_NOT_ALLOWED.into(),
        Method::MkCalendar => Precondition::ResourceMustBeNull.into(),
    }
}

/// RFC 4791 section 5.3.1.1, RFC 5689 section 3.5.
fn failed(method: Method, answers: &[PropertyAnswer]) -> HttpResponse {
    match method {
        Method::MkCol => status::document(Status::FORBIDDEN, dav_wire::mkcol_response(answers)),
        Method::MkCalendar => status::document(Status::MULTI_STATUS, dav_wire::mkcalendar_response(answers)),
    }
}
