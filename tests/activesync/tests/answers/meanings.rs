//! What each element tells of items that other doors have put there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
            let value = value.replace("{anna}", &anna.address).replace("{word}", &word);
            let good = match value.strip_prefix('~') {
                Some(part) => told.as_ref().is_some_and(|told| !told.is_empty() && told.contains(part)),
                None => told.as_deref() == (value != "-").then_some(value.as_str()),
            };
            if !good {
                wrong.push(format!("{version} {row}: {told:?}"));
            }
        }
    }
    demo.consistent();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// MS-ASEMAIL R121 R10000 R1001 R20000 R20001 R20011 R20013 R20016 R20018 R20019 R20021 R478
#[test]
fn an_invitation_names_its_meeting_as_the_rules_for_it_say() {
    const CLASS_ID: &[u8] = b"\x04\x00\x00\x00\x82\x00\xe0\x00\x74\xc5\xb7\x10\x1a\x82\xe0\x08";
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    let word = content::fill(&demo, &anna, &ben);
    for version in ["12.1", "14.0", "14.1"] {
        let mut phone = demo.phone(&anna, version);
        phone.provision();
        let folders = phone.folders();
        let subject = format!("{word} invited");
        let mails = items(&phone, &folders, 2);
        let mail = mails.iter().find(|mail| mail.get("Subject").as_ref() == Some(&subject)).unwrap();
        let name = mail.get("MeetingRequest/GlobalObjId").unwrap_or_else(|| panic!("{}", mail.shown()));
        let name = STANDARD.decode(name).unwrap();
        let (class, rest) = name.split_at(16);
        // No date, for it is of no single occurrence; when it was made; nothing.
        let (date, rest) = rest.split_at(4);
        let (_now, rest) = rest.split_at(8);
        let (reserved, rest) = rest.split_at(8);
        let (count, data) = rest.split_at(4);
        assert_eq!((class, date, reserved), (CLASS_ID, &[0; 4][..], &[0; 8][..]), "{version}");
        let count = u32::from_le_bytes(count.try_into().unwrap());
        assert_eq!(usize::try_from(count).unwrap(), data.len(), "{version}");
        let should = [b"vCal-Uid\x01\x00\x00\x00", format!("{word}-invited").as_bytes(), b"\x00"].concat();
        assert_eq!(data, should, "{version}");
    }
    demo.consistent();
}
