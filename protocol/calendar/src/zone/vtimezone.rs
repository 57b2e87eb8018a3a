//! VTIMEZONE components that we write: RFC 5545 section 3.6.5, the rules of one year, valid since 1970.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use content_line::{LineEnd, NewLine, Value, block, write_lines};

use super::Zone;
use super::rules::{Season, YearlyDate};

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
        let rules = self.rules(year);
        let offset = |season: &Season| -60 * (rules.bias_minutes + season.bias_minutes);
        let (winter, summer) = (offset(&rules.standard), offset(&rules.daylight));
        let mut lines = block("VTIMEZONE", [NewLine::new("TZID", Value::text(tzid))]);
        let end = lines.pop();
        match (rules.standard.begins, rules.daylight.begins) {
            (Some(to_winter), Some(to_summer)) => {
                lines.extend(season_lines("DAYLIGHT", &rules.daylight, Some(to_summer), winter, summer));
                lines.extend(season_lines("STANDARD", &rules.standard, Some(to_winter), summer, winter));
            }
            _ => lines.extend(season_lines("STANDARD", &rules.standard, None, winter, winter)),
        }
        lines.extend(end);
        lines
    }
}

fn season_lines(
    kind: &str,
    season: &Season,
    begins: Option<YearlyDate>,
    from_s: i32,
    to_s: i32,
) -> Vec<NewLine> {
    let first = begins.and_then(|date| date.in_year(FIRST_YEAR)).unwrap_or_else(epoch);
    let mut lines = vec![plain("DTSTART", &first.format("%Y%m%dT%H%M%S").to_string())];
    lines.extend(begins.map(|date| plain("RRULE", &yearly(date))));
    lines.push(plain("TZOFFSETFROM", &offset_text(from_s)));
    lines.push(plain("TZOFFSETTO", &offset_text(to_s)));
    if !season.name.is_empty() {
        lines.push(NewLine::new("TZNAME", Value::text(&season.name)));
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
    fn summer_begins_as_in_the_law() {
        let text = Zone::by_name("America/New_York").unwrap().vtimezone(2026);
        assert!(text.contains(
            "BEGIN:DAYLIGHT\r\nDTSTART:19700308T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n"
        ));
        assert!(text.contains("TZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\nEND:DAYLIGHT\r\n"));
    }
}
