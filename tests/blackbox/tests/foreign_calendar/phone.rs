//! `pyactivesync`.

use std::collections::BTreeMap;
use std::process::Command;

use blackbox::{Dav, kind, parts, run_tool, tool_path, tool_source, unique};

use super::{PATIENCE, anna, json, on_sqlite, root};

/// What tells the objects of a collection from one another at both doors, in order.
fn names_of(dav: &Dav, component: Option<&str>, collection: &str) -> Vec<String> {
    let (component, property) = match component {
        Some("VEVENT") => ("VEVENT", "UID"),
        Some(other) => (other, "SUMMARY"),
        None => ("VCARD", "FN"),
    };
    let name = |text: &str| parts(text, component)[0].value(property).unwrap().replace("\\,", ",");
    let mut names: Vec<String> = dav.objects(collection).iter().map(|(_, text)| name(text)).collect();
    names.sort();
    names
}

#[test]
fn pyactivesync_syncs_calendar_contacts_tasks_and_notes_and_edits_contacts() {
    on_sqlite(|demo| {
        let (anna, dav) = anna(demo);
        let subject = unique();
        let kinds = [
            ("calendar", Some("VEVENT"), kind::CALENDAR),
            ("contacts", None, kind::CONTACTS),
            ("tasks", Some("VTODO"), kind::TASKS),
            ("notes", Some("VJOURNAL"), kind::NOTES),
        ];
        let collections: BTreeMap<&str, String> =
            kinds.iter().map(|&(name, component, _)| (name, dav.own(component))).collect();
        let names = |name: &str, component| names_of(&dav, component, &collections[name]);
        let mut before = kinds.map(|(name, component, _)| names(name, component));
        let server = root(demo).replace("https://", "");
        let mut command = Command::new(tool_path("venv/bin/python"));
        command.arg(tool_source("python/objects_by_pyactivesync.py"));
        command.env("SERVER", server.trim_end_matches('/')).env("REQUESTS_CA_BUNDLE", demo.ca());
        command.env("COLLECTIONS", serde_json::json!(collections).to_string());
        command.env("ADDRESS", &anna.address).env("PASSWORD", &anna.password).env("SUBJECT", &subject);
        let seen = json(&run_tool(&mut command, PATIENCE).success());

        for ((name, _, number), names) in kinds.iter().zip(&before) {
            let expected = serde_json::json!({
                "type": number,
                "names": names,
                "estimate": names.len(),
                "left": 0,
                "others": 0,
                "followed": {
                    "estimate": 1,
                    "added": ["first"],
                    "fetched": "first",
                    "body": "one\r\ntwo",
                    "changed": ["second"],
                    "same": true,
                    "deleted": true,
                    "others": true,
                },
            });
            assert_eq!(seen[name], expected, "{name}");
        }
        // What an edit of a contact does not say is no more: without Supported nothing is ghosted.
        let expected = serde_json::json!({
            "statuses": ["1", "1", "1", "1"],
            "company": "Blumen & Söhne",
            "job": null,
            "comes_back": 0,
        });
        assert_eq!(seen["edited"], expected);
        let (_, text) = dav.object_with(&collections["contacts"], &format!("N:{subject} Weiß;Änne;"));
        let card = parts(&text, "VCARD").remove(0);
        for (name, value) in [
            ("ORG", "Blumen & Söhne"),
            ("EMAIL", "aenne@elsewhere.test"),
            ("TEL", "+49 151 5550100"),
            ("ADR", ";;Gasse 1;Köln;;;"),
            ("BDAY", "1980-02-29"),
            ("CATEGORIES", "Kunde"),
        ] {
            assert_eq!(card.value(name), Some(value), "{name}: {text}");
        }
        assert_eq!(card.line("TITLE"), None, "{text}");
        // It is the only thing that is left of all that.
        before[1].push(card.value("FN").unwrap().to_owned());
        before[1].sort();
        assert_eq!(kinds.map(|(name, component, _)| names(name, component)), before);
    });
}
