//! What the process remembers of searches: which Find a device is at, and how much work they were.

use activesync_wire::command::find::Criterion;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::call::Call;

/// What searches have looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Items.
    pub items: u64,
    /// Bytes of items that had to be read through.
    pub bytes: u64,
}

/// Of all devices that were here since the process began; about a kilobyte each.
#[derive(Debug, Default)]
pub(crate) struct Searches {
    finds: Mutex<HashMap<String, (String, Criterion)>>,
    items: AtomicU64,
    bytes: AtomicU64,
}

impl Searches {
    /// The first page of a Find is given: the others may follow.
    pub(crate) fn begin(&self, call: &Call, search_id: &str, criterion: &Criterion) {
        let mut finds = self.finds.lock().unwrap_or_else(PoisonError::into_inner);
        finds.insert(call.quiet_name(), (search_id.to_owned(), criterion.clone()));
    }

    /// Whether the device is at this Find.
    pub(crate) fn has_begun(&self, call: &Call, search_id: &str, criterion: &Criterion) -> bool {
        let finds = self.finds.lock().unwrap_or_else(PoisonError::into_inner);
        let at = finds.get(&call.quiet_name());
        at.is_some_and(|(id, asked)| id == search_id && asked == criterion)
    }

    pub(crate) fn count(&self, items: u64, bytes: u64) {
        self.items.fetch_add(items, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn work(&self) -> Work {
        Work { items: self.items.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }
}
