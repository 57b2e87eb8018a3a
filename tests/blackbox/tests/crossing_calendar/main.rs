//! Calendar, contacts, tasks and notes through two doors at once: the phone's and the calendar app's.
//!
//! Each test is one claim with two witnesses, on both databases. What a client asks for is looked at right
//! after the other door has answered; what it is told without asking is measured.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says why")]

mod contacts;
mod convergence;
mod delegation;
mod events;
mod shares;
mod tasks;
mod told;

use std::time::Duration;

use blackbox::{Account, Dav, Demo, Element, Homes, Items, Phone, berlin, calendar, lines, texts, unique};

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

/// What can be given to others at both doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Calendar,
    Contacts,
    Tasks,
}

const KINDS: [Kind; 3] = [Kind::Calendar, Kind::Contacts, Kind::Tasks];

impl Kind {
    /// MS-ASCMD `Type` of a folder that does not come with the account (section 2.2.3.186.3).
    fn folder_type(self) -> u32 {
        match self {
            Self::Calendar => 13,
            Self::Contacts => 14,
            Self::Tasks => 15,
        }
    }

    /// Where the phone's elements are from.
    fn page(self) -> &'static str {
        match self {
            Self::Calendar => "Calendar",
            Self::Contacts => "Contacts",
            Self::Tasks => "Tasks",
        }
    }

    /// The phone's element that has the name of an object.
    fn title(self) -> &'static str {
        if self == Self::Contacts { "LastName" } else { "Subject" }
    }

    /// What `supported-calendar-component-set` has; address books have none.
    fn component(self) -> Option<&'static str> {
        match self {
            Self::Calendar => VEVENT,
            Self::Contacts => None,
            Self::Tasks => Some("VTODO"),
        }
    }

    fn home(self, homes: &Homes) -> &str {
        if self == Self::Contacts { &homes.contacts } else { &homes.calendars }
    }

    /// Makes an empty one of that name; its address.
    fn make(self, app: &Dav, name: &str) -> String {
        let target = format!("{}{name}/", self.home(&app.homes()));
        match self.component() {
            Some(component) => app.make_calendar(&target, name, component).is(201),
            None => {
                // RFC 5689 section 3.
                let set = format!(
                    "<D:set><D:prop><D:resourcetype><D:collection/><A:addressbook/></D:resourcetype>\
                     <D:displayname>{name}</D:displayname></D:prop></D:set>"
                );
                app.ask_xml("MKCOL", &target, "0", "D:mkcol", &set).is(201)
            }
        };
        target
    }

    /// The address of the object of that name in it.
    fn href(self, target: &str, name: &str) -> String {
        format!("{target}{name}.{}", if self == Self::Contacts { "vcf" } else { "ics" })
    }

    /// An object of that name.
    fn object(self, name: &str) -> String {
        match self {
            Self::Calendar => event_of_app(name, ""),
            Self::Contacts => {
                format!(
                    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nFN:{name}\r\nN:{name};;;;\r\nEND:VCARD\r\n"
                )
            }
            Self::Tasks => calendar("VTODO", name, &format!("SUMMARY:{name}\nSTATUS:NEEDS-ACTION\n")),
        }
    }

    /// What stands in an object of that name only, and is all that an edit of its name must change.
    fn named(self, name: &str) -> String {
        match self {
            Self::Contacts => format!("\r\nN:{name};"),
            Self::Calendar | Self::Tasks => format!("\r\nSUMMARY:{name}\r\n"),
        }
    }

    /// What a phone sends of an object of that name.
    fn of_phone(self, version: &str, name: &str) -> Vec<Element> {
        match self {
            Self::Calendar => event_of_phone(version, name, "20270601T080000Z", "20270601T090000Z"),
            Self::Contacts => texts("Contacts", &[("LastName", name), ("FileAs", name)]),
            Self::Tasks => {
                let rest = [("Complete", "0"), ("Sensitivity", "0"), ("ReminderSet", "0")];
                let mut data = texts("Tasks", &[("Subject", name), ("Importance", "1")]);
                data.extend(texts("Tasks", &rest));
                data
            }
        }
    }
}

/// A collection of the owner's that the other may use, with one object; its address and its name, which is
/// the object's too.
fn shared(demo: &Demo, owner: &Account, to: &Account, kind: Kind, rights: &str) -> (String, String) {
    let (app, name) = (demo.dav(owner), unique());
    let target = kind.make(&app, &name);
    app.put(&kind.href(&target, &name), &kind.object(&name)).is(201);
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
