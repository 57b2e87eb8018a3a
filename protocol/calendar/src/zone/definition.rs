//! Zones by their own definition: a VTIMEZONE (RFC 5545 section 3.6.5) or the rules of a phone.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::calendar_twin::{self, LAST_TABLED_YEAR};
use super::rules::ZoneRules;
use crate::rule::{Rule, Walk, Work};

/// Most changes of the clocks that are kept of one definition: two a year since 1601 are below it.
const CHANGES_MAX: usize = 2_000;
/// Most steps that reading one definition costs.
const WORK_MAX: u32 = 50_000;
/// First year in which the rules of a phone hold.
const FIRST_YEAR: i32 = 1970;

/// One STANDARD or DAYLIGHT part.
#[derive(Debug, Clone)]
pub(crate) struct Observance {
    /// Offset before it begins, in seconds ahead of UTC.
    pub(crate) offset_from_s: i32,
    /// Offset while it lasts.
    pub(crate) offset_to_s: i32,
    /// First begin, on the clock before it.
    pub(crate) start: NaiveDateTime,
    /// Further begins by rule.
    pub(crate) rules: Vec<Rule>,
    /// Further begins by date.
    pub(crate) dates: Vec<NaiveDateTime>,
}

/// When the clocks of a zone change, and to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    name: String,
    /// Offset before the first change.
    first_offset_s: i32,
    /// UTC second and the offset from then on, in order.
    changes: Vec<(i64, i32)>,
}

impl Definition {
    /// `None` if there is no observance.
    pub(crate) fn new(name: &str, observances: &[Observance]) -> Option<Self> {
        let mut work = Work::new(WORK_MAX);
        let mut changes = Vec::new();
        for observance in observances {
            for local in observance.begins(&mut work) {
                changes.push((local.and_utc().timestamp() - i64::from(observance.offset_from_s), observance));
            }
        }
        changes.sort_by_key(|(utc_s, _)| *utc_s);
        let first_offset_s = changes.first()?.1.offset_from_s;
        let changes =
            changes.into_iter().map(|(utc_s, observance)| (utc_s, observance.offset_to_s)).collect();
        Some(Self { name: name.to_owned(), first_offset_s, changes })
    }

    pub(super) fn from_rules(name: &str, rules: &ZoneRules) -> Self {
        let offset_s =
            |bias_minutes: i32| -60 * rules.bias_minutes.saturating_add(bias_minutes).clamp(-1_440, 1_440);
        let (winter, summer) = (offset_s(rules.standard.bias_minutes), offset_s(rules.daylight.bias_minutes));
        let mut changes = Vec::new();
        if let (Some(to_winter), Some(to_summer)) = (rules.standard.begins, rules.daylight.begins) {
            for year in FIRST_YEAR..=LAST_TABLED_YEAR + 1 {
                for (date, from, to) in [(to_winter, summer, winter), (to_summer, winter, summer)] {
                    let Some(local) = date.in_year(year) else { continue };
                    changes.push((local.and_utc().timestamp() - i64::from(from), to));
                }
            }
            changes.sort_unstable();
        }
        let first_offset_s = match changes.first() {
            Some((_, to)) if *to == winter => summer,
            _ => winter,
        };
        Self { name: name.to_owned(), first_offset_s, changes }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn offset_s(&self, utc_s: i64) -> i32 {
        let at = calendar_twin::of(utc_s);
        let next = self.changes.partition_point(|(change, _)| *change <= at);
        next.checked_sub(1)
            .and_then(|last| self.changes.get(last))
            .map_or(self.first_offset_s, |(_, offset)| *offset)
    }
}

impl Observance {
    fn begins(&self, work: &mut Work) -> Vec<NaiveDateTime> {
        let mut begins = vec![self.start];
        begins.extend(self.dates.iter().take(CHANGES_MAX));
        let end =
            NaiveDate::from_ymd_opt(LAST_TABLED_YEAR + 2, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN);
        for rule in &self.rules {
            let until = rule.last_local(|utc| utc + chrono::TimeDelta::seconds(self.offset_from_s.into()));
            let last = until.map_or(end, |until| until.min(end));
            let mut walk = Walk::new(rule, self.start, false, Some(last));
            while begins.len() < CHANGES_MAX
                && let Some(local) = walk.next(work)
            {
                begins.push(local);
            }
        }
        begins
    }
}
