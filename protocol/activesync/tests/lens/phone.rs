//! A phone of some version before one stored event: what goes over the wire really goes over it.

use activesync_wire::body::BodyPreference;
use activesync_wire::item::calendar::{Event, TimeZone, Transition};
use activesync_wire::item::{ConversionError, Destination, Selection, Supported};
use activesync_wire::{Version, convert, date};
use calendar::Zone;
use vocabulary::Timestamp;
use wbxml::page::airsync;
use wbxml::{Element, Limits, Writer, decode};

/// 2026-03-01T12:00:00Z
pub(crate) const NOW: Timestamp = Timestamp(1_772_366_400_000);
pub(crate) const OWNER: &str = "anna@a.test";
pub(crate) const UID: &str = "made-by-us";

pub(crate) fn at(text: &str) -> Timestamp {
    date::parse(text).unwrap()
}

/// One phone.
pub(crate) struct Phone {
    pub(crate) version: Version,
    pub(crate) zone: Zone,
    pub(crate) supported: Supported,
    pub(crate) preferences: &'static [BodyPreference],
}

impl Phone {
    /// In Berlin, with everything supported.
    pub(crate) fn new(version: Version) -> Self {
        let zone = Zone::by_name("Europe/Berlin").unwrap();
        Self { version, zone, supported: Supported::default(), preferences: &[] }
    }

    pub(crate) fn both() -> [Self; 2] {
        [Self::new(Version::V14_1), Self::new(Version::V16_1)]
    }

    pub(crate) fn reader(&self) -> convert::calendar::Reader<'_> {
        convert::calendar::Reader {
            version: self.version,
            zone: &self.zone,
            now: NOW,
            addresses: &[OWNER],
            name: "Anna",
            preferences: self.preferences,
        }
    }

    pub(crate) fn writer(&self) -> convert::calendar::Writer<'_> {
        convert::calendar::Writer { reader: self.reader(), supported: &self.supported, uid: UID }
    }

    /// The event as it arrives at the phone, elements that only servers send included.
    pub(crate) fn sees(&self, stored: &[u8]) -> Event {
        convert::calendar::to_wire(stored, &self.reader()).unwrap()
    }

    /// The document that goes to the phone.
    pub(crate) fn document(&self, event: &Event) -> Element {
        let mut writer = Writer::new();
        writer.open(airsync::APPLICATION_DATA);
        let selection = Selection { version: self.version, schema: None };
        event.write(selection, Destination { writer: &mut writer, parts: None });
        decode(&writer.finish(), &Limits::default()).unwrap()
    }

    /// What the phone says when it sends back all that it sees.
    pub(crate) fn repeats(&self, stored: &[u8]) -> Event {
        Event::parse(&self.document(&self.sees(stored)), self.version).unwrap()
    }

    pub(crate) fn adds(&self, event: &Event) -> Vec<u8> {
        let sent = Event::parse(&self.document(event), self.version).unwrap();
        convert::calendar::from_wire(None, &sent, &self.writer()).unwrap()
    }

    pub(crate) fn changes(&self, stored: &[u8], event: &Event) -> Vec<u8> {
        self.tries(stored, event).unwrap()
    }

    pub(crate) fn tries(&self, stored: &[u8], event: &Event) -> Result<Vec<u8>, ConversionError> {
        let sent = Event::parse(&self.document(event), self.version)?;
        convert::calendar::from_wire(Some(stored), &sent, &self.writer())
    }
}

/// Central Europe as Windows has it.
pub(crate) fn central_europe() -> TimeZone {
    let change = |month, hour| Transition { month, week: 5, hour, ..Transition::default() };
    TimeZone {
        bias: -60,
        standard_date: change(10, 3),
        daylight_date: change(3, 2),
        daylight_bias: -60,
        ..TimeZone::default()
    }
}

/// An event with these lines, CRLF at the end of each.
pub(crate) fn vevent(lines: &[&str]) -> Vec<u8> {
    object("VEVENT", &lines.join("\r\n"))
}

pub(crate) fn object(kind: &str, lines: &str) -> Vec<u8> {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:{kind}\r\nUID:u1\r\n\
         DTSTAMP:20260101T000000Z\r\n{lines}\r\nEND:{kind}\r\nEND:VCALENDAR\r\n"
    )
    .into_bytes()
}

/// The lines of an object, for what it says.
pub(crate) fn has(stored: &[u8], line: &str) -> bool {
    String::from_utf8_lossy(stored).replace("\r\n ", "").split("\r\n").any(|found| found == line)
}
