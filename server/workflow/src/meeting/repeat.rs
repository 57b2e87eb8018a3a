//! An answer whose acknowledgement was lost is asked for again: nobody is told twice.
//!
//! Of each meeting and occurrence the last answer of a device is remembered, with what it left behind. The same again is a
//! repeat while that is still so; whoever accepts, declines and accepts has answered three times.

use storage::{Read, RequestKey, Store, Write, right};
use vocabulary::{AccountId, CollectionId, ItemId, Principal};

use super::calendars::stored;
use super::respond::Answered;
use crate::submit::ClientRequest;

/// What an answer left in the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Left {
    /// The copy, as of a content stamp.
    Copy(CollectionId, ItemId, i64),
    /// No object with this UID.
    Nothing(String),
}

impl Left {
    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Copy(collection, item, modseq) => format!("+{} {} {modseq}", collection.0, item.0),
            Self::Nothing(uid) => format!("-{uid}"),
        }
        .into_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        if let Some(uid) = text.strip_prefix('-') {
            return Some(Self::Nothing(uid.to_owned()));
        }
        let mut numbers = text.strip_prefix('+')?.split(' ').map(|number| number.parse::<i64>().ok());
        let mut next = || numbers.next().flatten();
        Some(Self::Copy(CollectionId(next()?), ItemId(next()?), next()?))
    }
}

fn key<'a>(owner: AccountId, request: &'a ClientRequest) -> RequestKey<'a> {
    RequestKey {
        account: owner,
        reader: &request.reader,
        collection: CollectionId(0),
        sync_key: "meeting",
        client_key: &request.id,
    }
}

/// What became of the very same answer, if it was the last one to this meeting and nothing has changed since. `said` tells
/// one answer from another.
///
/// # Errors
/// [`storage::Fault`] only.
pub async fn repeated(
    store: &Store,
    principal: &Principal,
    owner: AccountId,
    request: &ClientRequest,
    said: &[u8],
) -> storage::Result<Option<Answered>> {
    let (own, hash) = (request.clone(), store.fingerprint(owner, said));
    let left = store.read(principal, move |tx: &Read<'_>| {
        let Some((before, left)) = tx.remembered(&key(owner, &own))? else { return Ok(None) };
        let left = Left::from_bytes(&left).filter(|_| before == hash);
        let Some(Left::Copy(collection, id, modseq)) = left else { return Ok(left) };
        let grant = match tx.open::<right::ReadItems>(owner, collection) {
            Err(storage::Error::Refusal(_)) => return Ok(None),
            grant => grant?,
        };
        let item = tx.item_by_id(&grant, id)?;
        let is_same = item.is_some_and(|item| !item.vanished && item.content_modseq.0 == modseq);
        Ok(is_same.then_some(Left::Copy(collection, id, modseq)))
    });
    let item = match left.await? {
        None => return Ok(None),
        Some(Left::Copy(collection, item, _)) => Some((collection, item)),
        Some(Left::Nothing(uid)) if stored(store, owner, &uid).await?.is_none() => None,
        Some(Left::Nothing(_)) => return Ok(None),
    };
    Ok(Some(Answered { item, posted: Vec::new() }))
}

/// Remembers an answer in the transaction that gives it; `item` is the copy that it left.
pub(super) fn remember(
    tx: &mut Write<'_>,
    owner: AccountId,
    (request, hash): &(ClientRequest, [u8; 32]),
    item: Option<(CollectionId, ItemId)>,
    uid: &str,
) -> storage::Result<()> {
    let left = match item {
        None => Left::Nothing(uid.to_owned()),
        Some((collection, id)) => {
            let grant = tx.open::<right::ReadItems>(owner, collection)?;
            let modseq = tx.item_by_id(&grant, id)?.map_or(0, |item| item.content_modseq.0);
            Left::Copy(collection, id, modseq)
        }
    };
    tx.remember(&key(owner, request), hash, &left.to_bytes())
}
