//! `tests/run` stays short enough to be run for every change.

use toml::{Table, Value};

use crate::source::read;

const TOTAL_MINUTES_MAX: i64 = 45;

fn stages() -> Vec<String> {
    let script = read("tests/run");
    let list = script.split("STAGES=(").nth(1).and_then(|rest| rest.split(')').next()).unwrap();
    list.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn every_stage_has_a_budget_and_together_they_stay_below_the_limit() {
    let budget: Table = read("tests/budget.toml").parse().unwrap();
    let minutes = budget["minutes"].as_table().unwrap();
    let stages = stages();
    for stage in &stages {
        assert!(minutes.contains_key(stage), "{stage} has no budget in tests/budget.toml");
    }
    for section in ["minutes", "long_minutes"] {
        for stage in budget[section].as_table().unwrap().keys() {
            assert!(stages.contains(stage), "tests/run has no stage {stage}");
        }
    }
    let total: i64 = minutes.values().filter_map(Value::as_integer).sum();
    assert!(total <= TOTAL_MINUTES_MAX, "{total} minutes in all, at most {TOTAL_MINUTES_MAX}");
}
