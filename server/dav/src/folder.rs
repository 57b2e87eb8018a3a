//! A collection as one user sees it, at one moment.

use calendar::{Zone, defined_zone};
use dav_wire::method::PropFind;
use dav_wire::name::QName;
use dav_wire::property::{Access, Component as WireComponent, ResourceType};
use dav_wire::xml::Element;
use dav_wire::{Href, Property, Segment, Value};
use std::collections::BTreeMap;
use storage::{Collection, Cursor, Grant, Read, Resource, ResourceNames, Share, right};
use vocabulary::{AccountId, CollectionKind, Component, Home, ItemId, LeafName, LeafNameError, Rights, Role};
use workflow::meeting::{CALENDAR_AVAILABILITY, CALENDAR_TRANSPARENCY};

use crate::address::FolderAddress;
use crate::files::FilesView;
use crate::kind::Kind;
use crate::location;
use crate::person::urn;
use crate::push::Push;

/// Under this name a delegate keeps what it calls a folder of another. It is no name of a property, as those of the
/// owner are seen by all. Plain files have theirs here too, for all.
pub(crate) const OWN_NAME: &str = "displayname";
/// How many names are tried for a folder whose neighbours have the one that is wanted.
const NAMES_TRIED_MAX: usize = 100;

/// About what one share is in memory, in bytes.
const SHARE_BYTES: usize = 200;

/// What is read with a collection of what is kept of it. It may be much, and most requests ask for nothing.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// Under which names properties are stored that are read; `None`: all.
    names: Option<Vec<String>>,
    shares: Shares,
}

/// Whether it is read who else may do what with a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shares {
    Never,
    /// What they are says whether they are shared.
    OfCalendars,
    Always,
}

impl Kept {
    /// The collection alone.
    pub(crate) fn nothing() -> Self {
        Self { names: Some(Vec::new()), shares: Shares::Never }
    }

    /// Whether no property is read.
    pub(crate) fn is_nothing(&self) -> bool {
        self.names.as_ref().is_some_and(Vec::is_empty)
    }

    /// What the values of properties are made of.
    pub(crate) fn named(names: impl IntoIterator<Item = impl Into<QName>>) -> Self {
        let names: Vec<QName> = names.into_iter().map(Into::into).collect();
        let shares = names.iter().map(Shares::of).max().unwrap_or(Shares::Never);
        Self { shares, ..Self::stored(names) }
    }

    /// What is kept under these names, and no more.
    pub(crate) fn stored(names: impl IntoIterator<Item = impl Into<QName>>) -> Self {
        let mut stored = Vec::new();
        for name in names {
            let name = name.into();
            stored.extend(stored_as(&name));
            stored.extend(
                Property::from_name(name.name())
                    .and_then(counterpart)
                    .and_then(|other| stored_as(&other.into())),
            );
        }
        Self { names: Some(stored), shares: Shares::Never }
    }

    /// What the answers to a request are made of.
    pub(crate) fn of(selection: &PropFind) -> Self {
        match selection {
            PropFind::Prop(names) => Self::named(names.iter().cloned()),
            PropFind::PropName | PropFind::AllProp { .. } => Self { names: None, shares: Shares::Always },
        }
    }

    /// The same, with what answers about items are made of: who may do what with them is said by their collection.
    #[must_use]
    pub(crate) fn and_of_items(self, asked: &Self) -> Self {
        let shares = if asked.shares == Shares::Always { Shares::Always } else { self.shares };
        Self { shares, ..self }
    }
}

impl Shares {
    /// What the value of a property is made of.
    fn of(name: &QName) -> Self {
        match Property::from_name(name.name()) {
            Some(
                Property::Acl
                | Property::ShareInvite
                | Property::ShareAccess
                | Property::SupportedLivePropertySet,
            ) => Self::Always,
            Some(Property::ResourceType | Property::Invite) => Self::OfCalendars,
            _ => Self::Never,
        }
    }

    fn are_read(self, home: Home) -> bool {
        match self {
            Self::Never => false,
            Self::OfCalendars => home == Home::Calendars,
            Self::Always => true,
        }
    }
}

/// Under which name a property is kept. `None`: it never is.
pub(crate) fn stored_as(name: &QName) -> Option<String> {
    match Property::from_name(name.name()) {
        Some(Property::DisplayName) => Some(OWN_NAME.to_owned()),
        Some(Property::ScheduleCalendarTransp) => Some(CALENDAR_TRANSPARENCY.to_owned()),
        Some(Property::CalendarAvailability) => Some(CALENDAR_AVAILABILITY.to_owned()),
        Some(property) if property.access() == Access::Protected => None,
        Some(_) | None => Some(name.to_string()),
    }
}

