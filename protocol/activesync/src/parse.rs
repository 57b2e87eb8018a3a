//! Reading simple values out of elements. Which error a fault becomes is the caller's business.

use std::str::FromStr;

use wbxml::{Element, Tag};

use crate::date;
use crate::error::RequestError;
use vocabulary::Timestamp;

/// Longest identifier echoed back to a client, in bytes. ServerIds have at most 64 characters
/// (MS-ASCMD R3931); anything longer names nothing here.
pub(crate) const IDENTIFIER_BYTES_MAX: usize = 256;

/// The root must be the element of the command.
pub(crate) fn expect_root(root: &Element, tag: Tag) -> Result<(), RequestError> {
    if root.tag == tag { Ok(()) } else { Err(RequestError::BODY) }
}

/// The text of a child that must be there.
pub(crate) fn required(parent: &Element, tag: Tag, missing: &'static str) -> Result<String, RequestError> {
    optional(parent, tag)?.ok_or(RequestError::Structure(missing))
}

/// The text of an identifier-like child. No identifier has control characters, which an opaque value may bring: what is
/// kept under one is kept as text.
pub(crate) fn optional(parent: &Element, tag: Tag) -> Result<Option<String>, RequestError> {
    match parent.child_value(tag) {
        None => Ok(None),
        Some(value) if value.len() > IDENTIFIER_BYTES_MAX => {
            Err(RequestError::Structure("identifier is too long"))
        }
        Some(value) if value.contains(char::is_control) => {
            Err(RequestError::Structure("identifier has control characters"))
        }
        Some(value) => Ok(Some(value.into_owned())),
    }
}

/// A decimal number, blanks around it forgiven.
pub(crate) fn number<T: FromStr>(element: &Element) -> Option<T> {
    element.value().trim().parse().ok()
}

/// A number of a child, if the child is there.
pub(crate) fn child_number<T: FromStr>(
    parent: &Element,
    tag: Tag,
    wrong: &'static str,
) -> Result<Option<T>, RequestError> {
    match parent.child(tag) {
        None => Ok(None),
        Some(child) => number(child).map(Some).ok_or(RequestError::Structure(wrong)),
    }
}

/// A boolean: `0` or `1` (MS-ASDTYPE section 2.1). An empty element has no value.
pub(crate) fn boolean(element: &Element) -> Option<bool> {
    match element.value().trim() {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

/// A boolean whose empty element means 1, as `SaveInSentItems` and its like.
pub(crate) fn flag(element: Option<&Element>) -> bool {
    element.is_some_and(|e| e.value().trim() != "0")
}

/// A boolean child; empty means 1, absence means `absent`.
pub(crate) fn child_boolean(
    parent: &Element,
    tag: Tag,
    absent: bool,
    wrong: &'static str,
) -> Result<bool, RequestError> {
    match parent.child(tag) {
        None => Ok(absent),
        Some(child) if child.value().trim().is_empty() => Ok(true),
        Some(child) => boolean(child).ok_or(RequestError::Structure(wrong)),
    }
}

/// A moment, in either form of MS-ASDTYPE.
pub(crate) fn timestamp(element: &Element) -> Option<Timestamp> {
    date::parse(element.value().trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wbxml::page::airsync;

    #[test]
    fn an_identifier_has_no_control_characters() {
        let read = |id: &[u8]| {
            let add = Element::new(airsync::ADD).with_opaque(airsync::CLIENT_ID, id.to_vec());
            optional(&add, airsync::CLIENT_ID)
        };
        assert_eq!(read("e5 \u{e4}".as_bytes()), Ok(Some("e5 \u{e4}".to_owned())));
        for id in [&b"a\0b"[..], b"\0", b"a\nb", b"a\x7f", "a\u{85}".as_bytes()] {
            assert!(matches!(read(id), Err(RequestError::Structure(_))), "{id:?}");
        }
    }
}
