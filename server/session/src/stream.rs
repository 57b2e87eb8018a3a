//! The bytes of a connection, in the clear or in TLS.
//!
//! A client that asks and then takes nothing is cut off here, so that no front end can forget it.

use crate::Limits;
use rustls::{ProtocolVersion, ServerConfig};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// One connection.
///
/// Reading has no time limit of its own: how long a client may be silent depends on what it is
/// doing. Writing has one, [`Limits::write_timeout_s`] without any byte taken.
#[derive(Debug)]
pub struct Stream {
    bytes: Bytes,
    /// What STARTTLS would use.
    start_tls: Option<Arc<ServerConfig>>,
    handshake_timeout: Duration,
    write_timeout: Duration,
    /// Runs while the client takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
    counts: Arc<Counts>,
}

#[derive(Debug)]
enum Bytes {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Bytes that went through, without TLS's own.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) read: AtomicU64,
    pub(crate) written: AtomicU64,
}

impl Stream {
    pub(crate) fn plain(socket: TcpStream, start_tls: Option<Arc<ServerConfig>>, limits: &Limits) -> Self {
        Self {
            bytes: Bytes::Plain(socket),
            start_tls,
            handshake_timeout: Duration::from_secs(limits.tls_handshake_timeout_s),
            write_timeout: Duration::from_secs(limits.write_timeout_s),
            stalled: None,
            counts: Arc::default(),
        }
    }

    pub(crate) fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }

    /// Whether it is encrypted.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.bytes, Bytes::Tls(_))
    }

    /// Whether STARTTLS (STLS) is to be offered.
    #[must_use]
    pub fn can_start_tls(&self) -> bool {
        !self.is_tls() && self.start_tls.is_some()
    }

    /// Whether passwords may be asked for: inside TLS, or where the operator has configured none
    /// (behind a proxy that ends TLS).
    #[must_use]
    pub fn may_authenticate(&self) -> bool {
        self.is_tls() || self.start_tls.is_none()
    }

    /// The handshake after the client was told to go ahead. The caller must have nothing left of
    /// what the client sent before: bytes that came with the command are an attack and end the
    /// connection; everything learned before is forgotten (RFC 3207 section 4.2, RFC 2595
    /// section 4).
    ///
    /// # Errors
    /// The handshake failed or took longer than [`Limits::tls_handshake_timeout_s`]; STARTTLS is not
    /// possible here.
    pub async fn start_tls(self) -> io::Result<Self> {
        let Self { bytes, start_tls, handshake_timeout, write_timeout, counts, .. } = self;
        let (Bytes::Plain(socket), Some(config)) = (bytes, start_tls) else {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "TLS cannot be started here"));
        };
        let handshake = TlsAcceptor::from(config).accept(socket);
        let tls = tokio::time::timeout(handshake_timeout, handshake)
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "TLS handshake took too long"))??;
        let bytes = Bytes::Tls(Box::new(tls));
        Ok(Self { bytes, start_tls: None, handshake_timeout, write_timeout, stalled: None, counts })
    }

    /// The channel binding `tls-exporter` (RFC 9266). `None` outside of TLS 1.3: below it the value
    /// is unique only under conditions that are not checked here.
    #[must_use]
    pub fn tls_exporter(&self) -> Option<[u8; 32]> {
        let Bytes::Tls(tls) = &self.bytes else { return None };
        let (_, connection) = tls.get_ref();
        if connection.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
            return None;
        }
        connection.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).ok()
    }

    /// Passes on what a write said; one that waits is an error after the time limit.
    fn unless_stalled<T>(
        &mut self,
        outcome: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let timeout = self.write_timeout;
        let timer = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        ready!(timer.as_mut().poll(cx));
        self.stalled = None;
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing")))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = match &mut self.bytes {
            Bytes::Plain(socket) => Pin::new(socket).poll_read(cx, buffer),
            Bytes::Tls(tls) => Pin::new(tls).poll_read(cx, buffer),
        };
        let got = buffer.filled().len().saturating_sub(before);
        self.counts.read.fetch_add(got as u64, Ordering::Relaxed);
        outcome
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = match &mut self.bytes {
            Bytes::Plain(socket) => Pin::new(socket).poll_write(cx, bytes),
            Bytes::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        };
        if let Poll::Ready(Ok(count)) = outcome {
            self.counts.written.fetch_add(count as u64, Ordering::Relaxed);
        }
        self.unless_stalled(outcome, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = match &mut self.bytes {
            Bytes::Plain(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Bytes::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, slices),
        };
        if let Poll::Ready(Ok(count)) = outcome {
            self.counts.written.fetch_add(count as u64, Ordering::Relaxed);
        }
        self.unless_stalled(outcome, cx)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.bytes {
            Bytes::Plain(socket) => socket.is_write_vectored(),
            Bytes::Tls(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = match &mut self.bytes {
            Bytes::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Bytes::Tls(tls) => Pin::new(tls).poll_flush(cx),
        };
        self.unless_stalled(outcome, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = match &mut self.bytes {
            Bytes::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Bytes::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        };
        self.unless_stalled(outcome, cx)
    }
}
