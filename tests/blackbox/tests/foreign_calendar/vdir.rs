//! `vdirsyncer`, and the files that it keeps for khal and todoman.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use blackbox::{Account, Dav, Demo, calendar, on_each_store, run_tool, tool_path};

use super::{PATIENCE, anna, root, segment};

/// Files beneath a folder that vdirsyncer keeps equal to an account.
pub(crate) struct Vdir {
    pub(crate) folder: tempfile::TempDir,
}

impl Vdir {
    pub(crate) fn of(demo: &Demo, account: &Account) -> Self {
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

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    fn vdirsyncer(&self, action: &str) -> String {
        let mut command = Command::new(tool_path("venv/bin/vdirsyncer"));
        command.arg("-c").arg(self.path("vdirsyncer.conf")).arg(action).env("HOME", self.folder.path());
        run_tool(&mut command, PATIENCE).success()
    }

    /// Both ways; what it did is told by its lines `Copying` and `Deleting`.
    pub(crate) fn sync(&self) -> usize {
        // It warns of every deletion under a condition (`If-Match`), and means those without.
        let output = self.vdirsyncer("sync").replace("warning: Deleting an item with no etag.", "");
        for trouble in ["error", "conflict", "warning"] {
            assert!(!output.to_lowercase().contains(trouble), "{output}");
        }
        output.lines().filter(|line| line.starts_with("Copying") || line.starts_with("Deleting")).count()
    }

    /// What lies in a local collection, by the UID in it.
    pub(crate) fn held(&self, collection: &str) -> BTreeMap<String, (PathBuf, String)> {
        let files = std::fs::read_dir(self.path(collection)).unwrap().map(|entry| entry.unwrap().path());
        files
            .filter(|file| file.extension().is_some_and(|ending| ending == "ics" || ending == "vcf"))
            .map(|file| (file.clone(), std::fs::read_to_string(file).unwrap()))
            .map(|(file, text)| (uid_of(&text), (file, text)))
            .collect()
    }

    /// The local collection of a collection of the server's.
    pub(crate) fn name(pair: &str, href: &str) -> String {
        format!("{pair}/{}", segment(href))
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

fn event(uid: &str, summary: &str) -> String {
    let inner = "DTSTART;TZID=Europe/Berlin:20270115T090000\nDTEND;TZID=Europe/Berlin:20270115T100000\n";
    calendar("VEVENT", uid, &format!("{inner}SUMMARY:{summary}\nX-PROBE:kept\n"))
}

#[test]
fn vdirsyncer_keeps_both_sides_equal() {
    on_each_store(|demo| {
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
