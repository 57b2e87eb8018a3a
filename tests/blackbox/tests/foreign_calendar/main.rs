//! Real calendar, contact and task programs against the demo's doors, with the demo's whole data.
//!
//! They know `localhost` and trust the demo's own authority; what they need to find they find by themselves. The main
//! journey of each program that speaks CalDAV or CardDAV runs on both databases, everything else on SQLite.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a tool that fails is a test that fails")]

mod caldav;
mod khal;
mod phone;
mod todoman;
mod tsdav;
mod vdir;

use std::time::Duration;

use blackbox::{Account, Dav, Demo, Element, Store};

const PATIENCE: Duration = Duration::from_secs(180);

fn on_sqlite(claim: impl Fn(&Demo)) {
    let demo = Demo::start(Store::Sqlite);
    claim(&demo);
    demo.consistent();
}

fn json(output: &str) -> serde_json::Value {
    let line = output.lines().rfind(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{output}"));
    serde_json::from_str(line).unwrap()
}

/// The server's root by name.
fn root(demo: &Demo) -> String {
    format!("{}/", demo.url("https").trim_end_matches('/')).replace("127.0.0.1", "localhost")
}

fn anna(demo: &Demo) -> (Account, Dav) {
    let (anna, _) = demo.colleagues();
    let dav = demo.dav(&anna);
    (anna, dav)
}

/// The last segment of a collection's address.
fn segment(href: &str) -> String {
    href.trim_end_matches('/').rsplit('/').next().unwrap().to_owned()
}

/// Fails unless an item on the phone has these texts.
fn shows(item: &Element, expected: &[(&str, &str)]) {
    for (path, text) in expected {
        assert_eq!(item.get(path).as_deref(), Some(*text), "{path}: {}", item.shown());
    }
}
