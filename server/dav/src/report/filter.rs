//! Which members a query is about.

use dav_wire::report::CardFilter;

use super::calendar_filter::CalendarFilter;
use super::{calendar_index, card_filter};

/// The condition of a query on the bytes of a member.
pub(crate) enum Filter {
    Calendar(CalendarFilter),
    Card(CardFilter),
}

impl Filter {
    /// Bytes that cannot be read match nothing.
    pub(crate) fn matches(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Calendar(filter) => filter.matches(bytes),
            Self::Card(filter) => card_filter::matches(filter, bytes),
        }
    }

    /// The same for what was kept of a member beside its bytes; `None`: the bytes must be asked.
    pub(super) fn matches_summary(&self, summary: &[u8]) -> Option<bool> {
        match self {
            Self::Calendar(CalendarFilter { filter, .. }) => {
                Some(calendar_index::matches(filter, calendar::Index::read(summary)?))
            }
            Self::Card(filter) => Some(card_filter::matches_index(filter, contact::Index::read(summary)?)),
        }
    }

    /// Whether a summary can answer it. What asks more than people do is asked of the bodies, away from the store.
    pub(super) fn is_about_summaries(&self) -> bool {
        const CONDITIONS_MAX: usize = 16;
        let (is_covered, conditions) = match self {
            Self::Calendar(CalendarFilter { filter, .. }) => {
                (calendar_index::is_covered(filter), calendar_index::conditions(filter))
            }
            Self::Card(filter) => (card_filter::is_covered(filter), card_filter::conditions(filter)),
        };
        is_covered && conditions <= CONDITIONS_MAX
    }
}
