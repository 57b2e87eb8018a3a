//! An index says of its properties what the card says.

use contact::{Index, Query, index};
use proptest::prelude::*;

/// The names of an index, and some that it does not have.
const NAMES: &[&str] = &[
    "FN",
    "n",
    "NICKNAME",
    "EMAIL",
    "tel",
    "ORG",
    "TITLE",
    "UID",
    "CATEGORIES",
    "KIND",
    "X-ADDRESSBOOKSERVER-KIND",
];

#[test]
fn an_index_says_what_the_card_says() {
    for (name, bytes) in crate::corpus::cards() {
        let kept = index(&bytes);
        let index = Index::read(&kept).unwrap_or_else(|| panic!("{name}: {kept:?}"));
        let query = Query::new(&bytes).unwrap();
        for property in NAMES {
            assert!(Index::covers(property));
            let in_card: Vec<_> = query.properties(property).map(|property| property.text()).collect();
            assert_eq!(index.texts(property).collect::<Vec<_>>(), in_card, "{name}: {property}");
        }
    }
}

#[test]
fn other_names_are_left_to_the_card() {
    for name in ["NOTE", "ADR", "item1.TEL", "", "X-ABC.FN"] {
        assert!(!Index::covers(name), "{name}");
    }
}

#[test]
fn too_much_text_has_no_index() {
    // One byte for the format, three before the text.
    let card = |length: usize| crate::card(&format!("FN:{}\n", "x".repeat(length)));
    assert_eq!(index(card(4092).as_bytes()).len(), 4096);
    assert!(index(card(4093).as_bytes()).is_empty());
    assert!(index(b"no card").is_empty());
}

#[test]
fn what_is_no_index_is_not_read() {
    let kept = index(crate::card("FN:A\n").as_bytes());
    assert_eq!(kept, [1, 0, 0, 1, b'A']);
    for bad in [
        &[][..],
        &[0, 0, 0, 1, b'A'],
        &[2],
        &[1, 0],
        &[1, 0, 0, 2, b'A'],
        &[1, 99, 0, 0],
        &[1, 0, 0, 1, 0xFF],
    ] {
        assert!(Index::read(bad).is_none(), "{bad:?}");
    }
    assert_eq!(Index::read(&[1]).unwrap().texts("FN").count(), 0);
}

proptest! {
    #[test]
    fn any_bytes_are_an_index_or_none(bytes: Vec<u8>) {
        if let Some(index) = Index::read(&bytes) {
            let texts: usize = NAMES.iter().flat_map(|name| index.texts(name)).map(|text| text.len() + 3).sum();
            prop_assert_eq!(texts + 1, bytes.len());
        }
    }
}
