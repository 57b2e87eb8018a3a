//! How the bytes of a member are given.

use calendar::Zone;
use dav_wire::Value;
use dav_wire::report::{
    AddressDataRequest, CalendarDataRequest, PropertyRequest, PropertySelection, TimeZone,
};
use std::borrow::Cow;
use vocabulary::Home;

use super::{calendar_data, zone};
use crate::call::{Answer, Call};
use crate::folder::Folder;

/// What a report wants of the bytes.
pub(crate) enum Data {
    Calendar(CalendarDataRequest, Zone),
    Card(AddressDataRequest),
}

impl Data {
    /// `None`: bodies are not asked for.
    pub(super) async fn of(
        call: &Call,
        folder: &Folder,
        request: &PropertyRequest,
        requested_zone: Option<&TimeZone>,
    ) -> Answer<Option<Self>> {
        if folder.address.home == Home::AddressBooks {
            return Ok(request.address_data.clone().map(Self::Card));
        }
        let Some(request) = request.calendar_data.clone() else { return Ok(None) };
        // Only a series that is taken apart needs to know where its days lie.
        let zone = match request.recurrences {
            None => Zone::utc(),
            Some(_) => zone::of(call, folder, requested_zone).await?,
        };
        Ok(Some(Self::Calendar(request, zone)))
    }

    /// The value of `calendar-data` or `address-data`.
    pub(crate) fn value(&self, bytes: &[u8]) -> Value {
        let given = match self {
            Self::Calendar(request, zone) => calendar_data::given(request, zone, bytes),
            Self::Card(request) => card(request, bytes),
        };
        Value::Data { text: String::from_utf8_lossy(&given).into_owned(), media: None }
    }
}

/// RFC 6352 section 10.4.2.
fn card<'b>(request: &AddressDataRequest, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    let Some(properties) = &request.properties else { return Cow::Borrowed(bytes) };
    match contact::Query::new(bytes) {
        Ok(query) => Cow::Owned(query.only(&properties.iter().map(wanted).collect::<Vec<_>>())),
        Err(_) => Cow::Borrowed(bytes),
    }
}

fn wanted(property: &PropertySelection) -> contact::Wanted<'_> {
    contact::Wanted { name: &property.name, no_value: property.no_value }
}
