//! Tags: RFC 9051 section 2.2.1.

use std::fmt;

/// The name a client gives to one of its commands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tag(String);

impl Tag {
    /// Longest tag in bytes. Ours: the grammar has no limit, and real clients stay below 20.
    pub const BYTES_MAX: usize = 255;

    /// `tag = 1*<any ASTRING-CHAR except "+">` (RFC 9051 section 9); `None` if it is not one.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let fits = (1..=Self::BYTES_MAX).contains(&bytes.len());
        let chars = bytes.iter().all(|&byte| crate::input::is_astring_char(byte) && byte != b'+');
        if !fits || !chars {
            return None;
        }
        std::str::from_utf8(bytes).ok().map(|text| Self(text.to_owned()))
    }

    /// The tag of a command of which only the beginning is known.
    #[must_use]
    pub(crate) fn of_command(bytes: &[u8]) -> Option<Self> {
        let head = bytes.get(..bytes.len().min(Self::BYTES_MAX + 1)).unwrap_or_default();
        let end = head.iter().position(|&byte| matches!(byte, b' ' | b'\r' | b'\n'))?;
        Self::new(head.get(..end)?)
    }

    /// As the client wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_made_of_astring_characters_without_plus() {
        for good in ["a", "A001", "a]b", ".", "[x]"] {
            assert!(Tag::new(good.as_bytes()).is_some(), "{good}");
        }
        for bad in ["", "+", "a+", "a b", "a(", "a\"", "ü", "a\0", "*", "%"] {
            assert!(Tag::new(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(Tag::new("x".repeat(255).as_bytes()).is_some());
        assert!(Tag::new("x".repeat(256).as_bytes()).is_none());
    }

    #[test]
    fn the_tag_of_a_cut_command_is_found() {
        assert_eq!(Tag::of_command(b"A1 LOG").map(|t| t.to_string()), Some("A1".to_owned()));
        assert_eq!(Tag::of_command(b"A1"), None);
        assert_eq!(Tag::of_command(b"{5}\r\n"), None);
    }
}
