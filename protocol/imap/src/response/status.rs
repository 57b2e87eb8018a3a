//! Status responses, the greeting and continuation requests: RFC 9051 sections 7.1 and 7.6.

use crate::response::Code;
use crate::{Output, Tag};

/// How a command ended, or what a greeting says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// RFC 9051 section 7.1.1.
    Ok,
    /// RFC 9051 section 7.1.2.
    No,
    /// RFC 9051 section 7.1.3.
    Bad,
    /// RFC 9051 section 7.1.4: only as a greeting.
    PreAuth,
    /// RFC 9051 section 7.1.5: only untagged.
    Bye,
}

impl Condition {
    fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Ok => b"OK ",
            Self::No => b"NO ",
            Self::Bad => b"BAD ",
            Self::PreAuth => b"PREAUTH ",
            Self::Bye => b"BYE ",
        }
    }
}

impl Output {
    /// `tag OK [code] text`: the end of a command; `*` stands for a tag that could not be read.
    pub fn done(&mut self, tag: Option<&Tag>, condition: Condition, code: Option<&Code<'_>>, text: &str) {
        self.raw(tag.map_or("*", Tag::as_str).as_bytes());
        self.raw(b" ");
        self.condition(condition, code, text);
    }

    /// `* OK [code] text`.
    pub fn untagged(&mut self, condition: Condition, code: Option<&Code<'_>>, text: &str) {
        self.raw(b"* ");
        self.condition(condition, code, text);
    }

    fn condition(&mut self, condition: Condition, code: Option<&Code<'_>>, text: &str) {
        self.raw(condition.as_bytes());
        if let Some(code) = code {
            self.raw(b"[");
            code.write(self);
            self.raw(b"] ");
        }
        self.text(text);
        self.crlf();
    }

    /// `+ text`: go on. The text is for people, or base64 of AUTHENTICATE, and may be empty.
    pub fn continuation(&mut self, text: &str) {
        self.raw(b"+ ");
        self.text(text);
        self.crlf();
    }
}
