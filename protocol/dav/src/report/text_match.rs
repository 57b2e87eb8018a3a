//! `text-match`: RFC 4791 section 9.7.5, RFC 6352 section 10.5.4.

use super::{FILTER_TEXT_BYTES_MAX, yes_or_no};
use crate::collation::{Collation, MatchType, matches_key};
use crate::name::attribute;
use crate::xml::Element;
use crate::{Precondition, RequestError};

/// A text to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMatch {
    /// The text as its collation compares it, made once: it is held against every member of a collection.
    key: String,
    collation: Collation,
    match_type: MatchType,
    negate: bool,
}

impl TextMatch {
    /// Looks for a text. `negate`: it must not be there.
    #[must_use]
    pub fn new(text: &str, collation: Collation, match_type: MatchType, negate: bool) -> Self {
        Self { key: collation.key(text).into_owned(), collation, match_type, negate }
    }

    /// Whether a value matches.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        matches_key(self.collation, self.match_type, self.negate, &self.key, value)
    }

    /// In CalDAV the text stands anywhere.
    pub(super) fn in_calendar(element: &Element) -> Result<Self, RequestError> {
        let unknown = Precondition::SupportedCollation;
        Self::parse(element, Collation::AsciiCasemap, unknown, Precondition::SupportedFilter)
    }

    /// In CardDAV the request may say where it stands.
    pub(super) fn in_card(element: &Element) -> Result<Self, RequestError> {
        let unknown = Precondition::CardSupportedCollation;
        let mut found =
            Self::parse(element, Collation::UnicodeCasemap, unknown, Precondition::CardSupportedFilter)?;
        if let Some(match_type) = element.attribute(attribute::MATCH_TYPE) {
            let unknown = || RequestError::malformed(element.name(), "unknown match-type");
            found.match_type = MatchType::parse(match_type).ok_or_else(unknown)?;
        }
        Ok(found)
    }

    fn parse(
        element: &Element,
        default: Collation,
        unknown: Precondition,
        too_long: Precondition,
    ) -> Result<Self, RequestError> {
        let collation = match element.attribute(attribute::COLLATION) {
            // RFC 4790 section 3.1: the server's choice.
            None | Some("default") => default,
            Some(identifier) => Collation::from_identifier(identifier).ok_or(unknown)?,
        };
        let text = element.text();
        if text.len() > FILTER_TEXT_BYTES_MAX {
            return Err(too_long.into());
        }
        let negate = yes_or_no(element, attribute::NEGATE_CONDITION)?;
        Ok(Self::new(&text, collation, MatchType::Contains, negate))
    }
}
