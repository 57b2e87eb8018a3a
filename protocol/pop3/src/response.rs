//! `+OK` and `-ERR`, with the response codes of RFC 2449 section 8.

use crate::RESPONSE_BYTES_MAX;
use std::borrow::Cow;

/// The first line of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    positive: bool,
    code: Option<ResponseCode>,
    text: Cow<'static, str>,
}

/// Why, for machines (RFC 2449 section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseCode {
    /// The mailbox is locked by another session (RFC 2449 section 8.1.2).
    InUse,
    /// Too soon after the last login (RFC 2449 section 8.1.1).
    LoginDelay,
    /// Trouble that will pass without the user (RFC 3206).
    SysTemp,
    /// Trouble that somebody has to mend (RFC 3206).
    SysPerm,
    /// The credentials are wrong (RFC 3206).
    Auth,
    /// The command needs UTF-8 mode (RFC 6856).
    Utf8,
}

impl ResponseCode {
    fn as_str(self) -> &'static str {
        match self {
            Self::InUse => "[IN-USE] ",
            Self::LoginDelay => "[LOGIN-DELAY] ",
            Self::SysTemp => "[SYS/TEMP] ",
            Self::SysPerm => "[SYS/PERM] ",
            Self::Auth => "[AUTH] ",
            Self::Utf8 => "[UTF8] ",
        }
    }
}

impl Response {
    /// `+OK` and text.
    #[must_use]
    pub fn ok(text: impl Into<Cow<'static, str>>) -> Self {
        Self { positive: true, code: None, text: text.into() }
    }

    /// `-ERR` and text.
    #[must_use]
    pub fn err(text: impl Into<Cow<'static, str>>) -> Self {
        Self { positive: false, code: None, text: text.into() }
    }

    /// `-ERR`, a code and text.
    #[must_use]
    pub fn err_code(code: ResponseCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self { positive: false, code: Some(code), text: text.into() }
    }

    /// Whether it is `+OK`.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.positive
    }

    /// Appends the line with its CRLF.
    ///
    /// The text cannot change the meaning: control characters and all outside ASCII become `?`, a
    /// leading `[` (which would be a response code, RFC 2449 section 6.4) becomes `(`, a `<` (which
    /// would offer APOP in a greeting, RFC 1939 section 7) becomes `(` too, and the line ends at
    /// [`RESPONSE_BYTES_MAX`].
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let line_start = out.len();
        out.extend_from_slice(if self.positive { b"+OK" } else { b"-ERR" });
        if self.code.is_some() || !self.text.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(self.code.map_or("", ResponseCode::as_str).as_bytes());
        let room = RESPONSE_BYTES_MAX - 2 - (out.len() - line_start);
        let plain = |(index, c): (usize, char)| match c {
            '[' if index == 0 => b'(',
            '<' => b'(',
            ' '..='~' => u8::try_from(c).unwrap_or(b'?'),
            _ => b'?',
        };
        out.extend(self.text.chars().take(room).enumerate().map(plain));
        out.extend_from_slice(b"\r\n");
    }

    /// The line with its CRLF.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_to(&mut out);
        out
    }
}

/// Appends a SASL challenge, `+ ` and Base64 (RFC 5034 section 4).
///
/// `base64` is the output of an encoder; anything else in it is left out.
pub fn write_challenge(base64: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"+ ");
    out.extend(base64.bytes().filter(u8::is_ascii_graphic));
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(response: &Response) -> String {
        String::from_utf8(response.to_bytes()).unwrap()
    }

    #[test]
    fn known_answers() {
        assert_eq!(line(&Response::ok("2 messages")), "+OK 2 messages\r\n");
        assert_eq!(line(&Response::ok("")), "+OK\r\n");
        let in_use = Response::err_code(ResponseCode::InUse, "mailbox is open elsewhere");
        assert_eq!(line(&in_use), "-ERR [IN-USE] mailbox is open elsewhere\r\n");
        assert_eq!(line(&Response::err("no \"Grüße\"\r\n.\r\n")), "-ERR no \"Gr??e\"??.??\r\n");
        assert_eq!(line(&Response::err("[AUTH] forged")), "-ERR (AUTH] forged\r\n");
        assert_eq!(line(&Response::ok("ready <1.2@x>")), "+OK ready (1.2@x>\r\n");
    }

    #[test]
    fn line_limit_below_at_and_above() {
        for (text_bytes, line_bytes) in [(505, 511), (506, 512), (507, 512), (100_000, 512)] {
            assert_eq!(Response::ok("x".repeat(text_bytes)).to_bytes().len(), line_bytes);
        }
    }

    #[test]
    fn a_challenge_is_one_line() {
        let mut out = Vec::new();
        write_challenge("", &mut out);
        write_challenge("QUJD\r\n+OK", &mut out);
        assert_eq!(out, b"+ \r\n+ QUJD+OK\r\n");
    }

    proptest! {
        #[test]
        fn no_text_splits_the_line(text in any::<String>()) {
            for response in [Response::ok(text.clone()), Response::err_code(ResponseCode::Auth, text)] {
                let bytes = response.to_bytes();
                prop_assert!(bytes.len() <= RESPONSE_BYTES_MAX);
                let (body, end) = bytes.split_at(bytes.len() - 2);
                prop_assert_eq!(end, b"\r\n");
                prop_assert!(body.iter().all(|byte| (b' '..=b'~').contains(byte)));
            }
        }
    }
}
