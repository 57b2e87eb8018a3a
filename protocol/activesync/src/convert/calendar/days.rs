//! The days of a series: which occurrence each has, and the slot by which the wire knows it.

use std::collections::BTreeMap;
use std::ops::Range;

use calendar::{Component, Frequency, Limits, Moment, Object, Rule, Zone, occurrences};
use chrono::{Datelike, Months, NaiveDate, NaiveTime};
use vocabulary::Timestamp;

use super::{Reader, exception, times};
use crate::convert::day;
use crate::convert::span::{Span, plus_days};
use crate::item::calendar::{Event, Exception};
use crate::item::{ConversionError, Sent};

/// How far before and after the beginning of the month occurrences are told, in days.
pub(super) const DAYS_BACK: i64 = 31;
const DAYS_AHEAD: i64 = 366;
/// How far ahead the next occurrence is looked for, in days.
const DAYS_AHEAD_MAX: i64 = 8 * 366;
/// A year of hours fits.
const LIMITS: Limits = Limits { occurrences_max: 12_000, steps_max: 50_000 };

/// The first day of the month of a moment, in UTC.
pub(super) fn month(now: Timestamp) -> NaiveDate {
    let today = Zone::utc().local(now).date();
    today.with_day(1).unwrap_or(today)
}

/// When a month begins that is so many months before that of a moment, in UTC.
pub(super) fn month_begin(now: Timestamp, months_before: u32) -> Timestamp {
    let first = month(now);
    let first = first.checked_sub_months(Months::new(months_before)).unwrap_or(first);
    Zone::utc().instant(first.and_time(NaiveTime::MIN))
}

/// An occurrence as the rules and dates of its series have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instance {
    /// What RECURRENCE-ID names it: when it begins.
    pub(super) recurrence: Timestamp,
    /// When it ends.
    end: Timestamp,
}

/// Occurrences by the day on which they begin by the clocks of their series.
pub(super) type Instances = BTreeMap<NaiveDate, Vec<Instance>>;

/// A series as the days on which it has occurrences.
pub(super) struct Days<'a> {
    object: &'a Object,
    master: &'a Component,
    start: &'a Moment,
    reader: &'a Reader<'a>,
    /// The series without EXDATE and without changed occurrences.
    bare: Object,
    length_ms: i64,
}

impl<'a> Days<'a> {
    /// `None`: it has no start.
    pub(super) fn of(object: &'a Object, master: &'a Component, reader: &'a Reader<'a>) -> Option<Self> {
        let span = Span::of(master, object, reader.zone)?;
        let instant = |moment| object.instant(moment, reader.zone).0;
        let length_ms = instant(&span.end).saturating_sub(instant(&span.start)).max(0);
        let mut bare = object.clone();
        let mut component = master.clone();
        component.exceptions.clear();
        bare.components = vec![component];
        Some(Self { object, master, start: master.start.as_ref()?, reader, bare, length_ms })
    }

    /// The clocks that say which day it is.
    pub(super) fn zone(&self) -> &Zone {
        self.object.zone_of(self.start, self.reader.zone)
    }

