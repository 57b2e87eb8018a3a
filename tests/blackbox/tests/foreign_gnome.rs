//! GNOME's calendars and contacts: evolution-data-server of Debian, with its own services and its own cache.
//!
//! Each test has a session bus of its own with nothing but those services: no screen, no keyring. The password and the
//! trust in the demo's authority come from the scripts in `tests/tools/gnome`, as they would from a person.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a tool that fails is a test that fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use blackbox::{
    Account, Dav, Demo, Store, calendar, lines, on_each_store, parts, run_tool, tool_source, unique,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(180);
const SERVICES: &str = "/usr/share/dbus-1/services";
/// A year, in UTC and as Unix time. Both ends are noon, where a day is the same in Berlin and in UTC.
const YEAR: [(&str, &str); 2] = [("20261101T120000Z", "1793534400"), ("20271031T120000Z", "1824984000")];
/// Each collection's name in the scripts, and the component in it; an address book has none.
const KINDS: [(&str, Option<&str>); 4] =
    [("events", Some("VEVENT")), ("tasks", Some("VTODO")), ("notes", Some("VJOURNAL")), ("contacts", None)];

/// Titles by UID; a series has one for itself and for each changed occurrence.
type Titles = BTreeMap<String, Vec<String>>;

/// The desktop of one person: what GNOME keeps lies beneath its folder.
struct Desktop<'a> {
    demo: &'a Demo,
    account: Account,
    home: TempDir,
}

impl<'a> Desktop<'a> {
    fn of(demo: &'a Demo, account: &Account) -> Self {
        let home = tempfile::tempdir().unwrap();
        for folder in ["run", "config", "data", "cache", "services"] {
            // The bus wants a runtime directory that is nobody else's.
            fs::DirBuilder::new().mode(0o700).create(home.path().join(folder)).unwrap();
        }
        for name in ["Sources5", "Calendar8", "AddressBook10"] {
            let service = format!("org.gnome.evolution.dataserver.{name}.service");
            let (from, to) =
                (Path::new(SERVICES).join(&service), home.path().join("services").join(&service));
            assert!(from.exists(), "{} is missing: `tests/run foreign` installs it", from.display());
            symlink(from, to).unwrap();
        }
        let bus = format!(
            "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
             \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig><type>session</type>\
             <listen>unix:runtime=yes</listen><servicedir>{}</servicedir><policy context=\"default\">\
             <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>\
             <allow own=\"*\"/></policy></busconfig>\n",
            home.path().join("services").display()
        );
        fs::write(home.path().join("bus.conf"), bus).unwrap();
        Self { demo, account: account.clone(), home }
    }

