//! Which components a time range of a query means: RFC 4791 section 9.9.

use std::collections::BTreeSet;
use std::ops::Range;

use vocabulary::Timestamp;

use crate::component::{Alarm, Component, PeriodEnd, Trigger};
use crate::expand::{ALL_TIME, Limits, Occurrence, occurrences};
use crate::length::Length;
use crate::term::ComponentKind;
use crate::zone::Zone;
use crate::{Duration, Object};

/// Whether the object has a component of this kind in the range. Dates and floating times are those of `floating`.
///
/// Where a limit ends the search the answer is yes: to get one object too many does less harm than to miss one.
#[must_use]
pub fn overlaps(object: &Object, kind: ComponentKind, range: &Range<Timestamp>, floating: &Zone) -> bool {
    if object.kind() != kind {
        return false;
    }
    match kind {
        ComponentKind::Event | ComponentKind::Journal => has_occurrence(object, range, floating),
        ComponentKind::ToDo => has_to_do(object, range, floating),
        ComponentKind::FreeBusy => {
            object.components.iter().any(|component| is_busy(object, component, range, floating))
        }
    }
}

/// Which components of this kind, by their place in [`Object::components`], have an occurrence in the range: those of
/// which a filter may ask more (RFC 4791 section 9.7.1). `None`: all of them, where a limit ends the search.
///
/// Of VFREEBUSY, of which there is one, and of undated tasks, as [`overlaps`].
#[must_use]
pub fn overlapping(
    object: &Object,
    kind: ComponentKind,
    range: &Range<Timestamp>,
    floating: &Zone,
) -> Option<BTreeSet<usize>> {
    if object.kind() != kind || object.components.len() == 1 {
        return if overlaps(object, kind, range, floating) { None } else { Some(BTreeSet::new()) };
    }
    // As has_to_do.
    let around = Timestamp(range.start.0.saturating_sub(1))..Timestamp(range.end.0.saturating_add(1));
    let window = if kind == ComponentKind::ToDo { around } else { range.clone() };
    let expansion = occurrences(object, window, floating, &Limits::default());
    if expansion.truncated {
        return None;
    }
    let lies = |occurrence: &Occurrence| {
        let component = object.components.get(occurrence.component);
        kind != ComponentKind::ToDo || component.is_some_and(|one| is_to_do(one, occurrence, range))
    };
    let mut found: BTreeSet<usize> =
        expansion.occurrences.iter().filter(|one| lies(one)).map(|one| one.component).collect();
    for (index, component) in object.components.iter().enumerate() {
        let is_undated = kind == ComponentKind::ToDo && component.anchor().is_none();
        let is_taken = kind == ComponentKind::FreeBusy && is_busy(object, component, range, floating);
        if is_taken || (is_undated && is_undated_to_do(component, range)) {
            found.insert(index);
        }
    }
    Some(found)
}

/// Whether an alarm of a component of this kind rings in the range.
#[must_use]
pub fn alarm_overlaps(
    object: &Object,
    kind: ComponentKind,
    range: &Range<Timestamp>,
    floating: &Zone,
) -> bool {
    let alarms = || object.components.iter().flat_map(|component| &component.alarms);
    if object.kind() != kind || alarms().next().is_none() {
        return false;
    }
    let is_fixed = |alarm: &Alarm| matches!(alarm.trigger, Some(Trigger::At(at)) if rings(at, alarm, range));
    if alarms().any(is_fixed) {
        return true;
    }
    let reach_ms = alarms().map(reach_ms).max().unwrap_or(0);
    let around =
        Timestamp(range.start.0.saturating_sub(reach_ms))..Timestamp(range.end.0.saturating_add(reach_ms));
    let expansion = occurrences(object, around, floating, &Limits::default());
    expansion.truncated
        || expansion.occurrences.iter().any(|occurrence| {
            let component = object.components.get(occurrence.component);
            component.is_some_and(|component| {
                component
                    .alarms
                    .iter()
                    .any(|alarm| ring(alarm, occurrence).is_some_and(|at| rings(at, alarm, range)))
            })
        })
}

fn has_occurrence(object: &Object, range: &Range<Timestamp>, floating: &Zone) -> bool {
    let limits = Limits { occurrences_max: 1, ..Limits::default() };
    let expansion = occurrences(object, range.clone(), floating, &limits);
    expansion.truncated || !expansion.occurrences.is_empty()
}

