//! Searching the mailbox and the directory, for Search and Find.
//!
//! A search is stateless: every request goes through the folders anew, the newest items first, until it has as many
//! as can be retrieved, everything is looked at, or [`scan`] has worked enough. What a result says is decided by the
//! engine of [`mime::search`], as in IMAP: by the row, by what was parsed, and last by the bytes.

use activesync_wire::command::search::Range;
use activesync_wire::server_id::FolderId;
use std::collections::HashMap;
use storage::{Error, Grant, Read, right};
use vocabulary::Uid;

use crate::call::Call;

mod begun;
mod object;
mod people;
mod places;
mod query;
mod scan;
mod walk;

pub(crate) use begun::Searches;
pub use begun::Work;
pub(crate) use people::{add_pictures, people};
pub(crate) use places::{Missing, places};
pub(crate) use query::Query;
pub(crate) use scan::{Hit, run};

/// The results of a range.
pub(crate) fn part<T>(all: &[T], range: Range) -> &[T] {
    let first = usize::try_from(range.first).unwrap_or(usize::MAX).min(all.len());
    let end = usize::try_from(range.last).unwrap_or(usize::MAX).saturating_add(1).min(all.len());
    all.get(first..end).unwrap_or_default()
}

/// Reads something of items of a folder.
type OfFolder<T> =
    for<'tx> fn(&Read<'tx>, &Grant<'tx, right::ReadItems>, Vec<Uid>) -> storage::Result<HashMap<Uid, T>>;

/// Reads something of every hit, a folder at a time; nothing of those that are gone meanwhile.
///
/// # Errors
/// [`storage::Fault`] only.
pub(crate) async fn of_hits<T: Send + 'static>(
    call: &Call,
    hits: &[Hit],
    read: OfFolder<T>,
) -> storage::Result<HashMap<(FolderId, Uid), T>> {
    let mut folders: HashMap<FolderId, Vec<Uid>> = HashMap::new();
    for hit in hits {
        folders.entry(hit.folder).or_default().push(hit.item.uid);
    }
    let find = call.store().read(call.principal(), move |tx| {
        let mut found = HashMap::new();
        for (folder, uids) in folders {
            let grant = match tx.open::<right::ReadItems>(folder.account, folder.collection) {
                Ok(grant) => grant,
                Err(Error::Refusal(_)) => continue,
                Err(error) => return Err(error),
            };
            let of_folder = read(tx, &grant, uids)?;
            found.extend(of_folder.into_iter().map(|(uid, of_hit)| ((folder, uid), of_hit)));
        }
        Ok(found)
    });
    find.await
}
