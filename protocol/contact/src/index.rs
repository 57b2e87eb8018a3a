//! The properties that address books are searched by: a search by name or address need not read the cards.

use content_line::{IndexFormat, IndexTexts};

use crate::Query;

const FORMAT: IndexFormat = IndexFormat {
    id: 1,
    properties: &[
        "FN",
        "N",
        "NICKNAME",
        "EMAIL",
        "TEL",
        "ORG",
        "TITLE",
        "UID",
        "CATEGORIES",
        "KIND",
        "X-ADDRESSBOOKSERVER-KIND",
    ],
};

/// The index of a card; empty if there is no card, or it has too much text for an index.
pub fn index(bytes: &[u8]) -> Vec<u8> {
    let Ok(query) = Query::new(bytes) else { return Vec::new() };
    let numbered = (0_u8..).zip(FORMAT.properties);
    FORMAT.write(
        numbered.flat_map(|(number, name)| query.properties(name).map(move |found| (number, found.text()))),
    )
}

/// An index that was kept.
#[derive(Debug, Clone, Copy)]
pub struct Index<'a>(IndexTexts<'a>);

impl<'a> Index<'a> {
    /// `None` for what is no index of this format: then the card must be read.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        FORMAT.read(bytes).map(Self)
    }

    /// Whether an index knows all about the properties of a name. With a group before it, it does not.
    pub fn covers(name: &str) -> bool {
        FORMAT.number(name).is_some()
    }

    /// What [`Property::text`](crate::Property::text) gives for each property of a name.
    pub fn texts(self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let wanted = FORMAT.number(name);
        self.0.filter(move |(number, _)| Some(*number) == wanted).map(|(_, text)| text)
    }
}
