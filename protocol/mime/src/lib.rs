//! RFC 5322 and RFC 2045 messages: read, describe, take apart, build.
//!
//! The only crate that knows `mail-parser`, `mail-builder`, `html2text` and `encoding_rs`; none of
//! their types leaves it. It is pure: no clock, no randomness, no I/O. Any bytes are a message:
//! nothing here fails or panics on a broken one, and all work is linear in its size.
//!
//! * [`describe`] is called once, at ingest; its result is stored beside the bytes.
//! * [`Message`] gives parts of the stored bytes: IMAP sections, bodies, attachments, search text.
//! * [`search`] decides what a message holds, by what was parsed or by its bytes.
//! * [`header`] edits the head and leaves every other byte as it was.
//! * [`compose`] builds the system's own mails.
//! * [`Rework`] changes a message part by part, [`with_original`] adds the one that it answers.
//!
//! Structure (which bytes are which part) is our own scanner in `structure.rs`, because IMAP needs
//! exact offsets; the libraries decode charsets, dates and HTML.
//!
//! Liberties: a boundary line must match as a whole (RFC 2046 section 5.1.1 would take a prefix); a
//! multipart without any part, and one nested deeper than [`DEPTH_MAX`], is a leaf; `message/rfc822`
//! in base64 is not looked into; source routes (RFC 5322 section 4.4) are dropped.
//! Absent: uuencode and yEnc in text, `message/partial` assembly, decryption.

mod address;
mod body;
mod body_structure;
mod charset;
pub mod compose;
mod describe;
mod envelope;
mod field;
pub mod header;
mod html;
mod message;
mod new_part;
mod parameter;
mod quote;
mod rework;
pub mod search;
mod section;
mod structure;
mod summary;
mod summary_bytes;
mod transfer;
mod wire;
mod word;

pub use charset::code_page;
pub use describe::{Description, describe};
pub use header::normalise_line_ends;
pub use html::{html_to_text, text_to_html};
pub use message::Message;
pub use new_part::{NewFile, Text};
pub use quote::{Manner, with_original};
pub use rework::Rework;
pub use section::SectionText;
pub use summary::{AttachmentSummary, Importance, Mailbox, MessageClass, Summary};

/// Deepest nesting of multiparts and embedded messages that is looked into.
pub const DEPTH_MAX: usize = 100;
/// Most parts of one message; further boundary lines are text of the last part.
pub const PARTS_MAX: usize = 2_000;
/// Most addresses of one header field name in an ENVELOPE.
pub const ENVELOPE_ADDRESSES_MAX: usize = 10_000;
/// Most addresses of one header field name in a [`Summary`].
pub const SUMMARY_ADDRESSES_MAX: usize = 1_000;
/// Most ids in [`Description::references`]; the last ones are kept.
pub const REFERENCES_MAX: usize = 50;
/// Longest [`Description::preview`] in characters.
pub const PREVIEW_CHARS_MAX: usize = 255;
