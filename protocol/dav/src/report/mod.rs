//! Bodies of REPORT: RFC 3253 section 3.6.

mod address_data;
mod address_filter;
mod calendar_data;
mod calendar_filter;
mod expand_property;
mod principal;
mod properties;
mod query;
mod sync_collection;
mod text_match;

pub use address_data::AddressDataRequest;
pub use address_filter::{CardCondition, CardFilter, CardPropertyFilter, Test};
pub use calendar_data::{CalendarDataRequest, ComponentSelection, PropertySelection, Recurrences};
pub use calendar_filter::{
    ComponentCondition, ComponentFilter, ParameterCondition, ParameterFilter, PropertyCondition,
    PropertyFilter, ValueTest,
};
pub use expand_property::{EXPAND_DEPTH_MAX, ExpandProperty, ExpandedProperty};
pub use principal::{
    CalendarServerPrincipalSearch, PrincipalMatch, PrincipalPropertySearch, PropertySearch, SearchContext,
    SelfMatch,
};
pub use properties::PropertyRequest;
pub use query::{AddressBookQuery, CalendarQuery, FreeBusyQuery, Multiget, TimeZone};
pub use sync_collection::{SyncCollection, SyncLevel};
pub use text_match::TextMatch;

use crate::method::PropFind;
use crate::name::{Name, caldav, carddav, dav};
use crate::property::ReportName;
use crate::xml::{Element, Limits, parse};
use crate::{Precondition, RequestError};

/// Most conditions of one filter: `comp-filter`, `prop-filter`, `param-filter` and `text-match` together. Each
/// may be asked of every line of every member.
pub const FILTER_CONDITIONS_MAX: usize = 100;
/// Longest text that a filter looks for, in bytes.
pub const FILTER_TEXT_BYTES_MAX: usize = 1024;

/// A report as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// RFC 4791 section 7.8.
    CalendarQuery(CalendarQuery),
    /// RFC 4791 section 7.9.
    CalendarMultiget(Multiget),
    /// RFC 4791 section 7.10.
    FreeBusyQuery(FreeBusyQuery),
    /// RFC 6352 section 8.6.
    AddressBookQuery(AddressBookQuery),
    /// RFC 6352 section 8.7.
    AddressBookMultiget(Multiget),
    /// RFC 6578 section 3.2.
    SyncCollection(SyncCollection),
    /// RFC 3253 section 3.8.
    ExpandProperty(ExpandProperty),
    /// RFC 3744 section 9.2: the properties of all principals that the ACL names.
    AclPrincipalPropSet(PropFind),
    /// RFC 3744 section 9.3.
    PrincipalMatch(PrincipalMatch),
    /// RFC 3744 section 9.4.
    PrincipalPropertySearch(PrincipalPropertySearch),
    /// RFC 3744 section 9.5: which properties can be searched.
    PrincipalSearchPropertySet,
    /// The one search field of macOS and iOS.
    CalendarServerPrincipalSearch(CalendarServerPrincipalSearch),
}

