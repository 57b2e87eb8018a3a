//! The rules of one year: what a Windows `TIME_ZONE_INFORMATION`, and so the blob of ActiveSync, says of a zone
//! (MS-ASDTYPE section 2.7.4).

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, RwLock};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::{OffsetName, TZ_VARIANTS, Tz};

use super::{DAY_S, Definition, Source, Zone};

/// Years looked at to tell the fourth from the last week of a month.
const WEEK_YEARS: i32 = 7;
/// Rules of other years are those of the first and the last that four digits can say.
const YEAR_MAX: i32 = 9_999;
/// The week that means the last of the month.
const LAST_WEEK: u8 = 5;
/// Two changes of one year that are nearer to each other than this are not told apart; none are.
const SAMPLE_S: i64 = 7 * DAY_S;
/// Years of zones that are kept; beyond it all are forgotten.
const KNOWN_MAX: usize = 4_096;
/// The changes of years of the database's zones: each is some hundred searches of its tables, and a calendar of a
/// thousand events asks for the same few.
static KNOWN: LazyLock<RwLock<YearsOfZones>> = LazyLock::new(RwLock::default);
type YearsOfZones = HashMap<(Tz, i32), Arc<[Change]>>;
/// Zones that are tried first when only the rules are known, most people first.
const PREFERRED: [Tz; 26] = [
    Tz::Europe__Berlin,
    Tz::Europe__London,
    Tz::Europe__Helsinki,
    Tz::Europe__Moscow,
    Tz::Europe__Istanbul,
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Denver,
    Tz::America__Los_Angeles,
    Tz::America__Phoenix,
    Tz::America__Halifax,
    Tz::America__Sao_Paulo,
    Tz::America__Bogota,
    Tz::America__Mexico_City,
    Tz::Asia__Shanghai,
    Tz::Asia__Tokyo,
    Tz::Asia__Kolkata,
    Tz::Asia__Dubai,
    Tz::Asia__Karachi,
    Tz::Asia__Bangkok,
    Tz::Asia__Dhaka,
    Tz::Australia__Sydney,
    Tz::Australia__Brisbane,
    Tz::Pacific__Auckland,
    Tz::Pacific__Honolulu,
    Tz::UTC,
];

/// The clocks of a zone in one year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneRules {
    /// Minutes to add to the local time to get UTC, without the seasons' own: -60 for Berlin.
    pub bias_minutes: i32,
    /// Winter, or the whole year where the clocks never change.
    pub standard: Season,
    /// Summer; without a begin where the clocks never change.
    pub daylight: Season,
}

/// One of the two seasons of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Season {
    /// What people call it, such as `CEST`; often empty.
    pub name: String,
    /// Minutes to add to [`ZoneRules::bias_minutes`] meanwhile: -60 for most summers.
    pub bias_minutes: i32,
    /// When it begins, on the clock of the season before; both seasons have this or none.
    pub begins: Option<YearlyDate>,
}

/// A day of every year, as a weekday of a week of a month, and a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearlyDate {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 4, or 5 for the last such weekday of the month.
    pub week: u8,
    /// 0 for Sunday to 6.
    pub weekday: u8,
    /// Time of day.
    pub time: NaiveTime,
}

impl YearlyDate {
    fn of(changes: &[NaiveDateTime]) -> Option<Self> {
        let first = changes.first()?;
        let weekday = u8::try_from(first.weekday().num_days_from_sunday()).ok()?;
        let month = u8::try_from(first.month()).ok()?;
        let at = |week| Self { month, week, weekday, time: first.time() };
        let by_count = at(u8::try_from((first.day() - 1) / 7 + 1).ok()?);
        let by_end = at(LAST_WEEK);
        let fits = changes.iter().all(|change| by_end.in_year(change.year()) == Some(*change));
        Some(if fits { by_end } else { by_count })
    }

    pub(super) fn in_year(self, year: i32) -> Option<NaiveDateTime> {
        let first = NaiveDate::from_ymd_opt(year, self.month.into(), 1)?;
        let days = (7 + u64::from(self.weekday) - u64::from(first.weekday().num_days_from_sunday())) % 7;
        let mut date =
            first.checked_add_days(Days::new(days + 7 * u64::from(self.week.clamp(1, LAST_WEEK) - 1)))?;
        if date.month() != first.month() {
            date = date.checked_sub_days(Days::new(7))?;
        }
        Some(date.and_time(self.time))
    }
}

