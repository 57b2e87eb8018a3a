//! CalDAV and CardDAV at the wire: RFC 4918, RFC 4791, RFC 6352, RFC 6578, RFC 3744, RFC 5689, RFC 6764.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says why")]

mod collections;
mod discovery;
mod objects;
mod properties;
mod reports;
mod rights;
mod sync;

use std::collections::BTreeSet;

use blackbox::{Account, Dav, Demo, Resource, calendar, unique};

const VEVENT: &str = "VEVENT";

fn anna(demo: &Demo) -> (Account, Dav) {
    let (anna, _) = demo.colleagues();
    let dav = demo.dav(&anna);
    (anna, dav)
}

/// Somebody of another domain.
fn foreigner(demo: &Demo, account: &Account) -> Account {
    let domain = |account: &Account| account.address.split('@').nth(1).unwrap().to_owned();
    let mut others = demo.accounts().into_iter();
    others.find(|other| other.kind == "exchange" && domain(other) != domain(account)).unwrap()
}

/// A calendar of its own for one test; its address and what people call it.
fn new_calendar(dav: &Dav, component: &str) -> (String, String) {
    let name = unique();
    let calendar = format!("{}{name}/", dav.homes().calendars);
    dav.make_calendar(&calendar, &name, component).is(201);
    (calendar, name)
}

/// An event of an hour on a day of 2027, with what only its app understands.
fn event(uid: &str, day: u32) -> String {
    calendar(
        VEVENT,
        uid,
        &format!(
            "DTSTART;TZID=Europe/Berlin:202703{day:02}T090000\nDTEND;TZID=Europe/Berlin:202703{day:02}T100000\n\
             SUMMARY:Grüße\\, {uid} and a summary so long that it has to be fol\n ded\nX-PROBE;X-P=\"a;b\":1,2\n"
        ),
    )
}

fn hrefs(found: &[Resource]) -> BTreeSet<String> {
    found.iter().map(|resource| resource.href.clone()).collect()
}

/// PROPPATCH with instructions; the answer.
fn proppatch(dav: &Dav, target: &str, instructions: &str) -> Vec<Resource> {
    dav.ask_xml("PROPPATCH", target, "0", "D:propertyupdate", instructions).resources()
}
