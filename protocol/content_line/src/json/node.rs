//! JSON values, as far as the two formats have them.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::PARAMETERS_MAX;

/// Lists and objects that may lie in each other within a property: the components of a name are lists.
const NESTING_MAX: usize = 2;
/// Longest number as it is written out; the exponents of JSON make some of a few bytes much longer.
pub(super) const NUMBER_BYTES_MAX: usize = 32;

/// A value in JSON. Null is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    /// As it is written.
    Number(String),
    Boolean(bool),
    List(Vec<Node>),
    /// Each name once, whatever its case, in the order in which they stand.
    Object(Vec<(String, Node)>),
}

impl Node {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What a line without types has for a single value.
    pub(super) fn plain(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            Self::Boolean(true) => Some("TRUE"),
            Self::Boolean(false) => Some("FALSE"),
            Self::List(_) | Self::Object(_) => None,
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => string(text, out),
            Self::Number(number) => out.extend_from_slice(number.as_bytes()),
            Self::Boolean(truth) => out.extend_from_slice(truth.to_string().as_bytes()),
            Self::List(items) => {
                out.push(b'[');
                separated(items, out, Self::write);
                out.push(b']');
            }
            Self::Object(entries) => {
                out.push(b'{');
                separated(entries, out, |(name, value), out| {
                    string(name, out);
                    out.push(b':');
                    value.write(out);
                });
                out.push(b'}');
            }
        }
    }
}

/// Writes items with commas between them.
pub(super) fn separated<T>(
    items: impl IntoIterator<Item = T>,
    out: &mut Vec<u8>,
    mut write: impl FnMut(T, &mut Vec<u8>),
) {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out);
    }
}

/// RFC 8259 section 7.
pub(super) fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1F => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Reads a value of any kind, within bounds.
pub(super) struct NodeSeed<'b> {
    /// How many more lists and objects may lie in each other.
    nesting: usize,
    /// How many more values the property may have.
    budget: &'b mut usize,
}

impl<'b> NodeSeed<'b> {
    pub(super) fn new(budget: &'b mut usize) -> Self {
        Self { nesting: NESTING_MAX, budget }
    }

    /// The nesting of what lies in this value.
    fn within<E: Error>(&self) -> Result<usize, E> {
        self.nesting.checked_sub(1).ok_or_else(|| E::custom("lists lie too deep in each other"))
    }
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        let left = self.budget.checked_sub(1);
        *self.budget = left.ok_or_else(|| D::Error::custom("a property has too many values"))?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true, false, a list or an object")
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Node, E> {
        Ok(Node::Boolean(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Number(number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
        let written = number.to_string();
        if written.len() > NUMBER_BYTES_MAX {
            return Err(E::custom("a number has too many digits"));
        }
        Ok(Node::Number(written))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::text(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let nesting = self.within::<A::Error>()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(NodeSeed { nesting, budget: &mut *self.budget })? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let nesting = self.within::<A::Error>()?;
        let mut entries: Vec<(String, Node)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(NodeSeed { nesting, budget: &mut *self.budget })?;
            if entries.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
                return Err(A::Error::custom(format_args!("{name:?} stands there twice")));
            }
            // The group of a card is one more than a line has parameters.
            if entries.len() > PARAMETERS_MAX {
                return Err(A::Error::custom("an object has too many names"));
            }
            entries.push((name, value));
        }
        Ok(Node::Object(entries))
    }
}
