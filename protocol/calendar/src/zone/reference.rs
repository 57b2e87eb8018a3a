//! Time zones by reference: RFC 7809. A name of the IANA database means the same to everybody, so its definition need
//! not go along.

use content_line::{Document, unescape};

use super::{REFERENCE_YEAR, Zone};
use crate::read;

/// The bytes without the definitions of time zones whose names are those of the IANA database. `None`: there is none of
/// these, or the bytes cannot be read.
#[must_use]
pub fn without_known_zones(bytes: &[u8]) -> Option<Vec<u8>> {
    let document = Document::parse(bytes).ok()?;
    let calendar = read::calendar(&document)?;
    let is_known = |child: &usize| {
        let name = defined_name(&document, *child);
        name.is_some_and(|name| Zone::by_iana_name(&name).is_some())
    };
    let known: Vec<usize> = document.children(calendar).filter(is_known).collect();
    if known.is_empty() {
        return None;
    }
    let mut edit = document.edit();
    for child in known {
        edit.remove_component(child);
    }
    Some(edit.finish())
}

/// The bytes with a definition for each name of the IANA database that stands in them without one. `None`: none is
/// missing, or the bytes cannot be read.
#[must_use]
pub fn with_known_zones(bytes: &[u8]) -> Option<Vec<u8>> {
    let document = Document::parse(bytes).ok()?;
    let calendar = read::calendar(&document)?;
    let object = read::object(&document).ok()?;
    let missing: Vec<(&str, &Zone)> = object
        .zones()
        .filter(|(name, _)| {
            Zone::by_iana_name(name).is_some() && !read::has_timezone(&document, calendar, name)
        })
        .collect();
    if missing.is_empty() {
        return None;
    }
    let mut edit = document.edit();
    for (name, zone) in missing {
        edit.append_component(calendar, zone.vtimezone_lines(name, REFERENCE_YEAR));
    }
    Some(edit.finish())
}

/// The zone that a calendar with one VTIMEZONE defines, such as `calendar-timezone` holds (RFC 4791 section 5.2.2).
/// `None`: it does not have exactly one, or one without a meaning.
#[must_use]
pub fn defined_zone(bytes: &[u8]) -> Option<Zone> {
    let document = Document::parse(bytes).ok()?;
    let calendar = read::calendar(&document)?;
    let mut names = document.children(calendar).filter_map(|child| defined_name(&document, child));
    let name = names.next().filter(|_| names.next().is_none())?;
    read::zone(&document, calendar, &name)
}

impl Zone {
    /// A calendar with the definition of the zone alone, as `calendar-timezone` holds it.
    #[must_use]
    pub fn calendar(&self) -> String {
        let product = crate::author::PRODUCT;
        let zone = self.vtimezone(REFERENCE_YEAR);
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{product}\r\n{zone}END:VCALENDAR\r\n")
    }
}

fn defined_name(document: &Document<'_>, component: usize) -> Option<String> {
    document.component(component).filter(|component| component.name() == "VTIMEZONE")?;
    let (_, name) = document.property(component, "TZID")?;
    Some(unescape(&name.value()).into_owned())
}
