//! What every connection is handed.

use crate::{Authenticator, Limits, Network, Tasks};
use std::sync::Arc;
use storage::{Clock, Store};
use vocabulary::EmailAddress;

/// What a front end works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// The store.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Where work goes that nobody awaits.
    pub tasks: Tasks,
    /// Who is it?
    pub authenticator: Arc<Authenticator>,
    /// The name in greetings and in `Received` lines.
    pub hostname: Arc<str>,
    /// How clients call the web doors, `host` or `host:port`, if not by `hostname`.
    pub public_host: Option<Arc<str>>,
    /// Who reads mail to the postmaster where nobody has that address. `None`: nobody was appointed.
    pub postmaster: Option<EmailAddress>,
    /// Proxies in front of the web doors that are believed when they say for whom they ask. Empty: none is.
    pub trusted_proxies: Arc<[Network]>,
    /// How much of everything.
    pub limits: Arc<Limits>,
}

impl Context {
    /// A context on a store, with the store's clock and tasks of its own, no postmaster appointed and no proxy
    /// trusted.
    ///
    /// # Errors
    /// [`storage::Fault`] if the operating system gives no random bytes.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn new(store: Store, hostname: &str, limits: Limits) -> storage::Result<Self> {
        let tasks = Tasks::new();
        let limits = Arc::new(limits);
        let authenticator = Authenticator::new(store.clone(), tasks.clone(), Arc::clone(&limits)).await?;
        Ok(Self {
            clock: store.clock().clone(),
            store,
            tasks,
            authenticator: Arc::new(authenticator),
            hostname: hostname.into(),
            public_host: None,
            postmaster: None,
            trusted_proxies: Arc::default(),
            limits,
        })
    }

    /// Whether `host` or `host:port` is this very server, as phones and other programs call it by HTTPS.
    #[must_use]
    pub fn is_this_server(&self, host: &str) -> bool {
        let is = |name: &str| bare(name).eq_ignore_ascii_case(bare(host));
        is(&self.hostname) || self.public_host.as_deref().is_some_and(is)
    }
}

/// Without the port that need not be said.
fn bare(host: &str) -> &str {
    host.strip_suffix(":443").unwrap_or(host)
}
