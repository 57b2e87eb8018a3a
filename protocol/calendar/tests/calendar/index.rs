//! An index says of its properties what the object says.

use calendar::{ComponentKind, Index, describe};
use content_line::{Document, unescape};
use std::collections::BTreeSet;

use super::corpus;
use super::given::event;

/// The names of an index.
const NAMES: &[&str] = &["SUMMARY", "location", "UID", "STATUS", "CATEGORIES", "COMPLETED", "CLASS"];

/// What the lines of an object say: of each component of a kind, its texts of a name.
fn in_object(bytes: &[u8], kind: &str, name: &str) -> Vec<Vec<String>> {
    let document = Document::parse(bytes).unwrap();
    let calendar = document.roots().next().unwrap();
    let named = document
        .children(calendar)
        .filter(|child| document.component(*child).unwrap().name().eq_ignore_ascii_case(kind));
    let texts = |component| -> Vec<String> {
        let lines = document.properties(component, name);
        lines.map(|(_, line)| unescape(&line.value()).into_owned()).collect()
    };
    named.map(texts).collect()
}

#[test]
fn an_index_says_what_the_object_says() {
    let mut seen = BTreeSet::new();
    for (file, ..) in corpus::FILES.iter().filter(|(_, _, kind, ..)| *kind != ComponentKind::FreeBusy) {
        let bytes = corpus::read(file);
        let kept = describe(&bytes).unwrap().index;
        let index = Index::read(&kept).unwrap_or_else(|| panic!("{file}: {kept:?}"));
        for kind in ["VEVENT", "vtodo", "VJOURNAL"] {
            assert!(Index::covers_component(kind));
            for name in NAMES {
                assert!(Index::covers(name));
                let texts = |component: calendar::IndexedComponent<'_>| -> Vec<String> {
                    component.texts(name).map(str::to_owned).collect()
                };
                let indexed: Vec<_> = index.components(kind).map(texts).collect();
                assert_eq!(indexed, in_object(&bytes, kind, name), "{file}: {kind} {name}");
                if indexed.iter().any(|texts| !texts.is_empty()) {
                    seen.insert(*name);
                }
            }
        }
    }
    assert_eq!(seen.len(), NAMES.len(), "only {seen:?}");
}

#[test]
fn other_names_are_left_to_the_object() {
    for name in ["DESCRIPTION", "ATTENDEE", "DTSTART", "BEGIN", ""] {
        assert!(!Index::covers(name), "{name}");
    }
    assert!(!Index::covers_component("VTIMEZONE") && !Index::covers_component("VALARM"));
}

/// A text of a component's alarm is not the component's.
#[test]
fn each_component_has_its_own_texts() {
    let bytes = event(
        "DTSTART:20240701T100000Z\nRRULE:FREQ=DAILY\nSUMMARY:All\nBEGIN:VALARM\nACTION:EMAIL\nSUMMARY:Ring\n\
         TRIGGER:PT0S\nEND:VALARM\nLOCATION:Here\\, there\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20240601T000000Z\n\
         RECURRENCE-ID:20240702T100000Z\nDTSTART:20240702T110000Z\nSUMMARY:One",
    );
    let kept = describe(bytes.as_bytes()).unwrap().index;
    let components: Vec<_> = Index::read(&kept).unwrap().components("VEVENT").collect();
    let texts = |at: usize, name: &str| components[at].texts(name).collect::<Vec<_>>();
    assert_eq!((texts(0, "SUMMARY"), texts(1, "SUMMARY")), (vec!["All"], vec!["One"]));
    assert_eq!((texts(0, "LOCATION"), texts(1, "LOCATION")), (vec!["Here, there"], vec![]));
}

#[test]
fn too_much_text_has_no_index() {
    let kept = |length: usize| {
        let lines = format!("DTSTART:20240701T100000Z\nSUMMARY:{}", "x".repeat(length));
        describe(event(&lines).as_bytes()).unwrap().index
    };
    assert!(!kept(4_000).is_empty());
    assert!(kept(5_000).is_empty() && Index::read(&kept(5_000)).is_none());
}
