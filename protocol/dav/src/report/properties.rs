//! What a report is to tell of each resource.

use super::{AddressDataRequest, CalendarDataRequest};
use crate::RequestError;
use crate::method::PropFind;
use crate::name::{Name, caldav, carddav, dav};
use crate::xml::{Element, Limits, parse};

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
    /// What a PROPFIND asks for. RFC 6352 section 10.4 has `address-data` in reports only; it is given here too where
    /// it is named, as clients that know other servers name it. Of calendars it never is.
    ///
    /// # Errors
    /// As [`PropFind::parse`].
    pub fn of_propfind(body: &[u8]) -> Result<Self, RequestError> {
        let selection = PropFind::parse(body)?;
        let names_data = match &selection {
            PropFind::Prop(names) => names.iter().any(|name| name.name() == carddav::ADDRESS_DATA),
            PropFind::PropName | PropFind::AllProp { .. } => false,
        };
        let address_data = match names_data {
            true => Self::parse(&parse(body, &Limits::REQUEST)?)?.address_data,
            false => None,
        };
        Ok(Self { selection, calendar_data: None, address_data })
    }

    pub(super) fn parse(report: &Element) -> Result<Self, RequestError> {
        let data = |name: Name<'static>| report.child(dav::PROP).and_then(|prop| prop.child(name));
        Ok(Self {
            selection: PropFind::within(report)?.unwrap_or_else(|| PropFind::Prop(Vec::new())),
            calendar_data: data(caldav::CALENDAR_DATA).map(CalendarDataRequest::parse).transpose()?,
            address_data: data(carddav::ADDRESS_DATA).map(AddressDataRequest::parse).transpose()?,
        })
    }
}
