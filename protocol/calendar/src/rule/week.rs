//! Weeks of a year. Week 1 is the first with at least four days in the year: RFC 5545 section 3.3.10.

use chrono::{Datelike, Weekday};

use super::reckoning::Reckoning;

/// The weeks of a year and how many its neighbours have.
pub(super) struct Weeks {
    /// Day of the year, from 0, on which week 1 begins; -3 to 3.
    begin: i64,
    /// How many there are.
    count: i64,
    count_before: i64,
    count_after: i64,
}

impl Weeks {
    pub(super) fn of(year: i32, reckoning: &Reckoning, week_start: Weekday) -> Self {
        let begin_and_length = |year: i32| {
            let first = reckoning.month(year, 1);
            let new_year = first.map_or(Weekday::Mon, |month| month.first.weekday());
            let days_in = i64::from(new_year.days_since(week_start));
            let begin = if days_in <= 3 { -days_in } else { 7 - days_in };
            (begin, first.map_or(365, |month| i64::from(month.year_length)))
        };
        let count = |(begin, length): (i64, i64), (next, _): (i64, i64)| (length + next - begin) / 7;
        let [before, own, after, last] = [year - 1, year, year + 1, year + 2].map(begin_and_length);
        Self {
            begin: own.0,
            count: count(own, after),
            count_before: count(before, own),
            count_after: count(after, last),
        }
    }

    /// The number of the week that a day of the year, from 0, lies in, and how many weeks the year of that week has.
    pub(super) const fn week_of(&self, day: i64) -> (i64, i64) {
        if day < self.begin {
            return (self.count_before, self.count_before);
        }
        let week = (day - self.begin) / 7 + 1;
        if week > self.count { (1, self.count_after) } else { (week, self.count) }
    }
}
