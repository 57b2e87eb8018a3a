//! `vcard_parser` writes what `calcard` reads: the condition under which it is used.

use calcard::vcard::{VCard, VCardKind, VCardProperty, VCardValue};
use contact::{Card, DirectoryEntry, Kind, TextField, Unfit, describe, directory_card};

/// Everything that is not plain in a single line, and longer than one.
const ODD: &str =
    "M\u{fc}ller, Dr.; \"A\\B\" C:\\new \u{1f382} and so on, and so on, and so on, and so on, and so on";

fn group() -> DirectoryEntry {
    DirectoryEntry {
        uid: "urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af".to_owned(),
        kind: Kind::Group,
        name: ODD.to_owned(),
        person: Some((ODD.to_owned(), "Given, name".to_owned())),
        emails: vec!["first@a.test".to_owned(), "second@a.test".to_owned()],
        phones: vec!["+49 30 1".to_owned(), "tel:+2;ext=3".to_owned()],
        organization: Some((ODD.to_owned(), "Dept; 5".to_owned())),
        title: Some(ODD.to_owned()),
        note: Some(ODD.to_owned()),
        members: vec![
            "mailto:b@a.test".to_owned(),
            "urn:uuid:13a0e51f-d1aa-4385-8a53-e29025acd8af".to_owned(),
        ],
    }
}

fn values(card: &VCard, name: &VCardProperty) -> Vec<Vec<String>> {
    let text = |value: &VCardValue| match value {
        VCardValue::Text(text) => text.clone(),
        VCardValue::Kind(VCardKind::Group) => "group".to_owned(),
        other => format!("{other:?}"),
    };
    card.entries
        .iter()
        .filter(|entry| entry.name == *name)
        .map(|entry| entry.values.iter().map(text).collect())
        .collect()
}

#[test]
fn calcard_reads_back_every_property() {
    let entry = group();
    let bytes = directory_card(&entry).unwrap();
    let card = VCard::parse(std::str::from_utf8(&bytes).unwrap()).unwrap();
    let one = |text: &str| vec![vec![text.to_owned()]];
    assert_eq!(values(&card, &VCardProperty::Version), one("4.0"));
    assert_eq!(values(&card, &VCardProperty::Fn), one(ODD));
    assert_eq!(values(&card, &VCardProperty::Kind), one("group"));
    assert_eq!(values(&card, &VCardProperty::Uid), one(&entry.uid));
    assert_eq!(values(&card, &VCardProperty::Prodid), one("-//Kontor//Kontor//EN"));
    assert_eq!(values(&card, &VCardProperty::N), [vec![ODD, "Given, name", "", "", ""]]);
    assert_eq!(values(&card, &VCardProperty::Email), [["first@a.test"], ["second@a.test"]]);
    assert_eq!(values(&card, &VCardProperty::Tel), [["+49 30 1"], ["tel:+2;ext=3"]]);
    assert_eq!(values(&card, &VCardProperty::Org), [[ODD, "Dept; 5"]]);
    assert_eq!(values(&card, &VCardProperty::Title), one(ODD));
    assert_eq!(values(&card, &VCardProperty::Note), one(ODD));
    assert_eq!(
        values(&card, &VCardProperty::Member),
        [[entry.members[0].as_str()], [entry.members[1].as_str()]]
    );
    assert_eq!(card.entries.len(), 15, "and nothing else");
}

#[test]
fn our_own_reader_agrees() {
    let bytes = directory_card(&group()).unwrap();
    assert_eq!(describe(&bytes).unwrap().kind, Kind::Group);
    let card = Card::read(&bytes).unwrap();
    assert_eq!(card.text(TextField::FormattedName), Some(ODD));
    assert_eq!(card.text(TextField::BusinessPhone), Some("+49 30 1"));
    assert!(bytes.split(|&byte| byte == b'\n').all(|line| line.len() <= 76), "lines are folded");
}

#[test]
fn texts_are_single_lines() {
    let entry = DirectoryEntry { name: "Two\r\nEMAIL:evil@x.test\tlines".to_owned(), ..group() };
    let card = Card::read(&directory_card(&entry).unwrap()).unwrap();
    assert_eq!(card.text(TextField::FormattedName), Some("Two  EMAIL:evil@x.test lines"));
    assert_eq!(card.text(TextField::Email1), Some("first@a.test"));
}

#[test]
fn what_is_no_member_and_what_has_no_kind_is_refused() {
    let entry = DirectoryEntry { members: vec!["not a uri\nX:1".to_owned()], ..group() };
    assert_eq!(directory_card(&entry), Err(Unfit { property: "MEMBER" }));
    let entry = DirectoryEntry { kind: Kind::Other, ..group() };
    assert_eq!(directory_card(&entry), Err(Unfit { property: "KIND" }));
}
