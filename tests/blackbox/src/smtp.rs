//! An SMTP (RFC 5321) and LMTP (RFC 2033) client.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;

use crate::mail::Mail;
use crate::stream::Stream;

/// A connection that has been greeted.
pub struct Smtp {
    stream: Stream,
    hello: &'static str,
    /// The keywords that the server offered, RFC 5321 section 4.1.1.1.
    pub extensions: Vec<String>,
}

impl Smtp {
    pub(crate) fn greeted(stream: Stream, hello: &'static str) -> Self {
        let mut smtp = Self { stream, hello, extensions: Vec::new() };
        let (code, text) = smtp.reply();
        assert_eq!(code, 220, "{text}");
        smtp.hello();
        smtp
    }

    /// STARTTLS (RFC 3207), and hello again, because what was said before is forgotten.
    pub(crate) fn start_tls(self, host: &str, trust: &Arc<ClientConfig>) -> Self {
        let mut smtp = self.start_tls_before(host, trust, b"");
        smtp.hello();
        smtp
    }

    /// STARTTLS with bytes after it in the same packet that must not be obeyed, and no hello yet.
    pub(crate) fn start_tls_before(mut self, host: &str, trust: &Arc<ClientConfig>, after: &[u8]) -> Self {
        self.stream.send(&[b"STARTTLS\r\n".as_slice(), after].concat());
        let (code, text) = self.reply();
        assert_eq!(code, 220, "{text}");
        Self { stream: self.stream.into_tls(host, trust), hello: self.hello, extensions: Vec::new() }
    }

    /// AUTH PLAIN with an initial response: RFC 4954 section 4, RFC 4616.
    pub fn authenticate(&mut self, address: &str, password: &str) {
        let secret = STANDARD.encode(format!("\0{address}\0{password}"));
        self.expect(&format!("AUTH PLAIN {secret}"), 235);
    }

    /// Sends one command; gives code and text.
    pub fn command(&mut self, command: &str) -> (u16, String) {
        self.stream.send(format!("{command}\r\n").as_bytes());
        self.reply()
    }

    /// Sends one command whose answer must have this code.
    pub fn expect(&mut self, command: &str, code: u16) -> String {
        let (got, text) = self.command(command);
        assert_eq!(got, code, "{command}: {text}");
        text
    }

    /// Delivers to recipients who must all be accepted. With LMTP each has an answer of its own.
    pub fn deliver(&mut self, from: &str, recipients: &[&str], mail: &Mail) {
        self.expect(&format!("MAIL FROM:<{from}>"), 250);
        for recipient in recipients {
            self.expect(&format!("RCPT TO:<{recipient}>"), 250);
        }
        self.send_message(mail);
        let more_answers = if self.hello == "LHLO" { recipients.len() - 1 } else { 0 };
        for _ in 0..more_answers {
            let (code, text) = self.reply();
            assert_eq!(code, 250, "{text}");
        }
    }

    /// DATA and the message, to recipients who have been accepted; the first reply must be 250.
    pub fn send_message(&mut self, mail: &Mail) {
        self.expect("DATA", 354);
        self.stream.send(&stuffed(&mail.bytes));
        let (code, text) = self.reply();
        assert_eq!(code, 250, "{text}");
    }

    /// All replies up to one with this code, which is left out.
    pub fn replies_until(&mut self, last: u16) -> Vec<(u16, String)> {
        let mut replies = Vec::new();
        loop {
            match self.reply() {
                (code, _) if code == last => return replies,
                reply => replies.push(reply),
            }
        }
    }

    /// Sends bytes as they are, for what no well-behaved client sends.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        self.stream.send(bytes);
    }

    /// Reads one reply, also of several lines: RFC 5321 section 4.2.1.
    pub fn reply(&mut self) -> (u16, String) {
        let mut text = String::new();
        loop {
            let line = String::from_utf8(self.stream.line()).unwrap();
            assert!(line.len() >= 3, "{line:?}");
            let (code, rest) = line.split_at(3);
            text.push_str(rest.get(1..).unwrap_or_default());
            if !rest.starts_with('-') {
                return (code.parse().unwrap(), text);
            }
            text.push('\n');
        }
    }

    fn hello(&mut self) {
        let text = self.expect(&format!("{} probe.test", self.hello), 250);
        self.extensions = text.lines().skip(1).map(str::to_owned).collect();
    }
}

/// RFC 5321 section 4.5.2, and the end of the data.
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 8);
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    assert!(out.ends_with(b"\r\n"), "a mail ends with CRLF");
    out.extend_from_slice(b".\r\n");
    out
}
