//! `kontor admin password` and `app-password`.

use serde_json::{Value, json};

use super::{House, text};

#[test]
fn passwords_come_from_standard_input_and_are_never_told() {
    let house = House::new();
    house.json(&["domain", "add", "blumen.test"]);
    house.json(&["account", "add", "anna@blumen.test"]);
    let set = house.json_with(&["password", "set", "anna@blumen.test"], "tulip fields\r\nsecond line\n");
    assert_eq!(set["password_set"], true);
    assert!(!set.to_string().contains("tulip"));
    let told = house.refused(&["password", "set", "anna@blumen.test"], "");
    assert!(told.contains("holds no password"), "{told}");
    let told = house.refused(&["password", "set", "anna@blumen.test"], "abc\n");
    assert!(!told.contains("abc"), "{told}");
    let shown = house.json(&["password", "show", "anna@blumen.test"]);
    assert_eq!((&shown["password_set"], &shown["last_used_at"]), (&Value::Bool(true), &Value::Null));
    let made = house.json(&["account", "show", "anna@blumen.test"])["created_at"].clone();
    assert!(shown["set_at"].as_str() >= made.as_str() && made.is_string(), "{shown} {made}");
    assert!(!shown.to_string().contains("tulip"));
    // On the command line it is refused by clap, before anything reads it.
    let output = house.run(&["password", "set", "anna@blumen.test", "tulip fields"], "");
    assert_eq!(output.status.code(), Some(2));
    house.sound();
}

#[test]
fn who_has_a_password_is_listed_and_nothing_of_the_password() {
    let house = House::new();
    for domain in ["blumen.test", "nachbar.test"] {
        house.json(&["domain", "add", domain]);
    }
    for address in ["anna@blumen.test", "ben@blumen.test", "nora@nachbar.test"] {
        house.json(&["account", "add", address]);
    }
    house.json_with(&["password", "add", "anna@blumen.test"], "tulip fields\n");
    // An app password is another thing.
    house.json(&["app-password", "add", "ben@blumen.test", "phone"]);

    let list = house.json(&["password", "list", "--domain", "blumen.test"]);
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[0], house.json(&["password", "show", "anna@blumen.test"]));
    assert_eq!((&list[0]["password_set"], &list[1]["password_set"]), (&json!(true), &json!(false)));
    assert_eq!(list[1]["address"], "ben@blumen.test");
    let mut fields: Vec<&str> = list[0].as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["address", "last_used_at", "password_set", "set_at"], "no key, no hash");
    assert_eq!(house.json(&["password", "list"]).as_array().unwrap().len(), 3);
    let told = house.refused(&["password", "list", "--domain", "elsewhere.test"], "");
    assert!(told.contains("domain list"), "{told}");
    let shown = text(&house.run(&["password", "list"], "").stdout);
    assert_eq!(shown.lines().count(), 4, "{shown}");
    assert!(
        shown.lines().any(|line| line.starts_with("ben@blumen.test") && line.contains("none")),
        "{shown}"
    );
    house.sound();
}

#[test]
fn a_password_is_taken_away_and_the_app_passwords_stay() {
    let house = House::new();
    house.json(&["domain", "add", "blumen.test"]);
    house.json(&["account", "add", "anna@blumen.test"]);
    let none = house.json(&["password", "show", "anna@blumen.test"]);
    assert_eq!((&none["password_set"], &none["set_at"]), (&Value::Bool(false), &Value::Null));
    let told = house.refused(&["password", "remove", "anna@blumen.test"], "");
    assert!(told.contains("has no password") && told.contains("app-password list"), "{told}");

    house.json(&["app-password", "add", "anna@blumen.test", "phone"]);
    house.json_with(&["password", "set", "anna@blumen.test"], "tulip fields\n");
    assert_eq!(house.json(&["password", "remove", "anna@blumen.test"]), none);
    assert_eq!(house.json(&["password", "show", "anna@blumen.test"]), none);
    assert_eq!(house.json(&["app-password", "list", "anna@blumen.test"])[0]["name"], "phone");
    house.sound();
}

#[test]
fn app_passwords_are_made_listed_and_revoked() {
    let house = House::new();
    house.json(&["domain", "add", "blumen.test"]);
    house.json(&["account", "add", "anna@blumen.test"]);
    let made = house.json(&["app-password", "add", "anna@blumen.test", "phone"]);
    assert_eq!(made["password"].as_str().unwrap().len(), 19);
    house.refused(&["app-password", "add", "anna@blumen.test", "phone"], "");
    let list = house.json(&["app-password", "list", "anna@blumen.test"]);
    assert_eq!(list[0]["name"], "phone");
    assert_eq!(list[0]["last_used_at"], Value::Null);
    assert!(list[0].get("password").is_none());
    assert_eq!(house.json(&["app-password", "show", "anna@blumen.test", "phone"]), list[0]);
    let told = house.refused(&["app-password", "show", "anna@blumen.test", "tablet"], "");
    assert!(told.contains("'tablet'") && told.contains("app-password list"), "{told}");
    let left = house.json(&["app-password", "remove", "anna@blumen.test", "phone"]);
    assert_eq!(left.as_array().unwrap().len(), 0);
    let told = house.refused(&["app-password", "remove", "anna@blumen.test", "phone"], "");
    assert!(told.contains("app-password list"), "{told}");
    house.sound();
}
