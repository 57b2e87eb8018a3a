//! AUTHENTICATE with an initial response: RFC 9051 section 6.2.2.
//!
//! The base64 is not decoded here: the lines that follow need the same decoder, which is the session's.

use std::fmt;

use crate::{Input, SyntaxError};

/// ```abnf
/// authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp]
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Authenticate {
    /// The SASL mechanism in upper case.
    pub mechanism: String,
    /// The initial response in base64; empty for `=`.
    pub initial_response: Option<String>,
}

impl fmt::Debug for Authenticate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticate").field("mechanism", &self.mechanism).finish_non_exhaustive()
    }
}

impl Authenticate {
    pub(super) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        input.space()?;
        let mechanism = input.atom()?.to_ascii_uppercase();
        if !input.take(b' ') || input.peek().is_none() {
            return Ok(Self { mechanism, initial_response: None });
        }
        let no_base64 = input.error("base64");
        if input.take(b'=') {
            return Ok(Self { mechanism, initial_response: Some(String::new()) });
        }
        let base64 = input.run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
        let base64 = std::str::from_utf8(base64).ok().filter(|text| !text.is_empty()).ok_or(no_base64)?;
        Ok(Self { mechanism, initial_response: Some(base64.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use crate::command::testing::{read, refuses};
    use crate::command::{Body, NotAuthenticated};

    #[test]
    fn known_answers() {
        for (text, mechanism, initial) in [
            ("AUTHENTICATE plain", "PLAIN", None),
            ("AUTHENTICATE PLAIN ", "PLAIN", None),
            ("AUTHENTICATE PLAIN =", "PLAIN", Some("")),
            ("AUTHENTICATE SCRAM-SHA-256 biwsbj1hLHI9Yg==", "SCRAM-SHA-256", Some("biwsbj1hLHI9Yg==")),
        ] {
            let Ok(Body::NotAuthenticated(NotAuthenticated::Authenticate(body))) = read(text) else {
                panic!("{text}")
            };
            assert_eq!((body.mechanism.as_str(), body.initial_response.as_deref()), (mechanism, initial));
        }
        refuses(&[("AUTHENTICATE", 14), ("AUTHENTICATE PLAIN !", 21), ("AUTHENTICATE PLAIN a b", 23)]);
    }
}
