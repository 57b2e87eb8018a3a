//! Who is behind a calendar user address.

use calendar::Object;
use calendar::schedule::{Addresses, normal};
use std::collections::{BTreeSet, HashMap};
use storage::{Account, Admin, Destination, Error, Read, Refusal, Store, Subject};
use vocabulary::{AccountId, Door, EmailAddress, Principal};

use super::letter::Guest;

/// The house acts where people of the house may not look: addresses, and each other's calendars.
pub(super) static HOUSE: Principal = Principal::System { door: Door::Admin };

/// Delivered into a calendar of this house: RFC 6638 section 3.2.9.
pub(super) const DELIVERED: &str = "1.2";
/// On its way to another house.
const SENT: &str = "1.1";
/// No calendar user has this address.
const NOBODY: &str = "3.7";
/// Most addresses of one object that are looked up; more guests than that are refused anyway.
const ADDRESSES_MAX: usize = 5_000;

/// The addresses by which calendars know an account: its own, its aliases, and those of the domain's other names.
pub(super) fn addresses_of(
    tx: &Read<'_>,
    account: &Account,
    others: &[String],
) -> storage::Result<Addresses> {
    let domain = tx.domain_by_name(account.address.domain())?;
    let mut all: Vec<String> = others.to_vec();
    for address in std::iter::once(&account.address).chain(&account.aliases) {
        all.push(address.to_string());
        all.extend(domain.aliases.iter().map(|name| format!("{}@{name}", address.local())));
    }
    Ok(Addresses::new(&account.address.to_string(), all.iter().map(String::as_str)))
}

/// Where a calendar user is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Account(AccountId),
    /// The members of a list.
    Group(Vec<AccountId>),
    Elsewhere,
    Nowhere,
}

/// Where the calendar user with an address is.
pub(super) fn place_of<'tx>(tx: &Read<'tx>, admin: &Admin<'tx>, address: &str) -> storage::Result<Place> {
    let Ok(address) = EmailAddress::parse(address) else { return Ok(Place::Nowhere) };
    match tx.resolve(admin, &address) {
        Ok(Destination::Account(account)) => Ok(Place::Account(account)),
        Ok(Destination::Group(_, members)) => Ok(Place::Group(members)),
        Err(Error::Refusal(Refusal::NotFound(Subject::Domain))) => Ok(Place::Elsewhere),
        Err(Error::Refusal(Refusal::NotFound(_))) => Ok(Place::Nowhere),
        Err(error) => Err(error),
    }
}

/// The delivery status of each address that an object names, and who is behind those that are lists.
#[derive(Debug, Clone, Default)]
pub(super) struct Directory {
    statuses: HashMap<String, &'static str>,
    lists: HashMap<String, Vec<AccountId>>,
}

impl Directory {
    /// Looks up everybody whom the objects name.
    pub(super) async fn of(store: &Store, objects: &[Option<&[u8]>]) -> storage::Result<Self> {
        let named: BTreeSet<String> = objects.iter().flatten().flat_map(|bytes| named_in(bytes)).collect();
        let named: Vec<String> = named.into_iter().take(ADDRESSES_MAX).collect();
        let look_up = move |tx: &Read<'_>| {
            let admin = tx.administer()?;
            let mut found = Self { statuses: HashMap::with_capacity(named.len()), lists: HashMap::new() };
            for address in named {
                let status = match place_of(tx, &admin, &address)? {
                    Place::Account(_) => DELIVERED,
                    Place::Group(members) => {
                        found.lists.insert(address.clone(), members);
                        DELIVERED
                    }
                    Place::Elsewhere => SENT,
                    Place::Nowhere => NOBODY,
                };
                found.statuses.insert(address, status);
            }
            Ok(found)
        };
        store.read(&HOUSE, look_up).await
    }

    /// Those who are told at these addresses. Whoever is in several lists is told by the first of them: of the others
    /// only the remaining members are, each as a guest of its own, in whatever letters they come to be.
    pub(super) fn guests(&self, addresses: &[String]) -> Vec<Guest> {
        let mut told = BTreeSet::new();
        let mut guests = Vec::with_capacity(addresses.len());
        for address in addresses {
            let guest = |account| Guest { address: address.clone(), account };
            let members = self.lists.get(&normal(address)).map_or(&[][..], Vec::as_slice);
            let fresh: Vec<AccountId> =
                members.iter().copied().filter(|member| told.insert(*member)).collect();
            if fresh.len() == members.len() {
                guests.push(guest(None));
            } else {
                guests.extend(fresh.into_iter().map(|member| guest(Some(member))));
            }
        }
        guests
    }

    /// RFC 5546 section 3.6.
    pub(super) fn status(&self, address: &str) -> &'static str {
        self.statuses.get(&normal(address)).copied().unwrap_or(NOBODY)
    }

    pub(super) fn is_here(&self, address: &str) -> bool {
        self.status(address) == DELIVERED
    }
}

/// The calendar users that an object names.
fn named_in(bytes: &[u8]) -> Vec<String> {
    let Ok(object) = Object::parse(bytes) else { return Vec::new() };
    let of_component = object.components.iter().flat_map(|component| {
        let organizer = component.organizer.iter().map(|organizer| organizer.address.as_str());
        organizer.chain(component.attendees.iter().map(|attendee| attendee.address.as_str()))
    });
    of_component.map(normal).collect()
}
