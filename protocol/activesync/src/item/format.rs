//! How the values of elements are written: MS-ASDTYPE.

use std::str::FromStr;

use vocabulary::Timestamp;
use wbxml::page::airsync_base;
use wbxml::{Element, Tag};

use super::ConversionError;
use super::email::{Body, BodyData};
use super::encode::{self, Out};
use crate::body::{BodyType, scrub};
use crate::{date, parse};

/// Longest text of an element, in characters. Exchange cuts most fields at 255; notes in a location or an
/// address may be longer.
pub const TEXT_CHARACTERS_MAX: usize = 32_768;
/// Longest body that a client may send, in bytes.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most entries of a list: MS-ASCAL R186, MS-ASCNTC R183 and R194, MS-ASTASK R395.
pub const LIST_MAX: usize = 300;

/// How one kind of value is read and written. What is read as `None` counts as not sent.
pub(super) struct Format<T> {
    pub(super) read: fn(&Element) -> Result<Option<T>, ConversionError>,
    pub(super) write: fn(&T, Tag, &mut Out<'_>),
}

/// Text in one line; control characters become blanks.
pub(super) const LINE: Format<String> = Format {
    read: |element| line(element).map(Some),
    write: |value, tag, out| encode::text(out, tag, value),
};

/// Text with line ends: `\n` here, CRLF on the wire.
pub(super) const LINES: Format<String> = Format {
    read: |element| {
        let value = element.value();
        check_length(&value)?;
        Ok(Some(scrub(&value).replace("\r\n", "\n")))
    },
    write: |value, tag, out| out.writer.text(tag, &scrub(value)),
};

/// `0` or `1` (MS-ASDTYPE section 2.1).
pub(super) const BOOLEAN: Format<bool> = Format {
    read: |element| parse::boolean(element).map(Some).ok_or(ConversionError("a boolean is not 0 or 1")),
    write: |value, tag, out| encode::boolean(out, tag, *value),
};

/// `20260102T030405Z` (MS-ASDTYPE section 2.7.5). Either form of a moment is read.
pub(super) const COMPACT: Format<Timestamp> =
    Format { read: moment, write: |value, tag, out| encode::text(out, tag, &date::compact(*value)) };

/// `2026-01-02T03:04:05.000Z` (MS-ASDTYPE section 2.3). Either form of a moment is read.
pub(super) const DATE_TIME: Format<Timestamp> =
    Format { read: moment, write: |value, tag, out| encode::text(out, tag, &date::date_time(*value)) };

/// A decimal number.
pub(super) const NUMBER: Format<u32> = Format {
    read: |element| number(element).map(Some),
    write: |value, tag, out| encode::number(out, tag, (*value).into()),
};

/// `airsyncbase:Body` (MS-ASAIRS section 2.2.2.9). A body without Data says nothing, nor does one that is
/// only a part of what the client was given.
pub(super) const BODY: Format<Body> =
    Format { read: body, write: |value, tag, out| encode::body(out, tag, Some(value)) };

/// `airsyncbase:NativeBodyType`; told, never taken.
pub(super) const NATIVE_BODY_TYPE: Format<BodyType> =
    Format { read: |_| Ok(None), write: |value, tag, out| encode::number(out, tag, value.code().into()) };

/// A closed set of numbers.
pub(super) trait Code: Copy + 'static {
    /// The number on the wire.
    fn code(self) -> u8;
    /// By its number.
    fn from_code(code: u8) -> Option<Self>;
}

/// The format of a closed set of numbers: any other is a conversion error.
pub(super) const fn code<T: Code>() -> Format<T> {
    Format {
        read: |element| match T::from_code(number(element)?) {
            Some(value) => Ok(Some(value)),
            None => Err(ConversionError("a number outside the set that its element has")),
        },
        write: |value, tag, out| encode::number(out, tag, value.code().into()),
    }
}

pub(super) fn number<T: FromStr>(element: &Element) -> Result<T, ConversionError> {
    parse::number(element).ok_or(ConversionError("a number is none, or out of range"))
}

pub(super) fn moment(element: &Element) -> Result<Option<Timestamp>, ConversionError> {
    parse::timestamp(element).map(Some).ok_or(ConversionError("a moment is none"))
}

pub(super) fn line(element: &Element) -> Result<String, ConversionError> {
    let value = element.value();
    check_length(&value)?;
    Ok(value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

fn check_length(value: &str) -> Result<(), ConversionError> {
    if value.chars().nth(TEXT_CHARACTERS_MAX).is_some() {
        return Err(ConversionError("a text is too long"));
    }
    Ok(())
}

/// The lines of all children `entry`; blank and repeated ones are left out.
pub(super) fn entries(list: &Element, entry: Tag) -> Result<Vec<String>, ConversionError> {
    let mut entries: Vec<String> = Vec::new();
    for child in list.all(entry) {
        if entries.len() == LIST_MAX {
            return Err(ConversionError("a list is too long"));
        }
        let text = line(child)?;
        if !text.trim().is_empty() && !entries.contains(&text) {
            entries.push(text);
        }
    }
    Ok(entries)
}

pub(super) fn write_entries(entries: &[String], list: Tag, entry: Tag, out: &mut Out<'_>) {
    out.writer.open(list);
    for text in entries.iter().take(LIST_MAX) {
        encode::text(out, entry, text);
    }
    out.writer.close();
}

fn body(element: &Element) -> Result<Option<Body>, ConversionError> {
    let body_type = match element.child(airsync_base::TYPE) {
        None => BodyType::Plain,
        Some(child) => match parse::number(child).and_then(BodyType::from_code) {
            Some(body_type @ (BodyType::Plain | BodyType::Html)) => body_type,
            _ => return Err(ConversionError("a body is neither text nor HTML")),
        },
    };
    let is_part = element.child(airsync_base::TRUNCATED).is_some_and(|e| parse::boolean(e) == Some(true));
    let Some(data) = element.child(airsync_base::DATA).filter(|_| !is_part) else { return Ok(None) };
    let text = data.value();
    if text.len() > BODY_BYTES_MAX {
        return Err(ConversionError("a body is too long"));
    }
    let text = scrub(&text).into_owned();
    let estimated_data_size = u64::try_from(text.len()).unwrap_or(u64::MAX);
    let data = Some(BodyData::Text(text));
    Ok(Some(Body { body_type, estimated_data_size, truncated: false, data, preview: None }))
}
