//! The other side of a connection.

use crate::Login;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use vocabulary::{AccountId, Principal};

/// Who is connected. Clones are the same peer.
#[derive(Debug, Clone)]
pub struct Peer {
    /// From where.
    pub address: SocketAddr,
    /// Counted since the server was started; in every log line of the connection.
    pub connection_id: u64,
    principal: Arc<Mutex<Option<Principal>>>,
}

impl Peer {
    /// A new connection from an address, with the next id. [`crate::serve`] does this; so must
    /// whoever accepts by other means.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // An IPv4 client on a dual-stack listener is shown and counted as what it is.
        let address = SocketAddr::new(address.ip().to_canonical(), address.port());
        let connection_id = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { address, connection_id, principal: Arc::default() }
    }

    /// Notes who it is, for the log line at the end of the connection.
    pub fn logged_in(&self, login: &Login) {
        *self.principal.lock().unwrap_or_else(PoisonError::into_inner) = Some(login.principal.clone());
    }

    /// The account and the device that were noted last.
    pub(crate) fn identity(&self) -> (Option<AccountId>, Option<String>) {
        let principal = self.principal.lock().unwrap_or_else(PoisonError::into_inner);
        let device = principal.as_ref().and_then(|principal| principal.device().map(str::to_owned));
        (principal.as_ref().and_then(Principal::account_id), device)
    }
}
