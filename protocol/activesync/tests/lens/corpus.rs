//! Objects of many clients under the hands of a phone: what it cannot express stays, line by line.

use std::fs;
use std::path::Path;

use activesync_wire::Version;
use activesync_wire::body::BodyType;
use activesync_wire::convert;
use activesync_wire::convert::calendar::{change_instance, delete_instance};
use activesync_wire::item::calendar::{Event, Exception, Location};
use activesync_wire::item::contact::Contact;
use activesync_wire::item::note::Note;
use activesync_wire::item::task::Task;
use activesync_wire::item::{Destination, Selection, Sent, Supported};
use calendar::{ComponentKind, Object, Zone, occurrences};
use content_line::Document;
use vocabulary::Timestamp;
use wbxml::page::airsync;
use wbxml::{Element, Limits, Writer, decode};

use crate::any::{NATIVE, body, lossy};
use crate::phone::{NOW, Phone, UID, at};

/// Fewest files that the two crates below must have together.
const FILES_MIN: usize = 60;
/// The lines of a reminder that is changed, and of one that is new.
const ALARM: &[&str] = &["TRIGGER", "DTSTAMP", "LAST-MODIFIED", "BEGIN", "ACTION", "DESCRIPTION", "END"];
/// One of each family.
const VERSIONS: [Version; 2] = [Version::V14_1, Version::V16_1];

