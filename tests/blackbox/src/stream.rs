//! A connection, plain or TLS, read by lines and by counts. Every read has a deadline.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{ClientConfig, ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;

use crate::wait::{PATIENCE, SILENCE};

enum Wire {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

/// A connection to one door.
pub(crate) struct Stream {
    wire: Wire,
    read: Vec<u8>,
}

impl Stream {
    pub(crate) fn plain(host: &str, port: u16) -> Self {
        let socket =
            TcpStream::connect((host, port)).unwrap_or_else(|error| panic!("{host}:{port}: {error}"));
        socket.set_nodelay(true).unwrap();
        Self { wire: Wire::Plain(socket), read: Vec::new() }
    }

    pub(crate) fn tls(host: &str, port: u16, trust: &Arc<ClientConfig>) -> Self {
        Self::plain(host, port).into_tls(host, trust)
    }

    /// For STARTTLS. What was read before the handshake and not used is a fault of the server.
    pub(crate) fn into_tls(self, host: &str, trust: &Arc<ClientConfig>) -> Self {
        assert!(self.read.is_empty(), "the server sent bytes before the handshake: {:?}", self.read);
        let Wire::Plain(socket) = self.wire else { panic!("TLS within TLS") };
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let connection = ClientConnection::new(Arc::clone(trust), name).unwrap();
        Self { wire: Wire::Tls(Box::new(StreamOwned::new(connection, socket))), read: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let sent = match &mut self.wire {
            Wire::Plain(socket) => socket.write_all(bytes).and_then(|()| socket.flush()),
            Wire::Tls(tls) => tls.write_all(bytes).and_then(|()| tls.flush()),
        };
        sent.unwrap_or_else(|error| panic!("sending {:?}: {error}", String::from_utf8_lossy(bytes)));
    }

    /// One line without its CRLF.
    pub(crate) fn line(&mut self) -> Vec<u8> {
        self.line_within(PATIENCE)
            .unwrap_or_else(|| panic!("no line in {PATIENCE:?}; so far {:?}", self.so_far()))
    }

    /// One line without its CRLF, or nothing when the time is over.
    pub(crate) fn line_within(&mut self, patience: Duration) -> Option<Vec<u8>> {
        let deadline = Instant::now() + patience;
        let mut searched = 0;
        loop {
            let from = searched;
            if let Some(at) = self.read[from..].windows(2).position(|pair| pair == b"\r\n") {
                let mut line: Vec<u8> = self.read.drain(..from + at + 2).collect();
                line.truncate(from + at);
                return Some(line);
            }
            searched = self.read.len().saturating_sub(1);
            match self.fill(deadline) {
                Some(0) => panic!("the server closed the connection; so far {:?}", self.so_far()),
                Some(_) => {}
                None => return None,
            }
        }
    }

    /// Exactly this many bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let deadline = Instant::now() + PATIENCE;
        while self.read.len() < count {
            let more = self.fill(deadline);
            assert!(more.is_some_and(|n| n > 0), "{count} bytes were promised, {} came", self.read.len());
        }
        self.read.drain(..count).collect()
    }

    /// Fails if the server says anything or closes: it must be waiting.
    pub(crate) fn is_waiting(&mut self) {
        let early = !self.read.is_empty() || self.fill(Instant::now() + SILENCE).is_some();
        assert!(!early, "the server does not wait, it says {:?}", self.so_far());
    }

    /// Everything until the server closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let deadline = Instant::now() + PATIENCE;
        while self.fill(deadline).expect("the server keeps the connection open") > 0 {}
        std::mem::take(&mut self.read)
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.read).into_owned()
    }

    /// Reads once: how many bytes came, 0 at the end, nothing when the deadline passed.
    fn fill(&mut self, deadline: Instant) -> Option<usize> {
        let mut buffer = [0; 16 * 1024];
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        let got = match &mut self.wire {
            Wire::Plain(socket) => {
                socket.set_read_timeout(Some(left)).unwrap();
                socket.read(&mut buffer)
            }
            Wire::Tls(tls) => {
                tls.sock.set_read_timeout(Some(left)).unwrap();
                tls.read(&mut buffer)
            }
        };
        match got {
            Ok(count) => {
                self.read.extend_from_slice(&buffer[..count]);
                Some(count)
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => None,
            Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
                Some(0)
            }
            Err(error) => panic!("reading: {error}; so far {:?}", self.so_far()),
        }
    }
}
