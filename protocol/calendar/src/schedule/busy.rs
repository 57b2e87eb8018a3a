//! When somebody is busy: RFC 4791 section 7.10, RFC 5545 section 3.2.9.

use std::ops::Range;

use vocabulary::Timestamp;

use super::address::Addresses;
use crate::Object;
use crate::component::{Component, PeriodEnd};
use crate::expand::{Limits, occurrences};
use crate::length::Length;
use crate::term::{BusyStatus, ComponentKind, Participation, Status, Term, Transparency};
use crate::zone::Zone;

/// FBTYPE: RFC 5545 section 3.2.9. The later ones outweigh the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BusyKind {
    /// BUSY-TENTATIVE.
    Tentative,
    /// BUSY.
    Busy,
    /// BUSY-UNAVAILABLE.
    Unavailable,
}

impl Term for BusyKind {
    const WORDS: &'static [(&'static str, Self)] =
        &[("BUSY-TENTATIVE", Self::Tentative), ("BUSY", Self::Busy), ("BUSY-UNAVAILABLE", Self::Unavailable)];
}

impl BusyKind {
    /// As FBTYPE writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.word()
    }
}

/// A time that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyPeriod {
    /// From when to when.
    pub range: Range<Timestamp>,
    /// How much.
    pub kind: BusyKind,
}

/// What one object takes of the time of `owner` within `window`. Dates and floating times are those of the clocks of
/// `floating`.
///
/// What is transparent, cancelled or declined takes nothing; what is tentative or not answered yet may.
#[must_use]
pub fn busy_periods(
    object: &Object,
    owner: &Addresses,
    window: Range<Timestamp>,
    floating: &Zone,
    limits: &Limits,
) -> Vec<BusyPeriod> {
    let clip = |range: Range<Timestamp>, kind: BusyKind| {
        let range = range.start.max(window.start)..range.end.min(window.end);
        (range.start < range.end).then_some(BusyPeriod { range, kind })
    };
    match object.kind() {
        ComponentKind::Event => {
            let kinds: Vec<Option<BusyKind>> =
                object.components.iter().map(|component| kind(component, owner)).collect();
            let found = occurrences(object, window.clone(), floating, limits).occurrences;
            let busy = found.into_iter().filter_map(|occurrence| {
                let kind = kinds.get(occurrence.component).copied().flatten()?;
                clip(occurrence.start..occurrence.end, kind)
            });
            busy.collect()
        }
        ComponentKind::FreeBusy => {
            let periods = object.components.iter().flat_map(|component| &component.busy);
            let busy = periods.take(limits.occurrences_max).filter_map(|period| {
                let end = match &period.end {
                    PeriodEnd::At(end) => object.instant(end, floating),
                    PeriodEnd::After(duration) => Length::Duration(*duration)
                        .end(period.start.local(), object.zone_of(&period.start, floating)),
                };
                clip(object.instant(&period.start, floating)..end, BusyKind::Busy)
            });
            busy.collect()
        }
        ComponentKind::ToDo | ComponentKind::Journal => Vec::new(),
    }
}

fn kind(component: &Component, owner: &Addresses) -> Option<BusyKind> {
    if component.transparency == Some(Transparency::Transparent)
        || component.status == Some(Status::Cancelled)
    {
        return None;
    }
    let is_organizer =
        component.organizer.as_ref().is_some_and(|organizer| owner.contains(&organizer.address));
    let own = component.attendees.iter().find(|attendee| owner.contains(&attendee.address));
    let answer = own.filter(|_| !is_organizer || component.attendees.len() > 1).map(|own| own.participation);
    let said = match answer {
        Some(Participation::Declined | Participation::Delegated) => return None,
        Some(Participation::Tentative) => BusyKind::Tentative,
        Some(Participation::NeedsAction) if !is_organizer => BusyKind::Tentative,
        _ if component.status == Some(Status::Tentative) => BusyKind::Tentative,
        _ => BusyKind::Busy,
    };
    match component.busy_status {
        Some(BusyStatus::Free | BusyStatus::WorkingElsewhere) => None,
        Some(BusyStatus::Tentative) => Some(BusyKind::Tentative),
        Some(BusyStatus::OutOfOffice) => Some(BusyKind::Unavailable),
        Some(BusyStatus::Busy) | None => Some(said),
    }
}

/// The same times in order and without overlaps; where several overlap the busiest counts.
#[must_use]
pub fn merged(periods: &[BusyPeriod]) -> Vec<BusyPeriod> {
    let mut edges: Vec<(Timestamp, bool, BusyKind)> = Vec::with_capacity(periods.len() * 2);
    for period in periods.iter().filter(|period| period.range.start < period.range.end) {
        edges.push((period.range.start, true, period.kind));
        edges.push((period.range.end, false, period.kind));
    }
    edges.sort_unstable();
    let mut open = Open::default();
    let mut merged: Vec<BusyPeriod> = Vec::new();
    let mut since = None;
    for (at, begins, kind) in edges {
        if let Some((start, busiest)) = since.filter(|(start, _)| *start < at) {
            match merged.last_mut().filter(|last| last.range.end == start && last.kind == busiest) {
                Some(last) => last.range.end = at,
                None => merged.push(BusyPeriod { range: start..at, kind: busiest }),
            }
        }
        open.count(kind, begins);
        since = open.busiest().map(|busiest| (at, busiest));
    }
    merged
}

/// How many periods of each kind go on.
#[derive(Default)]
struct Open {
    tentative: usize,
    busy: usize,
    unavailable: usize,
}

impl Open {
    fn count(&mut self, kind: BusyKind, begins: bool) {
        let count = match kind {
            BusyKind::Tentative => &mut self.tentative,
            BusyKind::Busy => &mut self.busy,
            BusyKind::Unavailable => &mut self.unavailable,
        };
        *count = if begins { *count + 1 } else { count.saturating_sub(1) };
    }

    fn busiest(&self) -> Option<BusyKind> {
        match self {
            Self { unavailable: 1.., .. } => Some(BusyKind::Unavailable),
            Self { busy: 1.., .. } => Some(BusyKind::Busy),
            Self { tentative: 1.., .. } => Some(BusyKind::Tentative),
            _ => None,
        }
    }
}
