//! Reverse-path and forward-path (RFC 5321 section 4.1.2, RFC 6531).

use std::fmt;
use vocabulary::{AddressError, EmailAddress};

/// `local@domain` as it stands in an envelope.
///
/// Neither part holds control characters, so that one written to a reply or header cannot split
/// the line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mailbox {
    local: String,
    domain: String,
}

/// Whom to tell when delivery fails.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ReversePath {
    /// `<>`: nobody (RFC 5321 section 4.5.5).
    Null,
    /// A mailbox.
    Mailbox(Mailbox),
}

/// To whom a message goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ForwardPath {
    /// `<Postmaster>` without a domain (RFC 5321 section 4.5.1).
    Postmaster,
    /// A mailbox.
    Mailbox(Mailbox),
}

/// What is wrong with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// No `<` ... `>` around it.
    #[error("path is not enclosed in <>")]
    Brackets,
    /// Not `local@domain`, or a bad quoted string.
    #[error("path is not local@domain")]
    Form,
    /// Local part over [`Mailbox::LOCAL_BYTES_MAX`] or domain over [`Mailbox::DOMAIN_BYTES_MAX`].
    #[error("path too long")]
    TooLong,
}

impl Mailbox {
    /// Longest local part in octets, unquoted. RFC 5321 section 4.5.3.1.1 has 64; senders that
    /// put the recipient into the bounce address go above it.
    pub const LOCAL_BYTES_MAX: usize = 256;
    /// Longest domain in octets (RFC 5321 section 4.5.3.1.2).
    pub const DOMAIN_BYTES_MAX: usize = 255;

    /// Before the `@`, without quotes.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// After the `@`: a domain, or an address literal with its brackets.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether it can be used without SMTPUTF8 (RFC 6531).
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii() && self.domain.is_ascii()
    }

    /// The form in which the store knows addresses.
    ///
    /// # Errors
    /// [`AddressError`] for address literals and local parts that need quotes, which nobody has
    /// here.
    pub fn to_address(&self) -> Result<EmailAddress, AddressError> {
        if !self.local.chars().all(is_local_unquoted) {
            return Err(AddressError::Form);
        }
        EmailAddress::parse(&format!("{}@{}", self.local, self.domain))
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_atom = |atom: &str| !atom.is_empty() && atom.chars().all(|c| c != '.' && is_local_unquoted(c));
        if self.local.split('.').all(is_atom) {
            return write!(f, "{}@{}", self.local, self.domain);
        }
        write!(f, "\"{}\"@{}", self.local.replace('\\', "\\\\").replace('"', "\\\""), self.domain)
    }
}

impl fmt::Display for ReversePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("<>"),
            Self::Mailbox(mailbox) => write!(f, "<{mailbox}>"),
        }
    }
}

impl fmt::Display for ForwardPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postmaster => f.write_str("<Postmaster>"),
            Self::Mailbox(mailbox) => write!(f, "<{mailbox}>"),
        }
    }
}

impl ReversePath {
    /// The mailbox, unless it is null.
    #[must_use]
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::Null => None,
            Self::Mailbox(mailbox) => Some(mailbox),
        }
    }

    /// Reads a path at the start of `text`; returns what follows its `>`.
    pub(crate) fn parse(text: &str) -> Result<(Self, &str), PathError> {
        if let Some(rest) = text.strip_prefix("<>") {
            return Ok((Self::Null, rest));
        }
        mailbox_path(text).map(|(mailbox, rest)| (Self::Mailbox(mailbox), rest))
    }
}

impl ForwardPath {
    /// The mailbox, unless it is the postmaster's.
    #[must_use]
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::Postmaster => None,
            Self::Mailbox(mailbox) => Some(mailbox),
        }
    }

    /// Reads a path at the start of `text`; returns what follows its `>`.
    pub(crate) fn parse(text: &str) -> Result<(Self, &str), PathError> {
        const POSTMASTER: usize = "<postmaster>".len();
        if let Some((path, rest)) = text.split_at_checked(POSTMASTER)
            && path.eq_ignore_ascii_case("<postmaster>")
        {
            return Ok((Self::Postmaster, rest));
        }
        mailbox_path(text).map(|(mailbox, rest)| (Self::Mailbox(mailbox), rest))
    }
}

