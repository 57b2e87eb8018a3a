//! Who reads mail to the postmaster: RFC 5321 section 4.5.1 wants it taken, with and without a domain.
//!
//! Whoever has the address `postmaster@` in that domain; else whom the operator has named
//! (`server.postmaster`); else the person who has been in the domain longest, for that is who was there
//! when it was set up. Without a domain it is the one that the server's own name lies in.

use crate::conversation::{Conversation, Recipient};
use storage::{Admin, Destination, Domain, Error, Read, Refusal, Result, Subject};
use vocabulary::{AccountClass, AccountId, Door, EmailAddress, Principal};

const LOCAL: &str = "postmaster";

/// Whether an address is a postmaster's; in any case, and it has no detail (RFC 5321 section 4.5.1).
pub(crate) fn is_meant(address: &EmailAddress) -> bool {
    address.local().eq_ignore_ascii_case(LOCAL)
}

impl Conversation<'_> {
    /// The postmaster of a domain of this house; `None`: of the server.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a domain of others, and in a house where nobody lives yet.
    pub(crate) async fn postmaster(&self, domain: Option<&str>) -> Result<Recipient> {
        let domain = domain.map(str::to_owned);
        let (hostname, appointed) = (self.context.hostname.clone(), self.context.postmaster.clone());
        let house = Principal::System { door: Door::Lmtp };
        let found = self.context.store.read(&house, move |tx| {
            let admin = tx.administer()?;
            let domain = match domain {
                Some(name) => Some(tx.domain_by_name(&name)?),
                None => home(tx.domains(&admin)?, &hostname),
            };
            let own = domain.as_ref().and_then(|domain| address_in(&domain.name));
            for named in [own.clone(), appointed].into_iter().flatten() {
                if let Some(accounts) = readers(tx, &admin, &named)? {
                    return Ok(Recipient { address: own.unwrap_or(named), accounts });
                }
            }
            let everybody = tx.accounts(&admin, domain.as_ref().map(|domain| domain.id))?;
            let first = everybody
                .into_iter()
                .find(|account| account.class == AccountClass::Person && !account.suspended)
                .ok_or(Refusal::NotFound(Subject::Address))?;
            Ok(Recipient { address: own.unwrap_or(first.address), accounts: vec![first.id] })
        });
        found.await
    }
}

/// The domain that a host's name is, or lies in; else the oldest.
fn home(domains: Vec<Domain>, hostname: &str) -> Option<Domain> {
    let holds = |name: &String| {
        let rest = hostname.strip_suffix(name.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let at = domains.iter().position(|domain| holds(&domain.name) || domain.aliases.iter().any(holds));
    let oldest = || domains.iter().enumerate().min_by_key(|(_, domain)| domain.id).map(|(at, _)| at);
    let at = at.or_else(oldest)?;
    domains.into_iter().nth(at)
}

fn address_in(domain: &str) -> Option<EmailAddress> {
    EmailAddress::parse(&format!("{LOCAL}@{domain}")).ok()
}

/// The accounts behind an address, if there are any.
fn readers<'tx>(
    tx: &Read<'tx>,
    admin: &Admin<'tx>,
    address: &EmailAddress,
) -> Result<Option<Vec<AccountId>>> {
    match tx.resolve(admin, address) {
        Ok(Destination::Account(account)) => Ok(Some(vec![account])),
        Ok(Destination::Group(_, members)) => Ok(Some(members).filter(|members| !members.is_empty())),
        Err(Error::Refusal(Refusal::NotFound(_))) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::DomainId;

    fn domain(id: i64, name: &str, aliases: &[&str]) -> Domain {
        Domain {
            id: DomainId(id),
            name: name.to_owned(),
            aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
            quota_default_bytes: 1,
            quota_max_bytes: 1,
            language: "en".to_owned(),
        }
    }

    #[test]
    fn the_server_is_at_home_where_its_name_lies_and_else_where_it_began() {
        let domains = || {
            vec![
                domain(3, "b.test", &[]),
                domain(2, "a.test", &["other.test"]),
                domain(5, "mail.b.test", &[]),
            ]
        };
        let home = |hostname: &str| home(domains(), hostname).map(|domain| domain.name);
        for (hostname, expected) in [
            ("b.test", "b.test"),
            ("mail.a.test", "a.test"),
            ("x.other.test", "a.test"),
            ("nota.test", "a.test"),
            ("elsewhere.example", "a.test"),
        ] {
            assert_eq!(home(hostname).as_deref(), Some(expected), "{hostname}");
        }
        assert!(super::home(Vec::new(), "a.test").is_none());
    }

    #[test]
    fn only_the_reserved_name_is_meant() {
        let meant = |text: &str| is_meant(&EmailAddress::parse(text).unwrap());
        assert!(meant("postmaster@a.test") && meant("PostMaster@a.test"));
        assert!(!meant("postmaster1@a.test") && !meant("postmaster+x@a.test"));
    }
}
