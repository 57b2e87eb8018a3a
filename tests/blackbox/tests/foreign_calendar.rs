//! Real calendar, contact and task programs against the demo's doors, with the demo's whole data.
//!
//! They know `localhost` and trust the demo's own authority; what they need to find they find by themselves.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a tool that fails is a test that fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use blackbox::{
    Account, Dav, Demo, Element, Phone, Store, berlin, calendar, day_after, kind, parts, probe_passes,
    run_tool, texts, tool_path, tool_source, unique,
};

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

fn event(uid: &str, summary: &str) -> String {
    let inner = "DTSTART;TZID=Europe/Berlin:20270115T090000\nDTEND;TZID=Europe/Berlin:20270115T100000\n";
    calendar("VEVENT", uid, &format!("{inner}SUMMARY:{summary}\nX-PROBE:kept\n"))
}

/// Fails unless an item on the phone has these texts.
fn shows(item: &Element, expected: &[(&str, &str)]) {
    for (path, text) in expected {
        assert_eq!(item.get(path).as_deref(), Some(*text), "{path}: {}", item.shown());
    }
}

// ---------------------------------------------------------------- caldav

#[test]
fn caldav_finds_makes_searches_edits_deletes_and_follows() {
    on_sqlite(|demo| {
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

// ---------------------------------------------------------------- tsdav

#[test]
fn tsdav_finds_fetches_makes_updates_deletes_and_follows() {
    on_sqlite(|demo| {
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

// ---------------------------------------------------------------- vdirsyncer, khal, todoman

/// Files beneath a folder that vdirsyncer keeps equal to an account.
struct Vdir {
    folder: tempfile::TempDir,
}

impl Vdir {
    fn of(demo: &Demo, account: &Account) -> Self {
        let vdir = Self { folder: tempfile::tempdir().unwrap() };
        let path = |name: &str| vdir.path(name).display().to_string();
        let mut config = format!("[general]\nstatus_path = \"{}\"\n", path("status"));
        for (pair, kind, ending) in [("calendars", "caldav", "ics"), ("contacts", "carddav", "vcf")] {
            config += &format!(
                "[pair {pair}]\na = \"near_{pair}\"\nb = \"far_{pair}\"\ncollections = [\"from b\"]\n\
                 implicit = \"create\"\n[storage near_{pair}]\ntype = \"filesystem\"\npath = \"{}\"\n\
                 fileext = \".{ending}\"\n[storage far_{pair}]\ntype = \"{kind}\"\nurl = \"{}\"\nusername = \"{}\"\n\
                 password = \"{}\"\nverify = \"{}\"\n",
                path(pair),
                root(demo),
                account.address,
                account.password,
                demo.ca().display()
            );
        }
        std::fs::write(vdir.path("vdirsyncer.conf"), config).unwrap();
        vdir.vdirsyncer("discover");
        vdir.sync();
        vdir
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    fn vdirsyncer(&self, action: &str) -> String {
        let mut command = Command::new(tool_path("venv/bin/vdirsyncer"));
        command.arg("-c").arg(self.path("vdirsyncer.conf")).arg(action).env("HOME", self.folder.path());
        run_tool(&mut command, PATIENCE).success()
    }

    /// Both ways; what it did is told by its lines `Copying` and `Deleting`.
    fn sync(&self) -> usize {
        // It warns of every deletion under a condition (`If-Match`), and means those without.
        let output = self.vdirsyncer("sync").replace("warning: Deleting an item with no etag.", "");
        for trouble in ["error", "conflict", "warning"] {
            assert!(!output.to_lowercase().contains(trouble), "{output}");
        }
        output.lines().filter(|line| line.starts_with("Copying") || line.starts_with("Deleting")).count()
    }

    /// What lies in a local collection, by the UID in it.
    fn held(&self, collection: &str) -> BTreeMap<String, (PathBuf, String)> {
        let files = std::fs::read_dir(self.path(collection)).unwrap().map(|entry| entry.unwrap().path());
        files
            .filter(|file| file.extension().is_some_and(|ending| ending == "ics" || ending == "vcf"))
            .map(|file| (file.clone(), std::fs::read_to_string(file).unwrap()))
            .map(|(file, text)| (uid_of(&text), (file, text)))
            .collect()
    }

    /// The local collection of a collection of the server's.
    fn name(pair: &str, href: &str) -> String {
        format!("{pair}/{}", segment(href))
    }

    fn khal(&self, arguments: &[&str]) -> String {
        let config = format!(
            "[calendars]\n[[all]]\npath = {}/*\ntype = discover\n[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\n\
             longdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n\
             local_timezone = Europe/Berlin\ndefault_timezone = Europe/Berlin\n[sqlite]\npath = {}\n",
            self.path("calendars").display(),
            self.path("khal.db").display()
        );
        std::fs::write(self.path("khal.conf"), config).unwrap();
        let mut command = Command::new(tool_path("venv/bin/khal"));
        command.arg("-c").arg(self.path("khal.conf")).args(arguments).env("HOME", self.folder.path());
        run_tool(&mut command, PATIENCE).success()
    }

    /// What khal lists from a day on of events with a word in their title: start, end and title.
    fn listed(&self, first: &str, days: &str, word: &str) -> Vec<String> {
        let form = "{start-date} {start-time} {end-time} {title}";
        let output = self.khal(&["list", "--day-format", "", "--format", form, first, days]);
        let lines = output.lines().map(str::trim_end).filter(|line| line.contains(word));
        lines.map(str::to_owned).collect()
    }

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

fn uid_of(text: &str) -> String {
    let uid = text.lines().find_map(|line| line.strip_prefix("UID:"));
    uid.unwrap_or_else(|| panic!("no UID: {text}")).trim().to_owned()
}

/// Line ends are XML's on the way: RFC 4791 section 9.6.
fn same_lines(one: &str, other: &str) -> bool {
    one.replace("\r\n", "\n").trim_end() == other.replace("\r\n", "\n").trim_end()
}

/// Fails unless the files are what the server has.
fn both_sides_are_equal(dav: &Dav, vdir: &Vdir, pair: &str, href: &str) {
    let held = vdir.held(&Vdir::name(pair, href));
    let objects = dav.objects(href);
    let uids: BTreeSet<String> = objects.iter().map(|(_, text)| uid_of(text)).collect();
    assert_eq!(held.keys().cloned().collect::<BTreeSet<_>>(), uids, "{href}");
    for (name, text) in &objects {
        let (_, local) = &held[&uid_of(text)];
        assert!(same_lines(text, local), "{name}:\n{text}\n{local}");
    }
}

#[test]
fn vdirsyncer_keeps_both_sides_equal() {
    on_sqlite(|demo| {
        let (anna, dav) = anna(demo);
        let (calendar, book) = (dav.own(Some("VEVENT")), dav.own(None));
        let vdir = Vdir::of(demo, &anna);
        let (near, cards) = (Vdir::name("calendars", &calendar), Vdir::name("contacts", &book));
        assert!(vdir.held(&near).len() > 200, "a year of appointments");
        for (pair, href) in [("calendars", &calendar), ("contacts", &book)] {
            both_sides_are_equal(&dav, &vdir, pair, href);
        }
        for component in ["VTODO", "VJOURNAL"] {
            both_sides_are_equal(&dav, &vdir, "calendars", &dav.own(Some(component)));
        }
        assert_eq!(vdir.sync(), 0, "nothing is left");

        // There: a new one, an edit, a deletion.
        let at = |name: &str| format!("{calendar}{name}");
        dav.put(&at("there.ics"), &event("there", "made there")).is(201);
        let team = dav.get(&at("team.ics")).is(200).text();
        dav.put(&at("team.ics"), &team.replace("LOCATION:Werkstatt", "LOCATION:Hof")).is(204);
        dav.delete(&at("fair.ics")).is(204);
        // Here: the same three, and in the address book.
        std::fs::write(vdir.path(&near).join("here.ics"), event("here", "made here")).unwrap();
        let (file, text) = vdir.held(&near)["holiday"].clone();
        std::fs::write(file, text.replace("SUMMARY:Betriebsferien", "SUMMARY:Ferien")).unwrap();
        std::fs::remove_file(&vdir.held(&near)["wedding"].0).unwrap();
        let (file, text) = vdir.held(&cards)["contact-00"].clone();
        std::fs::write(file, text.replace("item1.X-ABLABEL:Laden", "item1.X-ABLABEL:Lager")).unwrap();
        std::fs::remove_file(&vdir.held(&cards)["contact-01"].0).unwrap();
        assert_eq!(vdir.sync(), 8);

        for (pair, href) in [("calendars", &calendar), ("contacts", &book)] {
            both_sides_are_equal(&dav, &vdir, pair, href);
        }
        let held = vdir.held(&near);
        assert!(held.contains_key("there") && held.contains_key("here"));
        assert!(!held.contains_key("fair") && !held.contains_key("wedding"));
        assert!(held["team"].1.contains("LOCATION:Hof"));
        assert!(held["holiday"].1.contains("SUMMARY:Ferien"));
        let (_, card) = dav.object_with(&book, "UID:contact-00");
        assert!(card.contains("item1.X-ABLABEL:Lager"), "{card}");
        assert_eq!(vdir.sync(), 0, "nothing is left");
    });
}

#[test]
fn khal_lists_the_week_as_it_is() {
    on_sqlite(|demo| {
        let (anna, dav) = anna(demo);
        let calendar = dav.own(Some("VEVENT"));
        let vdir = Vdir::of(demo, &anna);
        let team = parts(&dav.get(&format!("{calendar}team.ics")).is(200).text(), "VEVENT");
        // The Monday from which the team's meeting was moved to Tuesday.
        let monday = team[1].value("RECURRENCE-ID").unwrap()[..8].to_owned();
        let dashed = |day: &str| format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]);
        let form = ["--day-format", "", "--format", "{start-date} {start-time} {title}"];
        let first = dashed(&monday);
        let week = [&["list"][..], &form, &[first.as_str(), "7d"]].concat();
        let listed: BTreeSet<String> =
            vdir.khal(&week).lines().map(|line| line.trim_end().to_owned()).collect();

        let days: Vec<String> = (0..7).map(|days| day_after(&monday, days)).collect();
        for day in &days {
            assert!(listed.contains(&format!("{} 07:00 Gießen", dashed(day))), "{listed:#?}");
        }
        assert!(
            listed.contains(&format!("{} 14:00 Teamrunde (verschoben)", dashed(&days[1]))),
            "{listed:#?}"
        );
        assert!(!listed.iter().any(|line| line.ends_with("09:00 Teamrunde")), "{listed:#?}");
        let orders: Vec<String> = dav
            .objects(&calendar)
            .iter()
            .filter(|(name, _)| name.starts_with("order-"))
            .map(|(_, text)| parts(text, "VEVENT").remove(0))
            .filter_map(|event| {
                let start = event.value("DTSTART")?.to_owned();
                let summary = event.value("SUMMARY")?.replace("\\,", ",");
                let within = days.iter().any(|day| start.starts_with(day.as_str()));
                within.then(|| {
                    format!("{} {}:{} {summary}", dashed(&start[..8]), &start[9..11], &start[11..13])
                })
            })
            .collect();
        assert!(!orders.is_empty());
        for order in orders {
            assert!(listed.contains(&order), "{order}: {listed:#?}");
        }
    });
}

#[test]
fn an_event_of_khal_is_the_same_on_the_phone_which_renames_it() {
    on_sqlite(|demo| {
        let (anna, dav) = anna(demo);
        let own = dav.own(Some("VEVENT"));
        let name = segment(&own);
        let vdir = Vdir::of(demo, &anna);
        for version in ["14.1", "16.1"] {
            let mut phone = demo.phone(&anna, version);
            phone.provision();
            let mut items = phone.items(kind::CALENDAR);
            let (once, weekly, newer) = (unique(), unique(), unique());
            let new = ["new", "-a", name.as_str()];
            let times = ["-l", "Werkstatt", "-m", "15m", "2027-03-30", "14:00", "15:30"];
            vdir.khal(&[&new[..], &times, &[once.as_str(), "::", "Zeile eins"]].concat());
            let times = ["-r", "weekly", "-u", "2027-04-12", "2027-03-15", "09:00", "10:00"];
            vdir.khal(&[&new[..], &times, &[weekly.as_str()]].concat());
            assert_eq!(vdir.sync(), 2);

            assert_eq!(phone.sync_items(&mut items).added.len(), 2);
            shows(
                items.with(&once),
                &[
                    ("StartTime", "20270330T120000Z"),
                    ("EndTime", "20270330T133000Z"),
                    ("AllDayEvent", "0"),
                    ("Reminder", "15"),
                    ("Body/Data", "Zeile eins"),
                    (if version < "16" { "Location" } else { "Location/DisplayName" }, "Werkstatt"),
                ],
            );
            let (_, text) = dav.object_with(&own, &format!("SUMMARY:{weekly}"));
            let series = parts(&text, "VEVENT").remove(0);
            let until = series.value("RRULE").and_then(|rule| rule.split("UNTIL=").nth(1));
            // It tells of the zone no rule, only two changes: the zone's name counts.
            let zone = items.with("Teamrunde").get("Timezone").unwrap();
            shows(
                items.with(&weekly),
                &[
                    ("StartTime", "20270315T080000Z"),
                    ("EndTime", "20270315T090000Z"),
                    ("Timezone", zone.as_str()),
                    ("Recurrence/Type", "1"),
                    ("Recurrence/DayOfWeek", "2"),
                    ("Recurrence/Until", until.unwrap()),
                ],
            );

            let id = items.id_of(&once);
            let data = items.items[&id].edited(version, "Calendar", &[("Subject", newer.as_str())]);
            phone.sync_items_once(&mut items, &[Element::change_item(&id, data)]);
            assert_eq!(vdir.sync(), 1);
            assert_eq!(vdir.listed("2027-03-30", "1d", &newer), [format!("2027-03-30 14:00 15:30 {newer}")]);
            assert!(vdir.listed("2027-03-30", "1d", &once).is_empty());
        }
    });
}

#[test]
fn a_series_with_exceptions_of_the_phone_is_right_in_khal() {
    on_sqlite(|demo| {
        let (anna, _) = anna(demo);
        let vdir = Vdir::of(demo, &anna);
        for version in ["14.1", "16.1"] {
            let mut phone = demo.phone(&anna, version);
            phone.provision();
            let mut items = phone.items(kind::CALENDAR);
            let subject = unique();
            let moved = format!("{subject} verschoben");
            // Mondays 09:00 in Berlin, four times over the change to summer: one is moved, one said off.
            let (second, third) = ("20270322T080000Z", "20270329T070000Z");
            let zone = berlin();
            let mut data = texts(
                "Calendar",
                &[
                    ("Timezone", zone.as_str()),
                    ("AllDayEvent", "0"),
                    ("StartTime", "20270315T080000Z"),
                    ("EndTime", "20270315T090000Z"),
                    ("Subject", subject.as_str()),
                    ("BusyStatus", "2"),
                    ("Sensitivity", "0"),
                    ("MeetingStatus", "0"),
                ],
            );
            let rule = [("Type", "1"), ("Interval", "1"), ("DayOfWeek", "2"), ("Occurrences", "4")];
            data.push(Element::holding("Calendar:Recurrence", texts("Calendar", &rule)));
            let mut other = texts(
                "Calendar",
                &[
                    ("StartTime", "20270323T130000Z"),
                    ("EndTime", "20270323T143000Z"),
                    ("Subject", moved.as_str()),
                ],
            );
            let add = |data| Element::add_item(&Phone::client_id(), data);
            if version < "16" {
                data.extend(texts("Calendar", &[("DtStamp", "20260101T000000Z"), ("UID", subject.as_str())]));
                other.extend(texts("Calendar", &[("ExceptionStartTime", second)]));
                let off = texts("Calendar", &[("Deleted", "1"), ("ExceptionStartTime", third)]);
                let exceptions = [other, off].map(|one| Element::holding("Calendar:Exception", one)).to_vec();
                data.push(Element::holding("Calendar:Exceptions", exceptions));
                phone.sync_items_once(&mut items, &[add(data)]).added_as();
            } else {
                data.extend(texts("Calendar", &[("ClientUid", subject.as_str())]));
                let id = phone.sync_items_once(&mut items, &[add(data)]).added_as();
                phone.sync_items_once(&mut items, &[Element::change_occurrence(&id, second, other)]);
                phone.sync_items_once(&mut items, &[Element::delete_occurrence(&id, third)]);
            }
            assert_eq!(vdir.sync(), 1);

            let expected = [
                format!("2027-03-15 09:00 10:00 {subject}"),
                format!("2027-03-23 14:00 15:30 {moved}"),
                format!("2027-04-05 09:00 10:00 {subject}"),
            ];
            assert_eq!(vdir.listed("2027-03-15", "29d", &subject), expected, "{version}");
        }
    });
}

#[test]
fn todoman_lists_completes_and_repeats() {
    on_sqlite(|demo| {
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

// ---------------------------------------------------------------- pyactivesync

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

// ---------------------------------------------------------------- the probe

/// The classes whose steps the probe must pass, as `easprobe.py` lists them, and how many these are.
const PROBED: &str = "mail,contacts,calendar,tasks,notes";
const PROBED_STEPS: usize = 44 + 40;

#[test]
fn the_probe_for_phones_finds_no_fault_in_calendar_contacts_tasks_and_notes() {
    on_sqlite(|demo| probe_passes(demo, PROBED, PROBED_STEPS, PATIENCE));
}
