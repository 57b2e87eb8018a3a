//! Whole conversations: MS-ASCON section 3.1.4.9. Of a thread of which the order gives the device any mail it has the
//! older ones too.
//!
//! Nothing is kept of that: which mails of a thread the device knows of follows from the cursor. What comes or goes so
//! is in doubt until it has been told, so a page may end anywhere.

use storage::Item;
use vocabulary::{ItemId, Uid};

use super::Reader;
use crate::cursor::mark;

/// A longer thread is no conversation: each of its mails stands for itself.
const MAILS_MAX: usize = 500;
/// So many may wait to be told before more is looked at.
const DOUBTS_MAX: usize = 400;

impl Reader<'_, '_> {
    /// Whether the device has the item.
    pub(super) fn has(&self, item: &Item) -> storage::Result<bool> {
        match self.at.exception(item.id) {
            Some(ahead) => Ok(ahead.held),
            None => self.holds(item),
        }
    }

    /// Whether the order says so, for itself or for its conversation.
    pub(super) fn holds(&self, item: &Item) -> storage::Result<bool> {
        if self.at.has_at(mark(item)) {
            return Ok(true);
        }
        if !self.asked.interest.conversations || item.uid > self.at.cursor.added {
            return Ok(false);
        }
        Ok(self.is_covered(&self.thread(item)?))
    }

    /// Whether the filter shows the item, for itself or for its conversation.
    pub(super) fn wants(&self, item: &Item) -> storage::Result<bool> {
        let interest = self.asked.interest;
        if interest.wants(item) || !interest.conversations || !interest.shows(item) {
            return Ok(interest.wants(item));
        }
        let mails = self.mails(item, Uid(u32::MAX))?;
        Ok(mails.iter().any(|mail| !mail.vanished && mail.filter_at >= interest.since))
    }

    fn mails(&self, item: &Item, last: Uid) -> storage::Result<Vec<Item>> {
        let mails = self.tx.conversation(self.grant, item.thread, last)?;
        Ok(if mails.len() > MAILS_MAX { Vec::new() } else { mails })
    }

    /// The mails of its thread that the device knows of, those that it has not been told are gone included.
    fn thread(&self, item: &Item) -> storage::Result<Vec<Item>> {
        let place = (self.at.cursor.modseq, self.at.cursor.uid);
        let mut mails = self.mails(item, self.at.cursor.added)?;
        mails.retain(|mail| !mail.vanished || (mail.modseq, mail.uid) > place);
        Ok(mails)
    }

    fn is_covered(&self, mails: &[Item]) -> bool {
        mails.iter().any(|mail| self.at.covers(mark(mail)))
    }

    /// An item comes to the device by the order: what its conversation brings along. To be called when the
    /// cursor knows of it and before or after the boundary does.
    pub(super) fn comes(&mut self, item: &Item) -> storage::Result<()> {
        if !self.asked.interest.conversations {
            return Ok(());
        }
        let mut others = self.thread(item)?;
        others.retain(|mail| mail.uid != item.uid);
        if !self.is_covered(&others) {
            // But for those that were told one by one.
            others.retain(|mail| !self.at.exception(mail.id).is_some_and(|known| known.held));
            self.doubt(others.into_iter().filter(|mail| !mail.vanished).map(|mail| mail.id).collect());
        }
        Ok(())
    }

    /// An item was taken from the device: what of its conversation goes along.
    pub(super) fn goes(&mut self, item: &Item) -> storage::Result<()> {
        if !self.asked.interest.conversations {
            return Ok(());
        }
        let mut others = self.thread(item)?;
        others.retain(|mail| mail.uid != item.uid);
        if !self.is_covered(&others) {
            self.doubt(others.into_iter().map(|mail| mail.id).collect());
        }
        Ok(())
    }

    fn doubt(&mut self, ids: Vec<ItemId>) {
        for id in ids {
            // There is room: nothing more is looked at when it runs short.
            self.at.doubtful.insert(id);
        }
    }

    /// Whether what is in doubt is to be told first.
    pub(super) fn is_crowded(&mut self) -> bool {
        let new = self.at.doubtful.len().saturating_sub(self.doubts);
        self.crowded |= self.asked.interest.conversations && new > DOUBTS_MAX;
        self.crowded || self.is_full()
    }
}
