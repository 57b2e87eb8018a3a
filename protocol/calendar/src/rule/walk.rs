//! The local times of a rule, in order, with bounded work.
//!
//! A rule is walked period by period: the days that it allows in a period, times the hours, minutes and seconds that
//! it allows on a day. That product is never made; a position in it is computed. BYSETPOS picks positions.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use super::day::{DayFilter, week_begin};
use super::mask::Mask;
use super::reckoning::Reckoning;
use super::{End, Frequency, Rule, Skip};

/// Last year that four digits can say.
const YEAR_MAX: i32 = 9_999;

/// Steps that an expansion may still cost; one is a day looked at, a period begun or a time given. Months of calendar
/// systems that take more time to reckon cost more.
#[derive(Debug)]
pub(crate) struct Work(u32);

impl Work {
    pub(crate) const fn new(steps: u32) -> Self {
        Self(steps)
    }

    /// Steps that are left.
    pub(crate) const fn left(&self) -> u32 {
        self.0
    }

    pub(crate) const fn is_spent(&self) -> bool {
        self.0 == 0
    }

    /// Takes one step; `false` when none is left.
    pub(crate) fn step(&mut self) -> bool {
        self.steps(1)
    }

    fn steps(&mut self, steps: usize) -> bool {
        self.0 = self.0.saturating_sub(u32::try_from(steps).unwrap_or(u32::MAX));
        !self.is_spent()
    }
}

/// The occurrences of one rule after its start.
#[derive(Debug)]
pub(crate) struct Walk {
    frequency: Frequency,
    interval: i64,
    start: NaiveDateTime,
    until: Option<NaiveDateTime>,
    /// Occurrences that COUNT still allows, that at the start left out.
    remaining: Option<u32>,
    by_position: Vec<i32>,
    week_start: chrono::Weekday,
    filter: DayFilter,
    hours: Mask,
    minutes: Mask,
    seconds: Mask,
    /// The year or month of the start, of rules that go by them.
    origin: i64,
    /// Number of the next period, from 0 at the start.
    next_period: i64,
    period: Period,
    /// Nothing before this is given.
    from: NaiveDateTime,
    /// The last time given, or the start: SKIP makes one day of several.
    last: NaiveDateTime,
}

/// The times of one period: every day with every time of day, or some positions of that product.
#[derive(Debug, Default)]
struct Period {
    days: Vec<NaiveDate>,
    hours: Mask,
    minutes: Mask,
    seconds: Mask,
    positions: Option<Vec<usize>>,
    cursor: usize,
}

impl Walk {
    /// `until` is the last local time allowed (see [`Rule::last_local`]). The start itself is not given: it is an
    /// occurrence whether the rule allows it or not, and the first that COUNT counts (RFC 5545 section 3.8.5.3).
    pub(crate) fn new(
        rule: &Rule,
        start: NaiveDateTime,
        all_day: bool,
        until: Option<NaiveDateTime>,
    ) -> Self {
        let reckoning = Reckoning::of(&rule.scale);
        let is_empty = reckoning.is_none() || (all_day && rule.frequency < Frequency::Daily);
        let set = |part: &[u8], coarser_than: Frequency, own: u32, end: u32| match part {
            // RFC 5545 section 3.3.10: BYSECOND, BYMINUTE and BYHOUR are ignored for a DTSTART that is a date.
            _ if all_day => Mask::of([0]),
            [] if rule.frequency > coarser_than => Mask::of([own]),
            [] => Mask::below(end),
            part => Mask::of(part.iter().map(|number| u32::from(*number).min(end - 1))),
        };
        let mut walk = Self {
            frequency: rule.frequency,
            interval: rule.interval.into(),
            start,
            until,
            remaining: match rule.end {
                _ if is_empty => Some(0),
                End::Count(count) => Some(count.saturating_sub(1)),
                End::Never | End::Until(_) => None,
            },
            by_position: rule.by_position.clone(),
            week_start: rule.week_start,
            filter: DayFilter::new(rule, start, reckoning.unwrap_or(Reckoning::Gregorian)),
            hours: set(&rule.by_hour, Frequency::Hourly, start.hour(), 24),
            minutes: set(&rule.by_minute, Frequency::Minutely, start.minute(), 60),
            seconds: set(&rule.by_second, Frequency::Secondly, start.second(), 60),
            origin: 0,
            next_period: 0,
            period: Period::default(),
            from: start,
            last: start,
        };
        walk.origin = walk.year_or_month(start.date());
        walk
    }

    /// Goes on at `from`, without the periods before it where no COUNT needs them. Only before the first [`Self::next`].
    pub(crate) fn seek(&mut self, from: NaiveDateTime) {
        if from <= self.start || self.remaining.is_some() {
            return;
        }
        self.from = from;
        // Of the period before, a day that it lacks may be here.
        let before = i64::from(self.filter.skip != Skip::Omit);
        self.next_period = (self.period_of(from) - before).max(0);
    }

