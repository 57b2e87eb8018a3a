//! Meetings through every door at once: made here, answered there, moved by somebody else, called off. Each party's
//! calendar objects, schedule inbox and mails are counted: nobody is told twice, and nobody is left out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says why")]

mod by_mail;
mod journeys;
mod people;

use blackbox::{Account, Dav, Demo, Element, Items, Phone, calendar, kind, lines, texts};

const VERSIONS: [&str; 2] = ["14.1", "16.1"];
const VEVENT: Option<&str> = Some("VEVENT");
/// MS-ASCMD `Type` of the Inbox.
const INBOX: u32 = 2;

/// Objects in the calendar, messages in the schedule inbox, mails in the Inbox.
type Counts = (usize, usize, usize);

/// Somebody, and what there is at each door about one meeting, which has a subject that no other has.
struct Party {
    account: Account,
    app: Dav,
    calendar: String,
    inbox: String,
}

impl Party {
    fn of(demo: &Demo, account: &Account) -> Self {
        let app = demo.dav(account);
        let calendar = app.own(VEVENT);
        let inbox = app.property(&app.homes().principal, "C:schedule-inbox-URL");
        let inbox = inbox.get("D:href").unwrap().to_owned();
        Self { account: account.clone(), app, calendar, inbox }
    }

    fn address(&self) -> &str {
        &self.account.address
    }

    fn phone(&self, demo: &Demo, version: &str) -> Phone {
        let mut phone = demo.phone(&self.account, version);
        phone.provision();
        phone
    }

    /// The path and the text of the only object about it.
    fn copy(&self, subject: &str) -> (String, String) {
        let (path, text) = self.app.object_with(&self.calendar, &format!("SUMMARY:{subject}"));
        (path, unfolded(&text))
    }

    fn counts(&self, demo: &Demo, subject: &str) -> Counts {
        let about =
            |all: Vec<(String, String)>| all.iter().filter(|(_, text)| text.contains(subject)).count();
        let objects = about(self.app.objects(&self.calendar));
        let messages = about(self.app.objects(&self.inbox));
        (objects, messages, self.mails(demo, subject).len())
    }

    /// The mails about it, in the order in which they came.
    fn mails(&self, demo: &Demo, subject: &str) -> Vec<String> {
        let mut imap = demo.imap(&self.account);
        imap.select("INBOX");
        let found = imap.uids_of(subject);
        let mail = |uid| String::from_utf8(imap.body_of(uid)).unwrap();
        found.into_iter().map(mail).collect()
    }

    /// Answers in the calendar program: the line of its own changes, as do the stamps, and the rest goes back as it
    /// came, with what only the program itself understands. RFC 6638 section 3.2.2.
    fn answers(&self, subject: &str, participation: &str, own_lines: &str) {
        let (path, text) = self.copy(subject);
        let tag = self.app.get(&path).is(200).header("schedule-tag").unwrap().to_owned();
        let old = attendee(&text, self.address());
        let (head, rest) = old.split_once("PARTSTAT=").unwrap();
        let end = rest.find([';', ':']).unwrap();
        let new = format!("{head}PARTSTAT={participation}{}", &rest[end..]);
        let text = text.replace(&old, &new).replace("END:VEVENT", &format!("{own_lines}END:VEVENT"));
        self.app.put_if(&path, &text, &[("If-Schedule-Tag-Match", &tag)]).is(204);
    }

    /// How each of them stands in its copy.
    fn standing<const N: usize>(&self, subject: &str, people: [&Self; N]) -> [String; N] {
        let (_, text) = self.copy(subject);
        people.map(|one| {
            let line = attendee(&text, one.address());
            let (_, rest) = line.split_once("PARTSTAT=").unwrap_or(("", "NEEDS-ACTION:"));
            rest.split([';', ':']).next().unwrap().to_owned()
        })
    }
}

