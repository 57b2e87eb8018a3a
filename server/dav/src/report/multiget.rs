//! calendar-multiget and addressbook-multiget: RFC 4791 section 7.9, RFC 6352 section 8.7.

use dav_wire::report::Multiget;
use dav_wire::{Precondition, Status};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use storage::{Item, Read, right};

use super::{Data, zone};
use crate::address::FolderAddress;
use crate::call::{Answer, Call};
use crate::folder::Folder;
use crate::location::{CollectionLocation, Location};
use crate::members::{Entry, MATCHES_MAX, Members};

/// One item by its name costs about as much as so many in a row.
const LOOKUP_COST: usize = 16;
/// Most items that one request may list. Programs ask for a hundred or for all that they lack; what is beyond is left
/// out, and said to be.
pub(crate) const HREFS_MAX: usize = 20_000;

pub(super) async fn run(call: &Arc<Call>, collection: &CollectionLocation, wanted: Multiget) -> Answer {
    let address = call.folder(collection).await?;
    let Multiget { properties, mut hrefs } = wanted;
    let kept = zone::kept(&properties.selection);
    if hrefs.is_empty() && matches!(call.location, Location::Item(..)) {
        // RFC 6352 section 8.7: without a list it is about the resource itself.
        hrefs.push(call.location.href().to_string());
    }
    let (mut hrefs, mut names) = distinct(collection, hrefs);
    let is_cut = hrefs.len() > HREFS_MAX;
    hrefs.truncate(HREFS_MAX);
    names.truncate(HREFS_MAX);
    let read = call.store().read(call.principal(), move |tx| {
        let items = find(tx, &address, &names)?;
        Ok((Folder::read(tx, address, &kept)?, items))
    });
    let (folder, items) = read.await?;
    let data = Data::of(call, &folder, &properties, None).await?;
    let entries = hrefs.into_iter().zip(items).map(|(href, item)| match item {
        Some(item) => Entry::Item(item.into()),
        // The client finds it under the text that it sent.
        None => Entry::Status(href, Status::NOT_FOUND, None),
    });
    let rest = is_cut.then(|| {
        let why = Precondition::NumberOfMatchesWithinLimits;
        Entry::Status(call.location.href().to_string(), why.status(), Some(why))
    });
    let members = Members {
        call: Arc::clone(call),
        entries: entries.chain(rest).collect(),
        filter: None,
        data,
        request: properties,
        folder: Arc::new(folder),
        matches_max: MATCHES_MAX,
        tell_of_vanished: true,
        listing: None,
        token: None,
    };
    members.answer().await
}

/// Each resource once, under the text that names it first, with its name if it is an item of this collection: of others
/// nothing is told here.
fn distinct(collection: &CollectionLocation, hrefs: Vec<String>) -> (Vec<String>, Vec<Option<String>>) {
    let mut asked = HashSet::new();
    let named = hrefs.into_iter().map(|href| (collection.name_of(&href), href));
    named
        .filter(|(name, href)| asked.insert((name.is_some(), name.as_ref().unwrap_or(href).clone())))
        .map(|(name, href)| (href, name))
        .unzip()
}

/// The item of each name, in their order.
fn find(
    tx: &Read<'_>,
    address: &FolderAddress,
    names: &[Option<String>],
) -> storage::Result<Vec<Option<Item>>> {
    let grant = address.open::<right::ReadItems>(tx)?;
    let messages = usize::try_from(grant.collection().messages).unwrap_or(usize::MAX);
    if names.len().saturating_mul(LOOKUP_COST) < messages {
        let find = |name: &Option<String>| match name {
            Some(name) => tx.item_by_resource(&grant, name),
            None => Ok(None),
        };
        return names.iter().map(find).collect();
    }
    let all = tx.items(&grant, &[1..=u32::MAX])?.into_iter();
    let by_name: HashMap<String, Item> =
        all.filter_map(|item| Some((item.resource_name.clone()?, item))).collect();
    Ok(names.iter().map(|name| by_name.get(name.as_ref()?).cloned()).collect())
}
