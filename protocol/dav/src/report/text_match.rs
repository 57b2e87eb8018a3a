//! `text-match`: RFC 4791 section 9.7.5, RFC 6352 section 10.5.4.

use super::yes_or_no;
use crate::collation::{Collation, MatchType, matches};
use crate::name::attribute;
use crate::xml::Element;
use crate::{Precondition, RequestError};

/// A text to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMatch {
    /// The text.
    pub text: String,
    /// When texts are equal.
    pub collation: Collation,
    /// Where it must stand.
    pub match_type: MatchType,
    /// It must not be there.
    pub negate: bool,
}

impl TextMatch {
    /// Whether a value matches.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        matches(self.collation, self.match_type, self.negate, &self.text, value)
    }

    /// In CalDAV the text stands anywhere.
    pub(super) fn in_calendar(element: &Element) -> Result<Self, RequestError> {
        Self::parse(element, Collation::AsciiCasemap, Precondition::SupportedCollation)
    }

    /// In CardDAV the request may say where it stands.
    pub(super) fn in_card(element: &Element) -> Result<Self, RequestError> {
        let mut found =
            Self::parse(element, Collation::UnicodeCasemap, Precondition::CardSupportedCollation)?;
        if let Some(match_type) = element.attribute(attribute::MATCH_TYPE) {
            let unknown = || RequestError::malformed(element.name(), "unknown match-type");
            found.match_type = MatchType::parse(match_type).ok_or_else(unknown)?;
        }
        Ok(found)
    }

    fn parse(element: &Element, default: Collation, unknown: Precondition) -> Result<Self, RequestError> {
        let collation = match element.attribute(attribute::COLLATION) {
            // RFC 4790 section 3.1: the server's choice.
            None | Some("default") => default,
            Some(identifier) => Collation::from_identifier(identifier).ok_or(unknown)?,
        };
        Ok(Self {
            text: element.text(),
            collation,
            match_type: MatchType::Contains,
            negate: yes_or_no(element, attribute::NEGATE_CONDITION)?,
        })
    }
}
