//! When an event or a task recurs: MS-ASCAL section 2.2.2.37, MS-ASTASK section 2.2.2.20. Both classes
//! have the same elements on a page of their own.

use vocabulary::Timestamp;
use wbxml::{Element, Tag};

use super::ConversionError;
use super::encode::{self, Out};
use super::format::{moment, number};
use crate::version::Version;

/// Largest Interval: MS-ASCAL R28311, MS-ASTASK R192.
pub const INTERVAL_MAX: u16 = 999;
/// Largest number of occurrences: MS-ASCAL R345.
pub const OCCURRENCES_MAX: u16 = 999;

/// Days of the week as a sum of bits, Sunday 1 to Saturday 64 (MS-ASCAL section 2.2.2.15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// All seven. With WeekOfMonth it means any day, so that 5 is the last of the month (MS-ASCAL R202).
    pub const ALL: Self = Self(127);

    /// From the sum of the days, 1 to 127 (MS-ASCAL R201).
    #[must_use]
    pub fn from_bits(bits: u8) -> Option<Self> {
        (1..=127).contains(&bits).then_some(Self(bits))
    }

    /// The sum of the days.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.0
    }

    /// The days, 0 for Sunday to 6 for Saturday.
    pub fn days(self) -> impl Iterator<Item = u8> {
        (0..7).filter(move |day| self.0 & (1 << day) != 0)
    }

    /// From days, 0 for Sunday to 6 for Saturday; `None` if there is none.
    #[must_use]
    pub fn from_days(days: impl IntoIterator<Item = u8>) -> Option<Self> {
        Self::from_bits(days.into_iter().filter(|day| *day < 7).fold(0, |bits, day| bits | 1 << day))
    }
}

/// Which days: MS-ASCAL section 2.2.2.37.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Type 0: every n days.
    Daily,
    /// Type 1, and type 0 with days (MS-ASCAL R3892312).
    Weekly {
        /// On these.
        days: Weekdays,
    },
    /// Type 2.
    Monthly {
        /// 1 to 31.
        day: u8,
    },
    /// Type 3: the nth of the days in a month.
    MonthlyNth {
        /// 1 to 4, 5 for the last.
        week: u8,
        /// Counted among these.
        days: Weekdays,
    },
    /// Type 5.
    Yearly {
        /// 1 to 12.
        month: u8,
        /// 1 to 31.
        day: u8,
    },
    /// Type 6: the nth of the days in one month of the year.
    YearlyNth {
        /// 1 to 12.
        month: u8,
        /// 1 to 4, 5 for the last.
        week: u8,
        /// Counted among these.
        days: Weekdays,
    },
}

/// When it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// Never.
    Never,
    /// After so many occurrences, 1 to 999.
    Occurrences(u16),
    /// With the last occurrence that begins at or before this moment.
    Until(Timestamp),
}

/// The calendar system whose months and years are meant: MS-ASCAL section 2.2.2.10. It has no values for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CalendarType {
    /// Of the Gregorian months, whatever years are counted by: 0 to 5, 7, and 9 to 12.
    #[default]
    Gregorian,
    /// 6: the tabular one, as Windows reckons it.
    Hijri,
    /// 8. Months after [`HEBREW_MONTH_MAX`] are not meant, because it is not said whether a leap month is counted.
    Hebrew,
    /// 15.
    Chinese {
        /// The month of the year is the leap month of that number.
        is_leap_month: bool,
    },
    /// 20.
    Korean {
        /// The month of the year is the leap month of that number.
        is_leap_month: bool,
    },
}

/// The last month of the Hebrew year that has one number in all years.
pub const HEBREW_MONTH_MAX: u8 = 5;

impl CalendarType {
    /// Whether the month of the year is a leap month.
    #[must_use]
    pub const fn is_leap_month(self) -> bool {
        matches!(self, Self::Chinese { is_leap_month: true } | Self::Korean { is_leap_month: true })
    }

    /// Whether clients of this version can be told of it: CalendarType came with 14.0.
    #[must_use]
    pub fn is_known_to(self, version: Version) -> bool {
        self == Self::Gregorian || version >= Version::V14_0
    }

    const fn code(self) -> u8 {
        match self {
            Self::Gregorian => 0,
            Self::Hijri => 6,
            Self::Hebrew => 8,
            Self::Chinese { .. } => 15,
            Self::Korean { .. } => 20,
        }
    }
}

/// A recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recurrence {
    /// Which days.
    pub pattern: Pattern,
    /// Whose months and years they are counted in; of days and weeks it is the Gregorian one.
    pub calendar: CalendarType,
    /// Every n days, weeks, months or years; 1 to 999.
    pub interval: u16,
    /// When it ends.
    pub end: End,
    /// 0 for Sunday to 6 for Saturday; from 14.1.
    pub first_day_of_week: Option<u8>,
}

