//! `local@domain`, in the form that the store compares.

use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// An address in lower case and NFC: the key of the address table.
///
/// Kontor compares local parts without case (as every large provider does, and RFC 5321
/// section 2.4 allows the receiving system).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress {
    local: String,
    domain: String,
}

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No `@`, or nothing on one side.
    #[error("an address has the form local@domain")]
    Form,
    /// Over 64 bytes before or 255 after the `@` (RFC 5321 section 4.5.3.1).
    #[error("an address has at most 64 bytes before and 255 after the @")]
    TooLong,
    /// White space, control characters or others that need quoting.
    #[error("{0:?} cannot stand in an address")]
    Character(char),
}

impl EmailAddress {
    /// Reads and normalises.
    ///
    /// # Errors
    /// [`AddressError`]; quoted local parts are not taken.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (local, domain) = text.trim().rsplit_once('@').ok_or(AddressError::Form)?;
        let local: String = local.nfc().flat_map(char::to_lowercase).collect();
        let domain: String = domain.trim_end_matches('.').nfc().flat_map(char::to_lowercase).collect();
        if local.is_empty() || domain.is_empty() || domain.starts_with('.') || domain.contains("..") {
            return Err(AddressError::Form);
        }
        if local.len() > 64 || domain.len() > 255 {
            return Err(AddressError::TooLong);
        }
        let bad_local = |c: &char| c.is_whitespace() || c.is_control() || "()<>[]:;@\\,\"".contains(*c);
        let bad_domain = |c: &char| !(c.is_alphanumeric() || *c == '-' || *c == '.');
        match local.chars().find(bad_local).or_else(|| domain.chars().find(bad_domain)) {
            Some(bad) => Err(AddressError::Character(bad)),
            None => Ok(Self { local, domain }),
        }
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// What stands after it.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The address without its detail, `anna+x@` -> `anna@` (RFC 5233), if it has one.
    #[must_use]
    pub fn without_detail(&self) -> Option<Self> {
        let (user, _) = self.local.split_once('+')?;
        (!user.is_empty()).then(|| Self { local: user.to_owned(), domain: self.domain.clone() })
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl std::str::FromStr for EmailAddress {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let text = |a: &str| EmailAddress::parse(a).map(|a| a.to_string());
        assert_eq!(text("Anna.Huber@Blumen.Test"), Ok("anna.huber@blumen.test".to_owned()));
        assert_eq!(text("anna"), Err(AddressError::Form));
        assert_eq!(text("@x.test"), Err(AddressError::Form));
        assert_eq!(text("a b@x.test"), Err(AddressError::Character(' ')));
        assert_eq!(text(&format!("{}@x.test", "a".repeat(65))), Err(AddressError::TooLong));
        assert!(text(&format!("{}@x.test", "a".repeat(64))).is_ok());
        let with = EmailAddress::parse("anna+shop@x.test").ok().and_then(|a| a.without_detail());
        assert_eq!(with.map(|a| a.to_string()), Some("anna@x.test".to_owned()));
    }
}
