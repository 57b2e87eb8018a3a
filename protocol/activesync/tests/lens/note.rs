//! Notes: VJOURNAL and MS-ASNOTE.

use activesync_wire::Version;
use activesync_wire::body::{BodyPreference, BodyType};
use activesync_wire::convert::note::{Writer, from_wire, to_wire};
use activesync_wire::item::note::{MESSAGE_CLASS, Note};
use activesync_wire::item::{Body, BodyData, Destination, Selection, Sent};
use proptest::prelude::*;
use proptest::sample::select;
use wbxml::page::airsync;
use wbxml::{Limits, decode};

use crate::any::{self, NATIVE, PREFERENCES, lossy, sent};
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

/// From 14.0 on there are notes.
fn versions() -> impl Strategy<Value = Version> {
    select(Version::ALL.into_iter().filter(|version| *version >= Version::V14_0).collect::<Vec<_>>())
}

fn notes() -> impl Strategy<Value = Note> {
    let parts = (sent(any::text()), sent(any::labels()), sent(any::bodies()));
    parts.prop_map(|(subject, categories, body)| Note {
        subject,
        message_class: Sent::Value(MESSAGE_CLASS.into()),
        categories,
        body,
        ..Note::default()
    })
}

fn wire(note: &Note, version: Version) -> Note {
    let mut document = wbxml::Writer::new();
    document.open(airsync::APPLICATION_DATA);
    let selection = Selection { version, schema: None };
    note.write(selection, Destination { writer: &mut document, parts: None });
    Note::parse(&decode(&document.finish(), &Limits::default()).unwrap(), version).unwrap()
}

/// Who looks: with which version, and in which forms.
type Phone = (Version, &'static [BodyPreference]);

fn repeats((version, preferences): Phone, stored: &[u8]) -> Note {
    wire(&to_wire(stored, preferences).unwrap(), version)
}

fn says((version, preferences): Phone, old: Option<&[u8]>, note: &Note) -> Vec<u8> {
    from_wire(old, &wire(note, version), &Writer { version, preferences, now: NOW, uid: "u9" }).unwrap()
}

/// MS-ASNOTE R112, R113, R10003.
fn expected(old: &Note, said: &Note) -> Note {
    Note {
        subject: any::or_old(&old.subject, &said.subject),
        categories: any::or_gone(&said.categories),
        body: any::body_after(&old.body, &said.body),
        ..old.clone()
    }
}

/// Lines as clients write them, sound and odd.
const LINES: &[&str] = &[
    "SUMMARY: x\ty ",
    "SUMMARY;LANGUAGE=de:Notiz\\, fett",
    "DTSTART;VALUE=DATE:20260501",
    "RRULE:FREQ=DAILY",
    "STATUS:FINAL",
    "CLASS:X-ODD",
    "CATEGORIES:a,b,a",
    "CATEGORIES:",
    "COLOR:red",
    "DESCRIPTION:one\\n\\ntwo \\n",
    "DESCRIPTION:<b>three</b> & four",
    "DESCRIPTION:",
    "X-ALT-DESC;FMTTYPE=text/html:<p>one</p>",
    "X-ALT-DESC;FMTTYPE=text/rtf:{one}",
    "LAST-MODIFIED:20260301T120000Z",
];

proptest! {
    #[test]
    fn what_was_written_is_read_back(
        before in notes(),
        change in notes(),
        who in (versions(), versions()),
        other in (versions(), select(&PREFERENCES[..])),
    ) {
        let (first, second) = ((who.0, NATIVE), (who.1, NATIVE));
        let nothing = repeats(first, &object("VJOURNAL", "X-OF-OTHERS:keep"));
        let stored = says(first, None, &before);
        let said = wire(&before, first.0);
        prop_assert_eq!(repeats(first, &stored), expected(&nothing, &said), "{}", lossy(&stored));

        let old = repeats(second, &stored);
        let stored = says(second, Some(&stored), &change);
        let said = wire(&change, second.0);
        prop_assert_eq!(repeats(second, &stored), expected(&old, &said), "{}", lossy(&stored));
        let again = says(other, Some(&stored), &repeats(other, &stored));
        prop_assert_eq!(again, stored, "a phone that only looks");
    }

    #[test]
    fn any_note_can_be_repeated(
        lines in proptest::collection::vec(select(LINES), 0..6),
        who in (versions(), select(&PREFERENCES[..])),
    ) {
        let stored = object("VJOURNAL", &[&["X-OF-OTHERS:keep"], &lines[..]].concat().join("\r\n"));
        prop_assert_eq!(lossy(&says(who, Some(&stored), &repeats(who, &stored))), lossy(&stored));
    }
}
