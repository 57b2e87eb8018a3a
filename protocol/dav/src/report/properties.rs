//! What a report is to tell of each resource.

use super::{AddressDataRequest, CalendarDataRequest};
use crate::RequestError;
use crate::method::PropFind;
use crate::name::{Name, caldav, carddav, dav};
use crate::xml::Element;

/// The properties that a report is to give, and the form in which it is to give objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyRequest {
    /// The properties, among them `calendar-data` and `address-data`. No property at all if the report names
    /// none: then hrefs are all that is wanted.
    pub selection: PropFind,
    /// How `calendar-data` is to be given, if it is asked for.
    pub calendar_data: Option<CalendarDataRequest>,
    /// How `address-data` is to be given, if it is asked for.
    pub address_data: Option<AddressDataRequest>,
}

impl PropertyRequest {
    pub(super) fn parse(report: &Element) -> Result<Self, RequestError> {
        let data = |name: Name<'static>| report.child(dav::PROP).and_then(|prop| prop.child(name));
        Ok(Self {
            selection: PropFind::within(report)?.unwrap_or_else(|| PropFind::Prop(Vec::new())),
            calendar_data: data(caldav::CALENDAR_DATA).map(CalendarDataRequest::parse).transpose()?,
            address_data: data(carddav::ADDRESS_DATA).map(AddressDataRequest::parse).transpose()?,
        })
    }
}
