//! What an operator publishes so that programs find the server.

use super::{House, text};
use serde_json::{Value, json};
use std::process::Output;

#[test]
fn the_records_of_a_domain_name_the_server_of_the_configuration() {
    let house = House::new();
    house.json(&["domain", "add", "blumen.test"]);
    house.json(&["domain", "alias", "add", "blumen.test", "flowers.test"]);
    let told = house.refused(&["domain", "dns", "blumen.test"], "");
    assert!(told.contains("--host"), "{told}");
    let records = house.json(&["domain", "dns", "flowers.test", "--host", "mail.blumen.test"]);
    let of = |records: &Value, name: &str| -> Vec<Value> {
        records.as_array().unwrap().iter().filter(|record| record["name"] == name).cloned().collect()
    };
    for domain in ["blumen.test", "flowers.test"] {
        let found = of(&records, &format!("_caldavs._tcp.{domain}."));
        // The doors of this configuration are shut.
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((&found[0]["type"], &found[0]["target"]), (&json!("SRV"), &json!(".")));
    }
    let mut text = std::fs::read_to_string(house.config()).unwrap();
    text.push_str("[server]\nhostname = \"mail.blumen.test\"\n[listen]\nhttps = [\"[::]:8443\"]\nimaps = [\"[::]:993\"]\n");
    std::fs::write(house.config(), text).unwrap();
    let records = house.json(&["domain", "dns", "blumen.test"]);
    let expected = [
        json!({"name": "_caldavs._tcp.blumen.test.", "ttl_s": 3600, "type": "SRV", "priority": 0, "weight": 1,
            "port": 8443, "target": "mail.blumen.test."}),
        json!({"name": "_caldavs._tcp.blumen.test.", "ttl_s": 3600, "type": "TXT", "text": "path=/dav/"}),
    ];
    assert_eq!(of(&records, "_caldavs._tcp.blumen.test."), expected);
    let zone = house.run(&["domain", "dns", "blumen.test"], "");
    let zone = text_of_zone(&zone);
    assert!(
        zone.contains(&"_imaps._tcp.blumen.test. 3600 IN SRV 0 1 993 mail.blumen.test.".to_owned()),
        "{zone:#?}"
    );
    assert!(zone.contains(&"_imap._tcp.blumen.test. 3600 IN SRV 0 0 0 .".to_owned()), "{zone:#?}");
    house.sound();
}

/// The lines of a zone, one space between the columns.
fn text_of_zone(output: &Output) -> Vec<String> {
    let lines = text(&output.stdout);
    lines.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}
