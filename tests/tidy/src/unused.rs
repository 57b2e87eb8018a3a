//! A dependency that no source file names is one that nobody needs.

use cargo_metadata::Metadata;
use toml::Table;

use crate::dependencies::metadata;
use crate::source::{Source, read, root, sources};

/// Dependencies that are needed without being named: package, dependency, reason.
const NEEDED_UNNAMED: &[(&str, &str, &str)] = &[];

/// Versions that no crate asks for yet: name, reason.
const NEEDED_SOON: &[(&str, &str)] = &[];

/// Whether a text names a crate: as a word, outside of comments.
fn names(text: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.flat_map(|line| line.split(|c| !is_word(c))).any(|word| word == name)
}

fn unused(metadata: &Metadata) -> Vec<String> {
    let root = root();
    let mut unused = Vec::new();
    for package in &metadata.packages {
        let folder = package.manifest_path.parent().unwrap().as_std_path().canonicalize().unwrap();
        let folder = folder.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let sources: Vec<Source> = sources(&[&folder], &["rs"]);
        for dependency in &package.dependencies {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name).replace('-', "_");
            let excused = NEEDED_UNNAMED
                .iter()
                .any(|(who, what, _)| *who == package.name.as_str() && *what == dependency.name);
            if !excused && !sources.iter().any(|source| names(&source.text, &name)) {
                unused.push(format!("{}: {}", package.name, dependency.name));
            }
        }
    }
    unused
}

#[test]
fn every_dependency_is_named_by_a_source_file() {
    let unused = unused(&metadata());
    assert!(unused.is_empty(), "remove these, or say in NEEDED_UNNAMED why they are needed: {unused:#?}");
}

#[test]
fn every_foreign_version_of_the_workspace_is_asked_for() {
    let workspace: Table = read("Cargo.toml").parse().unwrap();
    let versions = workspace["workspace"]["dependencies"].as_table().unwrap();
    let manifests = sources(&["protocol", "storage", "server", "web", "tests"], &["toml"]);
    let manifests: Vec<Table> = manifests
        .iter()
        .filter(|source| source.path.ends_with("/Cargo.toml"))
        .map(|source| source.text.parse().unwrap())
        .collect();
    let asks = |manifest: &Table, name: &str| {
        ["dependencies", "dev-dependencies", "build-dependencies"]
            .iter()
            .any(|kind| manifest.get(*kind).and_then(|table| table.get(name)).is_some())
    };
    let unused: Vec<_> = versions
        .iter()
        .filter(|(_, version)| version.get("path").is_none())
        .map(|(name, _)| name)
        .filter(|name| !manifests.iter().any(|manifest| asks(manifest, name)))
        .filter(|name| !NEEDED_SOON.iter().any(|(soon, _)| soon == name))
        .collect();
    assert!(unused.is_empty(), "remove these, or say in NEEDED_SOON what they are for: {unused:#?}");
}

#[test]
fn a_crate_is_named_as_a_word_and_not_in_a_comment() {
    assert!(names("use serde::Serialize;", "serde"));
    assert!(names("#[serde(default)]", "serde"));
    assert!(!names("use serde_json::Value; // serde", "serde"));
}
