//! The same lines in JSON: jCal (RFC 7265) for iCalendar, jCard (RFC 7095) for vCard 4.0.
//!
//! One converter serves both; what differs is told by a [`Dialect`], which the crate of each format has: of which type
//! the value of a property is, and how it is put together. [`write()`] turns a component of a document into JSON,
//! [`read()`] turns JSON into a document.
//!
//! There and back nothing is lost that has a meaning. Lost are folds, the case of names and of value types, the escapes
//! that need not be there, lines that are no property, parameters without a name, and of cards the place of VERSION,
//! which comes first. What is not what its type demands (`DTSTART:soon`) is given as it stands under the type
//! `unknown`, with the type that its line names as the parameter `value`, and is taken back in the same way; so is the
//! value of a quoted-printable line, and a list that is longer than JSON may have it.
//!
//! Liberties: a group is told as it is spelled, where RFC 7095 section 3.3.1.2 would have small letters in JSON and
//! capitals in lines. Base64 of what is not said to be BINARY stays as it is beside its ENCODING, where RFC 7265
//! section 3.1 would have it decoded: in practice these are attachments whose VALUE was forgotten.
//!
//! Reading takes nothing that it would have to guess at: names that no line can have, twice the same parameter, values
//! of another type than is said, and what exceeds the limits of this crate are refused as a whole.
//!
//! Absent: several calendars or cards in one JSON text.

mod moment;
mod node;
mod read;
mod rule;
mod value;
mod write;

pub use read::{JsonError, read};
pub use value::{PropertyForm, Shape, ValueType};
pub use write::write;

use crate::line::is_name_byte;

/// Most values that one property in JSON may have, lists and their members counted alike.
pub const VALUES_MAX: usize = 400_000;

/// Which of the two formats a document is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// iCalendar 2.0: components within components, no groups.
    Calendar,
    /// vCard 4.0: groups.
    Card,
}

impl Family {
    /// The component that a whole document is.
    fn root(self) -> &'static str {
        match self {
            Self::Calendar => "VCALENDAR",
            Self::Card => "VCARD",
        }
    }

    /// What its VERSION must say: the JSON form is defined of this version only.
    fn version(self) -> &'static str {
        match self {
            Self::Calendar => "2.0",
            Self::Card => "4.0",
        }
    }
}

/// What the converter must know of a format.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// Which of the two it is.
    pub family: Family,
    /// The form of the property of a name in upper case; `None` for one that the format does not define.
    pub form: fn(&str) -> Option<PropertyForm>,
}

/// Whether lines can have this as the name of a component, property, parameter or group.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(is_plain_name_byte)
}

/// A full stop ends a group.
fn is_plain_name_byte(byte: u8) -> bool {
    is_name_byte(byte) && byte != b'.'
}

/// Words that begin and end components where no group stands before them.
fn is_frame(name: &str) -> bool {
    name.eq_ignore_ascii_case("BEGIN") || name.eq_ignore_ascii_case("END")
}
