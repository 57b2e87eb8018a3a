//! `kontor admin`: domains, accounts, groups and rights.

use serde_json::json;

use super::{House, kontor, text};

#[test]
fn a_domain_is_set_up_shown_renamed_and_removed() {
    let house = House::new();
    let added = house.json(&["domain", "add", "Blumen.test", "--language", "de"]);
    assert_eq!(added["name"], "blumen.test");
    assert_eq!(added["language"], "de");
    assert_eq!(added["quota_default_bytes"], 10_000_000_000_i64);
    house.json(&["domain", "alias", "add", "blumen.test", "flowers.test"]);
    let quota = house.json(&["domain", "quota", "blumen.test", "1.5GB", "3GB"]);
    assert_eq!(quota["quota_max_bytes"], 3_000_000_000_i64);
    assert_eq!(house.json(&["domain", "show", "flowers.test"])["name"], "blumen.test");
    assert_eq!(house.json(&["domain", "list"])[0]["aliases"][0], "flowers.test");
    let told = house.refused(&["domain", "alias", "remove", "blumen.test", "other.test"], "");
    assert!(told.contains("no other name"), "{told}");
    let after = house.json(&["domain", "alias", "remove", "blumen.test", "flowers.test"]);
    assert_eq!(after["aliases"].as_array().unwrap().len(), 0);
    house.json(&["domain", "remove", "blumen.test"]);
    assert_eq!(house.json(&["domain", "list"]).as_array().unwrap().len(), 0);
    house.sound();
}

#[test]
fn an_account_goes_through_its_life() {
    let house = House::new();
    house.json(&["domain", "add", "blumen.test"]);
    for class in ["person", "shared", "room", "resource"] {
        goes_through_its_life(&house, class);
    }
    let told = house.run(&["account", "add", "anna@blumen.test", "--class", "robot"], "");
    assert_eq!(told.status.code(), Some(2), "there is no fifth class");
    house.sound();
}

fn goes_through_its_life(house: &House, class: &str) {
    let mut add = vec![
        "account",
        "add",
        "anna@blumen.test",
        "--name",
        "Anna Huber",
        "--quota",
        "5GB",
        "--password-stdin",
    ];
    // Who says nothing of it means a person.
    if class != "person" {
        add.extend(["--class", class]);
    }
    let added = house.json_with(&add, "correct horse\n");
    for (key, value) in [("address", "anna@blumen.test"), ("kind", "exchange"), ("class", class)] {
        assert_eq!(added[key], value);
    }
    assert_eq!(added["quota_bytes"], 5_000_000_000_i64);
    assert_eq!(house.json(&["account", "kind", "anna@blumen.test", "pop3"])["kind"], "pop3");
    assert_eq!(house.json(&["account", "quota", "anna@blumen.test", "1GB"])["quota_bytes"], 1_000_000_000);
    assert_eq!(house.json(&["account", "suspend", "anna@blumen.test"])["suspended"], true);
    assert_eq!(house.json(&["account", "resume", "anna@blumen.test"])["suspended"], false);
    house.json(&["alias", "add", "anna@blumen.test", "info@blumen.test"]);
    let renamed = house.json(&["account", "rename", "anna@blumen.test", "anna.maier@blumen.test"]);
    assert_eq!((&renamed["address"], &renamed["class"]), (&json!("anna.maier@blumen.test"), &json!(class)));
    assert_eq!(renamed["aliases"][0], "info@blumen.test");
    assert_eq!(house.json(&["alias", "list"])[0]["account"], "anna.maier@blumen.test");
    assert_eq!(house.json(&["alias", "show", "info@blumen.test"])["accounts"][0], "anna.maier@blumen.test");
    house.json(&["alias", "remove", "anna.maier@blumen.test", "info@blumen.test"]);
    house.json(&["account", "remove", "anna.maier@blumen.test"]);
    assert_eq!(house.json(&["account", "list"]).as_array().unwrap().len(), 0);
}

