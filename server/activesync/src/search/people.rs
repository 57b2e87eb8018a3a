//! The directory: accounts and groups of the sender's own domain; others do not exist.

use activesync_wire::command::search::{Entry, Picture, PictureOptions};
use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use activesync_wire::status::PictureStatus as Status;
use mime::search::fold;
use std::collections::HashMap;
use storage::{Refusal, right};
use vocabulary::{Component, Door, Principal, Role, Uid};

use crate::call::Call;
use crate::command::sync::{Material, materials, ranges, whole};
use crate::folder::class_of;
use crate::item::{Content, Viewer, Wanted};

/// Most cards that are read for the pictures of one answer.
const CARDS_MAX: usize = 200;
/// Most bytes of pictures in one answer.
const PICTURES_BYTES_MAX: usize = 4 << 20;
/// Shown between the parts of names and addresses.
const SEPARATORS: [char; 7] = [' ', '.', '-', '_', ',', '@', '\t'];

/// Everybody whom a text names, by name (MS-ASCMD R426, R132004).
pub(crate) async fn people(call: &Call, text: &str) -> storage::Result<Vec<Entry>> {
    let (domain, domain_name) = (call.login.account.domain, call.login.account.address.domain().to_owned());
    let house = Principal::System { door: Door::ActiveSync };
    let everybody = call.store().read(&house, move |tx| {
        let admin = tx.administer()?;
        let accounts = tx.accounts(&admin, Some(domain))?.into_iter();
        let people = accounts.filter(|account| !account.suspended).map(|account| {
            let aliases: Vec<String> = account.aliases.iter().map(ToString::to_string).collect();
            (entry(&account.name, &account.address.to_string()), aliases)
        });
        let groups = tx.groups(&admin, domain)?.into_iter();
        let groups = groups.map(|group| (entry("", &format!("{}@{domain_name}", group.name)), Vec::new()));
        Ok(people.chain(groups).collect::<Vec<(Entry, Vec<String>)>>())
    });
    let wanted = fold(text);
    let named = everybody.await?.into_iter().filter(|(entry, aliases)| is_named(&wanted, entry, aliases));
    let mut named: Vec<Entry> = named.map(|(entry, _)| entry).collect();
    named.sort_by_cached_key(|entry| (fold(&entry.display_name), entry.email_address.clone()));
    Ok(named)
}

fn entry(name: &str, address: &str) -> Entry {
    let alias = address.split('@').next().unwrap_or_default();
    let name = name.trim();
    // The last word is the family's name; one word alone, or an address, is no first and last name.
    let (first, last) = match name.rsplit_once(char::is_whitespace) {
        Some((first, last)) if !name.contains('@') => (first.trim(), last),
        _ => ("", ""),
    };
    Entry {
        display_name: if name.is_empty() { address } else { name }.to_owned(),
        alias: alias.to_owned(),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email_address: address.to_owned(),
        picture: None,
    }
}

/// Whether the text is the beginning of a name or address, or each word of it that of a part of them (MS-ASCMD R421).
fn is_named(wanted: &str, entry: &Entry, aliases: &[String]) -> bool {
    let texts = [&entry.display_name, &entry.last_name, &entry.email_address];
    let texts: Vec<String> = texts.into_iter().chain(aliases).map(|text| fold(text)).collect();
    if texts.iter().any(|text| text.starts_with(wanted)) {
        return true;
    }
    // Of an address the part after the @ says nothing: all have the same.
    let own = texts.iter().map(|text| text.split('@').next().unwrap_or_default());
    let parts: Vec<&str> =
        own.flat_map(|text| text.split(SEPARATORS)).filter(|part| !part.is_empty()).collect();
    let mut words = wanted.split_whitespace().map(|word| word.trim_end_matches(['.', ',', '*'])).peekable();
    words.peek().is_some()
        && words.all(|word| !word.is_empty() && parts.iter().any(|part| part.starts_with(word)))
}

