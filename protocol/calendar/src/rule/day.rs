//! Which days a rule allows: the BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY columns of the table in
//! RFC 5545 section 3.3.10. A part expands or limits; as a set of days both are an intersection.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Weekday};

use super::mask::Mask;
use super::reckoning::{Month, Reckoning};
use super::week::Weeks;
use super::{Frequency, Rule, RuleDay, RuleMonth, Skip};

/// The days of a rule, with what DTSTART adds where the rule does not say.
#[derive(Debug, Clone)]
pub(super) struct DayFilter {
    pub(super) reckoning: Reckoning,
    pub(super) skip: Skip,
    /// By [`RuleMonth::bit`].
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

/// A day, and where it lies.
#[derive(Clone, Copy)]
struct Place<'a> {
    date: NaiveDate,
    month: &'a Month,
    /// Of the month.
    day: u32,
}

impl Place<'_> {
    fn day_of_year(&self) -> u32 {
        self.month.days_before + self.day
    }
}

impl DayFilter {
    pub(super) fn new(rule: &Rule, start: NaiveDateTime, reckoning: Reckoning) -> Self {
        let counts_days = matches!(rule.frequency, Frequency::Monthly | Frequency::Yearly)
            && rule.by_week_number.is_empty();
        let (nth, plain): (Vec<RuleDay>, Vec<RuleDay>) =
            rule.by_day.iter().partition(|day| day.ordinal != 0 && counts_days);
        // RFC 5545 section 3.3.10: BYWEEKNO is of FREQ=YEARLY only.
        let weeks = if rule.frequency == Frequency::Yearly { rule.by_week_number.as_slice() } else { &[] };
        let mut filter = Self {
            reckoning,
            skip: rule.skip,
            months: Mask::of(rule.by_month.iter().map(|month| month.bit())),
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
        filter.complete(rule.frequency, start.date());
        filter
    }

    /// What the rule does not say, DTSTART says: RFC 5545 section 3.3.10.
    fn complete(&mut self, frequency: Frequency, start: NaiveDate) {
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
            && let Some(month) = self.reckoning.month_of(start)
        {
            self.any_month_day = false;
            self.month_days = Mask::of([month.day_of(start)]);
            if frequency == Frequency::Yearly && self.months.is_empty() {
                self.months = Mask::of([month.name.bit()]);
            }
        }
    }

    /// Whether BYMONTH allows a month, or lets it stand in for a leap month that its year lacks.
    pub(super) fn allows_month_of_year(&self, month: &Month) -> bool {
        self.allows_month(month) || self.stands_in(month)
    }

    pub(super) fn allows_month(&self, month: &Month) -> bool {
        self.months.is_empty() || self.months.contains(month.name.bit())
    }

    fn stands_in(&self, month: &Month) -> bool {
        let (year, number) = match (self.skip, month.name.number) {
            (Skip::Omit, _) => return false,
            (Skip::Backward, number) => (month.year, number),
            (Skip::Forward, 1) => (month.year - 1, 12),
            (Skip::Forward, number) => (month.year, number - 1),
        };
        let lacking = RuleMonth { number, is_leap: true };
        !month.name.is_leap
            && self.months.contains(lacking.bit())
            && self.reckoning.months(year).all(|month| month.name != lacking)
    }

    /// Appends the allowed days of a month, in order; after them those that take the place of days that it lacks.
    pub(super) fn days_of_month(&self, month: &Month, days: &mut Vec<NaiveDate>) {
        let weeks = self.weeks_of(month.year);
        days.extend(
            (1..=month.length)
                .filter(|day| self.allows_month_day(month, *day))
                .filter_map(|day| Some(Place { date: month.date(day)?, month, day }))
                .filter(|place| self.allows_place(*place, weeks.as_ref()))
                .map(|place| place.date),
        );
        let substitutes = self.substitutes(month).into_iter().flatten();
        days.extend(substitutes.filter(|date| self.allows_substitute(*date)));
    }

    /// RFC 7529 section 4.1: the days before or after those that the month lacks.
    fn substitutes(&self, month: &Month) -> [Option<NaiveDate>; 2] {
        let lacks = self.month_days.reaches(month.length + 1);
        let lacks_back = self.month_days_back.reaches(month.length + 1);
        let (of_last, of_first) = match self.skip {
            Skip::Omit => return [None; 2],
            Skip::Backward => (month.date(month.length), month.first.pred_opt()),
            Skip::Forward => (month.date(month.length + 1), Some(month.first)),
        };
        [of_last.filter(|_| lacks), of_first.filter(|_| lacks_back)]
    }

    /// `false` for a day that BYDAY rules out, which can be told without its month.
    pub(super) fn may_allow(&self, date: NaiveDate) -> bool {
        let any_weekday = self.weekdays.is_empty() || !self.nth_weekdays.is_empty();
        any_weekday || self.weekdays.contains(date.weekday().num_days_from_monday())
    }

    pub(super) fn allows(&self, date: NaiveDate) -> bool {
        let Some(month) = self.reckoning.month_of(date) else { return false };
        let place = Place { date, month: &month, day: month.day_of(date) };
        self.allows_month(&month)
            && self.allows_month_day(&month, place.day)
            && self.allows_place(place, self.weeks_of(month.year).as_ref())
    }

    fn allows_substitute(&self, date: NaiveDate) -> bool {
        let Some(month) = self.reckoning.month_of(date) else { return false };
        let place = Place { date, month: &month, day: month.day_of(date) };
        self.allows_place(place, self.weeks_of(month.year).as_ref())
    }

    fn allows_month_day(&self, month: &Month, day: u32) -> bool {
        self.any_month_day
            || self.month_days.contains(day)
            || self.month_days_back.contains(month.length + 1 - day)
    }

    /// All but BYMONTH and BYMONTHDAY.
    fn allows_place(&self, place: Place<'_>, weeks: Option<&Weeks>) -> bool {
        let by_weekday = (self.weekdays.is_empty() && self.nth_weekdays.is_empty())
            || self.weekdays.contains(place.date.weekday().num_days_from_monday())
            || self.is_nth(place);
        by_weekday && self.allows_year_day(place) && weeks.is_none_or(|weeks| self.allows_week(weeks, place))
    }

    fn is_nth(&self, place: Place<'_>) -> bool {
        let (day, length) = if self.nth_in_year {
            (place.day_of_year(), place.month.year_length)
        } else {
            (place.day, place.month.length)
        };
        let weekday = place.date.weekday().num_days_from_monday();
        let from_start = i64::from((day - 1) / 7 + 1);
        let from_end = -i64::from((length - day) / 7 + 1);
        [from_start, from_end]
            .iter()
            .any(|ordinal| self.nth_weekdays.binary_search(&(*ordinal, weekday)).is_ok())
    }

    fn allows_year_day(&self, place: Place<'_>) -> bool {
        let (day, length) = (i64::from(place.day_of_year()), i64::from(place.month.year_length));
        self.year_days.is_empty()
            || [day, day - length - 1].iter().any(|wanted| self.year_days.binary_search(wanted).is_ok())
    }

    fn says_week(&self) -> bool {
        !self.weeks.is_empty() || !self.weeks_back.is_empty()
    }

    fn allows_week(&self, weeks: &Weeks, place: Place<'_>) -> bool {
        let (week, weeks) = weeks.week_of(i64::from(place.day_of_year()) - 1);
        let has = |mask: Mask, number: i64| u32::try_from(number).is_ok_and(|number| mask.contains(number));
        has(self.weeks, week) || has(self.weeks_back, weeks + 1 - week)
    }

    /// `None` if the rule says nothing of weeks.
    fn weeks_of(&self, year: i32) -> Option<Weeks> {
        self.says_week().then(|| Weeks::of(year, &self.reckoning, self.week_start))
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

/// The first day of the week that `date` lies in.
pub(super) fn week_begin(date: NaiveDate, week_start: Weekday) -> Option<NaiveDate> {
    date.checked_sub_days(Days::new(date.weekday().days_since(week_start).into()))
}
