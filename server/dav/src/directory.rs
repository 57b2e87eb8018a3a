//! The people and groups of one's own domain. Others do not exist.

use dav_wire::Href;
use std::collections::HashMap;
use std::sync::Arc;
use storage::{Account, Admin, Destination, Error, Grantee, Group, Read, Refusal, Subject};
use vocabulary::{AccountId, Door, EmailAddress, Principal};

use crate::call::{Answer, Call};
use crate::location::Location;
use crate::person::{Person, Relations, Team};
use crate::property::Subject as Resource;

pub(crate) static HOUSE: Principal = Principal::System { door: Door::Dav };

/// The account that is called by an address. Its other addresses lead to no resource: each has one path.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(crate) async fn by_address(call: &Call, address: &EmailAddress) -> Answer<Account> {
    if call.account().address == *address {
        return Ok(call.account().clone());
    }
    let wanted = address.clone();
    let find = move |tx: &Read<'_>| tx.account_by_address(&tx.administer()?, &wanted);
    let found = call.store().read(&HOUSE, find).await?;
    if found.address == *address && is_seen(call, &found) {
        Ok(found)
    } else {
        Err(Refusal::NotFound(Subject::Account).into())
    }
}

/// An account by its identity, such as the owner of a folder that is shared.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(crate) async fn by_id(call: &Call, id: AccountId) -> Answer<Account> {
    if call.account().id == id {
        return Ok(call.account().clone());
    }
    let found = call.store().read(&HOUSE, move |tx| tx.account(id)).await?;
    if is_seen(call, &found) { Ok(found) } else { Err(Refusal::NotFound(Subject::Account).into()) }
}

/// Accounts by their identity; those that are gone are left out.
pub(crate) async fn by_ids(call: &Call, ids: Vec<AccountId>) -> Answer<Vec<Account>> {
    let find = move |tx: &Read<'_>| {
        let mut found = Vec::new();
        for id in ids {
            match tx.account(id) {
                Ok(account) => found.push(account),
                Err(Error::Refusal(Refusal::NotFound(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    };
    let mut found = call.store().read(&HOUSE, find).await?;
    found.retain(|account| is_seen(call, account));
    Ok(found)
}

/// The principal that is called by an address, be it another one than it is commonly called by. Only what is
/// below a principal has one path.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(crate) async fn principal(call: &Call, address: &EmailAddress) -> Answer<Resource> {
    let (wanted, domain) = (address.clone(), call.account().domain);
    let find = move |tx: &Read<'_>| {
        let admin = tx.administer()?;
        let found = tx.domain_by_name(wanted.domain())?;
        if found.id != domain {
            return Err(Refusal::NotFound(Subject::Account).into());
        }
        let wanted = in_domain(wanted.local(), &found.name)?;
        let names = tx.resource_names();
        match tx.resolve(&admin, &wanted)? {
            Destination::Account(id) => {
                let account = tx.account(id)?;
                if !is_called(&account, &wanted) {
                    return Err(Refusal::NotFound(Subject::Account).into());
                }
                let groups = tx.memberships(&admin, id)?;
                Ok(Found::Person(Box::new(Person::new(account, groups, &names))))
            }
            Destination::Group(id, members) => {
                let members: storage::Result<Vec<Account>> =
                    members.into_iter().map(|id| tx.account(id)).collect();
                let members = members?.into_iter().filter(|member| !member.suspended);
                let members = members.map(|member| member.address).collect();
                Ok(Found::Team(Team::new(id, wanted, members, &names)))
            }
        }
    };
    match call.store().read(&HOUSE, find).await? {
        Found::Person(person) if is_seen(call, person.account()) => {
            let mut person = *person;
            if person.account().id == call.account().id {
                let delegations = call.store().read(call.principal(), |tx| tx.delegations()).await?;
                person.relations = Relations::of(&delegations);
            }
            Ok(Resource::Principal(Arc::new(person)))
        }
        Found::Team(team) => Ok(Resource::Group(Arc::new(team))),
        Found::Person(_) => Err(Refusal::NotFound(Subject::Account).into()),
    }
}

enum Found {
    Person(Box<Person>),
    Team(Team),
}

/// Everybody of the domain.
pub(crate) async fn everybody(call: &Call) -> Answer<Vec<Account>> {
    let domain = call.account().domain;
    let find = move |tx: &Read<'_>| tx.accounts(&tx.administer()?, Some(domain));
    let mut found = call.store().read(&HOUSE, find).await?;
    found.retain(|account| is_seen(call, account));
    Ok(found)
}

/// Everybody of the domain, and every group.
pub(crate) async fn all(call: &Call) -> Answer<Vec<Resource>> {
    let (domain, name) = (call.account().domain, call.account().address.domain().to_owned());
    let find = move |tx: &Read<'_>| {
        let admin = tx.administer()?;
        let mut accounts = tx.accounts(&admin, Some(domain))?;
        accounts.retain(|account| !account.suspended);
        let groups = tx.groups(&admin, domain)?;
        let names = tx.resource_names();
        let addresses: HashMap<AccountId, &EmailAddress> =
            accounts.iter().map(|account| (account.id, &account.address)).collect();
        let mut teams = Vec::with_capacity(groups.len());
        let mut groups_of: HashMap<AccountId, Vec<EmailAddress>> = HashMap::new();
        for Group { id, name: local, members, .. } in groups {
            let address = in_domain(&local, &name)?;
            for member in &members {
                groups_of.entry(*member).or_default().push(address.clone());
            }
            let members = members.iter().filter_map(|member| addresses.get(member).copied().cloned());
            teams.push(Team::new(id, address, members.collect(), &names));
        }
        let person = |account: Account| {
            let groups = groups_of.remove(&account.id).unwrap_or_default();
            Person::new(account, groups, &names)
        };
        let people: Vec<Person> = accounts.into_iter().map(person).collect();
        Ok((people, teams))
    };
    let (people, teams) = call.store().read(&HOUSE, find).await?;
    let people = people.into_iter().map(|person| Resource::Principal(Arc::new(person)));
    Ok(people.chain(teams.into_iter().map(|team| Resource::Group(Arc::new(team)))).collect())
}

/// Whom the path of a principal names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// An account or a group.
    Grantee(Grantee),
    /// A group of proxies.
    Proxy,
}