/// The names of the elements in one class.
pub(super) struct Page {
    pub(super) kind: Tag,
    pub(super) interval: Tag,
    pub(super) occurrences: Tag,
    pub(super) until: Tag,
    pub(super) day_of_week: Tag,
    pub(super) day_of_month: Tag,
    pub(super) week_of_month: Tag,
    pub(super) month_of_year: Tag,
    pub(super) calendar_type: Tag,
    pub(super) is_leap_month: Tag,
    pub(super) first_day_of_week: Tag,
    /// How moments are written.
    pub(super) moment: fn(Timestamp) -> String,
}

impl Recurrence {
    /// Reads the children that both classes have.
    pub(super) fn read(element: &Element, page: &Page) -> Result<Self, ConversionError> {
        let pattern = pattern(element, page)?;
        let calendar = calendar(element, page, pattern)?;
        let first_day_of_week = child(element, page.first_day_of_week)?;
        if first_day_of_week.is_some_and(|day: u8| day > 6) {
            return Err(ConversionError("FirstDayOfWeek is above 6")); // MS-ASCAL R53914, MS-ASTASK R171
        }
        Ok(Self {
            pattern,
            calendar,
            interval: interval(element, page)?,
            end: end(element, page)?,
            first_day_of_week,
        })
    }

    /// Writes the children that both classes have.
    pub(super) fn write(&self, page: &Page, out: &mut Out<'_>) {
        let (kind, week, days, day, month) = self.pattern.parts();
        put(out, page.kind, Some(kind));
        match self.end {
            End::Never => {}
            End::Occurrences(count) => encode::number(out, page.occurrences, count.into()),
            End::Until(moment) => encode::text(out, page.until, &(page.moment)(moment)),
        }
        encode::number(out, page.interval, self.interval.into());
        put(out, page.week_of_month, week);
        put(out, page.day_of_week, days.map(Weekdays::bits));
        put(out, page.month_of_year, month);
        put(out, page.day_of_month, day);
        // MS-ASCAL R143, MS-ASTASK R82
        if kind >= 2 && out.version >= Version::V14_0 {
            put(out, page.calendar_type, Some(self.calendar.code()));
            put(out, page.is_leap_month, self.calendar.is_leap_month().then_some(1));
        }
        if out.version >= Version::V14_1 {
            // MS-ASCAL R52523, MS-ASTASK R167: always for weeks. RFC 5545 section 3.3.10: Monday unless said.
            put(out, page.first_day_of_week, self.first_day_of_week.or((kind == 1).then_some(1)));
        }
    }
}

impl Pattern {
    /// Type, WeekOfMonth, DayOfWeek, DayOfMonth, MonthOfYear.
    fn parts(self) -> (u8, Option<u8>, Option<Weekdays>, Option<u8>, Option<u8>) {
        match self {
            Self::Daily => (0, None, None, None, None),
            Self::Weekly { days } => (1, None, Some(days), None, None),
            Self::Monthly { day } => (2, None, None, Some(day), None),
            Self::MonthlyNth { week, days } => (3, Some(week), Some(days), None, None),
            Self::Yearly { month, day } => (5, None, None, Some(day), Some(month)),
            Self::YearlyNth { month, week, days } => (6, Some(week), Some(days), None, Some(month)),
        }
    }
}

fn put(out: &mut Out<'_>, tag: Tag, value: Option<u8>) {
    if let Some(value) = value {
        encode::number(out, tag, value.into());
    }
}

fn child<T: std::str::FromStr>(element: &Element, tag: Tag) -> Result<Option<T>, ConversionError> {
    element.child(tag).filter(|child| !child.is_empty()).map(number).transpose()
}

/// A child that must be there, and lie in a range.
fn within(element: &Element, tag: Tag, least: u8, most: u8) -> Result<u8, ConversionError> {
    match child(element, tag)? {
        Some(value) if (least..=most).contains(&value) => Ok(value),
        Some(_) => Err(ConversionError("a day, week or month is out of range")),
        None => Err(ConversionError("a recurrence lacks an element that its type needs")),
    }
}

fn weekdays(element: &Element, page: &Page) -> Result<Option<Weekdays>, ConversionError> {
    let Some(bits) = child(element, page.day_of_week)? else { return Ok(None) };
    Weekdays::from_bits(bits).map(Some).ok_or(ConversionError("DayOfWeek is not 1 to 127"))
}

