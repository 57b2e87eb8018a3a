//! Meetings, people and times that the tests are given.

use calendar::schedule::{
    Actor, Addresses, Agent, Message, Method, Plan, Received, Refused, Written, receive, write,
};
use calendar::{Moment, Object, Zone};
use vocabulary::Timestamp;

pub(crate) const ORG: &str = "org@example.test";
pub(crate) const ANNA: &str = "anna@example.test";
pub(crate) const BEN: &str = "ben@example.test";

/// Organiser, Anna and Ben, nobody of whom has answered.
pub(crate) const PEOPLE: &str = "ORGANIZER;CN=Org:mailto:org@example.test
ATTENDEE;PARTSTAT=ACCEPTED:mailto:org@example.test
ATTENDEE;CN=Anna;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:anna@example.test
ATTENDEE;CN=Ben;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ben@example.test";

/// One hour on a Monday.
pub(crate) const ONCE: &str = "DTSTART:20300107T100000Z\nDTEND:20300107T110000Z\nSUMMARY:Plan";
/// The same on five days.
pub(crate) const DAILY: &str =
    "DTSTART:20300107T100000Z\nDTEND:20300107T110000Z\nRRULE:FREQ=DAILY;COUNT=5\nSUMMARY:Plan";

/// An object of these components, each with UID and DTSTAMP.
pub(crate) fn object(kind: &str, components: &[&str]) -> Vec<u8> {
    let mut text = String::from("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//EN\n");
    for component in components {
        let stamp = if component.contains("DTSTAMP") { "" } else { "DTSTAMP:20291201T000000Z\n" };
        text += &format!("BEGIN:{kind}\nUID:m1\n{stamp}{component}\nEND:{kind}\n");
    }
    text += "END:VCALENDAR\n";
    text.replace('\n', "\r\n").into_bytes()
}

pub(crate) fn event(components: &[&str]) -> Vec<u8> {
    object("VEVENT", components)
}

pub(crate) fn once() -> Vec<u8> {
    event(&[&format!("{ONCE}\n{PEOPLE}")])
}

pub(crate) fn daily() -> Vec<u8> {
    event(&[&format!("{DAILY}\n{PEOPLE}")])
}

/// A message of somebody else.
pub(crate) fn message(method: &str, components: &[&str]) -> Vec<u8> {
    with(&event(components), "VERSION:2.0", &format!("VERSION:2.0\r\nMETHOD:{method}"))
}

/// The bytes with one text in place of another, which they have.
pub(crate) fn with(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap();
    let (old, new) = (crlf(old), crlf(new));
    assert!(text.contains(&old), "no {old} in {text}");
    text.replacen(&old, &new, 1).into_bytes()
}

fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// With folds undone.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap().replace("\r\n ", "").replace("\r\n", "\n")
}

/// The lines that begin so.
pub(crate) fn lines(bytes: &[u8], begin: &str) -> Vec<String> {
    text(bytes).lines().filter(|line| line.starts_with(begin)).map(str::to_owned).collect()
}

pub(crate) fn utc(text: &str) -> Timestamp {
    Zone::utc().instant(Moment::parse(text, None).expect(text).local())
}

pub(crate) fn at(time: &str) -> Moment {
    Moment::parse(time, None).expect(time)
}

/// People of example.test are here, of example.org elsewhere, and `nobody` is nowhere.
pub(crate) fn status(address: &str) -> &'static str {
    match address.split_once('@') {
        Some(("nobody", _)) => "3.7",
        Some((_, "example.test")) => "1.2",
        Some((_, "example.org")) => "1.1",
        _ => "5.2",
    }
}

pub(crate) fn known(owner: &str) -> Addresses {
    Addresses::new(owner, [format!("{}.alias@example.test", owner.split('@').next().unwrap()).as_str()])
}

pub(crate) fn try_put(owner: &str, now: &str, old: Option<&[u8]>, new: &[u8]) -> Result<Plan, Refused> {
    let owner = known(owner);
    let actor = Actor { owner: &owner, now: utc(now), agent: Agent::Server };
    write(&actor, old, Written::Stored(new), &status)
}

/// A write that is not refused, a year before the meetings.
#[track_caller]
pub(crate) fn put(owner: &str, old: Option<&[u8]>, new: &[u8]) -> Plan {
    try_put(owner, "20300101T000000Z", old, new).unwrap()
}

#[track_caller]
pub(crate) fn remove(owner: &str, old: &[u8], reply: bool) -> Plan {
    let owner = known(owner);
    let actor = Actor { owner: &owner, now: utc("20300101T000000Z"), agent: Agent::Server };
    write(&actor, Some(old), Written::Removed { reply }, &status).unwrap()
}

/// What is stored after a write.
pub(crate) fn stored(plan: &Plan, written: &[u8]) -> Vec<u8> {
    plan.rewritten.clone().unwrap_or_else(|| written.to_vec())
}

pub(crate) fn get(owner: &str, copy: Option<&[u8]>, message: &[u8], from: &str) -> Received {
    let owner = known(owner);
    let actor = Actor { owner: &owner, now: utc("20300101T120000Z"), agent: Agent::Server };
    receive(&actor, copy, message, from)
}

/// The copy after a message that changes it.
#[track_caller]
pub(crate) fn taken(owner: &str, copy: Option<&[u8]>, message: &[u8], from: &str) -> Vec<u8> {
    match get(owner, copy, message, from) {
        Received::Store { bytes, .. } => bytes,
        other => panic!("{other:?}"),
    }
}

/// Method and recipient of all messages.
pub(crate) fn told(messages: &[Message]) -> Vec<(Method, &str)> {
    messages.iter().map(|message| (message.method, message.recipient.as_str())).collect()
}

/// The message for somebody.
#[track_caller]
pub(crate) fn for_one<'m>(messages: &'m [Message], recipient: &str) -> &'m Message {
    messages.iter().find(|message| message.recipient == recipient).expect(recipient)
}

/// Somebody's copy of a meeting that the organiser has stored.
#[track_caller]
pub(crate) fn copy_of(organizers: &[u8], somebody: &str) -> Vec<u8> {
    let plan = put(ORG, None, organizers);
    taken(somebody, None, &for_one(&plan.messages, somebody).object, ORG)
}

/// What somebody has answered, in the component for an occurrence or the whole.
pub(crate) fn answer(bytes: &[u8], occurrence: Option<&str>, somebody: &str) -> Option<String> {
    let object = Object::parse(bytes).unwrap();
    let component = match occurrence {
        Some(occurrence) => object.override_at(utc(occurrence), &Zone::utc())?.clone(),
        None => object.master()?.clone(),
    };
    let attendee = component.attendees.iter().find(|attendee| attendee.address == somebody)?;
    Some(format!("{:?}", attendee.participation))
}

pub(crate) fn sequence(bytes: &[u8]) -> u32 {
    Object::parse(bytes).unwrap().components[0].sequence
}
