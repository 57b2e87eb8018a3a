//! What is wrong with a command, and where.

use crate::Tag;

/// The bytes do not follow the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at byte {at}")]
pub struct SyntaxError {
    /// Offset into the command, its tag and its literals included.
    pub at: usize,
    /// What should have stood there, in words for people.
    pub expected: &'static str,
}

/// A command that could not be read; to be answered by a tagged BAD, or an untagged one without a tag
/// (RFC 9051 section 7.1.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct Bad {
    /// The command's tag, if that much could be read.
    pub tag: Option<Tag>,
    /// What is wrong.
    #[source]
    pub error: SyntaxError,
}
