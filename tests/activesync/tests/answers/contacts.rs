//! The elements of a contact: what each means, and what becomes of those that a phone cannot show.

use std::collections::BTreeMap;

use blackbox::{Demo, Element, Items, Phone, Store, kind, lines, unique};

const MEANINGS: &str = include_str!("../../contacts.tsv");
const GHOSTED: &str = include_str!("../../ghosted.tsv");

/// An element, a value for it, and how the line of a vCard begins that holds the value.
pub(crate) struct Row {
    pub(crate) element: &'static str,
    pub(crate) value: &'static str,
    line: &'static str,
}

fn columns(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// All elements that are a text, a date or a list of texts.
pub(crate) fn contact_rows() -> Vec<Row> {
    columns(MEANINGS).map(|row| Row { element: row[0], value: row[1], line: row[2] }).collect()
}

impl Row {
    /// The element with a value in it.
    pub(crate) fn written(&self, value: &str) -> Element {
        match self.inner() {
            Some(inner) => Element::of(self.element, [Element::text(inner, value)]),
            None => Element::text(self.element, value),
        }
    }

    /// What the values of a list stand in.
    fn inner(&self) -> Option<&'static str> {
        match self.element {
            "Contacts:Categories" => Some("Contacts:Category"),
            "Contacts:Children" => Some("Contacts:Child"),
            _ => None,
        }
    }

    /// What a phone shows for it.
    fn shown(&self, contact: &Element) -> Option<String> {
        let path =
            self.inner().map_or_else(|| self.element.to_owned(), |inner| format!("{}/{inner}", self.element));
        contact.get(&path)
    }
}

/// A phone whose contacts can show these elements; nothing says nothing.
fn phone_with(demo: &Demo, version: &str, supported: Option<Vec<&'static str>>) -> (Phone, Items) {
    let (anna, _) = demo.colleagues();
    let mut phone = demo.phone(&anna, version);
    phone.provision();
    let folders = phone.hierarchy("0").added;
    let folder = folders.into_iter().find(|folder| folder.kind == kind::CONTACTS).unwrap();
    let mut items = Items::of(folder);
    items.supported = supported;
    phone.sync_items(&mut items);
    (phone, items)
}

fn added(phone: &Phone, items: &mut Items, name: &str) -> String {
    let data = super::content::contact(name);
    let id = phone.sync_items_once(items, &[Element::add_item(&Phone::client_id(), data.clone())]).added_as();
    items.items.insert(id.clone(), Element::holding("AirSync:ApplicationData", data));
    id
}

fn values(contact: &Element) -> BTreeMap<&'static str, Option<String>> {
    contact_rows().iter().map(|row| (row.element, row.shown(contact))).collect()
}

#[test]
fn what_a_phone_says_of_a_contact_is_what_every_door_shows() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let app = demo.dav(&anna);
    for version in ["12.1", "14.0", "14.1", "16.0", "16.1"] {
        let (phone, mut items) = phone_with(&demo, version, None);
        let name = unique();
        added(&phone, &mut items, &name);

        let (_, others) = phone_with(&demo, version, None);
        let contact = &others.items[&others.find("Contacts:LastName", &name).unwrap()];
        let (_, card) = app.object_with(&app.own(None), &name);
        let card = lines(&card);
        for row in contact_rows() {
            let value = if row.element == "Contacts:LastName" { name.as_str() } else { row.value };
            assert_eq!(row.shown(contact).as_deref(), Some(value), "{version} {}", row.element);
            let line = row.line.replace("VALUE", value);
            let holds = card.iter().any(|one| one.to_ascii_lowercase().contains(&line.to_ascii_lowercase()));
            assert!(holds, "{version} {}: {line} is not in {card:#?}", row.element);
        }
    }
    demo.consistent();
}

// MS-ASCMD R5906 R5907 R5911 R5912
// MS-ASCNTC R499
#[test]
fn what_a_phone_cannot_show_stays_when_it_edits() {
    let demo = Demo::start(Store::Sqlite);
    for version in ["12.1", "14.1", "16.1"] {
        let (full, mut items) = phone_with(&demo, version, None);
        let name = unique();
        let id = added(&full, &mut items, &name);
        let before = values(&full_view(&demo, version, &id));
        let ghosted: Vec<&str> = columns(GHOSTED).map(|row| row[0]).collect();
        assert!(ghosted.iter().all(|element| before[element].is_some()), "{before:?}");

        // A phone that can show one element only: it edits that, and says nothing of the others. Each element is
        // once among the others.
        for (shown, new) in [("Contacts:FirstName", "first"), ("Contacts:LastName", "last")] {
            let (small, mut its) = phone_with(&demo, version, Some(vec![shown]));
            let edit = Element::change_item(&id, vec![Element::text(shown, new)]);
            small.sync_items_once(&mut its, &[edit]);
            let mut expected = before.clone();
            expected.insert("Contacts:FirstName", Some("first".to_owned()));
            if shown == "Contacts:LastName" {
                expected.insert("Contacts:LastName", Some("last".to_owned()));
            }
            assert_eq!(values(&full_view(&demo, version, &id)), expected, "{version} {shown}");
        }
        // One that has said nothing at key 0 can show all: what it leaves out is gone.
        let (phone, mut its) = phone_with(&demo, version, None);
        let edit = Element::change_item(&id, vec![Element::text("Contacts:LastName", "alone")]);
        phone.sync_items_once(&mut its, &[edit]);
        let left = values(&full_view(&demo, version, &id));
        // A card has a name to be filed under.
        let left: Vec<_> =
            left.iter().filter(|(tag, value)| value.is_some() && **tag != "Contacts:FileAs").collect();
        assert_eq!(left.len(), 1, "{version}: {left:?}");
    }
    demo.consistent();
}

/// A contact as a phone shows it that can show everything.
fn full_view(demo: &Demo, version: &str, id: &str) -> Element {
    let (_, items) = phone_with(demo, version, None);
    items.items[id].clone()
}
