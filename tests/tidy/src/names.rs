//! Names that attract everything are banned.

use std::path::Path;

use crate::source::rust_sources;

const BANNED: &[&str] =
    &["common", "util", "utils", "utilities", "helper", "helpers", "misc", "manager", "base", "core"];

#[test]
fn no_crate_or_module_has_a_name_that_says_nothing() {
    for source in rust_sources() {
        let banned = Path::new(&source.path)
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .find(|part| BANNED.contains(&part.trim_end_matches(".rs")));
        assert!(banned.is_none(), "{}: name it after what it does; {banned:?} is banned", source.path);

        for line in source.text.lines() {
            let declared = line.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            let Some(name) = declared.strip_prefix("mod ") else { continue };
            let name = name.trim_end_matches([';', '{', ' ']);
            assert!(!BANNED.contains(&name), "{}: mod {name} is banned", source.path);
        }
    }
}
