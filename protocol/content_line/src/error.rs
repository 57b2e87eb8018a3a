//! What reading and writing can find wrong.

/// A limit of this crate that a document exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`DOCUMENT_BYTES_MAX`](crate::DOCUMENT_BYTES_MAX)
    DocumentBytes,
    /// [`LINE_BYTES_MAX`](crate::LINE_BYTES_MAX)
    LineBytes,
    /// [`LINES_MAX`](crate::LINES_MAX)
    Lines,
    /// [`DEPTH_MAX`](crate::DEPTH_MAX)
    Depth,
    /// [`PARAMETERS_MAX`](crate::PARAMETERS_MAX)
    Parameters,
}

/// The only reason why a document is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than the limit of {limit:?} at byte {offset}")]
pub struct LimitExceeded {
    /// Which limit.
    pub limit: Limit,
    /// Byte of the document where the line begins that is too much.
    pub offset: usize,
}

/// Something that the formats forbid and reading tolerates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Byte of the document where the line begins that has it.
    pub offset: usize,
}

/// The kinds of [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The line is not UTF-8, even after unfolding.
    NotUtf8,
    /// The line holds a control character other than a tab (RFC 5545 section 3.1: `CONTROL`).
    ControlCharacter,
    /// The line has no colon, or no name before it.
    NoProperty,
    /// An END that belongs to no open component.
    StrayEnd,
    /// A BEGIN whose component is never ended.
    Unclosed,
}

/// A value cannot be written: it would not be one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("control character at byte {offset} of the value")]
pub struct ControlCharacter {
    /// Byte of the value.
    pub offset: usize,
}
