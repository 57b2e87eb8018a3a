//! Where an event takes place: text up to 14.1, a container from 16.0 (MS-ASAIRS section 2.2.2.28).

use wbxml::page::airsync_base as page;
use wbxml::{Element, Tag};

use crate::item::ConversionError;
use crate::item::encode::{self, Out};
use crate::item::format::{Format, line};

/// A place. Up to 14.1 only its display name is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Location {
    /// What is shown.
    pub display_name: String,
    /// A note about it.
    pub annotation: String,
    /// Of the address.
    pub street: String,
    /// Of the address.
    pub city: String,
    /// Of the address.
    pub state: String,
    /// Of the address.
    pub country: String,
    /// Of the address.
    pub postal_code: String,
    /// Degrees, as decimal text.
    pub latitude: String,
    /// Degrees, as decimal text.
    pub longitude: String,
    /// Metres, of latitude and longitude.
    pub accuracy: String,
    /// Metres.
    pub altitude: String,
    /// Metres.
    pub altitude_accuracy: String,
    /// A URI of it.
    pub uri: String,
}

/// One part of a place.
type Part = fn(&mut Location) -> &mut String;

/// The children in the order of MS-ASAIRS R1208's tables.
const PARTS: [(Tag, Part); 13] = [
    (page::DISPLAY_NAME, |location| &mut location.display_name),
    (page::ANNOTATION, |location| &mut location.annotation),
    (page::STREET, |location| &mut location.street),
    (page::CITY, |location| &mut location.city),
    (page::STATE, |location| &mut location.state),
    (page::COUNTRY, |location| &mut location.country),
    (page::POSTAL_CODE, |location| &mut location.postal_code),
    (page::LATITUDE, |location| &mut location.latitude),
    (page::LONGITUDE, |location| &mut location.longitude),
    (page::ACCURACY, |location| &mut location.accuracy),
    (page::ALTITUDE, |location| &mut location.altitude),
    (page::ALTITUDE_ACCURACY, |location| &mut location.altitude_accuracy),
    (page::LOCATION_URI, |location| &mut location.uri),
];

/// `calendar:Location`.
pub(super) const TEXT: Format<Location> = Format {
    read: |element| Ok(Some(Location { display_name: line(element)?, ..Location::default() })),
    write: |location, tag, out| encode::text(out, tag, &location.display_name),
};

/// `airsyncbase:Location`.
pub(super) const CONTAINER: Format<Location> = Format { read, write };

impl Location {
    /// One line for formats that have no more: the display name, else the address.
    #[must_use]
    pub fn text(&self) -> String {
        if !self.display_name.trim().is_empty() {
            return self.display_name.clone();
        }
        let parts = [&self.street, &self.postal_code, &self.city, &self.state, &self.country];
        let said: Vec<&str> =
            parts.into_iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        said.join(", ")
    }
}

fn read(element: &Element) -> Result<Option<Location>, ConversionError> {
    let mut location = Location::default();
    for (tag, part) in PARTS {
        if let Some(child) = element.child(tag) {
            *part(&mut location) = line(child)?;
        }
    }
    Ok(Some(location))
}

fn write(location: &Location, tag: Tag, out: &mut Out<'_>) {
    let mut location = location.clone();
    out.writer.open(tag);
    for (tag, part) in PARTS {
        encode::said(out, tag, part(&mut location));
    }
    out.writer.close();
}
