//! The IMAP front end: RFC 9051 and RFC 3501 on the store.
//!
//! [`run`] holds one conversation. `state.rs` is where a command meets a state; `folder/` holds the
//! commands on mailboxes as wholes, `command/` those on messages, `extension/` what came later.
//! `view.rs` is what one session believes about its mailbox: sequence numbers are of the view, and it
//! learns of every change, its own too, from the store's log.
//!
//! Liberties: EXPUNGE responses come with any command but FETCH, STORE and SEARCH without UID; colleagues'
//! folders count as subscribed; a session whose mailbox is deleted or closed to it gets BYE.
//! Absent: `\Recent` (no message ever has it), SETQUOTA, ACL, SORT, THREAD, NOTIFY, METADATA, COMPRESS.

mod capability;
mod command;
mod completion;
mod connection;
mod extension;
mod folder;
mod login;
mod mailbox;
mod name;
mod object_id;
mod session_state;
mod state;
mod status;
mod view;

use connection::Connection;
use session::{Context, Conversation, Peer, Stream};

/// Holds one conversation, from the greeting to the end.
///
/// Boxed: an idle connection is as large as what it waits in, not as its largest command; and the front end is
/// compiled here, once, instead of in each program that polls it.
#[must_use]
pub fn run(stream: Stream, peer: Peer, context: Context) -> Conversation {
    let connection = Connection::new(stream, &context);
    Box::pin(state::converse(connection, peer, context))
}
