//! Each front end answers every `Refusal` by name, so that a new one opens every `status.rs`.

use crate::source::sources;

#[test]
fn no_status_file_has_a_catch_all_arm() {
    for source in sources(&["server"], &["rs"]).iter().filter(|s| s.path.ends_with("/status.rs")) {
        let found = source.lines_with(source.product(), "_ =>");
        let found: Vec<_> =
            found.iter().filter(|line| line.contains(": _ =>") || line.contains("| _ =>")).collect();
        assert!(found.is_empty(), "name every variant, the compiler then shows what is new: {found:#?}");
    }
}
