//! Who may know whom.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use crate::source::root;

/// `ARCHITECTURE.md`, "Who may know whom". Change both or neither.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("vocabulary", &[]),
    ("kontor-mime", &["vocabulary"]),
    ("wbxml", &["vocabulary"]),
    ("content-line", &[]),
    ("kontor-calendar", &["vocabulary", "content-line"]),
    ("kontor-contact", &["vocabulary", "content-line"]),
    ("imap-wire", &["vocabulary", "kontor-mime"]),
    ("pop3-wire", &["vocabulary"]),
    ("smtp-wire", &["vocabulary", "kontor-mime"]),
    (
        "activesync-wire",
        &["vocabulary", "kontor-mime", "wbxml", "content-line", "kontor-calendar", "kontor-contact"],
    ),
    ("autodiscover-wire", &[]),
    ("dav-wire", &["vocabulary"]),
    ("storage", &["vocabulary"]),
    ("session", &["vocabulary", "storage"]),
    ("http-door", &["vocabulary", "storage", "session"]),
    ("workflow", &["vocabulary", "kontor-mime", "kontor-calendar", "kontor-contact", "storage", "session"]),
    ("imap-server", &["vocabulary", "kontor-mime", "imap-wire", "storage", "session", "workflow"]),
    ("pop3-server", &["vocabulary", "pop3-wire", "storage", "session", "workflow"]),
    ("smtp-server", &["vocabulary", "kontor-mime", "smtp-wire", "storage", "session", "workflow"]),
    (
        "activesync-server",
        &[
            "vocabulary",
            "kontor-mime",
            "kontor-calendar",
            "kontor-contact",
            "wbxml",
            "activesync-wire",
            "storage",
            "session",
            "http-door",
            "workflow",
        ],
    ),
    (
        "autodiscover-server",
        &["vocabulary", "autodiscover-wire", "storage", "session", "http-door", "workflow"],
    ),
    (
        "dav-server",
        &[
            "vocabulary",
            "content-line",
            "kontor-calendar",
            "kontor-contact",
            "dav-wire",
            "storage",
            "session",
            "http-door",
            "workflow",
        ],
    ),
    (
        "kontor",
        &[
            "vocabulary",
            "kontor-mime",
            "kontor-calendar",
            "kontor-contact",
            "storage",
            "session",
            "http-door",
            "workflow",
            "imap-server",
            "pop3-server",
            "smtp-server",
            "activesync-server",
            "autodiscover-server",
            "dav-server",
        ],
    ),
    // The harness knows only the wire, and not even our crates for it.
    ("blackbox", &[]),
    ("phones", &["blackbox"]),
    ("bench", &["vocabulary", "storage"]),
    ("tidy", &[]),
];

/// What is kept behind one facade, or belongs to one layer: crate, and who alone may name it.
const ONLY: &[(&str, &[&str])] = &[
    ("sea-orm", &["storage"]),
    ("sea-orm-migration", &["storage"]),
    ("rusqlite", &["storage", "bench"]),
    ("sqlx", &["storage", "bench"]),
    ("object_store", &["storage"]),
    ("argon2", &["storage"]),
    ("actix-web", &["http-door", "activesync-server", "autodiscover-server", "dav-server", "kontor"]),
    ("mail-parser", &["kontor-mime"]),
    ("mail-builder", &["kontor-mime"]),
    ("html2text", &["kontor-mime"]),
    ("calcard", &["kontor-calendar", "kontor-contact"]),
    ("icalendar", &["kontor-calendar"]),
    ("chrono-tz", &["kontor-calendar"]),
    ("vcard_parser", &["kontor-contact"]),
    ("quick-xml", &["autodiscover-wire", "dav-wire", "blackbox"]),
    ("smtp-proto", &["smtp-wire"]),
    ("tokio-rustls", &["session"]),
    ("webpki-roots", &["session"]),
    ("url", &["http-door"]),
    ("rustls-webpki", &["activesync-server"]),
    ("aws-lc-rs", &["dav-server"]),
    ("rcgen", &["kontor"]),
    ("clap", &["kontor", "bench"]),
    ("anyhow", &["kontor", "bench"]),
];

