//! Setting properties of a collection: RFC 4918 section 9.2. All changes are made or none.

use calendar::{Zone, defined_zone};
use content_line::Document;
use dav_wire::method::Instruction;
use dav_wire::name::QName;
use dav_wire::property::{Access, Transparency};
use dav_wire::xml::Element;
use dav_wire::{Precondition, Property, PropertyAnswer, RequestError, Status, Value};
use storage::{Error, PROPERTY_BYTES_MAX, Refusal, Write, right};
use workflow::meeting::{CALENDAR_AVAILABILITY, CALENDAR_TRANSPARENCY, TRANSPARENT};

use crate::address::FolderAddress;
use crate::folder::{self, Folder, Kept, OWN_NAME};

/// When properties are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// The collection is being made.
    Creation,
    Later,
}

/// One property that is to be set, or gone.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    name: QName,
    element: Option<Element>,
}

/// Changes that may be made, each for itself.
#[derive(Debug, Clone)]
pub(crate) struct Changes(Vec<Change>);

impl Changes {
    /// Checks every instruction.
    ///
    /// # Errors
    /// If one may not be done, the answers of all: the others fail with it (RFC 4918 section 11.4).
    pub(crate) fn check(
        instructions: Vec<Instruction>,
        occasion: Occasion,
    ) -> Result<Self, Vec<PropertyAnswer>> {
        let changes: Vec<_> = instructions.into_iter().map(Change::from).collect();
        let failures: Vec<_> = changes.iter().map(|change| change.failure(occasion)).collect();
        if failures.iter().all(Option::is_none) {
            return Ok(Self(changes));
        }
        let answers = changes.into_iter().zip(failures).map(|(change, failure)| match failure {
            Some((status, why)) => PropertyAnswer::failed(change.name, status, why),
            None => PropertyAnswer::failed(change.name, Status::FAILED_DEPENDENCY, None),
        });
        Err(answers.collect())
    }

    /// What to say when all have been made.
    pub(crate) fn done(&self) -> Vec<PropertyAnswer> {
        let mut names: Vec<&QName> = Vec::new();
        for change in &self.0 {
            if !names.contains(&&change.name) {
                names.push(&change.name);
            }
        }
        names.into_iter().map(|name| PropertyAnswer::done(name.clone())).collect()
    }

    /// What is to be kept under which name, in the order of the request; `None`: nothing any more. For what has no
    /// properties with a meaning of their own.
    pub(crate) fn kept(&self) -> impl Iterator<Item = (String, Option<String>)> {
        let kept = |change: &&Change| {
            Property::from_name(change.name.name())
                .is_none_or(|property| property.access() == Access::Settable)
        };
        let entry = |change: &Change| Some((folder::stored_as(&change.name)?, change.kept()));
        self.0.iter().filter(kept).filter_map(entry)
    }

    /// Makes the changes, in the order of the request.
    ///
    /// # Errors
    /// As [`Write::set_property`].
    pub(crate) fn apply(&self, tx: &mut Write<'_>, address: &FolderAddress) -> storage::Result<()> {
        for change in &self.0 {
            let name = change.name.to_string();
            match (Property::from_name(change.name.name()), &change.element) {
                (Some(Property::DisplayName), element) => display_name(tx, address, element.as_ref())?,
                (Some(property @ Property::ScheduleCalendarTransp), element) => {
                    let grant = address.open::<right::Lookup>(tx)?;
                    let word = element.as_ref().and_then(|element| transparency(property, element));
                    tx.set_property(&grant, CALENDAR_TRANSPARENCY, word)?;
                }
                (Some(Property::CalendarAvailability), _) => {
                    let grant = address.open::<right::Lookup>(tx)?;
                    tx.set_property(&grant, CALENDAR_AVAILABILITY, change.kept().as_deref())?;
                }
                (Some(property @ (Property::CalendarTimezone | Property::CalendarTimezoneId)), element) => {
                    time_zone(tx, address, property, element.as_ref())?;
                }
                (Some(Property::ResourceType), Some(element)) if folder::is_subscribed(element) => {
                    let grant = address.open::<right::Lookup>(tx)?;
                    tx.set_property(&grant, &name, Some(&element.encode()))?;
                }
                // Written by whoever makes the collection.
                (Some(Property::ResourceType), _) => {}
                (_, element) => {
                    let grant = address.open::<right::Lookup>(tx)?;
                    tx.set_property(&grant, &name, element.as_ref().map(Element::encode).as_deref())?;
                }
            }
        }
        Ok(())
    }
}

impl From<Instruction> for Change {
    fn from(instruction: Instruction) -> Self {
        match instruction {
            Instruction::Set(element) => Self { name: element.name.clone(), element: Some(element) },
            Instruction::Remove(name) => Self { name, element: None },
        }
    }
}

type Failed = Option<(Status, Option<Precondition>)>;

impl Change {
    /// As it is kept: as an element, but what the workflow reads as its text.
    fn kept(&self) -> Option<String> {
        let element = self.element.as_ref()?;
        match Property::from_name(self.name.name()) {
            Some(Property::CalendarAvailability) => Some(element.text()),
            _ => Some(element.encode()),
        }
    }