fn mailbox_path(text: &str) -> Result<(Mailbox, &str), PathError> {
    let inner = text.strip_prefix('<').ok_or(PathError::Brackets)?;
    // RFC 5321 appendix C: a source route is accepted and ignored.
    let inner = match inner.strip_prefix('@') {
        Some(route) => route.split_once(':').ok_or(PathError::Form)?.1,
        None => inner,
    };
    let (local, rest) = match inner.strip_prefix('"') {
        Some(quoted) => quoted_local(quoted)?,
        None => plain_local(inner)?,
    };
    let rest = rest.strip_prefix('@').ok_or(PathError::Form)?;
    let (domain, rest) = rest.split_once('>').ok_or(PathError::Brackets)?;
    if local.len() > Mailbox::LOCAL_BYTES_MAX || domain.len() > Mailbox::DOMAIN_BYTES_MAX {
        return Err(PathError::TooLong);
    }
    if local.is_empty() || !is_domain(domain) {
        return Err(PathError::Form);
    }
    Ok((Mailbox { local, domain: domain.to_owned() }, rest))
}

/// Characters of a local part that needs no quotes: atext, dot, and all outside ASCII.
fn is_local_unquoted(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || (!c.is_ascii() && !c.is_control())
}

fn plain_local(text: &str) -> Result<(String, &str), PathError> {
    let end = text.find(|c| !is_local_unquoted(c)).ok_or(PathError::Form)?;
    text.split_at_checked(end).map(|(local, rest)| (local.to_owned(), rest)).ok_or(PathError::Form)
}

/// RFC 5321 section 4.1.2 Quoted-string, after its opening quote.
fn quoted_local(text: &str) -> Result<(String, &str), PathError> {
    let mut local = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok((local, chars.as_str())),
            '\\' => local.push(chars.next().filter(|c| matches!(c, ' '..='~')).ok_or(PathError::Form)?),
            c if c.is_control() => return Err(PathError::Form),
            c => local.push(c),
        }
    }
    Err(PathError::Form)
}

/// A domain, or an address literal (RFC 5321 section 4.1.3) by its characters only.
pub(crate) fn is_domain(text: &str) -> bool {
    if let Some(literal) = text.strip_prefix('[') {
        let is_literal = |byte: u8| byte.is_ascii_alphanumeric() || b".:-".contains(&byte);
        return literal
            .strip_suffix(']')
            .is_some_and(|inner| !inner.is_empty() && inner.bytes().all(is_literal));
    }
    // The underscore is in no standard and in many host names.
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_' || is_unicode(c))
    };
    text.split('.').all(is_label)
}

