//! The IMAP front end over loopback sockets, nearly always with a second session watching.

mod append;
mod fetch;
mod folders;
mod harness;
mod idle;
mod login;
mod search;
mod shared;
mod sync;
mod two_sessions;