    pub(super) fn reader(&self) -> &Reader<'a> {
        self.reader
    }

    /// The day of DTSTART.
    pub(super) fn first(&self) -> NaiveDate {
        self.start.local().date()
    }

    /// When an occurrence begins that is at the time of its series.
    pub(super) fn slot(&self, day: NaiveDate) -> Timestamp {
        self.zone().instant(day.and_time(self.start.local().time()))
    }

    /// By what the wire knows the occurrence of a day.
    pub(super) fn slot_to_wire(&self, day: NaiveDate) -> Timestamp {
        match self.start.is_date() {
            true => times::day_to_wire(day, self.reader.zone, self.reader.version),
            false => self.slot(day),
        }
    }

    /// The day that the wire means.
    pub(super) fn day_from_wire(&self, slot: Timestamp) -> NaiveDate {
        match self.start.is_date() {
            true => day::from_wire(slot, self.reader.zone),
            false => self.zone().local(slot).date(),
        }
    }

    /// The occurrences that can be told this month, and the day of the next one, or of the last if it is over.
    pub(super) fn told(&self) -> (Instances, NaiveDate) {
        let today = self.today();
        let ahead = plus_days(today, DAYS_AHEAD);
        let mut found = self.between(plus_days(today, -DAYS_BACK), ahead);
        let next = |found: &Instances| found.range(today..).next().map(|(day, _)| *day);
        if next(&found).is_none() {
            let far = self.between(ahead, plus_days(today, DAYS_AHEAD_MAX));
            found.extend(far.into_iter().take(1));
        }
        if let Some(next) = next(&found) {
            return (found, next);
        }
        let mut past = self.between(self.first(), today);
        let last = past.keys().next_back().copied().unwrap_or(self.first());
        let mut past = past.split_off(&plus_days(last, -DAYS_AHEAD));
        if past.is_empty() {
            let recurrence = self.slot(last);
            past.insert(last, vec![self.instance(recurrence)]);
        }
        (past, last)
    }

    /// Whether an RDATE that can be told this month is none that the rule gives anyway.
    pub(super) fn has_dates_beside_the_rule(&self) -> bool {
        let today = self.today();
        let (from, until) = (plus_days(today, -DAYS_BACK), plus_days(today, DAYS_AHEAD));
        let instant = |moment| self.object.instant(moment, self.reader.zone);
        let can_be_told = |at: &Timestamp| (from..until).contains(&self.zone().local(*at).date());
        let dates = self.master.dates.iter().map(|date| instant(&date.start)).filter(can_be_told);
        let dates: Vec<Timestamp> = dates.collect();
        if dates.is_empty() {
            return false;
        }
        let mut of_rule = self.bare.clone();
        of_rule.components.iter_mut().for_each(|component| component.dates.clear());
        let found = occurrences(&of_rule, self.window(from, until), self.reader.zone, &LIMITS).occurrences;
        dates.iter().any(|date| found.iter().all(|given| given.recurrence != *date))
    }

    /// The occurrence that is told of a day: one that takes place, and rather that at the time of the series.
    pub(super) fn on(&self, day: NaiveDate) -> Option<Instance> {
        self.pick(day, self.between(day, plus_days(day, 1)).get(&day)?)
    }

    /// As [`Self::on`], of all those of the day.
    pub(super) fn pick(&self, day: NaiveDate, all: &[Instance]) -> Option<Instance> {
        let slot = self.slot(day);
        let takes_place = |one: &&Instance| {
            !self.is_taken_away(one.recurrence)
                || self.object.override_at(one.recurrence, self.reader.zone).is_some()
        };
        let at_slot = all.iter().filter(takes_place).find(|one| one.recurrence == slot);
        at_slot.or(all.iter().find(takes_place)).or(all.first()).copied()
    }

    /// How the occurrence of a day differs from its series, as it is shown; `None` if it does not.
    pub(super) fn exception(
        &self,
        day: NaiveDate,
        instance: &Instance,
        series: &Event,
    ) -> Result<Option<Exception>, ConversionError> {
        let original_start = self.slot_to_wire(day);
        let is_it = |id: &Moment| self.object.recurrence_instant(id, self.reader.zone) == instance.recurrence;
        let mut changed = self.object.overrides().filter(|component| component.start.is_some());
        let own = changed.find(|one| one.recurrence.as_ref().is_some_and(|id| is_it(&id.moment)));
        if let Some(own) = own {
            return exception::of_override(own, self.object, series, original_start, self.reader).map(Some);
        }
        if self.is_taken_away(instance.recurrence) {
            return Ok(Some(exception::deleted(original_start)));
        }
        if self.is_regular(day, instance) {
            return Ok(None);
        }
        let event = Event {
            start_time: Sent::Value(instance.recurrence),
            end_time: Sent::Value(instance.end),
            ..Event::default()
        };
        Ok(Some(Exception { original_start, is_deleted: false, event }))
    }

    /// When the occurrence of a day begins and ends on the wire if nothing has changed it.
    pub(super) fn regular_times(
        &self,
        day: NaiveDate,
        instance: &Instance,
        series: &Event,
    ) -> (Timestamp, Timestamp) {
        if !self.is_regular(day, instance) {
            return (instance.recurrence, instance.end);
        }
        let start = self.slot_to_wire(day);
        (start, times::end_at(series, start, self.reader))
    }

    /// Whether RDATE gives it an end (a PERIOD), which a copy of the series does not have.
    pub(super) fn has_own_end(&self, instance: &Instance) -> bool {
        let is_it = |moment| self.object.instant(moment, self.reader.zone) == instance.recurrence;
        self.master.dates.iter().any(|date| date.end.is_some() && is_it(&date.start))
    }

    /// Whether all occurrences follow when DTSTART moves to another time of its day.
    pub(super) fn can_move(&self) -> bool {
        let says_no_time = |rule: &Rule| {
            rule.frequency >= Frequency::Daily
                && rule.by_hour.is_empty()
                && rule.by_minute.is_empty()
                && rule.by_second.is_empty()
        };
        let is_one_rule = matches!(&self.master.rules[..], [rule] if says_no_time(rule));
        is_one_rule && self.master.dates.is_empty()
    }

    /// Whether an UNTIL can make this the last day.
    pub(super) fn can_end_on(&self, day: NaiveDate) -> bool {
        let begins = |moment| self.zone().local(self.object.instant(moment, self.reader.zone)).date();
        self.master.rules.len() == 1 && self.master.dates.iter().all(|date| begins(&date.start) <= day)
    }

    fn today(&self) -> NaiveDate {
        month(self.reader.now).max(self.first())
    }

    fn window(&self, from: NaiveDate, until: NaiveDate) -> Range<Timestamp> {
        let midnight = |day: NaiveDate| self.zone().instant(day.and_time(NaiveTime::MIN));
        midnight(from)..midnight(until)
    }

    /// The occurrences that begin on the days from `from` up to the day before `until`, also those that EXDATE takes
    /// away, and changed ones that belong to no other.
    fn between(&self, from: NaiveDate, until: NaiveDate) -> Instances {
        let mut found = Instances::new();
        let mut put = |instance: Instance| {
            let day = self.zone().local(instance.recurrence).date();
            if (from..until).contains(&day) {
                let all = found.entry(day).or_default();
                if all.iter().all(|known| known.recurrence != instance.recurrence) {
                    all.push(instance);
                }
            }
        };
        let window = self.window(from, until);
        for occurrence in occurrences(&self.bare, window, self.reader.zone, &LIMITS).occurrences {
            put(Instance { recurrence: occurrence.recurrence, end: occurrence.end });
        }
        for id in self.object.overrides().filter_map(|component| component.recurrence.as_ref()) {
            put(self.instance(self.object.recurrence_instant(&id.moment, self.reader.zone)));
        }
        found
    }

    fn instance(&self, recurrence: Timestamp) -> Instance {
        Instance { recurrence, end: Timestamp(recurrence.0.saturating_add(self.length_ms)) }
    }

    /// By EXDATE, of which a date takes its whole day away.
    fn is_taken_away(&self, recurrence: Timestamp) -> bool {
        let day = self.zone().local(recurrence).date();
        self.master.exceptions.iter().any(|exdate| match exdate.is_date() || self.start.is_date() {
            true => exdate.local().date() == day,
            false => self.object.recurrence_instant(exdate, self.reader.zone) == recurrence,
        })
    }

    fn is_regular(&self, day: NaiveDate, instance: &Instance) -> bool {
        self.start.is_date() || (self.slot(day) == instance.recurrence && !self.has_own_end(instance))
    }
}
