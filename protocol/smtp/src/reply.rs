//! Replies: a code, an enhanced code, lines of text that cannot become more than they are.

use crate::REPLY_BYTES_MAX;
use std::borrow::Cow;
use std::fmt;

/// A reply (RFC 5321 section 4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    enhanced: Option<Enhanced>,
    lines: Vec<Cow<'static, str>>,
}

/// An enhanced status code: class, subject, detail (RFC 3463 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enhanced(
    /// 2 success, 4 try again, 5 never.
    pub u8,
    /// What it is about.
    pub u16,
    /// What exactly.
    pub u16,
);

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Reply {
    /// A reply of one line with an enhanced code (RFC 2034 section 4).
    #[must_use]
    pub fn new(code: u16, enhanced: Enhanced, text: impl Into<Cow<'static, str>>) -> Self {
        Self { code, enhanced: Some(enhanced), lines: vec![text.into()] }
    }

    /// A reply without an enhanced code: the greeting, the answers to HELO and EHLO, and all 3xx
    /// (RFC 2034 section 4).
    #[must_use]
    pub fn plain(code: u16, text: impl Into<Cow<'static, str>>) -> Self {
        Self { code, enhanced: None, lines: vec![text.into()] }
    }

    /// Adds a line.
    #[must_use]
    pub fn and(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.lines.push(text.into());
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.code
    }

    /// Whether the client got what it wanted: 2xx or 3xx.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        (200..400).contains(&self.code)
    }

    /// Appends all lines.
    ///
    /// Control characters and all outside ASCII become `?`, and a line ends at
    /// [`REPLY_BYTES_MAX`]: no text makes another line or another code.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let code = self.code.clamp(200, 599);
        for (index, text) in self.lines.iter().enumerate() {
            let line_start = out.len();
            let separator = if index + 1 == self.lines.len() { ' ' } else { '-' };
            out.extend_from_slice(format!("{code}{separator}").as_bytes());
            if let Some(enhanced) = self.enhanced {
                out.extend_from_slice(format!("{enhanced} ").as_bytes());
            }
            let room = REPLY_BYTES_MAX - 2 - (out.len() - line_start);
            let plain = |c: char| if matches!(c, ' '..='~') { u8::try_from(c).unwrap_or(b'?') } else { b'?' };
            out.extend(text.chars().take(room).map(plain));
            out.extend_from_slice(b"\r\n");
        }
    }

    /// All lines.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_to(&mut out);
        out
    }
}

/// What is not the answer to an error of ours ([`crate::SyntaxError`], [`crate::OutOfOrder`],
/// [`crate::ContentFault`] make their own).
impl Reply {
    /// 220: ready. `host` comes first (RFC 5321 section 4.2); `protocol` is `ESMTP` or `LMTP`.
    #[must_use]
    pub fn greeting(host: &str, protocol: &str) -> Self {
        Self::plain(220, format!("{host} {protocol} ready"))
    }

    /// 220 to STARTTLS (RFC 3207 section 4).
    #[must_use]
    pub fn ready_for_tls() -> Self {
        Self::new(220, Enhanced(2, 0, 0), "ready to start TLS")
    }

    /// 221: goodbye. `host` comes first (RFC 5321 section 4.2).
    #[must_use]
    pub fn closing(host: &str) -> Self {
        Self::new(221, Enhanced(2, 0, 0), format!("{host} closing connection"))
    }

    /// 235: authenticated (RFC 4954 section 6).
    #[must_use]
    pub fn authenticated() -> Self {
        Self::new(235, Enhanced(2, 7, 0), "authenticated")
    }

    /// 250 to RSET and NOOP.
    #[must_use]
    pub fn ok() -> Self {
        Self::new(250, Enhanced(2, 0, 0), "ok")
    }

    /// 250 to MAIL.
    #[must_use]
    pub fn sender_ok() -> Self {
        Self::new(250, Enhanced(2, 1, 0), "sender ok")
    }

    /// 250 to RCPT.
    #[must_use]
    pub fn recipient_ok() -> Self {
        Self::new(250, Enhanced(2, 1, 5), "recipient ok")
    }

    /// 250 to a chunk that is not the last (RFC 3030 section 2).
    #[must_use]
    pub fn chunk_ok(chunk_bytes: u64) -> Self {
        Self::new(250, Enhanced(2, 0, 0), format!("{chunk_bytes} octets received"))
    }

    /// 250: the message is durable; `id` is how the log names it.
    #[must_use]
    pub fn accepted(id: &str) -> Self {
        Self::new(250, Enhanced(2, 0, 0), format!("accepted as {id}"))
    }

    /// 252 to VRFY: neither yes nor no (RFC 5321 section 3.5.3).
    #[must_use]
    pub fn cannot_verify() -> Self {
        Self::new(252, Enhanced(2, 5, 0), "send mail and see")
    }

    /// 214 to HELP.
    #[must_use]
    pub fn help() -> Self {
        Self::new(214, Enhanced(2, 0, 0), "see RFC 5321")
    }

    /// 334: a SASL challenge, of Base64 characters only (RFC 4954 section 4).
    #[must_use]
    pub fn challenge(base64: &str) -> Self {
        Self::plain(334, base64.to_owned())
    }

    /// 354: send the message.
    #[must_use]
    pub fn start_data() -> Self {
        Self::plain(354, "end with <CRLF>.<CRLF>")
    }

    /// 421: shutting down, too slow, or too many errors; the connection closes. `host` comes first
    /// (RFC 5321 section 4.2).
    #[must_use]
    pub fn unavailable(host: &str, why: &str) -> Self {
        Self::new(421, Enhanced(4, 3, 2), format!("{host} {why}"))
    }

