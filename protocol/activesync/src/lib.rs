//! ActiveSync requests and answers as values: MS-ASHTTP, MS-ASCMD, MS-ASPROV, MS-ASAIRS, and the items of MS-ASEMAIL,
//! MS-ASCAL, MS-ASCNTC, MS-ASTASK and MS-ASNOTE.
//!
//! A request is a query string ([`query`]) and one WBXML tree; each command of [`command`] turns the
//! tree into a value and its answer back into WBXML. Items live in [`item`], bodies in [`mod@body`];
//! [`convert`] goes between events, contacts, tasks and notes and the iCalendar and vCard that is stored of them.
//!
//! Citations such as `MS-ASCMD R3160` are Microsoft's numbered requirements; sections are those of the
//! document named.
//!
//! Liberties: unknown elements are skipped; element order is enforced only where the documents
//! promise an error (Sync collections, body preferences).
//!
//! What is absent: protocol 2.5 and 12.0, document libraries, rights management,
//! ResolveRecipients and ValidateCert. Nothing here waits, reads a clock or keeps state.

pub mod body;
pub mod command;
pub mod convert;
pub mod date;
mod error;
pub mod item;
mod parse;
pub mod query;
pub mod search_text;
pub mod server_id;
pub mod status;
pub mod sync_key;
mod version;

pub use command::Command;
pub use error::{Answer, RequestError};
pub use version::Version;