    /// Runs a script in a session of its own; gives the JSON that it ends with.
    fn run(&self, script: &str, wanted: &Value, subject: &str) -> Value {
        let home = self.home.path();
        let mut command = Command::new("/usr/bin/dbus-run-session");
        command.arg("--config-file").arg(home.join("bus.conf")).args(["--", "/usr/bin/python3", "-B"]);
        command.arg(tool_source("gnome").join(script));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8").env("HOME", home);
        command.env("XDG_RUNTIME_DIR", home.join("run")).env("XDG_CONFIG_HOME", home.join("config"));
        command.env("XDG_DATA_HOME", home.join("data")).env("XDG_CACHE_HOME", home.join("cache"));
        // Loopback counts as a net also where there is no other, and nothing is asked of a desktop.
        command.env("GIO_USE_NETWORK_MONITOR", "base").env("GIO_USE_VFS", "local");
        command.env("GSETTINGS_BACKEND", "memory").env("TZ", "Europe/Berlin");
        let root = self.demo.url("dav").replace("127.0.0.1", "localhost");
        command.env("URL", root).env("CA", self.demo.ca()).env("COLLECTIONS", wanted.to_string());
        command.env("ADDRESS", &self.account.address).env("PASSWORD", &self.account.password);
        command.env("SUBJECT", subject).env("START", YEAR[0].1).env("END", YEAR[1].1);
        let output = run_tool(&mut command, PATIENCE).success();
        let line = output.lines().rfind(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{output}"));
        serde_json::from_str(line).unwrap()
    }
}

/// What a collection of the server's has, by UID.
fn held(dav: &Dav, component: Option<&str>, path: &str) -> Titles {
    let read = |text: &str| {
        let (named, parts) = match component {
            Some(component) => ("SUMMARY", parts(text, component)),
            None => ("FN", parts(text, "VCARD")),
        };
        let mut titles: Vec<String> =
            parts.iter().map(|part| unescaped(part.value(named).unwrap_or_default())).collect();
        titles.sort();
        let uid = lines(text).iter().find_map(|line| line.strip_prefix("UID:").map(str::to_owned));
        (uid.unwrap_or_else(|| panic!("no UID: {text}")), titles)
    };
    dav.objects(path).iter().map(|(_, text)| read(text)).collect()
}

/// RFC 5545 section 3.3.11.
fn unescaped(value: &str) -> String {
    value.replace("\\,", ",").replace("\\;", ";").replace("\\n", "\n").replace("\\\\", "\\")
}

fn titles(seen: &Value) -> Titles {
    serde_json::from_value(seen.clone()).unwrap()
}

/// What the scripts are told of a collection: where it is, what must be in it, and some titles of that.
fn wanted(path: &str, there: &Titles, says: &Value) -> Value {
    json!({ "path": path, "there": there.keys().collect::<Vec<_>>(), "says": says })
}

/// What happens in the year, as the server expands it (RFC 4791 section 9.6.5): UID, title, start.
fn expanded(dav: &Dav, path: &str) -> BTreeSet<[String; 3]> {
    let [(start, _), (end, _)] = YEAR;
    let range = format!("start=\"{start}\" end=\"{end}\"");
    let inner = format!(
        "<D:prop><C:calendar-data><C:expand {range}/></C:calendar-data></D:prop><C:filter><C:comp-filter \
         name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:time-range {range}/></C:comp-filter></C:comp-filter>\
         </C:filter>"
    );
    let answer = dav.ask_xml("REPORT", path, "1", "C:calendar-query", &inner);
    let found = answer.resources();
    // XML makes of each line's end a line feed.
    let text = |data: &str| format!("{}\r\n", data.trim_end().replace("\r\n", "\n").replace('\n', "\r\n"));
    let objects = found.iter().map(|resource| text(resource.found.get("C:calendar-data").unwrap()));
    objects
        .flat_map(|text| parts(&text, "VEVENT"))
        .map(|part| {
            let value = |name: &str| unescaped(part.value(name).unwrap_or_default());
            [value("UID"), value("SUMMARY"), part.moment("DTSTART").unwrap()]
        })
        .collect()
}

/// What a script saw happen.
fn happening(seen: &Value) -> BTreeSet<[String; 3]> {
    serde_json::from_value(seen.clone()).unwrap()
}

#[test]
fn gnome_finds_reads_makes_edits_deletes_follows_and_keeps() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let (dav, subject) = (demo.dav(&anna), unique());
        let desktop = Desktop::of(demo, &anna);
        let paths: BTreeMap<&str, String> = KINDS.map(|(kind, component)| (kind, dav.own(component))).into();
        let now = || KINDS.map(|(kind, component)| (kind, held(&dav, component, &paths[kind])));
        let before = now();
        let everything: BTreeMap<&str, Value> =
            before.iter().map(|(kind, there)| (*kind, wanted(&paths[kind], there, &json!({})))).collect();
        let year = expanded(&dav, &paths["events"]);

        let seen = desktop.run("first.py", &json!(everything), &subject);

        assert_eq!(seen["addresses"], json!([anna.address]));
        assert_eq!(
            seen["asked"],
            json!(["required", "ssl-failed"]),
            "the password, and trust in the authority"
        );
        // Contacts, events, memos and tasks are bits 0 to 3 of what GNOME says that a collection supports; the last is
        // that the server sends invitations by itself.
        const INVITES: u32 = 1 << 7;
        for (kind, supports) in
            [("contacts", 1), ("events", 2 | INVITES), ("notes", 4 | INVITES), ("tasks", 8 | INVITES)]
        {
            let found = &seen["discovered"][paths[kind].trim_start_matches('/')];
            assert_eq!(found[0], supports, "{kind}: {seen}");
        }
        assert_eq!(seen["read_only"], json!([]));
        for (kind, there) in &before {
            assert_eq!(&titles(&seen["found"][kind]), there, "{kind}");
        }
        assert!(year.len() > 500, "{year:?}");
        assert_eq!(happening(&seen["happening"]), year);

