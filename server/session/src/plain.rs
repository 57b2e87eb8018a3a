//! SASL PLAIN (RFC 4616 section 2), the same behind every door.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use vocabulary::Secret;

/// Who wants to be whom, and the proof.
pub struct Plain {
    /// The name, as the client wrote it.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// Reads the Base64 text of a PLAIN response. `None` if it is no such thing, or if the client wants
/// to act as somebody else than whose password it knows.
#[must_use]
pub fn decode_plain(base64: &Secret) -> Option<Plain> {
    let bytes = STANDARD.decode(base64.expose()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let mut parts = text.split('\0');
    let (act_as, user, password) = (parts.next()?, parts.next()?, parts.next()?);
    let acts_for_itself = act_as.is_empty() || act_as.eq_ignore_ascii_case(user);
    if parts.next().is_some() || user.is_empty() || password.is_empty() || !acts_for_itself {
        return None;
    }
    Some(Plain { user: user.to_owned(), password: Secret::new(password) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<(String, String)> {
        let plain = decode_plain(&Secret::new(STANDARD.encode(text)))?;
        Some((plain.user, plain.password.expose().to_owned()))
    }

    #[test]
    fn known_answers() {
        let anna = Some(("anna@x.test".to_owned(), "pa ss".to_owned()));
        assert_eq!(decoded("\0anna@x.test\0pa ss"), anna);
        assert_eq!(decoded("Anna@x.test\0anna@x.test\0pa ss"), anna);
        for bad in ["", "\0", "\0anna", "\0anna\0", "\0\0pass", "bert\0anna\0pass", "\0anna\0pa\0ss"] {
            assert_eq!(decoded(bad), None, "{bad:?}");
        }
        assert!(decode_plain(&Secret::new("AG=")).is_none());
    }
}
