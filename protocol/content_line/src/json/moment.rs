//! Dates and times: the basic format of ISO 8601 in lines, the extended one in JSON. RFC 7265 section 3.6, RFC 7095
//! section 3.5.
//!
//! Only the form is looked at: a thirteenth month stays one.

use super::{Family, ValueType};

/// The direction of a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// As JSON has it.
    Extended,
    /// As lines have it.
    Basic,
}

/// The same in the basic and in the extended format: `#` stands for a digit, `~` for a sign.
type Pattern = (&'static str, &'static str);

const DATE: Pattern = ("########", "####-##-##");
const TIME: Pattern = ("######", "##:##:##");
/// RFC 5545 sections 3.3.5 and 3.3.12.
const CALENDAR_DATE_TIMES: &[Pattern] =
    &[("########T######", "####-##-##T##:##:##"), ("########T######Z", "####-##-##T##:##:##Z")];
const CALENDAR_TIMES: &[Pattern] = &[TIME, ("######Z", "##:##:##Z")];
/// RFC 5545 section 3.3.14.
const CALENDAR_OFFSETS: &[Pattern] = &[("~####", "~##:##"), ("~######", "~##:##:##")];
/// RFC 6350 section 4.3.1: what is not known is left out, from the right or from the left.
const CARD_DATES: &[Pattern] = &[
    DATE,
    ("####-##", "####-##"),
    ("####", "####"),
    ("--####", "--##-##"),
    ("--##", "--##"),
    ("---##", "---##"),
];
/// RFC 6350 section 4.3.2.
const CARD_TIMES: &[Pattern] =
    &[TIME, ("####", "##:##"), ("##", "##"), ("-####", "-##:##"), ("-##", "-##"), ("--##", "--##")];
/// RFC 6350 section 4.7.
const CARD_OFFSETS: &[Pattern] = &[("~##", "~##"), ("~####", "~##:##")];

/// A date, a time or an offset in the other format; `None` for what is none of this type.
pub(super) fn reshaped(value_type: ValueType, family: Family, text: &str, way: Way) -> Option<String> {
    match (family, value_type) {
        (Family::Calendar, ValueType::Date) => fitted(&[DATE], text, way),
        (Family::Calendar, ValueType::DateTime) => fitted(CALENDAR_DATE_TIMES, text, way),
        (Family::Calendar, ValueType::Time) => fitted(CALENDAR_TIMES, text, way),
        (Family::Calendar, ValueType::UtcOffset) => fitted(CALENDAR_OFFSETS, text, way),
        (Family::Card, ValueType::Date) => fitted(CARD_DATES, text, way),
        (Family::Card, ValueType::Time) => zoned(text, way),
        (Family::Card, ValueType::DateTime | ValueType::Timestamp) => {
            let (date, time) = text.split_once('T')?;
            Some(format!("{}T{}", fitted(CARD_DATES, date, way)?, zoned(time, way)?))
        }
        (Family::Card, ValueType::DateAndOrTime) => match text.split_once('T') {
            None => fitted(CARD_DATES, text, way),
            Some(("", time)) => Some(format!("T{}", zoned(time, way)?)),
            Some(_) => reshaped(ValueType::DateTime, family, text, way),
        },
        (Family::Card, ValueType::UtcOffset) => fitted(CARD_OFFSETS, text, way),
        _ => None,
    }
}

/// A time of a card with its offset, if it has one. A dash at its beginning stands for an hour that is not known.
fn zoned(text: &str, way: Way) -> Option<String> {
    let known = text.trim_start_matches('-');
    let (time, offset) = match known.find(['Z', '+', '-']) {
        Some(at) => text.split_at_checked(text.len() - known.len() + at)?,
        None => (text, ""),
    };
    let offset = match offset {
        "" | "Z" => offset.to_owned(),
        _ => fitted(CARD_OFFSETS, offset, way)?,
    };
    Some(fitted(CARD_TIMES, time, way)? + &offset)
}

fn fitted(patterns: &[Pattern], text: &str, way: Way) -> Option<String> {
    patterns.iter().find_map(|&(basic, extended)| match way {
        Way::Extended => filled(text, basic, extended),
        Way::Basic => filled(text, extended, basic),
    })
}

