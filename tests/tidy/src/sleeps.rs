//! Tests wait for a condition with a deadline.

use crate::source::rust_sources;

/// Split so that this file does not accuse itself.
const SLEEPS: &[&str] = &[concat!("thread::", "sleep("), concat!("time::", "sleep("), concat!("(", "sleep(")];

#[test]
fn no_test_sleeps() {
    for source in rust_sources() {
        for sleep in SLEEPS {
            let found = source.lines_with(source.tests(), sleep);
            assert!(found.is_empty(), "wait for a condition with a deadline instead: {found:#?}");
        }
    }
}
