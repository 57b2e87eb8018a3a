//! Recurrence rules: RFC 5545 section 3.3.10.
//!
//! [`Rule`] is what is written; `walk.rs` and its neighbours turn it into dates. A part with values out of their range
//! loses just these values, an unknown part is passed over, and a rule without a known FREQ is none.
//! Absent: RSCALE other than GREGORIAN and SKIP (RFC 7529); such a rule is read as [`Rule::is_foreign`].

mod day;
mod mask;
mod text;
mod walk;

use chrono::{NaiveDateTime, Weekday};

use crate::Moment;

pub(crate) use walk::{Walk, Work};

/// How often the periods of a rule come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words are those of the format")]
pub enum Frequency {
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// When a rule ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum End {
    /// Never.
    #[default]
    Never,
    /// After so many occurrences; the first is DTSTART, and those that EXDATE takes away are counted.
    Count(u32),
    /// At this moment, which may itself be the last occurrence: a date, a floating time or one in UTC.
    Until(Moment),
}

/// A weekday, or the n-th such weekday of the month or year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RuleDay {
    /// 1 for the first, -1 for the last, 0 for every one.
    pub ordinal: i16,
    /// Which day of the week.
    pub weekday: Weekday,
}

/// A recurrence rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "BYSECOND to BYMONTH, as they are written")]
pub struct Rule {
    /// `FREQ`.
    pub frequency: Frequency,
    /// `INTERVAL`: at least 1.
    pub interval: u32,
    /// `COUNT` or `UNTIL`.
    pub end: End,
    pub by_second: Vec<u8>,
    pub by_minute: Vec<u8>,
    pub by_hour: Vec<u8>,
    pub by_day: Vec<RuleDay>,
    pub by_month_day: Vec<i8>,
    pub by_year_day: Vec<i16>,
    pub by_week_number: Vec<i8>,
    pub by_month: Vec<u8>,
    /// `BYSETPOS`.
    pub by_position: Vec<i32>,
    /// `WKST`.
    pub week_start: Weekday,
    /// Whether it follows another calendar (RSCALE), so that only its DTSTART is known.
    pub is_foreign: bool,
}

impl Rule {
    /// A rule without any limit, such as `FREQ=DAILY`.
    #[must_use]
    pub const fn new(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            end: End::Never,
            by_second: Vec::new(),
            by_minute: Vec::new(),
            by_hour: Vec::new(),
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_year_day: Vec::new(),
            by_week_number: Vec::new(),
            by_month: Vec::new(),
            by_position: Vec::new(),
            week_start: Weekday::Mon,
            is_foreign: false,
        }
    }

    /// The last local time that UNTIL allows; `to_local` says what the clocks of the series show at a time of UTC.
    ///
    /// A date allows its whole day: so do the clients that write one beside a timed DTSTART.
    pub(crate) fn last_local(
        &self,
        to_local: impl Fn(NaiveDateTime) -> NaiveDateTime,
    ) -> Option<NaiveDateTime> {
        match &self.end {
            End::Until(Moment::Date(date)) => date.and_hms_opt(23, 59, 59),
            End::Until(Moment::Utc(utc)) => Some(to_local(*utc)),
            End::Until(moment) => Some(moment.local()),
            End::Never | End::Count(_) => None,
        }
    }
}
