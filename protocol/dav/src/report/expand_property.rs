//! `expand-property`: RFC 3253 section 3.8.

use super::required;
use crate::RequestError;
use crate::method::PROPERTIES_MAX;
use crate::name::{DAV, QName, attribute, dav};
use crate::xml::Element;

/// Deepest chain of properties. Each level multiplies the answer; macOS asks for three at most.
pub const EXPAND_DEPTH_MAX: usize = 4;

/// Properties, and properties of what they point to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandProperty {
    /// The properties of the resource itself.
    pub properties: Vec<ExpandedProperty>,
}

/// A property, and what is wanted of the resources whose hrefs it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandedProperty {
    /// Its name.
    pub name: QName,
    /// Properties of each resource behind it; none: the property as it is.
    pub properties: Vec<Self>,
}

impl ExpandProperty {
    pub(super) fn parse(root: &Element) -> Result<Self, RequestError> {
        let mut left = PROPERTIES_MAX;
        Ok(Self { properties: properties(root, EXPAND_DEPTH_MAX, &mut left)? })
    }
}

fn properties(
    element: &Element,
    depth_left: usize,
    left: &mut usize,
) -> Result<Vec<ExpandedProperty>, RequestError> {
    let mut found = Vec::new();
    for child in element.children().filter(|child| child.name() == dav::PROPERTY) {
        let too_much = || RequestError::malformed(dav::EXPAND_PROPERTY, "too many properties, or too deep");
        let depth_left = depth_left.checked_sub(1).ok_or_else(too_much)?;
        *left = left.checked_sub(1).ok_or_else(too_much)?;
        let namespace = child.attribute(attribute::NAMESPACE).unwrap_or(DAV);
        let name = QName::new(namespace, required(child, attribute::NAME)?);
        let name = name.ok_or_else(|| RequestError::malformed(dav::PROPERTY, "not a name"))?;
        found.push(ExpandedProperty { name, properties: properties(child, depth_left, left)? });
    }
    Ok(found)
}