impl Report {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Precondition::SupportedReport`] for a report that we do not know, and others that the report's own
    /// specification names.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let root = parse(body, &Limits::REPORT)?;
        let report = ReportName::from_name(root.name()).ok_or(Precondition::SupportedReport)?;
        Ok(match report {
            ReportName::CalendarQuery => Self::CalendarQuery(CalendarQuery::parse(&root)?),
            ReportName::CalendarMultiget => Self::CalendarMultiget(Multiget::parse(&root)?),
            ReportName::FreeBusyQuery => Self::FreeBusyQuery(FreeBusyQuery::parse(&root)?),
            ReportName::AddressBookQuery => Self::AddressBookQuery(AddressBookQuery::parse(&root)?),
            ReportName::AddressBookMultiget => Self::AddressBookMultiget(Multiget::parse(&root)?),
            ReportName::SyncCollection => Self::SyncCollection(SyncCollection::parse(&root)?),
            ReportName::ExpandProperty => Self::ExpandProperty(ExpandProperty::parse(&root)?),
            ReportName::AclPrincipalPropSet => Self::AclPrincipalPropSet(
                PropFind::within(&root)?.unwrap_or_else(|| PropFind::Prop(Vec::new())),
            ),
            ReportName::PrincipalMatch => Self::PrincipalMatch(PrincipalMatch::parse(&root)?),
            ReportName::PrincipalPropertySearch => {
                Self::PrincipalPropertySearch(PrincipalPropertySearch::parse(&root)?)
            }
            ReportName::PrincipalSearchPropertySet => Self::PrincipalSearchPropertySet,
            ReportName::CalendarServerPrincipalSearch => {
                Self::CalendarServerPrincipalSearch(CalendarServerPrincipalSearch::parse(&root)?)
            }
        })
    }

    /// Which report it is, to be held against `supported-report-set`.
    #[must_use]
    pub fn name(&self) -> ReportName {
        match self {
            Self::CalendarQuery(_) => ReportName::CalendarQuery,
            Self::CalendarMultiget(_) => ReportName::CalendarMultiget,
            Self::FreeBusyQuery(_) => ReportName::FreeBusyQuery,
            Self::AddressBookQuery(_) => ReportName::AddressBookQuery,
            Self::AddressBookMultiget(_) => ReportName::AddressBookMultiget,
            Self::SyncCollection(_) => ReportName::SyncCollection,
            Self::ExpandProperty(_) => ReportName::ExpandProperty,
            Self::AclPrincipalPropSet(_) => ReportName::AclPrincipalPropSet,
            Self::PrincipalMatch(_) => ReportName::PrincipalMatch,
            Self::PrincipalPropertySearch(_) => ReportName::PrincipalPropertySearch,
            Self::PrincipalSearchPropertySet => ReportName::PrincipalSearchPropertySet,
            Self::CalendarServerPrincipalSearch(_) => ReportName::CalendarServerPrincipalSearch,
        }
    }
}

/// Refuses a filter with more than [`FILTER_CONDITIONS_MAX`] conditions.
fn bounded(filter: &Element, too_many: Precondition) -> Result<(), RequestError> {
    let mut conditions = 0_usize;
    let mut waiting = vec![filter];
    while let Some(element) = waiting.pop() {
        for child in element.children() {
            conditions += usize::from(is_condition(child.name()));
            if conditions > FILTER_CONDITIONS_MAX {
                return Err(too_many.into());
            }
            waiting.push(child);
        }
    }
    Ok(())
}

fn is_condition(name: Name<'_>) -> bool {
    matches!(
        name,
        caldav::COMP_FILTER
            | caldav::PROP_FILTER
            | caldav::PARAM_FILTER
            | caldav::TEXT_MATCH
            | carddav::PROP_FILTER
            | carddav::PARAM_FILTER
            | carddav::TEXT_MATCH
    )
}

/// The only child of a name; `None` if there is none.
fn only_child<'a>(element: &'a Element, name: Name<'static>) -> Result<Option<&'a Element>, RequestError> {
    let mut found = element.children().filter(|child| child.name() == name);
    let first = found.next();
    if found.next().is_some() { Err(RequestError::malformed(name, "stands twice")) } else { Ok(first) }
}

/// The number within `<limit><nresults>`: RFC 6352 section 10.6, RFC 6578 section 3.7. A limit of nothing is
/// none; the server may disregard it.
fn results_limit(
    element: &Element,
    limit: Name<'static>,
    nresults: Name<'static>,
) -> Result<Option<u32>, RequestError> {
    let Some(limit) = element.child(limit) else { return Ok(None) };
    let number = limit.child(nresults).and_then(|number| number.text().trim().parse().ok());
    let number: u32 = number.ok_or_else(|| RequestError::malformed(limit.name(), "no number of results"))?;
    Ok(Some(number).filter(|number| *number > 0))
}

/// The value of a required attribute.
fn required<'a>(element: &'a Element, name: Name<'static>) -> Result<&'a str, RequestError> {
    let value = element.attribute(name).map(str::trim).filter(|value| !value.is_empty());
    value.ok_or_else(|| RequestError::malformed(element.name(), "a required attribute is missing"))
}

/// The value of an attribute that is `yes` or `no`, and `no` by default.
fn yes_or_no(element: &Element, name: Name<'static>) -> Result<bool, RequestError> {
    match element.attribute(name) {
        None | Some("no") => Ok(false),
        Some("yes") => Ok(true),
        Some(_) => Err(RequestError::malformed(element.name(), "neither yes nor no")),
    }
}

/// The hrefs that are children of an element, as the client wrote them.
fn hrefs(element: &Element) -> Vec<String> {
    let hrefs = element.children().filter(|child| child.name() == dav::HREF);
    hrefs.map(|href| href.text().trim().to_owned()).collect()
}
