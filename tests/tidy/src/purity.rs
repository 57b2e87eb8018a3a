//! Protocol crates turn bytes into values and values into bytes, and can do nothing else.

use crate::source::sources;

/// Modules of std that see the world. `std::net` is not among them: an address is a value.
const WORLD: &[&str] = &["fs", "env", "process", "thread", "os"];
/// Sockets, clocks, chance, and waiting.
const DOORS: &[&str] = &[
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "rand::",
    "async fn",
    ".await",
];

/// The modules of std that a text names: `std::fs::read` and `use std::{fs, io}` alike.
fn std_modules(text: &str) -> Vec<&str> {
    text.match_indices("std::")
        .flat_map(|(at, prefix)| {
            let rest = &text[at + prefix.len()..];
            let list = rest.strip_prefix('{').map_or_else(
                || &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())],
                |group| &group[..group.find('}').unwrap_or(group.len())],
            );
            list.split(',').map(|name| name.split("::").next().unwrap_or_default().trim())
        })
        .collect()
}

#[test]
fn protocol_crates_do_not_touch_the_world() {
    for source in sources(&["protocol"], &["rs"]) {
        let product: String = source
            .product()
            .lines()
            .filter(|line| !line.trim().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        for module in std_modules(&product) {
            assert!(!WORLD.contains(&module), "{} uses std::{module}: protocol crates are pure", source.path);
        }
        for door in DOORS {
            assert!(!product.contains(door), "{} mentions {door}: protocol crates are pure", source.path);
        }
    }
}

#[test]
fn both_forms_of_use_are_seen() {
    assert_eq!(
        std_modules("use std::fs::read;\nuse std::{net::IpAddr, io};\nstd::env::var"),
        ["fs", "net", "io", "env"]
    );
}
