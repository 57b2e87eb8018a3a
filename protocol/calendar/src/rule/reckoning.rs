//! How a calendar system divides time into years and months. ICU4X knows that; of the Gregorian months `chrono` does.

use chrono::{Datelike, Days, NaiveDate};
use icu_calendar::cal::hijri::{TabularAlgorithmEpoch, TabularAlgorithmLeapYears};
use icu_calendar::cal::{
    ChineseTraditional, Coptic, Ethiopian, Hebrew, Hijri, Indian, KoreanTraditional, Persian,
};
use icu_calendar::options::DateFromFieldsOptions;
use icu_calendar::types::{DateFields, RataDie};
use icu_calendar::{AnyCalendar, Date, Ref};

use super::scale::{RuleMonth, Scale};

/// Most months of a year.
const MONTHS_MAX: u32 = 13;
/// So many steps of a rule it costs to look at a month.
const STEPS: usize = 8;
/// Parts of a day that lengths of lunations are given in.
const DAY: i64 = 1_000_000_000;
/// The mean of them.
const LUNATION: i64 = 29_530_588_853;
/// 7 January 2000 by the count of `chrono`, the day of a new moon in Beijing and in Jerusalem.
const NEW_MOON: i32 = 730_126;

/// A calendar system.
#[derive(Debug, Clone)]
pub(super) enum Reckoning {
    Gregorian,
    /// With so many months in every year.
    Regular(AnyCalendar, i64),
    /// With years of 12 and of 13 months, each a lunation.
    Lunisolar(AnyCalendar),
}

/// A month of one year.
#[derive(Debug, Clone, Copy)]
pub(super) struct Month {
    pub(super) name: RuleMonth,
    pub(super) year: i32,
    /// In days.
    pub(super) year_length: u32,
    /// Days of the year before the month.
    pub(super) days_before: u32,
    pub(super) first: NaiveDate,
    /// In days.
    pub(super) length: u32,
}

impl Reckoning {
    /// `None` if it is not known.
    pub(super) fn of(scale: &Scale) -> Option<Self> {
        let tabular = |epoch| {
            let calendar = Hijri::new_tabular(TabularAlgorithmLeapYears::TypeII, epoch);
            Self::Regular(AnyCalendar::HijriTabular(calendar), 12)
        };
        Some(match scale {
            Scale::Gregorian | Scale::Buddhist | Scale::Japanese | Scale::Roc => Self::Gregorian,
            Scale::Chinese => Self::Lunisolar(AnyCalendar::Chinese(ChineseTraditional::new())),
            Scale::Dangi => Self::Lunisolar(AnyCalendar::Dangi(KoreanTraditional::new())),
            Scale::Hebrew => Self::Lunisolar(AnyCalendar::Hebrew(Hebrew)),
            Scale::Coptic => Self::Regular(AnyCalendar::Coptic(Coptic), 13),
            // They differ in the numbers of their years only.
            Scale::Ethiopic | Scale::EthiopicAmeteAlem => {
                Self::Regular(AnyCalendar::Ethiopian(Ethiopian::default()), 13)
            }
            Scale::Indian => Self::Regular(AnyCalendar::Indian(Indian), 12),
            Scale::Persian => Self::Regular(AnyCalendar::Persian(Persian), 12),
            Scale::Islamic | Scale::IslamicUmalqura => {
                Self::Regular(AnyCalendar::HijriUmmAlQura(Hijri::new_umm_al_qura()), 12)
            }
            Scale::IslamicCivil => tabular(TabularAlgorithmEpoch::Friday),
            Scale::IslamicTbla => tabular(TabularAlgorithmEpoch::Thursday),
            Scale::Other(_) => return None,
        })
    }

    /// The month that a day lies in.
    pub(super) fn month_of(&self, date: NaiveDate) -> Option<Month> {
        match self {
            Self::Gregorian => date.with_day(1).map(Month::gregorian),
            Self::Regular(calendar, _) | Self::Lunisolar(calendar) => {
                let day = RataDie::new(date.num_days_from_ce().into());
                Month::of(&Date::from_rata_die(day, Ref(calendar)))
            }
        }
    }

