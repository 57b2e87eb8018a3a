//! Recurrence rules: RFC 5545 section 3.3.10, and RFC 7529 for calendar systems other than the Gregorian one.
//!
//! [`Rule`] is what is written; `walk.rs` and its neighbours turn it into dates. A part with values out of their range
//! loses just these values, an unknown part is passed over, and a rule without a known FREQ is none.
//!
//! Years, months, weeks of the year and days of both are those of the calendar system that RSCALE names. SKIP counts
//! where rules make days out of numbers, which those of months and years do: rules of weeks, days and shorter times go
//! along days that are there. A leap month that is not there gives way to its neighbour in rules of years only. Of a day
//! that is not there, BYDAY, BYYEARDAY and BYWEEKNO are asked about the day that takes its place. Rules in a calendar
//! system that is not known give nothing but DTSTART.
//!
//! Absent: what SKIP makes of a BYYEARDAY or BYWEEKNO that a year lacks. RFC 7529 section 4.1 names them among its
//! cases, but not which day takes their place; they give nothing.

mod day;
mod mask;
mod reckoning;
mod scale;
mod text;
mod walk;
mod week;

use chrono::{NaiveDate, NaiveDateTime, Weekday};

use crate::Moment;

pub use scale::{RuleMonth, Scale, Skip};
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
    pub by_month: Vec<RuleMonth>,
    /// `BYSETPOS`.
    pub by_position: Vec<i32>,
    /// `WKST`.
    pub week_start: Weekday,
    /// `RSCALE`.
    pub scale: Scale,
    /// `SKIP`.
    pub skip: Skip,
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
            scale: Scale::Gregorian,
            skip: Skip::Omit,
        }
    }

    /// The rule for a series that begins later than on `start`: what SKIP may have moved there is no longer said by
    /// DTSTART, so the rule says it.
    pub(crate) fn moved_from(&self, start: NaiveDate) -> Self {
        let mut rule = self.clone();
        let is_said = self.skip == Skip::Omit
            || self.frequency < Frequency::Monthly
            || !(self.by_day.is_empty()
                && self.by_month_day.is_empty()
                && self.by_year_day.is_empty()
                && self.by_week_number.is_empty());
        if !is_said && let Some((month, day)) = self.scale.month_and_day(start) {
            rule.by_month_day = i8::try_from(day).into_iter().collect();
            if self.frequency == Frequency::Yearly && self.by_month.is_empty() {
                rule.by_month = vec![month];
            }
        }
        rule
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