/// The digits and signs that a text has in one pattern, put into another.
fn filled(text: &str, from: &str, to: &str) -> Option<String> {
    let is_free = |wanted: u8| matches!(wanted, b'#' | b'~');
    let fits = |(byte, wanted): (u8, u8)| match wanted {
        b'#' => byte.is_ascii_digit(),
        b'~' => matches!(byte, b'+' | b'-'),
        _ => byte == wanted,
    };
    if text.len() != from.len() || !text.bytes().zip(from.bytes()).all(fits) {
        return None;
    }
    let mut free =
        text.bytes().zip(from.bytes()).filter(|&(_, wanted)| is_free(wanted)).map(|(byte, _)| byte);
    let next =
        |wanted: u8| if is_free(wanted) { free.next().map(char::from) } else { Some(char::from(wanted)) };
    to.bytes().map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7265 section 3.6, RFC 7095 section 3.5.
    #[test]
    fn known_answers() {
        use Family::{Calendar, Card};
        use ValueType::{Date, DateAndOrTime, DateTime, Time, Timestamp, UtcOffset};
        for (family, value_type, basic, extended) in [
            (Calendar, Date, "20261123", "2026-11-23"),
            (Calendar, DateTime, "20261123T090507", "2026-11-23T09:05:07"),
            (Calendar, DateTime, "20261123T090507Z", "2026-11-23T09:05:07Z"),
            (Calendar, Time, "235960", "23:59:60"),
            (Calendar, Time, "000000Z", "00:00:00Z"),
            (Calendar, UtcOffset, "-0330", "-03:30"),
            (Calendar, UtcOffset, "+005328", "+00:53:28"),
            (Card, Date, "19850412", "1985-04-12"),
            (Card, Date, "1985-04", "1985-04"),
            (Card, Date, "1985", "1985"),
            (Card, Date, "--0412", "--04-12"),
            (Card, Date, "--04", "--04"),
            (Card, Date, "---12", "---12"),
            (Card, Time, "232050", "23:20:50"),
            (Card, Time, "2320", "23:20"),
            (Card, Time, "23", "23"),
            (Card, Time, "-2050", "-20:50"),
            (Card, Time, "-20", "-20"),
            (Card, Time, "--50", "--50"),
            (Card, Time, "102200Z", "10:22:00Z"),
            (Card, Time, "102200-0800", "10:22:00-08:00"),
            (Card, Time, "10+05", "10+05"),
            (Card, DateTime, "--1022T1400", "--10-22T14:00"),
            (Card, DateTime, "---22T14", "---22T14"),
            (Card, Timestamp, "19951031T222710-0500", "1995-10-31T22:27:10-05:00"),
            (Card, DateAndOrTime, "T102200", "T10:22:00"),
            (Card, DateAndOrTime, "T--00", "T--00"),
            (Card, DateAndOrTime, "19961022T140000Z", "1996-10-22T14:00:00Z"),
            (Card, DateAndOrTime, "--0203", "--02-03"),
            (Card, UtcOffset, "-0500", "-05:00"),
            (Card, UtcOffset, "+01", "+01"),
        ] {
            let there = reshaped(value_type, family, basic, Way::Extended);
            assert_eq!(there.as_deref(), Some(extended), "{basic}");
            let back = reshaped(value_type, family, extended, Way::Basic);
            assert_eq!(back.as_deref(), Some(basic), "{extended}");
        }
    }

    #[test]
    fn what_is_of_another_type_is_none() {
        use ValueType::{Date, DateAndOrTime, DateTime, Text, Time, UtcOffset};
        for (family, value_type, text) in [
            (Family::Calendar, Date, ""),
            (Family::Calendar, Date, "2026112"),
            (Family::Calendar, Date, "20261123T090507"),
            (Family::Calendar, Date, "--0412"),
            (Family::Calendar, DateTime, "20261123"),
            (Family::Calendar, DateTime, "20261123T0905"),
            (Family::Calendar, DateTime, "20261123t090507z"),
            (Family::Calendar, Time, "0905"),
            (Family::Calendar, UtcOffset, "0500"),
            (Family::Calendar, Text, "20261123"),
            (Family::Card, Date, "1985-04-12"),
            (Family::Card, Time, "1Z"),
            (Family::Card, Time, "10-5"),
            (Family::Card, Time, "Z"),
            (Family::Card, DateTime, "T10"),
            (Family::Card, DateAndOrTime, "T"),
            (Family::Card, DateAndOrTime, "ü"),
            (Family::Card, Time, "-ü"),
        ] {
            assert_eq!(reshaped(value_type, family, text, Way::Extended), None, "{text}");
        }
    }
}
