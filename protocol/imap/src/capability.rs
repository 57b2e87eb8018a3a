//! Capabilities: RFC 9051 sections 6.1.1 and 7.2.2.

use crate::Output;

/// Something the server can do. Which of them are offered, and when, is the session's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capability<'a> {
    /// A capability that is just its name.
    Named(&'static str),
    /// `AUTH=mechanism`
    Auth(&'a str),
    /// `APPENDLIMIT=n`: the largest message in octets (RFC 7889).
    AppendLimit(u64),
}

impl<'a> Capability<'a> {
    fn write(self, out: &mut Output) {
        match self {
            Self::Named(name) => out.raw(name.as_bytes()),
            Self::Auth(mechanism) => {
                out.raw(b"AUTH=");
                out.text(mechanism);
            }
            Self::AppendLimit(octets) => {
                out.raw(b"APPENDLIMIT=");
                out.number64(octets);
            }
        }
    }

    /// `CAPABILITY name ...`: in the response and in the response code alike.
    pub(crate) fn write_all(all: &[Self], out: &mut Output) {
        out.raw(b"CAPABILITY");
        for capability in all {
            out.raw(b" ");
            capability.write(out);
        }
    }
}

impl Output {
    /// `* CAPABILITY ...`
    pub fn capability(&mut self, all: &[Capability<'_>]) {
        self.raw(b"* ");
        Capability::write_all(all, self);
        self.crlf();
    }

    /// `* ENABLED ...`: RFC 9051 section 7.2.1.
    pub fn enabled(&mut self, enabled: &[crate::extension::Enableable]) {
        self.raw(b"* ENABLED");
        for capability in enabled {
            self.raw(b" ");
            self.raw(capability.as_str().as_bytes());
        }
        self.crlf();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::Enableable;

    #[test]
    fn responses() {
        let mut out = Output::default();
        out.capability(&[
            Capability::Named("IMAP4rev1"),
            Capability::Auth("PLAIN"),
            Capability::AppendLimit(9),
        ]);
        out.enabled(&[Enableable::Condstore, Enableable::Imap4Rev2]);
        out.enabled(&[]);
        let expected = "* CAPABILITY IMAP4rev1 AUTH=PLAIN APPENDLIMIT=9\r\n* ENABLED CONDSTORE IMAP4rev2\r\n* ENABLED\r\n";
        assert_eq!(String::from_utf8(out.take()).unwrap(), expected);
    }
}
