//! Which days a rule allows: the BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY columns of the table in
//! RFC 5545 section 3.3.10. A part expands or limits; as a set of days both are an intersection.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Weekday};

use super::mask::Mask;
use super::{Frequency, Rule, RuleDay};

/// The days of a rule, with what DTSTART adds where the rule does not say.
#[derive(Debug, Clone)]
pub(super) struct DayFilter {
    months: Mask,
    /// Days of the month from its start, and from its end (1 is the last).
    month_days: Mask,
    month_days_back: Mask,
    any_month_day: bool,
    /// In order.
    year_days: Vec<i64>,
    /// From the start of the year, and from its end.
    weeks: Mask,
    weeks_back: Mask,
    weekdays: Mask,
    /// Ordinals and days from Monday, in order.
    nth_weekdays: Vec<(i64, u32)>,
    nth_in_year: bool,
    week_start: Weekday,
}

impl DayFilter {
    pub(super) fn new(rule: &Rule, start: NaiveDateTime) -> Self {
        let counts_days = matches!(rule.frequency, Frequency::Monthly | Frequency::Yearly)
            && rule.by_week_number.is_empty();
        let (nth, plain): (Vec<RuleDay>, Vec<RuleDay>) =
            rule.by_day.iter().partition(|day| day.ordinal != 0 && counts_days);
        // RFC 5545 section 3.3.10: BYWEEKNO is of FREQ=YEARLY only.
        let weeks = if rule.frequency == Frequency::Yearly { rule.by_week_number.as_slice() } else { &[] };
        let mut filter = Self {
            months: Mask::of(rule.by_month.iter().map(|month| u32::from(*month))),
            month_days: forward(&rule.by_month_day),
            month_days_back: backward(&rule.by_month_day),
            any_month_day: rule.by_month_day.is_empty(),
            year_days: sorted(rule.by_year_day.iter().map(|day| i64::from(*day))),
            weeks: forward(weeks),
            weeks_back: backward(weeks),
            weekdays: Mask::of(plain.iter().map(|day| day.weekday.num_days_from_monday())),
            nth_weekdays: sorted(
                nth.iter().map(|day| (i64::from(day.ordinal), day.weekday.num_days_from_monday())),
            ),
            nth_in_year: rule.frequency == Frequency::Yearly && rule.by_month.is_empty(),
            week_start: rule.week_start,
        };
        filter.complete(rule.frequency, start);
        filter
    }

    /// What the rule does not say, DTSTART says: RFC 5545 section 3.3.10.
    fn complete(&mut self, frequency: Frequency, start: NaiveDateTime) {
        let says_day = !self.any_month_day || !self.year_days.is_empty();
        let says_weekday = !self.weekdays.is_empty() || !self.nth_weekdays.is_empty();
        let takes_weekday = frequency == Frequency::Weekly || (self.says_week() && !says_day);
        if takes_weekday && !says_weekday {
            self.weekdays = Mask::of([start.weekday().num_days_from_monday()]);
        }
        if matches!(frequency, Frequency::Monthly | Frequency::Yearly)
            && !says_day
            && !says_weekday
            && !self.says_week()
        {
            self.any_month_day = false;
            self.month_days = Mask::of([start.day()]);
            if frequency == Frequency::Yearly && self.months.is_empty() {
                self.months = Mask::of([start.month()]);
            }
        }
    }

    pub(super) fn allows_month(&self, month: u32) -> bool {
        self.months.is_empty() || self.months.contains(month)
    }

    /// Appends the allowed days of a month, in order.
    pub(super) fn days_of_month(&self, year: i32, month: u32, days: &mut Vec<NaiveDate>) {
        let Some(first) = NaiveDate::from_ymd_opt(year, month, 1) else { return };
        if !self.allows_month(month) {
            return;
        }
        let length = month_length(first);
        let is_allowed = |day: &u32| {
            self.any_month_day
                || self.month_days.contains(*day)
                || self.month_days_back.contains(length + 1 - *day)
        };
        days.extend(
            (1..=length)
                .filter(is_allowed)
                .filter_map(|day| first.with_day(day))
                .filter(|date| self.allows_weekday(*date)),
        );
    }

