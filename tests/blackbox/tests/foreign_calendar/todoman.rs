//! `todoman` and a phone on one list of tasks.

use std::collections::BTreeSet;
use std::process::Command;

use blackbox::{
    Element, Phone, calendar, day_after, kind, on_each_store, parts, run_tool, tool_path, unique,
};

use super::vdir::Vdir;
use super::{PATIENCE, anna, on_sqlite, segment, shows};

impl Vdir {
    fn todo(&self, list: &str, arguments: &[&str]) -> String {
        let config = format!(
            "path = \"{}\"\ndate_format = \"%Y-%m-%d\"\ntime_format = \"%H:%M\"\ncache_path = \"{}\"\n",
            self.path(list).display(),
            self.path("todo.db").display()
        );
        std::fs::write(self.path("todoman.py"), config).unwrap();
        let mut command = Command::new(tool_path("venv/bin/todo"));
        command.arg("--config").arg(self.path("todoman.py")).arg("--porcelain").args(arguments);
        command.env("HOME", self.folder.path()).env("TZ", "Europe/Berlin");
        run_tool(&mut command, PATIENCE).success()
    }

    /// What todoman lists; statuses as it takes them.
    fn todos(&self, list: &str, statuses: &str) -> Vec<serde_json::Value> {
        let output = self.todo(list, &["list", "--status", statuses]);
        let array = output.find("\n[").unwrap_or_else(|| panic!("{output}"));
        serde_json::from_str::<Vec<serde_json::Value>>(&output[array..]).unwrap()
    }
}

#[test]
fn todoman_lists_completes_and_repeats() {
    on_each_store(|demo| {
        let (anna, dav) = anna(demo);
        let list = dav.own(Some("VTODO"));
        let uid = unique();
        let inner = format!(
            "DTSTART;VALUE=DATE:20270306\nDUE;VALUE=DATE:20270306\nSUMMARY:{uid}\nRRULE:FREQ=WEEKLY;BYDAY=SA\n"
        );
        dav.put(&format!("{list}{uid}.ics"), &calendar("VTODO", &uid, &inner)).is(201);
        let vdir = Vdir::of(demo, &anna);
        let near = Vdir::name("calendars", &list);
        let summary = |todo: &serde_json::Value| todo["summary"].as_str().unwrap().to_owned();
        let open: BTreeSet<String> =
            vdir.todos(&near, "NEEDS-ACTION,IN-PROCESS").iter().map(summary).collect();
        let expected: BTreeSet<String> = dav
            .objects(&list)
            .iter()
            .filter(|(name, _)| name != "signs.ics")
            .map(|(_, text)| parts(text, "VTODO")[0].value("SUMMARY").unwrap().to_owned())
            .collect();
        assert_eq!(open, expected);
        assert!(open.contains("Kühlraum reinigen"));

        let all = vdir.todos(&near, "ANY");
        for wanted in ["Lampe im Schaufenster tauschen", uid.as_str()] {
            let todo = all.iter().find(|todo| summary(todo) == wanted).unwrap();
            vdir.todo(&near, &["done", &todo["id"].to_string()]);
        }
        vdir.sync();

        let lamp = parts(&dav.get(&format!("{list}lamp.ics")).is(200).text(), "VTODO").remove(0);
        assert_eq!(lamp.value("STATUS"), Some("COMPLETED"));
        let copies: Vec<_> = dav
            .objects(&list)
            .into_iter()
            .map(|(_, text)| parts(&text, "VTODO").remove(0))
            .filter(|todo| todo.value("SUMMARY") == Some(&uid))
            .map(|todo| {
                (
                    todo.moment("DUE").unwrap(),
                    todo.value("STATUS") == Some("COMPLETED"),
                    todo.line("RRULE").is_some(),
                )
            })
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        assert_eq!(copies, [("20270306".to_owned(), true, false), ("20270313".to_owned(), false, true)]);
        // The phone shows both as they are.
        let mut phone = demo.phone(&anna, "16.1");
        phone.provision();
        let items = phone.items(kind::TASKS);
        let mut shown: Vec<_> = items
            .items
            .values()
            .filter(|data| data.get("Subject").as_deref() == Some(&uid))
            .map(|data| (data.get("Complete").unwrap(), data.get("DueDate").unwrap()[..10].to_owned()))
            .collect();
        shown.sort();
        let pair = |complete: &str, due: &str| (complete.to_owned(), due.to_owned());
        assert_eq!(shown, [pair("0", "2027-03-13"), pair("1", "2027-03-06")]);
    });
}