/// The table for VTODO. A task without any date is in every range.
fn has_to_do(object: &Object, range: &Range<Timestamp>, floating: &Zone) -> bool {
    let undated = object.components.iter().filter(|component| component.anchor().is_none());
    if undated.into_iter().any(|component| is_undated_to_do(component, range)) {
        return true;
    }
    // The table has bounds that are inclusive where those of occurrences are not.
    let around = Timestamp(range.start.0.saturating_sub(1))..Timestamp(range.end.0.saturating_add(1));
    let expansion = occurrences(object, around, floating, &Limits::default());
    expansion.truncated
        || expansion.occurrences.iter().any(|occurrence| {
            object
                .components
                .get(occurrence.component)
                .is_some_and(|component| is_to_do(component, occurrence, range))
        })
}

fn is_to_do(component: &Component, occurrence: &Occurrence, range: &Range<Timestamp>) -> bool {
    let Range { start, end } = *range;
    let (begin, due) = (occurrence.start, occurrence.end);
    match (&component.start, &component.end, component.duration) {
        (Some(_), Some(_), _) => (start < due || start <= begin) && (end > begin || end >= due),
        (Some(_), None, Some(_)) => start <= due && (end > begin || end >= due),
        (Some(_), None, None) => start <= begin && end > begin,
        (None, _, _) => start < due && end >= due,
    }
}

fn is_undated_to_do(component: &Component, range: &Range<Timestamp>) -> bool {
    let Range { start, end } = *range;
    match (component.completed, component.created) {
        (Some(completed), Some(created)) => {
            (start <= created || start <= completed) && (end >= created || end >= completed)
        }
        (Some(completed), None) => start <= completed && end >= completed,
        (None, Some(created)) => end > created,
        (None, None) => true,
    }
}

fn is_busy(object: &Object, component: &Component, range: &Range<Timestamp>, floating: &Zone) -> bool {
    if let (Some(start), Some(end)) = (&component.start, &component.end) {
        return range.start <= object.instant(end, floating) && range.end > object.instant(start, floating);
    }
    component.busy.iter().any(|period| {
        let end = match &period.end {
            PeriodEnd::At(end) => object.instant(end, floating),
            PeriodEnd::After(duration) => {
                Length::Duration(*duration).end(period.start.local(), object.zone_of(&period.start, floating))
            }
        };
        range.start < end && range.end > object.instant(&period.start, floating)
    })
}

/// When an alarm rings first for an occurrence.
fn ring(alarm: &Alarm, occurrence: &Occurrence) -> Option<Timestamp> {
    let after = |at: Timestamp, duration: Duration| Timestamp(at.0.saturating_add(ms(duration)));
    match alarm.trigger? {
        Trigger::FromStart(duration) => Some(after(occurrence.start, duration)),
        Trigger::FromEnd(duration) => Some(after(occurrence.end, duration)),
        Trigger::At(_) => None,
    }
}

/// Whether it rings in the range, the first time at `at` or a time that it repeats.
fn rings(at: Timestamp, alarm: &Alarm, range: &Range<Timestamp>) -> bool {
    let step_ms = alarm.interval.map_or(0, ms);
    let first_in = match range.start.0.saturating_sub(at.0) {
        missing if missing <= 0 => 0,
        missing if step_ms > 0 => missing / step_ms + i64::from(missing % step_ms != 0),
        _ => return false,
    };
    first_in <= i64::from(alarm.repeat) && at.0.saturating_add(first_in.saturating_mul(step_ms)) < range.end.0
}

fn reach_ms(alarm: &Alarm) -> i64 {
    let trigger_ms = match alarm.trigger {
        Some(Trigger::FromStart(duration) | Trigger::FromEnd(duration)) => ms(duration).saturating_abs(),
        Some(Trigger::At(_)) | None => 0,
    };
    let repeats_ms = alarm.interval.map_or(0, ms).saturating_abs().saturating_mul(alarm.repeat.into());
    trigger_ms.saturating_add(repeats_ms).saturating_add(1).min(ALL_TIME.end.0 - ALL_TIME.start.0)
}

fn ms(duration: Duration) -> i64 {
    duration.nominal_s().saturating_mul(1_000)
}
