//! A POP3 client: RFC 1939.

use std::sync::Arc;

use rustls::ClientConfig;

use crate::stream::Stream;

/// A connection.
pub struct Pop3 {
    stream: Stream,
}

impl Pop3 {
    pub(crate) fn greeted(stream: Stream) -> Self {
        let mut pop3 = Self { stream };
        let line = pop3.line();
        assert!(line.starts_with("+OK"), "{line}");
        pop3
    }

    /// STLS (RFC 2595 section 4), with bytes after it in the same packet that must not be obeyed.
    pub(crate) fn start_tls(mut self, host: &str, trust: &Arc<ClientConfig>, after: &[u8]) -> Self {
        self.stream.send(&[b"STLS\r\n".as_slice(), after].concat());
        let line = self.line();
        assert!(line.starts_with("+OK"), "{line}");
        Self { stream: self.stream.into_tls(host, trust) }
    }

    /// USER and PASS.
    pub fn login(&mut self, address: &str, password: &str) {
        self.ok(&format!("USER {address}"));
        self.ok(&format!("PASS {password}"));
    }

    /// A command with a one-line answer; gives the line.
    pub fn command(&mut self, command: &str) -> String {
        self.stream.send(format!("{command}\r\n").as_bytes());
        self.line()
    }

    /// A command that must succeed; gives what follows `+OK`.
    pub fn ok(&mut self, command: &str) -> String {
        let line = self.command(command);
        line.strip_prefix("+OK").unwrap_or_else(|| panic!("{command}: {line}")).trim().to_owned()
    }

    /// A command with a multi-line answer; gives its bytes with the dots taken off (section 3).
    pub fn lines(&mut self, command: &str) -> Vec<u8> {
        self.ok(command);
        let mut text = Vec::new();
        loop {
            let line = self.stream.line();
            if line == b"." {
                return text;
            }
            text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            text.extend_from_slice(b"\r\n");
        }
    }

    /// `UIDL` or `LIST` as pairs of number and word.
    pub fn listing(&mut self, command: &str) -> Vec<(u32, String)> {
        let text = String::from_utf8(self.lines(command)).unwrap();
        let pair = |line: &str| {
            let (number, word) = line.split_once(' ').unwrap();
            (number.parse().unwrap(), word.to_owned())
        };
        text.lines().map(pair).collect()
    }

    fn line(&mut self) -> String {
        String::from_utf8(self.stream.line()).unwrap()
    }
}