impl Zone {
    /// Its rules in `year`. Where the clocks change more or less than twice, as if they always showed the offset of
    /// the end of that year: no two dates could say more.
    #[must_use]
    pub fn rules(&self, year: i32) -> ZoneRules {
        let end = seconds_of_new_year(year.saturating_add(1)) - 1;
        let [one, other] = self.changes(year)[..] else {
            return ZoneRules {
                standard: self.season(end, 0, Vec::new()),
                ..constant(-self.offset_s(end) / 60)
            };
        };
        let (summer, winter) = if one.offset_s > other.offset_s { (one, other) } else { (other, one) };
        ZoneRules {
            bias_minutes: -winter.offset_s / 60,
            standard: self.season(winter.utc_s, 0, self.same_change(year, winter.offset_s)),
            daylight: self.season(
                summer.utc_s,
                (winter.offset_s - summer.offset_s) / 60,
                self.same_change(year, summer.offset_s),
            ),
        }
    }

    /// A zone with these rules: `hint` if it has them in `year`, else the best known zone that has, else one of its
    /// own that is called `name`.
    #[must_use]
    pub fn by_rules(rules: &ZoneRules, year: i32, hint: Option<&Self>, name: &str) -> Self {
        let defined = Self::defined(Definition::from_rules(name, rules));
        defined.twin(year, hint).unwrap_or(defined)
    }

    /// A zone of the database whose clocks show the same all through `year`.
    pub(crate) fn twin(&self, year: i32, hint: Option<&Self>) -> Option<Self> {
        let changes = self.changes(year);
        let new_year = self.offset_s(seconds_of_new_year(year));
        let is_same = |other: &Self| {
            other.offset_s(seconds_of_new_year(year)) == new_year && other.changes(year) == changes
        };
        hint.cloned()
            .into_iter()
            .chain(PREFERRED.iter().chain(TZ_VARIANTS.iter()).map(|zone| Self(Source::Iana(*zone))))
            .find(is_same)
    }

    fn changes(&self, year: i32) -> Arc<[Change]> {
        let reckon = || {
            let range = seconds_of_new_year(year)..seconds_of_new_year(year.saturating_add(1));
            Arc::from(self.changes_within(range))
        };
        let Source::Iana(zone) = self.0 else { return reckon() };
        let known = KNOWN.read().ok().and_then(|known| known.get(&(zone, year)).cloned());
        known.unwrap_or_else(|| {
            let changes: Arc<[Change]> = reckon();
            if let Ok(mut known) = KNOWN.write() {
                if known.len() >= KNOWN_MAX {
                    known.clear();
                }
                known.insert((zone, year), Arc::clone(&changes));
            }
            changes
        })
    }

    /// The changes of its clocks in a range of UTC seconds, in order. The work grows with the range.
    pub(super) fn changes_within(&self, range: Range<i64>) -> Vec<Change> {
        let Range { start: mut at, end } = range;
        let mut offset = self.offset_s(at);
        let mut changes = Vec::new();
        while at < end {
            let next = (at + SAMPLE_S).min(end);
            let offset_s = self.offset_s(next);
            if offset_s != offset {
                changes.push(Change { utc_s: self.change_between(at, next), offset_s });
                offset = offset_s;
            }
            at = next;
        }
        changes
    }

    fn change_between(&self, mut before: i64, mut after: i64) -> i64 {
        let offset = self.offset_s(after);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            *if self.offset_s(middle) == offset { &mut after } else { &mut before } = middle;
        }
        after
    }

    /// The changes to `offset_s` in this year and some after it, each on the clock before it.
    fn same_change(&self, year: i32, offset_s: i32) -> Vec<NaiveDateTime> {
        (year..year.saturating_add(WEEK_YEARS))
            .flat_map(|year| self.changes(year).to_vec())
            .filter(|change| change.offset_s == offset_s)
            .filter_map(|change| {
                let local_s = change.utc_s + i64::from(self.offset_s(change.utc_s - 1));
                Some(DateTime::from_timestamp(local_s, 0)?.naive_utc())
            })
            .collect()
    }

    fn season(&self, at_s: i64, bias_minutes: i32, changes: Vec<NaiveDateTime>) -> Season {
        Season { name: self.season_name(at_s), bias_minutes, begins: YearlyDate::of(&changes) }
    }

    /// What its time is called at a moment; empty if only rules are known.
    pub(super) fn season_name(&self, at_s: i64) -> String {
        let (Source::Iana(zone), Some(at)) = (&self.0, DateTime::from_timestamp(at_s, 0)) else {
            return String::new();
        };
        at.with_timezone(zone).offset().abbreviation().unwrap_or_default().to_owned()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) utc_s: i64,
    pub(super) offset_s: i32,
}

