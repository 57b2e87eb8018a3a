//! The POP3 front end: RFC 1939, with CAPA (RFC 2449), STLS (RFC 2595), AUTH PLAIN (RFC 5034) and the
//! response codes of RFC 3206.
//!
//! A session sees the account's Inbox as it was at login, and deletes at QUIT, in one transaction.
//!
//! # Liberties
//! No lock is taken: several sessions, and other protocols, work on the Inbox at the same time. A
//! message that another door removed meanwhile can still be retrieved until its retention ends, and
//! DELE of it succeeds. RETR does not set `\Seen`: what a program fetched, nobody has read yet.
//!
//! # Absent
//! APOP (it needs the password in clear on the server), UTF8 and LANG (RFC 6856), EXPIRE,
//! LOGIN-DELAY.

mod capability;
mod connection;
mod conversation;
mod login;
mod maildrop;
mod retrieve;
mod status;

use session::{Context, Conversation, Peer, Stream};

/// Serves one connection until the client quits, falls silent or is told to go.
#[must_use]
pub fn run(stream: Stream, peer: Peer, context: Context) -> Conversation {
    let connection = connection::Connection::new(stream, &context);
    Box::pin(async move { conversation::hold(connection, &peer, &context).await })
}