    /// 451: trouble here, try again.
    #[must_use]
    pub fn trouble() -> Self {
        Self::new(451, Enhanced(4, 3, 0), "temporary trouble, try again")
    }

    /// 452: the mailbox is full.
    #[must_use]
    pub fn mailbox_full() -> Self {
        Self::new(452, Enhanced(4, 2, 2), "mailbox full")
    }

    /// 452: the disk is full (RFC 5321 section 4.2.2).
    #[must_use]
    pub fn system_full() -> Self {
        Self::new(452, Enhanced(4, 3, 1), "system storage full")
    }

    /// 454: the server cannot check credentials now (RFC 4954 section 6).
    #[must_use]
    pub fn authentication_trouble() -> Self {
        Self::new(454, Enhanced(4, 7, 0), "temporary authentication failure")
    }

    /// 454 to STARTTLS when there is no TLS to be had (RFC 3207 section 4).
    #[must_use]
    pub fn tls_unavailable() -> Self {
        Self::new(454, Enhanced(4, 7, 0), "TLS not available")
    }

    /// 501: the client gave up the exchange (RFC 4954 section 4).
    #[must_use]
    pub fn authentication_cancelled() -> Self {
        Self::new(501, Enhanced(5, 7, 0), "authentication cancelled")
    }

    /// 504: mechanism unknown or not offered (RFC 4954 section 4).
    #[must_use]
    pub fn mechanism_unknown() -> Self {
        Self::new(504, Enhanced(5, 5, 4), "mechanism not offered")
    }

    /// 535: wrong credentials, or an account that may not enter: nobody is told which (RFC 4954
    /// section 6).
    #[must_use]
    pub fn credentials_invalid() -> Self {
        Self::new(535, Enhanced(5, 7, 8), "credentials invalid")
    }

    /// 538: not without TLS (RFC 4954 section 6).
    #[must_use]
    pub fn encryption_required() -> Self {
        Self::new(538, Enhanced(5, 7, 11), "encryption required, issue STARTTLS")
    }

    /// 550: no such recipient here.
    #[must_use]
    pub fn no_such_recipient() -> Self {
        Self::new(550, Enhanced(5, 1, 1), "no such recipient")
    }

    /// 550: refused by policy or rights.
    #[must_use]
    pub fn not_permitted(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(550, Enhanced(5, 7, 1), why)
    }

    /// 550: this server does not relay for this client.
    #[must_use]
    pub fn relay_denied() -> Self {
        Self::new(550, Enhanced(5, 7, 1), "relaying denied")
    }

    /// 550: the authenticated user may not use this sender (RFC 6409 section 6.1).
    #[must_use]
    pub fn sender_not_owned() -> Self {
        Self::new(550, Enhanced(5, 7, 1), "sender address not yours")
    }

    /// 554: something was sent before its time; the connection closes.
    #[must_use]
    pub fn early_talker() -> Self {
        Self::new(554, Enhanced(5, 5, 1), "data sent before it was asked for")
    }

    /// 554: the message is no message.
    #[must_use]
    pub fn content_invalid() -> Self {
        Self::new(554, Enhanced(5, 6, 0), "message content invalid")
    }

    /// 554: it has been here too often.
    #[must_use]
    pub fn loop_detected() -> Self {
        Self::new(554, Enhanced(5, 4, 6), "mail loop")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(reply: &Reply) -> String {
        String::from_utf8(reply.to_bytes()).unwrap()
    }

    #[test]
    fn known_answers() {
        assert_eq!(text(&Reply::ok()), "250 2.0.0 ok\r\n");
        assert_eq!(text(&Reply::greeting("mx.test", "LMTP")), "220 mx.test LMTP ready\r\n");
        assert_eq!(text(&Reply::challenge("")), "334 \r\n");
        assert_eq!(text(&Reply::start_data()), "354 end with <CRLF>.<CRLF>\r\n");
        assert_eq!(text(&Reply::mailbox_full()), "452 4.2.2 mailbox full\r\n");
        let two = Reply::new(550, Enhanced(5, 7, 1), "no").and("not \r\n250 ok");
        assert_eq!(text(&two), "550-5.7.1 no\r\n550 5.7.1 not ??250 ok\r\n");
    }

    #[test]
    fn line_limit_below_at_and_above() {
        for (text_bytes, line_bytes) in [(499, 511), (500, 512), (501, 512), (100_000, 512)] {
            let reply = Reply::new(250, Enhanced(2, 0, 0), "x".repeat(text_bytes));
            assert_eq!(reply.to_bytes().len(), line_bytes, "{text_bytes}");
        }
    }

    #[test]
    fn only_success_is_positive() {
        assert!(Reply::ok().is_positive() && Reply::start_data().is_positive());
        assert!(!Reply::trouble().is_positive() && !Reply::no_such_recipient().is_positive());
    }

    proptest! {
        #[test]
        fn no_text_makes_another_line(texts in proptest::collection::vec(any::<String>(), 1..4)) {
            let mut reply = Reply::new(550, Enhanced(5, 0, 0), "");
            for text in &texts {
                reply = reply.and(text.clone());
            }
            let bytes = reply.to_bytes();
            let lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            prop_assert_eq!(lines.len(), texts.len() + 1);
            for line in lines {
                let (body, end) = line.split_at(line.len() - 2);
                prop_assert!(line.len() <= REPLY_BYTES_MAX && body.starts_with(b"550"));
                prop_assert_eq!(end, b"\r\n");
                prop_assert!(body.iter().all(|byte| (b' '..=b'~').contains(byte)));
            }
        }
    }
}
