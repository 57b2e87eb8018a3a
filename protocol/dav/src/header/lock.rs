//! Headers of LOCK and UNLOCK: RFC 4918 sections 10.5 and 10.7.

use super::HeaderError;

/// Longest value that is read, in bytes.
const BYTES_MAX: usize = 1024;

/// The lock that an UNLOCK is about: `<urn:uuid:..>`, RFC 4918 section 10.5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockToken(pub String);

impl LockToken {
    /// # Errors
    /// If the value is no URI in angle brackets.
    pub fn parse(value: &str) -> Result<Self, HeaderError> {
        let bad = HeaderError("Lock-Token");
        let uri = value.trim().strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).ok_or(bad)?;
        let wrong = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>');
        if uri.is_empty() || value.len() > BYTES_MAX || uri.contains(wrong) {
            return Err(bad);
        }
        Ok(Self(uri.to_owned()))
    }
}

/// How long a client would like its lock to live: RFC 4918 section 10.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeout {
    /// So many seconds.
    Seconds(u32),
    /// For ever.
    Infinite,
}

impl Timeout {
    /// The first wish of the list that is understood; what the client says is a wish, so what is not understood is no
    /// error.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let wish = |text: &str| {
            if text.eq_ignore_ascii_case("Infinite") {
                return Some(Self::Infinite);
            }
            let (word, number) = text.split_once('-')?;
            let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            (word.eq_ignore_ascii_case("Second") && digits)
                .then(|| Self::Seconds(number.parse().unwrap_or(u32::MAX)))
        };
        value.get(..BYTES_MAX.min(value.len()))?.split(',').map(str::trim).find_map(wish)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4918 section 10.5.
    #[test]
    fn a_token_stands_in_angle_brackets() {
        assert_eq!(LockToken::parse(" <urn:uuid:a-b> "), Ok(LockToken("urn:uuid:a-b".into())));
        for bad in ["", "urn:uuid:a", "<>", "<urn:uuid:a", "<a b>", "<a>, <b>", "<a><b>", "<a\u{1}>"] {
            assert!(LockToken::parse(bad).is_err(), "{bad:?}");
        }
        let long = |length: usize| format!("<{}>", "a".repeat(length - 2));
        assert!(LockToken::parse(&long(BYTES_MAX)).is_ok());
        assert!(LockToken::parse(&long(BYTES_MAX + 1)).is_err());
    }

    // RFC 4918 section 10.7.
    #[test]
    fn the_first_wish_that_is_understood_counts() {
        for (value, expected) in [
            ("Second-604800", Some(Timeout::Seconds(604_800))),
            ("Infinite, Second-4100000000", Some(Timeout::Infinite)),
            ("second-5", Some(Timeout::Seconds(5))),
            ("Extend, Second-7", Some(Timeout::Seconds(7))),
            ("Second-99999999999999999999", Some(Timeout::Seconds(u32::MAX))),
            ("Second-", None),
            ("Second--1", None),
            ("Second-+1", None),
            ("", None),
            ("7", None),
        ] {
            assert_eq!(Timeout::parse(value), expected, "{value}");
        }
    }
}
