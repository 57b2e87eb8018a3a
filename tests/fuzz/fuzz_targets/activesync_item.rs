//! An item of a phone over a stored object: whatever both are, the lenses give bytes or an error, and what is only
//! repeated changes no byte.
//!
//! The first byte chooses the version; a document of the length in the next two (big endian) follows, then the
//! stored object.

#![no_main]

use activesync_wire::Version;
use activesync_wire::convert;
use activesync_wire::item::calendar::Event;
use activesync_wire::item::contact::Contact;
use activesync_wire::item::note::Note;
use activesync_wire::item::task::Task;
use activesync_wire::item::{Destination, Selection, Supported};
use calendar::Zone;
use libfuzzer_sys::fuzz_target;
use vocabulary::Timestamp;
use wbxml::page::airsync;
use wbxml::{Element, Limits, Writer, decode};

const NOW: Timestamp = Timestamp(1_772_366_400_000);

fuzz_target!(|input: &[u8]| {
    let Some(([choice, high, low], rest)) = input.split_first_chunk::<3>() else { return };
    let version = Version::ALL[usize::from(*choice) % Version::ALL.len()];
    let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
    let (document, stored) = rest.split_at(length);
    let Ok(data) = decode(document, &Limits::default()) else { return };
    event(&data, stored, version);
    task(&data, stored, version);
    note(&data, stored, version);
    contact(&data, stored, version);
});

fn event(data: &Element, stored: &[u8], version: Version) {
    let zone = Zone::by_name("Europe/Berlin").unwrap_or(Zone::utc());
    let reader = convert::calendar::Reader {
        version,
        zone: &zone,
        now: NOW,
        addresses: &["a@a.test"],
        name: "A",
        preferences: &[],
    };
    let supported = Supported::default();
    let writer = convert::calendar::Writer { reader, supported: &supported, uid: "u" };
    if let Ok(sent) = Event::parse(data, version) {
        let _ = convert::calendar::from_wire(None, &sent, &writer);
        let _ = convert::calendar::from_wire(Some(stored), &sent, &writer);
        let _ = convert::calendar::change_instance(stored, NOW, &sent, &writer);
    }
    let Ok(seen) = convert::calendar::to_wire(stored, &reader) else { return };
    let mut document = Writer::new();
    document.open(airsync::APPLICATION_DATA);
    seen.write(Selection { version, schema: None }, Destination { writer: &mut document, parts: None });
    let Ok(document) = decode(&document.finish(), &Limits::default()) else { return };
    if let Ok(repeated) = Event::parse(&document, version)
        && let Ok(bytes) = convert::calendar::from_wire(Some(stored), &repeated, &writer)
    {
        assert!(bytes == stored, "what is repeated changes nothing");
    }
}

fn task(data: &Element, stored: &[u8], version: Version) {
    let zone = Zone::utc();
    let reader = convert::task::Reader { version, zone: &zone, preferences: &[] };
    let supported = Supported::default();
    let writer = convert::task::Writer { reader, supported: &supported, now: NOW, uid: "u" };
    if let Ok(sent) = Task::parse(data, version) {
        let _ = convert::task::from_wire(None, &sent, &writer);
        let _ = convert::task::from_wire(Some(stored), &sent, &writer);
    }
}

fn note(data: &Element, stored: &[u8], version: Version) {
    let writer = convert::note::Writer { version, preferences: &[], now: NOW, uid: "u" };
    if let Ok(sent) = Note::parse(data, version) {
        let _ = convert::note::from_wire(None, &sent, &writer);
        let _ = convert::note::from_wire(Some(stored), &sent, &writer);
    }
}

fn contact(data: &Element, stored: &[u8], version: Version) {
    let reader = convert::contact::Reader { version, preferences: &[] };
    let supported = Supported::default();
    let writer = convert::contact::Writer { reader, supported: &supported, uid: "u" };
    if let Ok(sent) = Contact::parse(data, version) {
        let _ = convert::contact::from_wire(None, &sent, &writer);
        let _ = convert::contact::from_wire(Some(stored), &sent, &writer);
    }
}
