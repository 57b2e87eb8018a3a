//! What people and phones write into the field "user name".

use vocabulary::EmailAddress;

/// A user name, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LoginName {
    /// The whole address.
    Address(EmailAddress),
    /// A name without a domain: of the server's only domain, if it has only one.
    Local(String),
    /// No account can have this name.
    Nothing(String),
}

impl LoginName {
    /// Reads `anna@example.org`, `example.org\anna`, `EXAMPLE\anna`, `\anna@example.org`, `anna`.
    ///
    /// What stands before the backslash counts only if it can be a domain of the Internet and the
    /// rest has none: a Windows domain like `EXAMPLE` says nothing here.
    pub(crate) fn parse(user: &str) -> Self {
        let user = user.trim();
        let (domain, name) = user.rsplit_once('\\').unwrap_or(("", user));
        let address = if name.contains('@') {
            EmailAddress::parse(name).ok()
        } else if domain.contains('.') {
            in_domain(name, domain)
        } else {
            // Any domain will do to see whether this is a local part.
            return match in_domain(name, "example.org") {
                Some(address) => Self::Local(address.local().to_owned()),
                None => Self::Nothing(user.to_owned()),
            };
        };
        address.map_or_else(|| Self::Nothing(user.to_owned()), Self::Address)
    }

    /// The name as text, to count guesses by if it leads to no address.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Address(address) => address.to_string(),
            Self::Local(name) | Self::Nothing(name) => name.clone(),
        }
    }
}

/// An address from its two parts.
pub(crate) fn in_domain(local: &str, domain: &str) -> Option<EmailAddress> {
    EmailAddress::parse(&format!("{local}@{domain}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let address = |text: &str| LoginName::Address(EmailAddress::parse(text).unwrap());
        let table = [
            ("anna@example.org", address("anna@example.org")),
            (" Anna@Example.org ", address("anna@example.org")),
            ("example.org\\Anna", address("anna@example.org")),
            ("\\anna@example.org", address("anna@example.org")),
            ("EXAMPLE\\anna@example.org", address("anna@example.org")),
            ("other.test\\anna@example.org", address("anna@example.org")),
            ("Anna", LoginName::Local("anna".to_owned())),
            ("EXAMPLE\\anna", LoginName::Local("anna".to_owned())),
            ("", LoginName::Nothing(String::new())),
            ("\\", LoginName::Nothing("\\".to_owned())),
            ("an na", LoginName::Nothing("an na".to_owned())),
            ("anna@", LoginName::Nothing("anna@".to_owned())),
            ("exa..mple\\anna", LoginName::Nothing("exa..mple\\anna".to_owned())),
        ];
        for (text, expected) in table {
            assert_eq!(LoginName::parse(text), expected, "{text}");
        }
    }
}
