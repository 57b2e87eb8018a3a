//! What an item says of one element, and the rows that the field tables are made of.

use wbxml::{Element, Tag};

use super::ConversionError;
use super::encode::{Destination, Out, Selection};
use super::format::Format;
use crate::version::Version;

/// What an item says of one element: the three mean different things on the wire, above all in a Change
/// and in an exception.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sent<T> {
    /// The element is not there.
    #[default]
    Absent,
    /// The element is there without content.
    Empty,
    /// The element has this value.
    Value(T),
}

impl<T> Sent<T> {
    /// The value, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Absent | Self::Empty => None,
            Self::Value(value) => Some(value),
        }
    }

    /// The value itself, if there is one.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Absent | Self::Empty => None,
            Self::Value(value) => Some(value),
        }
    }

    /// Whether the element is not there.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The same for a value borrowed from this one.
    #[must_use]
    pub fn as_ref(&self) -> Sent<&T> {
        match self {
            Self::Absent => Sent::Absent,
            Self::Empty => Sent::Empty,
            Self::Value(value) => Sent::Value(value),
        }
    }

    /// The same with another value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sent<U> {
        match self {
            Self::Absent => Sent::Absent,
            Self::Empty => Sent::Empty,
            Self::Value(value) => Sent::Value(change(value)),
        }
    }

    pub(super) fn read(element: &Element, format: &Format<T>) -> Result<Self, ConversionError> {
        if element.is_empty() {
            return Ok(Self::Empty);
        }
        Ok((format.read)(element)?.map_or(Self::Absent, Self::Value))
    }

    pub(super) fn write(&self, tag: Tag, format: &Format<T>, out: &mut Out<'_>) {
        match self {
            Self::Absent => {}
            Self::Empty => out.writer.empty(tag),
            Self::Value(value) => (format.write)(value, tag, out),
        }
    }
}

impl<T> From<Option<T>> for Sent<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

/// The versions that have an element, both included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Versions {
    since: Version,
    until: Version,
}

impl Versions {
    pub(super) const fn since(since: Version) -> Self {
        Self { since, until: Version::V16_1 }
    }

    pub(super) const fn until(until: Version) -> Self {
        Self { since: Version::V12_1, until }
    }

    pub(super) fn contain(self, version: Version) -> bool {
        (self.since..=self.until).contains(&version)
    }
}

/// One element of a class: its name, the versions that have it, how to read and to write it.
pub(super) struct Field<T> {
    pub(super) tag: Tag,
    pub(super) versions: Versions,
    pub(super) read: fn(&mut T, &Element) -> Result<(), ConversionError>,
    pub(super) write: fn(&T, Tag, &mut Out<'_>),
}

/// A row of a field table: element, versions, field of the struct, [`Format`].
macro_rules! field {
    ($tag:expr, $versions:expr, $($slot:ident).+, $format:expr) => {
        Field {
            tag: $tag,
            versions: $versions,
            read: |item, element| {
                item.$($slot).+ = Sent::read(element, &$format)?;
                Ok(())
            },
            write: |item, tag, out| item.$($slot).+.write(tag, &$format, out),
        }
    };
}
pub(super) use field;

/// Reads the children of `data`, with `schema` only these; elements that the version or the class does not
/// have are skipped.
pub(super) fn read<T: Default>(
    data: &Element,
    version: Version,
    fields: &[Field<T>],
    schema: Option<&[Tag]>,
) -> Result<T, ConversionError> {
    let mut item = T::default();
    for child in data.children().filter(|child| schema.is_none_or(|schema| schema.contains(&child.tag))) {
        let field = fields.iter().find(|field| field.tag == child.tag && field.versions.contain(version));
        if let Some(field) = field {
            (field.read)(&mut item, child)?;
        }
    }
    Ok(item)
}

/// Writes the fields that the version has, with `schema` only these, in the order of the table.
pub(super) fn write<T>(item: &T, fields: &[Field<T>], schema: Option<&[Tag]>, out: &mut Out<'_>) {
    for field in fields {
        let wanted = schema.is_none_or(|schema| schema.contains(&field.tag));
        if wanted && field.versions.contain(out.version) {
            (field.write)(item, field.tag, out);
        }
    }
}

/// [`write`] for a whole item.
pub(super) fn write_item<T>(
    item: &T,
    fields: &[Field<T>],
    selection: Selection<'_>,
    destination: Destination<'_>,
) {
    let Destination { writer, parts } = destination;
    let mut out = Out { writer, parts, version: selection.version };
    write(item, fields, selection.schema, &mut out);
}
