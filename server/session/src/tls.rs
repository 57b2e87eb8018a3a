//! Certificates and the TLS configuration: versions 1.2 and 1.3, no ALPN (mail has none), one
//! cryptographic provider.

use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {path}: {cause}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The bytes are no PEM, or what is looked for is not in them.
    #[error("no {what} in PEM form: {cause}")]
    Pem {
        /// `certificate` or `private key`.
        what: &'static str,
        /// Why.
        cause: rustls_pki_types::pem::Error,
    },
    /// Key and certificate do not fit each other, or are of an unknown kind.
    #[error("certificate or key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// The server's certificate, which can be exchanged while connections are open: those go on with
/// the old one, the next handshake gets the new.
#[derive(Debug)]
pub struct Certificates {
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificates {
    /// From files in PEM form: the chain, leaf first, and its private key. Reads files: for the
    /// start and for a reload, not for a thread that serves connections.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn from_files(chain: &Path, key: &Path) -> Result<Self, TlsError> {
        Self::from_pem(&read(chain)?, &read(key)?)
    }

    /// From bytes in PEM form.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|cause| TlsError::Pem { what: "certificate", cause })?;
        if certificates.is_empty() {
            let cause = rustls_pki_types::pem::Error::NoItemsFound;
            return Err(TlsError::Pem { what: "certificate", cause });
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|cause| TlsError::Pem { what: "private key", cause })?;
        Self::from_der(certificates, key)
    }

    /// From a chain in memory, leaf first.
    ///
    /// # Errors
    /// [`TlsError::Unusable`].
    pub fn from_der(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, TlsError> {
        let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())?;
        Ok(Self { current: RwLock::new(Arc::new(key)) })
    }

    /// Takes over what another one holds: the reload.
    pub fn replace(&self, with: &Self) {
        let new = with.current();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
    }

    /// A configuration that asks these certificates at every handshake.
    ///
    /// # Errors
    /// [`TlsError::Unusable`] if the provider gives no keys for session tickets.
    pub fn server_config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, TlsError> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        // A phone that comes back saves a round trip and a signature.
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        Ok(Arc::new(config))
    }

    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|cause| TlsError::Read { path: path.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_and_a_key_are_read_from_files_and_must_fit_each_other() {
        let one = rcgen::generate_simple_self_signed(vec!["mail.test".to_owned()]).unwrap();
        let two = rcgen::generate_simple_self_signed(vec!["mail.test".to_owned()]).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let (chain, key) = (directory.path().join("chain.pem"), directory.path().join("key.pem"));
        std::fs::write(&chain, one.cert.pem()).unwrap();
        std::fs::write(&key, one.signing_key.serialize_pem()).unwrap();
        assert!(Certificates::from_files(&chain, &key).is_ok());

        std::fs::write(&key, two.signing_key.serialize_pem()).unwrap();
        assert!(matches!(Certificates::from_files(&chain, &key), Err(TlsError::Unusable(_))));
        let gone = directory.path().join("gone.pem");
        assert!(matches!(Certificates::from_files(&gone, &key), Err(TlsError::Read { .. })));
    }

    #[test]
    fn what_is_no_pem_is_named() {
        let one = rcgen::generate_simple_self_signed(vec!["mail.test".to_owned()]).unwrap();
        let what = |chain: &str, key: &str| match Certificates::from_pem(chain.as_bytes(), key.as_bytes()) {
            Err(TlsError::Pem { what, .. }) => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(what("", &one.signing_key.serialize_pem()), "certificate");
        assert_eq!(what(&one.cert.pem(), "rubbish"), "private key");
        assert_eq!(what(&one.cert.pem(), &one.cert.pem()), "private key");
    }
}
