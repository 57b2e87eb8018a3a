//! What is known of properties by their names alone.

/// What the value of a property is made of, for those that were encoded as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One text.
    Text,
    /// Texts with commas between them.
    List,
    /// Parts with semicolons between them. Also what nobody knows: there a semicolon may mean something.
    Parts,
}

/// One text each: RFC 2426 section 3, RFC 6350 section 6.
const TEXTS: &[&str] = &[
    "FN",
    "PHOTO",
    "BDAY",
    "ANNIVERSARY",
    "TEL",
    "EMAIL",
    "IMPP",
    "LANG",
    "TZ",
    "TITLE",
    "ROLE",
    "LOGO",
    "MEMBER",
    "RELATED",
    "NOTE",
    "PRODID",
    "REV",
    "SOUND",
    "UID",
    "URL",
    "KEY",
    "FBURL",
    "CALADRURI",
    "CALURI",
    "LABEL",
    "MAILER",
    "AGENT",
    "SORT-STRING",
    "CLASS",
    "NAME",
    "SOURCE",
    "KIND",
];
/// RFC 6350 sections 6.2.3 and 6.7.1.
const LISTS: &[&str] = &["NICKNAME", "CATEGORIES"];
/// RFC 6350 sections 6.2.2, 6.3.1, 6.6.4 and 6.5.2.
const PARTS: &[&str] = &["N", "ADR", "ORG", "GEO", "GENDER"];
/// Pictures, sounds and keys: RFC 6350 sections 6.2.4, 6.6.3, 6.7.5 and 6.8.1.
const MEDIA: &[&str] = &["PHOTO", "LOGO", "SOUND", "KEY"];
/// URIs in both versions. In them commas and semicolons stand for themselves.
const URIS: &[&str] =
    &["URL", "IMPP", "MEMBER", "X-ADDRESSBOOKSERVER-MEMBER", "SOURCE", "FBURL", "CALADRURI", "CALURI"];

pub(super) fn shape(name: &str) -> Shape {
    match name {
        _ if is_in(TEXTS, name) => Shape::Text,
        _ if is_in(LISTS, name) => Shape::List,
        _ => Shape::Parts,
    }
}

/// Whether base64 in it can only be a text.
pub(super) fn is_text(name: &str) -> bool {
    !is_media(name) && [TEXTS, LISTS, PARTS].iter().any(|names| is_in(names, name))
}

pub(super) fn is_media(name: &str) -> bool {
    is_in(MEDIA, name)
}

pub(super) fn is_uri(name: &str) -> bool {
    is_in(URIS, name)
}

/// What a value is without VALUE in version 4.0 (RFC 6350 section 5.2); `None`: nobody knows.
pub(super) fn value_type_of_4(name: &str) -> Option<&'static str> {
    match name.to_ascii_uppercase().as_str() {
        "UID" | "RELATED" | "GEO" => Some("uri"),
        "BDAY" | "ANNIVERSARY" => Some("date-and-or-time"),
        "REV" => Some("timestamp"),
        "LANG" => Some("language-tag"),
        name if is_media(name) || is_uri(name) => Some("uri"),
        name if is_text(name) => Some("text"),
        _ => None,
    }
}

/// The same of version 3.0: RFC 2426 section 3.
pub(super) fn value_type_of_3(name: &str) -> Option<&'static str> {
    match name.to_ascii_uppercase().as_str() {
        "BDAY" | "X-ABDATE" => Some("date"),
        "REV" => Some("date-time"),
        "TZ" => Some("utc-offset"),
        "RELATED" | "GEO" | "LANG" => None,
        name if is_media(name) => Some("binary"),
        name if is_uri(name) => Some("uri"),
        name if is_text(name) => Some("text"),
        _ => None,
    }
}

fn is_in(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}
