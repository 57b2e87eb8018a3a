//! Items of each class by ItemOperations: all of them, and only the elements that a Schema names.

use blackbox::{Demo, Element, Phone, Store};

use super::content;

/// A Fetch of an item with what stands in Options; its Properties.
fn fetched(phone: &Phone, folder: &str, item: &str, options: Vec<Element>) -> Vec<Element> {
    let mut inner = vec![
        Element::text("ItemOperations:Store", "Mailbox"),
        Element::text("AirSync:CollectionId", folder),
        Element::text("AirSync:ServerId", item),
    ];
    if !options.is_empty() {
        inner.push(Element::of("ItemOperations:Options", options));
    }
    let fetch = Element::of("ItemOperations:Fetch", inner);
    let request = Element::of("ItemOperations:ItemOperations", [fetch]);
    let root = phone.command("ItemOperations", Some(&request)).unwrap();
    assert_eq!(root.get("Response/Fetch/Status").as_deref(), Some("1"), "{}", root.shown());
    root.at("Response/Fetch/Properties").unwrap_or_else(|| panic!("{}", root.shown())).children.clone()
}

// MS-ASCNTC R477 R483 R485 R486
// MS-ASNOTE R100 R101 R103
// MS-ASTASK R356 R358 R359
// MS-ASCAL R525 R528 R529 R530 R531
// MS-ASEMAIL R59 R61 R62 R63
#[test]
fn an_item_of_each_class_is_fetched_whole_or_as_the_schema_says() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    content::fill(&demo, &anna, &ben);
    for version in ["14.0", "14.1", "16.0", "16.1"] {
        let mut phone = demo.phone(&anna, version);
        phone.provision();
        for (kind, page, named) in [
            (2, "Email", ["Email:Subject", "Email:DateReceived"]),
            (7, "Tasks", ["Tasks:Subject", "Tasks:Importance"]),
            (8, "Calendar", ["Calendar:Subject", "Calendar:StartTime"]),
            (9, "Contacts", ["Contacts:FileAs", "Contacts:LastName"]),
            (10, "Notes", ["Notes:Subject", "Notes:MessageClass"]),
        ] {
            let items = phone.items(kind);
            let has =
                |data: &&Element| named.iter().all(|tag| data.children.iter().any(|one| one.tag == *tag));
            let (id, data) = items.items.iter().find(|(_, data)| has(data)).unwrap();
            let whole = fetched(&phone, &items.folder.id, id, vec![]);
            let of_page = |list: &[Element]| {
                let mut own: Vec<Element> = list.to_vec();
                own.retain(|one| one.tag.starts_with(&format!("{page}:")));
                own.sort_by(|one, other| one.tag.cmp(&other.tag));
                own
            };
            assert_eq!(of_page(&whole), of_page(&data.children), "{version} {page}");

            let schema = Element::of("ItemOperations:Schema", named.iter().map(|tag| Element::of(tag, [])));
            let part = fetched(&phone, &items.folder.id, id, vec![schema]);
            let mut tags: Vec<&str> = part.iter().map(|one| one.tag.as_str()).collect();
            tags.sort_unstable();
            let mut wanted = named;
            wanted.sort_unstable();
            assert_eq!(tags, wanted, "{version} {page}");
        }
    }
    demo.consistent();
}
