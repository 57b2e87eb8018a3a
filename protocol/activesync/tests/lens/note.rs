//! Notes: VJOURNAL and MS-ASNOTE.

use activesync_wire::Version;
use activesync_wire::body::BodyType;
use activesync_wire::convert::note::{Writer, from_wire, to_wire};
use activesync_wire::item::note::{MESSAGE_CLASS, Note};
use activesync_wire::item::{Body, BodyData, Destination, Selection, Sent};
use proptest::prelude::*;
use wbxml::page::airsync;
use wbxml::{Limits, decode};

use crate::phone::{NOW, has, object};

fn body(body_type: BodyType, text: &str) -> Sent<Body> {
    let estimated_data_size = u64::try_from(text.len()).unwrap();
    let data = Some(BodyData::Text(text.into()));
    Sent::Value(Body { body_type, estimated_data_size, truncated: false, data, preview: None })
}

/// Over the wire, as a phone does it.
fn writes(old: Option<&[u8]>, sent: &Note) -> Vec<u8> {
    let mut document = wbxml::Writer::new();
    document.open(airsync::APPLICATION_DATA);
    let selection = Selection { version: Version::V16_1, schema: None };
    sent.write(selection, Destination { writer: &mut document, parts: None });
    let sent =
        &Note::parse(&decode(&document.finish(), &Limits::default()).unwrap(), Version::V16_1).unwrap();
    from_wire(old, sent, &Writer { version: Version::V16_1, preferences: &[], now: NOW, uid: "u9" }).unwrap()
}

fn sees(stored: &[u8]) -> Note {
    to_wire(stored, &[]).unwrap()
}

fn shopping() -> Note {
    Note {
        subject: Sent::Value("shopping".into()),
        message_class: Sent::Value(MESSAGE_CLASS.into()),
        categories: Sent::Value(vec!["home".into()]),
        body: body(BodyType::Plain, "milk\r\nbread"),
        ..Note::default()
    }
}

#[test]
fn a_note_makes_the_round() {
    let stored = writes(None, &shopping());
    for line in
        ["BEGIN:VJOURNAL", "UID:u9", "SUMMARY:shopping", "DESCRIPTION:milk\\nbread", "CATEGORIES:home"]
    {
        assert!(has(&stored, line), "{line} in {}", String::from_utf8_lossy(&stored));
    }
    let seen = sees(&stored);
    assert_eq!(
        (&seen.subject, &seen.body, &seen.categories),
        (&shopping().subject, &shopping().body, &shopping().categories)
    );
    assert_eq!(seen.last_modified, Sent::Value(NOW));
    assert_eq!(writes(Some(&stored), &seen), stored);
}

/// MS-ASNOTE R112, R113, R10003.
#[test]
fn only_categories_go_when_they_are_left_out() {
    let stored = object("VJOURNAL", "SUMMARY:s\r\nDESCRIPTION:d\r\nCATEGORIES:c\r\nX-OF-OTHERS:keep");
    let changed = writes(Some(&stored), &Note::default());
    for line in ["SUMMARY:s", "DESCRIPTION:d", "X-OF-OTHERS:keep"] {
        assert!(has(&changed, line), "{line}");
    }
    assert!(!has(&changed, "CATEGORIES:c"));
}

#[test]
fn html_is_kept_beside_its_text() {
    let rich = Note { body: body(BodyType::Html, "<p>milk &amp; bread</p>"), ..shopping() };
    let stored = writes(None, &rich);
    assert!(has(&stored, "DESCRIPTION:milk & bread"), "{}", String::from_utf8_lossy(&stored));
    assert!(
        has(&stored, "X-ALT-DESC;FMTTYPE=text/html:<p>milk &amp\\; bread</p>"),
        "{}",
        String::from_utf8_lossy(&stored)
    );
    assert_eq!(sees(&stored).native_body_type, Sent::Value(BodyType::Html));
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(subject in "[a-zäöü,;\\\\]{1,12}", text in "[a-zäöü,;\\\\\n]{0,30}", on_other: bool) {
        let text = format!("a{text}b").replace('\n', "\r\n");
        let sent = Note { subject: Sent::Value(subject), body: body(BodyType::Plain, &text), ..shopping() };
        let other = writes(None, &shopping());
        let stored = writes(on_other.then_some(other.as_slice()), &sent);
        let seen = sees(&stored);
        prop_assert_eq!((&seen.subject, &seen.body), (&sent.subject, &sent.body));
        prop_assert_eq!(writes(Some(&stored), &seen), stored);
    }
}
