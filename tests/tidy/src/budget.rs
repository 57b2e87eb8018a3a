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
fn every_stage_has_a_budget_and_the_whole_stays_below_the_limit() {
    let budget: Table = read("tests/budget.toml").parse().unwrap();
    let minutes = |section: &str, name: &str| budget[section].get(name).and_then(Value::as_integer);
    let stages = stages();
    for stage in &stages {
        assert!(minutes("minutes", stage).is_some(), "{stage} has no budget in tests/budget.toml");
    }
    for section in ["minutes", "long_minutes"] {
        let total = minutes(section, "total").unwrap();
        for name in budget[section].as_table().unwrap().keys().filter(|name| *name != "total") {
            assert!(stages.contains(name), "tests/run has no stage {name}");
            assert!(minutes(section, name).unwrap() < total, "{name} alone may take the whole time");
        }
    }
    let total = minutes("minutes", "total").unwrap();
    assert!(total <= TOTAL_MINUTES_MAX, "{total} minutes in all, at most {TOTAL_MINUTES_MAX}");
}
