//! The version of a card decides how new lines are written, not how old ones are read.

use content_line::Document;

/// The version of vCard that a card says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 2.1, of the versit consortium.
    V2_1,
    /// 3.0, RFC 2426: what all clients read.
    V3_0,
    /// 4.0, RFC 6350.
    V4_0,
}

impl Version {
    /// Of the value of a VERSION line. Without one, or with an unknown one, a card is read and written as 3.0.
    pub(crate) fn of(value: &str) -> Self {
        match value.trim() {
            "2.1" | "2.0" => Self::V2_1,
            "4.0" => Self::V4_0,
            _ => Self::V3_0,
        }
    }
}

/// What the first card of a document says that its version is; `None` without a card or without VERSION.
pub fn declared_version(bytes: &[u8]) -> Option<String> {
    let document = Document::parse(bytes).ok()?;
    let card = document.components().iter().position(|component| component.name() == "VCARD")?;
    Some(document.property(card, "VERSION")?.1.value().trim().to_owned())
}