/// Adds the pictures that the sender's own contacts have of these people (MS-ASCMD R3294 to R3297).
pub(crate) async fn add_pictures(
    call: &Call,
    options: PictureOptions,
    people: &mut [Entry],
) -> storage::Result<()> {
    let mut pictures = pictures(call, people).await?;
    let (mut count, mut bytes) = (0, 0);
    for entry in people {
        let data = pictures.remove(&fold(&entry.email_address));
        let status = match &data {
            None => Status::NoPicture,
            Some(data) if data.len() > usize::try_from(options.size_max).unwrap_or(usize::MAX) => {
                Status::TooLarge
            }
            Some(data) if count >= options.count_max || bytes + data.len() > PICTURES_BYTES_MAX => {
                Status::LimitReached
            }
            Some(data) => {
                (count, bytes) = (count + 1, bytes + data.len());
                Status::Success
            }
        };
        entry.picture = Some(Picture { status, data: data.filter(|_| status == Status::Success) });
    }
    Ok(())
}

/// Pictures in the sender's contacts, by address.
async fn pictures(call: &Call, people: &[Entry]) -> storage::Result<HashMap<String, Vec<u8>>> {
    let account = call.account();
    let wanted: Vec<String> = people.iter().map(|entry| entry.email_address.to_lowercase()).collect();
    let found = call.store().read(call.principal(), move |tx| {
        let grant = match tx.open_role::<right::ReadItems>(account, Role::Contacts) {
            Ok(grant) => grant,
            Err(storage::Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut named: Vec<Uid> = Vec::new();
        tx.summaries(&grant, Some(Component::Card), |uid, summary| {
            let summary = String::from_utf8_lossy(summary).to_lowercase();
            if named.len() < CARDS_MAX && wanted.iter().any(|address| summary.contains(address.as_str())) {
                named.push(uid);
            }
        })?;
        let items = tx.items(&grant, &ranges(named.iter().copied()))?;
        let materials: HashMap<Uid, Material> = materials(tx, &grant, named.into_iter())?;
        let folder = grant.collection();
        Ok(Some(((folder.account, folder.id, class_of(folder.kind)), items, materials)))
    });
    let Some(((owner, collection, class), items, mut materials)) = found.await? else {
        return Ok(HashMap::new());
    };
    let viewer = Viewer::new(call, owner, class, Wanted::default()).await?;
    let mut pictures = HashMap::new();
    for item in items.iter().filter(|_| class == Class::Contacts) {
        let folder = FolderId { account: owner, collection };
        let Some(material) = materials.remove(&item.uid) else { continue };
        let Some(Content::Contact(contact)) = whole(call, folder, item, Some(material), &viewer).await?
        else {
            continue;
        };
        let Some(picture) = contact.picture.value() else { continue };
        for address in [&contact.email1, &contact.email2, &contact.email3] {
            if let Some(address) = address.value() {
                pictures.entry(fold(bare(address))).or_insert_with(|| picture.bytes().to_vec());
            }
        }
    }
    Ok(pictures)
}

/// The address of `"Anna" <anna@x.test>`.
fn bare(address: &str) -> &str {
    address.rsplit_once('<').map_or(address, |(_, rest)| rest.trim_end_matches('>')).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    // MS-ASCMD R421 R3699 R132000
    #[test]
    fn people_are_found_by_how_their_names_and_addresses_begin() {
        let barry = entry("Barry Johnson", "b.johnson@x.test");
        let aliases = ["sales@x.test".to_owned()];
        for (text, found) in [
            ("john", true),
            ("JOHN", true),
            ("barry j", true),
            ("Barry J.", true),
            ("johnson barry", true),
            ("b.john", true),
            ("b.johnson@x", true),
            ("sal", true),
            ("ohnson", false),
            ("arry", false),
            ("barry x", false),
            ("x.test", false),
            ("test", false),
            (".", false),
        ] {
            assert_eq!(is_named(&fold(text), &barry, &aliases), found, "{text}");
        }
        assert_eq!((barry.first_name.as_str(), barry.last_name.as_str()), ("Barry", "Johnson"));
        assert_eq!(entry("", "a@x.test").display_name, "a@x.test");
    }
}
