//! Accounts whose phones are to go to another server: because the mailbox moved there, or is about to.

use session::Context;
use std::fmt;
use std::str::FromStr;
use storage::{Account, Read, Scope};
use vocabulary::{Door, EmailAddress, Principal};

/// The setting of a domain or an account that says so; the account's counts more. Empty: here.
pub const PHONES: &str = "phones";

/// Where the phones of an account belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elsewhere {
    /// To another server: `host` or `host:port`.
    Host(String),
    /// The person has another address now, by which programs find the rest.
    Address(EmailAddress),
}

/// It is neither the name of a host nor an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither the name of a server, such as mail.example.org, nor an address")]
pub struct NotAPlace;

impl FromStr for Elsewhere {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        if text.contains('@') {
            return text.parse().map(Self::Address).map_err(|_| NotAPlace);
        }
        let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
        let is_label = |label: &str| {
            let plain = label.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
            plain
                && !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        let is_name = name.len() <= 253 && name.contains('.') && name.split('.').all(is_label);
        if is_name && is_port { Ok(Self::Host(text.to_ascii_lowercase())) } else { Err(NotAPlace) }
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => f.write_str(host),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Where the phones of an account are to go; `None`: here. This very server is here, by each name that it has, so that
/// nobody is sent round in a circle.
///
/// # Errors
/// [`storage::Fault`] only.
pub async fn elsewhere(
    context: &Context,
    account: &Account,
    door: Door,
) -> storage::Result<Option<Elsewhere>> {
    let (house, context, account) = (Principal::System { door }, context.clone(), account.clone());
    let store = context.store.clone();
    store.read(&house, move |tx| elsewhere_in(tx, &context, &account)).await
}

/// The same within a transaction of the house.
///
/// # Errors
/// [`storage::Fault`]; a refusal for anybody but the house.
pub fn elsewhere_in(
    tx: &Read<'_>,
    context: &Context,
    account: &Account,
) -> storage::Result<Option<Elsewhere>> {
    let own = tx.setting(Scope::Account(account.id), PHONES)?.filter(|text| !text.is_empty());
    let text = match own {
        Some(own) => Some(own),
        None => tx.setting(Scope::Domain(account.domain), PHONES)?,
    };
    let place = text.and_then(|text| text.parse().ok());
    let is_here = |place: &Elsewhere| match place {
        Elsewhere::Host(host) => context.is_this_server(host),
        Elsewhere::Address(address) => *address == account.address,
    };
    Ok(place.filter(|place| !is_here(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_or_an_address() {
        for (text, shown) in [
            ("Mail.Example.org", "mail.example.org"),
            ("mail.example.org:8443", "mail.example.org:8443"),
            ("Anna@Example.org", "anna@example.org"),
        ] {
            assert_eq!(text.parse::<Elsewhere>().unwrap().to_string(), shown);
        }
        for bad in [
            "",
            "localhost",
            "https://a.test",
            "a.test/x",
            "a..test",
            "-a.test",
            "a.test:0",
            "a.test:x",
            "a.test:99999",
            "a b.test",
            "a@",
            "@b.test",
            "a.test\r\nX: y",
        ] {
            assert_eq!(bad.parse::<Elsewhere>(), Err(NotAPlace), "{bad:?}");
        }
    }
}
