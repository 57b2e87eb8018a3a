//! The items of several folders, the newest first, a page of each at a time.

use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use storage::{Error, Item, Refusal, right};
use vocabulary::{Timestamp, Uid};

use crate::call::Call;
use crate::folder::class_of;

/// Rows that wait in memory, of all folders together, roughly.
const ROWS_WAITING: usize = 8_192;
const PAGE_ROWS: std::ops::RangeInclusive<usize> = 8..=512;

/// An item that may be a result.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) folder: FolderId,
    pub(super) class: Class,
    pub(super) item: Item,
}

#[derive(Debug)]
struct Lane {
    folder: FolderId,
    class: Class,
    /// Everything from here on has been read.
    before: (Timestamp, Uid),
    waiting: VecDeque<Item>,
    is_read: bool,
}

/// Where a search is.
#[derive(Debug)]
pub(super) struct Walk {
    lanes: Vec<Lane>,
    page_rows: usize,
}

impl Walk {
    pub(super) fn new(folders: &[FolderId]) -> Self {
        let lane = |folder: &FolderId| Lane {
            folder: *folder,
            class: Class::Email,
            before: (Timestamp(i64::MAX), Uid(u32::MAX)),
            waiting: VecDeque::new(),
            is_read: false,
        };
        let page_rows = (ROWS_WAITING / folders.len().max(1)).clamp(*PAGE_ROWS.start(), *PAGE_ROWS.end());
        Self { lanes: folders.iter().map(lane).collect(), page_rows }
    }

    /// The next items, at most `limit`; none when everything was gone through.
    pub(super) async fn next(&mut self, call: &Call, limit: usize) -> storage::Result<Vec<Candidate>> {
        self.refill(call).await?;
        let newest =
            |at: usize, lane: &Lane| lane.waiting.front().map(|item| (item.filter_at, Reverse(at), item.uid));
        let mut heads: BinaryHeap<_> =
            self.lanes.iter().enumerate().filter_map(|(at, lane)| newest(at, lane)).collect();
        let mut next = Vec::new();
        while next.len() < limit {
            let Some((_, Reverse(at), _)) = heads.pop() else { break };
            let Some(lane) = self.lanes.get_mut(at) else { break };
            let Some(item) = lane.waiting.pop_front() else { break };
            next.push(Candidate { folder: lane.folder, class: lane.class, item });
            match newest(at, &*lane) {
                Some(head) => heads.push(head),
                // What follows in this folder may be newer than what the others have.
                None if !lane.is_read => break,
                None => {}
            }
        }
        Ok(next)
    }

    /// Reads a page of each folder of which nothing waits.
    async fn refill(&mut self, call: &Call) -> storage::Result<()> {
        let is_empty = |lane: &&Lane| lane.waiting.is_empty() && !lane.is_read;
        let asked: Vec<_> =
            self.lanes.iter().filter(is_empty).map(|lane| (lane.folder, lane.before)).collect();
        if asked.is_empty() {
            return Ok(());
        }
        let rows = self.page_rows;
        let pages = call.store().read(call.principal(), move |tx| {
            let page = |(folder, before): (FolderId, (Timestamp, Uid))| {
                let grant = match tx.open::<right::ReadItems>(folder.account, folder.collection) {
                    Ok(grant) => grant,
                    // Gone, or no longer shared.
                    Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => return Ok(None),
                    Err(error) => return Err(error),
                };
                let items = tx.items_newest_first(&grant, before, Timestamp(i64::MIN), rows)?;
                Ok(Some((class_of(grant.collection().kind), items)))
            };
            asked.into_iter().map(page).collect::<storage::Result<Vec<_>>>()
        });
        let pages = pages.await?;
        let lanes = self.lanes.iter_mut().filter(|lane| lane.waiting.is_empty() && !lane.is_read);
        for (lane, page) in lanes.zip(pages) {
            let Some((class, items)) = page else {
                lane.is_read = true;
                continue;
            };
            lane.class = class;
            lane.is_read = items.len() < rows;
            if let Some(last) = items.last() {
                lane.before = (last.filter_at, last.uid);
            }
            lane.waiting = items.into();
        }
        Ok(())
    }
}
