//! The recipient information cache: MS-ASCNTC section 3.2.4.4. It is no folder of the store but the people to whom the
//! account writes most, the highest rank first; a device holds the first MaxItems of them.
//!
//! The row of a device is what it was told, as with folders: numbers and hashes of the newest answer and of the one
//! before it, and MaxItems, which stays in force until another comes.

use activesync_wire::command::sync::{Collection, CollectionHead, ResponseWriter};
use activesync_wire::item::Class;
use activesync_wire::server_id::{FolderId, ServerId};
use activesync_wire::status::{EstimateStatus, SyncStatus};
use activesync_wire::sync_key::{ClientKey, SyncKey};
use activesync_wire::{RequestError, Version};
use std::collections::BTreeSet;
use storage::{Read, Recipient, Store};
use vocabulary::{AccountId, CollectionId, ItemId};
use wbxml::Writer;
use wbxml::page::contacts;

use super::{TRIES_MAX, key_text, respond};
use crate::call::{Answer, Call, StateKey};
use crate::command::folder_sync::{Hierarchy, Told};

/// Most people of a cache: what a device was told is one row, and the list before it too.
const ITEMS_MAX: u32 = 500;
/// If a device does not bound them.
const ITEMS_DEFAULT: u32 = 100;
/// First byte of a row.
const FORMAT: u8 = 1;

/// The row of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cache {
    items_max: u32,
    told: Hierarchy,
}

impl Cache {
    fn new(seconds: i64) -> Self {
        Self { items_max: ITEMS_DEFAULT, told: Hierarchy::new(seconds) }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(&self.items_max.to_be_bytes());
        bytes.extend_from_slice(&self.told.encode());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (items_max, told) = bytes.strip_prefix(&[FORMAT])?.split_first_chunk::<4>()?;
        Some(Self { items_max: u32::from_be_bytes(*items_max), told: Hierarchy::decode(told)? })
    }
}

/// The row, and who there is to tell of.
struct Seen {
    bytes: Option<Vec<u8>>,
    cache: Option<Cache>,
    people: Vec<Recipient>,
}

async fn see(call: &Call) -> storage::Result<Seen> {
    let (place, account) = (place(call), call.account());
    let find = move |tx: &Read<'_>| {
        let bytes = tx.cursor_state(&place.cursor())?;
        let cache = bytes.as_deref().and_then(Cache::decode);
        let people = tx.recipients(account, ITEMS_MAX as usize)?;
        Ok(Seen { bytes, cache, people })
    };
    call.store().read(call.principal(), find).await
}

fn place(call: &Call) -> StateKey {
    StateKey::new(call, call.account(), FolderId::RECIPIENTS.collection)
}

/// Stores the row if it is still as it was read.
async fn store(call: &Call, before: Option<Vec<u8>>, cache: Cache) -> storage::Result<bool> {
    let (place, bytes) = (place(call), cache.encode());
    if before.as_ref() == Some(&bytes) {
        return Ok(true);
    }
    let write = move |tx: &mut storage::Write<'_>| {
        if tx.cursor_state(&place.cursor())? != before {
            return Ok(false);
        }
        tx.put_cursor_state(&place.cursor(), &bytes)?;
        Ok(true)
    };
    call.store().write(call.principal(), &[call.account()], write).await
}

/// Somebody under the number of its row, as in the list of folders that a device was told of.
fn number(one: &Recipient) -> FolderId {
    FolderId { account: AccountId(0), collection: CollectionId(one.id) }
}

fn server_id(number: FolderId) -> String {
    ServerId { folder: FolderId::RECIPIENTS, item: ItemId(number.collection.0) }.to_string()
}

fn hash(store: &Store, one: &Recipient) -> u32 {
    let text = format!("{}\0{}\0{}", one.address, one.name, one.rank);
    let hash = store.fingerprint(AccountId(0), text.as_bytes());
    u32::from_be_bytes(hash.first_chunk::<4>().copied().unwrap_or_default())
}

