//! Notes in both directions: MS-ASNOTE.

use activesync_wire::body::BodyType;
use activesync_wire::item::note::{MESSAGE_CLASS, Note};
use activesync_wire::item::{BODY_BYTES_MAX, Body, BodyData, Destination, Selection, Sent};
use activesync_wire::{Version, date};
use wbxml::page::{airsync, airsync_base, notes};
use wbxml::{Element, Writer};

use crate::tree::tree;

#[test]
fn a_note_stands_as_the_document_says() {
    let note = Note {
        subject: Sent::Value("shopping".into()),
        message_class: Sent::Value(MESSAGE_CLASS.into()),
        last_modified: Sent::from(date::parse("20260101T000000Z")),
        categories: Sent::Value(vec!["home".into()]),
        body: Sent::Value(Body {
            body_type: BodyType::Plain,
            estimated_data_size: 4,
            truncated: false,
            data: Some(BodyData::Text("milk".into())),
            preview: None,
        }),
        native_body_type: Sent::Value(BodyType::Plain),
    };
    let drawn = |version| {
        let mut writer = Writer::new();
        writer.open(airsync::APPLICATION_DATA);
        let selection = Selection { version, schema: None };
        note.write(selection, Destination { writer: &mut writer, parts: None });
        tree(&writer.finish())
    };
    assert_eq!(
        drawn(Version::V14_0),
        "ApplicationData(Subject=shopping MessageClass=IPM.StickyNote LastModifiedDate=20260101T000000Z \
         Categories(Category=home) Body(Type=1 EstimatedDataSize=4 Data=milk) NativeBodyType=1)"
    );
    assert_eq!(drawn(Version::V12_1), "ApplicationData", "notes came with 14.0");
}

// MS-ASNOTE R84
#[test]
fn only_notes_of_the_right_class_are_taken() {
    let parse = |class: &str| {
        let data = Element::new(airsync::APPLICATION_DATA)
            .with_text(notes::MESSAGE_CLASS, class)
            .with_text(notes::LAST_MODIFIED_DATE, "20260101T000000Z");
        Note::parse(&data, Version::V14_1)
    };
    assert_eq!(parse("IPM.StickyNote").unwrap().last_modified, Sent::Absent, "MS-ASNOTE R84");
    assert!(parse("IPM.StickyNote.Blue").is_ok());
    for wrong in ["IPM.Note", "IPM.StickyNotes", "ipm.stickynote"] {
        assert!(parse(wrong).is_err(), "MS-ASNOTE R119: {wrong}");
    }
}

#[test]
fn bodies_have_a_limit() {
    let parse = |length| {
        let body = Element::new(airsync_base::BODY)
            .with_text(airsync_base::TYPE, "1")
            .with_text(airsync_base::DATA, "x".repeat(length));
        Note::parse(&Element::new(airsync::APPLICATION_DATA).with(body), Version::V14_1)
    };
    assert!(parse(BODY_BYTES_MAX).is_ok() && parse(BODY_BYTES_MAX + 1).is_err());
}