/// Characters of a U-label (RFC 6531); whether the name exists is for the resolver.
fn is_unicode(c: char) -> bool {
    !c.is_ascii() && !c.is_control() && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_answers() {
        let table = [
            ("<anna@blumen.test>", "anna", "blumen.test", "<anna@blumen.test>"),
            ("<\"anna\"@x.test>", "anna", "x.test", "<anna@x.test>"),
            ("<\"a b@c\\\"d\\\\e>\"@x.test>", "a b@c\"d\\e>", "x.test", "<\"a b@c\\\"d\\\\e>\"@x.test>"),
            ("<@a.test,@b.test:anna@x.test>", "anna", "x.test", "<anna@x.test>"),
            ("<a@[192.0.2.1]>", "a", "[192.0.2.1]", "<a@[192.0.2.1]>"),
            ("<a@[IPv6:2001:db8::1]>", "a", "[IPv6:2001:db8::1]", "<a@[IPv6:2001:db8::1]>"),
            ("<a+b=c/d@x.test>", "a+b=c/d", "x.test", "<a+b=c/d@x.test>"),
            ("<a..b.@x.test>", "a..b.", "x.test", "<\"a..b.\"@x.test>"),
            ("<jörg@grün.test>", "jörg", "grün.test", "<jörg@grün.test>"),
            ("<a@under_score.test>", "a", "under_score.test", "<a@under_score.test>"),
            ("<a@localhost>", "a", "localhost", "<a@localhost>"),
        ];
        for (text, local, domain, shown) in table {
            let (path, rest) = ReversePath::parse(text).unwrap();
            let mailbox = path.mailbox().unwrap();
            assert_eq!((mailbox.local(), mailbox.domain(), rest), (local, domain, ""), "{text}");
            assert_eq!(path.to_string(), shown, "{text}");
            assert_eq!(ReversePath::parse(shown).unwrap().0, path, "{text}");
        }
    }

    #[test]
    fn null_and_postmaster() {
        assert_eq!(ReversePath::parse("<> SIZE=1"), Ok((ReversePath::Null, " SIZE=1")));
        assert_eq!(ForwardPath::parse("<PostMaster>"), Ok((ForwardPath::Postmaster, "")));
        assert_eq!(ForwardPath::parse("<>"), Err(PathError::Form));
        assert_eq!(ReversePath::parse("<postmaster>"), Err(PathError::Form));
        let with_domain = ForwardPath::parse("<postmaster@x.test>").unwrap().0;
        assert_eq!(with_domain.mailbox().unwrap().local(), "postmaster");
    }

    #[test]
    fn known_errors() {
        use PathError::*;
        let table = [
            ("anna@x.test", Brackets),
            ("<anna@x.test", Brackets),
            ("<anna>", Form),
            ("<@x.test>", Form),
            ("<anna@>", Form),
            ("<anna@x..test>", Form),
            ("<anna@.x>", Form),
            ("<anna@-x.test>", Form),
            ("<anna@x test>", Form),
            ("<an na@x.test>", Form),
            ("<a@b@x.test>", Form),
            ("<a<b@x.test>", Form),
            ("<\"anna@x.test>", Form),
            ("<\"\"@x.test>", Form),
            ("<\"a\"b@x.test>", Form),
            ("<\"a\\ü\"@x.test>", Form),
            ("<@a.test anna@x.test>", Form),
            ("<a@[]>", Form),
            ("<a@[1.2.3.4>", Form),
            ("<a@x.test\r\nRCPT TO:<b@x.test>", Form),
        ];
        for (text, error) in table {
            assert_eq!(ReversePath::parse(text).unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn limits_below_at_and_above() {
        for (bytes, fits) in [(255, true), (256, true), (257, false)] {
            let got = ReversePath::parse(&format!("<{}@x.test>", "a".repeat(bytes))).map(|_| ());
            assert_eq!(got, if fits { Ok(()) } else { Err(PathError::TooLong) }, "local {bytes}");
        }
        for (bytes, fits) in [(254, true), (255, true), (256, false)] {
            let got = ReversePath::parse(&format!("<a@{}>", "x".repeat(bytes))).map(|_| ());
            assert_eq!(got, if fits { Ok(()) } else { Err(PathError::TooLong) }, "domain {bytes}");
        }
    }

    #[test]
    fn the_address_of_the_store() {
        let address = |text: &str| {
            let path = ForwardPath::parse(text).unwrap().0;
            path.mailbox().unwrap().to_address().map(|address| address.to_string())
        };
        assert_eq!(address("<Anna@Blumen.TEST>"), Ok("anna@blumen.test".to_owned()));
        assert_eq!(address("<\"anna\"@x.test>"), Ok("anna@x.test".to_owned()));
        assert!(address("<\" anna\"@x.test>").is_err());
        assert!(address("<\"anna@x.test\"@y.test>").is_err());
        assert!(address("<anna@[192.0.2.1]>").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(local in "[ -~ü]{1,20}", domain in "[a-z]{1,5}(\\.[a-z0-9]{1,5}){0,3}") {
            let path = ReversePath::Mailbox(Mailbox { local, domain });
            let shown = path.to_string();
            prop_assert_eq!(ReversePath::parse(&shown), Ok((path, "")));
        }

        #[test]
        fn no_path_holds_a_line_end(text in "<[a\"\\\\@:.\r\n\0 >\\[\\]]{0,12}") {
            if let Ok((path, _)) = ReversePath::parse(&text) {
                prop_assert!(!path.to_string().chars().any(char::is_control));
            }
        }
    }
}
