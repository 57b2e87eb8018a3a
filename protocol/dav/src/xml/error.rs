//! Why bytes are no document.

/// What is wrong, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} near byte {offset}")]
pub struct XmlError {
    /// What is wrong.
    pub kind: XmlErrorKind,
    /// How far the reader had come, in bytes from the start of the document.
    pub offset: usize,
}

/// What is wrong with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum XmlErrorKind {
    /// Neither UTF-8 nor its subset US-ASCII.
    #[error("not UTF-8")]
    Encoding,
    /// Tags that do not match, a document cut short, text outside of the root, a second root.
    #[error("not well-formed")]
    Syntax,
    /// A control character or another that XML cannot hold, or a reference to one.
    #[error("character that XML does not allow")]
    Character,
    /// A name that is no NCName, has two colons, or is longer than
    /// [`NAME_BYTES_MAX`](crate::name::NAME_BYTES_MAX).
    #[error("not a name, or too long")]
    Name,
    /// A prefix that nothing declares, a declaration that Namespaces in XML forbids, or too many of them.
    #[error("undeclared prefix or bad namespace declaration")]
    Namespace,
    /// A document type declaration.
    #[error("document type declaration")]
    Doctype,
    /// A reference to an entity other than the five of XML.
    #[error("unknown entity")]
    Entity,
    /// More than [`Limits::bytes_max`](super::Limits::bytes_max).
    #[error("too many bytes")]
    TooLarge,
    /// More than [`Limits::depth_max`](super::Limits::depth_max).
    #[error("elements are nested too deeply")]
    TooDeep,
    /// More than [`Limits::nodes_max`](super::Limits::nodes_max).
    #[error("too many elements, attributes and texts")]
    TooManyNodes,
    /// More than [`Limits::attributes_max`](super::Limits::attributes_max).
    #[error("too many attributes of one element")]
    TooManyAttributes,
}
