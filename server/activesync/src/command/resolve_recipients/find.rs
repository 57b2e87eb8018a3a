//! Who is meant by a text.

use activesync_wire::command::resolve_recipients::Source;
use activesync_wire::server_id::FolderId;
use contact::{Index, Query};
use std::collections::HashMap;
use storage::{Account, Destination, Error, Group, Read, Refusal, right};
use vocabulary::{AccountId, CollectionKind, Door, EmailAddress, Principal, Rights, Uid};

use crate::call::Call;

/// The house looks into its directory.
static HOUSE: Principal = Principal::System { door: Door::ActiveSync };
/// Most contacts that are looked at.
const CARDS_MAX: usize = 50_000;
/// Most contacts without an index, which are read one by one.
const UNINDEXED_MAX: usize = 200;
/// Most whom one text may mean.
const FOUND_MAX: usize = 1_000;

/// Somebody who may be meant.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) source: Source,
    pub(super) name: String,
    pub(super) address: String,
    /// The addresses of the members, if it is a list of the directory.
    pub(super) members: Option<Vec<String>>,
}

/// Whom a text means.
pub(super) enum Meant {
    Nobody,
    One(Found),
    /// More than one; the likeliest first.
    Several(Vec<Found>),
}

/// Where a contact is stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) folder: FolderId,
    pub(super) uid: Uid,
}

/// Everybody who can be found for one request.
pub(super) struct Book {
    /// Addresses of the directory that the request names, whole. By lower case.
    exact: HashMap<String, Found>,
    /// The whole directory, if a text is no address of it.
    directory: Vec<Found>,
    contacts: Vec<Contact>,
}

struct Contact {
    place: Place,
    name: String,
    nickname: String,
    addresses: Vec<String>,
}

impl Book {
    /// Reads what is needed to find all of these.
    pub(super) async fn read(call: &Call, to: &[String]) -> storage::Result<Self> {
        let exact = exact(call, to).await?;
        let directory = match to.iter().all(|text| exact.contains_key(&key(text))) {
            true => Vec::new(),
            false => directory(call).await?,
        };
        Ok(Self { exact, directory, contacts: contacts(call).await? })
    }

    /// Whom a text means.
    pub(super) fn meant(&self, text: &str) -> Meant {
        let wanted = key(text);
        if wanted.is_empty() {
            return Meant::Nobody;
        }
        if let Some(found) = self.exact.get(&wanted) {
            return Meant::One(found.clone());
        }
        if EmailAddress::parse(&wanted).is_ok() {
            let found = self.contacts.iter().find_map(|contact| contact.with_address(&wanted));
            return found.map_or(Meant::Nobody, Meant::One);
        }
        self.by_name(&wanted)
    }

    /// Each address once, that of the directory before that of a contact; whose whole name it is before others.
    fn by_name(&self, wanted: &str) -> Meant {
        let words: Vec<&str> = wanted.split_whitespace().collect();
        let is_meant = |name: &str, others: &[&str]| {
            let name = name.to_lowercase();
            let begins = |word: &&str| name.split(is_between).any(|part| part.starts_with(*word));
            words.iter().all(begins) || others.iter().any(|other| other.to_lowercase().starts_with(wanted))
        };
        let mut found: Vec<(bool, Found)> = Vec::new();
        let mut add = |is_whole: bool, one: Found| {
            let (address, is_full) = (key(&one.address), found.len() >= FOUND_MAX);
            match found.iter_mut().find(|(_, known)| key(&known.address) == address) {
                Some((known_whole, _)) => *known_whole |= is_whole,
                None if is_full => {}
                None => found.push((is_whole, one)),
            }
        };
        for one in &self.directory {
            let local = one.address.split('@').next().unwrap_or_default();
            if is_meant(&one.name, &[local]) {
                add(one.name.to_lowercase() == *wanted || local.to_lowercase() == *wanted, one.clone());
            }
        }
        for contact in &self.contacts {
            let Some(address) = contact.addresses.first() else { continue };
            if is_meant(&contact.name, &[address.as_str(), contact.nickname.as_str()]) {
                let is_whole =
                    [&contact.name, &contact.nickname].iter().any(|name| name.to_lowercase() == *wanted);
                add(is_whole, contact.found(address));
            }
        }
        let whole = found.iter().filter(|(is_whole, _)| *is_whole).count();
        // Stable: the directory stays before the contacts.
        found.sort_by_key(|(is_whole, _)| !is_whole);
        if whole == 1 {
            found.truncate(1);
        }
        let mut found: Vec<Found> = found.into_iter().map(|(_, found)| found).collect();
        match found.len() {
            0 => Meant::Nobody,
            1 => found.pop().map_or(Meant::Nobody, Meant::One),
            _ => Meant::Several(found),
        }
    }

    /// The contacts with an address.
    pub(super) fn cards(&self, address: &str) -> impl Iterator<Item = Place> {
        let wanted = key(address);
        let has = move |contact: &&Contact| contact.addresses.iter().any(|address| key(address) == wanted);
        self.contacts.iter().filter(has).map(|contact| contact.place)
    }
}

impl Contact {
    fn with_address(&self, wanted: &str) -> Option<Found> {
        let address = self.addresses.iter().find(|address| key(address) == wanted)?;
        Some(self.found(address))
    }