fn files(folder: &str, extension: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("tests/corpus");
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Lines that stand in one of the two only, by name.
pub(crate) fn differences(before: &[u8], after: &[u8]) -> Vec<String> {
    let (gone, come) = changes(before, after);
    gone.into_iter().chain(come).collect()
}

/// Lines that are gone and lines that have come, by name.
fn changes(before: &[u8], after: &[u8]) -> (Vec<String>, Vec<String>) {
    let lines = |bytes: &[u8]| -> Vec<(String, Vec<u8>)> {
        let document = Document::parse(bytes).unwrap();
        let named = |line: &content_line::Line<'_>| (line.name().to_ascii_uppercase(), line.raw().to_vec());
        document.lines().iter().map(named).collect()
    };
    let (mut gone, mut come) = (lines(before), lines(after));
    gone.retain(|line| match come.iter().position(|other| other == line) {
        Some(same) => {
            come.remove(same);
            false
        }
        None => true,
    });
    let names =
        |lines: Vec<(String, Vec<u8>)>| lines.into_iter().map(|(name, _)| name).collect::<Vec<String>>();
    (names(gone), names(come))
}

fn only(file: &str, before: &[u8], after: &[u8], allowed: &[&str]) {
    let strange: Vec<String> =
        differences(before, after).into_iter().filter(|name| !allowed.contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "{file}: {strange:?} changed too:\n{}", String::from_utf8_lossy(after));
}

fn kind(bytes: &[u8]) -> Option<ComponentKind> {
    Object::parse(bytes).ok().map(|object| object.kind())
}

fn wire(write: impl FnOnce(Destination<'_>)) -> Element {
    let mut document = Writer::new();
    document.open(airsync::APPLICATION_DATA);
    write(Destination { writer: &mut document, parts: None });
    decode(&document.finish(), &Limits::default()).unwrap()
}

#[test]
fn there_are_enough_files() {
    let count = files("calendar", "ics").len() + files("contact", "vcf").len();
    assert!(count >= FILES_MIN, "{count} files");
}

#[test]
fn events_keep_what_a_phone_cannot_express() {
    let mut seen = 0;
    for (file, bytes) in files("calendar", "ics") {
        if kind(&bytes) != Some(ComponentKind::Event) {
            continue;
        }
        seen += 1;
        for phone in VERSIONS.map(Phone::new) {
            let repeated = phone.repeats(&bytes);
            assert!(phone.changes(&bytes, &repeated) == bytes, "{file}: a change of nothing");
            let edit = Event { subject: Sent::Value("Edited on the phone".into()), ..repeated };
            let edited = phone.changes(&bytes, &edit);
            only(&file, &bytes, &edited, &["SUMMARY", "DTSTAMP", "LAST-MODIFIED"]);
            assert_eq!(phone.sees(&edited).subject, Sent::Value("Edited on the phone".into()), "{file}");
        }
    }
    assert!(seen > 0, "no events");
}

fn events() -> impl Iterator<Item = (String, Vec<u8>)> {
    files("calendar", "ics").into_iter().filter(|(_, bytes)| kind(bytes) == Some(ComponentKind::Event))
}

#[test]
fn a_place_is_changed_in_its_own_lines() {
    for (file, bytes) in events() {
        for phone in VERSIONS.map(Phone::new) {
            let place = Location { display_name: "Edited on the phone".into(), ..Location::default() };
            let edit = Event { location: Sent::Value(place), ..phone.repeats(&bytes) };
            let edited = phone.changes(&bytes, &edit);
            // Coordinates are those of the place before.
            only(&file, &bytes, &edited, &["LOCATION", "GEO", "DTSTAMP", "LAST-MODIFIED"]);
            assert_eq!(phone.sees(&edited).location, edit.location, "{file}");
        }
    }
}

#[test]
fn a_reminder_is_changed_in_its_own_lines() {
    for (file, bytes) in events() {
        for phone in VERSIONS.map(Phone::new) {
            let repeated = phone.repeats(&bytes);
            let had_one = repeated.reminder.value().is_some();
            let edit = Event { reminder: Sent::Value(25), ..repeated };
            let edited = phone.changes(&bytes, &edit);
            only(&file, &bytes, &edited, if had_one { &ALARM[..3] } else { ALARM });
            assert_eq!(phone.sees(&edited).reminder, Sent::Value(25), "{file}");
        }
    }
}

/// What becomes of exceptions when their series moves: series.rs, and of a series that no rule says: carrier.rs.
#[test]
fn times_are_changed_in_their_own_lines() {
    for (file, bytes) in events() {
        for phone in VERSIONS.map(Phone::new) {
            let repeated = phone.repeats(&bytes);
            if repeated.exceptions.value().is_some() {
                continue;
            }
            let by_ms = if repeated.all_day == Sent::Value(true) { 86_400_000 } else { 3_600_000 };
            let later = |at: Timestamp| Timestamp(at.0 + by_ms);
            let edit = Event {
                start_time: repeated.start_time.clone().map(later),
                end_time: repeated.end_time.clone().map(later),
                ..repeated
            };
            let edited = phone.changes(&bytes, &edit);
            let allowed = ["DTSTART", "DTEND", "DURATION", "RRULE", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED"];
            only(&file, &bytes, &edited, &allowed);
            let seen = phone.sees(&edited);
            assert_eq!((seen.start_time, seen.end_time), (edit.start_time, edit.end_time), "{file}");
        }
    }
}

/// Up to 14.1 by Exceptions, from 16.0 by InstanceId.
#[test]
fn an_occurrence_is_changed_beside_its_series() {
    let mut changed = 0;
    for (file, bytes) in events() {
        let object = Object::parse(&bytes).unwrap();
        for phone in VERSIONS.map(Phone::new) {
            let repeated = phone.repeats(&bytes);
            let (Some(_), Some(instance)) =
                (repeated.recurrence.value(), regular_occurrence(&object, &phone))
            else {
                continue;
            };
            changed += 1;
            let own = Event { subject: Sent::Value("Edited on the phone".into()), ..Event::default() };
            let (edited, deleted) = if phone.version < Version::V16_0 {
                let with = |is_deleted: bool, event: Event| {
                    let mut exceptions = repeated.exceptions.value().cloned().unwrap_or_default();
                    exceptions.push(Exception { original_start: instance, is_deleted, event });
                    let event = Event { exceptions: Sent::Value(exceptions), ..repeated.clone() };
                    phone.changes(&bytes, &event)
                };
                (with(false, own.clone()), with(true, Event::default()))
            } else {
                let sent = Event::parse_instance(&phone.document(&own), phone.version).unwrap();
                let edited = change_instance(&bytes, instance, &sent, &phone.writer()).unwrap();
                (edited, delete_instance(&bytes, instance, &phone.writer()).unwrap())
            };
            let (gone, come) = changes(&bytes, &edited);
            assert!(gone.is_empty(), "{file}: {gone:?} is gone from\n{}", String::from_utf8_lossy(&edited));
            assert!(come.contains(&"RECURRENCE-ID".to_owned()), "{file}: {come:?}");
            let seen = phone.sees(&edited);
            let is_named = |one: &&Exception| one.original_start == instance;
            let shown = seen.exceptions.value().unwrap().iter().find(is_named).unwrap();
            assert_eq!(shown.event.subject, own.subject, "{file}");

            only(&file, &bytes, &deleted, &["EXDATE", "DTSTAMP", "LAST-MODIFIED"]);
            let seen = phone.sees(&deleted);
            assert!(seen.exceptions.value().unwrap().iter().find(is_named).unwrap().is_deleted, "{file}");
        }
    }
    assert!(changed > 0, "no series");
}

/// The first that has no component of its own, as the wire names it.
fn regular_occurrence(object: &Object, phone: &Phone) -> Option<Timestamp> {
    let master = object.master()?;
    let start = object.instant(master.start.as_ref()?, &phone.zone);
    let window = start..Timestamp(start.0 + 1200 * 86_400_000);
    let found = occurrences(object, window, &phone.zone, &calendar::Limits::default()).occurrences;
    let regular = found.into_iter().find(|found| {
        object.components.get(found.component) == Some(master) && found.start == found.recurrence
    })?;
    let is_date = master.is_all_day() && phone.version >= Version::V16_0;
    let local = phone.zone.local(regular.recurrence);
    Some(if is_date { Zone::utc().instant(local) } else { regular.recurrence })
}

/// All events with a rule that ActiveSync cannot say, beside their own if they have one.
#[test]
fn series_that_no_rule_says_keep_what_they_have() {
    const RULE: &str = "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8";
    let mut seen = 0;
    for (file, bytes) in events() {
        let text = lossy(&bytes);
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let stored = text.replacen("BEGIN:VEVENT", &format!("BEGIN:VEVENT{line_end}{RULE}"), 1).into_bytes();
        let is_series = |object: &Object| object.master().is_some_and(|master| !master.rules.is_empty());
        if !is_series(&Object::parse(&stored).unwrap()) {
            continue;
        }
        seen += 1;
        for phone in VERSIONS.map(Phone::new) {
            let repeated = phone.repeats(&stored);
            assert!(repeated.recurrence.value().is_some(), "{file}");
            assert!(phone.changes(&stored, &repeated) == stored, "{file}: a change of nothing");
            let edit = Event { subject: Sent::Value("Edited on the phone".into()), ..repeated };
            let edited = phone.changes(&stored, &edit);
            only(&file, &stored, &edited, &["SUMMARY", "DTSTAMP", "LAST-MODIFIED"]);
            assert_eq!(phone.sees(&edited).subject, edit.subject, "{file}");
        }
    }
    assert!(seen > 0, "no events");
}

#[test]
fn tasks_keep_what_a_phone_cannot_express() {
    let supported = Supported::default();
    for (file, bytes) in files("calendar", "ics") {
        if kind(&bytes) != Some(ComponentKind::ToDo) {
            continue;
        }
        for phone in VERSIONS.map(Phone::new) {
            let version = phone.version;
            let reader = convert::task::Reader { version, zone: &phone.zone, preferences: &[] };
            let writer = convert::task::Writer { reader, supported: &supported, now: NOW, uid: UID };
            let write = |task: &Task| convert::task::from_wire(Some(&bytes), task, &writer).unwrap().task;
            let see = |bytes: &[u8]| convert::task::to_wire(bytes, &reader).unwrap();
            let selection = Selection { version, schema: None };
            let sent = Task::parse(&wire(|to| see(&bytes).write(selection, to)), version).unwrap();
            assert!(write(&sent) == bytes, "{file}: a change of nothing");

            let edit = Task { subject: Sent::Value("Edited on the phone".into()), ..sent.clone() };
            only(&file, &bytes, &write(&edit), &["SUMMARY", "DTSTAMP", "LAST-MODIFIED"]);

            let importance = Sent::Value(if sent.importance == Sent::Value(2) { 0 } else { 2 });
            let edit = Task { importance, ..sent.clone() };
            only(&file, &bytes, &write(&edit), &["PRIORITY", "DTSTAMP", "LAST-MODIFIED"]);

            let reminder_time = Sent::Value(at("20260502T160000Z"));
            let had_one = sent.reminder_set == Sent::Value(true);
            let edit = Task { reminder_set: Sent::Value(true), reminder_time, ..sent.clone() };
            let edited = write(&edit);
            only(&file, &bytes, &edited, if had_one { &ALARM[..3] } else { ALARM });
            assert_eq!(see(&edited).reminder_time, edit.reminder_time, "{file}");

            if sent.due_date.value().is_some() {
                let later = |at: Timestamp| Timestamp(at.0 + 86_400_000);
                let edit = Task { due_date: sent.due_date.clone().map(later), ..sent };
                let edited = write(&edit);
                // A time that floated gets the zone of the phone, and its definition.
                let (mut gone, _) = changes(&bytes, &edited);
                gone.retain(|name| !["DUE", "DURATION", "DTSTAMP", "LAST-MODIFIED"].contains(&name.as_str()));
                assert!(gone.is_empty(), "{file}: {gone:?} is gone from\n{}", lossy(&edited));
                assert_eq!(see(&edited).due_date, edit.due_date, "{file}");
            }
        }
    }
}

#[test]
fn notes_keep_what_a_phone_cannot_express() {
    for (file, bytes) in files("calendar", "ics") {
        if kind(&bytes) != Some(ComponentKind::Journal) {
            continue;
        }
        for version in VERSIONS {
            let writer = convert::note::Writer { version, preferences: NATIVE, now: NOW, uid: UID };
            let write = |note: &Note| convert::note::from_wire(Some(&bytes), note, &writer).unwrap();
            let see = |bytes: &[u8]| convert::note::to_wire(bytes, NATIVE).unwrap();
            let selection = Selection { version, schema: None };
            let sent = Note::parse(&wire(|to| see(&bytes).write(selection, to)), version).unwrap();
            assert!(write(&sent) == bytes, "{file}: a change of nothing");

            let edit = Note { subject: Sent::Value("Edited on the phone".into()), ..sent.clone() };
            only(&file, &bytes, &write(&edit), &["SUMMARY", "DTSTAMP", "LAST-MODIFIED"]);

            let edit = Note { categories: Sent::Value(vec!["Edited".into()]), ..sent.clone() };
            only(&file, &bytes, &write(&edit), &["CATEGORIES", "DTSTAMP", "LAST-MODIFIED"]);

            let edit = Note { body: Sent::Value(body(BodyType::Plain, "Edited\r\nthere")), ..sent };
            let edited = write(&edit);
            // The text in another form goes with the old one.
            only(&file, &bytes, &edited, &["DESCRIPTION", "X-ALT-DESC", "DTSTAMP", "LAST-MODIFIED"]);
            assert_eq!(see(&edited).body, edit.body, "{file}");
        }
    }
}

#[test]
fn cards_keep_what_a_phone_cannot_express() {
    for (file, bytes) in files("contact", "vcf") {
        for version in VERSIONS {
            let reader = convert::contact::Reader { version, preferences: &[] };
            let supported = Supported::default();
            let writer = convert::contact::Writer { reader, supported: &supported, uid: UID };
            let write =
                |contact: &Contact| convert::contact::from_wire(Some(&bytes), contact, &writer).unwrap();
            let seen = convert::contact::to_wire(&bytes, &reader).unwrap();
            let sent = wire(|destination| seen.write(Selection { version, schema: None }, destination));
            let sent = Contact::parse(&sent, version).unwrap();
            assert!(write(&sent) == bytes, "{file}: a change of nothing");
            type Edit = fn(&mut Contact);
            let edits: [(&[&str], Edit); 7] = [
                (&["TITLE"], |card| card.job_title = Sent::Value("Edited on the phone".into())),
                // The formatted name follows, and stands for an address where there is no name.
                (&["N", "FN"], |card| card.first_name = Sent::Value("Edited".into())),
                (&["EMAIL", "FN"], |card| card.email1 = Sent::Value("edited@a.test".into())),
                (&["TEL", "FN"], |card| card.mobile_phone = Sent::Value("+49 170 9".into())),
                (&["ADR"], |card| card.home_address.city = Sent::Value("Edited".into())),
                (&["BDAY"], |card| card.birthday = Sent::Value(Timestamp(172_800_000))),
                (&["NOTE"], |card| card.body = Sent::Value(body(BodyType::Plain, "Edited\r\nthere"))),
            ];
            for (allowed, edit) in edits {
                let (mut edited, mut wanted) = (sent.clone(), seen.clone());
                edit(&mut edited);
                edit(&mut wanted);
                let edited = write(&edited);
                only(&file, &bytes, &edited, allowed);
                let seen = convert::contact::to_wire(&edited, &reader).unwrap();
                // Without a line of its own it is the formatted name.
                wanted.file_as = seen.file_as.clone();
                assert_eq!(seen, wanted, "{file}: {allowed:?}");
            }
        }
    }
}
