//! Substrings without regard to case, of any script.

use std::cell::OnceCell;
use unicode_normalization::UnicodeNormalization;

/// A text to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    folded: String,
    ascii: bool,
}

/// A text to be looked through for several needles: it is folded once.
#[derive(Debug)]
pub struct Haystack<'t> {
    text: &'t str,
    lower: OnceCell<String>,
    folded: OnceCell<String>,
}

impl<'t> Haystack<'t> {
    /// A text that was not looked through yet.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text, lower: OnceCell::new(), folded: OnceCell::new() }
    }
}

impl Needle {
    /// The text is folded here, once.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let ascii = text.is_ascii();
        Self { folded: if ascii { text.to_ascii_lowercase() } else { fold(text) }, ascii }
    }

    /// Whether a text holds it.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.is_among(&Haystack::new(text))
    }

    /// The same. The empty text is in every text. Linear in both texts.
    #[must_use]
    pub fn is_among(&self, hay: &Haystack<'_>) -> bool {
        if self.folded.len() > hay.text.len() && self.ascii {
            return false;
        }
        let text = if self.ascii {
            // In UTF-8 no byte of a longer character looks like ASCII, so nothing else needs to be folded.
            hay.lower.get_or_init(|| hay.text.to_ascii_lowercase())
        } else if hay.text.is_ascii() {
            return false;
        } else {
            hay.folded.get_or_init(|| fold(hay.text))
        };
        memchr::memmem::find(text.as_bytes(), self.folded.as_bytes()).is_some()
    }
}

/// Lower case, composed: `Ä` in one character or in two is the same.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_in_any_script() {
        for (needle, text, found) in [
            ("", "", true),
            ("", "x", true),
            ("x", "", false),
            ("hello", "Say HELLO", true),
            ("hello", "hell o", false),
            ("aab", "aaab", true),
            ("GRÜSSE", "viele grüsse", true),
            ("grüße", "GRÜßE", true),
            ("a\u{308}", "\u{c4}rger", true),
            ("привет", "ПРИВЕТ, мир", true),
            ("ü", "plain", false),
            ("rger", "\u{c4}rger", true),
        ] {
            assert_eq!(Needle::new(needle).is_in(text), found, "{needle} in {text}");
        }
    }
}
