//! Items that are sent right and wrong, each with its status.

use blackbox::{Demo, Element, Folder, Phone, Store, unique};

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
            let told = (of_all.as_deref().unwrap_or("1"), of_item.as_deref().unwrap_or("1"));
            if told != ("1", expected) {
                wrong.push(format!("{version} {row}: {told:?}"));
            }
        }
    }
    demo.consistent();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
