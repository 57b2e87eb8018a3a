//! Extended MKCOL (RFC 5689 section 3) and MKCALENDAR (RFC 4791 section 5.3.1).

use super::PROPERTIES_MAX;
use super::proppatch::set_properties;
use crate::RequestError;
use crate::name::{Name, caldav, dav};
use crate::property::{Property, ResourceType, Value};
use crate::xml::Element;

/// A collection to be made, with the properties that it begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MakeCollection {
    /// The properties to set, in document order.
    pub properties: Vec<Element>,
}

impl MakeCollection {
    /// Reads the body of MKCOL; an empty one asks for a plain collection.
    ///
    /// # Errors
    /// If it is no `DAV:mkcol`, or sets more than [`PROPERTIES_MAX`] properties.
    pub fn parse_mkcol(body: &[u8]) -> Result<Self, RequestError> {
        Self::parse(body, dav::MKCOL)
    }

    /// Reads the body of MKCALENDAR, which may be empty.
    ///
    /// # Errors
    /// If it is no `CALDAV:mkcalendar`, or sets more than [`PROPERTIES_MAX`] properties.
    pub fn parse_mkcalendar(body: &[u8]) -> Result<Self, RequestError> {
        Self::parse(body, caldav::MKCALENDAR)
    }

    fn parse(body: &[u8], name: Name<'static>) -> Result<Self, RequestError> {
        if body.trim_ascii().is_empty() {
            return Ok(Self { properties: Vec::new() });
        }
        let root = super::root(body, name)?;
        let sets = root.children().filter(|child| child.name() == dav::SET);
        let ancestors = [&root];
        let properties = sets.flat_map(|set| set_properties(&ancestors, set));
        let properties: Vec<_> = properties.take(PROPERTIES_MAX + 1).collect();
        if properties.len() > PROPERTIES_MAX {
            return Err(RequestError::malformed(name, "too many properties"));
        }
        Ok(Self { properties })
    }

    /// What the new collection is to be; empty if the request does not say.
    ///
    /// # Errors
    /// [`Precondition::ValidResourceType`](crate::Precondition::ValidResourceType) for what we do not know.
    pub fn resource_types(&self) -> Result<Vec<ResourceType>, RequestError> {
        let wanted = self.properties.iter().rfind(|property| property.name() == dav::RESOURCETYPE);
        match wanted.map(|element| Property::ResourceType.read(element)).transpose()? {
            Some(Value::ResourceTypes(types)) => Ok(types),
            _ => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Precondition;

    // RFC 5689 section 3.
    #[test]
    fn an_extended_mkcol_says_what_it_makes() {
        let body = br#"<?xml version="1.0" encoding="utf-8"?>
<mkcol xmlns="DAV:" xmlns:CARD="urn:ietf:params:xml:ns:carddav"><set><prop>
  <resourcetype><collection/><CARD:addressbook/></resourcetype>
  <displayname>Friends</displayname>
</prop></set></mkcol>"#;
        let made = MakeCollection::parse_mkcol(body).unwrap();
        assert_eq!(made.properties.len(), 2);
        assert_eq!(made.properties[1].text(), "Friends");
        assert_eq!(made.resource_types(), Ok(vec![ResourceType::Collection, ResourceType::AddressBook]));
        assert!(MakeCollection::parse_mkcalendar(body).is_err());
    }

    // RFC 5689 section 3.3.
    #[test]
    fn unknown_types_are_refused_by_name() {
        let body =
            b"<mkcol xmlns='DAV:'><set><prop><resourcetype><planner/></resourcetype></prop></set></mkcol>";
        let refused = MakeCollection::parse_mkcol(body).unwrap().resource_types();
        assert_eq!(refused, Err(Precondition::ValidResourceType.into()));
    }

    #[test]
    fn an_empty_body_sets_nothing() {
        let nothing = MakeCollection { properties: Vec::new() };
        assert_eq!(MakeCollection::parse_mkcol(b""), Ok(nothing.clone()));
        assert_eq!(MakeCollection::parse_mkcalendar(b"\r\n"), Ok(nothing.clone()));
        assert_eq!(nothing.resource_types(), Ok(Vec::new()));
    }
}
