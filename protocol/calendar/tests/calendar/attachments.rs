//! Attachments that a server keeps: RFC 8607 sections 3.3.2, 3.4, 3.5, 3.6 and 4.

use calendar::edit::{self, ATTACHMENTS_MAX, EditError, Instance, ManagedAttachment};
use calendar::{Moment, describe};

use super::given::{component, event, utc};

const SERIES: &str = "DTSTAMP:20240101T000000Z\nDTSTART;TZID=Europe/Berlin:20240701T120000\nDURATION:PT1H\n\
     RRULE:FREQ=DAILY;COUNT=3\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nATTACH;MANAGED-ID=a:https://a.test/bell\nEND:VALARM";

fn plan(managed_id: &str) -> ManagedAttachment<'_> {
    ManagedAttachment {
        uri: "https://a.test/x",
        managed_id,
        media_type: Some("text/plain"),
        name: Some("a \"plan\"; b.txt"),
        size_bytes: 12,
    }
}

fn line(managed_id: &str) -> String {
    format!(
        "ATTACH;MANAGED-ID={managed_id};FMTTYPE=text/plain;FILENAME=\"a ^'plan^'; b.txt\";SIZE=12:https://a.test/x"
    )
}

/// The unfolded lines of an object.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap().replace("\r\n ", "");
    text.lines().map(str::to_owned).collect()
}

fn attached(old: &str, rid: Option<&str>) -> Result<Vec<u8>, EditError> {
    let instances = rid.map(|rid| Instance::parse_list(rid).unwrap());
    edit::attach(old.as_bytes(), instances.as_deref(), &plan("a"), utc("20240601T000000"))
}

fn detached(old: &[u8], rid: Option<&str>, managed_id: &str) -> Result<Vec<u8>, EditError> {
    let instances = rid.map(|rid| Instance::parse_list(rid).unwrap());
    edit::detach(old, instances.as_deref(), managed_id, utc("20240601T000000"))
}

// RFC 8607 section 3.3.2.
#[test]
fn instances_are_the_whole_and_occurrences_by_their_names() {
    let occurrence = |text: &str| Instance::Occurrence(Moment::parse(text, None).unwrap());
    assert_eq!(
        Instance::parse_list("M,20240702,20240703T100000Z"),
        Some(vec![Instance::Master, occurrence("20240702"), occurrence("20240703T100000Z")])
    );
    for nothing in ["", "m", "M,", "20240702X", "M,M,,M"] {
        assert_eq!(Instance::parse_list(nothing), None, "{nothing}");
    }
    let many = |count: usize| vec!["M"; count].join(",");
    assert_eq!(Instance::parse_list(&many(50)).map(|instances| instances.len()), Some(50));
    assert_eq!(Instance::parse_list(&many(51)), None);
}

// RFC 8607 section 3.4.
#[test]
fn an_attachment_is_one_line_and_all_else_stays() {
    for old in [
        event("DTSTAMP:20240101T000000Z\nDTSTART:20240701T100000Z\nx-own;A=b:c\nATTACH:https://a.test/own"),
        component("VTODO", "DTSTAMP:20240101T000000Z\nX-OWN;A=b:c"),
        event(SERIES),
    ] {
        let new = attached(&old, None).unwrap();
        let (old, new) = (lines(old.as_bytes()), lines(&new));
        assert!(new.contains(&line("a")), "{new:#?}");
        let stamps = ["DTSTAMP:20240601T000000Z", "LAST-MODIFIED:20240601T000000Z"].map(str::to_owned);
        assert!(stamps.iter().all(|stamp| new.contains(stamp)), "{new:#?}");
        let kept: Vec<_> = old.iter().filter(|line| !line.starts_with("DTSTAMP")).collect();
        let others: Vec<_> =
            new.iter().filter(|known| **known != line("a") && !stamps.contains(*known)).collect();
        assert_eq!(kept, others);
    }
}

#[test]
fn an_occurrence_that_is_meant_alone_gets_a_component_of_its_own() {
    for rid in ["20240702T100000Z", "20240702T120000", "20240702,20240702T100000Z"] {
        let new = lines(&attached(&event(SERIES), Some(rid)).unwrap());
        assert_eq!(new.iter().filter(|known| **known == line("a")).count(), 1, "{rid}: {new:#?}");
        let begins = new.iter().position(|line| line.starts_with("RECURRENCE-ID")).unwrap();
        assert_eq!(new[begins], "RECURRENCE-ID;TZID=Europe/Berlin:20240702T120000");
        assert!(new.iter().position(|known| *known == line("a")).unwrap() > begins);
    }
    // With the whole, both.
    let new = attached(&event(SERIES), Some("M,20240702T100000Z")).unwrap();
    assert_eq!(lines(&new).iter().filter(|known| **known == line("a")).count(), 2);
    // Without a list all that there are: the whole and what was changed.
    let again = edit::attach(&new, None, &plan("b"), utc("20240601T000000")).unwrap();
    assert_eq!(lines(&again).iter().filter(|known| **known == line("b")).count(), 2);
}

