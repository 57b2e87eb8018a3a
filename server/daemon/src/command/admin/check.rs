//! `kontor admin check`: is the store sound?

use super::answer::Answer;
use super::house::House;
use anyhow::Result;
use serde::Serialize;

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin check
  kontor admin check --json | jq -r '.violations[].invariant'
  kontor admin --dir kontor-demo check

A server may run meanwhile. The exit code is 1 if an invariant is broken: fit for a timer.";

#[derive(Serialize)]
struct View {
    sound: bool,
    violations: Vec<ViolationView>,
}

#[derive(Serialize)]
struct ViolationView {
    invariant: &'static str,
    text: String,
}

/// Runs every check. The exit code is 1 if any invariant is broken.
pub(super) async fn run(house: &House) -> Result<Answer> {
    let violations: Vec<ViolationView> = house
        .store()
        .check()
        .await?
        .into_iter()
        .map(|violation| ViolationView { invariant: violation.invariant, text: violation.text })
        .collect();
    if violations.is_empty() {
        return Answer::new(&View { sound: true, violations }, "the store is sound");
    }
    let lines: Vec<String> =
        violations.iter().map(|violation| format!("{} {}", violation.invariant, violation.text)).collect();
    let text = format!("{}\n{} invariants are broken", lines.join("\n"), lines.len());
    Ok(Answer::new(&View { sound: false, violations }, text)?.failed())
}
