//! The header `CalDAV-Timezones`: RFC 7809 section 7.1.
//!
//! The tag of an object is the same with and without the definitions of its zones: it is that of what is stored, which
//! is what conditions are about.

use bytes::Bytes;
use std::borrow::Cow;

/// Whether a client wants the definitions of time zones that everybody knows by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TimeZones {
    /// It does not say: objects are given as they are stored.
    #[default]
    AsStored,
    /// `T`.
    Defined,
    /// `F`.
    Named,
}

impl TimeZones {
    /// Answers that may have or lack definitions say that they vary by it.
    pub(crate) const HEADER: &'static str = "CalDAV-Timezones";

    /// Another value than `T` and `F` says nothing.
    pub(crate) fn parse(header: Option<&str>) -> Self {
        match header.map(str::trim) {
            Some("T" | "t") => Self::Defined,
            Some("F" | "f") => Self::Named,
            _ => Self::AsStored,
        }
    }

    /// The bytes of an object as the client wants them. What is no calendar object stays as it is.
    pub(crate) fn given(self, bytes: Bytes) -> Bytes {
        self.changed(&bytes).map_or(bytes, Bytes::from)
    }

    /// The same for what is given in a report.
    pub(crate) fn given_part(self, bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
        self.changed(&bytes).map_or(bytes, Cow::Owned)
    }

    fn changed(self, bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::AsStored => None,
            Self::Defined => calendar::with_known_zones(bytes),
            Self::Named => calendar::without_known_zones(bytes),
        }
    }
}
