//! Days without a time: birthday and anniversary.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike};
use contact::Date;
use vocabulary::Timestamp;

use crate::convert::Edit;
use crate::item::{Absence, Sent};

/// What Apple and others write for a day of no known year.
const NO_YEAR: u16 = 1604;
/// Later in the day, by UTC, it is midnight of the next day where the client is.
const NOON_HOUR: u32 = 12;

/// Midnight UTC (MS-ASCNTC R109001, R999: the time means nothing).
pub(super) fn to_wire(day: Date) -> Timestamp {
    let year = day.year().unwrap_or(NO_YEAR);
    let date = NaiveDate::from_ymd_opt(year.into(), day.month().into(), day.day().into()).unwrap_or_default();
    Timestamp::from_seconds(date.and_time(NaiveTime::MIN).and_utc().timestamp())
}

/// Clients write midnight UTC, 08:00, 11:00, 11:59 or noon, or midnight of their own zone.
fn from_wire(moment: Timestamp) -> Option<Date> {
    let at = chrono::DateTime::from_timestamp_millis(moment.0)?.naive_utc();
    let is_next = at.hour() > NOON_HOUR;
    let date = at.date().checked_add_signed(TimeDelta::days(i64::from(is_next)))?;
    Date::new(
        u16::try_from(date.year()).ok(),
        u8::try_from(date.month()).ok()?,
        u8::try_from(date.day()).ok()?,
    )
}

/// Compared as days: the time of the client is its own.
pub(super) fn edit(shown: &Sent<Timestamp>, sent: Sent<Timestamp>, absence: Absence) -> Edit<Date> {
    let day = |moment: Timestamp| from_wire(moment);
    let shown = Sent::from(shown.value().copied().and_then(day));
    let sent = match sent {
        Sent::Value(moment) => Sent::from(day(moment)),
        Sent::Empty => Sent::Empty,
        Sent::Absent => Sent::Absent,
    };
    Edit::between(&shown, sent, absence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_birthday_means_nothing() {
        let day = Date::new(Some(1980), 2, 29);
        for time in [
            "1980-02-29T00:00:00.000Z",
            "1980-02-29T08:00:00.000Z",
            "1980-02-29T11:59:00.000Z",
            "1980-02-29T12:00:00.000Z",
            "1980-02-28T23:00:00.000Z",
        ] {
            assert_eq!(from_wire(crate::date::parse(time).unwrap()), day, "{time}");
        }
        assert_eq!(to_wire(day.unwrap()), crate::date::parse("1980-02-29T00:00:00.000Z").unwrap());
    }

    #[test]
    fn a_day_without_a_year_comes_back_without_one() {
        let day = Date::new(None, 2, 29);
        assert_eq!(from_wire(to_wire(day.unwrap())), day);
    }
}
