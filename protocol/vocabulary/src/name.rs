//! Names of folders as the store keeps them: a leaf beneath a parent, in Unicode NFC.

use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// The last part of a folder's name: 1 to 255 bytes, NFC, no control characters.
///
/// It may hold a `/` (a phone can make such a folder); in a path that one is shown as U+2215.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafName(String);

/// What is wrong with a folder name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafNameError {
    /// Empty or only white space.
    #[error("a folder needs a name")]
    Empty,
    /// More than [`LeafName::BYTES_MAX`] bytes.
    #[error("a folder name has at most {} bytes", LeafName::BYTES_MAX)]
    TooLong,
    /// Control characters.
    #[error("a folder name has no control characters")]
    Control,
    /// More than [`MailboxPath::DEPTH_MAX`] levels.
    #[error("folders nest at most {} deep", MailboxPath::DEPTH_MAX)]
    TooDeep,
}

impl LeafName {
    /// Longest name in bytes of UTF-8.
    pub const BYTES_MAX: usize = 255;

    /// Normalises and checks.
    ///
    /// # Errors
    /// [`LeafNameError`] if the name is empty, too long or has control characters.
    pub fn new(text: &str) -> Result<Self, LeafNameError> {
        let name: String = text.nfc().collect();
        if name.trim().is_empty() {
            return Err(LeafNameError::Empty);
        }
        if name.len() > Self::BYTES_MAX {
            return Err(LeafNameError::TooLong);
        }
        if name.chars().any(char::is_control) {
            return Err(LeafNameError::Control);
        }
        Ok(Self(name))
    }

    /// The name as people see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LeafName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A folder's whole name, from the root down; shown with `/` between the parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MailboxPath(Vec<LeafName>);

impl MailboxPath {
    /// The separator of levels.
    pub const DELIMITER: char = '/';
    /// What a `/` inside a leaf is shown as: DIVISION SLASH.
    pub const SLASH_IN_LEAF: char = '\u{2215}';
    /// Most levels.
    pub const DEPTH_MAX: usize = 32;

    /// Reads `a/b/c`; a U+2215 becomes the `/` of the leaf. `inbox` in any case is `INBOX`
    /// (RFC 9051 section 5.1).
    ///
    /// # Errors
    /// [`LeafNameError`] of the first bad part.
    pub fn parse(path: &str) -> Result<Self, LeafNameError> {
        let parts: Vec<LeafName> = path
            .split(Self::DELIMITER)
            .enumerate()
            .map(|(depth, part)| {
                if depth == 0 && part.eq_ignore_ascii_case("inbox") {
                    return LeafName::new("INBOX");
                }
                LeafName::new(&part.replace(Self::SLASH_IN_LEAF, "/"))
            })
            .collect::<Result<_, _>>()?;
        if parts.len() > Self::DEPTH_MAX {
            return Err(LeafNameError::TooDeep);
        }
        Ok(Self(parts))
    }

    /// From parts, the root first.
    #[must_use]
    pub fn from_parts(parts: Vec<LeafName>) -> Self {
        Self(parts)
    }

    /// The parts, the root first.
    #[must_use]
    pub fn parts(&self) -> &[LeafName] {
        &self.0
    }

    /// The path without its last part, and that part.
    #[must_use]
    pub fn split_last(&self) -> Option<(Self, &LeafName)> {
        self.0.split_last().map(|(leaf, parents)| (Self(parents.to_vec()), leaf))
    }

    /// One level deeper.
    #[must_use]
    pub fn child(&self, leaf: LeafName) -> Self {
        let mut parts = self.0.clone();
        parts.push(leaf);
        Self(parts)
    }
}

impl fmt::Display for MailboxPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, part) in self.0.iter().enumerate() {
            if depth > 0 {
                f.write_str("/")?;
            }
            f.write_str(&part.0.replace(Self::DELIMITER, "\u{2215}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn inbox_has_one_spelling() {
        assert_eq!(MailboxPath::parse("iNbOx/Sub").map(|p| p.to_string()), Ok("INBOX/Sub".to_owned()));
        assert_eq!(MailboxPath::parse("a/inbox").map(|p| p.to_string()), Ok("a/inbox".to_owned()));
        assert_eq!(MailboxPath::parse("a//b"), Err(LeafNameError::Empty));
    }

    proptest! {
        #[test]
        fn a_slash_in_a_leaf_survives_the_path(leaf in "[a-z/ü]{1,12}") {
            prop_assume!(!leaf.eq_ignore_ascii_case("inbox"));
            let name = LeafName::new(&leaf).map_err(|e| TestCaseError::reject(e.to_string()))?;
            let path = MailboxPath::from_parts(vec![name.clone()]);
            let back = MailboxPath::parse(&path.to_string()).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(back.parts(), &[name]);
        }
    }
}