/// Anna, Ben and David of the shop, and Nora, its neighbour.
fn parties(demo: &Demo) -> [Party; 4] {
    let (anna, ben) = demo.colleagues();
    let others: Vec<Account> = demo
        .accounts()
        .into_iter()
        .filter(|one| one.kind == "exchange" && ![&anna.address, &ben.address].contains(&&one.address))
        .collect();
    let [david, nora] = &others[..] else { panic!("{others:?}") };
    [&anna, &ben, david, nora].map(|account| Party::of(demo, account))
}

fn unfolded(text: &str) -> String {
    lines(text).into_iter().map(|line| format!("{line}\r\n")).collect()
}

/// The line of an attendee of an unfolded object.
fn attendee(text: &str, address: &str) -> String {
    let end = format!(":mailto:{address}");
    let found = text.lines().find(|line| line.starts_with("ATTENDEE") && line.ends_with(&end));
    found.unwrap_or_else(|| panic!("no {address} in {text}")).to_owned()
}

/// A meeting as a calendar program makes it: nine to ten of a day in March 2027.
fn meeting(subject: &str, day: &str, organizer: &str, guests: &[&str]) -> String {
    let mut people = format!("ORGANIZER:mailto:{organizer}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}\n");
    for guest in guests {
        people.push_str(&format!("ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{guest}\n"));
    }
    let when = format!("DTSTART:{day}T090000Z\nDTEND:{day}T100000Z\nSUMMARY:{subject}\n");
    calendar("VEVENT", subject, &format!("{when}{people}"))
}

/// The same as a phone makes it.
fn meeting_of_phone(version: &str, subject: &str, day: &str, guests: &[&str]) -> Vec<Element> {
    let name = if version < "16" { "UID" } else { "ClientUid" };
    let mut data = texts(
        "Calendar",
        &[
            (name, subject),
            ("StartTime", &format!("{day}T090000Z")),
            ("EndTime", &format!("{day}T100000Z")),
            ("Subject", subject),
            ("AllDayEvent", "0"),
            ("BusyStatus", "2"),
            ("Sensitivity", "0"),
            ("MeetingStatus", "1"),
        ],
    );
    let guest = |address: &&str| {
        let fields = [("Email", *address), ("Name", *address), ("AttendeeType", "1")];
        Element::holding("Calendar:Attendee", texts("Calendar", &fields))
    };
    data.push(Element::holding("Calendar:Attendees", guests.iter().map(guest).collect()));
    data
}

/// An answer names whoever gives it and no other attendee: RFC 5546 section 3.2.3.
fn only_of(object: &str, address: &str) -> String {
    let end = format!(":mailto:{address}");
    let stays = |line: &&str| !line.starts_with("ATTENDEE") || line.ends_with(&end);
    unfolded(object).lines().filter(stays).map(|line| format!("{line}\r\n")).collect()
}

/// The mail in which a scheduling message comes; the object gets its METHOD and a version above `sequence`.
fn carrying(from: &str, to: &[&str], method: &str, subject: &str, object: &str) -> blackbox::Mail {
    let to: Vec<String> = to.iter().map(|address| format!("<{address}>")).collect();
    let object = object.replacen("VERSION:2.0\r\n", &format!("VERSION:2.0\r\nMETHOD:{method}\r\n"), 1);
    let text = format!(
        "From: <{from}>\r\nTo: {}\r\nSubject: {method} of {subject}\r\nMessage-ID: <{}@probe.test>\r\n\
         Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/calendar; method={method}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{object}",
        to.join(", "),
        blackbox::unique()
    );
    blackbox::Mail { subject: subject.to_owned(), bytes: text.into_bytes() }
}

/// One Sync whose commands all succeed.
fn change(phone: &Phone, items: &mut Items, command: Element) {
    let delta = phone.sync_items_once(items, &[command]);
    let failed: Vec<_> =
        delta.responses.iter().filter(|one| one.get("Status").as_deref() != Some("1")).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

fn calendar_of(phone: &Phone) -> Items {
    phone.items(kind::CALENDAR)
}
