//! The keywords of the answer to EHLO and LHLO.

use crate::reply::Reply;
use std::fmt;

/// Something that the server can do beyond RFC 821.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extension {
    /// Commands may be sent ahead (RFC 2920).
    Pipelining,
    /// Octets above 127 in messages (RFC 6152).
    EightBitMime,
    /// UTF-8 in addresses and headers (RFC 6531).
    SmtpUtf8,
    /// BDAT (RFC 3030).
    Chunking,
    /// Arbitrary octets by BDAT (RFC 3030).
    BinaryMime,
    /// Delivery status notifications (RFC 3461).
    Dsn,
    /// Enhanced status codes (RFC 2034).
    EnhancedStatusCodes,
    /// STARTTLS (RFC 3207).
    StartTls,
    /// REQUIRETLS (RFC 8689); only to be offered under TLS.
    RequireTls,
    /// Largest message in octets (RFC 1870).
    Size(u64),
    /// SASL mechanisms (RFC 4954).
    Auth(Vec<&'static str>),
    /// Most recipients of one message (RFC 9422).
    RecipientsMax(usize),
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pipelining => f.write_str("PIPELINING"),
            Self::EightBitMime => f.write_str("8BITMIME"),
            Self::SmtpUtf8 => f.write_str("SMTPUTF8"),
            Self::Chunking => f.write_str("CHUNKING"),
            Self::BinaryMime => f.write_str("BINARYMIME"),
            Self::Dsn => f.write_str("DSN"),
            Self::EnhancedStatusCodes => f.write_str("ENHANCEDSTATUSCODES"),
            Self::StartTls => f.write_str("STARTTLS"),
            Self::RequireTls => f.write_str("REQUIRETLS"),
            Self::Size(bytes) => write!(f, "SIZE {bytes}"),
            Self::Auth(mechanisms) => write!(f, "AUTH {}", mechanisms.join(" ")),
            Self::RecipientsMax(count) => write!(f, "LIMITS RCPTMAX={count}"),
        }
    }
}

impl Reply {
    /// 250 to EHLO or LHLO: the server's name, then a line for each extension (RFC 5321 section
    /// 4.1.1.1). HELO gets one without extensions.
    #[must_use]
    pub fn hello(host: &str, extensions: &[Extension]) -> Self {
        extensions
            .iter()
            .fold(Self::plain(250, host.to_owned()), |reply, extension| reply.and(extension.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answer() {
        let reply = Reply::hello(
            "mx.test",
            &[
                Extension::Pipelining,
                Extension::Size(50_000_000),
                Extension::EightBitMime,
                Extension::Auth(vec!["PLAIN", "SCRAM-SHA-256"]),
                Extension::RecipientsMax(1000),
                Extension::StartTls,
            ],
        );
        let expected = "250-mx.test\r\n250-PIPELINING\r\n250-SIZE 50000000\r\n250-8BITMIME\r\n\
                        250-AUTH PLAIN SCRAM-SHA-256\r\n250-LIMITS RCPTMAX=1000\r\n250 STARTTLS\r\n";
        assert_eq!(String::from_utf8(reply.to_bytes()).unwrap(), expected);
        assert_eq!(Reply::hello("mx.test", &[]).to_bytes(), b"250 mx.test\r\n");
    }
}
