//! iCalendar and vCard as a test looks at them: lines, parts and moments (RFC 5545, RFC 6350).
//!
//! It knows the one time zone of the demo, by its rule.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Weekday};

/// The content lines, unfolded (RFC 5545 section 3.1).
pub fn lines(text: &str) -> Vec<String> {
    let unfolded = text.replace("\r\n ", "").replace("\r\n\t", "");
    assert!(unfolded.ends_with("\r\n"), "the last line has no end: {text:?}");
    unfolded.split_terminator("\r\n").map(str::to_owned).collect()
}

/// The lines of one component without those of components within.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// In order.
    pub lines: Vec<String>,
}

impl Part {
    /// The first line with a name, with its parameters.
    pub fn line(&self, name: &str) -> Option<&str> {
        let is_it = |line: &&String| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':') || rest.starts_with(';'))
        };
        self.lines.iter().find(is_it).map(String::as_str)
    }

    /// What stands behind the first colon of the first line with a name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.line(name).and_then(|line| line.split_once(':')).map(|(_, value)| value)
    }

    /// The moment of a line, as `20261123T080000Z`; a day stays `20261123`.
    pub fn moment(&self, name: &str) -> Option<String> {
        self.line(name).map(utc)
    }
}

/// The components with a name, in order.
pub fn parts(text: &str, name: &str) -> Vec<Part> {
    let (mut found, mut open): (Vec<Part>, Vec<String>) = (Vec::new(), Vec::new());
    for line in lines(text) {
        if let Some(begun) = line.strip_prefix("BEGIN:") {
            open.push(begun.to_owned());
            if begun == name {
                found.push(Part::default());
            }
        } else if let Some(ended) = line.strip_prefix("END:") {
            assert_eq!(open.pop().as_deref(), Some(ended), "{text}");
        } else if open.last().is_some_and(|inner| inner == name)
            && let Some(part) = found.last_mut()
        {
            part.lines.push(line);
        }
    }
    assert!(open.is_empty(), "{open:?} in {text}");
    found
}

/// The moment so many seconds after 1970, as `20261123T080000Z`.
pub fn moment_at(unix_s: i64) -> String {
    chrono::DateTime::from_timestamp(unix_s, 0).unwrap().format("%Y%m%dT%H%M%SZ").to_string()
}

/// The moment of a line such as `DTSTART;TZID=Europe/Berlin:20261123T090000`; a day stays a day. Fails on
/// zones that the demo has not.
pub fn utc(line: &str) -> String {
    const BERLIN: &[&str] = &["Europe/Berlin", "W. Europe Standard Time"];
    let (head, value) = line.split_once(':').unwrap_or_else(|| panic!("{line}"));
    if head.contains("VALUE=DATE") && !head.contains("VALUE=DATE-TIME") {
        assert_eq!(value.len(), 8, "{line}");
        return value.to_owned();
    }
    if value.ends_with('Z') {
        return value.to_owned();
    }
    let zone = head.split(';').find_map(|parameter| parameter.strip_prefix("TZID="));
    let zone = zone.unwrap_or_else(|| panic!("{line} is in no zone")).trim_matches('"');
    assert!(BERLIN.contains(&zone), "{line}");
    berlin_as_utc(value)
}

/// `20261123T090000` in Berlin as `20261123T080000Z`.
pub fn berlin_as_utc(local: &str) -> String {
    let local = NaiveDateTime::parse_from_str(local, "%Y%m%dT%H%M%S").unwrap();
    let summer = local - TimeDelta::hours(2);
    let moment = if is_summer(summer) { summer } else { local - TimeDelta::hours(1) };
    moment.format("%Y%m%dT%H%M%SZ").to_string()
}

/// From the last Sunday of March, 01:00 UTC, to the last of October.
fn is_summer(utc: NaiveDateTime) -> bool {
    let change = |month| {
        let last = NaiveDate::from_ymd_opt(utc.year(), month, 31).unwrap();
        let sunday = last - Days::new(last.weekday().days_since(Weekday::Sun).into());
        sunday.and_hms_opt(1, 0, 0).unwrap()
    };
    change(3) <= utc && utc < change(10)
}

/// So many days later: `20261130` and 2 give `20261202`.
pub fn day_after(day: &str, days: i64) -> String {
    let day = NaiveDate::parse_from_str(day, "%Y%m%d").unwrap();
    (day + TimeDelta::days(days)).format("%Y%m%d").to_string()
}

/// Whether a day such as `20260322` is one.
pub fn is_sunday(day: &str) -> bool {
    NaiveDate::parse_from_str(day, "%Y%m%d").unwrap().weekday() == Weekday::Sun
}

/// An object of one component, with CRLF; `inner` has its lines between UID and END, each with a line feed.
pub fn calendar(component: &str, uid: &str, inner: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//probe//EN\nBEGIN:{component}\nUID:{uid}\n\
         DTSTAMP:20260101T000000Z\n{inner}END:{component}\nEND:VCALENDAR\n"
    )
    .replace('\n', "\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn berlin_has_summer_between_its_two_sundays() {
        for (local, expected) in [
            ("20260329T013000", "20260329T003000Z"),
            ("20260329T033000", "20260329T013000Z"),
            ("20261025T013000", "20261024T233000Z"),
            ("20261025T033000", "20261025T023000Z"),
            ("20260701T120000", "20260701T100000Z"),
            ("20261231T120000", "20261231T110000Z"),
        ] {
            assert_eq!(berlin_as_utc(local), expected);
        }
    }

    #[test]
    fn parts_have_their_own_lines_only() {
        let text = calendar(
            "VEVENT",
            "u",
            "DTSTART;TZID=Europe/Berlin:20260701T120000\nSUMMARY:long\n er\nBEGIN:VALARM\nSUMMARY:x\nEND:VALARM\n",
        );
        let [event] = &parts(&text, "VEVENT")[..] else { panic!("{text}") };
        assert_eq!(event.value("SUMMARY"), Some("longer"));
        assert_eq!(event.moment("DTSTART").as_deref(), Some("20260701T100000Z"));
        assert_eq!(event.lines.iter().filter(|line| line.starts_with("SUMMARY")).count(), 1);
        assert_eq!(parts(&text, "VALARM")[0].value("SUMMARY"), Some("x"));
    }
}
