//! A migration that was released is never edited: stores that ran it would differ from new ones.
//!
//! `released_migrations.tsv` lists path and content hash of each. A release adds its lines; it starts empty.

use std::collections::BTreeMap;

use crate::source::{Source, sources};

const RELEASED: &str = include_str!("../released_migrations.tsv");

/// FNV-1a, 64 bits: enough to notice an edit, and the same on every machine and compiler.
fn fingerprint(text: &str) -> String {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
}

fn edited(released: &str, present: &[Source]) -> Vec<String> {
    let present: BTreeMap<&str, String> =
        present.iter().map(|source| (source.path.as_str(), fingerprint(&source.text))).collect();
    released
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .filter(|line| {
            let (path, hash) = line.split_once('\t').unwrap_or_else(|| panic!("no tab in {line:?}"));
            present.get(path).map(String::as_str) != Some(hash)
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn released_migrations_are_unchanged() {
    let edited = edited(RELEASED, &sources(&["storage"], &["rs"]));
    assert!(edited.is_empty(), "write a new migration instead of editing these: {edited:#?}");
}

#[test]
fn an_edit_and_a_removal_are_noticed() {
    let source = |text: &str| Source { path: "m1.rs".to_owned(), text: text.to_owned() };
    let released = format!("# path, hash\nm1.rs\t{}\n", fingerprint("CREATE"));
    assert!(edited(&released, &[source("CREATE")]).is_empty());
    assert_eq!(edited(&released, &[source("CREATE ")]).len(), 1);
    assert_eq!(edited(&released, &[]).len(), 1);
}
