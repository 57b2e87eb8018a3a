//! What each element tells of items that other doors have put there.

use blackbox::{Demo, Element, Phone, Store};

use super::{VERSIONS, content};

const MEANINGS: &str = include_str!("../../meanings.tsv");

/// All items of a folder of a type, as a phone with the usual preferences gets them.
fn items(phone: &Phone, folders: &[blackbox::Folder], kind: u32) -> Vec<Element> {
    let text = Element::text;
    let folder = folders.iter().find(|folder| folder.kind == kind).unwrap();
    let body = [text("AirSyncBase:Type", "1"), text("AirSyncBase:TruncationSize", "32768")];
    let mut options = Vec::new();
    if matches!(kind, 2 | 7 | 8) {
        options.push(text("AirSync:FilterType", "0"));
    }
    options.push(Element::of("AirSyncBase:BodyPreference", body));
    let (mut key, mut found) = ("0".to_owned(), Vec::new());
    loop {
        let mut inner = vec![text("AirSync:SyncKey", &key), text("AirSync:CollectionId", &folder.id)];
        if key != "0" {
            inner.push(text("AirSync:WindowSize", "512"));
            inner.push(Element::of("AirSync:Options", options.iter().cloned()));
        }
        let collection = Element::of("AirSync:Collection", inner);
        let request = Element::of("AirSync:Sync", [Element::of("AirSync:Collections", [collection])]);
        let Some(root) = phone.command("Sync", Some(&request)) else { return found };
        let collection = root.at("Collections/Collection").unwrap();
        let primed = key == "0";
        key = collection.get("SyncKey").unwrap();
        let added = collection.at("Commands").map(|commands| commands.children.clone()).unwrap_or_default();
        found.extend(added.iter().map(|add| add.at("ApplicationData").unwrap().clone()));
        if !primed && collection.at("MoreAvailable").is_none() {
            return found;
        }
    }
}

/// The text at a path; `Tag[Other=text]` is the one that has that within.
fn at(item: &Element, path: &str) -> Option<String> {
    let mut element = item;
    for step in path.split('/') {
        let (tag, condition) = step.trim_end_matches(']').split_once('[').unwrap_or((step, ""));
        let fits = |one: &&Element| match condition.split_once('=') {
            Some((name, value)) => one.get(name).as_deref() == Some(value),
            None => true,
        };
        element = element.all(tag).find(fits)?;
    }
    Some(String::from_utf8_lossy(&element.content).into_owned())
}

fn is_of(versions: &str, version: &str) -> bool {
    match versions.strip_prefix(">=") {
        Some(since) => version >= since,
        None => versions.strip_prefix('<').is_none_or(|before| version < before),
    }
}

#[test]
fn each_element_tells_what_the_other_doors_put_there() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    let word = content::fill(&demo, &anna, &ben);
    let mut wrong = Vec::new();
    for version in VERSIONS {
        let mut phone = demo.phone(&anna, version);
        phone.provision();
        let folders = phone.folders();
        let kinds: &[u32] = if version < "14" { &[2, 7, 8] } else { &[2, 7, 8, 10] };
        let found: Vec<(u32, Vec<Element>)> =
            kinds.iter().map(|kind| (*kind, items(&phone, &folders, *kind))).collect();
        for row in MEANINGS.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = row.split('\t').collect();
            let [kind, name, versions, path, value, _ids] = columns[..] else { panic!("{row}") };
            if !is_of(versions, version) {
                continue;
            }
            let kind: u32 = kind.parse().unwrap();
            let subject = format!("{word} {name}");
            let is_it = |item: &&Element| item.get("Subject").as_deref() == Some(subject.as_str());
            let (_, of_kind) = found.iter().find(|(one, _)| *one == kind).unwrap_or_else(|| panic!("{row}"));
            let item = of_kind.iter().find(is_it).unwrap_or_else(|| panic!("{version} {row}: not there"));
            let told = at(item, path);
            let good = match value.strip_prefix('~') {
                Some(part) => told.as_ref().is_some_and(|told| !told.is_empty() && told.contains(part)),
                None => told.as_deref() == (value != "-").then_some(value),
            };
            if !good {
                wrong.push(format!("{version} {row}: {told:?}"));
            }
        }
    }
    demo.consistent();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
