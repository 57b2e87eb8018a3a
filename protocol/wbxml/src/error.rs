//! Why bytes are no document.

/// What is wrong, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// Where the token, number or value begins that is wrong, in bytes from the start of the document.
    pub offset: usize,
}

/// What is wrong with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeErrorKind {
    /// The bytes end before the document does.
    #[error("document is cut short")]
    Truncated,
    /// Bytes follow the end of the root element.
    #[error("bytes after the root element")]
    Trailing,
    /// Not version 1.1, 1.2 or 1.3.
    #[error("unsupported WBXML version")]
    Version,
    /// A charset other than UTF-8, its subset US-ASCII, or "unknown".
    #[error("unsupported charset")]
    Charset,
    /// A number of more than 32 bits or more than 5 bytes.
    #[error("number is too long")]
    Number,
    /// A reference to a place outside of the string table, or to a string there that has no end.
    #[error("reference outside of the string table")]
    StringTable,
    /// An entity that is no character, or NUL.
    #[error("entity is not a character")]
    Entity,
    /// A tag with attributes: ActiveSync has none.
    #[error("tag with attributes")]
    Attributes,
    /// A tag by name: ActiveSync has none.
    #[error("literal tag")]
    Literal,
    /// A processing instruction: ActiveSync has none.
    #[error("processing instruction")]
    ProcessingInstruction,
    /// An extension token: ActiveSync has none.
    #[error("extension token")]
    Extension,
    /// Text, bytes or an END where only the root element may stand.
    #[error("no root element")]
    NoRoot,
    /// More than [`Limits::bytes_max`](crate::Limits::bytes_max).
    #[error("too many bytes")]
    TooLarge,
    /// More than [`Limits::depth_max`](crate::Limits::depth_max).
    #[error("elements are nested too deeply")]
    TooDeep,
    /// More than [`Limits::elements_max`](crate::Limits::elements_max).
    #[error("too many elements")]
    TooManyElements,
    /// More than [`Limits::values_max`](crate::Limits::values_max).
    #[error("too many values")]
    TooManyValues,
}
