//! The two ways to write a moment: MS-ASDTYPE sections 2.3 (dateTime) and 2.7.5 (Compact DateTime).
//!
//! Mail and tasks use the first, calendars the second; never swap them. Both are UTC. Reading accepts
//! either, and any number of decimals.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use vocabulary::Timestamp;

/// 9999-12-31T23:59:59.999Z, the last moment that four digits of a year can say.
const LAST_MILLISECOND: i64 = 253_402_300_799_999;
/// 0001-01-01T00:00:00.000Z.
const FIRST_MILLISECOND: i64 = -62_135_596_800_000;

/// `2026-01-02T03:04:05.000Z` (MS-ASDTYPE R15). Moments outside the years 1 to 9999 become the nearest.
#[must_use]
pub fn date_time(moment: Timestamp) -> String {
    let at = calendar(moment);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.and_utc().timestamp_subsec_millis()
    )
}

/// `20260102T030405Z` (MS-ASDTYPE R12213). Fractions of a second are dropped.
#[must_use]
pub fn compact(moment: Timestamp) -> String {
    let at = calendar(moment);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

fn calendar(moment: Timestamp) -> NaiveDateTime {
    DateTime::from_timestamp_millis(moment.0.clamp(FIRST_MILLISECOND, LAST_MILLISECOND))
        .unwrap_or_default()
        .naive_utc()
}

/// Reads either form. `None` for anything that is not a moment of the years 1 to 9999.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z')?;
    let (date, time) = text.split_once('T')?;
    let date = if date.contains('-') {
        let mut parts = date.splitn(3, '-');
        day(parts.next()?, parts.next()?, parts.next()?)?
    } else {
        day(date.get(..4)?, date.get(4..6)?, date.get(6..)?)?
    };
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let (hour, minute, second) = if whole.contains(':') {
        let mut parts = whole.splitn(3, ':');
        (parts.next()?, parts.next()?, parts.next()?)
    } else {
        (whole.get(..2)?, whole.get(2..4)?, whole.get(4..)?)
    };
    let time = NaiveTime::from_hms_milli_opt(
        digits(hour, 2)?,
        digits(minute, 2)?,
        digits(second, 2)?,
        milliseconds(fraction)?,
    )?;
    Some(Timestamp(NaiveDateTime::new(date, time).and_utc().timestamp_millis()))
}

fn day(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let year = digits(year, 4)?;
    if year == 0 {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, digits(month, 2)?, digits(day, 2)?)
}

/// Exactly `width` decimal digits.
fn digits(text: &str, width: usize) -> Option<u32> {
    let plain = text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// The first three decimals; the rest must be digits, but counts for nothing.
fn milliseconds(fraction: &str) -> Option<u32> {
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut padded = String::from(fraction.get(..3).unwrap_or(fraction));
    while padded.len() < 3 {
        padded.push('0');
    }
    padded.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_moments_are_written_both_ways() {
        let moment = Timestamp(1_767_323_045_000);
        assert_eq!(date_time(moment), "2026-01-02T03:04:05.000Z");
        assert_eq!(compact(moment), "20260102T030405Z");
        assert_eq!(date_time(Timestamp(-1)), "1969-12-31T23:59:59.999Z");
        assert_eq!(date_time(Timestamp(i64::MAX)), "9999-12-31T23:59:59.999Z");
        assert_eq!(date_time(Timestamp(i64::MIN)), "0001-01-01T00:00:00.000Z");
    }

    #[test]
    fn both_forms_and_odd_fractions_are_read() {
        let moment = Some(Timestamp(1_767_323_045_000));
        for text in ["2026-01-02T03:04:05.000Z", "20260102T030405Z", "2026-01-02T03:04:05Z"] {
            assert_eq!(parse(text), moment, "{text}");
        }
        assert_eq!(parse("2026-01-02T03:04:05.1234567Z"), Some(Timestamp(1_767_323_045_123)));
        assert_eq!(parse("2026-01-02T03:04:05.5Z"), Some(Timestamp(1_767_323_045_500)));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "Z",
            "T",
            "TZ",
            "20260102",
            "2026-02-30T00:00:00Z",
            "2026-01-02T24:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-1-2T3:4:5Z",
            "+026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.Z",
            "２026-01-02T03:04:05Z",
            "20260102T0304é5Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_moment_survives_both_forms(millisecond in FIRST_MILLISECOND..=LAST_MILLISECOND) {
            let moment = Timestamp(millisecond);
            prop_assert_eq!(parse(&date_time(moment)), Some(moment));
            prop_assert_eq!(parse(&compact(moment)), Some(Timestamp::from_seconds(moment.seconds())));
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
