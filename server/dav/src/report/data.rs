//! How the bytes of a member are given.

use calendar::Zone;
use content_line::Document;
use dav_wire::property::MediaType;
use dav_wire::report::{
    AddressDataRequest, CalendarDataRequest, PropertyRequest, PropertySelection, TimeZone,
};
use dav_wire::{Precondition, Value};
use std::borrow::Cow;
use vocabulary::Home;

use super::calendar_data::{self, TooLarge};
use super::zone;
use crate::call::{Answer, Call};
use crate::folder::Folder;
use crate::time_zones::TimeZones;

/// What a report wants of the bytes.
pub(crate) enum Data {
    Calendar(CalendarDataRequest, Zone, TimeZones),
    Card(AddressDataRequest),
}

impl Data {
    /// `None`: bodies are not asked for.
    ///
    /// # Errors
    /// A media type or version in which no member can be given: RFC 4791 section 7.8, RFC 6352 section 8.6.
    pub(super) async fn of(
        call: &Call,
        folder: &Folder,
        request: &PropertyRequest,
        requested_zone: Option<&TimeZone>,
    ) -> Answer<Option<Self>> {
        if folder.address.home == Home::AddressBooks {
            let Some(request) = request.address_data.clone() else { return Ok(None) };
            check_media(folder, request.media.as_ref())?;
            return Ok(Some(Self::Card(request)));
        }
        let Some(request) = request.calendar_data.clone() else { return Ok(None) };
        check_media(folder, request.media.as_ref())?;
        // Only a series that is taken apart needs to know where its days lie.
        let zone = match request.recurrences {
            None => Zone::utc(),
            Some(_) => zone::of(call, folder, requested_zone).await?,
        };
        Ok(Some(Self::Calendar(request, zone, call.time_zones)))
    }

    /// The value of `calendar-data` or `address-data`.
    ///
    /// # Errors
    /// [`TooLarge`] for what would be longer than an answer may be.
    pub(crate) fn value(&self, bytes: &[u8]) -> Result<Value, TooLarge> {
        let (given, media) = match self {
            Self::Calendar(request, zone, time_zones) => {
                let given = calendar_data::given(request, zone, bytes)?;
                (time_zones.given_part(given), request.media.clone())
            }
            Self::Card(request) => (card(request, bytes), card_media(request, bytes)),
        };
        Ok(Value::Data { text: String::from_utf8_lossy(&given).into_owned(), media })
    }
}

/// The form must be one of those that `supported-calendar-data` or `supported-address-data` lists.
fn check_media(folder: &Folder, media: Option<&MediaType>) -> Result<(), Precondition> {
    let kind = folder.kind();
    match media {
        Some(media) if !kind.media.contains(media) => Err(kind.unsupported_media.clone()),
        _ => Ok(()),
    }
}

/// RFC 6352 section 10.4: without a version an answer is read as 3.0. A card is given in the version it has.
fn card_media(request: &AddressDataRequest, bytes: &[u8]) -> Option<MediaType> {
    let document = Document::parse(bytes).ok()?;
    let (_, version) = document.property(document.roots().next()?, "VERSION")?;
    match version.value().trim() {
        "4.0" => Some(MediaType::VCARD_4),
        _ => request.media.as_ref().map(|_| MediaType::VCARD_3),
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
