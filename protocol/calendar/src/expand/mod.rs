//! From a series to its occurrences: RFC 5545 sections 3.8.4.4 and 3.8.5.
//!
//! * DTSTART is an occurrence even if the rule does not give it, and the first that COUNT counts.
//! * A component with RECURRENCE-ID replaces the occurrence of that moment whatever its SEQUENCE, or stands by itself
//!   if the series has none there: also where EXDATE names it, because whoever changed it last wanted it.
//! * An occurrence in the gap of daylight saving is an hour later, as all clients show it. RFC 5545 section 3.3.10
//!   would leave it out; a time range test would then miss what the user sees.
//! * An end before its start is the start.
//!
//! Absent: EXRULE, which RFC 5545 removed.

mod series;

use std::ops::Range;

use vocabulary::Timestamp;

use crate::Object;
use crate::rule::Work;
use crate::zone::Zone;
use series::Series;

/// 0001-01-01T00:00:00Z: before it iCalendar has no years.
pub const FIRST_MOMENT: Timestamp = Timestamp(-62_135_596_800_000);
/// 9999-12-31T23:59:59Z: after it iCalendar has no years.
pub const LAST_MOMENT: Timestamp = Timestamp(253_402_300_799_000);
pub(crate) const ALL_TIME: Range<Timestamp> = FIRST_MOMENT..LAST_MOMENT;

/// How much an expansion may give and cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most occurrences.
    pub occurrences_max: usize,
    /// Most steps: one is a period of a rule begun, a day looked at or a time given.
    pub steps_max: u32,
}

impl Default for Limits {
    /// 10,000 occurrences are 27 years of days; 100,000 steps take some milliseconds.
    fn default() -> Self {
        Self { occurrences_max: 10_000, steps_max: 100_000 }
    }
}

/// One occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// What RECURRENCE-ID names it: when it would begin if nobody had moved it.
    pub recurrence: Timestamp,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends; the start, if it has no length.
    pub end: Timestamp,
    /// Index in [`Object::components`] of the component that says what it is.
    pub component: usize,
    /// Whether it is of whole days.
    pub all_day: bool,
}

impl Occurrence {
    /// RFC 4791 section 9.9: what has no length lies in the range if it begins in it.
    #[must_use]
    pub fn overlaps(&self, range: &Range<Timestamp>) -> bool {
        let begins_in_time = self.start < range.end;
        begins_in_time && (range.start < self.end || (self.start == self.end && range.start <= self.start))
    }
}

/// The occurrences that overlap a window, by start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expansion {
    /// What was found.
    pub occurrences: Vec<Occurrence>,
    /// Whether a limit ended the search, so that there may be more.
    pub truncated: bool,
}

/// The occurrences of an object that overlap `window`. Dates and floating times are those of the clocks of `floating`.
///
/// Work and result are within `limits` for every object and every window. Where no COUNT has to be counted, the time
/// before the window costs nothing.
#[must_use]
pub fn occurrences(object: &Object, window: Range<Timestamp>, floating: &Zone, limits: &Limits) -> Expansion {
    occurrences_charged(object, window, floating, &mut { *limits })
}

/// The same. What it gives and costs is taken off the limits.
pub(crate) fn occurrences_charged(
    object: &Object,
    window: Range<Timestamp>,
    floating: &Zone,
    limits: &mut Limits,
) -> Expansion {
    let window = window.start.max(ALL_TIME.start)..window.end.min(ALL_TIME.end);
    let series = Series::new(object, floating);
    let mut search =
        Search { window, found: Vec::new(), limits: *limits, work: Work::new(limits.steps_max), full: false };
    series.search(&mut search);
    limits.occurrences_max = limits.occurrences_max.saturating_sub(search.found.len());
    limits.steps_max = search.work.left();
    let mut occurrences = search.found;
    occurrences.sort_unstable_by_key(|found| (found.start, found.recurrence, found.component, found.end));
    occurrences.dedup_by_key(|found| (found.start, found.recurrence, found.component));
    Expansion { occurrences, truncated: search.full || search.work.is_spent() }
}

/// A search in progress.
struct Search {
    window: Range<Timestamp>,
    found: Vec<Occurrence>,
    limits: Limits,
    work: Work,
    full: bool,
}

impl Search {
    /// Keeps an occurrence that overlaps the window; `false` when no more is wanted.
    fn offer(&mut self, occurrence: Occurrence) -> bool {
        if occurrence.overlaps(&self.window) {
            if self.found.len() >= self.limits.occurrences_max {
                self.full = true;
                return false;
            }
            self.found.push(occurrence);
        }
        true
    }
}