    fn failure(&self, occasion: Occasion) -> Failed {
        const PROTECTED: Failed =
            Some((Status::FORBIDDEN, Some(Precondition::CannotModifyProtectedProperty)));
        let too_large = |element: &Element| element.encode().len() > PROPERTY_BYTES_MAX;
        if self.element.as_ref().is_some_and(too_large) {
            return Some((Status::INSUFFICIENT_STORAGE, None));
        }
        let property = Property::from_name(self.name.name())?;
        match property.access() {
            Access::Settable => {}
            Access::AtCreation if occasion == Occasion::Creation => {}
            Access::AtCreation | Access::Protected => return PROTECTED,
        }
        match property {
            // They are of principals, homes and inboxes; those of an inbox see `schedule/inbox.rs`.
            Property::GroupMemberSet
            | Property::ScheduleDefaultCalendarUrl
            | Property::CalendarFreeBusySet => PROTECTED,
            _ => self.element.as_ref().and_then(|element| misfit(property, element)),
        }
    }
}

/// What is wrong with a value. RFC 4918 section 9.2.1 has 409 for what a property cannot hold.
fn misfit(property: Property, element: &Element) -> Failed {
    match property.read(element) {
        Err(RequestError::Refused(why)) => Some((why.status(), Some(why))),
        Err(_) => Some((Status::CONFLICT, None)),
        // RFC 7809 section 3.1.5.
        Ok(Value::Text(name))
            if property == Property::CalendarTimezoneId && Zone::by_iana_name(&name).is_none() =>
        {
            Some((Status::FORBIDDEN, Some(Precondition::ValidTimezone)))
        }
        // RFC 7953 section 7.2.4.
        Ok(Value::Text(text))
            if property == Property::CalendarAvailability && !calendar::is_availability(text.as_bytes()) =>
        {
            Some((Status::FORBIDDEN, Some(Precondition::ValidCalendarData)))
        }
        // RFC 4791 section 5.2.2.
        Ok(Value::Text(text)) if property == Property::CalendarTimezone && !is_time_zone(&text) => {
            Some((Status::FORBIDDEN, Some(Precondition::ValidCalendarData)))
        }
        Ok(_) if property == Property::DisplayName && folder::wanted_name(element).is_err() => {
            Some((Status::CONFLICT, None))
        }
        Ok(_) => None,
    }
}

/// As the workflow reads it.
fn transparency(property: Property, element: &Element) -> Option<&'static str> {
    match property.read(element) {
        Ok(Value::Transparency(Transparency::Transparent)) => Some(TRANSPARENT),
        _ => None,
    }
}

/// One calendar with exactly one time zone in it.
fn is_time_zone(text: &str) -> bool {
    let Ok(document) = Document::parse(text.as_bytes()) else { return false };
    let zones = document.components().iter().filter(|component| component.name() == "VTIMEZONE");
    document.components().first().is_some_and(|root| root.name() == "VCALENDAR") && zones.count() == 1
}

/// RFC 7809 section 3.1.5: the name and the definition of the zone never contradict each other. What is not set is derived
/// from the other.
fn time_zone(
    tx: &mut Write<'_>,
    address: &FolderAddress,
    property: Property,
    element: Option<&Element>,
) -> storage::Result<()> {
    let grant = address.open::<right::Lookup>(tx)?;
    let text = element.map(Element::encode);
    tx.set_property(&grant, &QName::from(property).to_string(), text.as_deref())?;
    let Some(other) = folder::counterpart(property) else { return Ok(()) };
    let kept = Folder::read(tx, address.clone(), &Kept::named([property]))?;
    let says = |property: Property| kept.stored(&property.into()).and_then(|kept| zone_of(property, &kept));
    if element.is_none() || says(property) != says(other) {
        tx.set_property(&grant, &QName::from(other).to_string(), None)?;
    }
    Ok(())
}

fn zone_of(property: Property, element: &Element) -> Option<Zone> {
    let text = element.text();
    if property == Property::CalendarTimezone {
        defined_zone(text.as_bytes())
    } else {
        Zone::by_name(text.trim())
    }
}

/// The owner's name is that of the folder, which all doors show: with a number if a neighbour has it already. A
/// delegate's is its own.
fn display_name(
    tx: &mut Write<'_>,
    address: &FolderAddress,
    element: Option<&Element>,
) -> storage::Result<()> {
    let wanted = element.and_then(|element| folder::wanted_name(element).ok().flatten());
    if tx.principal().account_id() != Some(address.owner.id) {
        let grant = address.open::<right::Lookup>(tx)?;
        let own_name = element.filter(|_| wanted.is_some()).map(Element::encode);
        return tx.set_property(&grant, OWN_NAME, own_name.as_deref());
    }
    // A folder is called something: a name that is taken away stays until there is another.
    let Some(wanted) = wanted else { return Ok(()) };
    let grant = address.open::<right::DeleteCollection>(tx)?;
    for name in folder::names_to_try(&wanted) {
        if grant.collection().name == name {
            return Ok(());
        }
        match tx.rename_collection(&grant, grant.collection().parent, &name) {
            Err(Error::Refusal(Refusal::AlreadyExists(_))) => {}
            outcome => return outcome,
        }
    }
    Err(Refusal::Invalid("too many collections have this name").into())
}
