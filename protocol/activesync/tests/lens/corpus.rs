//! Objects of many clients under the hands of a phone: what it cannot express stays, line by line.

use std::fs;
use std::path::Path;

use activesync_wire::Version;
use activesync_wire::convert;
use activesync_wire::item::contact::Contact;
use activesync_wire::item::note::Note;
use activesync_wire::item::task::Task;
use activesync_wire::item::{Destination, Selection, Sent, Supported};
use calendar::{ComponentKind, Object};
use content_line::Document;
use wbxml::page::airsync;
use wbxml::{Element, Limits, Writer, decode};

use crate::phone::{NOW, Phone, UID};

/// Fewest files that the two crates below must have together.
const FILES_MIN: usize = 60;
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
fn differences(before: &[u8], after: &[u8]) -> Vec<String> {
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
    gone.into_iter().chain(come).map(|(name, _)| name).collect()
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
            let edit = activesync_wire::item::calendar::Event {
                subject: Sent::Value("Edited on the phone".into()),
                ..repeated
            };
            let edited = phone.changes(&bytes, &edit);
            only(&file, &bytes, &edited, &["SUMMARY", "DTSTAMP", "LAST-MODIFIED"]);
            assert_eq!(phone.sees(&edited).subject, Sent::Value("Edited on the phone".into()), "{file}");
        }
    }
    assert!(seen > 0, "no events");
}

#[test]
fn tasks_and_notes_keep_what_a_phone_cannot_express() {
    let phone = Phone::new(Version::V14_1);
    let reader = convert::task::Reader { version: Version::V14_1, zone: &phone.zone, preferences: &[] };
    let supported = Supported::default();
    let allowed = ["SUMMARY", "DTSTAMP", "LAST-MODIFIED"];
    let edited = || Sent::Value("Edited on the phone".to_owned());
    for (file, bytes) in files("calendar", "ics") {
        match kind(&bytes) {
            Some(ComponentKind::ToDo) => {
                let writer = convert::task::Writer { reader, supported: &supported, now: NOW, uid: UID };
                let write = |task: &Task| convert::task::from_wire(Some(&bytes), task, &writer).unwrap();
                let seen = convert::task::to_wire(&bytes, &reader).unwrap();
                let selection = Selection { version: Version::V14_1, schema: None };
                let sent = wire(|destination| seen.write(selection, destination));
                let sent = Task::parse(&sent, Version::V14_1).unwrap();
                assert!(write(&sent).task == bytes, "{file}: a change of nothing");
                only(&file, &bytes, &write(&Task { subject: edited(), ..sent }).task, &allowed);
            }
            Some(ComponentKind::Journal) => {
                let writer =
                    convert::note::Writer { version: Version::V16_1, preferences: &[], now: NOW, uid: UID };
                let write = |note: &Note| convert::note::from_wire(Some(&bytes), note, &writer).unwrap();
                let seen = convert::note::to_wire(&bytes, &[]).unwrap();
                let selection = Selection { version: Version::V16_1, schema: None };
                let sent = wire(|destination| seen.write(selection, destination));
                let sent = Note::parse(&sent, Version::V16_1).unwrap();
                assert!(write(&sent) == bytes, "{file}: a change of nothing");
                only(&file, &bytes, &write(&Note { subject: edited(), ..sent }), &allowed);
            }
            _ => {}
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
            let edit = Contact { job_title: Sent::Value("Edited on the phone".into()), ..sent };
            let edited = write(&edit);
            only(&file, &bytes, &edited, &["TITLE"]);
            let seen = convert::contact::to_wire(&edited, &reader).unwrap();
            assert_eq!(seen.job_title, edit.job_title, "{file}");
        }
    }
}
