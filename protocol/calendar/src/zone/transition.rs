//! When the clocks of a zone change: what the time-zone service tells, RFC 7808 section 5.4.

use std::ops::Range;

use chrono_tz::TZ_VARIANTS;
use vocabulary::Timestamp;

use super::{Source, Zone, calendar_twin};

/// One change of the clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// When.
    pub at: Timestamp,
    /// What the time is called from then on, such as `CEST`.
    pub name: String,
    /// Seconds ahead of UTC before.
    pub offset_from_s: i32,
    /// Seconds ahead of UTC from then on.
    pub offset_to_s: i32,
}

impl Zone {
    /// The zone of a name of the IANA database, in this very spelling.
    #[must_use]
    pub fn by_iana_name(name: &str) -> Option<Self> {
        name.parse().ok().map(|zone| Self(Source::Iana(zone)))
    }

    /// All names of the IANA database, in its order.
    pub fn iana_names() -> impl Iterator<Item = &'static str> {
        TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    /// The version of the IANA database, such as `2025b`.
    #[must_use]
    pub const fn iana_version() -> &'static str {
        chrono_tz::IANA_TZDB_VERSION
    }

    /// What its time is called at a moment, such as `CEST`; empty if nobody said.
    #[must_use]
    pub fn name_at(&self, instant: Timestamp) -> String {
        self.season_name(calendar_twin::of(instant.seconds()))
    }

    /// The changes of its clocks after the start of a range and before its end, in order. The work grows with the
    /// range.
    #[must_use]
    pub fn transitions(&self, range: &Range<Timestamp>) -> Vec<Transition> {
        let (start_s, end_s) = (range.start.seconds(), range.end.seconds());
        let mut offset_from_s = self.offset_s(start_s);
        let changes = self.changes_within(start_s..end_s).into_iter().filter(|change| change.utc_s < end_s);
        changes
            .map(|change| {
                let at = Timestamp::from_seconds(change.utc_s);
                let (name, offset_to_s) = (self.name_at(at), change.offset_s);
                Transition {
                    at,
                    name,
                    offset_from_s: std::mem::replace(&mut offset_from_s, offset_to_s),
                    offset_to_s,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;

    fn utc(text: &str) -> Timestamp {
        Zone::utc().instant(Moment::parse(text, None).unwrap().local())
    }

    #[test]
    fn the_clocks_of_berlin_change_twice_a_year() {
        let berlin = Zone::by_iana_name("Europe/Berlin").unwrap();
        let year = utc("20260101T000000")..utc("20270101T000000");
        let changes = berlin.transitions(&year);
        let shown: Vec<_> = changes
            .iter()
            .map(|one| (one.at, one.name.as_str(), one.offset_from_s, one.offset_to_s))
            .collect();
        assert_eq!(
            shown,
            [(utc("20260329T010000"), "CEST", 3_600, 7_200), (utc("20261025T010000"), "CET", 7_200, 3_600)]
        );
        let before = utc("20260101T000000")..utc("20260329T010000");
        assert_eq!(berlin.transitions(&before), [], "the end is not in the range");
        assert_eq!(Zone::utc().transitions(&year), []);
    }

    #[test]
    fn every_change_of_every_zone_is_found_where_the_offset_changes() {
        let years = utc("20100101T000000")..utc("20270101T000000");
        for name in Zone::iana_names() {
            let zone = Zone::by_iana_name(name).unwrap();
            for change in zone.transitions(&years) {
                let before = Timestamp(change.at.0 - 1_000);
                assert_eq!(zone.offset_s_at(before), change.offset_from_s, "{name}");
                assert_eq!(zone.offset_s_at(change.at), change.offset_to_s, "{name}");
            }
        }
    }
}
