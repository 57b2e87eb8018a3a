//! Notes: MS-ASNOTE, from 14.0.

use vocabulary::Timestamp;
use wbxml::Element;
use wbxml::page::{airsync_base, notes as page};

use super::ConversionError;
use super::email::Body;
use super::encode::{Destination, Selection};
use super::format::{BODY, COMPACT, Format, LINE, NATIVE_BODY_TYPE, entries, write_entries};
use super::sent::{self, Field, Sent, Versions, field};
use crate::body::BodyType;
use crate::version::Version;

/// The message class of every note, or the beginning of it: MS-ASNOTE R57.
pub const MESSAGE_CLASS: &str = "IPM.StickyNote";

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    /// Its title.
    pub subject: Sent<String>,
    /// [`MESSAGE_CLASS`] or a derivative.
    pub message_class: Sent<String>,
    /// When it was last changed. Not taken from clients (MS-ASNOTE R84).
    pub last_modified: Sent<Timestamp>,
    /// Labels.
    pub categories: Sent<Vec<String>>,
    /// Its text.
    pub body: Sent<Body>,
    /// How the text is stored; told by the server only.
    pub native_body_type: Sent<BodyType>,
}

const SINCE: Versions = Versions::since(Version::V14_0);

/// MS-ASNOTE section 2.2.2.
const FIELDS: &[Field<Note>] = &[
    field!(page::SUBJECT, SINCE, subject, LINE),
    field!(page::MESSAGE_CLASS, SINCE, message_class, LINE),
    field!(page::LAST_MODIFIED_DATE, SINCE, last_modified, COMPACT), // R53
    field!(page::CATEGORIES, SINCE, categories, CATEGORIES),
    field!(airsync_base::BODY, SINCE, body, BODY),
    field!(airsync_base::NATIVE_BODY_TYPE, SINCE, native_body_type, NATIVE_BODY_TYPE),
];

const CATEGORIES: Format<Vec<String>> = Format {
    read: |element| entries(element, page::CATEGORY).map(Some),
    write: |categories, tag, out| write_entries(categories, tag, page::CATEGORY, out),
};

impl Note {
    /// Reads the ApplicationData of an Add or Change.
    ///
    /// # Errors
    /// Item status 6: a message class of something else (MS-ASNOTE R119), a body that is neither text nor
    /// HTML, or more than the limits allow.
    pub fn parse(data: &Element, version: Version) -> Result<Self, ConversionError> {
        let note: Self = sent::read(data, version, FIELDS, None)?;
        if note.message_class.value().is_some_and(|class| !is_note(class)) {
            return Err(ConversionError("MessageClass is not that of a note"));
        }
        Ok(Self { last_modified: Sent::Absent, ..note })
    }

    /// Writes what stands inside ApplicationData or Properties.
    pub fn write(&self, selection: Selection<'_>, destination: Destination<'_>) {
        sent::write_item(self, FIELDS, selection, destination);
    }
}

fn is_note(class: &str) -> bool {
    let rest = class.strip_prefix(MESSAGE_CLASS);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
