//! Years after the end of the tables, answered by a year of the tables with the same calendar.

use chrono::{DateTime, Datelike, NaiveDate};

/// Last year whose changes are taken from the tables as they are.
pub(super) const LAST_TABLED_YEAR: i32 = 2087;
/// 2088-01-01T00:00:00Z.
const AFTER_TABLES_S: i64 = 3_723_753_600;
/// Within 28 years without a missing leap year, every calendar there is occurs.
const CYCLE_YEARS: i32 = 28;

/// The same month, day and time in a year whose weekdays and leap day are the same; a moment in a tabled year is its own twin.
pub(super) fn of(utc_s: i64) -> i64 {
    if utc_s < AFTER_TABLES_S {
        return utc_s;
    }
    let Some(moment) = DateTime::from_timestamp(utc_s, 0) else { return utc_s };
    let year = moment.year();
    (LAST_TABLED_YEAR - CYCLE_YEARS + 1..=LAST_TABLED_YEAR)
        .find(|twin| is_same_calendar(*twin, year))
        .and_then(|twin| moment.with_year(twin))
        .map_or(utc_s, |moment| moment.timestamp())
}

fn is_same_calendar(one: i32, other: i32) -> bool {
    let shape = |year| NaiveDate::from_ymd_opt(year, 1, 1).map(|first| (first.weekday(), first.leap_year()));
    shape(one) == shape(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_far_day_has_a_twin_of_the_same_weekday() {
        for year in 2080..2600 {
            for (month, day) in [(1, 1), (2, 28), (3, 1), (12, 31)] {
                let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
                let twin =
                    DateTime::from_timestamp(of(date.and_hms_opt(1, 2, 3).unwrap().and_utc().timestamp()), 0)
                        .unwrap();
                assert!(twin.year() <= LAST_TABLED_YEAR);
                assert_eq!((twin.month(), twin.day(), twin.weekday()), (month, day, date.weekday()));
            }
        }
    }

    #[test]
    fn the_tables_end_where_the_constant_says() {
        let first_after = NaiveDate::from_ymd_opt(LAST_TABLED_YEAR + 1, 1, 1).unwrap();
        assert_eq!(first_after.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp(), AFTER_TABLES_S);
    }
}
