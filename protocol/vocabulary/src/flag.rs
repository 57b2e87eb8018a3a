//! Flags and keywords of an item: RFC 9051 section 2.3.2.

use std::fmt;
use std::ops::{BitAnd, BitOr, Not};

/// The system flags as bits; keywords are kept beside them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(u8);

impl Flags {
    /// None.
    pub const NONE: Self = Self(0);
    /// `\Seen`.
    pub const SEEN: Self = Self(1);
    /// `\Answered`.
    pub const ANSWERED: Self = Self(2);
    /// `\Flagged`.
    pub const FLAGGED: Self = Self(4);
    /// `\Deleted`.
    pub const DELETED: Self = Self(8);
    /// `\Draft`.
    pub const DRAFT: Self = Self(16);
    /// All five.
    pub const ALL: Self = Self(31);

    /// Whether all of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether none is set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The number in the database.
    #[must_use]
    pub const fn bits(self) -> i64 {
        self.0 as i64
    }

    /// From the database; unknown bits are dropped.
    #[must_use]
    pub const fn from_bits(bits: i64) -> Self {
        Self((bits & 31) as u8)
    }
}

impl BitOr for Flags {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Flags {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Not for Flags {
    type Output = Self;
    fn not(self) -> Self {
        Self(!self.0 & Self::ALL.0)
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flags({:05b})", self.0)
    }
}

/// An atom that is no system flag, as first written by a client.
///
/// Compared without regard to ASCII case (RFC 9051 section 2.3.2).
#[derive(Debug, Clone)]
pub struct Keyword(String);

/// What is wrong with a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeywordError {
    /// Empty, or longer than [`Keyword::BYTES_MAX`].
    #[error("a keyword has 1 to {} characters", Keyword::BYTES_MAX)]
    Length,
    /// A character that an IMAP atom cannot have.
    #[error("{0:?} cannot stand in a keyword")]
    Character(char),
}

impl Keyword {
    /// Longest keyword in bytes.
    pub const BYTES_MAX: usize = 128;
    /// The mail was forwarded: registered with IANA for IMAP (RFC 5550 section 2.8).
    pub const FORWARDED: &'static str = "$Forwarded";

    /// Checks that `text` is an IMAP flag-keyword (RFC 9051 section 9, `atom`).
    ///
    /// # Errors
    /// [`KeywordError`] for anything that is not an atom.
    pub fn new(text: &str) -> Result<Self, KeywordError> {
        if text.is_empty() || text.len() > Self::BYTES_MAX {
            return Err(KeywordError::Length);
        }
        match text.chars().find(|c| !c.is_ascii_graphic() || r#"(){%*"\]"#.contains(*c)) {
            Some(bad) => Err(KeywordError::Character(bad)),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Whether people chose it: words of programs begin with `$`.
    #[must_use]
    pub fn is_label(&self) -> bool {
        !self.0.starts_with('$')
    }

    /// As the client wrote it first.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Keyword {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Keyword {}

/// The keywords of one item: a small set in the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keywords(Vec<Keyword>);

impl Keywords {
    /// Most keywords an item may have (ARCHITECTURE part 7).
    pub const COUNT_MAX: usize = 128;

    /// Adds one unless it is there; `false` when the item is full.
    pub fn insert(&mut self, keyword: Keyword) -> bool {
        if self.0.contains(&keyword) {
            return true;
        }
        if self.0.len() >= Self::COUNT_MAX {
            return false;
        }
        self.0.push(keyword);
        true
    }

    /// Takes one away.
    pub fn remove(&mut self, keyword: &Keyword) {
        self.0.retain(|known| known != keyword);
    }

    /// Whether it is there.
    #[must_use]
    pub fn contains(&self, keyword: &Keyword) -> bool {
        self.0.contains(keyword)
    }

    /// Whether a word is there, without regard to ASCII case.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.0.iter().any(|keyword| keyword.0.eq_ignore_ascii_case(word))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Keyword> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The column in the database: words joined by one space.
    #[must_use]
    pub fn to_column(&self) -> String {
        self.0.iter().map(Keyword::as_str).collect::<Vec<_>>().join(" ")
    }

    /// From the column; what is no keyword is dropped.
    #[must_use]
    pub fn from_column(column: &str) -> Self {
        let mut set = Self::default();
        for keyword in column.split(' ').filter_map(|word| Keyword::new(word).ok()) {
            set.insert(keyword);
        }
        set
    }
}

impl FromIterator<Keyword> for Keywords {
    fn from_iter<I: IntoIterator<Item = Keyword>>(keywords: I) -> Self {
        let mut set = Self::default();
        for keyword in keywords {
            set.insert(keyword);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_atoms_without_case() {
        assert_eq!(Keyword::new("$Forwarded"), Keyword::new("$forwarded"));
        assert_eq!(Keyword::new("a b"), Err(KeywordError::Character(' ')));
        assert_eq!(Keyword::new("]"), Err(KeywordError::Character(']')));
        assert_eq!(Keyword::new(""), Err(KeywordError::Length));
        assert_eq!(Keyword::new(&"x".repeat(129)), Err(KeywordError::Length));
        assert!(Keyword::new(&"x".repeat(128)).is_ok());
    }

    #[test]
    fn the_column_reads_back() {
        let set = Keywords::from_column("Work $MDNSent work");
        assert_eq!(set.to_column(), "Work $MDNSent");
        assert_eq!(Keywords::from_column(&set.to_column()), set);
    }
}
