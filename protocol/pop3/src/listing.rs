//! The lines of the listings: CAPA, LIST, UIDL. Each listing ends with [`END`].

use crate::command::MessageNumber;
use std::fmt;

/// The line that ends every multi-line answer (RFC 1939 section 3).
pub const END: &[u8] = b".\r\n";

/// A unique id of the UIDL command: 1 to 70 characters from `!` to `~` (RFC 1939 section 7).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UniqueId(String);

/// The text cannot be a [`UniqueId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a unique id has 1 to 70 printable ASCII characters")]
pub struct UniqueIdError;

impl UniqueId {
    /// Most characters of an id.
    pub const BYTES_MAX: usize = 70;

    /// Checks the form.
    ///
    /// # Errors
    /// [`UniqueIdError`] if it is empty, too long, or holds other characters.
    pub fn new(text: impl Into<String>) -> Result<Self, UniqueIdError> {
        let text = text.into();
        let length_fits = (1..=Self::BYTES_MAX).contains(&text.len());
        let graphic = text.bytes().all(|byte| byte.is_ascii_graphic());
        if length_fits && graphic { Ok(Self(text)) } else { Err(UniqueIdError) }
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text of the LIST answer for one message: `number size`. The size is that of [`crate::WireSize`].
#[must_use]
pub fn scan(number: MessageNumber, size_bytes: u64) -> String {
    format!("{number} {size_bytes}")
}

/// Text of the UIDL answer for one message: `number id`.
#[must_use]
pub fn unique_id(number: MessageNumber, id: &UniqueId) -> String {
    format!("{number} {}", id.as_str())
}

/// Appends a line of a listing; the text is one of [`scan`], [`unique_id`] or a [`Capability`].
pub fn write_line(text: &impl fmt::Display, out: &mut Vec<u8>) {
    let text = text.to_string();
    // Nothing that this module makes needs stuffing or cleaning; foreign text must not break out.
    if text.starts_with('.') {
        out.push(b'.');
    }
    out.extend(text.bytes().map(|byte| if byte.is_ascii_control() { b'?' } else { byte }));
    out.extend_from_slice(b"\r\n");
}

/// A line of the CAPA answer (RFC 2449 section 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Capability {
    /// TOP (RFC 2449 section 6.1).
    Top,
    /// USER and PASS (RFC 2449 section 6.2).
    User,
    /// AUTH with these mechanisms (RFC 2449 section 6.3, RFC 5034).
    Sasl(Vec<&'static str>),
    /// Response codes (RFC 2449 section 6.4).
    RespCodes,
    /// Seconds between logins (RFC 2449 section 6.5).
    LoginDelay(u32),
    /// Commands may be sent ahead (RFC 2449 section 6.6).
    Pipelining,
    /// What the server deletes by itself (RFC 2449 section 6.7).
    Expire(Expire),
    /// UIDL (RFC 2449 section 6.8).
    Uidl,
    /// Who made it (RFC 2449 section 6.9).
    Implementation(&'static str),
    /// STLS (RFC 2595 section 4).
    Stls,
    /// The codes SYS and AUTH are used (RFC 3206).
    AuthRespCode,
    /// The UTF8 command (RFC 6856).
    Utf8,
}

/// How long messages stay (RFC 2449 section 6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expire {
    /// Until somebody deletes them.
    Never,
    /// At least so many days.
    Days(u32),
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => f.write_str("TOP"),
            Self::User => f.write_str("USER"),
            Self::Sasl(mechanisms) => write!(f, "SASL {}", mechanisms.join(" ")),
            Self::RespCodes => f.write_str("RESP-CODES"),
            Self::LoginDelay(seconds) => write!(f, "LOGIN-DELAY {seconds}"),
            Self::Pipelining => f.write_str("PIPELINING"),
            Self::Expire(Expire::Never) => f.write_str("EXPIRE NEVER"),
            Self::Expire(Expire::Days(days)) => write!(f, "EXPIRE {days}"),
            Self::Uidl => f.write_str("UIDL"),
            Self::Implementation(name) => write!(f, "IMPLEMENTATION {name}"),
            Self::Stls => f.write_str("STLS"),
            Self::AuthRespCode => f.write_str("AUTH-RESP-CODE"),
            Self::Utf8 => f.write_str("UTF8"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let mut out = Vec::new();
        for capability in [
            Capability::Top,
            Capability::Sasl(vec!["PLAIN", "SCRAM-SHA-256"]),
            Capability::Expire(Expire::Never),
            Capability::Expire(Expire::Days(30)),
        ] {
            write_line(&capability, &mut out);
        }
        let two = MessageNumber::new(2).unwrap();
        write_line(&scan(two, 320), &mut out);
        write_line(&unique_id(two, &UniqueId::new("17.4").unwrap()), &mut out);
        write_line(&".a\r\n.", &mut out);
        out.extend_from_slice(END);
        let expected = "TOP\r\nSASL PLAIN SCRAM-SHA-256\r\nEXPIRE NEVER\r\nEXPIRE 30\r\n2 320\r\n2 17.4\r\n\
                        ..a??.\r\n.\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn unique_id_limit_below_at_and_above() {
        for (bytes, fits) in [(0, false), (1, true), (69, true), (70, true), (71, false)] {
            assert_eq!(UniqueId::new("x".repeat(bytes)).is_ok(), fits, "{bytes}");
        }
        for bad in ["a b", "a\r\nb", "ü", "\x7f"] {
            assert_eq!(UniqueId::new(bad), Err(UniqueIdError));
        }
    }
}
