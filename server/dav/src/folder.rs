//! A collection as one user sees it, at one moment.

use dav_wire::name::QName;
use dav_wire::property::Component as WireComponent;
use dav_wire::xml::Element;
use dav_wire::{Property, Value};
use std::collections::BTreeMap;
use storage::{Collection, Cursor, Read, right};
use vocabulary::{AccountId, CollectionKind, Home, Rights};

use crate::address::FolderAddress;
use crate::kind::Kind;

/// Under this name a delegate keeps what it calls a folder of another. It is no name of a property, as those of the
/// owner are seen by all.
pub(crate) const OWN_NAME: &str = "displayname";

/// A collection as one user sees it, at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) address: FolderAddress,
    pub(crate) collection: Collection,
    pub(crate) rights: Rights,
    /// The end of its log.
    pub(crate) end: Cursor,
    /// What is kept of it beside its name: an element each, by the name of the property.
    properties: BTreeMap<String, String>,
    viewer: AccountId,
}

impl Folder {
    /// # Errors
    /// As [`Read::open`].
    pub(crate) fn read(tx: &Read<'_>, address: FolderAddress) -> storage::Result<Self> {
        let grant = address.open::<right::Lookup>(tx)?;
        Ok(Self {
            collection: grant.collection().clone(),
            rights: grant.rights(),
            end: Cursor::at_end(&grant),
            properties: tx.properties(&grant)?,
            viewer: tx.principal().account_id().unwrap_or(address.owner.id),
            address,
        })
    }

    pub(crate) fn kind(&self) -> &'static Kind {
        Kind::of_folder(self.address.home)
    }

    pub(crate) fn is_own(&self) -> bool {
        self.viewer == self.address.owner.id
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

    /// What people read. Whose folder it is stands behind the name of what another shares.
    pub(crate) fn display_name(&self) -> String {
        let kept = |key: &str| Some(Element::decode(self.properties.get(key)?).ok()?.text());
        let name = || {
            let exact = kept(&QName::from(Property::DisplayName).to_string());
            exact.unwrap_or_else(|| self.collection.name.as_str().to_owned())
        };
        if self.is_own() {
            return name();
        }
        kept(OWN_NAME).unwrap_or_else(|| format!("{} ({})", name(), called(&self.address.owner)))
    }

    /// The kinds of components that the collection takes. Empty for address books.
    pub(crate) fn components(&self) -> Vec<WireComponent> {
        if self.address.home != Home::Calendars {
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
            CollectionKind::Mail | CollectionKind::Contacts => Vec::new(),
        }
    }
}

/// What somebody is called.
pub(crate) fn called(account: &storage::Account) -> String {
    if account.name.trim().is_empty() { account.address.to_string() } else { account.name.clone() }
}
