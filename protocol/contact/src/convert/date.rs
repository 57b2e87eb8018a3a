//! Dates and moments: RFC 6350 section 4.3, RFC 2426 sections 3.1.5 and 3.6.4.

use super::entry::Entry;
use crate::Date;
use crate::date::{OMIT_YEAR, Spelling};

/// The year that stands for none.
const NO_YEAR: &str = "1604";
const DATE_TYPES: &[&str] = &["date", "date-time", "date-and-or-time", "timestamp"];

/// A date as version 4.0 has it. What is none is a text there.
pub(super) fn to_4(entry: &mut Entry) {
    entry.take(OMIT_YEAR);
    let text = entry.text();
    if let Some((date, time)) = parse(&text) {
        drop_date_types(entry);
        entry.value = date.to_string();
        if let Some(time) = time {
            entry.value.push('T');
            entry.value.push_str(&time.basic());
        }
    } else if is_part_of_a_date(text.trim()) {
        drop_date_types(entry);
    } else if !text.is_empty() {
        entry.set("VALUE", &["text"]);
    }
}

/// A date as Apple's programs read it: with a year, if only the one that means nothing. What has no day stays as
/// it is.
pub(super) fn to_3(entry: &mut Entry) {
    if entry.is_of_type("text") {
        return;
    }
    drop_date_types(entry);
    let Some((date, time)) = parse(&entry.text()) else { return };
    entry.value = date.with_a_year(Spelling::Extended);
    if date.year().is_none() {
        entry.set(OMIT_YEAR, &[NO_YEAR]);
    }
    if let Some(time) = time {
        entry.set("VALUE", &["date-time"]);
        entry.value.push('T');
        entry.value.push_str(&time.extended());
    }
}

/// A moment as version 4.0 has it, where it has always a time: RFC 6350 section 6.7.4.
pub(super) fn moment_to_4(entry: &mut Entry) {
    drop_date_types(entry);
    if let Some((date, time)) = parse(&entry.text()).filter(|(date, _)| date.year().is_some()) {
        let time = time.map_or_else(|| "000000Z".to_owned(), |time| time.basic());
        entry.value = format!("{date}T{time}");
    }
}

/// A moment as Apple's programs write it.
pub(super) fn moment_to_3(entry: &mut Entry) {
    drop_date_types(entry);
    if let Some((date, Some(time))) = parse(&entry.text()).filter(|(date, _)| date.year().is_some()) {
        entry.value = format!("{}T{}", date.with_a_year(Spelling::Extended), time.extended());
    }
}

fn drop_date_types(entry: &mut Entry) {
    if DATE_TYPES.iter().any(|known| entry.is_of_type(known)) {
        entry.take("VALUE");
    }
}

/// Only version 4.0 knows a date without its day: RFC 6350 section 4.3.1.
fn is_part_of_a_date(text: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    match text.strip_prefix("---").or_else(|| text.strip_prefix("--")) {
        Some(rest) => digits(rest, 2),
        None => match text.split_once('-') {
            Some((year, month)) => digits(year, 4) && digits(month, 2),
            None => digits(text, 4),
        },
    }
}

/// The time of a day, without fractions of a second.
struct Time {
    /// `hh`, `hhmm` or `hhmmss`
    clock: String,
    /// Nothing, `Z`, `+hh` or `+hhmm`
    zone: String,
}

/// A whole date, perhaps with a time.
fn parse(text: &str) -> Option<(Date, Option<Time>)> {
    let text = text.trim();
    let date = Date::parse(text)?;
    match text.split_once(['T', 't', ' ']) {
        None => Some((date, None)),
        Some((_, time)) => Some((date, Some(Time::parse(time.trim())?))),
    }
}

impl Time {
    fn parse(text: &str) -> Option<Self> {
        let zone_at = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
        let (clock, zone) = text.split_at(zone_at);
        let clock = clock.split(['.', ',']).next().unwrap_or_default().replace(':', "");
        let zone = zone.replace(':', "").to_ascii_uppercase();
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let offset = zone.strip_prefix(['+', '-']);
        let zone_is_sound = match offset {
            Some(offset) => is_number(offset) && matches!(offset.len(), 2 | 4),
            None => matches!(zone.as_str(), "" | "Z"),
        };
        let is_sound = is_number(&clock) && matches!(clock.len(), 2 | 4 | 6) && zone_is_sound;
        is_sound.then_some(Self { clock, zone })
    }