#[test]
fn a_refusal_says_what_is_wrong_and_what_to_do() {
    let house = House::new();
    house.json(&["domain", "add", "blumen.test"]);
    house.json(&["account", "add", "anna@blumen.test"]);
    let told = house.refused(&["account", "show", "ben@blumen.test"], "");
    assert!(told.contains("ben@blumen.test") && told.contains("`kontor admin account list`"), "{told}");
    let told = house.refused(&["account", "add", "anna@blumen.test"], "");
    assert!(told.contains("exists already") && told.contains("alias show"), "{told}");
    let told = house.refused(&["account", "add", "anna@elsewhere.test"], "");
    assert!(told.contains("domain does not exist") && told.contains("domain list"), "{told}");
    let told = house.refused(&["domain", "remove", "blumen.test"], "");
    assert!(told.contains("still has accounts"), "{told}");
    let told = house.refused(&["account", "quota", "anna@blumen.test", "11GB"], "");
    assert!(told.contains("domain quota"), "{told}");
    house.sound();
}

#[test]
fn rights_are_given_to_people_and_groups_of_one_domain_only() {
    let house = House::new();
    for domain in ["blumen.test", "nachbar.test"] {
        house.json(&["domain", "add", domain, "--language", "de"]);
    }
    for address in ["anna@blumen.test", "ben@blumen.test", "nora@nachbar.test"] {
        house.json(&["account", "add", address]);
    }
    let group = house.json(&["group", "add", "team@blumen.test", "ben@blumen.test"]);
    assert_eq!(group["members"][0], "ben@blumen.test");

    // By its localised name, and by what it is for.
    let set = house.json(&["grant", "set", "anna@blumen.test", "Kalender", "ben@blumen.test", "reader"]);
    assert_eq!(set["role"], "calendar");
    assert_eq!(set["grants"][0]["preset"], "reader");
    let set = house.json(&["grant", "add", "anna@blumen.test", "calendar", "team@blumen.test", "lrs"]);
    let team = set["grants"].as_array().unwrap().iter().find(|g| g["grantee"] == "team@blumen.test").unwrap();
    assert_eq!(team["rights"], "lrs");
    house.json(&["grant", "set", "anna@blumen.test", "inbox", "anyone", "reader"]);
    assert_eq!(house.json(&["grant", "list", "anna@blumen.test"]).as_array().unwrap().len(), 2);
    assert!(house.json(&["grant", "list", "anna@blumen.test", "--all"]).as_array().unwrap().len() >= 10);

    let across = ["grant", "set", "anna@blumen.test", "inbox", "nora@nachbar.test", "reader"];
    let told = house.refused(&across, "");
    assert!(told.contains("never cross a domain"), "{told}");
    let told = house.refused(&["grant", "show", "anna@blumen.test", "Nowhere"], "");
    assert!(told.contains("folder does not exist") && told.contains("--all"), "{told}");

    house.json(&["grant", "remove", "anna@blumen.test", "calendar", "ben@blumen.test"]);
    house.refused(&["grant", "remove", "anna@blumen.test", "calendar", "ben@blumen.test"], "");
    house.json(&["group", "member", "remove", "team@blumen.test", "ben@blumen.test"]);
    assert_eq!(house.json(&["group", "show", "team@blumen.test"])["members"].as_array().unwrap().len(), 0);
    house.json(&["group", "remove", "team@blumen.test"]);
    assert_eq!(house.json(&["group", "list"]).as_array().unwrap().len(), 0);
    assert_eq!(house.json(&["device", "list", "anna@blumen.test"]).as_array().unwrap().len(), 0);
    assert!(house.refused(&["device", "show", "anna@blumen.test", "x"], "").contains("device list"));
    assert_eq!(house.json(&["sweep"])["contents"], 0);
    house.sound();
}

#[test]
fn an_admin_command_makes_no_store_by_a_slip_of_the_pen() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let output = kontor().args(["admin", "--dir"]).arg(&nowhere).args(["domain", "list"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("there is no store"), "{}", text(&output.stderr));
    assert!(!nowhere.exists());
}
