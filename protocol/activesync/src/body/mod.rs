//! Bodies: what the client asked for, what it gets, and the text in between. MS-ASAIRS.

mod choice;
mod preference;
mod text;
mod unique;

pub use choice::{Choice, Form, choose};
pub use preference::{BodyPreference, MimeSupport};
pub(crate) use preference::{body_part_preference, body_preferences, mime_support};
pub use text::{preview, scrub, truncated};
pub use unique::{unique_html, unique_text};

/// How a body is written: MS-ASAIRS section 2.2.2.41.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BodyType {
    /// R304
    Plain,
    /// R305
    Html,
    /// R306. Asked for by old clients, never served for mail.
    Rtf,
    /// R307: the whole message, headers included.
    Mime,
}

impl BodyType {
    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Plain => 1,
            Self::Html => 2,
            Self::Rtf => 3,
            Self::Mime => 4,
        }
    }

    /// By its number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Plain, Self::Html, Self::Rtf, Self::Mime].into_iter().find(|kind| kind.code() == code)
    }
}
