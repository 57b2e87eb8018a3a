//! What a store keeps beside the bytes of an object, and why it takes them or not.

use chrono::TimeDelta;
use content_line::{Document, FaultKind};
use vocabulary::Timestamp;

use crate::component::Component;
use crate::edit::managed_ids;
use crate::expand::{ALL_TIME, Limits, occurrences};
use crate::index::index;
use crate::rule::End;
use crate::term::{Class, ComponentKind, Status};
use crate::zone::Zone;
use crate::{DataFault, Invalid, Moment, Object, ResourceFault, read};

/// The clocks of the world are at most this far ahead of UTC, and behind it.
const AHEAD_MAX: TimeDelta = TimeDelta::hours(14);
const BEHIND_MAX: TimeDelta = TimeDelta::hours(12);
/// A series that costs more than this counts as endless.
const LIMITS: Limits = Limits { occurrences_max: 20_000, steps_max: 100_000 };

/// A calendar object at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The type of its components.
    pub kind: ComponentKind,
    /// The UID of its components.
    pub uid: String,
    /// SUMMARY of the whole.
    pub summary: Option<String>,
    /// CLASS is PRIVATE or CONFIDENTIAL.
    pub is_private: bool,
    /// A task that is done.
    pub is_completed: bool,
    /// Whether it is a series.
    pub is_recurring: bool,
    /// No occurrence begins before this. `None`: it has no date.
    pub start: Option<Timestamp>,
    /// No occurrence ends after this. `None`: it is endless, or has no date.
    ///
    /// Both are exact for times in UTC and in zones. Dates and floating times are placed where on earth they come
    /// first and last. A series whose end would cost too much to find counts as endless.
    pub end: Option<Timestamp>,
    /// The MANAGED-IDs of its attachments, each once; one more than [`ATTACHMENTS_MAX`](crate::edit::ATTACHMENTS_MAX)
    /// if there are more than that.
    pub attachments: Vec<String>,
    /// To be read as an [`Index`](crate::Index); empty if it has none.
    pub index: Vec<u8>,
}

/// Checks that the bytes are one object that can be stored, and describes it.
///
/// # Errors
/// Names the precondition of RFC 4791 section 5.3.2.1 that does not hold. Whether the collection takes components
/// of this kind (supported-calendar-component) is the caller's question.
pub fn describe(bytes: &[u8]) -> Result<Described, Invalid> {
    let document = Document::parse(bytes)?;
    check_data(&document)?;
    let object = read::object(&document)?;
    let uid = check_resource(&document, &object)?.to_owned();
    let first = object.master().or(object.components.first());
    let is_private =
        |component: &Component| matches!(component.class, Some(Class::Private | Class::Confidential));
    let (start, end) = range(&object);
    Ok(Described {
        kind: object.kind(),
        uid,
        summary: first.and_then(|component| component.summary.clone()),
        is_private: object.components.iter().any(is_private),
        is_completed: first.is_some_and(is_completed),
        is_recurring: first
            .is_some_and(|component| component.is_recurring() || component.recurrence.is_some()),
        start,
        end,
        attachments: managed_ids(&document, &object),
        index: read::calendar(&document).map(|calendar| index(&document, calendar)).unwrap_or_default(),
    })
}

/// RFC 5545 sections 3.8.1.11 and 3.8.2.1. Some clients write only one of the three.
fn is_completed(component: &Component) -> bool {
    component.kind == ComponentKind::ToDo
        && match component.status {
            Some(status) => status == Status::Completed,
            None => component.completed.is_some() || component.percent_complete == Some(100),
        }
}

fn check_data(document: &Document<'_>) -> Result<(), DataFault> {
    let mut roots = document.roots();
    let calendar = read::calendar(document).ok_or(DataFault::NotOneCalendar)?;
    if roots.next() != Some(calendar) || roots.next().is_some() {
        return Err(DataFault::NotOneCalendar);
    }
    for fault in document.faults() {
        match fault.kind {
            FaultKind::StrayEnd | FaultKind::Unclosed => {
                return Err(DataFault::Unbalanced { offset: fault.offset });
            }
            FaultKind::NotUtf8 => return Err(DataFault::NotUtf8 { offset: fault.offset }),
            // Clients of every maker write such lines; they are kept, and read by nobody.
            FaultKind::ControlCharacter | FaultKind::NoProperty => {}
        }
    }
    Ok(())
}

fn check_resource<'a>(document: &Document<'_>, object: &'a Object) -> Result<&'a str, Invalid> {
    if object.method.is_some() {
        return Err(ResourceFault::Method.into());
    }
    let calendar = read::calendar(document).ok_or(DataFault::NotOneCalendar)?;
    let kinds = document
        .children(calendar)
        .filter_map(|child| ComponentKind::by_name(document.component(child)?.name()));
    if kinds.into_iter().any(|kind| kind != object.kind()) {
        return Err(ResourceFault::SeveralKinds.into());
    }
    let uid = object.uid().ok_or(ResourceFault::NoUid)?;
    for component in &object.components {
        match &component.uid {
            None => return Err(ResourceFault::NoUid.into()),
            Some(other) if other != uid => return Err(ResourceFault::SeveralUids.into()),
            Some(_) => {}
        }
        if component.kind == ComponentKind::Event && component.start.is_none() {
            return Err(DataFault::NoStart.into());
        }
    }
    Ok(uid)
}

fn range(object: &Object) -> (Option<Timestamp>, Option<Timestamp>) {
    let utc = Zone::utc();
    let (ahead, behind) = if object.components.iter().any(|component| is_anywhere(object, component)) {
        (AHEAD_MAX, BEHIND_MAX)
    } else {
        (TimeDelta::zero(), TimeDelta::zero())
    };
    let earlier = |at: Timestamp| Timestamp(at.0.saturating_sub(ahead.num_milliseconds()));
    let later = |at: Timestamp| Timestamp(at.0.saturating_add(behind.num_milliseconds()));
    let is_endless = |component: &Component| {
        component.rules.iter().any(|rule| rule.end == End::Never && rule.scale.is_known())
    };
    if !object.components.iter().any(is_endless) {
        let expansion = occurrences(object, ALL_TIME, &utc, &LIMITS);
        if !expansion.truncated {
            let start = expansion.occurrences.iter().map(|occurrence| occurrence.start).min();
            let end = expansion.occurrences.iter().map(|occurrence| occurrence.end).max();
            return (start.map(earlier), end.map(later));
        }
    }
    let begins = object.components.iter().flat_map(|component| {
        component.anchor().into_iter().chain(component.dates.iter().map(|date| &date.start))
    });
    (begins.map(|moment| object.instant(moment, &utc)).min().map(earlier), None)
}

/// Whether it is a date or a time without a zone that is known.
fn is_anywhere(object: &Object, component: &Component) -> bool {
    component.anchor().is_some_and(|anchor| match anchor {
        Moment::Date(_) | Moment::Floating(_) => true,
        Moment::Zoned { tzid, .. } => object.zone(tzid).is_none(),
        Moment::Utc(_) => false,
    })
}
