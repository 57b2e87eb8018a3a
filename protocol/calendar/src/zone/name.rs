//! From the names that clients write to a zone of the IANA database.

use std::str::FromStr;

use calcard::common::timezone::Tz as KnownZone;
use chrono::{NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::REFERENCE_YEAR;

/// Longest name that is looked at; the longest that Windows shows have fewer than 100 octets.
const NAME_BYTES_MAX: usize = 255;
/// Most parts of an IANA name: `America/Argentina/Buenos_Aires`.
const NAME_PARTS_MAX: usize = 3;

pub(super) fn resolve(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"');
    if name.len() > NAME_BYTES_MAX {
        return None;
    }
    iana(name).or_else(|| behind_prefix(name)).or_else(|| {
        if name.starts_with('(') { by_shown_text(name) } else { by_table(name).or_else(|| by_offset(name)) }
    })
}

fn iana(name: &str) -> Option<Tz> {
    Tz::from_str(name)
        .ok()
        .or_else(|| TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name)))
}

/// `/mozilla.org/20050126_1/Europe/Berlin`: the longest tail that is a name. RFC 5545 section 3.8.3.1 gives such names
/// no meaning; that of their tail is what all their authors meant.
fn behind_prefix(name: &str) -> Option<Tz> {
    let starts: Vec<usize> = name.rmatch_indices('/').map(|(at, _)| at + 1).take(NAME_PARTS_MAX).collect();
    starts.into_iter().rev().find_map(|start| iana(name.get(start..)?))
}

/// Windows names and the texts that old Outlook shows, by the table of `calcard`.
fn by_table(name: &str) -> Option<Tz> {
    match KnownZone::from_str(name) {
        Ok(KnownZone::Tz(zone)) => Some(zone),
        _ => None,
    }
}

/// `(UTC+01:00) Amsterdam, Berlin, Bern`: the first city that gives its name to a zone with that offset, else what the
/// table says, else the offset alone.
fn by_shown_text(name: &str) -> Option<Tz> {
    let (offset, cities) = name.strip_prefix('(')?.split_once(')')?;
    let minutes = offset_minutes(offset)?;
    let by_city = cities.split(',').map(str::trim).filter_map(by_city);
    by_city.chain(by_table(name)).find(|zone| has_offset(*zone, minutes)).or_else(|| by_offset(offset))
}

fn by_city(city: &str) -> Option<Tz> {
    let city = city.replace(' ', "_");
    TZ_VARIANTS
        .iter()
        .copied()
        .find(|zone| zone.name().rsplit_once('/').is_some_and(|(_, last)| last == city))
}

/// Whether its clocks are ever that far ahead of UTC nowadays.
fn has_offset(zone: Tz, minutes: i32) -> bool {
    [1, 7].into_iter().filter_map(|month| NaiveDate::from_ymd_opt(REFERENCE_YEAR, month, 1)).any(|date| {
        let noon = date.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
        zone.offset_from_utc_datetime(&noon).fix().local_minus_utc() == minutes * 60
    })
}

/// `UTC+2`, `GMT-05:00`: whole hours only, because the database has no names for others.
fn by_offset(text: &str) -> Option<Tz> {
    match offset_minutes(text)? {
        0 => Some(Tz::UTC),
        // The signs of these names are the other way round.
        minutes if minutes % 60 == 0 => iana(&format!("Etc/GMT{:+}", -minutes / 60)),
        _ => None,
    }
}

fn offset_minutes(text: &str) -> Option<i32> {
    let text = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT"))?.trim();
    if text.is_empty() {
        return Some(0);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace([':', '.'], "");
    let (hours, minutes) =
        if digits.len() <= 2 { (digits.as_str(), "0") } else { digits.split_at_checked(digits.len() - 2)? };
    let number = |digits: &str| digits.parse::<u16>().ok().filter(|number| *number < 60).map(i32::from);
    Some(sign * (number(hours)? * 60 + number(minutes)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_clients_write_are_known() {
        for (name, zone) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("\"Europe/Berlin\"", "Europe/Berlin"),
            ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
            ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", "Europe/Berlin"),
            ("/mozilla.org/20050126_1/Europe/Berlin", "Europe/Berlin"),
            (
                "/softwarestudio.org/Olson_20011030_5/America/Argentina/Buenos_Aires",
                "America/Argentina/Buenos_Aires",
            ),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("Eastern Standard Time", "America/New_York"),
            ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
            ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
            ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"),
            ("(UTC+13:00) Samoa", "Pacific/Apia"),
            ("(UTC-10:00) Hawaii", "US/Hawaii"),
            ("UTC", "UTC"),
            ("GMT", "GMT"),
            ("UTC+2", "Etc/GMT-2"),
            ("GMT-0500", "Etc/GMT+5"),
            ("(GMT+01:00)", "Etc/GMT-1"),
            ("Pacific Standard Time", "America/Los_Angeles"),
            ("Etc/GMT+12", "Etc/GMT+12"),
        ] {
            assert_eq!(resolve(name).map(|zone| zone.name()), Some(zone), "{name}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for name in [
            "",
            "Customized Time Zone",
            "Nowhere/Land",
            "/",
            "()",
            "(UTC+05:45) Nowhere",
            "UTC+05:30",
            "UTC+é",
            &"x".repeat(256),
        ] {
            assert_eq!(resolve(name), None, "{name}");
        }
    }
}
