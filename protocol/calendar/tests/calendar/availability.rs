//! RFC 7953: when somebody cannot be asked to come.

use calendar::schedule::BusyKind;
use calendar::{Limits, is_availability, unavailable};

use super::given::{utc, zone};

/// Of the week that begins on Monday, 1 July 2024.
fn told(lines: &str) -> Vec<String> {
    let text = format!("BEGIN:VCALENDAR\n{lines}\nEND:VCALENDAR\n").replace('\n', "\r\n");
    let window = utc("20240701T000000")..utc("20240703T000000");
    let berlin = zone("Europe/Berlin");
    let found = unavailable(text.as_bytes(), &window, &berlin, &Limits::default()).unwrap();
    let shown = |at| zone("UTC").local(at).format("%dT%H").to_string();
    let letter = |kind| match kind {
        BusyKind::Busy => 'B',
        BusyKind::Tentative => 'T',
        BusyKind::Unavailable => 'U',
    };
    found
        .into_iter()
        .map(|one| format!("{}{}-{}", letter(one.kind), shown(one.range.start), shown(one.range.end)))
        .collect()
}

fn availability(own: &str, parts: &[&str]) -> String {
    let parts: Vec<_> =
        parts.iter().map(|part| format!("BEGIN:AVAILABLE\n{part}\nEND:AVAILABLE\n")).collect();
    format!("BEGIN:VAVAILABILITY\nUID:x\n{own}\n{}END:VAVAILABILITY", parts.concat())
}

const WORK: &str = "UID:1\nDTSTART;TZID=Europe/Berlin:20240603T090000\nDTEND;TZID=Europe/Berlin:20240603T170000\n\
     RRULE:FREQ=WEEKLY;BYDAY=MO,TU";

#[test]
fn all_that_is_not_available_is_taken() {
    assert_eq!(told(&availability("SUMMARY:x", &[])), ["U01T00-03T00"]);
    assert_eq!(told(&availability("SUMMARY:x", &[WORK])), ["U01T00-01T07", "U01T15-02T07", "U02T15-03T00"]);
    assert_eq!(
        told(&availability("BUSYTYPE:BUSY-TENTATIVE\nDTSTART:20240701T120000Z\nDURATION:PT24H", &[WORK])),
        ["T01T15-02T07"]
    );
    // A changed occurrence of what is available.
    let changed = "UID:1\nRECURRENCE-ID;TZID=Europe/Berlin:20240702T090000\nDTSTART:20240702T100000Z\nDTEND:20240702T110000Z";
    assert_eq!(
        told(&availability("SUMMARY:x", &[WORK, changed])),
        ["U01T00-01T07", "U01T15-02T10", "U02T11-03T00"]
    );
    assert_eq!(told(&availability("DTSTART:20250101T000000Z", &[])), [] as [&str; 0]);
    assert_eq!(told(""), [] as [&str; 0]);
}

/// Two series that are available each second: there is room for the hours of one.
#[test]
fn all_series_of_one_object_share_its_limits() {
    let each_second = |uid: &str, day: &str| {
        format!("UID:{uid}\nDTSTART:{day}T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY;COUNT=7200")
    };
    let parts = [each_second("1", "20240701"), each_second("2", "20240702")];
    let both = availability("SUMMARY:x", &[&parts[0], &parts[1]]);
    let apart =
        [availability("SUMMARY:x", &[&parts[0]]), availability("PRIORITY:1", &[&parts[1]])].join("\n");
    let text = |lines: &str| format!("BEGIN:VCALENDAR\n{lines}\nEND:VCALENDAR\n").replace('\n', "\r\n");
    let window = utc("20240701T000000")..utc("20240703T000000");
    let free_s = |lines: &str, limits: &Limits| {
        let found = unavailable(text(lines).as_bytes(), &window, &zone("UTC"), limits).unwrap();
        let taken: i64 = found.iter().map(|one| one.range.end.0 - one.range.start.0).sum();
        (window.end.0 - window.start.0 - taken) / 1_000
    };
    assert_eq!(free_s(&both, &Limits::default()), 10_000);
    assert_eq!(free_s(&both, &Limits { occurrences_max: 20_000, ..Limits::default() }), 14_400);
    assert!(free_s(&both, &Limits { steps_max: 10_000, occurrences_max: 20_000 }) < 14_400);
    assert!(free_s(&apart, &Limits { steps_max: 1, ..Limits::default() }) <= 1);
}

/// RFC 7953 section 4.
#[test]
fn the_more_important_says_what_holds() {
    let usual = availability("PRIORITY:5", &[WORK]);
    let trip = availability(
        "PRIORITY:1\nBUSYTYPE:BUSY\nDTSTART:20240702T000000Z\nDTEND:20240703T000000Z",
        &["UID:2\nDTSTART:20240702T200000Z\nDURATION:PT1H"],
    );
    let expected = ["U01T00-01T07", "U01T15-02T00", "B02T00-02T20", "B02T21-03T00"];
    assert_eq!(told(&format!("{usual}\n{trip}")), expected);
    assert_eq!(told(&format!("{trip}\n{usual}")), expected);
    // As important: whoever takes more.
    let other = availability("PRIORITY:5\nBUSYTYPE:BUSY", &[]);
    let both = told(&format!("{usual}\n{other}"));
    assert_eq!(both, ["U01T00-01T07", "B01T07-01T15", "U01T15-02T07", "B02T07-02T15", "U02T15-03T00"]);
}

#[test]
fn only_a_calendar_of_availabilities_is_one() {
    let calendar = |lines: &str| format!("BEGIN:VCALENDAR\r\n{lines}END:VCALENDAR\r\n");
    let good = "BEGIN:VAVAILABILITY\r\nUID:1\r\nEND:VAVAILABILITY\r\n";
    assert!(is_availability(calendar(good).as_bytes()));
    assert!(is_availability(
        calendar(&format!("BEGIN:VTIMEZONE\r\nTZID:x\r\nEND:VTIMEZONE\r\n{good}")).as_bytes()
    ));
    for bad in [
        calendar(""),
        calendar(&format!("{good}BEGIN:VEVENT\r\nEND:VEVENT\r\n")),
        good.to_owned(),
        String::new(),
    ] {
        assert!(!is_availability(bad.as_bytes()), "{bad}");
    }
}