/// Whom texts name, each the path of a principal or a mail address as a URI. Those that name nobody of the domain are
/// left out.
pub(crate) async fn named(
    call: &Call,
    texts: impl IntoIterator<Item = &str>,
) -> Answer<HashMap<String, Named>> {
    let mut known = HashMap::new();
    let mut wanted: Vec<(String, EmailAddress)> = Vec::new();
    for text in texts {
        match Href::parse(text).ok().and_then(|href| Location::of(&href)) {
            Some(Location::Principal(address)) => wanted.push((text.to_owned(), address)),
            Some(Location::Proxy(..)) => drop(known.insert(text.to_owned(), Named::Proxy)),
            _ => wanted.extend(mail_address(text).map(|address| (text.to_owned(), address))),
        }
    }
    if wanted.is_empty() {
        return Ok(known);
    }
    let domain = call.account().domain;
    let find = move |tx: &Read<'_>| {
        let admin = tx.administer()?;
        let mut found = Vec::with_capacity(wanted.len());
        for (text, address) in wanted {
            match grantee(tx, &admin, &address, domain) {
                Ok(grantee) => found.push((text, Named::Grantee(grantee))),
                Err(Error::Refusal(Refusal::NotFound(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    };
    known.extend(call.store().read(&HOUSE, find).await?);
    Ok(known)
}

/// `mailto:anna@a.test`, in any case.
fn mail_address(text: &str) -> Option<EmailAddress> {
    let (scheme, address) = text.split_once(':')?;
    if scheme.eq_ignore_ascii_case("mailto") { EmailAddress::parse(address).ok() } else { None }
}

fn grantee<'tx>(
    tx: &Read<'tx>,
    admin: &Admin<'tx>,
    address: &EmailAddress,
    domain: vocabulary::DomainId,
) -> storage::Result<Grantee> {
    let missing = || Error::from(Refusal::NotFound(Subject::Account));
    let found = tx.domain_by_name(address.domain())?;
    if found.id != domain {
        return Err(missing());
    }
    let address = in_domain(address.local(), &found.name)?;
    match tx.resolve(admin, &address)? {
        Destination::Account(id) if is_called(&tx.account(id)?, &address) => Ok(Grantee::Account(id)),
        Destination::Account(_) => Err(missing()),
        Destination::Group(id, _) => Ok(Grantee::Group(id)),
    }
}

/// An address of a domain by the name that it is commonly called by.
fn in_domain(local: &str, domain: &str) -> storage::Result<EmailAddress> {
    let address = EmailAddress::parse(&format!("{local}@{domain}"));
    address.map_err(|_| Refusal::NotFound(Subject::Account).into())
}

/// Mail finds its way by more (`anna+list@a.test`) than what people are called.
fn is_called(account: &Account, address: &EmailAddress) -> bool {
    account.address == *address || account.aliases.contains(address)
}

fn is_seen(call: &Call, account: &Account) -> bool {
    account.domain == call.account().domain && !account.suspended
}
