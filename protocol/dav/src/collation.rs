//! Comparing text: RFC 4790, RFC 5051, RFC 4791 section 7.5, RFC 6352 section 8.3.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// When two texts are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collation {
    /// `i;ascii-casemap`: but for the case of ASCII letters. RFC 4790 section 9.2.
    AsciiCasemap,
    /// `i;octet`: byte for byte. RFC 4790 section 9.3.
    Octet,
    /// `i;unicode-casemap`: but for the case of letters and for how characters are composed. RFC 5051.
    ///
    /// Simple case mappings are applied before and after decomposition, so that letters whose two cases
    /// decompose differently are still the same; RFC 5051 section 2 maps before only.
    UnicodeCasemap,
}

impl Collation {
    /// All that we know.
    pub const ALL: [Self; 3] = [Self::AsciiCasemap, Self::Octet, Self::UnicodeCasemap];

    /// Its registered name.
    #[must_use]
    pub const fn identifier(self) -> &'static str {
        match self {
            Self::AsciiCasemap => "i;ascii-casemap",
            Self::Octet => "i;octet",
            Self::UnicodeCasemap => "i;unicode-casemap",
        }
    }

    /// The collation of a name. Wildcards are none: RFC 4791 section 7.5.
    #[must_use]
    pub fn from_identifier(identifier: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.identifier() == identifier)
    }

    /// The form in which equal texts have equal bytes.
    pub(crate) fn key(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Octet => Cow::Borrowed(text),
            Self::AsciiCasemap => Cow::Owned(text.to_ascii_lowercase()),
            Self::UnicodeCasemap if text.is_ascii() => Cow::Owned(text.to_ascii_uppercase()),
            Self::UnicodeCasemap => {
                Cow::Owned(text.chars().map(simple_uppercase).nfkd().map(simple_uppercase).nfkd().collect())
            }
        }
    }
}

/// The case mapping to one character; a character that maps to several stays.
fn simple_uppercase(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => upper,
        _ => c,
    }
}

/// Where the needle must stand: RFC 6352 section 10.5.4. CalDAV knows only `Contains`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatchType {
    /// It is all there is.
    Equals,
    /// Anywhere.
    #[default]
    Contains,
    /// At the start.
    StartsWith,
    /// At the end.
    EndsWith,
}

impl MatchType {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "equals" => Some(Self::Equals),
            "contains" => Some(Self::Contains),
            "starts-with" => Some(Self::StartsWith),
            "ends-with" => Some(Self::EndsWith),
            _ => None,
        }
    }
}

/// Whether a text matches: RFC 6352 section 10.5.4, RFC 4791 section 9.7.5.
#[must_use]
pub fn matches(
    collation: Collation,
    match_type: MatchType,
    negate: bool,
    needle: &str,
    haystack: &str,
) -> bool {
    matches_key(collation, match_type, negate, &collation.key(needle), haystack)
}

/// The same for a needle whose key was made before.
pub(crate) fn matches_key(
    collation: Collation,
    match_type: MatchType,
    negate: bool,
    key: &str,
    haystack: &str,
) -> bool {
    let haystack = collation.key(haystack);
    let found = match match_type {
        MatchType::Equals => haystack == key,
        MatchType::Contains => haystack.contains(key),
        MatchType::StartsWith => haystack.starts_with(key),
        MatchType::EndsWith => haystack.ends_with(key),
    };
    found != negate
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn equal(collation: Collation, a: &str, b: &str) -> bool {
        matches(collation, MatchType::Equals, false, a, b)
    }

    // RFC 4790 sections 9.2 and 9.3, RFC 5051 section 2.
    #[test]
    fn collations_differ_in_what_they_take_for_equal() {
        for (a, b, [ascii, octet, unicode]) in [
            ("abc", "abc", [true, true, true]),
            ("aBc", "AbC", [true, false, true]),
            ("Ä", "ä", [false, false, true]),
            ("é", "e\u{301}", [false, false, true]),
            ("É", "e\u{301}", [false, false, true]),
            ("ﬁx", "FIX", [false, false, true]),
            ("ß", "SS", [false, false, false]),
            ("ᾳ", "ᾼ", [false, false, true]),
            ("ΣΑΣ", "σας", [false, false, true]),
            ("a", "b", [false, false, false]),
            ("i", "İ", [false, false, false]),
        ] {
            let found = [Collation::AsciiCasemap, Collation::Octet, Collation::UnicodeCasemap]
                .map(|collation| equal(collation, a, b));
            assert_eq!(found, [ascii, octet, unicode], "{a} {b}");
        }
    }

    // RFC 6352 section 10.5.4.
    #[test]
    fn the_match_type_says_where() {
        for (match_type, needle, expected) in [
            (MatchType::Equals, "julian", false),
            (MatchType::Equals, "julian doe", true),
            (MatchType::Contains, "an d", true),
            (MatchType::Contains, "xan", false),
            (MatchType::StartsWith, "jul", true),
            (MatchType::StartsWith, "doe", false),
            (MatchType::EndsWith, "doe", true),
            (MatchType::EndsWith, "jul", false),
            (MatchType::Contains, "", true),
            (MatchType::Equals, "", false),
        ] {
            for negate in [false, true] {
                let found = matches(Collation::AsciiCasemap, match_type, negate, needle, "Julian Doe");
                assert_eq!(found, expected != negate, "{match_type:?} {needle}");
            }
        }
    }

    #[test]
    fn identifiers_are_exact() {
        for collation in Collation::ALL {
            assert_eq!(Collation::from_identifier(collation.identifier()), Some(collation));
        }
        for unknown in ["", "i;*", "*", "i;ascii-numeric", "I;OCTET"] {
            assert_eq!(Collation::from_identifier(unknown), None, "{unknown}");
        }
    }

    proptest! {
        #[test]
        fn a_text_contains_each_of_its_parts_in_any_case(before: String, part: String, after: String) {
            let whole = format!("{before} {part} {after}");
            let upper = part.chars().map(simple_uppercase).collect();
            for (collation, part) in [
                (Collation::Octet, part.clone()),
                (Collation::AsciiCasemap, part.to_ascii_uppercase()),
                (Collation::UnicodeCasemap, upper),
            ] {
                let needle = format!(" {part} ");
                prop_assert!(matches(collation, MatchType::Contains, false, &needle, &whole));
            }
        }
    }
}
