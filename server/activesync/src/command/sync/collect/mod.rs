//! What the server has to tell a device about a collection: the log against what the device holds.
//!
//! In this order, up to a window: (1) what stands outside of the order: refused commands, lost answers,
//! exceptions; (2) changes of what the device has, (3) new items at or above the boundary, (4) only when
//! the log is exhausted what a narrowed filter takes away, then what looks different because time has passed,
//! and then history, the newest first. Each entry carries the progress that holds once it has arrived, so an
//! answer may end behind any of them.

mod aging;
mod exceptions;
mod history;
mod log;
mod whole;

pub(crate) use exceptions::note_deleted;

use activesync_wire::item::email::MarksChanged;
use std::collections::HashSet;
use storage::{Grant, Item, Read, right};
use vocabulary::{ItemId, ModSeq, Rights};

use super::interest::Interest;
use crate::cursor::{Ahead, Progress, mark};
use crate::item::email;

/// Rows read at once.
const ROWS_MAX: usize = 512;

/// What is said of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Say {
    /// All of it: the device does not have it.
    Add(Box<Item>),
    /// All of it again.
    Change(Box<Item>),
    /// All of it again, if it looks different by now: only its bytes can say so.
    Aged(Box<Item>),
    /// Those of its marks that changed after a stamp.
    Flags(Box<Item>, ModSeq),
    /// It is gone.
    Delete(ItemId),
    /// It is outside of the filter.
    SoftDelete(ItemId),
}

impl Say {
    fn id(&self) -> ItemId {
        match self {
            Self::Add(item) | Self::Change(item) | Self::Aged(item) | Self::Flags(item, _) => item.id,
            Self::Delete(id) | Self::SoftDelete(id) => *id,
        }
    }

    /// The item that it gives to the device or takes from it.
    pub(crate) fn given_or_taken(&self) -> Option<ItemId> {
        match self {
            Self::Add(_) | Self::Delete(_) | Self::SoftDelete(_) => Some(self.id()),
            Self::Change(_) | Self::Aged(_) | Self::Flags(..) => None,
        }
    }
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

impl Page {
    /// Nothing to say.
    pub(crate) fn nothing(progress: Progress) -> Self {
        Self { entries: Vec::new(), progress, more: false }
    }
}

/// Who asks, and how.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) interest: Interest,
    /// Most entries.
    pub(crate) window: usize,
    /// The device that need not hear of its own changes.
    pub(crate) quiet_name: String,
    /// Items that the device deleted with this request.
    pub(crate) deleted: HashSet<ItemId>,
    /// Items whose true state the device shall see again, because what it did was refused.
    pub(crate) restore: Vec<ItemId>,
    /// Those of them that it wanted to delete, and shows no more.
    pub(crate) missed: HashSet<ItemId>,
}

impl Asked {
    /// A look without commands.
    pub(crate) fn look(interest: Interest, window: usize, quiet_name: String) -> Self {
        let (deleted, restore, missed) = (HashSet::new(), Vec::new(), HashSet::new());
        Self { interest, window, quiet_name, deleted, restore, missed }
    }
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
    let sees_private = grant.rights().contains(Rights::SEE_PRIVATE);
    let (entries, gone) = (Vec::new(), HashSet::new());
    let mut reader = Reader {
        tx,
        grant,
        asked,
        limit,
        sees_private,
        start: from,
        at: from.clone(),
        entries,
        gone,
        crowded: false,
        doubts: 0,
    };
    reader.restored()?;
    reader.doubts()?;
    reader.doubts = reader.at.doubtful.len();
    reader.exceptions()?;
    if reader.log()? {
        reader.close_hole_and_narrow()?;
        reader.age()?;
        reader.history()?;
    }
    if asked.interest.conversations {
        reader.doubts()?;
    }
    Ok(reader.page(asked.window))
}

struct Reader<'a, 'tx> {
    tx: &'a Read<'tx>,
    grant: &'a Grant<'tx, right::ReadItems>,
    asked: &'a Asked,
    limit: usize,
    sees_private: bool,
    start: &'a Progress,
    at: Progress,
    entries: Vec<Entry>,
    /// What this page says is gone.
    gone: HashSet<ItemId>,
    /// It ended early, because too much was in doubt.
    crowded: bool,
    /// So many were in doubt when it began, and stay so for now.
    doubts: usize,
}

impl Reader<'_, '_> {
    fn is_full(&self) -> bool {
        self.entries.len() >= self.limit
    }

    /// Says it, after what it changes has been noted. Whatever is said of an item ends the doubt of it:
    /// all of it is said, for the device may not have it.
    ///
    /// What the device could not take it does not have: a new version of it is new to the device.
    fn say(&mut self, say: Say) {
        let id = say.id();
        if matches!(say, Say::Flags(..)) && self.at.choked.contains(id) {
            return;
        }
        let is_new = self.at.choked.remove(id);
        let is_doubtful = self.at.doubtful.remove(id) || is_new;
        match say {
            Say::Change(item) | Say::Aged(item) | Say::Flags(item, _) if is_doubtful => {
                self.push(Say::Add(item))
            }
            Say::Delete(id) if !self.gone.insert(id) => {}
            said => self.push(said),
        }
    }

    /// Says which marks changed after a stamp, if any did that phones show.
    fn say_marks(&mut self, item: Item, since: ModSeq) {
        let is_doubtful = self.at.doubtful.contains(item.id);
        if is_doubtful || email::changed_since(&item, since) != MarksChanged::default() {
            self.say(Say::Flags(Box::new(item), since));
        }
    }

    fn push(&mut self, say: Say) {
        self.entries.push(Entry { say, after: self.at.clone() });
    }

    fn page(mut self, window: usize) -> Page {
        let more = self.entries.len() > window || self.crowded;
        if self.entries.len() > window {
            self.entries.truncate(window);
            self.at = self.entries.last().map_or(self.start, |last| &last.after).clone();
        }
        Page { entries: self.entries, progress: self.at, more }
    }

    fn living(&self, id: ItemId) -> storage::Result<Option<Item>> {
        Ok(self.tx.item_by_id(self.grant, id)?.filter(|item| !item.vanished))
    }

    /// The device made the last change of this item itself, and knew what was there before.
    fn is_own_change(&self, item: &Item) -> bool {
        item.quiet_for.as_deref() == Some(self.asked.quiet_name.as_str())
    }

    /// Notes that the device has this version. `false`: there is no room for that.
    fn give(&mut self, item: &Item) -> bool {
        self.at.put_ahead(Ahead::held(item))
    }

    /// The filter shows it no more, though it exists. Until the log is exhausted only a note says so: an
    /// edit may bring it back. Without room for a note it goes when the boundary is raised.
    fn take_away(&mut self, item: &Item) {
        self.at.own.remove(item.uid);
        if self.at.put_ahead(Ahead::away(item)) || !self.at.has_at(mark(item)) {
            self.say(Say::SoftDelete(item.id));
        } else {
            self.say(Say::Change(Box::new(item.clone())));
        }
    }
}
