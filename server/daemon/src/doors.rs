//! The listening sockets: bound first, opened together.

use crate::config::ListenSection;
use anyhow::{Context as _, Result, bail};
use rustls::ServerConfig;
use session::{Context, Security};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use vocabulary::Door;

/// The bound sockets of each door.
#[derive(Debug, Default)]
pub(crate) struct Doors {
    pub(crate) imap: Vec<TcpListener>,
    pub(crate) imaps: Vec<TcpListener>,
    pub(crate) pop3: Vec<TcpListener>,
    pub(crate) pop3s: Vec<TcpListener>,
    pub(crate) lmtp: Vec<TcpListener>,
    pub(crate) submission: Vec<TcpListener>,
    pub(crate) submissions: Vec<TcpListener>,
    pub(crate) https: Vec<TcpListener>,
    pub(crate) http: Vec<TcpListener>,
}

impl Doors {
    /// Binds every address of a configuration.
    pub(crate) fn bind(listen: &ListenSection) -> Result<Self> {
        Ok(Self {
            imap: bind("imap", &listen.imap)?,
            imaps: bind("imaps", &listen.imaps)?,
            pop3: bind("pop3", &listen.pop3)?,
            pop3s: bind("pop3s", &listen.pop3s)?,
            lmtp: bind("lmtp", &listen.lmtp)?,
            submission: bind("submission", &listen.submission)?,
            submissions: bind("submissions", &listen.submissions)?,
            https: bind("https", &listen.https)?,
            // Without TLS: only in the demo.
            http: Vec::new(),
        })
    }

    /// Writes into the log where each door listens: port 0 of a configuration has become a real one.
    pub(crate) fn log_addresses(&self) -> Result<()> {
        let doors = [
            ("imap", &self.imap),
            ("imaps", &self.imaps),
            ("pop3", &self.pop3),
            ("pop3s", &self.pop3s),
            ("lmtp", &self.lmtp),
            ("submission", &self.submission),
            ("submissions", &self.submissions),
            ("https", &self.https),
            ("http", &self.http),
        ];
        for (door, listeners) in doors {
            for listener in listeners {
                let address = listener.local_addr()?;
                tracing::info!(door, %address, "listening");
            }
        }
        Ok(())
    }

    /// Opens every door but the web's, which [`crate::http`] does. From here on clients are served.
    pub(crate) fn open(self, context: &Context, tls: Option<&Arc<ServerConfig>>) -> Result<Web> {
        let start_tls = || tls.cloned().map(Security::StartTls);
        let implicit = || tls.cloned().map(Security::Implicit);
        open_each(self.imap, context, start_tls(), Door::Imap, imap_server::run)?;
        open_each(self.imaps, context, implicit(), Door::Imap, imap_server::run)?;
        open_each(self.pop3, context, start_tls(), Door::Pop3, pop3_server::run)?;
        open_each(self.pop3s, context, implicit(), Door::Pop3, pop3_server::run)?;
        // No password crosses it, so it may do without a certificate.
        let lmtp = start_tls().unwrap_or(Security::Plain);
        open_each(self.lmtp, context, Some(lmtp), Door::Lmtp, smtp_server::lmtp)?;
        open_each(self.submission, context, start_tls(), Door::Submission, smtp_server::submission)?;
        open_each(self.submissions, context, implicit(), Door::Submission, smtp_server::submission)?;
        Ok(Web { https: self.https, http: self.http })
    }
}

/// The sockets that the HTTP server takes.
#[derive(Debug)]
pub(crate) struct Web {
    pub(crate) https: Vec<TcpListener>,
    pub(crate) http: Vec<TcpListener>,
}

fn bind(door: &str, addresses: &[SocketAddr]) -> Result<Vec<TcpListener>> {
    let bind = |address: &SocketAddr| {
        TcpListener::bind(address).with_context(|| {
            format!("listen.{door}: {address} cannot be opened; is it taken, or does it need rights (ports below 1024)?")
        })
    };
    addresses.iter().map(bind).collect()
}

fn open_each<H, F>(
    listeners: Vec<TcpListener>,
    context: &Context,
    security: Option<Security>,
    door: Door,
    handler: H,
) -> Result<()>
where
    H: Fn(session::Stream, session::Peer, Context) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    for listener in listeners {
        let Some(security) = security.clone() else { bail!("{door} needs a certificate: see [tls]") };
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        context.tasks.spawn(session::serve(listener, security, context.clone(), door, handler.clone()));
    }
    Ok(())
}
