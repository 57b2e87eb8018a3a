//! Connections that we open, to places that others name: where they may lead, and TLS.
//!
//! Whoever names a host must not make the server talk to itself or to its neighbours. So the addresses that a name has
//! are asked once, those that are not public are passed over, and the connection goes to the very address that was
//! looked at: a name that means another one a moment later gains nothing.

mod address;

use crate::{Network, TlsError};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore, version};
use rustls_pki_types::ServerName;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

/// Addresses of a name that are tried, one after the other.
const ADDRESSES_TRIED_MAX: usize = 3;
/// How long one of them may take to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that we opened.
pub trait Connected: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connected for T {}

/// Why no connection came about.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The name has no address, or cannot be asked.
    #[error("the name has no address: {0}")]
    Unresolved(io::Error),
    /// The name has no address that we may go to.
    #[error("no address of it may be gone to")]
    Forbidden,
    /// Nobody answers there.
    #[error("nobody answers: {0}")]
    Unreachable(io::Error),
    /// No certificate can be for such a name.
    #[error("no name for a certificate")]
    Name,
    /// Whoever answers is not who was named, or TLS fails.
    #[error("TLS: {0}")]
    Tls(io::Error),
}

/// Opens connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbound {
    tls: Arc<ClientConfig>,
    own_networks: Arc<[Network]>,
}

impl Outbound {
    /// Connections lead to the public Internet, and to these networks besides. Certificates must be of an authority
    /// that browsers know.
    ///
    /// # Errors
    /// [`TlsError::Unusable`] if the provider knows no version of TLS.
    pub fn new(own_networks: Arc<[Network]>) -> Result<Self, TlsError> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: Arc::new(tls), own_networks })
    }

    /// Connects to a port of a host, a name or an address. Without TLS only within our own networks.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub async fn connect(
        &self,
        host: &str,
        port: u16,
        with_tls: bool,
    ) -> Result<Box<dyn Connected>, OutboundError> {
        let found = lookup_host((host, port)).await.map_err(OutboundError::Unresolved)?;
        let permitted: Vec<SocketAddr> =
            found.filter(|address| self.permits(address.ip(), with_tls)).take(ADDRESSES_TRIED_MAX).collect();
        let tcp = reach(&permitted).await?;
        if !with_tls {
            return Ok(Box::new(tcp));
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|_| OutboundError::Name)?;
        let connecting = TlsConnector::from(Arc::clone(&self.tls)).connect(name, tcp);
        Ok(Box::new(Box::pin(connecting).await.map_err(OutboundError::Tls)?))
    }

    /// Whether we may connect to an address: with TLS to those of the public Internet, anyhow to those of our own
    /// networks.
    #[must_use]
    pub fn permits(&self, address: IpAddr, with_tls: bool) -> bool {
        let is_own = self.own_networks.iter().any(|network| network.contains(address));
        is_own || (with_tls && address::is_public(address))
    }
}

/// The first address that answers.
async fn reach(addresses: &[SocketAddr]) -> Result<TcpStream, OutboundError> {
    let mut failure = OutboundError::Forbidden;
    for address in addresses {
        match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => return Ok(tcp),
            Ok(Err(error)) => failure = OutboundError::Unreachable(error),
            Err(_) => failure = OutboundError::Unreachable(io::ErrorKind::TimedOut.into()),
        }
    }
    Err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    fn outbound(own: &[&str]) -> Outbound {
        Outbound::new(own.iter().map(|text| text.parse().unwrap()).collect()).unwrap()
    }

    #[tokio::test]
    async fn our_own_computer_is_reached_only_if_it_is_named_as_ours() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for (host, with_tls) in
            [("127.0.0.1", false), ("127.0.0.1", true), ("localhost", true), ("::ffff:127.0.0.1", true)]
        {
            let refused = outbound(&[]).connect(host, port, with_tls).await.err().unwrap();
            assert!(matches!(refused, OutboundError::Forbidden), "{host}: {refused}");
        }
        // Of the public Internet nothing is asked in the clear.
        let refused = outbound(&["127.0.0.0/8"]).connect("1.1.1.1", port, false).await.err().unwrap();
        assert!(matches!(refused, OutboundError::Forbidden), "{refused}");

        let mut connected = outbound(&["127.0.0.0/8"]).connect("127.0.0.1", port, false).await.unwrap();
        let (mut accepted, _) = listener.accept().await.unwrap();
        connected.write_all(b"hello").await.unwrap();
        drop(connected);
        let mut told = String::new();
        accepted.read_to_string(&mut told).await.unwrap();
        assert_eq!(told, "hello");
    }

    #[tokio::test]
    async fn a_certificate_of_nobody_we_know_is_refused() {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let certificates = crate::Certificates::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
        let config = Arc::new(certificates).server_config().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let own = outbound(&["127.0.0.1", "::1"]);
        let serving = async {
            let (tcp, _) = listener.accept().await.unwrap();
            assert!(tokio_rustls::TlsAcceptor::from(config).accept(tcp).await.is_err());
        };
        let (refused, ()) = tokio::join!(own.connect("127.0.0.1", port, true), serving);
        let refused = refused.err().unwrap();
        assert!(matches!(refused, OutboundError::Tls(_)), "{refused}");
    }
}
