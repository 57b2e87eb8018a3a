//! RFC 7809: time zones by reference.

use calendar::{defined_zone, with_known_zones, without_known_zones};
use proptest::prelude::*;

use super::given::event;

const BERLIN: &str = "DTSTART;TZID=Europe/Berlin:20260701T090000";

fn defined(object: &str, name: &str) -> String {
    let zone = format!(
        "BEGIN:VTIMEZONE\r\nTZID:{name}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\n\
         TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
    );
    object.replacen("BEGIN:VEVENT", &zone, 1)
}

#[test]
fn only_definitions_that_everybody_knows_go() {
    let named = event(BERLIN);
    assert_eq!(without_known_zones(named.as_bytes()), None);
    let both = defined(&defined(&named, "Europe/Berlin"), "Our village");
    let left = String::from_utf8(without_known_zones(both.as_bytes()).unwrap()).unwrap();
    assert_eq!(left, defined(&named, "Our village"));
    // Windows' name is known to us, but not to everybody.
    assert_eq!(without_known_zones(defined(&named, "W. Europe Standard Time").as_bytes()), None);
}

#[test]
fn only_definitions_that_are_missing_come() {
    let named = event(BERLIN);
    let whole = with_known_zones(named.as_bytes()).unwrap();
    assert!(String::from_utf8_lossy(&whole).contains("BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"));
    assert_eq!(with_known_zones(&whole), None);
    for whole in [event("DTSTART:20260701T090000Z"), event("DTSTART;TZID=Our village:20260701T090000")] {
        assert_eq!(with_known_zones(whole.as_bytes()), None, "{whole}");
    }
}

#[test]
fn a_calendar_may_define_one_zone() {
    let zone = |name: &str| {
        defined("BEGIN:VCALENDAR\r\nBEGIN:VEVENT", name).replace("BEGIN:VEVENT", "END:VCALENDAR\r\n")
    };
    let name = |text: &str| defined_zone(text.as_bytes()).map(|zone| zone.name().to_owned());
    assert_eq!(name(&zone("Europe/Berlin")).as_deref(), Some("Europe/Berlin"), "the name counts");
    assert!(name(&zone("Our village")).is_some());
    assert_eq!(name("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), None);
    assert_eq!(name("x"), None);
}

proptest! {
    /// What was added goes again, and nothing else.
    #[test]
    fn with_and_without_are_inverse(zone in prop::sample::select(vec!["Europe/Berlin", "Asia/Tokyo", "America/New_York"])) {
        let named = event(&format!("DTSTART;TZID={zone}:20260701T090000\nX-A:b"));
        let whole = with_known_zones(named.as_bytes()).unwrap();
        prop_assert_eq!(without_known_zones(&whole), Some(named.into_bytes()));
    }
}
