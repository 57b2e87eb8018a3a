//! Which of the items that may look different by now do: their bytes say so, and bytes are read outside of transactions.

use std::collections::HashMap;
use storage::Item;
use vocabulary::{Timestamp, Uid};

use super::collect::{Page, Say};
use super::window::Material;
use crate::call::Call;
use crate::item::{self, LateViewer, Viewer};

/// Drops from a page those that look as they did at `told`. Whether any was dropped: where a page has lost all its
/// entries the next one is wanted.
///
/// # Errors
/// [`storage::Fault`] if bytes cannot be read.
pub(crate) async fn drop_unchanged(
    call: &Call,
    page: &mut Page,
    materials: &HashMap<Uid, Material>,
    viewer: &LateViewer<'_>,
    told: Option<Timestamp>,
) -> storage::Result<bool> {
    let Some(told) = told else { return Ok(false) };
    let count = page.entries.len();
    let mut kept = Vec::with_capacity(count);
    for entry in std::mem::take(&mut page.entries) {
        let is_wanted = match &entry.say {
            Say::Aged(item) => looks_different(call, item, materials, viewer.get().await?, told).await?,
            _ => true,
        };
        if is_wanted {
            kept.push(entry);
        }
    }
    page.entries = kept;
    Ok(page.entries.len() < count)
}

async fn looks_different(
    call: &Call,
    item: &Item,
    materials: &HashMap<Uid, Material>,
    viewer: &Viewer,
    told: Timestamp,
) -> storage::Result<bool> {
    let Some((_, stored)) = materials.get(&item.uid) else { return Ok(false) };
    let Some(bytes) = call.load(stored.clone()).await? else { return Ok(false) };
    let differs = item::has_aged(&bytes, viewer, told);
    // As where items are made ready: other requests of this thread have their turn.
    tokio::task::yield_now().await;
    Ok(differs)
}
