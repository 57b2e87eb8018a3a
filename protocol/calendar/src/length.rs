//! How long a component lasts: RFC 5545 sections 3.6.1, 3.6.2 and 3.8.5.3.

use chrono::{NaiveDateTime, TimeDelta};
use vocabulary::Timestamp;

use crate::component::Component;
use crate::zone::Zone;
use crate::{Duration, Object};

/// Longest that is reckoned with: all the years that iCalendar can say.
const LONGEST: TimeDelta = TimeDelta::days(3_652_059);

/// The length of every occurrence of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// Exact seconds, where DTEND or DUE says it.
    Exact(TimeDelta),
    /// Calendar days and then exact seconds, where DURATION says it, or where it is of dates.
    Duration(Duration),
}

impl Length {
    pub(crate) fn of(component: &Component, object: &Object, floating: &Zone) -> Self {
        match (&component.start, &component.end, component.duration) {
            // Some clients write the first day as the end of one day.
            (Some(start), Some(end), _) if start.is_date() && end.is_date() => {
                Self::Duration(Duration::from_days((end.local() - start.local()).num_days().max(1)))
            }
            (Some(start), Some(end), _) => {
                let length = object.instant(end, floating).0 - object.instant(start, floating).0;
                Self::Exact(TimeDelta::milliseconds(length.max(0)))
            }
            (_, _, Some(duration)) if duration.nominal_s() >= 0 => Self::Duration(duration),
            (Some(start), _, _) if start.is_date() => Self::Duration(Duration::from_days(1)),
            _ => Self::Exact(TimeDelta::zero()),
        }
    }

    /// When what begins at `local` ends.
    pub(crate) fn end(self, local: NaiveDateTime, zone: &Zone) -> Timestamp {
        match self {
            Self::Exact(length) => Timestamp(zone.instant(local).0.saturating_add(length.num_milliseconds())),
            Self::Duration(duration) => {
                let day = zone.instant(duration.days_after(local).unwrap_or(local));
                Timestamp(day.0.saturating_add(duration.seconds.saturating_mul(1_000)))
            }
        }
    }

    pub(crate) fn longest(self) -> TimeDelta {
        match self {
            Self::Exact(length) => length.min(LONGEST),
            Self::Duration(duration) => {
                TimeDelta::try_seconds(duration.nominal_s()).unwrap_or(LONGEST).min(LONGEST)
            }
        }
    }
}