#[test]
fn a_task_of_todoman_is_the_same_on_the_phone_when_made_edited_done_and_deleted() {
    on_sqlite(|demo| {
        let (anna, dav) = anna(demo);
        let list = dav.own(Some("VTODO"));
        let (near, name) = (Vdir::name("calendars", &list), segment(&list));
        let vdir = Vdir::of(demo, &anna);
        // Seconds since 1970: in Berlin 2027-03-01 08:00, 2027-03-07 12:00 and 2027-03-11 12:00.
        let (start, due, later) = ("1803884400", "1804417200", "1804762800");
        for version in ["14.1", "16.1"] {
            let mut phone = demo.phone(&anna, version);
            phone.provision();
            let mut items = phone.items(kind::TASKS);
            let subject = unique();
            let number = || {
                let todos = vdir.todos(&near, "ANY");
                todos.iter().find(|todo| todo["summary"] == subject.as_str()).unwrap()["id"].to_string()
            };

            let new = ["new", "--list", name.as_str(), "--start", start, "--due", due, "--priority", "1"];
            vdir.todo(&near, &[&new[..], &["--category", "Verein", subject.as_str()]].concat());
            assert_eq!(vdir.sync(), 1);
            let delta = phone.sync_items(&mut items);
            let id = items.id_of(&subject);
            assert_eq!(delta.added, [id.as_str()]);
            let made = [
                ("UtcStartDate", "2027-03-01T07:00:00.000Z"),
                ("StartDate", "2027-03-01T08:00:00.000Z"),
                ("UtcDueDate", "2027-03-07T11:00:00.000Z"),
                ("DueDate", "2027-03-07T12:00:00.000Z"),
                ("Importance", "2"),
                ("Complete", "0"),
                ("Categories/Category", "Verein"),
            ];
            shows(&items.items[&id], &made);

            vdir.todo(&near, &["edit", "--due", later, "--priority", "9", &number()]);
            assert_eq!(vdir.sync(), 1);
            assert_eq!(phone.sync_items(&mut items).changed, [id.as_str()]);
            let edited = [
                ("StartDate", "2027-03-01T08:00:00.000Z"),
                ("UtcDueDate", "2027-03-11T11:00:00.000Z"),
                ("DueDate", "2027-03-11T12:00:00.000Z"),
                ("Importance", "0"),
            ];
            shows(&items.items[&id], &edited);

            vdir.todo(&near, &["done", &number()]);
            assert_eq!(vdir.sync(), 1);
            assert_eq!(phone.sync_items(&mut items).changed, [id.as_str()]);
            shows(&items.items[&id], &[("Complete", "1")]);

            vdir.todo(&near, &["delete", "--yes", &number()]);
            assert_eq!(vdir.sync(), 1);
            assert_eq!(phone.sync_items(&mut items).deleted, [id.as_str()]);
        }
    });
}

#[test]
fn a_recurring_task_completed_on_the_phone_is_right_in_todoman() {
    on_sqlite(|demo| {
        for version in ["14.1", "16.1"] {
            let (anna, dav) = anna(demo);
            let list = dav.own(Some("VTODO"));
            let uid = unique();
            let inner = format!(
                "DTSTART;VALUE=DATE:20270306\nDUE;VALUE=DATE:20270306\nSUMMARY:{uid}\nRRULE:FREQ=WEEKLY;BYDAY=SA\n"
            );
            dav.put(&format!("{list}{uid}.ics"), &calendar("VTODO", &uid, &inner)).is(201);
            let vdir = Vdir::of(demo, &anna);
            let mut phone: Phone = demo.phone(&anna, version);
            phone.provision();
            let mut items = phone.items(kind::TASKS);
            let id = items.id_of(&uid);
            let done = [("Complete", "1"), ("DateCompleted", "2027-03-06T10:00:00.000Z")];
            let data = items.items[&id].edited(version, "Tasks", &done);
            phone.sync_items_once(&mut items, &[Element::change_item(&id, data)]);

            vdir.sync();

            let near = Vdir::name("calendars", &list);
            let of = |statuses: &str| -> Vec<(String, bool)> {
                let all = vdir.todos(&near, statuses);
                let mine = all.iter().filter(|todo| todo["summary"] == uid.as_str());
                mine.map(|todo| (due(todo), todo["recurring"].as_bool().unwrap())).collect()
            };
            assert_eq!(of("NEEDS-ACTION,IN-PROCESS"), [("2027-03-13".to_owned(), true)], "{version}");
            assert_eq!(of("COMPLETED"), [("2027-03-06".to_owned(), false)], "{version}");
        }
    });
}

/// The day on which a task of todoman is due in Berlin; it tells seconds since 1970.
fn due(todo: &serde_json::Value) -> String {
    const DAY_S: i64 = 86_400;
    const HALF_DAY_S: i64 = DAY_S / 2;
    // A day is told as its midnight somewhere: the nearest midnight in UTC is that of the day.
    let days = (todo["due"].as_i64().unwrap() + HALF_DAY_S).div_euclid(DAY_S);
    let day = day_after("19700101", days);
    format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..])
}
