//! The bytes of a connection, in the clear or in TLS.
//!
//! A client that asks and then takes nothing is cut off here, so that no front end can forget it.

use crate::{Limits, steady_now};
use rustls::{ProtocolVersion, ServerConfig};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What a client takes at least in each [`Limits::write_timeout_s`] in which it is waited for: the
/// worst mobile network does 20 times as much.
const TAKEN_BYTES_MIN: u64 = 64 * 1024;

/// One connection.
///
/// Reading has no time limit of its own: how long a client may be silent depends on what it is
/// doing. Writing has a slowest rate: 64 KiB in [`Limits::write_timeout_s`]. Only the time in which
/// bytes wait for the client counts, so a client that asks for little is never too slow.
#[derive(Debug)]
pub struct Stream {
    bytes: Bytes,
    /// What STARTTLS would use.
    start_tls: Option<Arc<ServerConfig>>,
    handshake_timeout: Duration,
    pace: Pace,
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
            pace: Pace::new(Duration::from_secs(limits.write_timeout_s)),
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
        let Self { bytes, start_tls, handshake_timeout, pace, counts } = self;
        let (Bytes::Plain(socket), Some(config)) = (bytes, start_tls) else {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "TLS cannot be started here"));
        };
        let handshake = TlsAcceptor::from(config).accept(socket);
        let tls = tokio::time::timeout(handshake_timeout, handshake)
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "TLS handshake took too long"))??;
        let bytes = Bytes::Tls(Box::new(tls));
        Ok(Self { bytes, start_tls: None, handshake_timeout, pace, counts })
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

    /// Passes on what a write said. While it waits too long the answer is an error.
    fn unless_too_slow<T>(
        &mut self,
        outcome: Poll<io::Result<T>>,
        taken_bytes: u64,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.pace.took(taken_bytes, steady_now());
            return outcome;
        }
        let timer = self.pace.wait(steady_now());
        match timer.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes too little")))
            }
        }
    }
}

/// How fast a client takes what it asked for.
#[derive(Debug)]
struct Pace {
    /// Longest time waited for [`TAKEN_BYTES_MIN`].
    timeout: Duration,
    /// Time waited, and bytes taken, since that was last reached.
    waited: Duration,
    taken_bytes: u64,
    /// Since when it is waited now, and the end of patience.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Pace {
    fn new(timeout: Duration) -> Self {
        Self { timeout, waited: Duration::ZERO, taken_bytes: 0, waiting: None }
    }

    /// Bytes were taken: what was waited for them stays on the account until they are enough.
    fn took(&mut self, bytes: u64, now: Instant) {
        if let Some((since, _)) = self.waiting.take() {
            self.waited += now.saturating_duration_since(since);
        }
        self.taken_bytes = self.taken_bytes.saturating_add(bytes);
        if self.taken_bytes >= TAKEN_BYTES_MIN {
            (self.waited, self.taken_bytes) = (Duration::ZERO, 0);
        }
    }

    /// None are: what rings when this has lasted too long.
    fn wait(&mut self, now: Instant) -> &mut Pin<Box<Sleep>> {
        let left = self.timeout.saturating_sub(self.waited);
        let (_, timer) =
            self.waiting.get_or_insert_with(|| (now, Box::pin(tokio::time::sleep_until(now + left))));
        timer
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
        let taken_bytes = match outcome {
            Poll::Ready(Ok(count)) => count as u64,
            _ => 0,
        };
        self.counts.written.fetch_add(taken_bytes, Ordering::Relaxed);
        self.unless_too_slow(outcome, taken_bytes, cx)
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
        let taken_bytes = match outcome {
            Poll::Ready(Ok(count)) => count as u64,
            _ => 0,
        };
        self.counts.written.fetch_add(taken_bytes, Ordering::Relaxed);
        self.unless_too_slow(outcome, taken_bytes, cx)
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
        self.unless_too_slow(outcome, 0, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = match &mut self.bytes {
            Bytes::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Bytes::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        };
        self.unless_too_slow(outcome, 0, cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_client_that_takes_a_byte_a_minute_runs_out_of_time() {
        let (mut pace, mut now) = (Pace::new(TIMEOUT), steady_now());
        let first = pace.wait(now).deadline();
        assert_eq!(first, now + TIMEOUT);
        now += Duration::from_secs(59);
        pace.took(1, now);
        assert_eq!(pace.wait(now).deadline(), first, "a byte buys no time");
        now += Duration::from_millis(900);
        pace.took(TAKEN_BYTES_MIN - 2, now);
        assert_eq!(pace.wait(now).deadline(), first);
        pace.took(1, now);
        assert_eq!(pace.wait(now).deadline(), now + TIMEOUT, "64 KiB do");
    }

    #[tokio::test]
    async fn time_in_which_nothing_waits_for_the_client_does_not_count() {
        let (mut pace, mut now) = (Pace::new(TIMEOUT), steady_now());
        for _ in 0..50 {
            pace.wait(now);
            now += Duration::from_secs(1);
            pace.took(100, now);
            // Idle: the client asks for nothing.
            now += Duration::from_secs(3_600);
        }
        assert_eq!(pace.wait(now).deadline(), now + Duration::from_secs(10));
    }
}
