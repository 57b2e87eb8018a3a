//! Every crate inherits the workspace's lints, version, edition and licence.

use toml::{Table, Value};

use crate::source::sources;

fn inherits(manifest: &Table, keys: &[&str]) -> bool {
    let mut value = Some(&manifest[keys[0]]);
    for key in &keys[1..] {
        value = value.and_then(|v| v.get(key));
    }
    value.and_then(|v| v.get("workspace")).and_then(Value::as_bool) == Some(true)
}

#[test]
fn every_crate_inherits_from_the_workspace() {
    let manifests = sources(&["protocol", "storage", "server", "web", "tests"], &["toml"]);
    let mut crates = 0;
    for source in manifests.iter().filter(|s| s.path.ends_with("/Cargo.toml") && !s.path.contains("/fuzz/")) {
        crates += 1;
        let manifest: Table = source.text.parse().unwrap();
        assert!(manifest.contains_key("lints"), "{}: add [lints] workspace = true", source.path);
        assert!(
            inherits(&manifest, &["lints"]),
            "{}: [lints] workspace = true, and nothing else",
            source.path
        );
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            assert!(inherits(&manifest, &["package", key]), "{}: {key}.workspace = true", source.path);
        }
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(dependencies) = manifest.get(kind).and_then(Value::as_table) else { continue };
            for name in dependencies.keys() {
                assert!(
                    inherits(&manifest, &[kind, name]),
                    "{}: {name}.workspace = true; versions live in the workspace's Cargo.toml",
                    source.path
                );
            }
        }
    }
    assert!(crates >= 15, "only {crates} manifests found");
}
