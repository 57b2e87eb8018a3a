//! The IMAP front end over loopback sockets, nearly always with a second session watching.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails says why")]

mod append;
mod condstore;
mod fetch;
mod folders;
mod harness;
mod idle;
mod login;
mod search;
mod shared;
mod sync;
mod two_sessions;