    /// The next local time; `None` at the end of the rule, of the years or of the work.
    pub(crate) fn next(&mut self, work: &mut Work) -> Option<NaiveDateTime> {
        loop {
            if self.remaining == Some(0) || !work.step() {
                return None;
            }
            let Some(local) = self.period.take() else {
                self.begin_period(work)?;
                continue;
            };
            if local.year() > YEAR_MAX || self.until.is_some_and(|until| local > until) {
                self.remaining = Some(0);
                return None;
            }
            if local <= self.last || local < self.from {
                continue;
            }
            self.last = local;
            self.remaining = self.remaining.map(|remaining| remaining - 1);
            return Some(local);
        }
    }

    /// `None` after the last year.
    fn begin_period(&mut self, work: &mut Work) -> Option<()> {
        let mut period = std::mem::take(&mut self.period);
        period.days.clear();
        (period.hours, period.minutes, period.seconds) = (self.hours, self.minutes, self.seconds);
        let begin = match self.frequency {
            Frequency::Yearly => self.fill_year(&mut period.days, work),
            Frequency::Monthly => self.fill_month(&mut period.days, work),
            Frequency::Weekly => self.fill_days(&mut period.days, 7, work),
            Frequency::Daily => self.fill_days(&mut period.days, 1, work),
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                self.fill_time(&mut period, work)
            }
        }?;
        self.next_period = self.next_period.checked_add(1)?;
        if self.filter.skip != Skip::Omit {
            period.days.sort_unstable();
            period.days.dedup();
        }
        let begin = period.days.first().map_or(begin, |first| begin.min(*first));
        if begin.year() > YEAR_MAX || self.until.is_some_and(|until| begin > until.date()) {
            self.remaining = Some(0);
            return None;
        }
        work.steps(self.by_position.len());
        period.begin(&self.by_position, self.from);
        self.period = period;
        Some(())
    }

    fn fill_year(&self, days: &mut Vec<NaiveDate>, work: &mut Work) -> Option<NaiveDate> {
        let years = self.next_period.checked_mul(self.interval)?;
        let year = i32::try_from(self.origin.checked_add(years)?).ok()?;
        let reckoning = &self.filter.reckoning;
        let mut months = reckoning.months(year).peekable();
        let first = months.peek()?.first;
        for month in months {
            // Also a month that is not allowed had to be reckoned.
            if work.steps(reckoning.steps() - 1) && self.filter.allows_month_of_year(&month) && work.step() {
                self.filter.days_of_month(&month, days);
            }
        }
        Some(first)
    }

    fn fill_month(&self, days: &mut Vec<NaiveDate>, work: &mut Work) -> Option<NaiveDate> {
        let number = self.origin.checked_add(self.next_period.checked_mul(self.interval)?)?;
        let reckoning = &self.filter.reckoning;
        let month = reckoning.month_by_number(number)?;
        // The step of the period itself is taken already; also a month that is not allowed had to be reckoned.
        if work.steps(reckoning.steps() - 1) && self.filter.allows_month(&month) {
            self.filter.days_of_month(&month, days);
        }
        Some(month.first)
    }

    /// Periods of one day or of the seven days of a week.
    fn fill_days(&self, days: &mut Vec<NaiveDate>, length: i64, work: &mut Work) -> Option<NaiveDate> {
        let offset = self.next_period.checked_mul(self.interval)?.checked_mul(length)?;
        let first = self.first_day(length)?.checked_add_signed(TimeDelta::try_days(offset)?)?;
        days.extend(
            first.iter_days().take(usize::try_from(length).ok()?).filter(|date| self.allows(*date, work)),
        );
        Some(first)
    }

    /// Whether a day is allowed. The step of its period is taken already; what its month costs above that is not.
    fn allows(&self, date: NaiveDate, work: &mut Work) -> bool {
        self.filter.may_allow(date)
            && work.steps(self.filter.reckoning.steps() - 1)
            && self.filter.allows(date)
    }

    fn first_day(&self, length: i64) -> Option<NaiveDate> {
        if length == 7 { week_begin(self.start.date(), self.week_start) } else { Some(self.start.date()) }
    }

    /// The next hour, minute or second on an allowed day; whole days, hours and minutes are passed over.
    fn fill_time(&mut self, period: &mut Period, work: &mut Work) -> Option<NaiveDate> {
        loop {
            let at = DateTime::from_timestamp(self.time_of(self.next_period)?, 0)?.naive_utc();
            if at.year() > YEAR_MAX || self.until.is_some_and(|until| at > until) || !work.step() {
                return None;
            }
            let (hour, minute) = (at.hour(), at.minute());
            let after = if !self.allows(at.date(), work) {
                at.date().checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN)
            } else if !self.hours.contains(hour) {
                at.date().and_hms_opt(hour, 0, 0)?.checked_add_signed(TimeDelta::hours(1))?
            } else if self.frequency < Frequency::Hourly && !self.minutes.contains(minute) {
                at.with_second(0)?.checked_add_signed(TimeDelta::minutes(1))?
            } else if self.frequency == Frequency::Secondly && !self.seconds.contains(at.second()) {
                at.checked_add_signed(TimeDelta::seconds(1))?
            } else {
                period.days.push(at.date());
                period.hours = Mask::of([hour]);
                if self.frequency < Frequency::Hourly {
                    period.minutes = Mask::of([minute]);
                }
                if self.frequency == Frequency::Secondly {
                    period.seconds = Mask::of([at.second()]);
                }
                return Some(at.date());
            };
            self.next_period = self.period_at_or_after(after.and_utc().timestamp()).max(self.next_period + 1);
        }
    }

    /// Length of an hour, minute or second, and where period 0 of that length begins.
    fn unit(&self) -> (i64, i64) {
        let unit_s = match self.frequency {
            Frequency::Hourly => 3_600,
            Frequency::Minutely => 60,
            _ => 1,
        };
        let start_s = self.start.and_utc().timestamp();
        (unit_s, start_s - start_s.rem_euclid(unit_s))
    }

    fn time_of(&self, period: i64) -> Option<i64> {
        let (unit_s, first_s) = self.unit();
        period.checked_mul(self.interval)?.checked_mul(unit_s)?.checked_add(first_s)
    }

    fn period_at_or_after(&self, at_s: i64) -> i64 {
        let (unit_s, first_s) = self.unit();
        let length_s = unit_s.saturating_mul(self.interval);
        (at_s - first_s).div_euclid(length_s) + i64::from((at_s - first_s).rem_euclid(length_s) != 0)
    }

    /// The number of the year or month that a day lies in.
    fn year_or_month(&self, date: NaiveDate) -> i64 {
        let reckoning = &self.filter.reckoning;
        reckoning.month_of(date).map_or(0, |month| match self.frequency {
            Frequency::Yearly => month.year.into(),
            _ => reckoning.number(&month),
        })
    }

    /// The period that `local` lies in, or the last before it.
    fn period_of(&self, local: NaiveDateTime) -> i64 {
        let days_since =
            |first: Option<NaiveDate>| first.map_or(0, |first| (local.date() - first).num_days());
        let units = match self.frequency {
            Frequency::Yearly | Frequency::Monthly => self.year_or_month(local.date()) - self.origin,
            Frequency::Weekly => days_since(self.first_day(7)).div_euclid(7),
            Frequency::Daily => days_since(self.first_day(1)),
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                let (unit_s, first_s) = self.unit();
                (local.and_utc().timestamp() - first_s).div_euclid(unit_s)
            }
        };
        units.div_euclid(self.interval)
    }
}

