//! Dates and times as iCalendar writes them: RFC 5545 sections 3.3.4 and 3.3.5.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// A date or a time in one of the four forms of iCalendar.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Moment {
    /// A whole day, the same everywhere: `VALUE=DATE`.
    Date(NaiveDate),
    /// A time on the clock of whoever looks (RFC 5545 section 3.3.5 form 1).
    Floating(NaiveDateTime),
    /// A time in UTC (form 2).
    Utc(NaiveDateTime),
    /// A time on the clocks of a place (form 3).
    Zoned {
        /// What the clocks of the place show.
        local: NaiveDateTime,
        /// The `TZID` as it is written, which need not be a name that anybody knows.
        tzid: String,
    },
}

impl Moment {
    /// Reads a value and the `TZID` that stands beside it; `None` for what no calendar shows. `Z` wins over a `TZID`,
    /// seconds may be missing, and a leap second is the second before it (RFC 5545 section 3.3.12).
    #[must_use]
    pub fn parse(value: &str, tzid: Option<&str>) -> Option<Self> {
        let value = value.trim();
        let date = parse_date(value.get(..8)?)?;
        let Some(time) = value.get(8..).filter(|time| !time.is_empty()) else {
            return Some(Self::Date(date));
        };
        let (time, utc) = match time.strip_suffix(['Z', 'z']) {
            Some(time) => (time, true),
            None => (time, false),
        };
        let local = date.and_time(parse_time(time.strip_prefix(['T', 't'])?)?);
        Some(match tzid {
            _ if utc => Self::Utc(local),
            Some(tzid) => Self::Zoned { local, tzid: tzid.to_owned() },
            None => Self::Floating(local),
        })
    }

    /// What the clock of its own place shows; midnight for a date.
    #[must_use]
    pub fn local(&self) -> NaiveDateTime {
        match self {
            Self::Date(date) => date.and_time(NaiveTime::MIN),
            Self::Floating(local) | Self::Utc(local) | Self::Zoned { local, .. } => *local,
        }
    }

    /// The same form (date, floating, UTC, zone) with another local time; a date drops the time of day.
    #[must_use]
    pub fn with_local(&self, local: NaiveDateTime) -> Self {
        match self {
            Self::Date(_) => Self::Date(local.date()),
            Self::Floating(_) => Self::Floating(local),
            Self::Utc(_) => Self::Utc(local),
            Self::Zoned { tzid, .. } => Self::Zoned { local, tzid: tzid.clone() },
        }
    }

    /// Whether it is a whole day.
    #[must_use]
    pub const fn is_date(&self) -> bool {
        matches!(self, Self::Date(_))
    }

    /// The `TZID` parameter that belongs to it.
    #[must_use]
    pub fn tzid(&self) -> Option<&str> {
        match self {
            Self::Zoned { tzid, .. } => Some(tzid),
            _ => None,
        }
    }
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let year = number(text.get(..4)?)?;
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        number(text.get(4..6)?)?,
        number(text.get(6..)?)?,
    )?;
    (year > 0).then_some(date)
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    if !matches!(text.len(), 4 | 6) {
        return None;
    }
    let second = text.get(4..).filter(|second| !second.is_empty()).map_or(Some(0), number)?;
    let second = if second == 60 { 59 } else { second };
    NaiveTime::from_hms_opt(number(text.get(..2)?)?, number(text.get(2..4)?)?, second)
}

fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The value as a content line has it: `20260102`, `20260102T030405`, `20260102T030405Z`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => write!(f, "{}", date.format("%Y%m%d")),
            Self::Floating(local) | Self::Zoned { local, .. } => {
                write!(f, "{}", local.format("%Y%m%dT%H%M%S"))
            }
            Self::Utc(local) => write!(f, "{}", local.format("%Y%m%dT%H%M%SZ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for (text, tzid) in [
            ("20260102", None),
            ("20260102T030405", None),
            ("20260102T030405Z", None),
            ("20260102T030405", Some("Europe/Berlin")),
            ("00010101", None),
            ("99991231T235959Z", None),
        ] {
            let moment = Moment::parse(text, tzid).expect(text);
            assert_eq!((moment.to_string().as_str(), moment.tzid()), (text, tzid));
        }
    }

    #[test]
    fn odd_forms_are_read_and_impossible_ones_are_not() {
        let second_before = Moment::parse("20261231T235959Z", None);
        assert_eq!(Moment::parse(" 20261231T235960Z", Some("Europe/Berlin")), second_before);
        assert_eq!(Moment::parse("20260102T0304", None), Moment::parse("20260102T030400", None));
        for text in [
            "",
            "2026",
            "20260230",
            "00000101",
            "20260102T25",
            "20260102T250000",
            "2026-01-02",
            "+0260102",
            "2026010é",
        ] {
            assert_eq!(Moment::parse(text, None), None, "{text}");
        }
    }
}
