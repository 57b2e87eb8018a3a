//! The boundary: raised where the filter was narrowed or time passed, lowered towards its edge.

use super::{ROWS_MAX, Reader, Say};
use crate::cursor::{Hole, mark};
use vocabulary::Uid;

impl Reader<'_, '_> {
    /// Takes away what the filter no longer shows.
    pub(super) fn close_hole_and_narrow(&mut self) -> storage::Result<()> {
        let edge = (self.asked.interest.since, Uid(0));
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
        for known in self.at.ahead.clone() {
            if self.is_full() {
                return Ok(());
            }
            if known.uid <= self.at.cursor.added && (known.filter_at, known.uid) < edge {
                let living = self.living(known.id)?.filter(|_| self.asked.interest.conversations);
                self.at.forget_ahead(known.id);
                // It may stay for its conversation.
                let stays = living.map_or(Ok(false), |item| self.holds(&item))?;
                if known.held && !stays {
                    self.say(Say::SoftDelete(known.id));
                }
            }
        }
        self.narrow_own()
    }

    /// What the device made outside of the filter.
    fn narrow_own(&mut self) -> storage::Result<()> {
        if self.at.own.is_empty() {
            return Ok(());
        }
        for item in self.tx.items(self.grant, self.at.own.ranges())? {
            if self.is_full() {
                return Ok(());
            }
            if !self.wants(&item)? {
                self.at.own.remove(item.uid);
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
                if self.is_crowded() {
                    return Ok(false);
                }
                let had = self.at.has(&item) && self.asked.interest.shows(&item);
                let was_covered = self.at.covers(mark(&item));
                hole.from = mark(&item);
                self.at.hole = Some(hole);
                self.at.forget_ahead(item.id);
                self.at.own.remove(item.uid);
                if self.holds(&item)? {
                    continue;
                }
                if was_covered {
                    self.goes(&item)?;
                }
                if had {
                    self.say(Say::SoftDelete(item.id));
                }
            }
            if all {
                return Ok(true);
            }
        }
    }

    /// Lowers the boundary towards the filter's edge.
    pub(super) fn history(&mut self) -> storage::Result<()> {
        let edge = (self.asked.interest.since, Uid(0));
        while self.at.hole.is_none() && self.at.boundary > edge && !self.is_crowded() {
            let items = self.tx.items_newest_first(self.grant, self.at.boundary, edge.0, ROWS_MAX)?;
            let all = items.len() < ROWS_MAX;
            for item in items {
                if self.is_crowded() {
                    return Ok(());
                }
                let has = self.has(&item)?;
                if self.asked.interest.shows(&item) {
                    self.comes(&item)?;
                }
                self.at.boundary = mark(&item);
                self.at.forget_ahead(item.id);
                if !has && self.asked.interest.shows(&item) {
                    self.say(Say::Add(Box::new(item)));
                }
            }
            if all && !self.is_crowded() {
                self.at.boundary = edge;
            }
        }
        Ok(())
    }
}
