//! FolderSync: MS-ASCMD section 2.2.1.5.
//!
//! The row of a device holds the folders that it was told of, as numbers and hashes: of the newest
//! answer and of the one before it, because an answer can be lost. Key 0 begins anew and leaves the
//! collections as they are.

use activesync_wire::command::folder_sync::{Folder, Request, Response};
use activesync_wire::server_id::FolderId;
use activesync_wire::status::FolderSyncStatus;
use activesync_wire::sync_key::{ClientKey, SyncKey};
use std::collections::BTreeMap;
use storage::Store;
use vocabulary::{AccountId, CollectionId};
use wbxml::Element;

use crate::call::{Answer, Call, Reply, StateKey};
use crate::folder::{Shown, shown};
use crate::wait::Subject;

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let request = Request::parse(root)?;
    let _turn = call.server.turns.take(call.account(), call.device(), vec![Subject::Hierarchy]).await;
    let folders = shown(call).await?;
    let told = told(call, &folders);
    let mut state = read(call).await?.unwrap_or_else(|| Hierarchy::new(call.now().seconds()));
    if request.key == ClientKey::Initial {
        call.remarks.note_beginning(); // MS-ASHTTP R1104
    }
    let Some((key, before)) = state.answer(request.key, told.clone()) else {
        call.remarks.note_beginning(); // MS-ASHTTP R1105
        let status = FolderSyncStatus::InvalidSyncKey.code();
        let document = call.query.command.status_document(status, None);
        return Ok(Reply::document(&document).with_status(status));
    };
    write(call, state).await?;
    Ok(Reply::bytes(difference(key, &before, &told, folders).encode()))
}

fn difference(key: SyncKey, before: &Told, now: &Told, folders: Vec<Shown>) -> Response {
    let is_gone = |id: &&FolderId| !now.contains_key(*id);
    let deleted = before.keys().filter(is_gone).map(ToString::to_string).collect();
    let mut response = Response { key, updated: Vec::new(), deleted, added: Vec::new() };
    for one in folders {
        match before.get(&one.id) {
            None => response.added.push(one.folder),
            Some(hash) if now.get(&one.id) != Some(hash) => response.updated.push(one.folder),
            Some(_) => {}
        }
    }
    response
}

/// The folders that a device knows, and how each is shown.
pub(crate) type Told = BTreeMap<FolderId, u32>;

/// What the device is told now.
pub(crate) fn told(call: &Call, folders: &[Shown]) -> Told {
    folders.iter().map(|one| (one.id, hash(call.store(), &one.folder))).collect()
}

/// How a folder is shown.
pub(crate) fn hash(store: &Store, folder: &Folder) -> u32 {
    let text = format!("{}\0{}\0{}", folder.parent, folder.kind.code(), folder.name);
    let hash = store.fingerprint(AccountId(0), text.as_bytes());
    u32::from_be_bytes(hash.first_chunk::<4>().copied().unwrap_or_default())
}

/// The row of the hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hierarchy {
    pub(crate) key: SyncKey,
    pub(crate) told: Told,
    previous: Option<(SyncKey, Told)>,
}

/// The previous list is left out when the row would become longer.
const PREVIOUS_BYTES_MAX: usize = storage::STATE_BYTES_MAX;
/// First byte of a row.
const FORMAT: u8 = 1;

impl Hierarchy {
    pub(crate) fn new(seconds: i64) -> Self {
        // Of a row that is gone no generation may come again: the clock is ahead of them all.
        let generation = u32::try_from(seconds).unwrap_or_default();
        Self { key: SyncKey { generation, counter: 0 }, told: Told::new(), previous: None }
    }

    /// The key of the answer and what the device has before it; `None` for a key that is not ours.
    fn answer(&mut self, key: ClientKey, now: Told) -> Option<(SyncKey, Told)> {
        let before = match key {
            ClientKey::Initial => {
                self.key = SyncKey { generation: self.key.generation + 1, counter: 1 };
                (self.told, self.previous) = (now, None);
                return Some((self.key, Told::new()));
            }
            ClientKey::Issued(key) => (key, self.known(key)?.clone()),
            ClientKey::Foreign => return None,
        };
        if before.1 == now && before.0 == self.key {
            return Some((self.key, now));
        }
        self.go_on(before.clone(), now);
        Some((self.key, before.1))
    }

    /// Key 0 of a list whose contents come with the next request: another life, or the one that was not used yet.
    pub(crate) fn prime(&mut self) -> SyncKey {
        let is_unused = self.key.counter == 1 && self.told.is_empty() && self.previous.is_none();
        if !is_unused {
            self.answer(ClientKey::Initial, Told::new());
        }
        self.key
    }

    /// What a device with this key has.
    pub(crate) fn known(&self, key: SyncKey) -> Option<&Told> {
        if key == self.key && key.counter > 0 {
            return Some(&self.told);
        }
        self.previous.as_ref().filter(|(previous, _)| *previous == key).map(|(_, told)| told)
    }