/// Of two properties that say the same in two ways, the other: RFC 7809 section 3.1.5.
pub(crate) fn counterpart(property: Property) -> Option<Property> {
    match property {
        Property::CalendarTimezone => Some(Property::CalendarTimezoneId),
        Property::CalendarTimezoneId => Some(Property::CalendarTimezone),
        _ => None,
    }
}

/// A collection as one user sees it, at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) address: FolderAddress,
    pub(crate) collection: Collection,
    pub(crate) rights: Rights,
    /// The end of its log.
    pub(crate) end: Cursor,
    /// What was read of what is kept of it: an element each, by the name of the property.
    properties: BTreeMap<String, String>,
    /// Who else may do what with it; `None`: not for the viewer, or not asked for.
    pub(crate) shares: Option<Vec<Share>>,
    names: ResourceNames,
    viewer: AccountId,
    /// Of the owner's schedule inbox: where invitations go.
    pub(crate) default_calendar: Option<Href>,
    /// What collections of plain files have beside.
    pub(crate) files: Option<FilesView>,
}

impl Folder {
    /// # Errors
    /// As [`Read::open`].
    pub(crate) fn read(tx: &Read<'_>, address: FolderAddress, kept: &Kept) -> storage::Result<Self> {
        let grant = address.open::<right::Lookup>(tx)?;
        let is_own_inbox = grant.collection().role == Some(Role::ScheduleInbox)
            && tx.principal().account_id() == Some(address.owner.id);
        Ok(Self {
            default_calendar: if is_own_inbox { default_calendar(tx, &address)? } else { None },
            collection: grant.collection().clone(),
            rights: grant.rights(),
            end: Cursor::at_end(&grant),
            properties: match &kept.names {
                None => tx.properties(&grant)?,
                Some(names) => tx.properties_named(&grant, names)?,
            },
            shares: if kept.shares.are_read(address.home) && grant.rights().contains(Rights::ADMINISTER) {
                let collection = grant.collection();
                Some(tx.shares(&tx.open(collection.account, collection.id)?)?)
            } else {
                None
            },
            names: tx.resource_names(),
            viewer: tx.principal().account_id().unwrap_or(address.owner.id),
            address,
            files: None,
        })
    }

    /// RFC 5842 section 3.1: the same at every path.
    pub(crate) fn resource_id(&self) -> String {
        urn(self.names.uuid(&[self.collection.account.0, self.collection.id.0]))
    }

    /// The same of an item, wherever in its account it moves.
    pub(crate) fn resource_id_of(&self, item: ItemId) -> String {
        urn(self.names.uuid(&[self.collection.account.0, 0, item.0]))
    }

