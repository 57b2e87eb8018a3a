//! One element of a document.

use super::{Limits, Writer, XmlError, parse};
use crate::name::{Name, QName, attribute};

/// An attribute that is not a namespace declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name; in no namespace if it has no prefix.
    pub name: QName,
    /// Its value, references resolved.
    pub value: String,
}

/// What stands between two tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// A run of character data; no two runs are neighbours.
    Text(String),
}

/// An element with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: QName,
    /// Its attributes, in document order.
    pub attributes: Vec<Attribute>,
    /// Its content, in document order, white space included.
    pub nodes: Vec<Node>,
}

impl Element {
    /// An element without attributes and content.
    #[must_use]
    pub fn new(name: impl Into<QName>) -> Self {
        Self { name: name.into(), attributes: Vec::new(), nodes: Vec::new() }
    }

    /// Its name, borrowed: what one matches on.
    #[must_use]
    pub fn name(&self) -> Name<'_> {
        self.name.name()
    }

    /// Its child elements.
    pub fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(child) => Some(child),
            Node::Text(_) => None,
        })
    }

    /// The first child of a name.
    #[must_use]
    pub fn child(&self, name: Name<'_>) -> Option<&Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: Name<'_>) -> Option<&str> {
        self.attributes.iter().find(|found| found.name.name() == name).map(|found| found.value.as_str())
    }

    /// Its own character data as it stands, that of its children left out.
    #[must_use]
    pub fn text(&self) -> String {
        self.nodes
            .iter()
            .filter_map(|node| match node {
                Node::Text(text) => Some(text.as_str()),
                Node::Element(_) => None,
            })
            .collect()
    }

    /// `xml:lang` of this very element.
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        self.attribute(attribute::LANG)
    }

    /// The element as a text that stands by itself, namespaces declared: the form to store.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut writer = Writer::fragment();
        writer.element(self);
        writer.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// If the text is not one well-formed element within [`Limits::STORED`].
    pub fn decode(text: &str) -> Result<Self, XmlError> {
        parse(text.as_bytes(), &Limits::STORED)
    }
}
