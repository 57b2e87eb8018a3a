//! ENABLE: RFC 9051 section 6.3.1, RFC 5161.

use crate::{Input, SyntaxError};

/// ```abnf
/// enable = "ENABLE" 1*(SP capability)
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enable {
    /// What can be enabled here; other capabilities are ignored, as the specification wants.
    pub capabilities: Vec<Enableable>,
}

/// A capability that changes what the server sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Enableable {
    /// RFC 9051.
    Imap4Rev2,
    /// RFC 7162 section 3.1.
    Condstore,
    /// RFC 7162 section 3.2.3.
    Qresync,
    /// RFC 6855.
    Utf8Accept,
}

impl Enableable {
    const ALL: [Self; 4] = [Self::Imap4Rev2, Self::Condstore, Self::Qresync, Self::Utf8Accept];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Imap4Rev2 => "IMAP4rev2",
            Self::Condstore => "CONDSTORE",
            Self::Qresync => "QRESYNC",
            Self::Utf8Accept => "UTF8=ACCEPT",
        }
    }
}

impl Enable {
    pub(crate) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let mut capabilities = Vec::new();
        input.space()?;
        loop {
            let word = input.atom()?;
            let known = Enableable::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(word));
            if let Some(capability) = known.filter(|known| !capabilities.contains(known)) {
                capabilities.push(capability);
            }
            if !input.take(b' ') || input.peek().is_none() {
                return Ok(Self { capabilities });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{read, refuses};
    use crate::command::{Authenticated, Body};

    #[test]
    fn known_answers() {
        for (text, capabilities) in [
            ("ENABLE imap4REV2", vec![Enableable::Imap4Rev2]),
            ("ENABLE CONDSTORE X-FOO QRESYNC condstore ", vec![Enableable::Condstore, Enableable::Qresync]),
            ("ENABLE UTF8=ACCEPT", vec![Enableable::Utf8Accept]),
            ("ENABLE X", vec![]),
        ] {
            assert_eq!(read(text), Ok(Body::Authenticated(Authenticated::Enable(Enable { capabilities }))));
        }
        refuses(&[("ENABLE", 8), ("ENABLE ", 9), ("ENABLE (a)", 9)]);
    }
}
