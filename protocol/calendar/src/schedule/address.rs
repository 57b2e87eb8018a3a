//! Calendar user addresses: RFC 5545 section 3.3.3, RFC 6638 section 2.4.1.

use std::collections::BTreeSet;

/// The form in which two addresses are compared: without `mailto:` and what follows a question mark, in lower case.
/// Another URI stays whole. Control characters count for nothing: they are never written, so an address that holds
/// some becomes the one without them as soon as its line is copied.
#[must_use]
pub fn normal(address: &str) -> String {
    let address: String = address.chars().filter(|character| !character.is_control()).collect();
    let address = address.trim();
    let mailbox = match address.split_once(':') {
        Some((scheme, mailbox)) if scheme.eq_ignore_ascii_case("mailto") => {
            mailbox.split_once('?').map_or(mailbox, |(mailbox, _)| mailbox)
        }
        _ => address,
    };
    mailbox.trim().to_lowercase()
}

/// The calendar user addresses by which the owner of a calendar is known: the first, aliases, those of alias domains,
/// and other URIs such as that of the principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    primary: String,
    all: BTreeSet<String>,
}

impl Addresses {
    /// Each with or without `mailto:`, in any case.
    #[must_use]
    pub fn new<'a>(primary: &str, others: impl IntoIterator<Item = &'a str>) -> Self {
        let primary = normal(primary);
        let all = others.into_iter().map(normal).chain([primary.clone()]).collect();
        Self { primary, all }
    }

    /// The address that messages are sent from where the object names none of the owner's.
    #[must_use]
    pub fn primary(&self) -> &str {
        &self.primary
    }

    /// Whether an address is one of the owner's, in whatever form it is written.
    #[must_use]
    pub fn contains(&self, address: &str) -> bool {
        self.all.contains(&normal(address))
    }
}
