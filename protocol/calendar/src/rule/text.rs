//! A rule as text: RFC 5545 section 3.3.10, RFC 7529 section 4.

use std::fmt;
use std::ops::RangeInclusive;

use chrono::Weekday;

use super::{End, Frequency, Rule, RuleDay, RuleMonth, Scale, Skip};
use crate::Moment;
use crate::term::{name_of, named};

/// Most values of one part; the longest that means anything is BYYEARDAY with 770.
pub(crate) const PART_VALUES_MAX: usize = 1_000;
/// Most parts; there are 16 that anybody knows.
const PARTS_MAX: usize = 64;

const FREQUENCIES: [(&str, Frequency); 7] = [
    ("SECONDLY", Frequency::Secondly),
    ("MINUTELY", Frequency::Minutely),
    ("HOURLY", Frequency::Hourly),
    ("DAILY", Frequency::Daily),
    ("WEEKLY", Frequency::Weekly),
    ("MONTHLY", Frequency::Monthly),
    ("YEARLY", Frequency::Yearly),
];
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];
const SKIPS: [(&str, Skip); 3] =
    [("OMIT", Skip::Omit), ("BACKWARD", Skip::Backward), ("FORWARD", Skip::Forward)];

impl Rule {
    /// Reads the value of an RRULE; `None` without a known FREQ.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts = || text.split(';').take(PARTS_MAX).filter_map(|part| part.trim().split_once('='));
        let part = |wanted: &str| parts().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let (_, frequency) = part("FREQ")?;
        let mut rule = Self::new(named(&FREQUENCIES, frequency)?);
        // RFC 7529 section 4: without RSCALE there is no SKIP and no leap month.
        if let Some((_, name)) = part("RSCALE") {
            rule.scale = Scale::by_name(name);
            rule.skip = part("SKIP").and_then(|(_, skip)| named(&SKIPS, skip)).unwrap_or_default();
        }
        for (name, value) in parts() {
            rule.read_part(&name.to_ascii_uppercase(), value.trim());
        }
        Some(rule)
    }

    fn read_part(&mut self, name: &str, value: &str) {
        match name {
            "INTERVAL" => self.interval = value.parse().unwrap_or(1).max(1),
            // RFC 5545 section 3.3.10 forbids both; a count is what remains unless it is 0.
            "COUNT" => {
                if let Some(count) = value.parse().ok().filter(|count| *count > 0) {
                    self.end = End::Count(count);
                }
            }
            "UNTIL" if self.end == End::Never => {
                self.end = Moment::parse(value, None).map_or(End::Never, End::Until);
            }
            "BYSECOND" => self.by_second = numbers(value, 0..=60),
            "BYMINUTE" => self.by_minute = numbers(value, 0..=59),
            "BYHOUR" => self.by_hour = numbers(value, 0..=23),
            "BYDAY" => self.by_day = members(value).filter_map(rule_day).collect(),
            "BYMONTHDAY" => self.by_month_day = signed(value, -31..=31),
            "BYYEARDAY" => {
                let (days, _) = self.scale.year_lengths();
                self.by_year_day = signed(value, -days..=days);
            }
            "BYWEEKNO" => {
                let (_, weeks) = self.scale.year_lengths();
                self.by_week_number = signed(value, -weeks..=weeks);
            }
            "BYMONTH" => {
                let months = members(value).filter_map(RuleMonth::parse);
                self.by_month = months.filter(|month| self.scale.has_month(*month)).collect();
            }
            "BYSETPOS" => self.by_position = signed(value, i32::MIN..=i32::MAX),
            "WKST" => self.week_start = named(&WEEKDAYS, value).unwrap_or(Weekday::Mon),
            _ => {}
        }
    }
}

fn members(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').take(PART_VALUES_MAX).map(str::trim)
}

fn numbers<N: std::str::FromStr + PartialOrd>(value: &str, range: RangeInclusive<N>) -> Vec<N> {
    members(value).filter_map(|member| member.parse().ok()).filter(|number| range.contains(number)).collect()
}

fn signed<N: std::str::FromStr + PartialOrd + Default>(value: &str, range: RangeInclusive<N>) -> Vec<N> {
    let mut numbers = numbers(value, range);
    numbers.retain(|number| *number != N::default());
    numbers
}

fn rule_day(text: &str) -> Option<RuleDay> {
    let (ordinal, weekday) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let ordinal: i16 =
        if ordinal.is_empty() { 0 } else { ordinal.parse().ok().filter(|ordinal| *ordinal != 0)? };
    Some(RuleDay { ordinal, weekday: named(&WEEKDAYS, weekday)? })
        .filter(|day| day.ordinal.unsigned_abs() <= 53)
}

