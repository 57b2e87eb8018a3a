//! The blob of a time zone and the rules of a zone.

use calendar::{Season, YearlyDate, Zone, ZoneRules};
use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

use crate::item::calendar::{TimeZone, Transition};

/// The last week of a month.
const LAST_WEEK: u16 = 5;
/// What a zone is called that no database knows and that the client did not name.
const NAMELESS: &str = "Local Time";

/// The blob with a zone's rules of one year.
pub(super) fn blob(zone: &Zone, year: i32) -> TimeZone {
    let rules = zone.rules(year);
    TimeZone {
        bias: rules.bias_minutes,
        standard_date: transition(rules.standard.begins),
        standard_bias: rules.standard.bias_minutes,
        standard_name: rules.standard.name,
        daylight_date: transition(rules.daylight.begins),
        daylight_bias: rules.daylight.bias_minutes,
        daylight_name: rules.daylight.name,
    }
}

/// The zone that a blob means: one of the hints if its clocks go like that in one of the years, else the best
/// known one.
pub(super) fn zone(blob: &TimeZone, years: [i32; 2], hints: &[&Zone]) -> Zone {
    let rules = rules(blob);
    let name = Some(blob.standard_name.trim()).filter(|name| !name.is_empty()).unwrap_or(NAMELESS);
    for year in years {
        for hint in hints {
            let found = Zone::by_rules(&rules, year, Some(hint), name);
            if found == **hint {
                return found;
            }
        }
    }
    let [year, _] = years;
    Zone::by_rules(&rules, year, None, name)
}

fn rules(blob: &TimeZone) -> ZoneRules {
    let to_standard = yearly_date(blob.standard_date);
    let to_daylight = yearly_date(blob.daylight_date);
    let changes = to_standard.is_some() && to_daylight.is_some();
    let season = |name: &str, bias_minutes, begins: Option<YearlyDate>| Season {
        name: name.to_owned(),
        bias_minutes,
        begins: begins.filter(|_| changes),
    };
    ZoneRules {
        bias_minutes: blob.bias,
        standard: season(&blob.standard_name, blob.standard_bias, to_standard),
        daylight: season(&blob.daylight_name, blob.daylight_bias, to_daylight),
    }
}

fn transition(date: Option<YearlyDate>) -> Transition {
    let Some(date) = date else { return Transition::default() };
    let word = |number: u32| u16::try_from(number).unwrap_or_default();
    Transition {
        year: 0,
        month: date.month.into(),
        day_of_week: date.weekday.into(),
        week: date.week.into(),
        hour: word(date.time.hour()),
        minute: word(date.time.minute()),
        second: word(date.time.second()),
        millisecond: 0,
    }
}

/// `None` if there is no change, or none that a calendar has.
fn yearly_date(change: Transition) -> Option<YearlyDate> {
    let time = NaiveTime::from_hms_opt(change.hour.into(), change.minute.into(), change.second.into())?;
    let (week, weekday) =
        if change.year == 0 { (change.week, change.day_of_week) } else { day_of_one_year(change)? };
    let is_real = (1..=12).contains(&change.month) && (1..=LAST_WEEK).contains(&week) && weekday < 7;
    let byte = |word: u16| u8::try_from(word).ok();
    is_real
        .then(|| {
            Some(YearlyDate { month: byte(change.month)?, week: byte(week)?, weekday: byte(weekday)?, time })
        })
        .flatten()
}

/// Week and weekday of a change that is given as a date. The last seven days of a month are its last week.
fn day_of_one_year(change: Transition) -> Option<(u16, u16)> {
    let date = NaiveDate::from_ymd_opt(change.year.into(), change.month.into(), change.week.into())?;
    let is_last = date.checked_add_days(chrono::Days::new(7))?.month() != date.month();
    let week = if is_last { LAST_WEEK } else { (change.week - 1) / 7 + 1 };
    Some((week, u16::try_from(date.weekday().num_days_from_sunday()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 9] = [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Sydney",
        "Asia/Kolkata",
        "Asia/Tehran",
        "UTC",
        "America/Sao_Paulo",
        "Pacific/Auckland",
        "Africa/Casablanca",
    ];

    #[test]
    fn a_blob_means_the_zone_that_it_was_made_of() {
        for name in NAMES {
            let zone_before = Zone::by_name(name).unwrap();
            let blob = blob(&zone_before, 2026);
            assert_eq!(zone(&blob, [2026, 2026], &[&zone_before]), zone_before, "{name}");
            let rules_after = zone(&blob, [2026, 2026], &[]).rules(2026);
            assert_eq!(rules_after.bias_minutes, zone_before.rules(2026).bias_minutes, "{name}");
        }
    }

    #[test]
    fn a_hint_that_fits_in_either_year_is_taken() {
        let new_york = Zone::by_name("America/New_York").unwrap();
        let old = blob(&new_york, 2005);
        assert_ne!(old, blob(&new_york, 2026));
        assert_eq!(zone(&old, [2026, 2005], &[&new_york]), new_york);
    }

    #[test]
    fn berlin_is_what_windows_says_of_it() {
        let berlin = blob(&Zone::by_name("Europe/Berlin").unwrap(), 2026);
        let change = |month, hour| Transition { month, week: 5, hour, ..Transition::default() };
        assert_eq!((berlin.bias, berlin.standard_bias, berlin.daylight_bias), (-60, 0, -60));
        assert_eq!((berlin.standard_date, berlin.daylight_date), (change(10, 3), change(3, 2)));
    }

    #[test]
    fn dates_of_one_year_and_impossible_ones_are_read() {
        let dated = Transition { year: 2026, month: 3, week: 29, hour: 2, ..Transition::default() };
        let every = Transition { month: 3, week: 5, hour: 2, ..Transition::default() };
        assert_eq!(yearly_date(dated), yearly_date(every));
        for wrong in [
            Transition { month: 13, week: 1, ..Transition::default() },
            Transition { month: 1, week: 6, ..Transition::default() },
            Transition { month: 1, week: 1, day_of_week: 7, ..Transition::default() },
            Transition { month: 1, week: 1, hour: 24, ..Transition::default() },
            Transition { year: 2026, month: 2, week: 30, ..Transition::default() },
            Transition::default(),
        ] {
            assert_eq!(yearly_date(wrong), None, "{wrong:?}");
        }
    }
}
