//! Which FilterType may be asked of which class.

use blackbox::{Demo, Element, Phone, Store};

const FILTERS: &str = include_str!("../../filters.tsv");

fn text(tag: &str, text: &str) -> Element {
    Element::text(tag, text)
}

/// A folder of a class that has been primed: its id and the key.
fn primed(phone: &Phone, folders: &[blackbox::Folder], class: &str) -> (String, String) {
    let kind = match class {
        "Email" => 2,
        "Calendar" => 8,
        "Tasks" => 7,
        other => panic!("{other} is no class of the table"),
    };
    let id = folders.iter().find(|folder| folder.kind == kind).unwrap().id.clone();
    let inner = [text("AirSync:SyncKey", "0"), text("AirSync:CollectionId", &id)];
    let root = phone.command("Sync", Some(&sync(inner.to_vec()))).unwrap();
    (id, root.get("Collections/Collection/SyncKey").unwrap())
}

fn sync(inner: Vec<Element>) -> Element {
    let collection = Element::of("AirSync:Collection", inner);
    Element::of("AirSync:Sync", [Element::of("AirSync:Collections", [collection])])
}

#[test]
fn each_class_takes_the_filters_that_apply_to_it() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    for version in ["14.0", "14.1", "16.1"] {
        let mut phone = demo.phone(&anna, version);
        phone.provision();
        let folders = phone.folders();
        for row in FILTERS.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = row.split('\t').collect();
            let [command, class, filter, taken, _id] = columns[..] else { panic!("{row}") };
            let (id, key) = primed(&phone, &folders, class);
            let options = Element::of("AirSync:Options", [text("AirSync:FilterType", filter)]);
            let (request, path) = if command == "Sync" {
                let inner = vec![
                    text("AirSync:SyncKey", &key),
                    text("AirSync:CollectionId", &id),
                    text("AirSync:WindowSize", "1"),
                    options,
                ];
                (sync(inner), "Collections/Collection/Status")
            } else {
                let inner =
                    [text("AirSync:SyncKey", &key), text("GetItemEstimate:CollectionId", &id), options];
                let collection = Element::of("GetItemEstimate:Collection", inner);
                let collections = Element::of("GetItemEstimate:Collections", [collection]);
                (Element::of("GetItemEstimate:GetItemEstimate", [collections]), "Response/Status")
            };
            // The empty answer of a Sync says that nothing is wrong and nothing is new.
            let root = phone.command(command, Some(&request));
            let status = root.as_ref().map_or_else(
                || "1".to_owned(),
                |root| {
                    root.get(path)
                        .or_else(|| root.get("Status"))
                        .unwrap_or_else(|| panic!("{}", root.shown()))
                },
            );
            assert_eq!(status == "1", taken == "yes", "{version} {row}: {status}");
        }
    }
    demo.consistent();
}
