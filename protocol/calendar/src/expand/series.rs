//! What a series consists of, and where its occurrences are.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use vocabulary::Timestamp;

use super::{ALL_TIME, Occurrence, Search};
use crate::component::{Component, ExtraDate, PeriodEnd};
use crate::length::Length;
use crate::rule::Walk;
use crate::zone::Zone;
use crate::{Moment, Object};

/// More than two zones, or one zone in two seasons, ever differ.
const SLACK: TimeDelta = TimeDelta::days(2);

pub(super) struct Series<'a> {
    object: &'a Object,
    floating: &'a Zone,
    master: Option<Master<'a>>,
    /// By recurrence, one for each.
    changes: Vec<Change<'a>>,
    /// Those with RANGE=THISANDFUTURE, by recurrence.
    future_changes: Vec<(Timestamp, Shape<'a>)>,
}

struct Master<'a> {
    component: &'a Component,
    shape: Shape<'a>,
    exceptions: Exceptions,
}

struct Change<'a> {
    recurrence: Timestamp,
    sequence: u32,
    shape: Shape<'a>,
}

/// What the occurrences of one component have in common.
#[derive(Clone, Copy)]
struct Shape<'a> {
    index: usize,
    anchor: &'a Moment,
    zone: &'a Zone,
    length: Length,
}

/// What EXDATE takes away, in order.
struct Exceptions {
    instants: Vec<Timestamp>,
    dates: Vec<NaiveDate>,
}

impl<'a> Series<'a> {
    pub(super) fn new(object: &'a Object, floating: &'a Zone) -> Self {
        let shape = |index: usize, component: &'a Component| {
            let anchor = component.anchor().or(component.recurrence.as_ref().map(|id| &id.moment))?;
            let length = Length::of(component, object, floating);
            Some(Shape { index, anchor, zone: object.zone_of(anchor, floating), length })
        };
        let master = object.components.iter().position(|component| component.recurrence.is_none());
        let (mut changes, mut future_changes) = (Vec::new(), Vec::new());
        for (index, component) in
            object.components.iter().enumerate().filter(|(index, _)| Some(*index) != master)
        {
            let Some(shape) = shape(index, component) else { continue };
            let id = component.recurrence.as_ref();
            let recurrence = object.recurrence_instant(id.map_or(shape.anchor, |id| &id.moment), floating);
            changes.push(Change { recurrence, sequence: component.sequence, shape });
            if id.is_some_and(|id| id.this_and_future) {
                future_changes.push((recurrence, shape));
            }
        }
        // Of two for the same occurrence the newer counts.
        changes.sort_by_key(|change| (change.recurrence, std::cmp::Reverse(change.sequence)));
        changes.dedup_by_key(|change| change.recurrence);
        future_changes.sort_by_key(|(recurrence, _)| *recurrence);
        let master =
            master.and_then(|index| object.components.get(index).map(|component| (index, component)));
        let master = master.and_then(|(index, component)| {
            let shape = shape(index, component)?;
            Some(Master {
                component,
                shape,
                exceptions: Exceptions::of(component, shape.anchor, object, floating),
            })
        });
        Self { object, floating, master, changes, future_changes }
    }

    pub(super) fn search(&self, search: &mut Search) {
        for change in &self.changes {
            let occurrence = change.shape.at(change.recurrence, change.shape.anchor.local());
            if !search.work.step() || !search.offer(occurrence) {
                return;
            }
        }
        let Some(master) = &self.master else { return };
        if self.visit(master, master.shape.anchor.local(), search) && self.visit_dates(master, search) {
            self.visit_rules(master, search);
        }
    }

    fn visit_rules(&self, master: &Master<'_>, search: &mut Search) {
        let Shape { anchor, zone, .. } = master.shape;
        let reach = self.reach(master);
        let from =
            local_within(zone, search.window.start).checked_sub_signed(reach).unwrap_or(NaiveDateTime::MIN);
        let to =
            local_within(zone, search.window.end).checked_add_signed(reach).unwrap_or(NaiveDateTime::MAX);
        for rule in &master.component.rules {
            let until = rule.last_local(|utc| match anchor {
                Moment::Zoned { .. } => zone.local(Zone::utc().instant(utc)),
                // An UNTIL with a time of UTC beside dates or floating times is read as it stands.
                _ => utc,
            });
            let last = until.map_or(to, |until| until.min(to));
            let mut walk = Walk::new(rule, anchor.local(), anchor.is_date(), Some(last));
            walk.seek(from);
            while let Some(local) = walk.next(&mut search.work) {
                if local >= from && !self.visit(master, local, search) {
                    return;
                }
            }
        }
    }

    fn visit_dates(&self, master: &Master<'_>, search: &mut Search) -> bool {
        master.component.dates.iter().all(|date| {
            let zone = self.object.zone_of(&date.start, self.floating);
            let recurrence = zone.instant(date.start.local());
            let local = master.shape.zone.local(recurrence);
            let goes_on = match self.period_end(date, recurrence) {
                None => self.visit(master, local, search),
                Some(_) if self.is_taken_away(master, recurrence, local) => true,
                Some(end) => search.offer(Occurrence { end, ..master.shape.at(recurrence, local) }),
            };
            search.work.step() && goes_on
        })
    }

    fn period_end(&self, date: &ExtraDate, start: Timestamp) -> Option<Timestamp> {
        let end = match date.end.as_ref()? {
            PeriodEnd::At(end) => self.object.instant(end, self.floating),
            PeriodEnd::After(duration) => Length::Duration(*duration)
                .end(date.start.local(), self.object.zone_of(&date.start, self.floating)),
        };
        Some(end.max(start))
    }

    /// Offers an occurrence of the series, if nothing takes it away; `false` when no more is wanted.
    fn visit(&self, master: &Master<'_>, local: NaiveDateTime, search: &mut Search) -> bool {
        let recurrence = master.shape.zone.instant(local);
        if self.is_taken_away(master, recurrence, local) {
            return true;
        }
        let before = self.future_changes.partition_point(|(from, _)| *from <= recurrence);
        search.offer(match before.checked_sub(1).and_then(|last| self.future_changes.get(last)) {
            Some((from, shape)) => shape.moved(*from, recurrence),
            None => master.shape.at(recurrence, local),
        })
    }

    fn is_taken_away(&self, master: &Master<'_>, recurrence: Timestamp, local: NaiveDateTime) -> bool {
        master.exceptions.contain(recurrence, local)
            || self.changes.binary_search_by_key(&recurrence, |change| change.recurrence).is_ok()
    }

    /// How far from its RECURRENCE-ID an occurrence of the series may lie.
    fn reach(&self, master: &Master<'_>) -> TimeDelta {
        let moved = self.future_changes.iter().map(|(from, shape)| {
            let start = shape.zone.instant(shape.anchor.local());
            shape.length.longest() + TimeDelta::milliseconds((start.0 - from.0).abs())
        });
        SLACK + moved.fold(master.shape.length.longest(), TimeDelta::max)
    }
}

