//! Which part of a card is to be given, and in what form: RFC 6352 section 10.4.

use super::PropertySelection;
use crate::RequestError;
use crate::name::carddav;
use crate::property::MediaType;
use crate::xml::Element;

/// How `address-data` is to be given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressDataRequest {
    /// The form; `None`: vCard 3.0.
    pub media: Option<MediaType>,
    /// The properties; `None`: all.
    pub properties: Option<Vec<PropertySelection>>,
}

impl AddressDataRequest {
    pub(super) fn parse(element: &Element) -> Result<Self, RequestError> {
        let named = element.children().filter(|child| child.name() == carddav::PROP);
        let properties: Vec<_> = named.map(PropertySelection::parse).collect::<Result<_, _>>()?;
        let all = properties.is_empty() || element.child(carddav::ALLPROP).is_some();
        Ok(Self {
            media: MediaType::parse(element, &MediaType::VCARD_3),
            properties: (!all).then_some(properties),
        })
    }
}
