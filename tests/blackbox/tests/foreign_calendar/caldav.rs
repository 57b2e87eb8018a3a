//! `caldav`, the library of many scripts.

use std::process::Command;

use blackbox::{on_each_store, run_tool, tool_path, tool_source, unique};

use super::{PATIENCE, anna, json, root};

#[test]
fn caldav_finds_makes_searches_edits_deletes_and_follows() {
    on_each_store(|demo| {
        let (anna, dav) = anna(demo);
        let subject = unique();
        let mut command = Command::new(tool_path("venv/bin/python"));
        command.arg(tool_source("python/calendar_by_caldav.py"));
        command.env("URL", format!("{}dav/", root(demo))).env("CA", demo.ca());
        command.env("ADDRESS", &anna.address).env("PASSWORD", &anna.password).env("SUBJECT", &subject);
        let seen = json(&run_tool(&mut command, PATIENCE).success());

        let own = dav.own(Some("VEVENT"));
        let calendars = seen["calendars"].as_array().unwrap();
        let default = calendars.iter().find(|found| found["path"] == own.as_str());
        let default = default.unwrap_or_else(|| panic!("{own}: {seen}"));
        assert_eq!(default["components"], serde_json::json!(["VEVENT"]));
        assert_eq!(default["objects"].as_u64(), Some(dav.objects(&own).len() as u64));

        // Mondays 09:00 in Berlin from the 15th of March on: the 22nd is said off, the 5th of April moved.
        let occurrences = serde_json::json!([
            "2027-03-15T08:00:00+00:00",
            "2027-03-29T07:00:00+00:00",
            "2027-04-06T12:00:00+00:00",
            "2027-04-12T07:00:00+00:00"
        ]);
        let expected = serde_json::json!({
            "made": true,
            "name": subject,
            "at_first": 0,
            "found": ["series"],
            "expanded": occurrences,
            "expanded_by_server": occurrences,
            "said_off": 0,
            "changed": ["one changed"],
            "synced": 2,
            "after_delete": 1,
            "token_moved": true,
            "gone": true,
            "open": ["once", "weekly"],
            "still_open": ["weekly"],
            "with_completed": ["once", "weekly"],
            "left": [],
        });
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&seen[key], value, "{key}: {seen}");
        }
        // The next one is open, a week later.
        assert_eq!(seen["weekly"]["status"], "NEEDS-ACTION", "{seen}");
        let due = seen["weekly"]["due"].as_str().unwrap();
        assert!(due.starts_with("2027-03-13"), "{seen}");
    });
}
