//! When a component is: DTSTART with DTEND, DUE or DURATION.

use calendar::{Component, Moment, Object, Zone};
use chrono::{Days, NaiveDate, NaiveTime};
use vocabulary::Timestamp;

/// Start and end, in one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: Moment,
    pub(super) end: Moment,
}

impl Span {
    /// Of a component: DTEND, else DURATION, else a day of a date and nothing of a time (RFC 5545 section
    /// 3.6.1).
    pub(super) fn of(component: &Component, object: &Object, floating: &Zone) -> Option<Self> {
        let start = component.start.clone()?;
        let end = match (&component.end, component.duration) {
            (Some(end), _) => end.clone(),
            (None, Some(duration)) if start.is_date() => start
                .with_local(plus_days(start.local().date(), duration.days.max(1)).and_time(NaiveTime::MIN)),
            (None, Some(duration)) => {
                let zone = object.zone_of(&start, floating);
                let day = plus_days(start.local().date(), duration.days).and_time(start.local().time());
                let end = zone.instant(day).0.saturating_add(duration.seconds.saturating_mul(1000));
                start.with_local(zone.local(Timestamp(end)))
            }
            (None, None) if start.is_date() => {
                start.with_local(plus_days(start.local().date(), 1).and_time(NaiveTime::MIN))
            }
            (None, None) => start.clone(),
        };
        Some(Self { start, end })
    }
}

/// The day a number of days later; the same day where no calendar reaches.
pub(super) fn plus_days(date: NaiveDate, days: i64) -> NaiveDate {
    let magnitude = Days::new(days.unsigned_abs());
    let moved = if days < 0 { date.checked_sub_days(magnitude) } else { date.checked_add_days(magnitude) };
    moved.unwrap_or(date)
}
