//! `khal` and a phone on one calendar.

use std::collections::BTreeSet;
use std::process::Command;

use blackbox::{
    Element, Phone, berlin, day_after, kind, on_each_store, parts, run_tool, texts, tool_path, unique,
};

use super::vdir::Vdir;
use super::{PATIENCE, anna, on_sqlite, segment, shows};

impl Vdir {
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
    on_each_store(|demo| {
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
