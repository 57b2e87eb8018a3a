//! Items that are sent right and wrong, each with its status.

use std::time::{SystemTime, UNIX_EPOCH};

use blackbox::{Demo, Element, Folder, Phone, Store, kind, moment_at, texts, unique};

use super::notation::parse;
use super::{Names, written};

const CONVERSIONS: &str = include_str!("../../conversions.tsv");

fn sync(key: &str, folder: &str, commands: Vec<Element>) -> Element {
    let text = Element::text;
    let mut inner = vec![text("AirSync:SyncKey", key), text("AirSync:CollectionId", folder)];
    if key != "0" {
        inner.push(text("AirSync:GetChanges", "0"));
    }
    if !commands.is_empty() {
        inner.push(Element::of("AirSync:Commands", commands));
    }
    let collection = Element::of("AirSync:Collection", inner);
    Element::of("AirSync:Sync", [Element::of("AirSync:Collections", [collection])])
}

/// The folder that rows of a type speak of.
fn folder_of<'a>(folders: &'a [Folder], kind: u32, name: &str) -> &'a Folder {
    let fits = |folder: &&Folder| if kind == 2 { folder.name == name } else { folder.kind == kind };
    folders.iter().find(fits).unwrap_or_else(|| panic!("no folder of type {kind}"))
}

#[test]
fn what_cannot_be_is_status_6_for_itself_alone() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let name = unique();
    let mut imap = demo.imap(&anna);
    imap.ok(&format!("CREATE {name}"));
    imap.append(&name, "", b"Subject: x\r\n\r\nx\r\n");
    let mut wrong = Vec::new();
    for version in ["14.0", "14.1"] {
        let mut phone = demo.phone(&anna, version);
        phone.provision();
        let folders = phone.folders();
        let mut mails = folder_of(&folders, 2, &name).clone();
        phone.sync_all(&mut mails);
        let mail = mails.items.keys().next().unwrap().clone();
        for row in CONVERSIONS.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = row.split('\t').collect();
            let [kind, data, expected, _ids] = columns[..] else { panic!("{row}") };
            let kind = kind.parse().unwrap();
            let folder = folder_of(&folders, kind, &name);
            let data =
                written(&parse(&format!("AirSync:ApplicationData({data})")), "", &Names::new()).children;
            let command = match kind {
                2 => Element::change_item(&mail, data),
                _ => Element::add_item(&Phone::client_id(), data),
            };
            let key = phone.command("Sync", Some(&sync("0", &folder.id, vec![]))).unwrap();
            let key = key.get("Collections/Collection/SyncKey").unwrap();
            // The mail is known to the phone once it has been told of it.
            let key = match kind {
                2 => {
                    let mut request = sync(&key, &folder.id, vec![]);
                    request.children[0].children[0].children.remove(2);
                    let root = phone.command("Sync", Some(&request)).unwrap();
                    root.get("Collections/Collection/SyncKey").unwrap()
                }
                _ => key,
            };
            let root = phone.command("Sync", Some(&sync(&key, &folder.id, vec![command])));
            let collection = root.as_ref().and_then(|root| root.at("Collections/Collection"));
            let of_all = collection.and_then(|collection| collection.get("Status"));
            let of_item = collection.and_then(|collection| collection.at("Responses"));
            let of_item = of_item.and_then(|responses| responses.children[0].get("Status"));
            // An Add is always answered, a Change that went well is not.
            let unsaid = if kind == 2 { "1" } else { "nothing" };
            let told = (of_all.as_deref().unwrap_or("1"), of_item.as_deref().unwrap_or(unsaid));
            if told != ("1", expected) {
                wrong.push(format!("{version} {row}: {told:?}"));
            }
        }
    }
    demo.consistent();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// MS-ASCAL R52511 R52514 R52516 R52517
#[test]
fn an_event_without_begin_or_end_is_put_where_now_is() {
    const HALF_HOUR_S: i64 = 30 * 60;
    let (past, future) = ("20200315T090000Z", "20990315T090000Z");
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let rounded = || {
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
        (now + HALF_HOUR_S - 1) / HALF_HOUR_S * HALF_HOUR_S
    };
    for version in ["12.1", "14.0", "14.1", "16.0", "16.1"] {
        let mut phone = demo.phone(&anna, version);
        phone.provision();
        let mut events = phone.items(kind::CALENDAR);
        for (start, end) in [(None, None), (None, Some(future)), (Some(past), None)] {
            let name = unique();
            let mut data = texts("Calendar", &[("Subject", &name)]);
            data.extend(start.map(|start| Element::text("Calendar:StartTime", start)));
            data.extend(end.map(|end| Element::text("Calendar:EndTime", end)));
            let before = rounded();
            let told = phone.sync_items_once(&mut events, &[Element::add_item(&Phone::client_id(), data)]);
            let after = rounded();
            let id = told.added_as();
            let stored = demo.phone(&anna, "14.1");
            let stored = {
                let mut other = stored;
                other.provision();
                other.items(kind::CALENDAR).items[&id].clone()
            };
            let is = [stored.get("StartTime").unwrap(), stored.get("EndTime").unwrap()];
            let should = |now: i64| {
                let soon = moment_at(now + HALF_HOUR_S);
                [start.map_or_else(|| moment_at(now), str::to_owned), end.map_or(soon, str::to_owned)]
            };
            assert!(is == should(before) || is == should(after), "{version} {start:?} {end:?}: {is:?}");
        }
    }
    demo.consistent();
}

// MS-ASCAL R53911
// MS-ASTASK R37013
#[test]
fn of_a_series_with_a_count_and_an_end_the_count_counts() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let app = demo.dav(&anna);
    for version in ["12.1", "14.0", "14.1", "16.0", "16.1"] {
        let mut phone = demo.phone(&anna, version);
        phone.provision();
        for (kind, component, data) in [
            (
                kind::CALENDAR,
                "VEVENT",
                "Calendar:StartTime=20270315T080000Z EndTime=20270315T090000Z Recurrence(Type=0 Interval=1 \
                 Occurrences=3 Until=20270420T080000Z)",
            ),
            (
                kind::TASKS,
                "VTODO",
                "Tasks:Importance=1 Complete=0 Sensitivity=0 ReminderSet=0 Recurrence(Type=0 \
                 Start=2027-03-15T00:00:00.000Z Interval=1 Occurrences=3 Until=2027-04-20T00:00:00.000Z)",
            ),
        ] {
            let name = unique();
            let page = if kind == kind::TASKS { "Tasks" } else { "Calendar" };
            let tree = parse(&format!("AirSync:ApplicationData({data})"));
            let mut data = written(&tree, "", &Names::new()).children;
            data.insert(0, Element::text(&format!("{page}:Subject"), &name));
            let mut items = phone.items(kind);
            phone.sync_items_once(&mut items, &[Element::add_item(&Phone::client_id(), data)]).added_as();
            let (_, text) = app.object_with(&app.own(Some(component)), &name);
            assert!(text.contains("COUNT=3") && !text.contains("UNTIL"), "{version}: {text}");
        }
    }
    demo.consistent();
}
