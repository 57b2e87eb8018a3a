//! Dates of SEARCH and APPEND: `date` and `date-time` of RFC 9051 section 9.

use vocabulary::Timestamp;

use crate::{Input, SyntaxError};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A day of the proleptic Gregorian calendar, years 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// `None` if there is no such day. Months and days count from 1.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let length = match month {
            2 => 28 + u8::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (year <= 9999 && (1..=length).contains(&day)).then_some(Self { year, month, day })
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn days(self) -> i64 {
        // Years begin in March, so that the leap day is the last one.
        let shifted = (i64::from(self.month) + 9) % 12;
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let day_of_year = (153 * shifted + 2) / 5 + i64::from(self.day) - 1;
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
    }

    /// The day `days` after 1970-01-01; held between the years 0 and 9999.
    #[must_use]
    pub fn from_days(days: i64) -> Self {
        let days = days.clamp(-719_528, 2_932_896) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        Self { year: year as u16, month: month as u8, day: day as u8 }
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// The month as the grammar writes it.
    #[must_use]
    pub fn month_name(self) -> &'static str {
        MONTHS.get(usize::from(self.month) - 1).copied().unwrap_or("Jan")
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }

    /// ```abnf
    /// date = date-text / DQUOTE date-text DQUOTE
    /// ```
    pub(crate) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let quoted = input.take(b'"');
        let date = Self::parse_text(input)?;
        if quoted {
            input.byte(b'"', "a closing quotation mark")?;
        }
        Ok(date)
    }

    /// `date-text = date-day "-" date-month "-" date-year`, the day with one or two digits.
    fn parse_text(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let no_date = input.error("a date like 1-Jan-2026");
        let day = input.run(|byte| byte.is_ascii_digit());
        let day = digits(day).filter(|_| day.len() <= 2).ok_or(no_date)?;
        input.byte(b'-', "'-'")?;
        let name = input.run(|byte| byte.is_ascii_alphabetic());
        let month =
            MONTHS.iter().position(|month| month.as_bytes().eq_ignore_ascii_case(name)).ok_or(no_date)?;
        input.byte(b'-', "'-'")?;
        let year = input.run(|byte| byte.is_ascii_digit());
        let year = digits(year).filter(|_| year.len() == 4).ok_or(no_date)?;
        Self::new(year, month as u8 + 1, day as u8).ok_or(no_date)
    }
}

/// `date-time`: a moment, and the zone in which the client named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// The moment.
    pub moment: Timestamp,
    /// Minutes east of Greenwich, less than a day.
    pub zone_minutes: i16,
}

impl DateTime {
    /// ```abnf
    /// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
    /// ```
    /// The day may come with a padding zero or space, or with none: clients send all three.
    pub(crate) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        input.byte(b'"', "a date and time in quotation marks")?;
        let _ = input.take(b' ');
        let date = Date::parse_text(input)?;
        input.space()?;
        let no_time = input.error("a time like 23:59:59");
        let hour = two_digits(input).filter(|&hour| hour <= 23).ok_or(no_time)?;
        input.byte(b':', "':'")?;
        let minute = two_digits(input).filter(|&minute| minute <= 59).ok_or(no_time)?;
        input.byte(b':', "':'")?;
        let second = two_digits(input).filter(|&second| second <= 60).ok_or(no_time)?; // a leap second
        input.space()?;
        let no_zone = input.error("a zone like +0100");
        let east = input.take(b'+');
        if !east && !input.take(b'-') {
            return Err(no_zone);
        }
        let zone_hours = two_digits(input).filter(|&hour| hour <= 23).ok_or(no_zone)?;
        let zone_minutes = two_digits(input).filter(|&minute| minute <= 59).ok_or(no_zone)?;
        input.byte(b'"', "a closing quotation mark")?;
        let zone = (zone_hours * 60 + zone_minutes) as i16 * if east { 1 } else { -1 };
        let seconds_of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        let seconds = date.days() * 86_400 + seconds_of_day - i64::from(zone) * 60;
        Ok(Self { moment: Timestamp::from_seconds(seconds), zone_minutes: zone })
    }
}

fn digits(digits: &[u8]) -> Option<u16> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn two_digits(input: &mut Input<'_>) -> Option<u16> {
    let pair = input.rest().get(..2).filter(|pair| pair.iter().all(u8::is_ascii_digit))?;
    input.skip(pair.len());
    digits(pair)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NameEncoding, Output};
    use proptest::prelude::*;

    fn date(text: &str) -> Result<Date, usize> {
        let mut input = Input::new(text.as_bytes(), NameEncoding::Utf8);
        let date = Date::parse(&mut input).map_err(|error| error.at)?;
        input.end().map_err(|error| error.at).map(|()| date)
    }

    fn date_time(text: &str) -> Result<(i64, i16), usize> {
        let mut input = Input::new(text.as_bytes(), NameEncoding::Utf8);
        let time = DateTime::parse(&mut input).map_err(|error| error.at)?;
        input.end().map_err(|error| error.at).map(|()| (time.moment.seconds(), time.zone_minutes))
    }

    #[test]
    fn dates_of_search() {
        assert_eq!(date("1-Feb-1994").ok(), Date::new(1994, 2, 1));
        assert_eq!(date("\"01-feb-1994\"").ok(), Date::new(1994, 2, 1));
        assert_eq!(date("29-Feb-2024").map(Date::days), Ok(19_782));
        for (bad, at) in [
            ("29-Feb-2023", 0),
            ("0-Jan-2000", 0),
            ("1-Foo-2000", 0),
            ("1-Jan-00", 0),
            ("001-Jan-2000", 0),
            ("1 Jan", 1),
            ("\"1-Jan-2000", 11),
            ("1-Jan-20000", 0),
            ("", 0),
        ] {
            assert_eq!(date(bad), Err(at), "{bad}");
        }
    }

    #[test]
    fn dates_of_append_come_with_and_without_padding() {
        let expected = Ok((1_767_222_000, 60));
        for text in [
            "\" 1-Jan-2026 00:00:00 +0100\"",
            "\"1-Jan-2026 00:00:00 +0100\"",
            "\"01-jan-2026 00:00:00 +0100\"",
        ] {
            assert_eq!(date_time(text), expected, "{text}");
        }
        assert_eq!(date_time("\"17-Jul-1996 02:44:25 -0700\""), Ok((837_596_665, -420)));
        for bad in [
            "\"1-Jan-2026\"",
            "\"1-Jan-2026 24:00:00 +0000\"",
            "\"1-Jan-2026 0:00:00 +0000\"",
            "\"1-Jan-2026 00:00:00 GMT\"",
            "\"1-Jan-2026 00:00:00 +0060\"",
            "\"1-Jan-2026 00:00:00 +0000",
            "1-Jan-2026",
        ] {
            assert!(date_time(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn days_count_without_gaps(days in -719_528i64..2_932_897) {
            let date = Date::from_days(days);
            prop_assert_eq!(date.days(), days);
            prop_assert_eq!(Date::new(date.year, date.month, date.day), Some(date));
        }

        #[test]
        fn a_moment_survives_the_wire(seconds in -62_167_219_200i64..253_402_300_800) {
            let mut out = Output::default();
            out.date_time(Timestamp::from_seconds(seconds));
            let text = String::from_utf8(out.take()).unwrap();
            prop_assert_eq!(date_time(&text), Ok((seconds, 0)));
        }
    }
}
