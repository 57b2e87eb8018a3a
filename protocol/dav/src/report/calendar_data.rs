//! Which part of a calendar object is to be given, and in what form: RFC 4791 section 9.6.

use super::{only_child, required, yes_or_no};
use crate::RequestError;
use crate::name::{attribute, caldav};
use crate::property::MediaType;
use crate::time::TimeSpan;
use crate::xml::Element;

/// How `calendar-data` is to be given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarDataRequest {
    /// The form; `None`: iCalendar 2.0.
    pub media: Option<MediaType>,
    /// The parts; `None`: the whole object.
    pub component: Option<ComponentSelection>,
    /// Which instances of a series.
    pub recurrences: Option<Recurrences>,
    /// Only the FREEBUSY values that touch this: RFC 4791 section 9.6.7.
    pub free_busy: Option<TimeSpan>,
}

/// Which instances of a series are to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recurrences {
    /// Each instance by itself, in UTC: RFC 4791 section 9.6.5.
    Expand(TimeSpan),
    /// The series, and the overrides that touch this: RFC 4791 section 9.6.6.
    Limit(TimeSpan),
}

/// Which parts of a component are to be given: RFC 4791 section 9.6.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentSelection {
    /// Its name, upper-case.
    pub name: String,
    /// The properties; `None`: all.
    pub properties: Option<Vec<PropertySelection>>,
    /// The components within; `None`: all.
    pub components: Option<Vec<Self>>,
}

/// A property that is to be given: RFC 4791 section 9.6.4, RFC 6352 section 10.4.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertySelection {
    /// Its name, upper-case; with its group, if the request has one (CardDAV).
    pub name: String,
    /// Its name and parameters are enough.
    pub no_value: bool,
}

impl CalendarDataRequest {
    pub(super) fn parse(element: &Element) -> Result<Self, RequestError> {
        let span = |name| only_child(element, name)?.map(TimeSpan::parse).transpose();
        let recurrences = match (span(caldav::EXPAND)?, span(caldav::LIMIT_RECURRENCE_SET)?) {
            (None, None) => None,
            (Some(span), None) => Some(Recurrences::Expand(span)),
            (None, Some(span)) => Some(Recurrences::Limit(span)),
            (Some(_), Some(_)) => {
                return Err(RequestError::malformed(element.name(), "expands and limits a series"));
            }
        };
        Ok(Self {
            media: MediaType::parse(element, &MediaType::ICALENDAR),
            component: only_child(element, caldav::COMP)?.map(ComponentSelection::parse).transpose()?,
            recurrences,
            free_busy: span(caldav::LIMIT_FREEBUSY_SET)?,
        })
    }
}

impl ComponentSelection {
    /// A selection without any child is the whole component, as the examples of RFC 4791 section 7.8.1 have
    /// it. The reader has bounded the depth.
    fn parse(element: &Element) -> Result<Self, RequestError> {
        let mut properties = Vec::new();
        let mut components = Vec::new();
        let (mut all_properties, mut all_components) = (false, false);
        for child in element.children() {
            match child.name() {
                caldav::PROP => properties.push(PropertySelection::parse(child)?),
                caldav::COMP => components.push(Self::parse(child)?),
                caldav::ALLPROP => all_properties = true,
                caldav::ALLCOMP => all_components = true,
                _ => {}
            }
        }
        let whole = element.children().next().is_none();
        Ok(Self {
            name: required(element, attribute::NAME)?.to_ascii_uppercase(),
            properties: (!whole && !all_properties).then_some(properties),
            components: (!whole && !all_components).then_some(components),
        })
    }
}

impl PropertySelection {
    pub(super) fn parse(element: &Element) -> Result<Self, RequestError> {
        Ok(Self {
            name: required(element, attribute::NAME)?.to_ascii_uppercase(),
            no_value: yes_or_no(element, attribute::NOVALUE)?,
        })
    }
}
