//! Nothing in the repository knows the machine it was written on.

use crate::source::sources;

/// Split so that this file does not accuse itself.
const PLACES: &[&str] =
    &[concat!("/", "work/"), concat!("/", "root/"), concat!("/", "home/"), concat!("/", "tmp/")];

#[test]
fn no_file_names_a_place_of_one_machine() {
    let folders = ["protocol", "storage", "server", "web", "tests", "deploy"];
    for source in sources(&folders, &["rs", "toml", "md", "py", "mjs", "json", "tsv"]) {
        for place in PLACES {
            let found = source.lines_with(&source.text, place);
            assert!(
                found.is_empty(),
                "use a temporary directory or a setting instead of {place}: {found:#?}"
            );
        }
    }
}
