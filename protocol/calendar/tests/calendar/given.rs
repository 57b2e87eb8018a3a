//! Objects and times that the tests are given.

use calendar::{Limits, Moment, Object, Zone, occurrences};
use vocabulary::Timestamp;

/// An object with one event of these lines.
pub(crate) fn event(lines: &str) -> String {
    component("VEVENT", lines)
}

pub(crate) fn component(name: &str, lines: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//EN\nBEGIN:{name}\nUID:1\n{lines}\nEND:{name}\nEND:VCALENDAR\n")
        .replace('\n', "\r\n")
}

pub(crate) fn parse(text: &str) -> Object {
    Object::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub(crate) fn zone(name: &str) -> Zone {
    Zone::by_name(name).expect(name)
}

/// A time of UTC such as `20260102T030405`.
pub(crate) fn utc(text: &str) -> Timestamp {
    Zone::utc().instant(Moment::parse(text, None).expect(text).local())
}

/// The starts of all occurrences in a window, as the clocks of `clocks` show them.
pub(crate) fn starts(object: &Object, from: &str, to: &str, clocks: &Zone) -> Vec<String> {
    let expansion = occurrences(object, utc(from)..utc(to), clocks, &Limits::default());
    assert!(!expansion.truncated, "a limit ended the search");
    expansion
        .occurrences
        .iter()
        .map(|occurrence| clocks.local(occurrence.start).format("%Y%m%dT%H%M%S").to_string())
        .collect()
}
