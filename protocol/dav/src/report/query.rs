//! Queries, multigets and free-busy: RFC 4791 sections 7.8, 7.9 and 7.10, RFC 6352 sections 8.6 and 8.7.

use super::{CardFilter, ComponentFilter, PropertyRequest, hrefs, only_child, results_limit};
use crate::RequestError;
use crate::name::{caldav, carddav};
use crate::time::TimeSpan;
use crate::xml::Element;

/// The zone of floating times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeZone {
    /// An iCalendar object with one VTIMEZONE: RFC 4791 section 9.8.
    Definition(String),
    /// A name of the time-zone database: RFC 7809 section 6.2.
    Id(String),
}

impl TimeZone {
    fn within(element: &Element) -> Result<Option<Self>, RequestError> {
        let definition = only_child(element, caldav::TIMEZONE)?.map(|zone| Self::Definition(zone.text()));
        let id = only_child(element, caldav::TIMEZONE_ID)?;
        Ok(definition.or_else(|| id.map(|id| Self::Id(id.text().trim().to_owned()))))
    }
}

/// The objects of a calendar that meet a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarQuery {
    /// What to tell of each.
    pub properties: PropertyRequest,
    /// Which.
    pub filter: ComponentFilter,
    /// The zone of floating times; `None`: that of the calendar.
    pub time_zone: Option<TimeZone>,
}

impl CalendarQuery {
    pub(super) fn parse(root: &Element) -> Result<Self, RequestError> {
        Ok(Self {
            properties: PropertyRequest::parse(root)?,
            filter: ComponentFilter::parse(only_child(root, caldav::FILTER)?)?,
            time_zone: TimeZone::within(root)?,
        })
    }
}

/// The cards of an address book that meet a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressBookQuery {
    /// What to tell of each.
    pub properties: PropertyRequest,
    /// Which.
    pub filter: CardFilter,
    /// At most so many.
    pub limit: Option<u32>,
}

impl AddressBookQuery {
    pub(super) fn parse(root: &Element) -> Result<Self, RequestError> {
        let filter = only_child(root, carddav::FILTER)?;
        let filter = filter.ok_or_else(|| RequestError::malformed(root.name(), "no filter"))?;
        Ok(Self {
            properties: PropertyRequest::parse(root)?,
            filter: CardFilter::parse(filter)?,
            limit: results_limit(root, carddav::LIMIT, carddav::NRESULTS)?,
        })
    }
}

/// The objects at given paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Multiget {
    /// What to tell of each.
    pub properties: PropertyRequest,
    /// The paths as the client wrote them. One that cannot be read is answered under this spelling.
    pub hrefs: Vec<String>,
}

impl Multiget {
    /// Without any href the answer is empty, which some clients ask for.
    pub(super) fn parse(root: &Element) -> Result<Self, RequestError> {
        Ok(Self { properties: PropertyRequest::parse(root)?, hrefs: hrefs(root) })
    }
}

/// When the owner of a calendar is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeBusyQuery {
    /// Within this.
    pub span: TimeSpan,
}

impl FreeBusyQuery {
    pub(super) fn parse(root: &Element) -> Result<Self, RequestError> {
        let range = only_child(root, caldav::TIME_RANGE)?;
        let range = range.ok_or_else(|| RequestError::malformed(root.name(), "no time-range"))?;
        Ok(Self { span: TimeSpan::parse(range)? })
    }
}
