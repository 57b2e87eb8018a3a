//! Calendar, contacts, tasks and notes through two doors at once: the phone's and the calendar app's.
//!
//! Each test is one claim with two witnesses, on both databases. What a client asks for is looked at right
//! after the other door has answered; what it is told without asking is measured.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says why")]

mod contacts;
mod convergence;
mod delegation;
mod events;
mod tasks;
mod told;

use std::time::Duration;

use blackbox::{Account, Dav, Demo, Element, Items, Phone, berlin, calendar, lines, texts, unique};

const SOON: Duration = Duration::from_secs(1);
const HEARTBEAT_S: u32 = 120;
const VERSIONS: [&str; 2] = ["14.1", "16.1"];
const VEVENT: Option<&str> = Some("VEVENT");

fn phone_of(demo: &Demo, account: &Account, version: &str) -> Phone {
    let mut phone = demo.phone(account, version);
    phone.provision();
    phone
}

/// Anna's phone and her calendar app.
fn annas(demo: &Demo, version: &str) -> (Phone, Dav) {
    let (anna, _) = demo.colleagues();
    (phone_of(demo, &anna, version), demo.dav(&anna))
}

/// What a phone sends of an event of an hour in Berlin; MS-ASCAL section 2.2.2: what 16.x takes no more.
fn event_of_phone(version: &str, subject: &str, start: &str, end: &str) -> Vec<Element> {
    let mut data = texts("Calendar", &[("Timezone", &berlin()), ("AllDayEvent", "0"), ("BusyStatus", "2")]);
    if version < "16" {
        data.extend(texts(
            "Calendar",
            &[("DtStamp", "20260101T000000Z"), ("UID", &format!("uid-{subject}"))],
        ));
    } else {
        data.extend(texts("Calendar", &[("ClientUid", &format!("uid-{subject}"))]));
    }
    let rest = [
        ("StartTime", start),
        ("EndTime", end),
        ("Subject", subject),
        ("Sensitivity", "0"),
        ("Reminder", "15"),
        ("MeetingStatus", "0"),
    ];
    data.extend(texts("Calendar", &rest));
    data
}

/// An event as a calendar app makes it, with what only it understands.
fn event_of_app(subject: &str, more: &str) -> String {
    calendar(
        "VEVENT",
        subject,
        &format!(
            "DTSTART;TZID=Europe/Berlin:20270315T090000\nDTEND;TZID=Europe/Berlin:20270315T100000\n\
             SUMMARY:{subject}\nLOCATION:Werkstatt\nDESCRIPTION:Line one\\nline two\nX-PROBE;X-P=\"a;b\":1,2\n{more}\
             BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER:-PT30M\nX-PROBE-ALARM:kept\nEND:VALARM\n"
        ),
    )
}

fn add(phone: &Phone, items: &mut Items, data: Vec<Element>) -> String {
    let id = phone.sync_items_once(items, &[Element::add_item(&Phone::client_id(), data.clone())]).added_as();
    items.items.insert(id.clone(), Element::holding("AirSync:ApplicationData", data));
    id
}

/// A change that succeeds: MS-ASCMD has no response for it, or one with status 1.
fn change(phone: &Phone, items: &mut Items, command: Element) {
    let delta = phone.sync_items_once(items, &[command]);
    let failed: Vec<_> =
        delta.responses.iter().filter(|one| one.get("Status").as_deref() != Some("1")).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// The lines that are in one text only, without those that every change touches (RFC 5545 section 3.8.7,
/// RFC 6350 section 6.7.4).
fn differing(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    const STAMPS: &[&str] = &["DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "REV"];
    let (before, after) = (lines(before), lines(after));
    let only = |one: &[String], other: &[String]| -> Vec<String> {
        let mut rest = other.to_vec();
        let mut only = Vec::new();
        for line in one {
            match rest.iter().position(|known| known == line) {
                Some(at) => drop(rest.remove(at)),
                None => only.push(line.clone()),
            }
        }
        only.retain(|line| !STAMPS.iter().any(|stamp| line.starts_with(stamp)));
        only
    };
    (only(&before, &after), only(&after, &before))
}

/// A calendar of the owner's that the other may use, with one event; its address and its name.
fn shared(demo: &Demo, owner: &Account, to: &Account, rights: &str) -> (String, String) {
    let (app, name) = (demo.dav(owner), unique());
    let target = format!("{}{name}/", app.homes().calendars);
    app.make_calendar(&target, &name, "VEVENT").is(201);
    app.put(&format!("{target}{name}.ics"), &event_of_app(&name, "")).is(201);
    grant(demo, owner, &name, to, rights);
    (target, name)
}

/// The phone's folder of that name, with everything in it; shared ones may name their owner too.
fn folder_with(phone: &Phone, name: &str) -> Items {
    let folders = phone.hierarchy("0").added;
    let folder = folders.iter().find(|folder| folder.name.contains(name));
    let mut items = Items::of(folder.unwrap_or_else(|| panic!("{name} is not in {folders:?}")).clone());
    phone.sync_items(&mut items);
    items
}

fn grant(demo: &Demo, owner: &Account, folder: &str, to: &Account, rights: &str) {
    demo.admin(&["grant", "set", &owner.address, folder, &to.address, rights]);
}
