//! The life of a connection: listen, TLS, authenticate, limits, clock, shutdown, [`Context`].
//!
//! [`serve`] accepts and gives each connection to the front end's handler as a [`Stream`] and a
//! [`Peer`]; [`Authenticator`] says who it is; [`Tasks`] is the only place that starts work which
//! nobody awaits, so that shutdown can wait for it.
//!
//! [`Outbound`] opens connections to places that others name, and to none that they must not reach.
//!
//! What is absent: every protocol. Nothing here reads a byte that a client sent, but the TLS
//! handshake and a user name.

mod authenticate;
mod clock;
mod context;
mod incident;
mod limits;
mod line_written;
mod listen;
mod network;
mod outbound;
mod peer;
mod plain;
mod room;
mod stream;
mod tasks;
mod tls;

pub use authenticate::{Authenticator, Denied, Login};
pub use clock::{steady_now, system_clock};
pub use context::Context;
pub use incident::incident;
pub use limits::Limits;
pub use line_written::LineWritten;
pub use listen::{Conversation, Security, serve};
pub use network::{Network, NotANetwork};
pub use outbound::{Connected, Outbound, OutboundError};
pub use peer::Peer;
pub use plain::{Plain, decode_plain};
pub use room::{Held, Room, Share};
pub use storage::Clock;
pub use stream::Stream;
pub use tasks::Tasks;
pub use tls::{Certificates, TlsError};
