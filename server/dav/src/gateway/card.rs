//! The cards of the people, rooms and groups of a domain.

use actix_web::HttpRequest;
use contact::{DirectoryEntry, Kind, directory_card};
use dav_wire::{Precondition, Segment};
use std::collections::HashMap;
use std::fmt::Write;
use storage::{Account, Group, Read, Store};
use vocabulary::{AccountClass, AccountId};

use crate::call::{Answer, Call};
use crate::directory::HOUSE;
use crate::form::{self, Given};
use crate::{directory, folder};

/// A card of the directory. It is made anew for each request.
pub(super) struct Card {
    /// The last segment of its path.
    pub(super) name: Segment,
    /// Version 4.0.
    pub(super) bytes: Vec<u8>,
    /// What is between the quotes of its tag. It changes with every byte.
    tag: String,
}

/// No account has this number: what is not about one is fingerprinted with it.
const NOBODY: AccountId = AccountId(0);
/// Bytes of a fingerprint that make a tag or a UUID.
const TAG_BYTES: usize = 16;

impl Card {
    /// Its strong tag, with its quotes.
    pub(super) fn etag(&self) -> String {
        format!("\"{}\"", self.tag)
    }

    /// In the form that the request accepts most.
    pub(super) fn negotiate(self, request: &HttpRequest) -> Result<Given, Precondition> {
        let (own, tag) = (self.etag(), self.tag);
        form::negotiate(request, self.bytes.into(), own, |form| format!("\"{tag}{}\"", form.suffix()))
    }
}

/// The cards of everybody and everything in the user's domain.
pub(super) async fn of_house(call: &Call) -> Answer<Vec<Card>> {
    let accounts = directory::everybody(call).await?;
    let domain = call.account().domain;
    let groups = move |tx: &Read<'_>| tx.groups(&tx.administer()?, domain);
    let groups = call.store().read(&HOUSE, groups).await?;
    let (store, domain) = (call.store().clone(), call.account().address.domain().to_owned());
    let making = tokio::task::spawn_blocking(move || make(&store, &accounts, &groups, &domain));
    Ok(making.await.map_err(|error| storage::Error::from(storage::Fault::Panic(error.to_string())))?)
}

fn make(store: &Store, accounts: &[Account], groups: &[Group], domain: &str) -> Vec<Card> {
    let uids: HashMap<AccountId, String> =
        accounts.iter().map(|account| (account.id, uid(store, account.id, "account"))).collect();
    let people = accounts.iter().filter_map(|account| {
        let uid = uids.get(&account.id)?.clone();
        Some((name_of(account)?, entry_of_account(account, uid)))
    });
    let groups = groups.iter().filter_map(|group| {
        let address = format!("{}@{domain}", group.name);
        let uid = uid(store, NOBODY, &format!("group {}", group.id));
        let members = group.members.iter().filter_map(|member| uids.get(member).cloned()).collect();
        Some((Segment::new(format!("{address}.vcf")).ok()?, entry_of_group(group, address, uid, members)))
    });
    people
        .chain(groups)
        // What does not fit into a card has none: it is logged nowhere, for nothing is lost.
        .filter_map(|(name, entry)| Some((name, directory_card(&entry).ok()?)))
        .map(|(name, bytes)| {
            let tag = hexadecimal(&store.fingerprint(NOBODY, &bytes));
            Card { name, bytes, tag }
        })
        .collect()
}

/// The last segment of the path of somebody's card.
pub(super) fn name_of(account: &Account) -> Option<Segment> {
    Segment::new(format!("{}.vcf", account.address)).ok()
}

fn entry_of_account(account: &Account, uid: String) -> DirectoryEntry {
    let name = folder::called(account);
    let emails = std::iter::once(&account.address).chain(&account.aliases);
    DirectoryEntry {
        uid,
        kind: match account.class {
            AccountClass::Room => Kind::Location,
            AccountClass::Person | AccountClass::Shared | AccountClass::Resource => Kind::Individual,
        },
        person: (account.class == AccountClass::Person).then(|| person(&name)).flatten(),
        name,
        emails: emails.map(ToString::to_string).collect(),
        phones: Vec::new(),
        organization: None,
        title: None,
        note: None,
        members: Vec::new(),
    }
}

fn entry_of_group(group: &Group, address: String, uid: String, members: Vec<String>) -> DirectoryEntry {
    DirectoryEntry {
        uid,
        kind: Kind::Group,
        name: group.name.clone(),
        person: None,
        emails: vec![address],
        phones: Vec::new(),
        organization: None,
        title: None,
        note: None,
        members,
    }
}

/// Family and given name. The house knows people by one name: its last word is taken for the family's.
fn person(name: &str) -> Option<(String, String)> {
    let (given, family) = name.trim().rsplit_once(char::is_whitespace)?;
    Some((family.to_owned(), given.trim().to_owned()))
}

/// A UUID of version 8 (RFC 9562 section 5.8) that an account or group has for ever, and that says nothing of it.
fn uid(store: &Store, account: AccountId, what: &str) -> String {
    let fingerprint = store.fingerprint(account, format!("directory {what}").as_bytes());
    let mut bytes = [0; TAG_BYTES];
    bytes.iter_mut().zip(fingerprint).for_each(|(byte, from)| *byte = from);
    bytes[6] = (bytes[6] & 0x0F) | 0x80;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    let digits = hexadecimal(&bytes);
    let mut uid = "urn:uuid:".to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            uid.push('-');
        }
        uid.push(digit);
    }
    uid
}

/// The first bytes of a fingerprint as digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * TAG_BYTES);
    for byte in bytes.iter().take(TAG_BYTES) {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// What changes with any card of the directory.
pub(super) fn ctag(store: &Store, cards: &[Card]) -> String {
    let tags: String = cards.iter().map(|card| card.tag.as_str()).collect();
    hexadecimal(&store.fingerprint(NOBODY, tags.as_bytes()))
}
