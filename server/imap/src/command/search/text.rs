//! Substrings without regard to case, of any script: RFC 9051 section 6.4.4.

use unicode_normalization::UnicodeNormalization;

/// A text to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needle {
    folded: String,
    ascii: bool,
}

impl Needle {
    pub(crate) fn new(text: &str) -> Self {
        let ascii = text.is_ascii();
        Self { folded: if ascii { text.to_ascii_lowercase() } else { fold(text) }, ascii }
    }

    /// The empty text is in every text.
    pub(crate) fn is_empty(&self) -> bool {
        self.folded.is_empty()
    }

    /// Whether a text holds it.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        if self.is_empty() {
            return true;
        }
        if self.ascii {
            return self.is_in_bytes(text.as_bytes());
        }
        !text.is_ascii() && memchr::memmem::find(fold(text).as_bytes(), self.folded.as_bytes()).is_some()
    }

    /// In UTF-8 no byte of a longer character looks like ASCII, so nothing needs to be folded.
    fn is_in_bytes(&self, text: &[u8]) -> bool {
        let needle = self.folded.as_bytes();
        let Some(&first) = needle.first() else { return true };
        let mut starts = memchr::memchr2_iter(first, first.to_ascii_uppercase(), text);
        starts
            .any(|at| text.get(at..at + needle.len()).is_some_and(|found| found.eq_ignore_ascii_case(needle)))
    }
}

/// Lower case, composed: `Ä` in one character or in two is the same.
fn fold(text: &str) -> String {
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
