//! The carrier: a plain rule that stands for a series which ActiveSync cannot say.
//!
//! One object is one item, and an item has one rule, so what no rule says is said as exceptions of another one. The
//! carrier has a slot on every day of an occurrence. Where that takes days without one, their slots are told as
//! deleted; an occurrence at another time of day than its series is told as moved. A slot thus names its occurrence by
//! the day alone: whatever month it was told in and whoever has changed the series meanwhile, it never means another one.
//!
//! * Told are the occurrences from a month before the present month to a year after its beginning, as far as
//!   [`SLOTS_MAX`] slots reach; in any case the next one, and of a series that is over its last year.
//! * The view is that of the month, not of the moment, and knows neither EXDATE nor changed occurrences: a client that
//!   makes such has made the view that it is shown from then on.
//! * Of several occurrences on one day one is told, for a day has one slot.

use chrono::{Datelike, NaiveDate};

use super::days::{DAYS_BACK, Days, Instance};
use super::{exception, times};
use crate::convert::rule;
use crate::item::calendar::Event;
use crate::item::recurrence::{CalendarType, End, Pattern, Recurrence, Weekdays};
use crate::item::{ConversionError, Sent};

/// Most slots of a carrier, so that its exceptions are fewer than a series can have (MS-ASCAL R243).
const SLOTS_MAX: usize = 250;
/// So many days from the beginning of the month, or of a later start, are told in full, even of a series that needs a
/// slot for every day.
pub const DAYS_TOLD: i64 = 218;
const _: () = assert!(DAYS_TOLD + DAYS_BACK + 1 == SLOTS_MAX as i64);
/// The last day that all months have.
const LAST_DAY_OF_ALL_MONTHS: u8 = 28;
const MONDAY: u8 = 1;

/// A plain rule, and what its slots stand for.
pub(super) struct Carrier {
    recurrence: Recurrence,
    first: NaiveDate,
    slots: Vec<(NaiveDate, Option<Instance>)>,
}

impl Carrier {
    /// That of this month.
    pub(super) fn of(days: &Days<'_>) -> Self {
        let (instances, next) = days.told();
        let pattern = pattern(instances.keys().copied());
        let first = instances.keys().next().copied().unwrap_or(next);
        let last = instances.keys().next_back().copied().unwrap_or(next);
        let slots: Vec<NaiveDate> =
            first.iter_days().take_while(|day| *day <= last).filter(|day| fits(pattern, *day)).collect();
        let place = |day: NaiveDate| slots.partition_point(|slot| *slot < day);
        let reaches_next = |day: &NaiveDate| place(next) < place(*day) + SLOTS_MAX;
        let begin = instances.keys().copied().find(reaches_next).map_or(0, place);
        let is_reached = |day: &NaiveDate| place(*day) < begin + SLOTS_MAX;
        let end = instances.keys().copied().rev().find(is_reached).map_or(begin, place);
        let told = slots.get(begin..=end).unwrap_or_default();
        let instance = |day: &NaiveDate| instances.get(day).and_then(|all| days.pick(*day, all));
        let count = u16::try_from(told.len()).unwrap_or(u16::MAX).max(1);
        Self {
            recurrence: Recurrence {
                pattern,
                calendar: CalendarType::Gregorian,
                interval: 1,
                end: End::Occurrences(count),
                first_day_of_week: Some(MONDAY),
            },
            first: told.first().copied().unwrap_or(first),
            slots: told.iter().map(|day| (*day, instance(day))).collect(),
        }
    }

    /// The day of its last slot.
    pub(super) fn last(&self) -> NaiveDate {
        self.slots.last().map_or(self.first, |(day, _)| *day)
    }

    /// Makes of the event that says what the series is what is shown of it.
    pub(super) fn show(&self, days: &Days<'_>, series: Event) -> Result<Event, ConversionError> {
        let mut exceptions = Vec::new();
        for (day, instance) in &self.slots {
            exceptions.extend(match instance {
                Some(instance) => days.exception(*day, instance, &series)?,
                None => Some(exception::deleted(days.slot_to_wire(*day))),
            });
        }
        let start = days.slot_to_wire(self.first);
        Ok(Event {
            start_time: Sent::Value(start),
            end_time: Sent::Value(times::end_at(&series, start, days.reader())),
            recurrence: Sent::Value(self.recurrence),
            exceptions: if exceptions.is_empty() { Sent::Absent } else { Sent::Value(exceptions) },
            ..series
        })
    }
}

/// The day of the nth slot of a carrier whose first is on `first`; `None` for the 0th.
pub(super) fn nth_slot(pattern: Pattern, first: NaiveDate, nth: u16) -> Option<NaiveDate> {
    let before = usize::from(nth).checked_sub(1)?;
    first.iter_days().filter(|day| fits(pattern, *day)).nth(before)
}

/// The sparsest plain rule that has a slot on each of these days.
fn pattern(days: impl Iterator<Item = NaiveDate> + Clone) -> Pattern {
    let mut of_month = days.clone().filter_map(|day| u8::try_from(day.day()).ok());
    if let Some(day) = of_month.next().filter(|day| *day <= LAST_DAY_OF_ALL_MONTHS)
        && of_month.all(|other| other == day)
    {
        return Pattern::Monthly { day };
    }
    match Weekdays::from_days(days.map(|day| rule::day_number(day.weekday()))) {
        Some(days) if days != Weekdays::ALL => Pattern::Weekly { days },
        _ => Pattern::Daily,
    }
}

fn fits(pattern: Pattern, day: NaiveDate) -> bool {
    match pattern {
        Pattern::Weekly { days } => days.days().any(|one| one == rule::day_number(day.weekday())),
        Pattern::Monthly { day: of_month } => day.day() == u32::from(of_month),
        // A carrier has no other patterns.
        Pattern::Daily | Pattern::MonthlyNth { .. } | Pattern::Yearly { .. } | Pattern::YearlyNth { .. } => {
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    #[test]
    fn the_sparsest_rule_is_taken() {
        let weekly =
            |days: &[u8]| Pattern::Weekly { days: Weekdays::from_days(days.iter().copied()).unwrap() };
        for (days, expected) in [
            (vec![day(1, 13)], Pattern::Monthly { day: 13 }),
            (vec![day(2, 13), day(3, 13), day(11, 13)], Pattern::Monthly { day: 13 }),
            (vec![day(3, 2), day(3, 16), day(4, 6)], weekly(&[1])),
            (vec![day(1, 29), day(3, 29)], weekly(&[0, 4])),
            ((1..=7).map(|number| day(3, number)).collect(), Pattern::Daily),
        ] {
            let found = pattern(days.iter().copied());
            assert_eq!(found, expected, "{days:?}");
            assert!(days.iter().all(|day| fits(found, *day)), "{days:?}");
        }
    }

    #[test]
    fn slots_are_counted_from_the_first() {
        let mondays = Pattern::Weekly { days: Weekdays::from_days([1]).unwrap() };
        assert_eq!(nth_slot(mondays, day(3, 2), 1), Some(day(3, 2)));
        assert_eq!(nth_slot(mondays, day(3, 2), 3), Some(day(3, 16)));
        assert_eq!(nth_slot(Pattern::Monthly { day: 7 }, day(3, 7), 4), Some(day(6, 7)));
        assert_eq!(nth_slot(Pattern::Daily, day(3, 7), 0), None);
    }
}
