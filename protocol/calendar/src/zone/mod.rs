//! Time zones: from names, definitions and rules to the offset at a moment.
//!
//! A local time that the clocks skip is read with the offset before the gap, and one that they show twice is the
//! first of the two (RFC 5545 section 3.3.5). After the years that the tables reach, the rules of their end go on.

mod calendar_twin;
mod definition;
mod name;
mod reference;
mod rules;
mod transition;
mod vtimezone;

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;
use vocabulary::Timestamp;

pub(crate) use definition::{Definition, Observance};
pub use reference::{defined_zone, with_known_zones, without_known_zones};
pub(crate) use rules::REFERENCE_YEAR;
pub use rules::{Season, YearlyDate, ZoneRules};
pub use transition::Transition;

const DAY_S: i64 = 86_400;

/// Where clocks show the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(Source);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// A zone of the IANA database.
    Iana(Tz),
    /// What a VTIMEZONE or a phone says of a zone that no name and no rule of the database fits.
    Defined(Arc<Definition>),
}

impl Zone {
    /// Coordinated universal time.
    #[must_use]
    pub const fn utc() -> Self {
        Self(Source::Iana(Tz::UTC))
    }

    /// Resolves an IANA name, one behind a prefix such as `/freeassociation.sourceforge.net/`, a Windows name, or the
    /// text that Windows shows for one.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        name::resolve(name).map(|zone| Self(Source::Iana(zone)))
    }

    pub(crate) fn defined(definition: Definition) -> Self {
        Self(Source::Defined(Arc::new(definition)))
    }

    /// The IANA name, or the TZID of its definition.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.0 {
            Source::Iana(zone) => zone.name(),
            Source::Defined(definition) => definition.name(),
        }
    }

    /// Seconds that its clocks are ahead of UTC.
    #[must_use]
    pub fn offset_s_at(&self, instant: Timestamp) -> i32 {
        self.offset_s(instant.seconds())
    }

    fn offset_s(&self, utc_s: i64) -> i32 {
        match &self.0 {
            Source::Iana(Tz::UTC) => 0,
            Source::Iana(zone) => {
                let at = DateTime::from_timestamp(calendar_twin::of(utc_s), 0).unwrap_or_default();
                zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
            }
            Source::Defined(definition) => definition.offset_s(utc_s),
        }
    }

    /// What its clocks show.
    #[must_use]
    pub fn local(&self, instant: Timestamp) -> NaiveDateTime {
        let utc_s = instant.seconds();
        let local_s = utc_s.saturating_add(self.offset_s(utc_s).into());
        DateTime::from_timestamp(local_s, 0).unwrap_or_default().naive_utc()
    }

    /// When its clocks show `local`; in a gap and in a fold as the module header says.
    #[must_use]
    pub fn instant(&self, local: NaiveDateTime) -> Timestamp {
        let local_s = local.and_utc().timestamp();
        let before = i64::from(self.offset_s(local_s - DAY_S));
        let after = i64::from(self.offset_s(local_s + DAY_S));
        let is_real = |offset: i64| i64::from(self.offset_s(local_s - offset)) == offset;
        let offset = if before == after || is_real(before) || !is_real(after) { before } else { after };
        Timestamp::from_seconds(local_s - offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;

    fn local(text: &str) -> NaiveDateTime {
        Moment::parse(text, None).unwrap().local()
    }

    /// RFC 5545 section 3.3.5: the two examples for New York, and the same for zones with odd offsets.
    #[test]
    fn gaps_take_the_offset_before_and_folds_the_first_time() {
        for (zone, shown, utc) in [
            ("America/New_York", "20070311T023000", "20070311T073000"),
            ("America/New_York", "20071104T013000", "20071104T053000"),
            ("Europe/Berlin", "20240331T023000", "20240331T013000"),
            ("Europe/Berlin", "20241027T023000", "20241027T003000"),
            ("Europe/Berlin", "20240331T030000", "20240331T010000"),
            ("Europe/Berlin", "20240715T120000", "20240715T100000"),
            ("Pacific/Apia", "20111230T120000", "20111230T220000"),
            ("Australia/Lord_Howe", "20241006T021500", "20241005T154500"),
            ("Asia/Kathmandu", "20240101T000000", "20231231T181500"),
            ("UTC", "20240331T023000", "20240331T023000"),
        ] {
            let instant = Zone::by_name(zone).expect(zone).instant(local(shown));
            assert_eq!(instant, Zone::utc().instant(local(utc)), "{zone} {shown}");
        }
    }

    #[test]
    fn the_summer_of_a_far_year_is_summer() {
        let berlin = Zone::by_name("Europe/Berlin").unwrap();
        assert_eq!(berlin.offset_s_at(Zone::utc().instant(local("24000701T120000"))), 7_200);
        assert_eq!(berlin.offset_s_at(Zone::utc().instant(local("99990101T120000"))), 3_600);
        assert_eq!(berlin.local(berlin.instant(local("24000701T120000"))), local("24000701T120000"));
    }
}
