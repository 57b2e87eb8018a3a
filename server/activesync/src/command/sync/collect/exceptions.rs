//! What stands outside of the order: each is looked at for itself.

use super::{Reader, Say};
use crate::cursor::Ahead;

impl Reader<'_, '_> {
    /// What the device did and may not: it gets the truth again.
    pub(super) fn restored(&mut self) -> storage::Result<()> {
        // Those that this answer does not come to are told by the next.
        for id in self.asked.restore.iter().chain(&self.asked.deleted) {
            self.at.doubtful.insert(*id);
        }
        for id in &self.asked.restore {
            let Some(item) = self.living(*id)?.filter(|item| self.wants(item)) else { continue };
            self.at.doubtful.remove(*id);
            if !self.at.has(&item) {
                // It was replaced, or comes with history: that is told in its turn.
                continue;
            }
            // The log need not tell it again.
            self.give(&item);
            // An Add of an item that it still has would be a second one, so it comes as a change
            // unless the device has deleted it.
            let is_gone = self.asked.missed.contains(id);
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
                    self.at.forget_ahead(id);
                    self.say(Say::Delete(id));
                }
                Some(item) if !self.wants(&item) => self.take_away(&item),
                Some(item) if self.at.has(&item) => {
                    self.give(&item);
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
                    self.at.forget_ahead(known.id);
                    if held && !self.asked.deleted.contains(&known.id) {
                        self.say(Say::Delete(known.id));
                    }
                }
                (Some(item), true) if !self.wants(&item) => self.take_away(&item),
                (Some(item), true) => self.changed_ahead(known, item),
                (Some(item), false) if self.wants(&item) => {
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

    fn changed_ahead(&mut self, known: Ahead, item: storage::Item) {
        self.give(&item);
        if item.uid != known.uid {
            self.say(Say::Change(Box::new(item)));
        } else if item.modseq == known.modseq || self.is_own_change(&item) {
            // The device knows.
        } else if item.content_modseq > known.modseq {
            self.say(Say::Change(Box::new(item)));
        } else if self.asked.interest.has_flags() {
            self.say(Say::Flags(Box::new(item)));
        }
    }
}
