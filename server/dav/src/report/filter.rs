//! Which members a query is about.

use dav_wire::report::CardFilter;

use super::calendar_filter::CalendarFilter;
use super::card_filter;

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
}
