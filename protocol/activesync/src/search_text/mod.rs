//! What people write into a search field: MS-ASCMD sections 2.2.3.80.1 and 2.2.3.80.2.
//!
//! Search knows words; Find knows the [`kql`] that its section names, as far as mail has such properties.

pub mod kql;

use mime::search::{Expression, Field};
use std::ops::Range;
use vocabulary::Timestamp;

/// Longest text, in bytes: MS-ASCMD R5263 has the same limit for values.
pub const TEXT_BYTES_MAX: usize = 1024;
/// Most terms of one text.
pub const TERMS_MAX: usize = 32;

/// One thing that an item must have. Texts are never blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The text is in anything that a reader sees of it.
    Seen(String),
    /// The text is in one of the fields.
    Field(Field, String),
    /// The text is in its body.
    Shown(String),
    /// The text is in the name of an attachment.
    Attachment(String),
    /// It has an attachment.
    HasAttachments,
    /// It was received within the span, whose end does not belong to it.
    Received(Range<Timestamp>),
    /// It was sent on one of the days since 1970, first and last included.
    Sent(i64, i64),
}

/// The text cannot be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsearchable {
    /// There is nothing in it.
    #[error("nothing to look for")]
    Empty,
    /// It is too long, has too many terms, or is nested too deep.
    #[error("too much to look for")]
    TooComplex,
    /// A moment in it is none.
    #[error("no such day")]
    Date,
}

/// A text that is one word after the other: all of them must be there.
///
/// # Errors
/// [`Unsearchable::Empty`] and [`Unsearchable::TooComplex`].
pub fn words(text: &str) -> Result<Expression<Term>, Unsearchable> {
    if text.len() > TEXT_BYTES_MAX || text.split_whitespace().count() > TERMS_MAX {
        return Err(Unsearchable::TooComplex);
    }
    let terms: Vec<_> =
        text.split_whitespace().map(|word| Expression::Leaf(Term::Seen(word.to_owned()))).collect();
    if terms.is_empty() { Err(Unsearchable::Empty) } else { Ok(Expression::All(terms)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_be_there_and_the_number_of_words_is_bounded() {
        let seen = |word: &str| Expression::Leaf(Term::Seen(word.to_owned()));
        assert_eq!(words(" two\twords "), Ok(Expression::All(vec![seen("two"), seen("words")])));
        assert_eq!(words("from:a OR"), Ok(Expression::All(vec![seen("from:a"), seen("OR")])));
        assert_eq!(words(" "), Err(Unsearchable::Empty));
        assert!(words(&"a ".repeat(TERMS_MAX)).is_ok());
        assert_eq!(words(&"a ".repeat(TERMS_MAX + 1)), Err(Unsearchable::TooComplex));
        assert_eq!(words(&"a".repeat(TEXT_BYTES_MAX + 1)), Err(Unsearchable::TooComplex));
    }
}