    /// The very same collection in a later transaction, though another may have come to its path.
    ///
    /// # Errors
    /// As [`Read::open`].
    pub(crate) fn open_again<'tx, R: right::Right>(&self, tx: &Read<'tx>) -> storage::Result<Grant<'tx, R>> {
        tx.open(self.collection.account, self.collection.id)
    }

    /// How much of its properties was read, in bytes.
    pub(crate) fn kept_bytes(&self) -> usize {
        let kept = self.properties.iter().map(|(name, value)| name.len() + value.len());
        kept.sum::<usize>() + self.shares.iter().flatten().count() * SHARE_BYTES
    }

    pub(crate) fn kind(&self) -> &'static Kind {
        Kind::of_folder(self.address.home)
    }

    /// `None` for collections of plain files.
    pub(crate) fn kind_if_any(&self) -> Option<&'static Kind> {
        Kind::of(self.address.home)
    }

    /// By which clients of the viewer are told of changes, if they may be.
    pub(crate) fn push(&self) -> Option<&Push> {
        let is_told = matches!(self.address.home, Home::Calendars | Home::AddressBooks)
            && self.rights.contains(Rights::READ);
        self.address.push.as_ref().filter(|_| is_told)
    }

    pub(crate) fn is_own(&self) -> bool {
        self.viewer == self.address.owner.id
    }

    /// What is kept under a name that is no property's.
    pub(crate) fn kept(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str)
    }

    /// A property as it was set.
    pub(crate) fn stored(&self, name: &QName) -> Option<Element> {
        Element::decode(self.properties.get(&name.to_string())?).ok()
    }

    /// The properties that nobody but their client knows.
    pub(crate) fn dead(&self) -> impl Iterator<Item = Element> {
        let elements = self.properties.values().filter_map(|text| Element::decode(text).ok());
        elements.filter(|element| Property::from_name(element.name()).is_none())
    }

    /// A property of an item as it was set.
    pub(crate) fn stored_of(&self, item: &Resource, name: &QName) -> Option<Element> {
        Element::decode(self.kept_of(item)?.get(&stored_as(name)?)?).ok()
    }

    /// The properties of an item that nobody but their client knows.
    pub(crate) fn dead_of(&self, item: &Resource) -> impl Iterator<Item = Element> {
        let elements = self.kept_of(item).into_iter().flat_map(BTreeMap::values);
        let elements = elements.filter_map(|text| Element::decode(text).ok());
        elements.filter(|element| Property::from_name(element.name()).is_none())
    }

    fn kept_of(&self, item: &Resource) -> Option<&BTreeMap<String, String>> {
        self.files.as_ref()?.kept.get(&item.id)
    }

    /// What people read: the name of the folder, as every door shows it. Whose folder it is stands behind the name of
    /// what another shares, unless the delegate calls it otherwise.
    pub(crate) fn display_name(&self) -> String {
        let name = &self.collection.name;
        // Owners have none, but of plain files, which are called by their paths.
        let own_name = self.properties.get(OWN_NAME).and_then(|text| Element::decode(text).ok());
        match own_name {
            Some(element) => element.text(),
            None if self.is_own() => name.as_str().to_owned(),
            None => format!("{name} ({})", called(&self.address.owner)),
        }
    }

    /// What it is. Nothing is kept of that but for a calendar that clients read from elsewhere.
    pub(crate) fn resource_types(&self) -> Vec<ResourceType> {
        let own = self.kind_if_any().map(|kind| kind.resource_type);
        let own = if self.is_subscribed() { Some(ResourceType::Subscribed) } else { own };
        std::iter::once(ResourceType::Collection).chain(own).collect()
    }

    /// Whether clients read its events from its source; its type must have been read.
    fn is_subscribed(&self) -> bool {
        self.stored(&Property::ResourceType.into()).is_some_and(|element| is_subscribed(&element))
    }

    /// The zone of its days and floating times, as clients keep it by name or by definition; both must have been read.
    pub(crate) fn time_zone(&self) -> Option<Zone> {
        let stored = |property: Property| self.stored(&property.into()).map(|element| element.text());
        let named = stored(Property::CalendarTimezoneId).and_then(|name| Zone::by_name(name.trim()));
        named.or_else(|| defined_zone(stored(Property::CalendarTimezone)?.as_bytes()))
    }

    /// The kinds of components that the collection takes. Empty for address books and subscribed calendars.
    pub(crate) fn components(&self) -> Vec<WireComponent> {
        if self.address.home != Home::Calendars || self.is_subscribed() {
            return Vec::new();
        }
        let property = Property::SupportedCalendarComponentSet;
        if let Some(element) = self.stored(&property.into())
            && let Ok(Value::Components(components)) = property.read(&element)
        {
            return components;
        }
        match self.collection.kind {
            CollectionKind::Calendar => vec![WireComponent::Event],
            CollectionKind::Tasks => vec![WireComponent::ToDo],
            CollectionKind::Notes => vec![WireComponent::Journal],
            CollectionKind::Mail
            | CollectionKind::Contacts
            | CollectionKind::Files
            | CollectionKind::Schedule => Vec::new(),
        }
    }
}

/// The path of the calendar into which invitations to the owner go: RFC 6638 section 9.2.
fn default_calendar(tx: &Read<'_>, address: &FolderAddress) -> storage::Result<Option<Href>> {
    let owner = &address.owner;
    let calendar = workflow::meeting::default_calendar(tx, owner.id, Component::Event)?;
    let grant = tx.open::<right::Lookup>(owner.id, calendar)?;
    let name = grant.collection().resource_name.clone().and_then(|name| Segment::new(name).ok());
    Ok(name.map(|name| location::home(Home::Calendars, &owner.address).collection(name)))
}

/// Whether a `resourcetype` says that clients read the calendar from elsewhere.
pub(crate) fn is_subscribed(element: &Element) -> bool {
    element.child(ResourceType::Subscribed.name()).is_some()
}

/// What `displayname` wants a folder to be called. `None`: nothing, and a folder is called something.
///
/// # Errors
/// What no folder can be called.
pub(crate) fn wanted_name(element: &Element) -> Result<Option<LeafName>, LeafNameError> {
    match LeafName::new(element.text().trim()) {
        Ok(name) => Ok(Some(name)),
        Err(LeafNameError::Empty) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a folder may be called if it is to have a name: a neighbour may have it, and the store gives it once.
pub(crate) fn names_to_try(wanted: &LeafName) -> impl Iterator<Item = LeafName> {
    let numbered = move |number: usize| LeafName::new(&format!("{wanted} ({number})")).ok();
    std::iter::once(wanted.clone()).chain((2..NAMES_TRIED_MAX).filter_map(numbered))
}

/// What somebody is called.
pub(crate) fn called(account: &storage::Account) -> String {
    if account.name.trim().is_empty() { account.address.to_string() } else { account.name.clone() }
}
