//! How the bytes of a member are given.

use calendar::Zone;
use contact::Target;
use dav_wire::property::MediaType;
use dav_wire::report::{
    AddressDataRequest, CalendarDataRequest, PropertyRequest, PropertySelection, TimeZone,
};
use dav_wire::{Precondition, Status, Value};
use std::borrow::Cow;
use vocabulary::Home;

use super::calendar_data::{self, TooLarge};
use super::zone;
use crate::call::{Answer, Call};
use crate::folder::Folder;
use crate::form;
use crate::kind::Kind;
use crate::time_zones::TimeZones;

/// What a report wants of the bytes.
pub(crate) enum Data {
    Calendar(CalendarDataRequest, Zone, TimeZones),
    /// With the version that is asked for; `None`: whatever it is.
    Card(AddressDataRequest, Option<Target>),
}

/// Why the bytes of a member are not given.
#[derive(Debug)]
pub(crate) enum Ungiven {
    /// A series has more occurrences than an answer holds.
    TooLarge,
    /// It cannot be turned into the form that is asked for: RFC 6352 section 5.1.1.
    OtherForm(Precondition),
}

impl From<TooLarge> for Ungiven {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

impl Ungiven {
    /// What is said of the member: RFC 4791 section 7.8, RFC 6352 section 8.7.2.
    pub(crate) fn why(&self) -> (Status, Precondition) {
        match self {
            Self::TooLarge => {
                let why = Precondition::NumberOfMatchesWithinLimits;
                (why.status(), why)
            }
            Self::OtherForm(why) => (Status::UNSUPPORTED_MEDIA_TYPE, why.clone()),
        }
    }
}

impl Data {
    /// `None`: bodies are not asked for.
    ///
    /// # Errors
    /// A media type or version in which no member can be given: RFC 4791 section 7.8, RFC 6352 section 8.6.
    pub(crate) async fn of(
        call: &Call,
        folder: &Folder,
        request: &PropertyRequest,
        requested_zone: Option<&TimeZone>,
    ) -> Answer<Option<Self>> {
        if folder.address.home == Home::AddressBooks {
            return Ok(Self::of_cards(call, request)?);
        }
        let Some(request) = request.calendar_data.clone() else { return Ok(None) };
        check_media(folder.kind(), request.media.as_ref())?;
        // Only a series that is taken apart needs to know where its days lie.
        let zone = match request.recurrences {
            None => Zone::utc(),
            Some(_) => zone::of(call, folder, requested_zone).await?,
        };
        Ok(Some(Self::Calendar(request, zone, call.time_zones)))
    }

    /// The same of cards. A reader that names no version gets the bytes as they are, but for programs that are known
    /// to mean version 3.0 by it.
    ///
    /// # Errors
    /// A media type or version in which no card can be given.
    pub(crate) fn of_cards(call: &Call, request: &PropertyRequest) -> Result<Option<Self>, Precondition> {
        let Some(request) = request.address_data.clone() else { return Ok(None) };
        check_media(Kind::of_folder(Home::AddressBooks), request.media.as_ref())?;
        let target = match &request.media {
            Some(media) => form::target(media),
            None => call.reads_vcard_3_only.then_some(Target::V3_0),
        };
        Ok(Some(Self::Card(request, target)))
    }

    /// The value of `calendar-data` or `address-data`.
    ///
    /// # Errors
    /// What is not given as it is wanted is not given in another way.
    pub(crate) fn value(&self, bytes: &[u8]) -> Result<Value, Ungiven> {
        let (given, media) = match self {
            Self::Calendar(request, zone, time_zones) => {
                let given = time_zones.given_part(calendar_data::given(request, zone, bytes)?);
                let given = match is_json(request.media.as_ref()) {
                    true => Cow::Owned(calendar::to_json(&given).map_err(|_| no_calendar_form())?),
                    false => given,
                };
                (given, request.media.clone())
            }
            Self::Card(request, target) => {
                let given = card(request, *target, bytes)?;
                match is_json(request.media.as_ref()) {
                    true => {
                        let json = contact::to_json(&given).map_err(|_| no_card_form())?;
                        (Cow::Owned(json), request.media.clone())
                    }
                    false => {
                        let media = card_media(request, &given);
                        (given, media)
                    }
                }
            }
        };
        Ok(Value::Data { text: String::from_utf8_lossy(&given).into_owned(), media })
    }
}

/// The form must be one of those that `supported-calendar-data` or `supported-address-data` lists.
fn check_media(kind: &Kind, media: Option<&MediaType>) -> Result<(), Precondition> {
    match media {
        Some(media) if !kind.media.contains(media) => Err(kind.unsupported_media.clone()),
        _ => Ok(()),
    }
}

/// RFC 7265, RFC 7095.
fn is_json(media: Option<&MediaType>) -> bool {
    media.is_some_and(MediaType::is_json)
}

fn no_calendar_form() -> Ungiven {
    Ungiven::OtherForm(Precondition::SupportedCalendarData)
}

fn no_card_form() -> Ungiven {
    Ungiven::OtherForm(Precondition::SupportedAddressDataConversion)
}

/// RFC 6352 section 10.4: without a version an answer is read as 3.0, so another one is named.
fn card_media(request: &AddressDataRequest, given: &[u8]) -> Option<MediaType> {
    let media = form::media(given)?;
    (request.media.is_some() || media != MediaType::VCARD_3).then_some(media)
}

/// First in its version, then in part (RFC 6352 section 10.4.2): the names are those of the version that is asked for.
fn card<'b>(
    request: &AddressDataRequest,
    target: Option<Target>,
    bytes: &'b [u8],
) -> Result<Cow<'b, [u8]>, Ungiven> {
    let whole = match target {
        Some(target) => contact::convert(bytes, target).map_err(|_| no_card_form())?,
        None => Cow::Borrowed(bytes),
    };
    let Some(properties) = &request.properties else { return Ok(whole) };
    let properties: Vec<_> = properties.iter().map(wanted).collect();
    let part = contact::Query::new(&whole).map(|query| query.only(&properties));
    match part {
        Ok(part) => Ok(Cow::Owned(part)),
        // What cannot be taken apart is given whole.
        Err(_) if target.is_none() => Ok(whole),
        Err(_) => Err(no_card_form()),
    }
}

fn wanted(property: &PropertySelection) -> contact::Wanted<'_> {
    contact::Wanted { name: &property.name, no_value: property.no_value }
}