impl Period {
    fn begin(&mut self, by_position: &[i32], from: NaiveDateTime) {
        let length = self.days.len().saturating_mul(self.times());
        if by_position.is_empty() {
            self.positions = None;
            // Whole days before `from` are passed over at once.
            self.cursor = self.days.partition_point(|day| *day < from.date()).saturating_mul(self.times());
            return;
        }
        let position = |wanted: &i32| {
            let distance =
                usize::try_from(wanted.unsigned_abs()).ok()?.checked_sub(1).filter(|at| *at < length)?;
            Some(if *wanted > 0 { distance } else { length - 1 - distance })
        };
        let mut positions: Vec<usize> = by_position.iter().filter_map(position).collect();
        positions.sort_unstable();
        positions.dedup();
        self.positions = Some(positions);
        self.cursor = 0;
    }

    fn times(&self) -> usize {
        usize::try_from(self.hours.len() * self.minutes.len() * self.seconds.len()).unwrap_or_default()
    }

    fn take(&mut self) -> Option<NaiveDateTime> {
        let at = match &self.positions {
            Some(positions) => *positions.get(self.cursor)?,
            None => self.cursor,
        };
        let times = self.times();
        let day = self.days.get(at.checked_div(times)?)?;
        let time = u32::try_from(at % times).ok()?;
        let (minutes, seconds) = (self.minutes.len(), self.seconds.len());
        let hour = self.hours.nth(time / (minutes * seconds))?;
        let minute = self.minutes.nth(time / seconds % minutes)?;
        let second = self.seconds.nth(time % seconds)?;
        self.cursor += 1;
        day.and_hms_opt(hour, minute, second)
    }
}
