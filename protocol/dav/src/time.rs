//! Moments and ranges as they stand in properties, filters and answers.

use chrono::{DateTime, NaiveDateTime};
use vocabulary::Timestamp;

use crate::RequestError;
use crate::name::attribute;
use crate::xml::Element;

/// `Sun, 06 Nov 1994 08:49:37 GMT`: the `rfc1123-date` of `getlastmodified`, RFC 4918 section 15.7.
#[must_use]
pub fn http_date(time: Timestamp) -> String {
    format(time, "%a, %d %b %Y %H:%M:%S GMT")
}

/// Reads the form of [`http_date`], the IMF-fixdate of RFC 9110 section 5.6.7; `None` for anything else.
#[must_use]
pub fn parse_http_date(text: &str) -> Option<Timestamp> {
    let time = NaiveDateTime::parse_from_str(text.trim(), "%a, %d %b %Y %H:%M:%S GMT").ok()?;
    Some(Timestamp::from_seconds(time.and_utc().timestamp()))
}

/// `1994-11-06T08:49:37Z`: the RFC 3339 form of `creationdate`, RFC 4918 section 15.1.
#[must_use]
pub fn date_time(time: Timestamp) -> String {
    format(time, "%Y-%m-%dT%H:%M:%SZ")
}

/// Reads the RFC 3339 form; `None` for anything else.
#[must_use]
pub fn parse_date_time(text: &str) -> Option<Timestamp> {
    let time = DateTime::parse_from_rfc3339(text.trim()).ok()?;
    Some(Timestamp::from_seconds(time.timestamp()))
}

/// `19941106T084937Z`: "date with UTC time" of iCalendar, RFC 5545 section 3.3.5.
#[must_use]
pub(crate) fn utc_date_time(time: Timestamp) -> String {
    format(time, "%Y%m%dT%H%M%SZ")
}

/// Moments that chrono cannot hold are hundreds of thousands of years away; they become 1970.
fn format(time: Timestamp, form: &str) -> String {
    DateTime::from_timestamp(time.seconds(), 0).unwrap_or_default().format(form).to_string()
}

fn parse_utc(text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z')?;
    // chrono would take signs and fewer digits.
    if digits.len() != "19941106T084937".len() || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'T') {
        return None;
    }
    let time = NaiveDateTime::parse_from_str(digits, "%Y%m%dT%H%M%S").ok()?;
    Some(Timestamp::from_seconds(time.and_utc().timestamp()))
}

/// From `start` to before `end`; open where there is none, but not at both sides. RFC 4791 section 9.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// The first moment.
    pub start: Option<Timestamp>,
    /// The moment after the last.
    pub end: Option<Timestamp>,
}

/// From `start` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSpan {
    /// The first moment.
    pub start: Timestamp,
    /// The moment after the last; later than `start`.
    pub end: Timestamp,
}

impl TimeRange {
    /// The range in the attributes of an element.
    pub(crate) fn parse(element: &Element) -> Result<Self, RequestError> {
        let moment = |name| {
            let bad = || RequestError::malformed(element.name(), "not a date with UTC time");
            element.attribute(name).map(|text| parse_utc(text).ok_or_else(bad)).transpose()
        };
        let range = Self { start: moment(attribute::START)?, end: moment(attribute::END)? };
        match range {
            Self { start: None, end: None } => {
                Err(RequestError::malformed(element.name(), "neither start nor end"))
            }
            Self { start: Some(start), end: Some(end) } if start >= end => {
                Err(RequestError::malformed(element.name(), "end is not after start"))
            }
            _ => Ok(range),
        }
    }
}

impl TimeSpan {
    /// The span in the attributes of an element, of which both must be there: RFC 4791 section 9.6.5.
    pub(crate) fn parse(element: &Element) -> Result<Self, RequestError> {
        match TimeRange::parse(element)? {
            TimeRange { start: Some(start), end: Some(end) } => Ok(Self { start, end }),
            _ => Err(RequestError::malformed(element.name(), "start and end are both required")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4918 sections 15.1 and 15.7.
    #[test]
    fn one_moment_has_three_forms() {
        let time = Timestamp(784_111_777_999);
        assert_eq!(http_date(time), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(date_time(time), "1994-11-06T08:49:37Z");
        assert_eq!(utc_date_time(time), "19941106T084937Z");
        assert_eq!(parse_date_time(&date_time(time)), Some(Timestamp(784_111_777_000)));
        assert_eq!(parse_date_time("1994-11-06T09:49:37+01:00"), Some(Timestamp(784_111_777_000)));
        assert_eq!(parse_date_time("1994-11-06"), None);
        assert_eq!(date_time(Timestamp(-1)), "1969-12-31T23:59:59Z");
        assert_eq!(date_time(Timestamp(i64::MAX)), "1970-01-01T00:00:00Z");
    }

    // RFC 9110 section 5.6.7.
    #[test]
    fn a_date_of_http_is_read_as_it_is_written() {
        let time = Timestamp(784_111_777_000);
        assert_eq!(parse_http_date(&http_date(time)), Some(time));
        for bad in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 +0100",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
        ] {
            assert_eq!(parse_http_date(bad), None, "{bad}");
        }
    }

    fn range(attributes: &str) -> Result<TimeRange, RequestError> {
        let text = format!("<C:time-range xmlns:C=\"{}\" {attributes}/>", crate::name::CALDAV);
        TimeRange::parse(&Element::decode(&text).unwrap())
    }

    // RFC 4791 section 9.9.
    #[test]
    fn ranges_are_open_or_closed_but_never_empty() {
        let start = Timestamp(1_136_332_800_000);
        let end = Timestamp(1_136_419_200_000);
        for (attributes, expected) in [
            (r#"start="20060104T000000Z""#, (Some(start), None)),
            (r#"end="20060105T000000Z""#, (None, Some(end))),
            (r#"start="20060104T000000Z" end="20060105T000000Z""#, (Some(start), Some(end))),
        ] {
            assert_eq!(range(attributes), Ok(TimeRange { start: expected.0, end: expected.1 }));
        }
        for bad in [
            "",
            r#"start="20060104T000000""#,
            r#"start="20060104""#,
            r#"start="2006-01-04T00:00:00Z""#,
            r#"start="20061304T000000Z""#,
            r#"start="+0060104T000000Z""#,
            r#"start="20060104T000000Z" end="20060104T000000Z""#,
            r#"start="20060105T000000Z" end="20060104T000000Z""#,
        ] {
            assert!(range(bad).is_err(), "{bad}");
        }
    }
}