/// The other end of a connection, or an oracle's database, is what a test may name freely.
const FREE_IN_TESTS: &[&str] = &["tokio-rustls", "rcgen", "sqlx", "rusqlite", "actix-web"];

/// Oracles that a crate is compared with, never built on.
const ONLY_IN_TESTS: &[&str] = &["imap-codec", "imap-types", "proptest"];

/// Protocol crates cannot wait, open a socket, read a clock or draw a random number.
const NEVER_IN_PROTOCOL: &[&str] = &[
    "tokio",
    "tokio-util",
    "futures",
    "actix-web",
    "sea-orm",
    "sqlx",
    "rusqlite",
    "getrandom",
    "rand",
    "uuid",
    "rustls",
    "tracing",
    "anyhow",
];

pub(crate) fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap()
}

/// For each package of the workspace, the names of its direct dependencies of these kinds.
fn dependencies(kinds: &[DependencyKind]) -> BTreeMap<String, BTreeSet<String>> {
    let known = |package: &cargo_metadata::Package| {
        let names = package.dependencies.iter().filter(|d| kinds.contains(&d.kind)).map(|d| d.name.clone());
        (package.name.to_string(), names.collect())
    };
    metadata().packages.iter().map(known).collect()
}

fn product_dependencies() -> BTreeMap<String, BTreeSet<String>> {
    dependencies(&[DependencyKind::Normal, DependencyKind::Build])
}

fn all_dependencies() -> BTreeMap<String, BTreeSet<String>> {
    dependencies(&[DependencyKind::Normal, DependencyKind::Build, DependencyKind::Development])
}

#[test]
fn crates_know_only_whom_they_may() {
    let all = all_dependencies();
    let ours: BTreeSet<&String> = all.keys().collect();
    for (package, dependencies) in &all {
        let (_, may) = MAY_KNOW.iter().find(|(name, _)| name == package).unwrap_or_else(|| {
            panic!("{package} is not in MAY_KNOW; say in ARCHITECTURE.md whom it may know")
        });
        let forbidden: Vec<_> =
            dependencies.iter().filter(|d| ours.contains(d) && !may.contains(&d.as_str())).collect();
        assert!(forbidden.is_empty(), "{package} may not know {forbidden:?}; see ARCHITECTURE.md");
    }
}

#[test]
fn the_table_names_no_crate_that_is_gone() {
    let all = all_dependencies();
    let gone: Vec<_> =
        MAY_KNOW.iter().map(|(name, _)| *name).filter(|name| !all.contains_key(*name)).collect();
    assert!(gone.is_empty(), "MAY_KNOW names crates that do not exist: {gone:?}");
}

#[test]
fn third_party_types_stay_behind_their_facade() {
    let product = product_dependencies();
    for (package, dependencies) in all_dependencies() {
        for (foreign, may) in ONLY {
            let counted = if FREE_IN_TESTS.contains(foreign) { &product[&package] } else { &dependencies };
            assert!(
                !counted.contains(*foreign) || may.contains(&package.as_str()),
                "{package} names {foreign}, which only {may:?} may"
            );
        }
    }
}

#[test]
fn oracles_are_for_tests_only() {
    for (package, dependencies) in product_dependencies() {
        for oracle in ONLY_IN_TESTS {
            assert!(
                !dependencies.contains(*oracle),
                "{package} builds on {oracle}: make it a dev-dependency"
            );
        }
    }
}

#[test]
fn protocol_crates_cannot_wait_or_see_the_world() {
    let all = product_dependencies();
    let packages = metadata().packages;
    let mut seen = 0;
    for package in packages.iter().filter(|p| p.manifest_path.as_str().contains("/protocol/")) {
        seen += 1;
        let world: Vec<_> =
            NEVER_IN_PROTOCOL.iter().filter(|name| all[package.name.as_str()].contains(**name)).collect();
        assert!(world.is_empty(), "{} is a protocol crate and may not use {world:?}", package.name);
    }
    assert!(seen >= 7, "only {seen} protocol crates found");
}
