//! XML as WebDAV needs it: Extensible Markup Language 1.0 (Fifth Edition) and Namespaces in XML 1.0.
//!
//! [`parse`] turns a request body into a small bounded tree of [`Element`]s, [`Writer`] streams an
//! answer. The only module that knows `quick-xml`; none of its types leaves.
//!
//! Refused although XML allows it: a document type declaration, any encoding but UTF-8, and whatever exceeds
//! [`Limits`]. Comments and processing instructions are skipped.

mod character;
mod element;
mod error;
mod limits;
mod read;
mod write;

pub(crate) use character::is_name;
pub use element::{Attribute, Element, Node};
pub use error::{XmlError, XmlErrorKind};
pub use limits::Limits;
pub use read::parse;
pub use write::Writer;

/// `Content-Type` of every body that this crate writes: RFC 4918 section 8.2.
pub const CONTENT_TYPE: &str = "application/xml; charset=utf-8";
