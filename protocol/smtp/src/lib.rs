//! SMTP and LMTP as values: commands and message data from bytes, replies to bytes, and the order
//! in which commands are legal. No socket, no clock, no store.
//!
//! RFC 5321 (the protocol), RFC 2033 (LMTP), RFC 6409 (submission), RFC 1870 (SIZE), RFC 2034
//! and RFC 3463 (enhanced codes), RFC 2920 (PIPELINING), RFC 3030 (CHUNKING, BINARYMIME), RFC 3207
//! (STARTTLS), RFC 3461 (DSN), RFC 4954 (AUTH), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), RFC 8689
//! (REQUIRETLS), RFC 9422 (LIMITS).
//!
//! A server feeds what it reads to a [`Receiver`], asks a [`Transaction`] whether the command may
//! come now, and answers with a [`Reply`]. What it stores begins with the lines of [`trace`].
//!
//! # Where a message ends
//! Only CRLF ends a command line and only CRLF `.` CRLF, in the bytes as they came, ends DATA. Bare
//! CR and LF never do; whether a message with them is refused or repaired is [`LineEnds`].
//!
//! # Liberties
//! Spaces after `FROM:` and `TO:` and at the end of a line are tolerated (RFC 5321 section 4.1.1);
//! an unquoted local part may have dots anywhere and 256 octets, because senders do; a source
//! route is ignored (RFC 5321 appendix C). Absent: EXPN, ETRN, BURL, FUTURERELEASE, DELIVERBY.

mod address;
mod command;
mod content;
mod extension;
mod line;
mod parameter;
mod receive;
mod reply;
mod stuff;
pub mod trace;
mod transaction;

pub use address::{ForwardPath, Mailbox, PathError, ReversePath};
pub use command::{Command, SyntaxError};
pub use content::{ContentFault, LineEnds, MessageRules};
pub use extension::Extension;
pub use parameter::{Body, Mail, Notify, Rcpt, Ret};
pub use receive::{DataEnd, EarlyData, Next, Receiver, SaslResponse};
pub use reply::{Enhanced, Reply};
pub use stuff::DataWriter;
pub use transaction::{Dialect, Envelope, Hello, Limits, OutOfOrder, Transaction};

/// Longest command line with its CRLF, in octets.
///
/// RFC 5321 section 4.5.3.1.4 wants 512 and each extension adds to it; this is above their sum.
pub const COMMAND_BYTES_MAX: usize = 4096;

/// Longest `AUTH` line and longest line of a SASL exchange with its CRLF, in octets (RFC 4954
/// section 4).
pub const SASL_LINE_BYTES_MAX: usize = 12_288;

/// Longest line of a reply with its CRLF, in octets (RFC 5321 section 4.5.3.1.5).
pub const REPLY_BYTES_MAX: usize = 512;

/// Most parameters of one MAIL or RCPT.
pub const PARAMETERS_MAX: usize = 16;

/// Longest line of message text, in octets without its end.
///
/// RFC 5321 section 4.5.3.1.6 allows 998; real mail has HTML in one line, and breaking a line
/// breaks its signature. Above this bound the message is refused.
pub const TEXT_LINE_BYTES_MAX: u64 = 1024 * 1024;