        for (kind, component) in KINDS {
            let made =
                component.map_or_else(|| subject.clone(), |component| format!("{subject}-{component}"));
            let mut expected = json!({
                "made": [format!("{made} new")],
                "edited": [format!("{made} edited")],
                "left": [],
            });
            if component.is_some() {
                expected["stale"] = json!(true);
                expected["both"] = json!([format!("{made} edited"), format!("{made} there edited")]);
            } else {
                expected["by_mail"] = json!(true);
            }
            assert_eq!(seen[kind], expected, "{kind}");
        }
        // Mondays 09:00 in Berlin from the 15th of March on: the 22nd is said off, the 5th of April moved.
        let uid = format!("{subject}-series");
        let at = |title: &str, start: &str| [uid.clone(), title.to_owned(), start.to_owned()];
        let series = BTreeSet::from([
            at(&uid, "20270315T080000Z"),
            at(&uid, "20270329T070000Z"),
            at(&format!("{uid} moved"), "20270406T120000Z"),
            at(&uid, "20270412T070000Z"),
        ]);
        assert_eq!(happening(&seen["series"]), series);
        let grown = expanded(&dav, &paths["events"]);
        assert_eq!(grown.difference(&year).cloned().collect::<BTreeSet<_>>(), series);

        // While GNOME is not there: a new one, an edit, a deletion.
        let kept = now();
        let events = &paths["events"];
        let at = |name: &str| format!("{events}{name}");
        let (new, start) = (format!("{subject}-new"), "DTSTART;TZID=Europe/Berlin:20270115T090000\n");
        let text = calendar("VEVENT", &new, &format!("{start}SUMMARY:{new}\n"));
        dav.put(&at("new.ics"), &text).is(201);
        let holiday = dav.get(&at("holiday.ics")).is(200).text();
        let holiday = holiday.replace("SUMMARY:Betriebsferien", "SUMMARY:Ferien");
        dav.put(&at("holiday.ics"), &holiday).is(204);
        dav.delete(&at("fair.ics")).is(204);
        let after = now();
        let says = json!({ "holiday": ["Ferien"] });
        let everything: BTreeMap<&str, Value> = after
            .iter()
            .map(|(kind, there)| {
                let says = if *kind == "events" { says.clone() } else { json!({}) };
                (*kind, wanted(&paths[kind], there, &says))
            })
            .collect();

        let seen = desktop.run("again.py", &json!(everything), &subject);

        for ((kind, kept), (_, after)) in kept.iter().zip(&after) {
            assert_eq!(&titles(&seen["kept"][kind]), kept, "{kind}, without a password");
            assert_eq!(&titles(&seen["followed"][kind]), after, "{kind}");
        }
    });
}

#[test]
fn gnome_shows_a_shared_calendar_and_writes_to_it_only_with_the_right_to() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let dav = demo.dav(&anna);
    let (own, principal) = (dav.own(Some("VEVENT")), dav.homes().principal);
    let mut rights = BTreeSet::new();
    for other in
        demo.accounts().into_iter().filter(|other| other.kind == "exchange" && other.address != anna.address)
    {
        let theirs = demo.dav(&other);
        let names = [
            "D:owner",
            "D:displayname",
            "C:supported-calendar-component-set",
            "D:current-user-privilege-set",
        ];
        let all = theirs.propfind(&theirs.homes().calendars, "1", &names);
        let shared = all.iter().find(|found| {
            found.found.get("D:owner/D:href") == Some(&principal) && found.components() == ["VEVENT"]
        });
        let Some(shared) = shared else { continue };
        let (subject, may_write) = (unique(), shared.privileges().contains(&"D:bind"));
        let there = held(&theirs, Some("VEVENT"), &shared.href);

        let told = json!({ "events": wanted(&shared.href, &there, &json!({})) });
        let seen = Desktop::of(&demo, &other).run("shared.py", &told, &subject);

        assert_eq!(seen["name"].as_str(), shared.found.get("D:displayname"));
        assert_eq!(titles(&seen["found"]), there);
        assert_eq!(seen["read_only"], json!(!may_write));
        assert_eq!(seen["refused"].is_null(), may_write, "{seen}");
        let made = held(&dav, Some("VEVENT"), &own).contains_key(&subject);
        assert_eq!(made, may_write);
        rights.insert(may_write);
    }
    assert_eq!(rights, BTreeSet::from([false, true]), "somebody reads, somebody edits");
    demo.consistent();
}
