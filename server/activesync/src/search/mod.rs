//! Searching the mailbox and the directory, for Search and Find.
//!
//! A search is stateless: every request goes through the folders anew, the newest items first, until it has as many
//! as can be retrieved, everything is looked at, or [`scan`] has worked enough. What a result says is decided by the
//! engine of [`mime::search`], as in IMAP: by the row, by what was parsed, and last by the bytes.

use activesync_wire::command::search::Range;

mod begun;
mod object;
mod people;
mod places;
mod query;
mod scan;
mod walk;

pub(crate) use begun::Searches;
pub use begun::Work;
pub(crate) use people::{add_pictures, people};
pub(crate) use places::{Missing, places};
pub(crate) use query::Query;
pub(crate) use scan::{Hit, run};

/// The results of a range.
pub(crate) fn part<T>(all: &[T], range: Range) -> &[T] {
    let first = usize::try_from(range.first).unwrap_or(usize::MAX).min(all.len());
    let end = usize::try_from(range.last).unwrap_or(usize::MAX).saturating_add(1).min(all.len());
    all.get(first..end).unwrap_or_default()
}