#[test]
fn what_is_no_instance_is_refused() {
    let single = event("DTSTART:20240701T100000Z");
    for (old, rid, error) in [
        (event(SERIES), "20240701T110000Z", EditError::NoComponent),
        (event(SERIES), "20240704T100000Z", EditError::NoComponent),
        (event(&format!("{SERIES}\nEXDATE:20240702T100000Z")), "M,20240702T100000Z", EditError::NoComponent),
        (single.clone(), "20240701T100000Z", EditError::NotRecurring),
        (event("RECURRENCE-ID:20240701T100000Z\nDTSTART:20240701T100000Z"), "M", EditError::NoComponent),
    ] {
        assert_eq!(attached(&old, Some(rid)), Err(error), "{rid} of {old}");
    }
    assert!(attached(&single, Some("M")).is_ok());
    assert!(matches!(attached("hello", None), Err(EditError::Invalid(_))));
}

// RFC 8607 section 3.5.
#[test]
fn an_update_changes_every_line_that_has_the_old_one() {
    let old = attached(&event(SERIES), Some("M,20240702T100000Z")).unwrap();
    let old = String::from_utf8(old)
        .unwrap()
        .replace("ATTACH;MANAGED-ID=a;FMTTYPE", "ATTACH;X-OWN=1;MANAGED-ID=a;FMTTYPE");
    let new = ManagedAttachment { uri: "https://a.test/y", media_type: None, size_bytes: 3, ..plan("b") };
    let changed = edit::reattach(old.as_bytes(), &[("a", new)], None).unwrap();
    let changed = lines(&changed);
    let expected = "ATTACH;X-OWN=1;MANAGED-ID=b;FILENAME=\"a ^'plan^'; b.txt\";SIZE=3:https://a.test/y";
    assert_eq!(changed.iter().filter(|line| *line == expected).count(), 2, "{changed:#?}");
    assert!(changed.iter().any(|line| line.contains("bell")), "that of an alarm is its own");
    assert!(!changed.contains(&line("a")));
    assert_eq!(edit::reattach(old.as_bytes(), &[("c", new)], None), Err(EditError::NoAttachment));
}

// RFC 8607 section 3.6.
#[test]
fn it_is_taken_from_all_or_from_some() {
    let series = event(SERIES);
    let whole = attached(&series, Some("M")).unwrap();
    let count = |bytes: &[u8]| lines(bytes).iter().filter(|known| **known == line("a")).count();
    assert_eq!(count(&detached(&whole, None, "a").unwrap()), 0);
    // One occurrence does without it, the others keep it.
    let some = detached(&whole, Some("20240703T100000Z"), "a").unwrap();
    assert_eq!(count(&some), 1);
    assert!(lines(&some).iter().any(|line| line.starts_with("RECURRENCE-ID")));
    assert_eq!(count(&detached(&some, Some("M"), "a").unwrap()), 0);
    assert_eq!(detached(&some, Some("20240703T100000Z"), "a"), Err(EditError::NoAttachment));
    assert_eq!(detached(&whole, None, "b"), Err(EditError::NoAttachment));
    assert_eq!(
        detached(series.as_bytes(), None, "a"),
        Err(EditError::NoAttachment),
        "that of an alarm is not meant"
    );
}

#[test]
fn an_object_says_what_it_names() {
    let named = |lines: &str| {
        describe(event(&format!("DTSTART:20240701T100000Z\n{lines}")).as_bytes()).unwrap().attachments
    };
    assert_eq!(named("ATTACH:https://a.test/"), [""; 0]);
    assert_eq!(
        named(
            "ATTACH;MANAGED-ID=b:x\nattach;managed-id=\"a:1\":y\nATTACH;MANAG\n ED-ID=b:z\nATTACH;MANAGED-ID=:w"
        ),
        ["a:1", "b"]
    );
    let many = |count: usize| {
        let lines: Vec<_> = (0..count).map(|number| format!("ATTACH;MANAGED-ID={number}:x")).collect();
        named(&lines.join("\n")).len()
    };
    assert_eq!(many(ATTACHMENTS_MAX), ATTACHMENTS_MAX);
    assert_eq!(many(ATTACHMENTS_MAX + 1), ATTACHMENTS_MAX + 1);
    assert_eq!(many(2 * ATTACHMENTS_MAX), ATTACHMENTS_MAX + 1);
    let long = "é".repeat(200);
    assert_eq!(named(&format!("ATTACH;MANAGED-ID={long}:x")), ["é".repeat(127)]);
}