fn constant(bias_minutes: i32) -> ZoneRules {
    ZoneRules { bias_minutes, standard: Season::default(), daylight: Season::default() }
}

pub(super) fn seconds_of_new_year(year: i32) -> i64 {
    NaiveDate::from_ymd_opt(year.clamp(1, YEAR_MAX), 1, 1)
        .map_or(0, |date| date.and_time(NaiveTime::MIN).and_utc().timestamp())
}

/// A year whose rules are known and which stands for "nowadays" where no date is at hand.
pub(crate) const REFERENCE_YEAR: i32 = 2025;

#[cfg(test)]
mod tests {
    use vocabulary::Timestamp;

    use super::*;

    fn at(month: u8, week: u8, weekday: u8, hour: u32) -> Option<YearlyDate> {
        Some(YearlyDate { month, week, weekday, time: NaiveTime::from_hms_opt(hour, 0, 0).unwrap() })
    }

    #[test]
    fn rules_are_those_of_the_law() {
        for (zone, bias, winter, summer) in [
            ("Europe/Berlin", -60, at(10, 5, 0, 3), at(3, 5, 0, 2)),
            ("America/New_York", 300, at(11, 1, 0, 2), at(3, 2, 0, 2)),
            ("Europe/London", 0, at(10, 5, 0, 2), at(3, 5, 0, 1)),
            ("Europe/Dublin", 0, at(10, 5, 0, 2), at(3, 5, 0, 1)),
            ("Australia/Sydney", -600, at(4, 1, 0, 3), at(10, 1, 0, 2)),
            ("Asia/Tokyo", -540, None, None),
            ("Asia/Kathmandu", -345, None, None),
        ] {
            for year in [2024, 2025, 2026, 2031] {
                let rules = Zone::by_name(zone).unwrap().rules(year);
                assert_eq!(
                    (rules.bias_minutes, rules.standard.begins, rules.daylight.begins),
                    (bias, winter, summer),
                    "{zone}"
                );
                assert_eq!(rules.daylight.bias_minutes, if summer.is_some() { -60 } else { 0 });
            }
        }
        assert_eq!(Zone::by_name("Europe/Berlin").unwrap().rules(2025).daylight.name, "CEST");
    }

    #[test]
    fn rules_lead_back_to_their_zone() {
        for name in [
            "Europe/Berlin",
            "America/New_York",
            "Asia/Tokyo",
            "Asia/Kathmandu",
            "Australia/Sydney",
            "America/Caracas",
        ] {
            let zone = Zone::by_name(name).unwrap();
            assert_eq!(Zone::by_rules(&zone.rules(2026), 2026, Some(&zone), "x"), zone);
            let without_hint = Zone::by_rules(&zone.rules(2026), 2026, None, "x");
            assert_eq!(without_hint.changes(2026), zone.changes(2026), "{name}");
        }
        let paris = Zone::by_name("Europe/Paris").unwrap();
        assert_eq!(Zone::by_rules(&paris.rules(2026), 2026, None, "x").name(), "Europe/Berlin");
        assert_eq!(Zone::by_rules(&paris.rules(2026), 2026, Some(&paris), "x").name(), "Europe/Paris");
    }

    #[test]
    fn rules_of_nowhere_make_a_zone_of_their_own() {
        let mut rules = Zone::by_name("Europe/Berlin").unwrap().rules(2026);
        rules.bias_minutes = -77;
        let zone = Zone::by_rules(&rules, 2026, None, "Customized Time Zone");
        assert_eq!(zone.name(), "Customized Time Zone");
        assert_eq!(zone.offset_s_at(Timestamp(1_767_225_600_000)), 77 * 60);
        assert_eq!(zone.rules(2040).daylight.begins, rules.daylight.begins);
    }
}
