//! From content lines to values.

mod alarm;
mod component;
mod timezone;

use content_line::{Document, unescape};

pub use alarm::ALARMS_MAX;
pub(crate) use component::{attendee, is_html, moment_of, read as component_at};
#[cfg(test)]
pub(crate) use timezone::as_written as zone_as_written;
pub(crate) use timezone::{has_timezone, resolve as zone};

use crate::term::{ComponentKind, Term};
use crate::zone::Zone;
use crate::{Component, DataFault, Invalid, Moment, Object, ResourceFault};

/// Most components of one object: a series of 27 years with every day changed.
pub const COMPONENTS_MAX: usize = 10_000;
/// Most TZIDs of one object that are given a meaning; further ones are zones that nobody knows.
pub const ZONES_MAX: usize = 20;

pub(crate) fn object(document: &Document<'_>) -> Result<Object, Invalid> {
    let calendar = calendar(document).ok_or(DataFault::NotOneCalendar)?;
    let components: Vec<Component> = document
        .children(calendar)
        .filter_map(|child| {
            let kind = ComponentKind::parse(document.component(child)?.name())?;
            Some(component::read(document, child, kind))
        })
        .take(COMPONENTS_MAX + 1)
        .collect();
    if components.len() > COMPONENTS_MAX {
        return Err(DataFault::TooManyComponents.into());
    }
    if components.is_empty() {
        return Err(ResourceFault::NoComponent.into());
    }
    let method = document.property(calendar, "METHOD").map(|(_, line)| unescape(&line.value()).into_owned());
    let mut object = object_of(document, calendar, components);
    object.method = method;
    Ok(object)
}

/// Some components of a document, with the meaning that its TZIDs have.
pub(crate) fn object_of(document: &Document<'_>, calendar: usize, components: Vec<Component>) -> Object {
    let zones = zones(document, calendar, &components);
    Object::new(None, components, zones)
}

/// The first VCALENDAR that stands by itself.
pub(crate) fn calendar(document: &Document<'_>) -> Option<usize> {
    document.roots().find(|root| document.component(*root).is_some_and(|root| root.name() == "VCALENDAR"))
}

fn zones(document: &Document<'_>, calendar: usize, components: &[Component]) -> Vec<(String, Option<Zone>)> {
    let mut tzids: Vec<&str> = components.iter().flat_map(moments).filter_map(Moment::tzid).collect();
    tzids.sort_unstable();
    tzids.dedup();
    tzids
        .into_iter()
        .take(ZONES_MAX)
        .map(|tzid| (tzid.to_owned(), timezone::resolve(document, calendar, tzid)))
        .collect()
}

fn moments(component: &Component) -> impl Iterator<Item = &Moment> {
    component
        .start
        .iter()
        .chain(&component.end)
        .chain(component.recurrence.iter().map(|id| &id.moment))
        .chain(component.dates.iter().map(|date| &date.start))
        .chain(&component.exceptions)
}
