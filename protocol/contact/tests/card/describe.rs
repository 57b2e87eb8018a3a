//! What is told of a card, and what a PUT is refused for: RFC 6352 section 6.3.2.1.

use contact::{Kind, Reason, Version, describe};

fn refusal(bytes: &[u8]) -> Option<(Reason, usize)> {
    describe(bytes).err().map(|invalid| (invalid.reason, invalid.offset))
}

#[test]
fn a_card_is_described() {
    let described =
        describe(&crate::card("UID: u-1 \nFN:A\\, B\nCLASS:private\nKIND:group\n").into_bytes()).unwrap();
    assert_eq!((described.version, described.uid.as_deref()), (Version::V3_0, Some("u-1")));
    assert_eq!((described.name.as_str(), described.kind, described.is_private), ("A, B", Kind::Group, true));
}

#[test]
fn what_may_be_absent_is_absent() {
    let described = describe(b"begin:vcard\nversion:2.1\nn:Doe;J\nend:vcard").unwrap();
    assert_eq!((described.version, described.uid), (Version::V2_1, None));
    assert_eq!(
        (described.name.as_str(), described.kind, described.is_private),
        ("Doe;J", Kind::Individual, false)
    );
}

#[test]
fn kinds_are_told_by_both_properties() {
    for (line, kind) in [
        ("KIND:individual", Kind::Individual),
        ("KIND:ORG", Kind::Organization),
        ("KIND:location", Kind::Location),
        ("KIND:device", Kind::Other),
        ("X-ADDRESSBOOKSERVER-KIND:group", Kind::Group),
    ] {
        assert_eq!(
            describe(crate::card(&format!("FN:x\n{line}\n")).as_bytes()).unwrap().kind,
            kind,
            "{line}"
        );
    }
}

#[test]
fn what_is_no_single_valid_card_is_refused_where_it_is_wrong() {
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:x\nEND:VCARD\n";
    for (bytes, expected) in [
        ("".to_owned(), (Reason::NoCard, 0)),
        ("hello\n".to_owned(), (Reason::NoCard, 0)),
        ("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n".to_owned(), (Reason::NoCard, 0)),
        (format!("junk\n{card}"), (Reason::NoCard, 0)),
        (format!("{card}X:1\n"), (Reason::NoCard, card.len())),
        (format!("{card}{card}"), (Reason::SeveralCards, card.len())),
        ("BEGIN:VCARD\nVERSION:3.0\nFN:x\n".to_owned(), (Reason::Nesting, 0)),
        ("BEGIN:VCARD\nVERSION:3.0\nFN:x\nEND:X\nEND:VCARD\n".to_owned(), (Reason::Nesting, 29)),
        ("BEGIN:VCARD\nFN:x\nEND:VCARD\n".to_owned(), (Reason::NoVersion, 0)),
        ("BEGIN:VCARD\nVERSION:4.0\nEND:VCARD\n".to_owned(), (Reason::NoName, 0)),
        ("BEGIN:VCARD\nVERSION:4.0\nFN:a\u{7}b\nEND:VCARD\n".to_owned(), (Reason::ControlCharacter, 24)),
        ("BEGIN:A\n".repeat(content_line::DEPTH_MAX + 1), (Reason::TooLarge, 8 * content_line::DEPTH_MAX)),
    ] {
        assert_eq!(refusal(bytes.as_bytes()), Some(expected), "{bytes:?}");
    }
    assert_eq!(refusal(b"BEGIN:VCARD\nVERSION:3.0\nFN:\xE4\nEND:VCARD\n"), Some((Reason::NotUtf8, 24)));
}

#[test]
fn what_is_merely_odd_is_accepted() {
    for lines in
        ["FN:x\nno colon\n", "FN:x\nBDAY:circa\n", "FN:\n", "FN:x\nTEL;TYPE=\"work:1\n", "FN:x\n\n   \n"]
    {
        assert_eq!(refusal(crate::card(lines).as_bytes()), None, "{lines:?}");
    }
}