    fn basic(&self) -> String {
        format!("{}{}", self.clock, self.zone)
    }

    fn extended(&self) -> String {
        format!("{}{}", with_colons(&self.clock), with_colons(&self.zone))
    }
}

/// Pairs of digits with colons between them, after a sign if there is one.
fn with_colons(text: &str) -> String {
    let (sign, digits) = text.split_at(text.bytes().take_while(|byte| !byte.is_ascii_digit()).count());
    let pairs: Vec<&str> = (0..digits.len()).step_by(2).filter_map(|at| digits.get(at..at + 2)).collect();
    format!("{sign}{}", pairs.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(value: &str, parameter: Option<(&str, &str)>, convert: fn(&mut Entry)) -> String {
        let mut entry = Entry::new("BDAY", value);
        if let Some((name, said)) = parameter {
            entry.set(name, &[said]);
        }
        convert(&mut entry);
        let line = content_line::write_lines([&entry.line()], content_line::LineEnd::Lf);
        String::from_utf8(line).unwrap().trim_end().to_owned()
    }

    // RFC 6350 section 4.3, RFC 2426 section 3.1.5.
    #[test]
    fn dates_there_and_back() {
        for (three, parameter, four, back) in [
            ("1985-04-12", None, "BDAY:19850412", "BDAY:1985-04-12"),
            ("19850412", Some(("VALUE", "date")), "BDAY:19850412", "BDAY:1985-04-12"),
            (
                "1604-02-29",
                Some((OMIT_YEAR, "1604")),
                "BDAY:--0229",
                "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29",
            ),
            ("--0412", None, "BDAY:--0412", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12"),
            ("1991-03-21T00:00:00", None, "BDAY:19910321T000000", "BDAY;VALUE=date-time:1991-03-21T00:00:00"),
            (
                "1996-10-22T14:00:00.000-05:00",
                Some(("VALUE", "DATE-TIME")),
                "BDAY:19961022T140000-0500",
                "BDAY;VALUE=date-time:1996-10-22T14:00:00-05:00",
            ),
            ("1985", None, "BDAY:1985", "BDAY:1985"),
            ("1985-04", None, "BDAY:1985-04", "BDAY:1985-04"),
            ("--04", None, "BDAY:--04", "BDAY:--04"),
            ("---12", None, "BDAY:---12", "BDAY:---12"),
            ("circa 1800", None, "BDAY;VALUE=text:circa 1800", "BDAY;VALUE=text:circa 1800"),
            ("1985-04-12Tnoon", None, "BDAY;VALUE=text:1985-04-12Tnoon", "BDAY;VALUE=text:1985-04-12Tnoon"),
            ("", None, "BDAY:", "BDAY:"),
        ] {
            assert_eq!(converted(three, parameter, to_4), four);
            let (head, value) = four.split_once(':').unwrap();
            let parameter = head.split_once(';').and_then(|(_, rest)| rest.split_once('='));
            assert_eq!(converted(value, parameter, to_3), back, "{four}");
        }
    }

    #[test]
    fn moments_there_and_back() {
        for (three, four, back) in [
            ("2026-01-02T00:00:00Z", "BDAY:20260102T000000Z", "BDAY:2026-01-02T00:00:00Z"),
            ("20260110T101010Z", "BDAY:20260110T101010Z", "BDAY:2026-01-10T10:10:10Z"),
            ("1995-10-31", "BDAY:19951031T000000Z", "BDAY:1995-10-31T00:00:00Z"),
            ("2026-03-03T03:03:03Z(12)", "BDAY:2026-03-03T03:03:03Z(12)", "BDAY:2026-03-03T03:03:03Z(12)"),
        ] {
            assert_eq!(converted(three, None, moment_to_4), four);
            let value = four.split_once(':').unwrap().1;
            assert_eq!(converted(value, None, moment_to_3), back);
        }
    }
}
