//! VTIMEZONE components that we write: RFC 5545 section 3.6.5, the rules of one year, valid since 1970.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use content_line::{LineEnd, NewLine, Value, block, write_lines};
use vocabulary::Timestamp;

use super::rules::{Season, YearlyDate, seconds_of_new_year};
use super::{REFERENCE_YEAR, Zone};

const FIRST_YEAR: i32 = 1970;
const WEEKDAYS: [&str; 7] = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

impl Zone {
    /// The VTIMEZONE component with its rules of `year`, as lines that end in CRLF.
    #[must_use]
    pub fn vtimezone(&self, year: i32) -> String {
        String::from_utf8(write_lines(&self.vtimezone_lines(self.name(), year), LineEnd::CrLf))
            .unwrap_or_default()
    }

    pub(crate) fn vtimezone_lines(&self, tzid: &str, year: i32) -> Vec<NewLine> {
        let mut lines = block("VTIMEZONE", [NewLine::new("TZID", Value::text(tzid))]);
        let end = lines.pop();
        lines.extend(self.season_lines(year, FIRST_YEAR));
        lines.extend(end);
        lines
    }

    /// The STANDARD and DAYLIGHT parts with the rules of `year`, the first of them in `first_year`.
    fn season_lines(&self, year: i32, first_year: i32) -> Vec<NewLine> {
        let rules = self.rules(year);
        let offset = |season: &Season| -60 * (rules.bias_minutes + season.bias_minutes);
        let (winter, summer) = (offset(&rules.standard), offset(&rules.daylight));
        let since = |begins: Option<YearlyDate>| begins.and_then(|date| date.in_year(first_year));
        let (standard, daylight) = (&rules.standard, &rules.daylight);
        match (standard.begins, daylight.begins) {
            (Some(to_winter), Some(to_summer)) => {
                let mut lines = part(
                    "DAYLIGHT",
                    since(Some(to_summer)),
                    Some(to_summer),
                    (winter, summer),
                    &daylight.name,
                );
                lines.extend(part(
                    "STANDARD",
                    since(Some(to_winter)),
                    Some(to_winter),
                    (summer, winter),
                    &standard.name,
                ));
                lines
            }
            _ => part("STANDARD", None, None, (winter, winter), &standard.name),
        }
    }

    /// A calendar with all changes of the clocks since 1970, and the rules of today for those to come.
    #[must_use]
    pub fn full_calendar(&self) -> String {
        let new_year = |year| Timestamp::from_seconds(seconds_of_new_year(year));
        let range = new_year(FIRST_YEAR)..new_year(REFERENCE_YEAR);
        let first = self.offset_s_at(range.start);
        let mut lines = vec![NewLine::new("TZID", Value::text(self.name()))];
        lines.extend(part("STANDARD", None, None, (first, first), &self.name_at(range.start)));
        for change in self.transitions(&range) {
            let kind = if change.offset_to_s > change.offset_from_s { "DAYLIGHT" } else { "STANDARD" };
            let local = Zone::utc().local(change.at) + TimeDelta::seconds(change.offset_from_s.into());
            let offsets = (change.offset_from_s, change.offset_to_s);
            lines.extend(part(kind, Some(local), None, offsets, &change.name));
        }
        // Where the clocks change no more, the last change says all.
        if self.rules(REFERENCE_YEAR).daylight.begins.is_some() {
            lines.extend(self.season_lines(REFERENCE_YEAR, REFERENCE_YEAR));
        }
        let mut calendar = vec![
            NewLine::new("VERSION", Value::text("2.0")),
            NewLine::new("PRODID", Value::text(crate::author::PRODUCT)),
        ];
        calendar.extend(block("VTIMEZONE", lines));
        String::from_utf8(write_lines(&block("VCALENDAR", calendar), LineEnd::CrLf)).unwrap_or_default()
    }
}

/// One part, from its first begin on, on the clock before it.
fn part(
    kind: &str,
    first: Option<NaiveDateTime>,
    each_year: Option<YearlyDate>,
    (from_s, to_s): (i32, i32),
    name: &str,
) -> Vec<NewLine> {
    let first = first.unwrap_or_else(epoch);
    let mut lines = vec![plain("DTSTART", &first.format("%Y%m%dT%H%M%S").to_string())];
    lines.extend(each_year.map(|date| plain("RRULE", &yearly(date))));
    lines.push(plain("TZOFFSETFROM", &offset_text(from_s)));
    lines.push(plain("TZOFFSETTO", &offset_text(to_s)));
    if !name.is_empty() {
        lines.push(NewLine::new("TZNAME", Value::text(name)));
    }
    block(kind, lines)
}

fn epoch() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN)
}

fn yearly(date: YearlyDate) -> String {
    let week = if date.week >= 5 { -1 } else { i32::from(date.week) };
    let weekday = WEEKDAYS.get(usize::from(date.weekday)).unwrap_or(&"SU");
    format!("FREQ=YEARLY;BYMONTH={};BYDAY={week}{weekday}", date.month)
}

fn offset_text(offset_s: i32) -> String {
    let sign = if offset_s < 0 { '-' } else { '+' };
    let minutes = offset_s.unsigned_abs() / 60;
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}

/// A line of letters, digits and punctuation, which no value of ours leaves.
fn plain(name: &str, value: &str) -> NewLine {
    NewLine::new(name, Value::raw(value).unwrap_or_else(|_| Value::text(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Object;

    #[test]
    fn a_written_definition_is_read_as_the_same_zone() {
        for name in ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Sydney", "UTC"] {
            let zone = Zone::by_name(name).unwrap();
            let text = zone.vtimezone(2026).replace(&format!("TZID:{name}"), "TZID:Somewhere");
            let object = Object::parse(
                format!(
                    "BEGIN:VCALENDAR\r\n{text}BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Somewhere:20260101T000000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
                )
                .as_bytes(),
            )
            .unwrap();
            let read = object.zone("Somewhere").expect(name);
            assert_eq!(read.rules(2026).bias_minutes, zone.rules(2026).bias_minutes, "{name}");
            assert_eq!(read.rules(2026).daylight.begins, zone.rules(2026).daylight.begins, "{name}");
        }
    }

    #[test]
    fn the_full_definition_shows_every_hour_since_1970_as_the_database() {
        for name in ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Europe/Moscow", "Asia/Tokyo"] {
            let zone = Zone::by_name(name).unwrap();
            let text = zone.full_calendar();
            let document = content_line::Document::parse(text.as_bytes()).unwrap();
            let read = crate::read::zone_as_written(&document, 0, name).expect(name);
            for hour in 1..(2030 - 1970) * 365 * 24 / 7 {
                let at = Timestamp(hour * 7 * 3_600_000);
                assert_eq!(read.offset_s_at(at), zone.offset_s_at(at), "{name} {}", zone.local(at));
            }
        }
    }

    #[test]
    fn summer_begins_as_in_the_law() {
        let text = Zone::by_name("America/New_York").unwrap().vtimezone(2026);
        assert!(text.contains(
            "BEGIN:DAYLIGHT\r\nDTSTART:19700308T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n"
        ));
        assert!(text.contains("TZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\nEND:DAYLIGHT\r\n"));
    }
}
