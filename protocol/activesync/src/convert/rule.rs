//! Recurrences and RRULEs: MS-ASCAL section 2.2.2.37.1, RFC 5545 section 3.3.10, RFC 7529 section 4.
//!
//! ActiveSync says a part of what RRULE can. [`recurrence`] gives nothing for the rest; what is shown instead is
//! the business of the class.

use calendar::{Frequency, Moment, Rule, RuleDay, RuleMonth, Scale, Skip, Zone};
use chrono::{Datelike, NaiveDate, Weekday};

use crate::item::recurrence::{
    CalendarType, End, HEBREW_MONTH_MAX, INTERVAL_MAX, Pattern, Recurrence, Weekdays,
};

/// The last week of a month.
const LAST_WEEK: u8 = 5;

/// The recurrence of a rule that begins on `first`, without end; `None` if none is the same.
///
/// Day 29 to 31 of a month is skipped by RRULE where a month is shorter, or gives way to the last by SKIP; clients do
/// the one or the other.
pub(super) fn recurrence(rule: &Rule, first: NaiveDate) -> Option<Recurrence> {
    let (month, day) = rule.scale.month_and_day(first)?;
    let is_strange = (rule.skip == Skip::Forward && rule.frequency > Frequency::Weekly)
        || !rule.by_second.is_empty()
        || !rule.by_minute.is_empty()
        || !rule.by_hour.is_empty()
        || !rule.by_year_day.is_empty()
        || !rule.by_week_number.is_empty();
    if is_strange {
        return None;
    }
    let (pattern, calendar) = match rule.frequency {
        Frequency::Daily => (daily(rule)?, CalendarType::Gregorian),
        Frequency::Weekly => (weekly(rule, first)?, CalendarType::Gregorian),
        Frequency::Monthly => (monthly(rule, day)?, calendar_type(rule, None)?),
        Frequency::Yearly => {
            let month = match rule.by_month[..] {
                [] => month,
                [month] => month,
                _ => return None,
            };
            (yearly(rule, month.number, day)?, calendar_type(rule, Some(month))?)
        }
        Frequency::Secondly | Frequency::Minutely | Frequency::Hourly => return None,
    };
    let interval = u16::try_from(rule.interval).ok().filter(|interval| *interval <= INTERVAL_MAX)?;
    let first_day_of_week = Some(day_number(rule.week_start));
    Some(Recurrence { pattern, calendar, interval, end: End::Never, first_day_of_week })
}

/// The rule of a recurrence, without end.
pub(super) fn rule(recurrence: &Recurrence) -> Rule {
    let mut rule = Rule::new(match recurrence.pattern {
        Pattern::Daily => Frequency::Daily,
        Pattern::Weekly { .. } => Frequency::Weekly,
        Pattern::Monthly { .. } | Pattern::MonthlyNth { .. } => Frequency::Monthly,
        Pattern::Yearly { .. } | Pattern::YearlyNth { .. } => Frequency::Yearly,
    });
    rule.interval = recurrence.interval.into();
    rule.scale = scale(recurrence.calendar);
    let months = |number| vec![RuleMonth { number, is_leap: recurrence.calendar.is_leap_month() }];
    match recurrence.pattern {
        Pattern::Daily => {}
        Pattern::Weekly { days } => {
            rule.by_day = days.days().map(|day| RuleDay { ordinal: 0, weekday: weekday(day) }).collect();
            rule.week_start = recurrence.first_day_of_week.map_or(Weekday::Mon, weekday);
        }
        Pattern::Monthly { day } => rule.by_month_day = month_day(day),
        Pattern::MonthlyNth { week, days } => set_nth(&mut rule, week, days),
        Pattern::Yearly { month, day } => {
            rule.by_month = months(month);
            rule.by_month_day = month_day(day);
        }
        Pattern::YearlyNth { month, week, days } => {
            rule.by_month = months(month);
            set_nth(&mut rule, week, days);
        }
    }
    rule
}

fn scale(calendar: CalendarType) -> Scale {
    match calendar {
        CalendarType::Gregorian => Scale::Gregorian,
        CalendarType::Hijri => Scale::IslamicTbla,
        CalendarType::Hebrew => Scale::Hebrew,
        CalendarType::Chinese { .. } => Scale::Chinese,
        CalendarType::Korean { .. } => Scale::Dangi,
    }
}