impl Shape<'_> {
    fn at(&self, recurrence: Timestamp, local: NaiveDateTime) -> Occurrence {
        let start = self.zone.instant(local);
        let end = self.length.end(local, self.zone).max(start);
        Occurrence { recurrence, start, end, component: self.index, all_day: self.anchor.is_date() }
    }

    /// RFC 5545 section 3.8.4.4: with RANGE=THISANDFUTURE, later occurrences move by as much as the named one.
    fn moved(&self, from: Timestamp, recurrence: Timestamp) -> Occurrence {
        let shift = self.anchor.local() - self.zone.local(from);
        let local = self.zone.local(recurrence).checked_add_signed(shift).unwrap_or(self.anchor.local());
        self.at(recurrence, local)
    }
}

impl Exceptions {
    fn of(component: &Component, anchor: &Moment, object: &Object, floating: &Zone) -> Self {
        let mut exceptions = Self { instants: Vec::new(), dates: Vec::new() };
        for moment in &component.exceptions {
            // A date takes away the whole day of a timed series, and a time the day of one of dates.
            if moment.is_date() || anchor.is_date() {
                exceptions.dates.push(moment.local().date());
            } else {
                exceptions.instants.push(object.recurrence_instant(moment, floating));
            }
        }
        exceptions.instants.sort_unstable();
        exceptions.dates.sort_unstable();
        exceptions
    }

    fn contain(&self, recurrence: Timestamp, local: NaiveDateTime) -> bool {
        self.instants.binary_search(&recurrence).is_ok() || self.dates.binary_search(&local.date()).is_ok()
    }
}

fn local_within(zone: &Zone, instant: Timestamp) -> NaiveDateTime {
    zone.local(instant.clamp(ALL_TIME.start, ALL_TIME.end))
}