/// MS-ASCAL R53916 to R53919, MS-ASTASK R132, R320 and R532: elements of another type are errors.
fn pattern(element: &Element, page: &Page) -> Result<Pattern, ConversionError> {
    let kind = child(element, page.kind)?.unwrap_or(0); // optional from 16.0: MS-ASCAL R448001
    let allowed: &[Tag] = match kind {
        0 | 1 => &[page.day_of_week],
        2 => &[page.day_of_month],
        3 => &[page.week_of_month, page.day_of_week],
        5 => &[page.month_of_year, page.day_of_month],
        6 => &[page.month_of_year, page.week_of_month, page.day_of_week],
        _ => return Err(ConversionError("an unknown type of recurrence")), // MS-ASCAL R453
    };
    for tag in [page.day_of_week, page.day_of_month, page.week_of_month, page.month_of_year] {
        if element.child(tag).is_some() && !allowed.contains(&tag) {
            return Err(ConversionError("a recurrence has an element that its type does not"));
        }
    }
    let days = weekdays(element, page)?;
    let needed = days.ok_or(ConversionError("a recurrence lacks DayOfWeek"));
    Ok(match kind {
        0 => days.map_or(Pattern::Daily, |days| Pattern::Weekly { days }), // MS-ASCAL R3892311
        1 => Pattern::Weekly { days: needed? },
        2 => Pattern::Monthly { day: within(element, page.day_of_month, 1, 31)? },
        3 => Pattern::MonthlyNth { week: within(element, page.week_of_month, 1, 5)?, days: needed? },
        5 => Pattern::Yearly {
            month: within(element, page.month_of_year, 1, 12)?,
            day: within(element, page.day_of_month, 1, 31)?,
        },
        _ => Pattern::YearlyNth {
            month: within(element, page.month_of_year, 1, 12)?,
            week: within(element, page.week_of_month, 1, 5)?,
            days: days.unwrap_or(Weekdays::ALL), // optional: MS-ASCAL R38949
        },
    })
}

/// 0 and absence mean 1.
fn interval(element: &Element, page: &Page) -> Result<u16, ConversionError> {
    match child(element, page.interval)?.unwrap_or(1) {
        0 => Ok(1),
        interval @ 1..=INTERVAL_MAX => Ok(interval),
        _ => Err(ConversionError("Interval is above 999")),
    }
}

/// Occurrences goes before Until: MS-ASCAL R53911, MS-ASTASK R37013.
fn end(element: &Element, page: &Page) -> Result<End, ConversionError> {
    match child(element, page.occurrences)? {
        Some(count @ 1..=OCCURRENCES_MAX) => return Ok(End::Occurrences(count)),
        Some(_) => return Err(ConversionError("Occurrences is not 1 to 999")),
        None => {}
    }
    match element.child(page.until).filter(|child| !child.is_empty()) {
        None => Ok(End::Never),
        Some(child) => Ok(moment(child)?.map_or(End::Never, End::Until)),
    }
}

/// MS-ASCAL section 2.2.2.10. Calendars that are not known are refused rather than read as what they are not.
fn calendar(element: &Element, page: &Page, pattern: Pattern) -> Result<CalendarType, ConversionError> {
    if element.all(page.calendar_type).count() > 1 {
        return Err(ConversionError("CalendarType stands twice")); // MS-ASCAL R53912
    }
    let is_leap_month = match child::<u8>(element, page.is_leap_month)?.unwrap_or(0) {
        0 => false,
        1 => true,
        _ => return Err(ConversionError("IsLeapMonth is not 0 or 1")), // MS-ASCAL R292
    };
    let of_month = |is_leap_month| {
        Ok(match child::<u8>(element, page.calendar_type)? {
            None | Some(0..=5 | 7 | 9..=12) => CalendarType::Gregorian,
            Some(6) => CalendarType::Hijri,
            Some(8) => CalendarType::Hebrew,
            Some(15) => CalendarType::Chinese { is_leap_month },
            Some(20) => CalendarType::Korean { is_leap_month },
            Some(_) => return Err(ConversionError("a calendar that is not known")), // MS-ASCAL R53913
        })
    };
    match pattern {
        Pattern::Daily | Pattern::Weekly { .. } => of_month(false).map(|_| CalendarType::Gregorian),
        Pattern::Monthly { .. } | Pattern::MonthlyNth { .. } => of_month(false),
        Pattern::Yearly { month, .. } | Pattern::YearlyNth { month, .. } => {
            let calendar = of_month(is_leap_month)?;
            if calendar == CalendarType::Hebrew && (is_leap_month || month > HEBREW_MONTH_MAX) {
                return Err(ConversionError("a Hebrew month that has no number of its own"));
            }
            Ok(calendar)
        }
    }
}