/// Of a rule of months, or of one month of the year.
fn calendar_type(rule: &Rule, month: Option<RuleMonth>) -> Option<CalendarType> {
    let is_leap_month = month.is_some_and(|month| month.is_leap);
    // What clients do in a year without that month is not said.
    if is_leap_month && rule.skip != Skip::Omit {
        return None;
    }
    match rule.scale {
        Scale::Gregorian | Scale::Buddhist | Scale::Japanese | Scale::Roc => Some(CalendarType::Gregorian),
        Scale::IslamicTbla => Some(CalendarType::Hijri),
        Scale::Hebrew => {
            let is_plain = |month: RuleMonth| !month.is_leap && month.number <= HEBREW_MONTH_MAX;
            month.is_none_or(is_plain).then_some(CalendarType::Hebrew)
        }
        Scale::Chinese => Some(CalendarType::Chinese { is_leap_month }),
        Scale::Dangi => Some(CalendarType::Korean { is_leap_month }),
        _ => None,
    }
}

/// The last moment of a series whose last occurrence is on `day`.
pub(super) fn until_of_day(day: NaiveDate, start: &Moment, zone: &Zone) -> Moment {
    let last = day.and_time(start.local().time());
    match start {
        Moment::Date(_) => Moment::Date(day),
        Moment::Floating(_) => Moment::Floating(last),
        Moment::Utc(_) | Moment::Zoned { .. } => Moment::Utc(Zone::utc().local(zone.instant(last))),
    }
}

fn month_day(day: u8) -> Vec<i8> {
    i8::try_from(day).into_iter().collect()
}

fn set_nth(rule: &mut Rule, week: u8, days: Weekdays) {
    let ordinal: i8 = if week >= LAST_WEEK { -1 } else { i8::try_from(week).unwrap_or(1) };
    let named: Vec<u8> = days.days().collect();
    match named[..] {
        [day] => rule.by_day = vec![RuleDay { ordinal: ordinal.into(), weekday: weekday(day) }],
        // MS-ASCAL R3893714: the nth of all days is the nth day of the month.
        _ if days == Weekdays::ALL => rule.by_month_day = vec![ordinal],
        _ => {
            rule.by_day =
                named.into_iter().map(|day| RuleDay { ordinal: 0, weekday: weekday(day) }).collect();
            rule.by_position = vec![ordinal.into()];
        }
    }
}

fn daily(rule: &Rule) -> Option<Pattern> {
    if !rule.by_month.is_empty() || !rule.by_month_day.is_empty() || !rule.by_position.is_empty() {
        return None;
    }
    match every_days(rule) {
        _ if rule.by_day.is_empty() => Some(Pattern::Daily),
        Some(days) if rule.interval == 1 => Some(Pattern::Weekly { days }),
        _ => None,
    }
}

fn weekly(rule: &Rule, first: NaiveDate) -> Option<Pattern> {
    if !rule.by_month.is_empty() || !rule.by_month_day.is_empty() || !rule.by_position.is_empty() {
        return None;
    }
    let days = if rule.by_day.is_empty() {
        Weekdays::from_days([day_number(first.weekday())])
    } else {
        every_days(rule)
    };
    days.map(|days| Pattern::Weekly { days })
}

fn monthly(rule: &Rule, first_day: u8) -> Option<Pattern> {
    if !rule.by_month.is_empty() {
        return None;
    }
    if let Some((week, days)) = nth(rule) {
        return Some(Pattern::MonthlyNth { week, days });
    }
    Some(Pattern::Monthly { day: plain_day(rule, first_day)? })
}

fn yearly(rule: &Rule, month: u8, first_day: u8) -> Option<Pattern> {
    // Without BYMONTH these mean all months, or the weeks of the year.
    let is_of_year = rule.by_month.is_empty() && !(rule.by_day.is_empty() && rule.by_month_day.is_empty());
    if is_of_year {
        return None;
    }
    if let Some((week, days)) = nth(rule) {
        return Some(Pattern::YearlyNth { month, week, days });
    }
    Some(Pattern::Yearly { month, day: plain_day(rule, first_day)? })
}

/// BYMONTHDAY with one day, or nothing at all.
fn plain_day(rule: &Rule, first_day: u8) -> Option<u8> {
    if !rule.by_day.is_empty() || !rule.by_position.is_empty() {
        return None;
    }
    match rule.by_month_day[..] {
        [] => Some(first_day),
        [day] => u8::try_from(day).ok().filter(|day| *day > 0),
        _ => None,
    }
}

/// The nth of some days: `2TU`, `MO,TU,WE,TH,FR` with BYSETPOS, or BYMONTHDAY=-1.
fn nth(rule: &Rule) -> Option<(u8, Weekdays)> {
    match (&rule.by_day[..], &rule.by_month_day[..], &rule.by_position[..]) {
        ([], [-1], []) => Some((LAST_WEEK, Weekdays::ALL)),
        ([RuleDay { ordinal, weekday }], [], []) => {
            Some((week(*ordinal)?, Weekdays::from_days([day_number(*weekday)])?))
        }
        (_, [], [position]) => Some((week(i16::try_from(*position).ok()?)?, every_days(rule)?)),
        _ => None,
    }
}

