//! Birthdays and anniversaries: RFC 6350 section 4.3, RFC 2426 section 3.1.5, and Apple's dates without a year.

use std::fmt;

/// The year that Apple writes for "no year", beside the parameter `X-APPLE-OMIT-YEAR=1604`. A leap year, so
/// that 29 February has a date.
const OMITTED_YEAR: u16 = 1604;
/// The parameter by which Apple says that the year of a date means nothing.
pub(crate) const OMIT_YEAR: &str = "X-APPLE-OMIT-YEAR";
const MONTH_MAX: u8 = 12;

/// A day, perhaps of no known year. No time and no zone: a birthday is the same day everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: Option<u16>,
    month: u8,
    day: u8,
}

/// The two spellings of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// `19850412`
    Basic,
    /// `1985-04-12`
    Extended,
}

impl Date {
    /// A day of the Gregorian calendar; `None` if there is no such day. The year 1604 means no year, because
    /// that is how Apple writes it.
    pub fn new(year: Option<u16>, month: u8, day: u8) -> Option<Self> {
        let year = year.filter(|&year| year != OMITTED_YEAR);
        let leap = year.is_none_or(|y| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=MONTH_MAX => 31,
            _ => return None,
        };
        let sound = (1..=days).contains(&day) && year.is_none_or(|year| (1..=9999).contains(&year));
        sound.then_some(Self { year, month, day })
    }

    /// The year, if it is known.
    pub fn year(self) -> Option<u16> {
        self.year
    }

    /// 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// 1 to 31.
    pub fn day(self) -> u8 {
        self.day
    }

    /// Reads `1985-04-12`, `19850412`, `--0412`, `--04-12`, each perhaps with a time of day, which says
    /// nothing about the day.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let date = text.trim().split(['T', 't', ' ']).next()?;
        let (year, rest) = match date.strip_prefix("--") {
            Some(rest) => (None, rest),
            None => (Some(number(date.get(..4)?)?), date.get(4..)?),
        };
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let (month, day) = (rest.get(..2)?, rest.get(2..)?);
        let day = day.strip_prefix('-').unwrap_or(day);
        if day.len() != 2 {
            return None;
        }
        Self::new(year, u8::try_from(number(month)?).ok()?, u8::try_from(number(day)?).ok()?)
    }

    /// As versions 3.0 and 2.1 write it: a year is always there.
    pub(crate) fn with_a_year(self, spelling: Spelling) -> String {
        let year = self.year.unwrap_or(OMITTED_YEAR);
        match spelling {
            Spelling::Basic => format!("{year:04}{:02}{:02}", self.month, self.day),
            Spelling::Extended => format!("{year:04}-{:02}-{:02}", self.month, self.day),
        }
    }
}

impl Spelling {
    /// Of a written date.
    pub(crate) fn of(text: &str) -> Self {
        if text.trim().get(4..5) == Some("-") { Self::Extended } else { Self::Basic }
    }
}

/// As version 4.0 writes it: RFC 6350 section 4.3.1.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(f, "{year:04}{:02}{:02}", self.month, self.day),
            None => write!(f, "--{:02}{:02}", self.month, self.day),
        }
    }
}

fn number(digits: &str) -> Option<u16> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_spelling() {
        let date = |year, month, day| Date::new(year, month, day);
        for (text, expected) in [
            ("1985-04-12", date(Some(1985), 4, 12)),
            ("19850412", date(Some(1985), 4, 12)),
            ("1985-04-12T00:00:00Z", date(Some(1985), 4, 12)),
            ("19850412T102200-0800", date(Some(1985), 4, 12)),
            ("1985-04-12 00:00:00", date(Some(1985), 4, 12)),
            ("--0412", date(None, 4, 12)),
            ("--04-12", date(None, 4, 12)),
            ("1604-02-29", date(None, 2, 29)),
            ("--0229", date(None, 2, 29)),
        ] {
            assert!(expected.is_some());
            assert_eq!(Date::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_no_date() {
        for text in [
            "",
            "1985",
            "1985-04",
            "---12",
            "--04",
            "circa 1800",
            "1985-02-29",
            "1985-13-01",
            "0000-01-01",
            "198\u{e4}0412",
            "1985-04-+1",
            "19850412x",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_written_as_their_version_wants() {
        let known = Date::new(Some(985), 4, 2).unwrap();
        assert_eq!(known.to_string(), "09850402");
        assert_eq!(known.with_a_year(Spelling::Extended), "0985-04-02");
        let unknown = Date::new(None, 2, 29).unwrap();
        assert_eq!(unknown.to_string(), "--0229");
        assert_eq!(unknown.with_a_year(Spelling::Basic), "16040229");
    }
}
