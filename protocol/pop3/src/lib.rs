//! POP3 as values: commands from bytes, responses to bytes. No socket, no clock, no mailbox.
//!
//! RFC 1939 (the protocol), RFC 2449 (CAPA, response codes, lengths), RFC 2595 section 4 (STLS),
//! RFC 3206 (SYS and AUTH codes), RFC 5034 (AUTH), RFC 6856 (UTF8).
//!
//! The server feeds what it reads to a [`Receiver`] and asks it for the next [`Command`]; answers
//! are [`Response`]s, listings are lines of [`listing`], and messages go out through a
//! [`MessageWriter`].
//!
//! Liberties: only CRLF ends a line, a bare CR or LF makes the line an error; an `AUTH` line may be
//! longer than 255 octets; a bare `AUTH` (a client that asks for the mechanisms) is a command of
//! its own. Absent: APOP is recognised only so that it can be refused by name; LANG (RFC 6856) is
//! unknown.

mod command;
mod line;
pub mod listing;
mod message;
mod receive;
mod response;

pub use command::{Command, MessageNumber, SyntaxError};
pub use listing::{Capability, Expire, UniqueId, UniqueIdError};
pub use message::{MessageWriter, WireSize};
pub use receive::{Next, Receiver, SaslResponse};
pub use response::{Response, ResponseCode, write_challenge};

/// Longest command line with its CRLF, in octets (RFC 2449 section 4).
pub const COMMAND_BYTES_MAX: usize = 255;

/// Longest `AUTH` line and longest line of a SASL exchange with its CRLF, in octets.
///
/// RFC 5034 section 4 keeps the initial response under 255 octets but leaves the responses open;
/// one bound for both, the one that RFC 4954 section 4 sets for SMTP, is kinder to clients that
/// send a long token at once.
pub const SASL_LINE_BYTES_MAX: usize = 12_288;

/// Longest first line of a response with its CRLF, in octets (RFC 2449 section 4).
pub const RESPONSE_BYTES_MAX: usize = 512;
