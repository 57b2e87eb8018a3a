//! What of a component belongs to the organiser and is worth telling: everything but stamps, what each guest has for
//! himself (alarms, TRANSP, CATEGORIES, CLASS, progress), people, and properties that nobody here knows (`X-`).

use content_line::unescape;
use vocabulary::Timestamp;

use super::copy::Copy;
use crate::Rule;
use crate::component::{Component, PeriodEnd};
use crate::length::Length;
use crate::term::{ComponentKind, Status};
use crate::zone::Zone;

/// Times, people and stamps, which are compared by what they mean, and what is nobody else's business.
const LEFT_OUT: &[&str] = &[
    "UID",
    "RECURRENCE-ID",
    "DTSTART",
    "DTEND",
    "DUE",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "STATUS",
    "ORGANIZER",
    "ATTENDEE",
    "DTSTAMP",
    "CREATED",
    "LAST-MODIFIED",
    "SEQUENCE",
    "REQUEST-STATUS",
];

/// What each guest has for himself; it survives the organiser's changes.
pub(super) const PERSONAL: &[&str] = &[
    "TRANSP",
    "CATEGORIES",
    "CLASS",
    "COLOR",
    "PERCENT-COMPLETE",
    "COMPLETED",
    "X-MICROSOFT-CDO-BUSYSTATUS",
];

/// The organiser's part of a component.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Essence {
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    pub(super) is_date: bool,
    /// The clocks that a series follows.
    pub(super) zone: Option<Zone>,
    pub(super) rules: Vec<Rule>,
    /// RDATE: begin, and end where it has its own.
    pub(super) dates: Vec<(Timestamp, Option<Timestamp>)>,
    pub(super) status: Option<Status>,
    /// Names in upper case with their values, sorted.
    pub(super) content: Vec<(String, String)>,
}

impl Essence {
    pub(super) fn of(copy: &Copy<'_>, at: usize) -> Self {
        let Some(component) = copy.component(at) else { return Self::of_nothing() };
        let utc = Zone::utc();
        let object = &copy.object;
        let zone = component.anchor().map(|anchor| object.zone_of(anchor, &utc));
        let start = component.anchor().map(|anchor| object.instant(anchor, &utc));
        let end = component
            .anchor()
            .zip(zone)
            .map(|(anchor, zone)| Length::of(component, object, &utc).end(anchor.local(), zone));
        let date = |date: &crate::ExtraDate| {
            let end = date.end.as_ref().map(|end| match end {
                PeriodEnd::At(end) => object.instant(end, &utc),
                PeriodEnd::After(duration) => {
                    Length::Duration(*duration).end(date.start.local(), object.zone_of(&date.start, &utc))
                }
            });
            (object.instant(&date.start, &utc), end)
        };
        let mut dates: Vec<_> = component.dates.iter().map(date).collect();
        dates.sort_unstable();
        dates.dedup();
        Self {
            start,
            end,
            is_date: component.is_all_day(),
            zone: zone.filter(|_| component.is_recurring()).cloned(),
            rules: component.rules.clone(),
            dates,
            status: status(component),
            content: content(copy, component),
        }
    }

    /// What the series says of one of its occurrences, where `self` is the essence of the series.
    pub(super) fn of_occurrence(&self, copy: &Copy<'_>, recurrence: Timestamp) -> Self {
        let utc = Zone::utc();
        let master = copy.master().and_then(|at| copy.component(at));
        let end = master.and_then(|master| {
            let zone = copy.object.zone_of(master.anchor()?, &utc);
            Some(Length::of(master, &copy.object, &utc).end(zone.local(recurrence), zone))
        });
        Self {
            start: Some(recurrence),
            end,
            is_date: self.is_date,
            zone: None,
            rules: Vec::new(),
            dates: Vec::new(),
            status: self.status,
            content: self.content.clone(),
        }
    }

    /// Whether it is at another time, or on other clocks.
    pub(super) fn is_moved(&self, old: &Self) -> bool {
        let times = |one: &Self| (one.start, one.end, one.is_date);
        let is_series = |one: &Self| !one.rules.is_empty() || !one.dates.is_empty();
        times(self) != times(old) || (is_series(self) && is_series(old) && self.zone != old.zone)
    }

    /// Whether it takes place again.
    pub(super) fn is_revived(&self, old: &Self) -> bool {
        old.status == Some(Status::Cancelled) && self.status != Some(Status::Cancelled)
    }

    /// What the rules and dates of the series do to its occurrences.
    pub(super) fn recurs_more(&self, old: &Self, new_copy: &Copy<'_>, old_copy: &Copy<'_>) -> bool {
        if self.dates.iter().any(|date| old.dates.binary_search(date).is_err()) {
            return true;
        }
        if self.rules == old.rules {
            return false;
        }
        !is_shortened(&self.rules, &old.rules) && !new_copy.instants().is_within(&old_copy.instants())
    }

    fn of_nothing() -> Self {
        Self {
            start: None,
            end: None,
            is_date: false,
            zone: None,
            rules: Vec::new(),
            dates: Vec::new(),
            status: None,
            content: Vec::new(),
        }
    }
}

/// Whether the same rules only end earlier.
fn is_shortened(new: &[Rule], old: &[Rule]) -> bool {
    use crate::rule::End::{Count, Never, Until};
    new.len() == old.len()
        && new.iter().zip(old).all(|(new, old)| {
            let ends_earlier = match (&new.end, &old.end) {
                (_, Never) => true,
                (Count(new), Count(old)) => new <= old,
                (Until(new), Until(old)) => new.is_date() == old.is_date() && new.local() <= old.local(),
                _ => false,
            };
            ends_earlier && Rule { end: old.end.clone(), ..new.clone() } == *old
        })
}

/// An event that does not say so is confirmed.
fn status(component: &Component) -> Option<Status> {
    let confirmed = (component.kind == ComponentKind::Event).then_some(Status::Confirmed);
    match component.status {
        // How far a guest is with a task is the guest's own matter.
        Some(Status::Cancelled) => Some(Status::Cancelled),
        _ if component.kind == ComponentKind::ToDo => None,
        status => status.or(confirmed),
    }
}

fn content(copy: &Copy<'_>, component: &Component) -> Vec<(String, String)> {
    let mut content = Vec::new();
    for (_, line) in copy.document.own_lines(component.lines) {
        let name = line.name().to_ascii_uppercase();
        if name.starts_with("X-") || LEFT_OUT.contains(&&*name) || PERSONAL.contains(&&*name) {
            continue;
        }
        let value = unescape(&line.value()).trim().to_owned();
        if !value.is_empty() {
            content.push((name, value));
        }
    }
    content.sort_unstable();
    content
}