    /// A month by its place in the year, from 1, where leap months count as all others.
    pub(super) fn month(&self, year: i32, place: u32) -> Option<Month> {
        match self {
            Self::Gregorian => NaiveDate::from_ymd_opt(year, place, 1).map(Month::gregorian),
            Self::Regular(calendar, _) | Self::Lunisolar(calendar) => {
                let mut fields = DateFields::default();
                fields.extended_year = Some(year);
                fields.ordinal_month = Some(u8::try_from(place).ok()?);
                fields.day = Some(1);
                let date =
                    Date::try_from_fields(fields, DateFromFieldsOptions::default(), Ref(calendar)).ok()?;
                Month::of(&date)
            }
        }
    }

    /// The months of a year.
    pub(super) fn months(&self, year: i32) -> impl Iterator<Item = Month> {
        (1..=MONTHS_MAX).map_while(move |place| self.month(year, place))
    }

    /// The number of a month, if all are counted without regard to years.
    pub(super) fn number(&self, month: &Month) -> i64 {
        let regular = |months: i64| i64::from(month.year) * months + i64::from(month.name.number) - 1;
        match self {
            Self::Gregorian => regular(12),
            Self::Regular(_, months) => regular(*months),
            Self::Lunisolar(_) => lunation(month.first),
        }
    }

    /// The month of a [`number`](Self::number).
    pub(super) fn month_by_number(&self, number: i64) -> Option<Month> {
        let regular = |months: i64| {
            let year = i32::try_from(number.div_euclid(months)).ok()?;
            self.month(year, u32::try_from(number.rem_euclid(months) + 1).ok()?)
        };
        match self {
            Self::Gregorian => regular(12),
            Self::Regular(_, months) => regular(*months),
            Self::Lunisolar(_) => self.month_of(middle_of_lunation(number)?),
        }
    }

    /// What it costs to look at a month, in steps of a rule.
    pub(super) const fn steps(&self) -> usize {
        match self {
            Self::Gregorian => 1,
            Self::Regular(..) | Self::Lunisolar(_) => STEPS,
        }
    }
}

impl Month {
    fn gregorian(first: NaiveDate) -> Self {
        Self {
            name: RuleMonth { number: u8::try_from(first.month()).unwrap_or_default(), is_leap: false },
            year: first.year(),
            year_length: if first.leap_year() { 366 } else { 365 },
            days_before: first.ordinal0(),
            first,
            length: first.num_days_in_month().into(),
        }
    }

    fn of(date: &Date<Ref<'_, AnyCalendar>>) -> Option<Self> {
        let day = date.day_of_month().0;
        let first = date.to_rata_die().to_i64_date() - i64::from(day) + 1;
        let month = date.month().to_input();
        Some(Self {
            name: RuleMonth { number: month.number(), is_leap: month.is_leap() },
            year: date.year().extended_year(),
            year_length: date.days_in_year().into(),
            days_before: u32::from(date.day_of_year().0).checked_sub(day.into())?,
            first: NaiveDate::from_num_days_from_ce_opt(i32::try_from(first).ok()?)?,
            length: date.days_in_month().into(),
        })
    }

    /// A day of the month by its number, or of the months after it.
    pub(super) fn date(&self, day: u32) -> Option<NaiveDate> {
        self.first.checked_add_days(Days::new(day.checked_sub(1)?.into()))
    }

    /// The number of a day of the month.
    pub(super) fn day_of(&self, date: NaiveDate) -> u32 {
        u32::try_from(date.signed_duration_since(self.first).num_days() + 1).unwrap_or_default()
    }
}

/// The number of a lunation by its first day. Months of lunisolar calendars begin within a few days of the mean
/// new moon, in all years that have four digits.
fn lunation(first: NaiveDate) -> i64 {
    let days = i64::from(first.num_days_from_ce()) - i64::from(NEW_MOON);
    (days * DAY + LUNATION / 2).div_euclid(LUNATION)
}

fn middle_of_lunation(number: i64) -> Option<NaiveDate> {
    let days = number.checked_mul(LUNATION)?.checked_add(LUNATION / 2)?.div_euclid(DAY);
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(days.checked_add(NEW_MOON.into())?).ok()?)
}
