//! What looks different because time has passed: a series that ActiveSync cannot say is told for some months ahead.
//!
//! Nothing in the log says so, as nothing has happened. When a month has begun, the events that last so long that they
//! may concern it are gone through once, the latest end first, as history is.

use activesync_wire::convert::calendar::DAYS_TOLD;
use storage::Item;
use vocabulary::Timestamp;

use super::{ROWS_MAX, Reader, Say};
use crate::cursor::{Aging, TOP, mark};

const DAY_MS: i64 = 86_400_000;
/// What lasts no longer was told in full.
const TOLD_MS: i64 = DAYS_TOLD * DAY_MS;

impl Reader<'_, '_> {
    /// Names what may look different from what the device was told.
    pub(super) fn age(&mut self) -> storage::Result<()> {
        let Some(as_of) = self.asked.interest.as_of else { return Ok(()) };
        let Some(before) = self.at.as_of.filter(|before| *before < as_of) else {
            // All that the device has it is told as of this month, or as of a later one if the clock went back.
            self.at.as_of = self.at.as_of.max(Some(as_of));
            self.at.aging = None;
            return Ok(());
        };
        let began = self.at.aging.filter(|aging| aging.as_of == as_of);
        let mut aging = began.unwrap_or(Aging { as_of, below: TOP });
        let since = Timestamp(before.0.saturating_add(TOLD_MS));
        loop {
            let items = self.tx.items_newest_first(self.grant, aging.below, since, ROWS_MAX)?;
            let all = items.len() < ROWS_MAX;
            for item in items {
                if self.is_full() {
                    return Ok(());
                }
                aging.below = mark(&item);
                self.at.aging = Some(aging);
                if lasts_long(&item) && self.wants(&item)? && self.at.has(&item) {
                    self.say(Say::Aged(Box::new(item)));
                }
            }
            if self.is_full() {
                return Ok(());
            }
            if all {
                break;
            }
        }
        self.at.as_of = Some(as_of);
        self.at.aging = None;
        Ok(())
    }
}

fn lasts_long(item: &Item) -> bool {
    item.filter_at.0.saturating_sub(item.starts_at.0) > TOLD_MS
}