/// The fifth of a month is not there in most months, while week 5 is always the last.
fn week(ordinal: i16) -> Option<u8> {
    match ordinal {
        -1 => Some(LAST_WEEK),
        1..=4 => u8::try_from(ordinal).ok(),
        _ => None,
    }
}

/// BYDAY, if it counts none of its days.
fn every_days(rule: &Rule) -> Option<Weekdays> {
    let counts_none = rule.by_day.iter().all(|day| day.ordinal == 0);
    let days = rule.by_day.iter().map(|day| day_number(day.weekday));
    counts_none.then(|| Weekdays::from_days(days)).flatten()
}

/// 0 for Sunday.
pub(super) fn day_number(weekday: Weekday) -> u8 {
    u8::try_from(weekday.num_days_from_sunday()).unwrap_or_default()
}

fn weekday(number: u8) -> Weekday {
    const DAYS: [Weekday; 7] =
        [Weekday::Sun, Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat];
    DAYS.get(usize::from(number)).copied().unwrap_or(Weekday::Mon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<Pattern> {
        let first = NaiveDate::from_ymd_opt(2026, 3, 10).unwrap(); // a Tuesday
        recurrence(&Rule::parse(text).unwrap(), first).map(|recurrence| recurrence.pattern)
    }

    fn days(bits: u8) -> Weekdays {
        Weekdays::from_bits(bits).unwrap()
    }

    #[test]
    fn what_the_wire_can_say_is_said() {
        for (text, expected) in [
            ("FREQ=DAILY;INTERVAL=3", Pattern::Daily),
            ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", Pattern::Weekly { days: days(62) }),
            ("FREQ=WEEKLY", Pattern::Weekly { days: days(4) }),
            ("FREQ=WEEKLY;BYDAY=SU,SA", Pattern::Weekly { days: days(65) }),
            ("FREQ=MONTHLY", Pattern::Monthly { day: 10 }),
            ("FREQ=MONTHLY;BYMONTHDAY=31", Pattern::Monthly { day: 31 }),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", Pattern::MonthlyNth { week: 5, days: Weekdays::ALL }),
            ("FREQ=MONTHLY;BYDAY=2TU", Pattern::MonthlyNth { week: 2, days: days(4) }),
            ("FREQ=MONTHLY;BYDAY=-1FR", Pattern::MonthlyNth { week: 5, days: days(32) }),
            ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2", Pattern::MonthlyNth { week: 2, days: days(4) }),
            (
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
                Pattern::MonthlyNth { week: 5, days: days(62) },
            ),
            ("FREQ=YEARLY", Pattern::Yearly { month: 3, day: 10 }),
            ("FREQ=YEARLY;BYMONTH=5", Pattern::Yearly { month: 5, day: 10 }),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", Pattern::Yearly { month: 2, day: 29 }),
            ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", Pattern::YearlyNth { month: 11, week: 4, days: days(16) }),
        ] {
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_the_wire_cannot_say_is_not_guessed() {
        for text in [
            "FREQ=HOURLY",
            "FREQ=DAILY;BYMONTH=1",
            "FREQ=DAILY;INTERVAL=2;BYDAY=MO",
            "FREQ=DAILY;INTERVAL=1000",
            "FREQ=DAILY;BYHOUR=9,17",
            "FREQ=WEEKLY;BYDAY=MO;BYMONTH=1",
            "FREQ=MONTHLY;BYMONTHDAY=7,8",
            "FREQ=MONTHLY;BYMONTHDAY=-2",
            "FREQ=MONTHLY;BYDAY=TU",
            "FREQ=MONTHLY;BYDAY=5TU",
            "FREQ=MONTHLY;BYDAY=1MO,3MO",
            "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
            "FREQ=MONTHLY;BYMONTH=1;BYMONTHDAY=1",
            "FREQ=YEARLY;BYMONTH=3,9",
            "FREQ=YEARLY;BYMONTHDAY=13",
            "FREQ=YEARLY;BYDAY=20MO",
            "FREQ=YEARLY;BYWEEKNO=20",
            "FREQ=YEARLY;BYYEARDAY=100",
            "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=31;SKIP=FORWARD",
            "RSCALE=ETHIOPIC;FREQ=MONTHLY",
            "RSCALE=ISLAMIC-CIVIL;FREQ=YEARLY",
            "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=14",
            "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8",
            "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD",
            "RSCALE=RUSSIAN;FREQ=DAILY",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    /// MS-ASCAL section 2.2.2.10.
    #[test]
    fn the_calendars_of_the_wire_are_said() {
        let first = NaiveDate::from_ymd_opt(2026, 2, 17).unwrap(); // Chinese New Year
        let leap = CalendarType::Chinese { is_leap_month: true };
        let chinese = CalendarType::Chinese { is_leap_month: false };
        for (text, pattern, calendar) in [
            ("RSCALE=CHINESE;FREQ=YEARLY", Pattern::Yearly { month: 1, day: 1 }, chinese),
            (
                "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=6L;BYMONTHDAY=5",
                Pattern::Yearly { month: 6, day: 5 },
                leap,
            ),
            ("RSCALE=CHINESE;FREQ=MONTHLY", Pattern::Monthly { day: 1 }, chinese),
            ("RSCALE=CHINESE;FREQ=DAILY", Pattern::Daily, CalendarType::Gregorian),
            (
                "RSCALE=DANGI;FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=8",
                Pattern::Yearly { month: 4, day: 8 },
                CalendarType::Korean { is_leap_month: false },
            ),
            (
                "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=10",
                Pattern::Yearly { month: 1, day: 10 },
                CalendarType::Hebrew,
            ),
            (
                "RSCALE=ISLAMIC-TBLA;FREQ=YEARLY;BYMONTH=9;BYDAY=1FR",
                Pattern::YearlyNth { month: 9, week: 1, days: days(32) },
                CalendarType::Hijri,
            ),
            ("RSCALE=JAPANESE;FREQ=YEARLY", Pattern::Yearly { month: 2, day: 17 }, CalendarType::Gregorian),
            (
                "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD",
                Pattern::Monthly { day: 31 },
                CalendarType::Gregorian,
            ),
        ] {
            let said = recurrence(&Rule::parse(text).unwrap(), first).expect(text);
            assert_eq!((said.pattern, said.calendar), (pattern, calendar), "{text}");
        }
    }

    fn patterns() -> impl Strategy<Value = Pattern> {
        let days = || (1_u8..=127).prop_map(days);
        let month = 1_u8..=12;
        prop_oneof![
            Just(Pattern::Daily),
            days().prop_map(|days| Pattern::Weekly { days }),
            (1_u8..=31).prop_map(|day| Pattern::Monthly { day }),
            (1_u8..=5, days()).prop_map(|(week, days)| Pattern::MonthlyNth { week, days }),
            (month.clone(), 1_u8..=31).prop_map(|(month, day)| Pattern::Yearly { month, day }),
            (month, 1_u8..=5, days()).prop_map(|(month, week, days)| Pattern::YearlyNth {
                month,
                week,
                days
            }),
        ]
    }

    fn calendars() -> impl Strategy<Value = CalendarType> {
        prop_oneof![
            4 => Just(CalendarType::Gregorian),
            1 => Just(CalendarType::Hijri),
            1 => any::<bool>().prop_map(|is_leap_month| CalendarType::Chinese { is_leap_month }),
            1 => any::<bool>().prop_map(|is_leap_month| CalendarType::Korean { is_leap_month }),
        ]
    }

    proptest! {
        /// Save that the nth of all days of a month is a plain day of it.
        #[test]
        fn every_recurrence_comes_back(
            pattern in patterns(),
            calendar in calendars(),
            interval in 1_u16..=999,
            start in 0_u8..=6,
        ) {
            let before =
                Recurrence { pattern, calendar, interval, end: End::Never, first_day_of_week: Some(start) };
            let first = NaiveDate::from_ymd_opt(2026, 3, 10).unwrap();
            let after = recurrence(&rule(&before), first).unwrap();
            let expected = match pattern {
                Pattern::MonthlyNth { week, days: Weekdays::ALL } if week < 5 => Pattern::Monthly { day: week },
                Pattern::YearlyNth { month, week, days: Weekdays::ALL } if week < 5 => {
                    Pattern::Yearly { month, day: week }
                }
                other => other,
            };
            prop_assert_eq!((after.pattern, after.interval), (expected, interval));
            // Only a month of the year is a leap month, and days and weeks are the same in all calendars.
            let expected_calendar = match (expected, calendar) {
                (Pattern::Daily | Pattern::Weekly { .. }, _) => CalendarType::Gregorian,
                (Pattern::Monthly { .. } | Pattern::MonthlyNth { .. }, CalendarType::Chinese { .. }) => {
                    CalendarType::Chinese { is_leap_month: false }
                }
                (Pattern::Monthly { .. } | Pattern::MonthlyNth { .. }, CalendarType::Korean { .. }) => {
                    CalendarType::Korean { is_leap_month: false }
                }
                (_, calendar) => calendar,
            };
            prop_assert_eq!(after.calendar, expected_calendar);
            if matches!(expected, Pattern::Weekly { .. }) {
                prop_assert_eq!(after.first_day_of_week, Some(start));
            }
        }
    }
}
