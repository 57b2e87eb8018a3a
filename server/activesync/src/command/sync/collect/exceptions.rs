//! What stands outside of the order: each is looked at for itself.

use std::collections::HashSet;
use storage::{Grant, Read, right};
use vocabulary::ItemId;

use super::{Reader, Say};
use crate::cursor::{Ahead, Progress, mark};

/// What the device deleted with its request it does not have any more.
pub(crate) fn note_deleted<'tx>(
    tx: &Read<'tx>,
    grant: &Grant<'tx, right::ReadItems>,
    at: &mut Progress,
    deleted: &HashSet<ItemId>,
) -> storage::Result<()> {
    for id in deleted {
        bury(tx, grant, at, *id)?;
        if at.exception(*id).is_none() {
            at.doubtful.insert(*id);
        }
    }
    Ok(())
}

/// Notes that the device knows of the end of an item before the log comes to it: should the item be back by
/// then, it is new to the device.
fn bury<'tx>(
    tx: &Read<'tx>,
    grant: &Grant<'tx, right::ReadItems>,
    at: &mut Progress,
    id: ItemId,
) -> storage::Result<()> {
    at.forget_ahead(id);
    if let Some(gone) = tx.item_by_id(grant, id)? {
        at.own.remove(gone.uid);
        if (gone.modseq, gone.uid) > (at.cursor.modseq, at.cursor.uid) {
            at.put_ahead(Ahead::away(&gone));
        }
    }
    Ok(())
}

impl Reader<'_, '_> {
    /// What the device did and may not: it gets the truth again. What this answer does not come to is told
    /// by the next, for it is in doubt.
    pub(super) fn restored(&mut self) -> storage::Result<()> {
        note_deleted(self.tx, self.grant, &mut self.at, &self.asked.deleted)?;
        let mut shown = Vec::new();
        for id in &self.asked.restore {
            let living = self.living(*id)?;
            let is_wanted = living.as_ref().map_or(Ok(false), |item| self.wants(item))?;
            match living.filter(|_| is_wanted) {
                // It was replaced, or comes with history: that is told in its turn.
                Some(item) if !self.has(&item)? => continue,
                Some(item) => shown.push(item),
                None => {}
            }
            self.at.doubtful.insert(*id);
        }
        for item in shown {
            self.at.doubtful.remove(item.id);
            // The log need not tell it again.
            self.give(&item);
            // An Add of an item that it still has would be a second one, so it comes as a change
            // unless the device has deleted it.
            let is_gone = self.asked.missed.contains(&item.id);
            self.push(if is_gone { Say::Add(Box::new(item)) } else { Say::Change(Box::new(item)) });
        }
        Ok(())
    }

    /// What lost answers told. An item that the order brings anyway is left to it.
    pub(super) fn doubts(&mut self) -> storage::Result<()> {
        let doubtful: Vec<_> = self.at.doubtful.iter().collect();
        for id in doubtful {
            if self.is_full() {
                return Ok(());
            }
            match self.living(id)? {
                None if self.asked.deleted.contains(&id) => {}
                None => {
                    self.bury(id)?;
                    self.say(Say::Delete(id));
                }
                Some(item) if !self.wants(&item)? => self.take_away(&item),
                Some(item) if self.has(&item)? => {
                    // What comes with its conversation needs no note of its own.
                    if !self.asked.interest.conversations || self.at.has(&item) {
                        self.give(&item);
                    }
                    self.say(Say::Add(Box::new(item)));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// The exceptions from the order.
    pub(super) fn exceptions(&mut self) -> storage::Result<()> {
        for known in self.at.ahead.clone() {
            if self.is_full() {
                return Ok(());
            }
            match (self.living(known.id)?, known.held) {
                (None, held) => {
                    self.bury(known.id)?;
                    if held && !self.asked.deleted.contains(&known.id) {
                        self.say(Say::Delete(known.id));
                    }
                }
                (Some(item), true) if !self.wants(&item)? => self.take_away(&item),
                (Some(item), true) => self.changed_ahead(known, item),
                (Some(item), false) if self.wants(&item)? => {
                    self.give(&item);
                    self.say(Say::Add(Box::new(item)));
                }
                (Some(item), false) => {
                    self.at.put_ahead(Ahead::away(&item));
                }
            }
        }
        Ok(())
    }

    fn bury(&mut self, id: ItemId) -> storage::Result<()> {
        bury(self.tx, self.grant, &mut self.at, id)?;
        if !self.asked.interest.conversations {
            return Ok(());
        }
        match self.tx.item_by_id(self.grant, id)? {
            Some(gone) if self.at.covers(mark(&gone)) => self.goes(&gone),
            Some(_) | None => Ok(()),
        }
    }

    fn changed_ahead(&mut self, known: Ahead, item: storage::Item) {
        self.give(&item);
        if item.uid != known.uid {
            self.say(Say::Change(Box::new(item)));
        } else if item.modseq == known.modseq || self.is_own_change(&item) {
            // The device knows.
        } else if item.content_modseq > known.modseq {
            self.say(Say::Change(Box::new(item)));
        } else if self.asked.interest.has_flags() {
            self.say_marks(item, known.modseq);
        }
    }
}
