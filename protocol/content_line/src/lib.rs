//! Content lines of iCalendar and vCard: read, patch single lines, keep every other byte.
//!
//! The layer beneath both formats: RFC 5545 section 3.1, RFC 6350 sections 3.2 and 3.3, parameter encoding of
//! RFC 6868, and what versions 3.0 and 2.1 of vCard do otherwise. [`Document`] cuts bytes into [`Line`]s and
//! finds the components; [`Edit`] patches lines of a document and writes it again; [`Value`] and [`NewLine`]
//! are what may be written.
//!
//! The client's bytes are the truth. A line that no edit touches keeps its very bytes: folding, order, groups,
//! odd case, line ends, and text that is no UTF-8. Reading therefore refuses nothing but what exceeds a limit;
//! whatever else is wrong is told by [`Document::faults`]. Views as text replace bad UTF-8 by U+FFFD.
//!
//! Liberties when reading: LF, CR LF and CR CR LF end a line; a tab folds like a space; a fold may cut a
//! UTF-8 character; blank lines and lines without a colon are kept; the last line needs no line end; a
//! quotation mark that is never closed is an ordinary character; an END that skips open components closes
//! them. Of vCard 2.1: parameters without a name, soft line breaks of quoted-printable, and base64 on
//! following lines without indentation. Folds of 2.1 are undone as those of 3.0.
//!
//! [`json`] turns lines into JSON and back. [`IndexFormat`] is what is kept of some properties for searches.
//!
//! Absent: what names and values mean; decoding of quoted-printable, base64 and charsets.

mod component;
mod document;
mod edit;
mod error;
mod fold;
mod index;
pub mod json;
mod line;
mod new_line;
mod parameter;
mod transfer;
mod unfold;
mod value;

pub use component::Component;
pub use document::Document;
pub use edit::Edit;
pub use error::{ControlCharacter, Fault, FaultKind, Limit, LimitExceeded};
pub use fold::LineEnd;
pub use index::{IndexFormat, IndexTexts};
pub use line::{Line, LineKind};
pub use new_line::{NewLine, block, write_lines};
pub use parameter::Parameter;
pub use transfer::Transfer;
pub use value::{Value, split, texts, unescape};

/// Largest document in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Longest line in bytes after unfolding: room for a photo in base64.
pub const LINE_BYTES_MAX: usize = 12 * 1024 * 1024;
/// Most lines of a document after unfolding, blank ones included.
pub const LINES_MAX: usize = 200_000;
/// Deepest nesting of components; a calendar needs three, a card with an agent two.
pub const DEPTH_MAX: usize = 32;
/// Most parameters of one line.
pub const PARAMETERS_MAX: usize = 128;
