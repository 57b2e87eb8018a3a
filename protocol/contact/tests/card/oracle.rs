//! `calcard` and this crate read the same texts out of the same cards.

use calcard::vcard::{VCard, VCardEntry, VCardProperty, VCardValue};
use contact::{Query, Target, convert};

/// Values that the two take apart differently on purpose, with the reason.
const DIFFERENT: &[(&str, &str, &str)] = &[
    (
        "broken_values",
        "FN",
        "a backslash before any letter: calcard drops it, we keep it, as Windows paths need it",
    ),
    ("google_export", "URL", "the same"),
    ("phone_agent_2_1", "TITLE", "calcard takes the end of the inner card for that of the outer one"),
];

const COMPARED: &[(&str, VCardProperty)] = &[
    ("FN", VCardProperty::Fn),
    ("EMAIL", VCardProperty::Email),
    ("NOTE", VCardProperty::Note),
    ("TITLE", VCardProperty::Title),
    ("UID", VCardProperty::Uid),
    ("URL", VCardProperty::Url),
    ("N", VCardProperty::N),
    ("ORG", VCardProperty::Org),
    ("ADR", VCardProperty::Adr),
    ("NICKNAME", VCardProperty::Nickname),
];

/// The texts of an entry, lists within parts joined by commas and parts by semicolons, as we compare them.
fn joined(entry: &VCardEntry) -> String {
    let text = |value: &VCardValue| match value {
        VCardValue::Text(text) => text.replace("\r\n", "\n"),
        VCardValue::Component(list) => list.join(","),
        other => format!("{other:?}"),
    };
    let separator = if entry.name == VCardProperty::Nickname { "," } else { ";" };
    entry.values.iter().map(text).collect::<Vec<_>>().join(separator)
}

#[test]
fn calcard_reads_the_same_texts() {
    let mut compared = 0;
    for (file, bytes) in crate::corpus::cards() {
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        let theirs = VCard::parse(text).unwrap();
        let ours = Query::new(&bytes).unwrap();
        for (name, property) in COMPARED {
            if DIFFERENT.iter().any(|(other, skipped, _)| other == &file && skipped == name) {
                continue;
            }
            let theirs: Vec<_> =
                theirs.entries.iter().filter(|entry| entry.name == *property).map(joined).collect();
            let ours: Vec<_> = ours.properties(name).map(|property| property.text()).collect();
            assert_eq!(ours, theirs, "{file}: {name}");
            compared += ours.len();
        }
    }
    assert!(compared > 150, "only {compared} values compared");
}

/// Of these a value is the same in all versions.
const IN_ALL_VERSIONS: &[&str] = &["FN", "EMAIL", "NOTE", "TITLE", "N", "ORG", "ADR", "NICKNAME"];

#[test]
fn calcard_reads_converted_cards_as_we_do() {
    let mut compared = 0;
    for (file, bytes) in crate::corpus::cards() {
        for target in [Target::V3_0, Target::V4_0] {
            let converted = convert(&bytes, target).unwrap();
            let Ok(text) = std::str::from_utf8(&converted) else { continue };
            let theirs = VCard::parse(text).unwrap();
            let ours = Query::new(&converted).unwrap();
            for (name, property) in COMPARED.iter().filter(|(name, _)| IN_ALL_VERSIONS.contains(name)) {
                if DIFFERENT.iter().any(|(other, skipped, _)| other == &file && skipped == name) {
                    continue;
                }
                let theirs: Vec<_> =
                    theirs.entries.iter().filter(|entry| entry.name == *property).map(joined).collect();
                let ours: Vec<_> = ours.properties(name).map(|property| property.text()).collect();
                assert_eq!(ours, theirs, "{file} in {target:?}: {name}");
                compared += ours.len();
            }
        }
    }
    assert!(compared > 300, "only {compared} values compared");
}