    pub(super) fn allows(&self, date: NaiveDate) -> bool {
        let allows_month_day = || {
            self.any_month_day
                || self.month_days.contains(date.day())
                || self.month_days_back.contains(month_length(date) + 1 - date.day())
        };
        self.allows_month(date.month()) && allows_month_day() && self.allows_weekday(date)
    }

    /// All but BYMONTH and BYMONTHDAY.
    fn allows_weekday(&self, date: NaiveDate) -> bool {
        let by_weekday = (self.weekdays.is_empty() && self.nth_weekdays.is_empty())
            || self.weekdays.contains(date.weekday().num_days_from_monday())
            || self.is_nth(date);
        by_weekday && self.allows_year_day(date) && self.allows_week(date)
    }

    fn is_nth(&self, date: NaiveDate) -> bool {
        let (day, length) = if self.nth_in_year {
            (date.ordinal(), year_length(date.year()))
        } else {
            (date.day(), month_length(date))
        };
        let weekday = date.weekday().num_days_from_monday();
        let from_start = i64::from((day - 1) / 7 + 1);
        let from_end = -i64::from((length - day) / 7 + 1);
        [from_start, from_end]
            .iter()
            .any(|ordinal| self.nth_weekdays.binary_search(&(*ordinal, weekday)).is_ok())
    }

    fn allows_year_day(&self, date: NaiveDate) -> bool {
        let (day, length) = (i64::from(date.ordinal()), i64::from(year_length(date.year())));
        self.year_days.is_empty()
            || [day, day - length - 1].iter().any(|wanted| self.year_days.binary_search(wanted).is_ok())
    }

    fn says_week(&self) -> bool {
        !self.weeks.is_empty() || !self.weeks_back.is_empty()
    }

    fn allows_week(&self, date: NaiveDate) -> bool {
        if !self.says_week() {
            return true;
        }
        let (week, weeks) = self.week_of(date);
        let has = |mask: Mask, number: i64| u32::try_from(number).is_ok_and(|number| mask.contains(number));
        has(self.weeks, week) || has(self.weeks_back, weeks + 1 - week)
    }

    /// The number of the week and how many weeks its year has. Week 1 is the first with at least four days in the
    /// year: RFC 5545 section 3.3.10.
    fn week_of(&self, date: NaiveDate) -> (i64, i64) {
        let year = date.year();
        let day = i64::from(date.ordinal0());
        if day < self.first_week_start(year) {
            let weeks = self.weeks(year - 1);
            return (weeks, weeks);
        }
        let (week, weeks) = ((day - self.first_week_start(year)) / 7 + 1, self.weeks(year));
        if week > weeks { (1, self.weeks(year + 1)) } else { (week, weeks) }
    }

    /// Day of the year, from 0, on which week 1 begins; -3 to 3.
    fn first_week_start(&self, year: i32) -> i64 {
        let new_year = NaiveDate::from_ymd_opt(year, 1, 1).map_or(Weekday::Mon, |date| date.weekday());
        let days_in = i64::from(new_year.days_since(self.week_start));
        if days_in <= 3 { -days_in } else { 7 - days_in }
    }

    fn weeks(&self, year: i32) -> i64 {
        (i64::from(year_length(year)) + self.first_week_start(year + 1) - self.first_week_start(year)) / 7
    }
}

/// Those of the numbers that count from the start.
fn forward(numbers: &[i8]) -> Mask {
    Mask::of(numbers.iter().filter_map(|number| u32::try_from(*number).ok()))
}

/// Those of the numbers that count from the end, 1 for the last.
fn backward(numbers: &[i8]) -> Mask {
    Mask::of(numbers.iter().filter(|number| **number < 0).map(|number| number.unsigned_abs().into()))
}

fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values
}

fn month_length(date: NaiveDate) -> u32 {
    u32::from(date.num_days_in_month())
}

fn year_length(year: i32) -> u32 {
    NaiveDate::from_ymd_opt(year, 12, 31).map_or(365, |date| date.ordinal())
}

/// The first day of the week that `date` lies in.
pub(super) fn week_begin(date: NaiveDate, week_start: Weekday) -> Option<NaiveDate> {
    date.checked_sub_days(Days::new(date.weekday().days_since(week_start).into()))
}
