//! What an addressbook-query sees: RFC 6352 sections 10.4.2 and 10.5.1.

use contact::{Query, Wanted};

const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Long\r\n  Name\\, Jr.\r\nX-ABC.TEL;TYPE=\"home,x\",voice:1\r\n\
                    X-ABC-1.tel;CELL;TYPE=pref:2\r\nTEL:3\r\nN:Doe\\;x;J\r\nEND:VCARD\r\n";

fn texts(name: &str) -> Vec<String> {
    Query::new(CARD.as_bytes()).unwrap().properties(name).map(|property| property.text()).collect()
}

#[test]
fn a_name_without_a_group_matches_any_group() {
    assert_eq!(texts("TEL"), ["1", "2", "3"]);
    assert_eq!(texts("x-abc.Tel"), ["1"]);
    assert_eq!(texts("X-ABC-1.TEL"), ["2"]);
    assert_eq!(texts("X-ABC-2.TEL"), [""; 0]);
}

#[test]
fn values_are_unfolded_and_unescaped() {
    assert_eq!(texts("FN"), ["Long Name, Jr."]);
    assert_eq!(texts("N"), ["Doe;x;J"]);
}

#[test]
fn parameters_are_found_with_all_their_values() {
    let query = Query::new(CARD.as_bytes()).unwrap();
    let found: Vec<_> = query.properties("TEL").map(|property| property.parameter("type")).collect();
    let list = |values: &[&str]| Some(values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>());
    assert_eq!(found, [list(&["home,x", "voice"]), list(&["CELL", "pref"]), None]);
    assert_eq!(query.properties("TEL").next().unwrap().parameter("PREF"), None);
}

#[test]
fn a_card_of_chosen_properties_keeps_their_bytes() {
    let query = Query::new(CARD.as_bytes()).unwrap();
    let wanted = [Wanted { name: "FN", no_value: false }, Wanted { name: "X-ABC-1.TEL", no_value: true }];
    let only = String::from_utf8(query.only(&wanted)).unwrap();
    assert_eq!(
        only,
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Long\r\n  Name\\, Jr.\r\nX-ABC-1.tel;CELL;TYPE=pref:\r\nEND:VCARD\r\n"
    );
}

#[test]
fn a_card_within_the_card_is_part_of_the_agent() {
    let card =
        "BEGIN:VCARD\r\nVERSION:2.1\r\nFN:A\r\nAGENT:\r\nBEGIN:VCARD\r\nFN:B\r\nEND:VCARD\r\nEND:VCARD\r\n";
    let query = Query::new(card.as_bytes()).unwrap();
    let only = |name| String::from_utf8(query.only(&[Wanted { name, no_value: false }])).unwrap();
    assert_eq!(only("FN"), "BEGIN:VCARD\r\nVERSION:2.1\r\nFN:A\r\nEND:VCARD\r\n");
    assert_eq!(only("AGENT"), card.replacen("FN:A\r\n", "", 1));
}

#[test]
fn what_is_no_card_cannot_be_asked() {
    assert!(Query::new(b"BEGIN:VCALENDAR\nEND:VCALENDAR\n").is_err());
}