/// What a device lacks of the list that it should have.
#[derive(Default)]
struct Difference<'a> {
    gone: Vec<FolderId>,
    changed: Vec<(&'a Recipient, u32)>,
    new: Vec<(&'a Recipient, u32)>,
}

impl<'a> Difference<'a> {
    fn between(store: &Store, before: &Told, people: &'a [Recipient], items_max: u32) -> Self {
        let wanted = people.get(..people.len().min(items_max as usize)).unwrap_or_default();
        let numbers: BTreeSet<FolderId> = wanted.iter().map(number).collect();
        let gone = before.keys().filter(|number| !numbers.contains(*number)).copied().collect();
        let (mut changed, mut new) = (Vec::new(), Vec::new());
        for one in wanted {
            let hash = hash(store, one);
            match before.get(&number(one)) {
                None => new.push((one, hash)),
                Some(known) if *known != hash => changed.push((one, hash)),
                Some(_) => {}
            }
        }
        Self { gone, changed, new }
    }

    fn len(&self) -> usize {
        self.gone.len() + self.changed.len() + self.new.len()
    }

    /// Leaves out what does not fit: who is gone comes first, who is new last. Whether something was left out.
    fn cut(&mut self, window: usize) -> bool {
        let all = self.len();
        self.gone.truncate(window);
        self.changed.truncate(window - self.gone.len());
        self.new.truncate(window - self.gone.len() - self.changed.len());
        self.len() < all
    }

    /// What the device has afterwards.
    fn after(&self, before: &Told) -> Told {
        let mut after = before.clone();
        after.retain(|number, _| !self.gone.contains(number));
        after.extend(self.changed.iter().chain(&self.new).map(|(one, hash)| (number(one), *hash)));
        after
    }
}

/// Serves the cache. How many changes were said; `None` if there is nothing to say.
///
/// # Errors
/// Status 4 of the whole request if the client would change it (MS-ASCMD R756).
pub(super) async fn serve(
    call: &Call,
    collection: &Collection<'_>,
    room: usize,
    writer: &mut ResponseWriter,
) -> Answer<Option<usize>> {
    let refuse = |writer: &mut ResponseWriter, status| {
        let key = key_text(collection.key);
        respond::write_status(writer, collection.class, &key, &collection.id, status);
        Ok(Some(0))
    };
    if call.version < Version::V14_0 {
        return refuse(writer, SyncStatus::HierarchyChanged); // MS-ASCNTC R2261
    }
    if !collection.commands.is_empty() {
        return Err(RequestError::Structure("the recipient cache is not for writing").into());
    }
    collection.check(Class::Contacts)?;
    for _ in 0..TRIES_MAX {
        let Seen { bytes, cache, people } = see(call).await?;
        let mut cache = cache.unwrap_or_else(|| Cache::new(call.now().seconds()));
        if let Some(options) = collection.own_options(Class::Contacts) {
            cache.items_max = options.max_items.unwrap_or(ITEMS_DEFAULT).min(ITEMS_MAX);
        }
        let key = match collection.key {
            ClientKey::Initial => {
                let key = cache.told.prime();
                if !store(call, bytes, cache).await? {
                    continue;
                }
                let (id, status) = (&collection.id, SyncStatus::Success);
                respond::write_status(writer, collection.class, &key.to_string(), id, status);
                return Ok(Some(0));
            }
            ClientKey::Issued(key) => key,
            ClientKey::Foreign => return refuse(writer, SyncStatus::InvalidSyncKey),
        };
        let Some(before) = cache.told.known(key).cloned() else {
            return refuse(writer, SyncStatus::InvalidSyncKey);
        };
        let mut difference = match collection.get_changes {
            true => Difference::between(call.store(), &before, &people, cache.items_max),
            false => Difference::default(),
        };
        let more = difference.cut(room.min(collection.window_size.into()));
        let speaks = difference.len() > 0 || more;
        let issued = match speaks {
            true => cache.told.go_on((key, before.clone()), difference.after(&before)),
            false => key,
        };
        if !store(call, bytes, cache).await? {
            continue;
        }
        if !speaks {
            return Ok(None);
        }
        write(writer, collection, issued, &difference, more);
        return Ok(Some(difference.len()));
    }
    refuse(writer, SyncStatus::Retry)
}

fn write(
    writer: &mut ResponseWriter,
    collection: &Collection<'_>,
    key: SyncKey,
    difference: &Difference<'_>,
    more: bool,
) {
    let (key, status) = (key.to_string(), SyncStatus::Success);
    let head = CollectionHead { class: collection.class, key: &key, id: &collection.id, status };
    let mut writer = writer.collection(head);
    if more {
        writer.more_available();
    }
    for number in &difference.gone {
        writer.delete(&server_id(*number));
    }
    for (one, _) in &difference.changed {
        writer.change(&server_id(number(one)), |data| show(one, data));
    }
    for (one, _) in &difference.new {
        writer.add(&server_id(number(one)), |data| show(one, data));
    }
    writer.finish();
}

/// MS-ASCNTC R514. Alias stays out: nobody sends one (R1010).
fn show(one: &Recipient, data: &mut Writer) {
    data.text(contacts::EMAIL1_ADDRESS, &one.address);
    data.text(contacts::FILE_AS, if one.name.is_empty() { &one.address } else { &one.name });
    data.text(contacts::WEIGHTED_RANK, &one.rank.to_string());
}

/// Whether Sync would have anything to say, for Ping.
pub(crate) async fn is_pending(call: &Call) -> storage::Result<bool> {
    let Seen { cache, people, .. } = see(call).await?;
    let Some(cache) = cache else { return Ok(false) };
    let difference = Difference::between(call.store(), &cache.told.told, &people, cache.items_max);
    Ok(difference.len() > 0)
}

/// How much Sync would bring.
pub(crate) async fn estimate(
    call: &Call,
    key: SyncKey,
    items_max: Option<u32>,
) -> storage::Result<Result<u32, EstimateStatus>> {
    let Seen { cache, people, .. } = see(call).await?;
    let Some(cache) = cache else { return Ok(Err(EstimateStatus::InvalidSyncKey)) };
    let Some(before) = cache.told.known(key) else { return Ok(Err(EstimateStatus::InvalidSyncKey)) };
    let items_max = items_max.unwrap_or(cache.items_max).min(ITEMS_MAX);
    let difference = Difference::between(call.store(), before, &people, items_max);
    Ok(Ok(u32::try_from(difference.len()).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_cache_fits_its_row() {
        let list = |from: i64| -> Told {
            let numbers = (0..i64::from(ITEMS_MAX)).map(|n| CollectionId((1 << 40) + from + n * 100_000));
            numbers.map(|collection| (FolderId { account: AccountId(0), collection }, u32::MAX)).collect()
        };
        let mut cache = Cache::new(1_795_510_800);
        let first = cache.told.prime();
        assert_eq!(cache.told.prime(), first, "an unused key is given again");
        let second = cache.told.go_on((first, Told::new()), list(1));
        cache.told.go_on((second, list(1)), list(7));
        let bytes = cache.encode();
        assert!(bytes.len() <= storage::STATE_BYTES_MAX, "{}", bytes.len());
        assert_eq!(Cache::decode(&bytes), Some(cache.clone()), "the list before it too");
        assert_ne!(cache.told.prime(), second, "a used one begins anew");
    }
}
