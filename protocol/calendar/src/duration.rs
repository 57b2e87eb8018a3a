//! Durations: RFC 5545 section 3.3.6.

use std::fmt;

use chrono::{NaiveDateTime, TimeDelta};

/// More than all the seconds of the years 1 to 9999: no sum of two overflows.
const SECONDS_MAX: i64 = 400_000_000_000;

/// A signed span of time. Days are calendar days, which daylight saving makes 23 to 25 hours long; seconds are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Duration {
    /// Calendar days; weeks are seven of them.
    pub days: i64,
    /// Seconds beside the days, of the same sign.
    pub seconds: i64,
}

impl Duration {
    /// Reads `P1W`, `-PT15M`, `P1DT2H`; `None` for anything else. What would overflow is the longest there is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let mut duration = Self::default();
        let (mut in_time, mut number, mut parts) = (false, None, 0);
        for letter in text.strip_prefix(['P', 'p'])?.chars() {
            let (unit, in_days) = match (letter.to_ascii_uppercase(), in_time) {
                ('0'..='9', _) => {
                    let digit = i64::from(letter.to_digit(10)?);
                    number = Some(number.unwrap_or(0_i64).saturating_mul(10).saturating_add(digit));
                    continue;
                }
                ('T', false) if number.is_none() => {
                    in_time = true;
                    continue;
                }
                ('W', false) => (7, true),
                ('D', false) => (1, true),
                ('H', true) => (3_600, false),
                ('M', true) => (60, false),
                ('S', true) => (1, false),
                _ => return None,
            };
            let total = if in_days { &mut duration.days } else { &mut duration.seconds };
            *total = total.saturating_add(number.take()?.saturating_mul(unit)).min(SECONDS_MAX);
            parts += 1;
        }
        if parts == 0 || number.is_some() {
            return None;
        }
        Some(if negative { Self { days: -duration.days, seconds: -duration.seconds } } else { duration })
    }

    /// So many exact seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self { days: 0, seconds }
    }

    /// So many calendar days.
    #[must_use]
    pub const fn from_days(days: i64) -> Self {
        Self { days, seconds: 0 }
    }

    /// Its length where every day has 24 hours, in seconds.
    #[must_use]
    pub const fn nominal_s(self) -> i64 {
        self.days.saturating_mul(86_400).saturating_add(self.seconds)
    }

    /// Its days later on the same clock. The seconds must be added to the instant that this is.
    #[must_use]
    pub(crate) fn days_after(self, local: NaiveDateTime) -> Option<NaiveDateTime> {
        local.checked_add_signed(TimeDelta::try_days(self.days)?)
    }
}

/// `P1W`, `-PT15M`, `P1DT2H`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days < 0 || self.seconds < 0 {
            f.write_str("-")?;
        }
        let (days, seconds) = (self.days.unsigned_abs(), self.seconds.unsigned_abs());
        if seconds == 0 && days > 0 && days.is_multiple_of(7) {
            return write!(f, "P{}W", days / 7);
        }
        f.write_str("P")?;
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if seconds == 0 && days > 0 {
            return Ok(());
        }
        // RFC 5545 section 3.3.6: no part may be left out between two that are there.
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        f.write_str("T")?;
        if hours > 0 {
            write!(f, "{hours}H")?;
        }
        if minutes > 0 || (hours > 0 && rest > 0) {
            write!(f, "{minutes}M")?;
        }
        if rest > 0 || (hours == 0 && minutes == 0) {
            write!(f, "{rest}S")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_the_grammar_says() {
        for (duration, text) in [
            (Duration::default(), "PT0S"),
            (Duration::from_days(14), "P2W"),
            (Duration::from_days(15), "P15D"),
            (Duration::from_seconds(-900), "-PT15M"),
            (Duration { days: 1, seconds: 7_200 }, "P1DT2H"),
            (Duration::from_seconds(3_601), "PT1H0M1S"),
        ] {
            assert_eq!(duration.to_string(), text);
            assert_eq!(Duration::parse(text), Some(duration));
        }
    }

    #[test]
    fn half_durations_are_none() {
        for text in ["", "P", "PT", "P1", "1D", "PT1D", "P1H", "P1DT", "PTT1S", "P1.5D"] {
            assert_eq!(Duration::parse(text), (text == "P1DT").then_some(Duration::from_days(1)), "{text}");
        }
        assert!(Duration::parse("-P99999999999999999999W").is_some_and(|duration| duration.nominal_s() < 0));
    }
}