    fn found(&self, address: &str) -> Found {
        let name = if self.name.is_empty() { address } else { &self.name };
        let (source, address) = (Source::Contacts, address.to_owned());
        Found { source, name: name.to_owned(), address, members: None }
    }
}

/// What texts are compared by.
fn key(text: &str) -> String {
    let text = text.trim();
    let text =
        text.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("smtp:")).map_or(text, |_| &text[5..]);
    text.to_lowercase()
}

fn is_between(character: char) -> bool {
    character.is_whitespace() || matches!(character, ',' | '-' | '.' | '(' | ')' | '"')
}

fn of_account(account: &Account) -> Found {
    let address = account.address.to_string();
    let name = if account.name.is_empty() { address.clone() } else { account.name.clone() };
    Found { source: Source::Directory, name, address, members: None }
}

fn of_group(address: String, members: Vec<String>) -> Found {
    Found { source: Source::Directory, name: address.clone(), address, members: Some(members) }
}

/// What the directory has of these texts, as whole addresses.
async fn exact(call: &Call, to: &[String]) -> storage::Result<HashMap<String, Found>> {
    let addresses: Vec<(String, EmailAddress)> =
        to.iter().filter_map(|text| Some((key(text), EmailAddress::parse(&key(text)).ok()?))).collect();
    let domain = call.login.account.domain;
    let find = move |tx: &Read<'_>| {
        let admin = tx.administer()?;
        let mut found = HashMap::new();
        for (text, address) in addresses {
            // The wall: others do not exist.
            match tx.domain_by_name(address.domain()) {
                Ok(of) if of.id == domain => {}
                Ok(_) | Err(Error::Refusal(Refusal::NotFound(_))) => continue,
                Err(error) => return Err(error),
            }
            match tx.resolve(&admin, &address) {
                Ok(Destination::Account(id)) => {
                    let account = tx.account(id)?;
                    if !account.suspended {
                        found.insert(text, of_account(&account));
                    }
                }
                Ok(Destination::Group(_, members)) => {
                    let mut addresses = Vec::with_capacity(members.len());
                    for member in members {
                        let account = tx.account(member)?;
                        addresses.extend((!account.suspended).then(|| account.address.to_string()));
                    }
                    found.insert(text, of_group(address.to_string(), addresses));
                }
                Err(Error::Refusal(Refusal::NotFound(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    };
    call.store().read(&HOUSE, find).await
}

async fn directory(call: &Call) -> storage::Result<Vec<Found>> {
    let (domain, name) = (call.login.account.domain, call.login.account.address.domain().to_owned());
    let find = move |tx: &Read<'_>| {
        let admin = tx.administer()?;
        let accounts = tx.accounts(&admin, Some(domain))?;
        Ok((accounts, tx.groups(&admin, domain)?))
    };
    let (mut accounts, groups) = call.store().read(&HOUSE, find).await?;
    accounts.retain(|account| !account.suspended);
    let addresses: HashMap<AccountId, String> =
        accounts.iter().map(|account| (account.id, account.address.to_string())).collect();
    let group = |group: &Group| {
        let members = group.members.iter().filter_map(|member| addresses.get(member).cloned()).collect();
        of_group(format!("{}@{name}", group.name), members)
    };
    Ok(accounts.iter().map(of_account).chain(groups.iter().map(group)).collect())
}

/// The contacts that the phone can see.
async fn contacts(call: &Call) -> storage::Result<Vec<Contact>> {
    let account = call.account();
    let find = move |tx: &Read<'_>| {
        let (mut contacts, mut unindexed) = (Vec::new(), Vec::new());
        for one in tx.collections(account)?.into_iter().chain(tx.shared_collections()?) {
            let collection = &one.collection;
            if collection.kind != CollectionKind::Contacts || !one.rights.contains(Rights::READ) {
                continue;
            }
            let folder = FolderId { account: collection.account, collection: collection.id };
            let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
            let mut unread = Vec::new();
            tx.summaries(&grant, None, |uid, summary| {
                let place = Place { folder, uid };
                match Index::read(summary) {
                    Some(index) if contacts.len() < CARDS_MAX => {
                        contacts.push(contact(place, |name| index.texts(name).map(str::to_owned).collect()));
                    }
                    Some(_) => {}
                    None if unindexed.len() + unread.len() < UNINDEXED_MAX => unread.push(uid.0..=uid.0),
                    None => {}
                }
            })?;
            let stored = tx.contents(&grant, &unread, false)?;
            unindexed.extend(stored.into_iter().map(|(uid, stored)| (Place { folder, uid }, stored)));
        }
        Ok((contacts, unindexed))
    };
    let (mut contacts, unindexed) = call.store().read(call.principal(), find).await?;
    for (place, stored) in unindexed {
        let bytes = call.store().load(stored).await?;
        if let Ok(query) = Query::new(&bytes) {
            let texts = |name: &str| query.properties(name).map(|property| property.text()).collect();
            contacts.push(contact(place, texts));
        }
    }
    Ok(contacts)
}

fn contact(place: Place, texts: impl Fn(&str) -> Vec<String>) -> Contact {
    let first = |name: &str| texts(name).into_iter().next().unwrap_or_default();
    Contact { place, name: first("FN"), nickname: first("NICKNAME"), addresses: texts("EMAIL") }
}
