//! WBXML as ActiveSync uses it: bounded reader, writer, code pages.
//!
//! Formats: WAP-192-WBXML (version 1.3, 25 July 2001) section 5, cut down to what MS-ASWBXML section 2.1.3
//! names: tags from code pages, inline strings and opaque data. [`decode`] turns bytes into a tree of
//! [`Element`]s, [`encode`] and [`Writer`] turn trees and streams of elements into bytes.
//!
//! Liberties of the reader, for the sake of old and odd clients: versions 1.1 to 1.3, any public
//! identifier, a string table and references into it, character entities, tags and code pages that no table
//! knows (they are kept, so that whoever reads the tree skips them), text that is not valid UTF-8 (each bad
//! sequence becomes U+FFFD).
//!
//! Absent, and an error when read: attributes, literal tags, processing instructions, extension tokens,
//! other charsets than UTF-8. Code page 3 (AirNotify) has no constants. The writer writes version 1.3 with an
//! empty string table, and only inline strings and opaque data.

mod element;
mod error;
mod limits;
pub mod page;
mod read;
mod tag;
mod token;
mod write;

pub use element::{Element, Node};
pub use error::{DecodeError, DecodeErrorKind};
pub use limits::Limits;
pub use read::decode;
pub use tag::Tag;
pub use write::{Writer, encode};
