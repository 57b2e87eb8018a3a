//! The log: what changed of what the device has, then what is new.

use storage::{Change, ChangeKind, Cursor, Item};
use vocabulary::Uid;

use super::{ROWS_MAX, Reader, Say};
use crate::cursor::{Ahead, mark};

impl Reader<'_, '_> {
    /// The log up to this moment. Whether its end was reached and there is room for more.
    pub(super) fn log(&mut self) -> storage::Result<bool> {
        if self.at.reach() > self.at.cursor.added && !self.changes_beyond()? {
            return Ok(false);
        }
        loop {
            if self.is_crowded() {
                return Ok(false);
            }
            let page = self.tx.changes_since(self.grant, self.at.cursor, ROWS_MAX)?;
            for change in page.changes {
                if self.is_crowded() {
                    return Ok(false);
                }
                self.pass(&change);
                self.tell(change)?;
            }
            self.at.cursor = page.next;
            if !page.more {
                self.settle()?;
                return Ok(!self.is_crowded());
            }
        }
    }

    /// The changes alone, also of those rows that the device made and the log has not come to yet: one
    /// that is gone already would never be told of as new, nor as gone.
    fn changes_beyond(&mut self) -> storage::Result<bool> {
        loop {
            if self.is_crowded() {
                return Ok(false);
            }
            let beyond = Cursor { added: self.at.reach(), ..self.at.cursor };
            let page = self.tx.changes_since(self.grant, beyond, ROWS_MAX)?;
            for change in page.changes.into_iter().filter(|change| change.kind != ChangeKind::Added) {
                if self.is_crowded() {
                    return Ok(false);
                }
                self.pass(&change);
                self.tell(change)?;
            }
            self.at.cursor = Cursor { added: self.at.cursor.added, ..page.next };
            if page.next.uid == Uid(u32::MAX) {
                return Ok(true);
            }
        }
    }

    /// Moves the cursor behind one change.
    fn pass(&mut self, change: &Change) {
        let cursor = &mut self.at.cursor;
        if change.kind == ChangeKind::Added {
            let end = self.grant.collection().highest;
            (cursor.modseq, cursor.uid, cursor.told) = (end, Uid(u32::MAX), end);
            cursor.added = change.item.uid;
        } else {
            (cursor.modseq, cursor.uid) = (change.item.modseq, change.item.uid);
        }
    }

    fn tell(&mut self, change: Change) -> storage::Result<()> {
        let item = change.item;
        let is_unknown = item.uid > self.at.cursor.added;
        if self.at.exception(item.id).is_some() || (is_unknown && !item.vanished) {
            return Ok(());
        }
        match change.kind {
            ChangeKind::Added => self.added(item)?,
            ChangeKind::Changed => self.changed(item)?,
            ChangeKind::FlagsChanged => self.flags_changed(item)?,
            ChangeKind::Removed => self.removed(&item)?,
        }
        Ok(())
    }

    fn added(&mut self, item: Item) -> storage::Result<()> {
        if !self.holds(&item)? {
            return Ok(());
        }
        if self.at.covers(mark(&item)) {
            self.comes(&item)?;
        }
        let is_own = self.at.own.contains(item.uid);
        if !self.wants(&item)? {
            if !is_own {
                self.pass_over(item);
            }
        } else if !is_own {
            self.say(Say::Add(Box::new(item)));
        } else if item.modseq != item.created_modseq && !self.is_own_change(&item) {
            self.say(Say::Change(Box::new(item)));
        }
        Ok(())
    }

    fn flags_changed(&mut self, item: Item) -> storage::Result<()> {
        let concerns = self.asked.interest.has_flags() && !self.is_own_change(&item);
        if concerns && self.holds(&item)? && self.wants(&item)? {
            self.say_marks(item, self.start.cursor.told);
        }
        Ok(())
    }

    /// The bytes changed, and with them perhaps the side of the filter's edge.
    fn changed(&mut self, item: Item) -> storage::Result<()> {
        let was_there = self.was_there(&item)?;
        let is_in_order = self.holds(&item)?;
        match (was_there, self.wants(&item)?) {
            (true, true) if is_in_order || self.give(&item) => {
                if !self.is_own_change(&item) {
                    self.say(Say::Change(Box::new(item)));
                }
            }
            (true, _) => self.take_away(&item),
            (false, true) if is_in_order => {
                // Until the log is exhausted only this note says so.
                self.give(&item);
                self.say(Say::Add(Box::new(item)));
            }
            (false, false) if is_in_order => self.pass_over(item),
            (false, _) => {}
        }
        Ok(())
    }

    /// The filter has been narrowed and shows it no more, but the boundary, which says that the device has it, is raised
    /// only at the end of the log. Until then a note says that it has not; without room for one it gets it, and
    /// loses it with the rest.
    fn pass_over(&mut self, item: Item) {
        if self.asked.interest.shows(&item) && !self.at.put_ahead(Ahead::away(&item)) {
            self.say(Say::Add(Box::new(item)));
        }
    }

    /// Whether the device had the item when its bytes were last told.
    fn was_there(&self, item: &Item) -> storage::Result<bool> {
        if self.at.own.contains(item.uid) {
            return Ok(true);
        }
        let Some(before) = self.tx.before(self.grant, item, &self.at.cursor)? else { return Ok(false) };
        let was_shown = self.sees_private || !before.private;
        // For its conversation: the moment of a mail never changes.
        let for_another = self.asked.interest.conversations && self.holds(item)?;
        Ok(was_shown && (self.at.has_at((before.filter_at, item.uid)) || for_another))
    }

    /// Gone, or replaced, or gone and back: identity is the object's, and phones know it by that.
    fn removed(&mut self, gone: &Item) -> storage::Result<()> {
        let was_there = self.was_there(gone)?;
        if was_there && self.at.covers(mark(gone)) {
            self.goes(gone)?;
        }
        self.at.own.remove(gone.uid);
        if self.asked.deleted.contains(&gone.id) {
            self.at.doubtful.remove(gone.id);
            return Ok(());
        }
        if !was_there {
            return Ok(());
        }
        match self.living(gone.id)? {
            // The device replaced it itself.
            Some(twin) if self.at.own.contains(twin.uid) => {}
            Some(twin) if self.wants(&twin)? && self.give(&twin) => self.say(Say::Change(Box::new(twin))),
            Some(_) | None => self.say(Say::Delete(gone.id)),
        }
        Ok(())
    }

    /// At the end of the log everything is known: what the order says needs no note of its own.
    fn settle(&mut self) -> storage::Result<()> {
        for id in &self.asked.deleted {
            self.at.doubtful.remove(*id);
        }
        let (added, order) = (self.at.cursor.added, self.at.clone());
        self.at
            .ahead
            .retain(|known| known.uid > added || known.held != order.covers((known.filter_at, known.uid)));
        if !self.at.own.is_empty() {
            let own = self.tx.items(self.grant, self.at.own.ranges())?;
            if own.iter().all(|item| self.at.covers(mark(item))) {
                self.at.own = Default::default();
            }
        }
        Ok(())
    }
}
