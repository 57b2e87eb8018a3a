//! The SMTP front ends: [`lmtp`] takes mail from the mail server in front (RFC 2033), [`submission`]
//! from users (RFC 6409). Both are one conversation (RFC 5321) with another beginning and end.
//!
//! # LMTP
//! Each recipient is a transaction and a reply of its own; `250` means durable. A mail that comes
//! again because its `250` was lost is stored once. There is no login: the listener belongs on the
//! loopback or on a private network. STARTTLS is offered where there is a certificate, and not required.
//!
//! # Submission
//! AUTH PLAIN and LOGIN (RFC 4954), inside TLS where the listener has it; then the envelope's sender
//! and the header's From must be addresses of the account. Recipients of this house get the mail in
//! one transaction. The mail program keeps its own copy in Sent, by IMAP.
//!
//! # Liberties
//! Bare CR and LF in a message are repaired, not refused: an MTA or a mail program of ours stands in
//! front, and a refusal would lose mail that is only untidy. Only CRLF `.` CRLF ends DATA, before any
//! repair, so what was one message stays one.
//!
//! # Absent
//! Mail to other domains (refused at RCPT), DSN (RFC 3461), BINARYMIME, REQUIRETLS, SMTP from other
//! servers.

mod authenticate;
mod connection;
mod conversation;
mod data;
mod deliver;
mod hello;
mod message;
mod pace;
mod postmaster;
mod recipient;
mod sender;
mod status;
mod submit;

use session::{Context, Conversation, Peer, Stream};
use smtp_wire::Dialect;

/// Serves one LMTP connection to its end.
#[must_use]
pub fn lmtp(stream: Stream, peer: Peer, context: Context) -> Conversation {
    Box::pin(conversation::hold(Dialect::Lmtp, stream, peer, context))
}

/// Serves one submission connection to its end.
#[must_use]
pub fn submission(stream: Stream, peer: Peer, context: Context) -> Conversation {
    Box::pin(conversation::hold(Dialect::Submission, stream, peer, context))
}
