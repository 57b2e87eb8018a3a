//! A file that one can hold in mind.

use crate::source::rust_sources;

const LINES_MAX: usize = 800;

/// Files that must be long, with the reason.
const MAY_BE_LONG: &[(&str, &str)] = &[];

#[test]
fn no_file_is_longer_than_one_can_hold_in_mind() {
    let long: Vec<_> = rust_sources()
        .iter()
        .filter(|source| source.text.lines().count() > LINES_MAX)
        .map(|source| format!("{} has {} lines", source.path, source.text.lines().count()))
        .filter(|found| !MAY_BE_LONG.iter().any(|(path, _)| found.starts_with(&format!("{path} "))))
        .collect();
    assert!(long.is_empty(), "split it, or list it in MAY_BE_LONG with the reason: {long:#?}");
}
