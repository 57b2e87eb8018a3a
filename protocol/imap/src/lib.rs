//! IMAP grammar (RFC 9051, RFC 3501): commands from bytes, responses to bytes.
//!
//! [`Receiver`] cuts what the network brings into commands and streams APPEND; [`Command`] is the value
//! of one; [`Output`] writes responses into a byte buffer. One command or extension is one file.
//!
//! Liberties taken when reading: a bare LF ends a line as CRLF does; spaces before the end of a command
//! are ignored; dates of APPEND need no padding; `\Recent` in a flag list is ignored; octets above 127
//! may stand in a quoted string; the FETCH items of RFC 1730 that end in `.PEEK` are known.
//! Responses take no liberties and cannot be split by any value put into them.
//!
//! What is absent: sockets, clocks, sessions, the store, and the meaning of any command.

pub mod capability;
pub mod command;
pub mod date;
mod error;
pub mod extension;
mod flag_list;
mod input;
mod limits;
mod mailbox_name;
mod output;
mod receive;
pub mod response;
mod sequence_set;
mod tag;

pub use command::{Body, Command};
pub use error::{Bad, SyntaxError};
pub use flag_list::FlagList;
pub use input::Input;
pub use limits::Limits;
pub use mailbox_name::{ListPattern, MailboxName, NameEncoding, NotModifiedUtf7};
pub use output::Output;
pub use receive::{AppendMessage, Next, Receiver, Refused};
pub use sequence_set::{Numbering, Resolved, SequenceSet};
pub use tag::Tag;
