//! `tsdav`, the library of many web programs.

use std::collections::BTreeSet;
use std::process::Command;

use blackbox::{on_each_store, run_tool, tool_path, tool_source, unique};

use super::{PATIENCE, anna, json, root, segment};

#[test]
fn tsdav_finds_fetches_makes_updates_deletes_and_follows() {
    on_each_store(|demo| {
        let (anna, dav) = anna(demo);
        let (own, book, subject) = (dav.own(Some("VEVENT")), dav.own(None), unique());
        let mut command = Command::new("node");
        command.arg(tool_source("npm/tsdav.mjs")).env("NODE_EXTRA_CA_CERTS", demo.ca());
        command.env("MODULE", tool_path("npm/node_modules/tsdav/dist/tsdav.mjs"));
        command.env("URL", root(demo)).env("CALENDAR", &own);
        command.env("ADDRESS", &anna.address).env("PASSWORD", &anna.password).env("SUBJECT", &subject);
        let seen = json(&run_tool(&mut command, PATIENCE).success());

        let listed = seen["calendars"].as_array().unwrap();
        let default = listed.iter().find(|found| found["path"] == own.as_str());
        let default = default.unwrap_or_else(|| panic!("{own}: {seen}"));
        assert_eq!(default["components"], serde_json::json!(["VEVENT"]));
        assert_eq!((&default["ctag"], &default["syncToken"]), (&true.into(), &true.into()));
        assert_eq!(seen["objects"].as_u64(), Some(dav.objects(&own).len() as u64));
        let week: BTreeSet<String> =
            dav.happening(&own, "20270104T000000Z", "20270111T000000Z").into_iter().collect();
        let found: BTreeSet<String> =
            seen["week"].as_array().unwrap().iter().map(|path| segment(path.as_str().unwrap())).collect();
        assert_eq!(found, week);
        assert!(found.contains("team.ics"), "{found:?}");
        let expected = serde_json::json!({
            "made": format!("{}{subject}/", dav.homes().calendars),
            "twice": 412,
            "synced": ["a.ics", "b.ics"],
            "same": true,
            "stale": 412,
            "changed": true,
            "deleted": ["a.ics"],
            "left": ["b.ics"],
            "book": book,
            "cards": dav.objects(&book).len(),
            "card": true,
            "cards_at_end": dav.objects(&book).len(),
        });
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&seen[key], value, "{key}: {seen}");
        }
    });
}
