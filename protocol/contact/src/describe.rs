//! What is kept beside a stored card, and what a PUT is refused for.

use content_line::{Document, FaultKind, LimitExceeded, Line, LineKind};

use crate::{Version, text};

/// What is told of a card without reading it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The version that it says it is.
    pub version: Version,
    /// Its UID, if it has one. All clients of today send one.
    pub uid: Option<String>,
    /// The formatted name; without one, the parts of the name.
    pub name: String,
    /// What it describes.
    pub kind: Kind,
    /// Whether `CLASS` says that it is not for everyone: RFC 2426 section 3.7.1.
    pub is_private: bool,
}

/// What a card describes: RFC 6350 section 6.1.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person.
    Individual,
    /// A group of cards; in version 3.0 told by `X-ADDRESSBOOKSERVER-KIND`.
    Group,
    /// An organization.
    Organization,
    /// A place, such as a room.
    Location,
    /// Something else.
    Other,
}

/// Why bytes are no valid card: `CARDDAV:valid-address-data` of RFC 6352 section 6.3.2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct Invalid {
    /// What was expected.
    pub reason: Reason,
    /// Where in the bytes, to the line.
    pub offset: usize,
}

/// What was expected and is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A limit of [`content_line`] is exceeded.
    #[error("fewer or smaller lines expected")]
    TooLarge,
    /// The bytes are not UTF-8.
    #[error("UTF-8 expected")]
    NotUtf8,
    /// A control character, which no XML answer could carry.
    #[error("text without control characters expected")]
    ControlCharacter,
    /// Something stands outside of the card, or there is no card.
    #[error("BEGIN:VCARD expected")]
    NoCard,
    /// An address object holds a single card: RFC 6352 section 5.1.
    #[error("a single card expected")]
    SeveralCards,
    /// A component is not ended, or ended twice.
    #[error("END that matches its BEGIN expected")]
    Nesting,
    /// RFC 6350 section 6.7.9, RFC 2426 section 3.6.9.
    #[error("VERSION expected")]
    NoVersion,
    /// RFC 6350 section 6.2.1, RFC 2426 section 3.1.1. Version 2.1 has N instead, which will do.
    #[error("FN expected")]
    NoName,
}

/// Describes a card that is to be stored.
///
/// Only what would harm readers is refused: what is odd inside of a line, and lines that are no property, stay
/// as they are.
///
/// # Errors
/// If the bytes are no single valid card.
pub fn describe(bytes: &[u8]) -> Result<Described, Invalid> {
    let too_large = |exceeded: LimitExceeded| Invalid { reason: Reason::TooLarge, offset: exceeded.offset };
    let document = Document::parse(bytes).map_err(too_large)?;
    let card = only_card(&document)?;
    sound(&document)?;
    let text = |name| document.property(card, name).map(|(_, line)| text::read(line));
    let invalid = |reason| Invalid { reason, offset: begin(&document, card) };
    let version = text("VERSION").ok_or(invalid(Reason::NoVersion))?;
    let name = text("FN").or_else(|| text("N")).ok_or(invalid(Reason::NoName))?;
    Ok(Described {
        version: Version::of(&version),
        uid: text("UID").map(|uid| uid.trim().to_owned()).filter(|uid| !uid.is_empty()),
        name,
        kind: text("KIND")
            .or_else(|| text("X-ADDRESSBOOKSERVER-KIND"))
            .map_or(Kind::Individual, |kind| Kind::of(&kind)),
        is_private: text("CLASS").is_some_and(|class| !class.trim().eq_ignore_ascii_case("public")),
    })
}

impl Kind {
    fn of(value: &str) -> Self {
        match value.trim().to_ascii_lowercase().as_str() {
            "individual" | "" => Self::Individual,
            "group" => Self::Group,
            "org" | "organization" => Self::Organization,
            "location" => Self::Location,
            _ => Self::Other,
        }
    }
}

fn begin(document: &Document<'_>, component: usize) -> usize {
    let line = document.component(component).and_then(|component| document.line(component.lines().start));
    line.map_or(0, Line::offset)
}

/// The card, which must be all that there is.
fn only_card(document: &Document<'_>) -> Result<usize, Invalid> {
    let mut roots = document.roots();
    let card = roots.next().ok_or(Invalid { reason: Reason::NoCard, offset: 0 })?;
    if let Some(second) = roots.next() {
        return Err(Invalid { reason: Reason::SeveralCards, offset: begin(document, second) });
    }
    let invalid = |offset| Invalid { reason: Reason::NoCard, offset };
    let component = document.component(card).filter(|component| component.name() == "VCARD");
    let inside = component.ok_or_else(|| invalid(begin(document, card)))?.lines();
    let outside = document.lines().iter().enumerate().filter(|(index, _)| !inside.contains(index));
    match outside.map(|(_, line)| line).find(|line| line.kind() != LineKind::Blank) {
        Some(line) => Err(invalid(line.offset())),
        None => Ok(card),
    }
}

fn sound(document: &Document<'_>) -> Result<(), Invalid> {
    let reason = |kind| match kind {
        FaultKind::NotUtf8 => Some(Reason::NotUtf8),
        FaultKind::ControlCharacter => Some(Reason::ControlCharacter),
        FaultKind::StrayEnd | FaultKind::Unclosed => Some(Reason::Nesting),
        FaultKind::NoProperty => None,
    };
    match document
        .faults()
        .iter()
        .find_map(|fault| Some(Invalid { reason: reason(fault.kind)?, offset: fault.offset }))
    {
        Some(invalid) => Err(invalid),
        None => Ok(()),
    }
}