/// The value of an RRULE, its parts in the order of the grammar, between RSCALE and SKIP.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale != Scale::Gregorian || self.skip != Skip::Omit {
            write!(f, "RSCALE={};", self.scale.name())?;
        }
        write!(f, "FREQ={}", name_of(&FREQUENCIES, &self.frequency))?;
        match &self.end {
            End::Never => {}
            End::Count(count) => write!(f, ";COUNT={count}")?,
            End::Until(moment) => write!(f, ";UNTIL={moment}")?,
        }
        if self.interval > 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        part(f, "BYSECOND", &self.by_second)?;
        part(f, "BYMINUTE", &self.by_minute)?;
        part(f, "BYHOUR", &self.by_hour)?;
        part(f, "BYDAY", &self.by_day)?;
        part(f, "BYMONTHDAY", &self.by_month_day)?;
        part(f, "BYYEARDAY", &self.by_year_day)?;
        part(f, "BYWEEKNO", &self.by_week_number)?;
        part(f, "BYMONTH", &self.by_month)?;
        part(f, "BYSETPOS", &self.by_position)?;
        if self.week_start != Weekday::Mon {
            write!(f, ";WKST={}", name_of(&WEEKDAYS, &self.week_start))?;
        }
        if self.skip != Skip::Omit {
            write!(f, ";SKIP={}", name_of(&SKIPS, &self.skip))?;
        }
        Ok(())
    }
}

impl fmt::Display for RuleDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ordinal != 0 {
            write!(f, "{}", self.ordinal)?;
        }
        f.write_str(name_of(&WEEKDAYS, &self.weekday))
    }
}

fn part<T: fmt::Display>(f: &mut fmt::Formatter<'_>, name: &str, values: &[T]) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        match index {
            0 => write!(f, ";{name}={value}")?,
            _ => write!(f, ",{value}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for text in [
            "FREQ=DAILY",
            "FREQ=WEEKLY;COUNT=10;INTERVAL=2;BYDAY=TU,TH;WKST=SU",
            "FREQ=YEARLY;UNTIL=20300101T000000Z;BYDAY=-1SU,2MO;BYMONTH=3",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "FREQ=YEARLY;BYMONTHDAY=-1,31;BYYEARDAY=-366,1;BYWEEKNO=-53,20",
            "FREQ=SECONDLY;UNTIL=20300101;BYSECOND=0,60;BYMINUTE=1;BYHOUR=23",
            "FREQ=DAILY;INTERVAL=4294967295",
            "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=5,5L,12L",
            "RSCALE=HEBREW;FREQ=YEARLY;BYMONTHDAY=8;BYYEARDAY=-385,385;BYWEEKNO=55;BYMONTH=5L;SKIP=FORWARD",
            "RSCALE=ETHIOPIC;FREQ=MONTHLY;BYMONTH=13",
            "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD",
            "RSCALE=RUSSIAN;FREQ=YEARLY;BYMONTH=13L;SKIP=FORWARD",
        ] {
            assert_eq!(Rule::parse(text).expect(text).to_string(), text);
        }
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        for (text, kept) in [
            ("freq=daily;interval=0;count=0", Some("FREQ=DAILY")),
            ("BYDAY=MO,0TU,54WE,XX,é,1;FREQ=WEEKLY", Some("FREQ=WEEKLY;BYDAY=MO")),
            ("FREQ=MONTHLY;BYMONTHDAY=0,32,-129,15", Some("FREQ=MONTHLY;BYMONTHDAY=15")),
            ("FREQ=DAILY;UNTIL=someday;X-PART=1;;=", Some("FREQ=DAILY")),
            ("FREQ=DAILY;COUNT=3;UNTIL=20300101", Some("FREQ=DAILY;COUNT=3")),
            ("FREQ=YEARLY;BYMONTH=5L,13,6;SKIP=FORWARD", Some("FREQ=YEARLY;BYMONTH=6")),
            ("FREQ=YEARLY;BYMONTH=13,4;RSCALE=gregory;SKIP=omit", Some("FREQ=YEARLY;BYMONTH=4")),
            (
                "skip=forward;freq=yearly;bymonth=4L,5l,13;rscale=hebrew",
                Some("RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;SKIP=FORWARD"),
            ),
            ("RSCALE=islamicc;FREQ=YEARLY;BYYEARDAY=367", Some("RSCALE=ISLAMIC-CIVIL;FREQ=YEARLY")),
            ("FREQ=FORTNIGHTLY", None),
            ("INTERVAL=2", None),
            ("", None),
        ] {
            assert_eq!(Rule::parse(text).map(|rule| rule.to_string()).as_deref(), kept, "{text}");
        }
        let many = format!("FREQ=DAILY;BYSETPOS={}", vec!["1"; PART_VALUES_MAX + 1].join(","));
        assert_eq!(Rule::parse(&many).unwrap().by_position.len(), PART_VALUES_MAX);
    }
}