    /// Another answer: its key is new, and what the device had stays known.
    pub(crate) fn go_on(&mut self, before: (SyncKey, Told), now: Told) -> SyncKey {
        self.key.counter += 1;
        self.told = now;
        self.previous = Some(before);
        self.key
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        encode_list(&mut bytes, self.key, &self.told);
        let alone = bytes.len();
        if let Some((key, told)) = &self.previous {
            encode_list(&mut bytes, *key, told);
            if bytes.len() > PREVIOUS_BYTES_MAX {
                bytes.truncate(alone);
            }
        }
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&[FORMAT])?;
        let (key, told) = decode_list(&mut rest)?;
        let previous = if rest.is_empty() { None } else { Some(decode_list(&mut rest)?) };
        rest.is_empty().then_some(Self { key, told, previous })
    }
}

/// Differences of ascending numbers in as few bytes as they need, and four bytes of hash.
fn encode_list(out: &mut Vec<u8>, key: SyncKey, told: &Told) {
    number(out, key.generation.into());
    number(out, key.counter);
    number(out, told.len() as u64);
    let (mut account, mut collection) = (0, 0);
    for (id, hash) in told {
        let step = id.account.0.wrapping_sub(account);
        if step != 0 {
            collection = 0;
        }
        number(out, step.cast_unsigned());
        number(out, id.collection.0.wrapping_sub(collection).cast_unsigned());
        (account, collection) = (id.account.0, id.collection.0);
        out.extend_from_slice(&hash.to_be_bytes());
    }
}

fn decode_list(rest: &mut &[u8]) -> Option<(SyncKey, Told)> {
    let key = SyncKey { generation: u32::try_from(read_number(rest)?).ok()?, counter: read_number(rest)? };
    let count = read_number(rest)?;
    let mut told = Told::new();
    let (mut account, mut collection) = (0_i64, 0_i64);
    for _ in 0..count {
        let step = read_number(rest)?.cast_signed();
        if step != 0 {
            collection = 0;
        }
        account = account.wrapping_add(step);
        collection = collection.wrapping_add(read_number(rest)?.cast_signed());
        let (hash, after) = rest.split_first_chunk::<4>()?;
        *rest = after;
        let id = FolderId { account: AccountId(account), collection: CollectionId(collection) };
        told.insert(id, u32::from_be_bytes(*hash));
    }
    Some((key, told))
}

/// Seven bits in a byte, the lowest first; the highest bit says that more follows.
fn number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn read_number(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn place(call: &Call) -> StateKey {
    StateKey::new(call, call.account(), CollectionId(0))
}

/// The row of the calling device.
pub(crate) async fn read(call: &Call) -> storage::Result<Option<Hierarchy>> {
    let place = place(call);
    let bytes = call.store().read(call.principal(), move |tx| tx.cursor_state(&place.cursor())).await?;
    Ok(bytes.as_deref().and_then(Hierarchy::decode))
}

/// Stores the row of the calling device.
pub(crate) async fn write(call: &Call, state: Hierarchy) -> storage::Result<()> {
    let place = place(call);
    call.store()
        .write(call.principal(), &[call.account()], move |tx| {
            let bytes = state.encode();
            if tx.cursor_state(&place.cursor())?.as_ref() == Some(&bytes) {
                return Ok(());
            }
            tx.put_cursor_state(&place.cursor(), &bytes)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::FOLDERS_MAX;

    fn list(count: usize) -> Told {
        let id = |n: i64| FolderId { account: AccountId(1 + n / 400), collection: CollectionId(1 + n * 3) };
        (0..count as i64).map(|n| (id(n), u32::MAX - n as u32)).collect()
    }

    #[test]
    fn the_longest_list_fits_its_row() {
        let mut state = Hierarchy::new(1);
        state.answer(ClientKey::Initial, list(FOLDERS_MAX));
        state.answer(ClientKey::Issued(state.key), list(FOLDERS_MAX - 1));
        let bytes = state.encode();
        assert!(bytes.len() <= storage::STATE_BYTES_MAX, "{}", bytes.len());
        let read = Hierarchy::decode(&bytes).unwrap();
        assert_eq!((read.key, &read.told), (state.key, &state.told));
        assert!(read.previous.is_none(), "two lists of this length do not fit");

        let mut small = Hierarchy::new(1);
        small.answer(ClientKey::Initial, list(700));
        small.answer(ClientKey::Issued(small.key), list(699));
        assert_eq!(Hierarchy::decode(&small.encode()), Some(small));
    }

    #[test]
    fn a_lost_answer_is_computed_again_from_the_key_before() {
        let mut state = Hierarchy::new(1);
        let (first, before) = state.answer(ClientKey::Initial, list(2)).unwrap();
        assert!(before.is_empty());
        let (second, before) = state.answer(ClientKey::Issued(first), list(3)).unwrap();
        assert_eq!((before, second != first), (list(2), true));
        let (third, before) = state.answer(ClientKey::Issued(first), list(4)).unwrap();
        assert_eq!((before, third != second), (list(2), true));
        assert_eq!(state.answer(ClientKey::Issued(second), list(4)), None);
        assert_eq!(state.answer(ClientKey::Issued(third), list(4)), Some((third, list(4))), "nothing is new");
        assert_eq!(state.answer(ClientKey::Foreign, list(4)), None);
        assert_eq!(
            Hierarchy::new(1).answer(ClientKey::Issued(SyncKey { generation: 1, counter: 0 }), list(1)),
            None
        );
    }
}
