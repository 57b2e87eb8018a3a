//! The properties that address books are searched by, in a form that is kept beside a stored card: a search by
//! name or address need not read the cards.
//!
//! One byte says the format; then comes each text as the number of its property (one byte), its length in bytes
//! (two, big endian) and the text, in the order of the card. An index holds all texts of each of its properties,
//! or there is none. To change [`PROPERTIES`] is to change the format.

use crate::Query;

/// The first byte.
const FORMAT: u8 = 1;
/// Largest index in bytes. A card that would have a larger one is searched itself.
const BYTES_MAX: usize = 4 * 1024;
/// The properties of an index, by their numbers.
const PROPERTIES: &[&str] = &[
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
];

/// The index of a card; empty if there is no card, or it has too much text for an index.
pub fn index(bytes: &[u8]) -> Vec<u8> {
    Query::new(bytes).ok().and_then(|query| write(&query)).unwrap_or_default()
}

fn write(query: &Query<'_>) -> Option<Vec<u8>> {
    let mut index = vec![FORMAT];
    for (number, name) in (0_u8..).zip(PROPERTIES) {
        for property in query.properties(name) {
            let text = property.text();
            index.push(number);
            index.extend_from_slice(&u16::try_from(text.len()).ok()?.to_be_bytes());
            index.extend_from_slice(text.as_bytes());
            if index.len() > BYTES_MAX {
                return None;
            }
        }
    }
    Some(index)
}

/// An index that was kept.
#[derive(Debug, Clone, Copy)]
pub struct Index<'a>(&'a [u8]);

impl<'a> Index<'a> {
    /// `None` for what is no index of this format: then the card must be read.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (format, mut rest) = bytes.split_first()?;
        let found = Self(rest);
        while !rest.is_empty() {
            let (number, _, after) = entry(rest)?;
            PROPERTIES.get(usize::from(number))?;
            rest = after;
        }
        (*format == FORMAT).then_some(found)
    }

    /// Whether an index knows all about the properties of a name. With a group before it, it does not.
    pub fn covers(name: &str) -> bool {
        number(name).is_some()
    }

    /// What [`Property::text`](crate::Property::text) gives for each property of a name.
    pub fn texts(self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let wanted = number(name);
        let mut rest = self.0;
        let entries = std::iter::from_fn(move || {
            let (number, text, after) = entry(rest)?;
            rest = after;
            Some((number, text))
        });
        entries.filter(move |(number, _)| Some(*number) == wanted).map(|(_, text)| text)
    }
}

fn number(name: &str) -> Option<u8> {
    let position = PROPERTIES.iter().position(|known| name.eq_ignore_ascii_case(known))?;
    u8::try_from(position).ok()
}

/// The number of a property, its text, and what follows.
fn entry(bytes: &[u8]) -> Option<(u8, &str, &[u8])> {
    let (&number, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((number, std::str::from_utf8(text).ok()?, rest))
}
