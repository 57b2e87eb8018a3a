//! What the server has to tell a device about a collection: the log against what the device holds.
//!
//! In this order, up to a window: (1) changes of what the device has, (2) new items at or above the
//! boundary, (3) only when the log is exhausted what a narrowed filter takes away, and then history,
//! the newest first. Each entry carries the progress that holds once it has arrived, so an answer may
//! end behind any of them.

use std::collections::HashSet;
use storage::{Change, ChangeKind, Grant, Item, Read, right};
use vocabulary::{ItemId, Timestamp, Uid};

use crate::cursor::{Ahead, Hole, Progress, mark};

/// Rows read at once.
const ROWS_MAX: usize = 512;

/// What is said of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Say {
    /// All of it: the device does not have it.
    Add(Box<Item>),
    /// All of it again.
    Change(Box<Item>),
    /// Its flags.
    Flags(Box<Item>),
    /// It is gone.
    Delete(ItemId),
    /// It is outside of the filter.
    SoftDelete(ItemId),
}

/// One thing to say, and what the device has once it has heard it.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) say: Say,
    pub(crate) after: Progress,
}

/// A page of things to say.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    /// What the device has once it has heard all of them.
    pub(crate) progress: Progress,
    /// There is more.
    pub(crate) more: bool,
}

/// Who asks, and how.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Items before this moment are not wanted.
    pub(crate) since: Timestamp,
    /// Most entries.
    pub(crate) window: usize,
    /// The device that need not hear of its own flag changes.
    pub(crate) quiet_name: String,
    /// Items that the device deleted with this request.
    pub(crate) deleted: HashSet<ItemId>,
    /// Items whose true state the device shall see again, because what it did was refused.
    pub(crate) restore: Vec<ItemId>,
}

/// Reads a page.
///
/// # Errors
/// [`storage::Refusal::ResyncRequired`] if the log no longer reaches back so far.
pub(crate) fn collect<'tx>(
    tx: &Read<'tx>,
    grant: &Grant<'tx, right::ReadItems>,
    from: &Progress,
    asked: &Asked,
) -> storage::Result<Page> {
    tx.check_cursor(grant, &from.cursor)?;
    // One entry more than fits tells whether there is more.
    let limit = asked.window.saturating_add(1);
    let mut reader = Reader { tx, grant, asked, limit, start: from, at: from.clone(), entries: Vec::new() };
    reader.restored()?;
    reader.out_of_order()?;
    if reader.log()? {
        reader.close_hole_and_narrow()?;
        reader.history()?;
    }
    Ok(reader.page(asked.window))
}

struct Reader<'a, 'tx> {
    tx: &'a Read<'tx>,
    grant: &'a Grant<'tx, right::ReadItems>,
    asked: &'a Asked,
    limit: usize,
    start: &'a Progress,
    at: Progress,
    entries: Vec<Entry>,
}

