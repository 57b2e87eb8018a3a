//! Reads messages in batches that are bounded in number and bytes.

use super::plan::Needs;
use crate::completion::Failure;
use crate::mailbox::Mailbox;
use crate::session_state::Session;
use crate::view::{Places, View};
use std::collections::VecDeque;
use storage::{Item, Parsed, Stored, right};
use vocabulary::Uid;

/// Most messages of one read transaction.
const BATCH_MESSAGES_MAX: usize = 256;
/// Most bytes of contents of one read transaction, a single larger message aside.
const BATCH_BYTES_MAX: i64 = 4 * 1024 * 1024;

/// Goes through places batch by batch.
pub(crate) struct Walk {
    left: VecDeque<std::ops::Range<usize>>,
}

impl Walk {
    pub(crate) fn new(places: Places) -> Self {
        Self { left: places.into() }
    }

    /// The next places; they stay until [`Walk::advance`].
    pub(crate) fn batch(&self) -> Option<Places> {
        let mut room = BATCH_MESSAGES_MAX;
        let mut batch = Places::new();
        for places in &self.left {
            if room == 0 {
                break;
            }
            let end = places.end.min(places.start + room);
            room -= end - places.start;
            batch.push(places.start..end);
        }
        (!batch.is_empty()).then_some(batch)
    }

    /// Passes what was loaded of a batch, and says what that was.
    pub(crate) fn advance(&mut self, view: &View, batch: Places, loaded: &Loaded) -> Places {
        let end = match loaded.last {
            Some(last) => view.of_uids(&[(1, last.0)]).last().map_or(0, |places| places.end),
            None => batch.last().map_or(0, |places| places.end),
        };
        let passed = clip(batch, end);
        while let Some(first) = self.left.front_mut() {
            if first.end <= end {
                self.left.pop_front();
                continue;
            }
            first.start = first.start.max(end);
            break;
        }
        passed
    }
}

fn clip(places: Places, end: usize) -> Places {
    places
        .into_iter()
        .filter(|places| places.start < end)
        .map(|places| places.start..places.end.min(end))
        .collect()
}

/// What was read of one message.
pub(crate) struct Message {
    pub(crate) item: Item,
    pub(crate) parsed: Option<Parsed>,
    pub(crate) stored: Option<Stored>,
}

/// Messages in UID order.
pub(crate) struct Messages {
    items: std::iter::Peekable<std::vec::IntoIter<Item>>,
    parsed: std::iter::Peekable<std::vec::IntoIter<(Uid, Parsed)>>,
    stored: std::iter::Peekable<std::vec::IntoIter<(Uid, Stored)>>,
}

impl Messages {
    /// The message of a UID; they must be asked for in rising order.
    pub(crate) fn take(&mut self, uid: Uid) -> Option<Message> {
        while self.items.next_if(|item| item.uid < uid).is_some() {}
        while self.parsed.next_if(|(at, _)| *at < uid).is_some() {}
        while self.stored.next_if(|(at, _)| *at < uid).is_some() {}
        let item = self.items.next_if(|item| item.uid == uid)?;
        let parsed = self.parsed.next_if(|(at, _)| *at == uid).map(|(_, parsed)| parsed);
        let stored = self.stored.next_if(|(at, _)| *at == uid).map(|(_, stored)| stored);
        Some(Message { item, parsed, stored })
    }
}

/// What one read transaction gave.
pub(crate) struct Loaded {
    pub(crate) messages: Messages,
    /// The bytes ended here; what follows in the batch must be read again.
    last: Option<Uid>,
}

/// Reads what is needed of a batch, all of one moment.
pub(crate) async fn batch(
    session: &Session,
    mailbox: &Mailbox,
    needs: Needs,
    batch: &Places,
) -> Result<Loaded, Failure> {
    let (account, collection) = (mailbox.account, mailbox.collection);
    let mut ranges = mailbox.view.uid_ranges(batch);
    let loaded = session
        .read(move |tx| {
            let grant = tx.open::<right::ReadItems>(account, collection)?;
            let items = tx.items(&grant, &ranges)?;
            let last = if needs.content { full_at(&items) } else { None };
            if let Some(last) = last {
                ranges.retain(|range| *range.start() <= last.0);
                if let Some(range) = ranges.last_mut() {
                    *range = *range.start()..=last.0.min(*range.end());
                }
            }
            let parsed = if needs.parsed { tx.parsed(&grant, &ranges)? } else { Vec::new() };
            let stored = if needs.content { tx.contents(&grant, &ranges, false)? } else { Vec::new() };
            let messages = Messages {
                items: items.into_iter().peekable(),
                parsed: parsed.into_iter().peekable(),
                stored: stored.into_iter().peekable(),
            };
            Ok(Loaded { messages, last })
        })
        .await?;
    Ok(loaded)
}

/// The last message whose bytes still fit, if not all do; at least the first.
fn full_at(items: &[Item]) -> Option<Uid> {
    let mut bytes = 0;
    let mut last = None;
    for item in items {
        bytes += item.size_bytes;
        if bytes > BATCH_BYTES_MAX && last.is_some() {
            return last;
        }
        last = Some(item.uid);
    }
    None
}