impl<'tx> Reader<'_, 'tx> {
    fn is_full(&self) -> bool {
        self.entries.len() >= self.limit
    }

    fn say(&mut self, say: Say) {
        self.entries.push(Entry { say, after: self.at.clone() });
    }

    fn page(mut self, window: usize) -> Page {
        let more = self.entries.len() > window;
        if more {
            self.entries.truncate(window);
            self.at = self.entries.last().map_or(self.start, |last| &last.after).clone();
        }
        Page { entries: self.entries, progress: self.at, more }
    }

    /// What the device did and may not: it gets the truth again.
    fn restored(&mut self) -> storage::Result<()> {
        for id in &self.asked.restore {
            let Some(item) = self.tx.item_by_id(self.grant, *id)?.filter(|item| !item.vanished) else {
                continue;
            };
            // One that was replaced is told here, so the log need not tell it again.
            let replaced = item.uid > self.at.cursor.added;
            if replaced && !self.at.put_ahead(Ahead::of(&item)) {
                continue;
            }
            // An Add of an item that it still has would be a second one, so it comes as a change
            // unless the device has deleted it.
            let gone = self.asked.deleted.contains(id);
            self.say(if gone { Say::Add(Box::new(item)) } else { Say::Change(Box::new(item)) });
        }
        Ok(())
    }

    /// Items that the device has out of order are looked at one by one.
    fn out_of_order(&mut self) -> storage::Result<()> {
        for known in self.at.ahead.clone() {
            if self.is_full() {
                return Ok(());
            }
            match self.tx.item_by_id(self.grant, known.id)?.filter(|item| !item.vanished) {
                None => {
                    self.at.ahead.retain(|ahead| ahead.id != known.id);
                    if !self.asked.deleted.contains(&known.id) {
                        self.say(Say::Delete(known.id));
                    }
                }
                Some(item) if item.modseq != known.modseq || item.uid != known.uid => {
                    let quiet = item.quiet_for.as_deref() == Some(self.asked.quiet_name.as_str());
                    self.at.put_ahead(Ahead::of(&item));
                    if item.uid != known.uid {
                        self.say(Say::Change(Box::new(item)));
                    } else if !quiet {
                        self.say(Say::Flags(Box::new(item)));
                    }
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// The log up to this moment. Whether its end was reached.
    fn log(&mut self) -> storage::Result<bool> {
        loop {
            if self.is_full() {
                return Ok(false);
            }
            let page = self.tx.changes_since(self.grant, self.at.cursor, ROWS_MAX)?;
            for change in page.changes {
                if self.is_full() {
                    return Ok(false);
                }
                self.pass(&change);
                self.tell(change)?;
            }
            self.at.cursor = page.next;
            if !page.more {
                self.forget_what_is_in_order();
                return Ok(!self.is_full());
            }
        }
    }

    /// Moves the cursor behind one change.
    fn pass(&mut self, change: &Change) {
        let cursor = &mut self.at.cursor;
        if change.kind == ChangeKind::Added {
            (cursor.modseq, cursor.uid) = (self.grant.collection().highest, Uid(u32::MAX));
            cursor.added = change.item.uid;
        } else {
            (cursor.modseq, cursor.uid) = (change.item.modseq, change.item.uid);
        }
    }

    fn tell(&mut self, change: Change) -> storage::Result<()> {
        let item = change.item;
        let has_out_of_order = self.at.ahead.iter().any(|ahead| ahead.id == item.id);
        if has_out_of_order || !self.at.covers(mark(&item)) {
            return Ok(());
        }
        let quiet = item.quiet_for.as_deref() == Some(self.asked.quiet_name.as_str());
        match change.kind {
            ChangeKind::Added => self.say(Say::Add(Box::new(item))),
            ChangeKind::Changed => self.say(Say::Change(Box::new(item))),
            ChangeKind::FlagsChanged if quiet => {}
            ChangeKind::FlagsChanged => self.say(Say::Flags(Box::new(item))),
            ChangeKind::Removed => self.removed(&item)?,
        }
        Ok(())
    }

    /// Gone, or replaced, or gone and back: identity is the object's, and phones know it by that.
    fn removed(&mut self, gone: &Item) -> storage::Result<()> {
        let twin = self.tx.item_by_id(self.grant, gone.id)?.filter(|twin| !twin.vanished);
        match twin {
            Some(twin) if !self.asked.deleted.contains(&gone.id) && self.at.put_ahead(Ahead::of(&twin)) => {
                self.say(Say::Change(Box::new(twin)));
            }
            _ if self.asked.deleted.contains(&gone.id) => {}
            _ => self.say(Say::Delete(gone.id)),
        }
        Ok(())
    }

    /// At the end of the log everything is known; what the boundary covers needs no note of its own.
    fn forget_what_is_in_order(&mut self) {
        let Progress { cursor, boundary, hole, ahead } = &mut self.at;
        let order = Progress { cursor: *cursor, boundary: *boundary, hole: *hole, ahead: Vec::new() };
        ahead.retain(|item| item.uid > cursor.added || !order.covers((item.filter_at, item.uid)));
    }

    /// Takes away what the filter no longer shows.
    fn close_hole_and_narrow(&mut self) -> storage::Result<()> {
        let edge = (self.asked.since, Uid(0));
        loop {
            if let Some(hole) = self.at.hole {
                if !self.widen_hole(hole)? {
                    return Ok(());
                }
                self.at.boundary = hole.to;
                self.at.hole = None;
            }
            if self.at.boundary >= edge {
                break;
            }
            self.at.hole = Some(Hole { from: edge, to: edge });
        }
        for item in self.at.ahead.clone() {
            if self.is_full() {
                return Ok(());
            }
            if item.uid <= self.at.cursor.added && (item.filter_at, item.uid) < edge {
                self.at.ahead.retain(|ahead| ahead.id != item.id);
                self.say(Say::SoftDelete(item.id));
            }
        }
        Ok(())
    }

    /// Whether the hole reached the boundary.
    fn widen_hole(&mut self, mut hole: Hole) -> storage::Result<bool> {
        loop {
            let lowest = self.at.boundary;
            let items = self.tx.items_newest_first(self.grant, hole.from, lowest.0, ROWS_MAX)?;
            let all = items.len() < ROWS_MAX;
            for item in items {
                if mark(&item) < lowest {
                    return Ok(true);
                }
                if self.is_full() {
                    return Ok(false);
                }
                hole.from = mark(&item);
                self.at.hole = Some(hole);
                self.at.ahead.retain(|ahead| ahead.id != item.id);
                self.say(Say::SoftDelete(item.id));
            }
            if all {
                return Ok(true);
            }
        }
    }

    /// Lowers the boundary towards the filter's edge.
    fn history(&mut self) -> storage::Result<()> {
        let edge = (self.asked.since, Uid(0));
        while self.at.hole.is_none() && self.at.boundary > edge && !self.is_full() {
            let items = self.tx.items_newest_first(self.grant, self.at.boundary, edge.0, ROWS_MAX)?;
            let all = items.len() < ROWS_MAX;
            for item in items {
                if self.is_full() {
                    return Ok(());
                }
                self.at.boundary = mark(&item);
                let held = self.at.ahead.len();
                self.at.ahead.retain(|ahead| ahead.uid != item.uid);
                if self.at.ahead.len() == held {
                    self.say(Say::Add(Box::new(item)));
                }
            }
            if all && !self.is_full() {
                self.at.boundary = edge;
            }
        }
        Ok(())
    }
}
