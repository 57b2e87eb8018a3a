//! Reading what clients really write. RFC 5545 section 3.1, RFC 6350 sections 3.2 and 3.3.

#![expect(clippy::unwrap_used, reason = "helpers of a test may fail it")]

use content_line::{Document, FaultKind, LineEnd, LineKind, Value, split, texts, unescape};

fn parse(text: &str) -> Document<'_> {
    Document::parse(text.as_bytes()).unwrap()
}

fn values(text: &str) -> Vec<String> {
    parse(text)
        .lines()
        .iter()
        .filter(|l| l.kind() == LineKind::Property)
        .map(|l| l.value().into_owned())
        .collect()
}

#[test]
fn folds_of_all_kinds_are_undone() {
    for (text, expected) in [
        ("NOTE:a\r\n b\r\n", vec!["ab"]),
        ("NOTE:a\n b\n", vec!["ab"]),
        ("NOTE:a\r\n\tb", vec!["ab"]),
        ("NOTE:a\r\n  b\r\n", vec!["a b"]),
        ("NOTE:a\r\r\n b\r\r\n", vec!["ab"]),
        ("NOTE:a\r\n \r\n b\r\n", vec!["ab"]),
        ("NO\r\n TE:a\r\n", vec!["a"]),
        ("NOTE:a\r\n\r\nTEL:b\r\n", vec!["a", "b"]),
    ] {
        assert_eq!(values(text), expected, "{text:?}");
    }
}

#[test]
fn a_fold_may_cut_a_utf8_character() {
    let document = Document::parse(b"FN:M\xC3\r\n \xBCller\r\n").unwrap();
    assert_eq!(document.lines()[0].value(), "M\u{fc}ller");
    assert_eq!(document.faults(), []);
}

#[test]
fn bad_utf8_is_kept_and_shown_as_a_replacement() {
    let bytes = b"FN:M\xFCller\r\n";
    let document = Document::parse(bytes).unwrap();
    assert_eq!(document.lines()[0].value(), "M\u{fffd}ller");
    assert_eq!(document.lines()[0].value_bytes(), b"M\xFCller");
    assert_eq!(document.faults()[0].kind, FaultKind::NotUtf8);
    assert_eq!(document.edit().finish(), bytes);
}

#[test]
fn quoted_printable_of_version_2_1_breaks_softly() {
    for (text, expected) in [
        ("NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=\r\ntwo\r\nTEL:1\r\n", vec!["one=0D=0Atwo", "1"]),
        ("NOTE;QUOTED-PRINTABLE:a=\r\n b\r\nTEL:1\r\n", vec!["a b", "1"]),
        ("NOTE;ENCODING=QUOTED-PRINTABLE:a=\r\nTEL:1", vec!["aTEL:1"]),
        ("NOTE;ENCODING=QUOTED-PRINTABLE:a=", vec!["a"]),
        ("NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=\r\n UTF-8:a=\r\nb\r\n", vec!["ab"]),
        ("NOTE:a=\r\nTEL:1\r\n", vec!["a=", "1"]),
        ("NOTE;X=\":;QUOTED-PRINTABLE\":a=\r\nTEL:1\r\n", vec!["a=", "1"]),
        ("NOTE;X=\":\";QUOTED-PRINTABLE:a=\r\nTEL:1\r\n", vec!["aTEL:1"]),
    ] {
        assert_eq!(values(text), expected, "{text:?}");
    }
}

#[test]
fn base64_of_version_2_1_goes_on_without_indentation() {
    for (text, expected) in [
        ("PHOTO;ENCODING=BASE64;JPEG:/9j/\r\nAAAA\r\nBB==\r\n\r\nTEL:1\r\n", vec!["/9j/AAAABB==", "1"]),
        ("PHOTO;BASE64:/9j/\r\n AAAA\r\nTEL:1\r\n", vec!["/9j/AAAA", "1"]),
        ("PHOTO:/9j/\r\nAAAA\r\n", vec!["/9j/"]),
    ] {
        assert_eq!(values(text), expected, "{text:?}");
    }
}

#[test]
fn a_line_is_taken_apart() {
    let document = parse("item1.EMAIL;TYPE=HOME,\"a,b\";pref:a@b.test\r\n");
    let line = &document.lines()[0];
    assert_eq!((line.group(), line.name()), (Some("item1"), "EMAIL"));
    assert!(line.is("email") && !line.is("E-MAIL") && !line.is(""));
    let parameters: Vec<_> = line.parameters().collect();
    assert_eq!(parameters[0].values().collect::<Vec<_>>(), ["HOME", "a,b"]);
    assert_eq!((parameters[1].name(), parameters[1].is_bare()), ("pref", true));
    assert_eq!(parameters[1].values().count(), 0);
    assert_eq!(line.parameter_value("type").unwrap(), "HOME");
    assert_eq!(line.value(), "a@b.test");
}

#[test]
fn colons_and_separators_may_be_quoted() {
    let document = parse("ATTENDEE;DELEGATED-FROM=\"mailto:a@b.test\";CN=\"Doe; J, Dr\":mailto:c@d.test\r\n");
    let line = &document.lines()[0];
    assert_eq!(line.parameter_value("DELEGATED-FROM").unwrap(), "mailto:a@b.test");
    assert_eq!(line.parameter_value("CN").unwrap(), "Doe; J, Dr");
    assert_eq!(line.value(), "mailto:c@d.test");
}

#[test]
fn a_quotation_mark_without_its_partner_is_an_ordinary_character() {
    let document = parse("ATTENDEE;CN=O\"Brien;RSVP=TRUE:mailto:o@b.test\r\n");
    let line = &document.lines()[0];
    assert_eq!(line.parameter_value("CN").unwrap(), "O\"Brien");
    assert_eq!(line.parameter_value("RSVP").unwrap(), "TRUE");
    assert_eq!(line.value(), "mailto:o@b.test");
}

#[test]
fn carets_of_parameters_are_decoded() {
    // RFC 6868 section 3
    let document = parse("X;A=one^ntwo^^three^'four^x^:v\r\n");
    assert_eq!(document.lines()[0].parameter_value("A").unwrap(), "one\ntwo^three\"four^x^");
}

#[test]
fn components_are_found_flat() {
    let document = parse(
        "\u{feff}BEGIN:VCALENDAR\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nBEGIN:valarm\r\nACTION:y\r\nEND:VALARM\r\nSUMMARY:s\r\nEND:VEVENT\r\n\
         BEGIN:VTODO\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
    );
    let found: Vec<_> = document.components().iter().map(|c| (c.name(), c.parent(), c.depth())).collect();
    assert_eq!(
        found,
        [("VCALENDAR", None, 0), ("VEVENT", Some(0), 1), ("VALARM", Some(1), 2), ("VTODO", Some(0), 1)]
    );
    assert_eq!(document.roots().collect::<Vec<_>>(), [0]);
    assert_eq!(document.children(0).collect::<Vec<_>>(), [1, 3]);
    let names = |component| document.own_lines(component).map(|(_, line)| line.name()).collect::<Vec<_>>();
    assert_eq!(names(0), ["PRODID"]);
    assert_eq!(names(1), ["UID", "SUMMARY"]);
    assert_eq!(names(2), ["ACTION"]);
    assert_eq!(document.property(1, "summary").unwrap().1.value(), "s");
    assert_eq!(document.faults(), []);
}

#[test]
fn broken_nesting_is_mended_and_told() {
    let document =
        parse("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VCALENDAR\nEND:VEVENT\nBEGIN:VCARD\nFN:x");
    let found: Vec<_> = document.components().iter().map(|c| (c.name(), c.lines(), c.is_closed())).collect();
    assert_eq!(found, [("VCALENDAR", 0..4, true), ("VEVENT", 1..3, false), ("VCARD", 5..7, false)]);
    let faults: Vec<_> = document.faults().iter().map(|fault| (fault.kind, fault.offset)).collect();
    assert_eq!(faults, [(FaultKind::Unclosed, 16), (FaultKind::StrayEnd, 49), (FaultKind::Unclosed, 60)]);
    assert_eq!(document.own_lines(2).count(), 1);
}

#[test]
fn other_lines_are_kept_as_what_they_are() {
    let document =
        parse("BEGIN:VCARD\r\nno colon here\r\n   \r\n:x\r\nA B:c\r\nX\u{0}Y:z\r\nTEL:\u{7}\r\nEND:VCARD");
    let kinds: Vec<_> = document.lines().iter().map(content_line::Line::kind).collect();
    use LineKind::{Begin, End, Junk, Property};
    // The blank line is a fold of the one before it.
    assert_eq!(kinds, [Begin, Junk, Junk, Junk, Junk, Property, End]);
    assert_eq!(document.faults().iter().filter(|f| f.kind == FaultKind::ControlCharacter).count(), 2);
    assert_eq!(document.lines()[1].name(), "");
    assert_eq!(document.lines()[1].value(), "");
}

#[test]
fn the_first_line_end_is_the_documents() {
    assert_eq!(parse("A:1\nB:2\r\n").line_end(), LineEnd::Lf);
    assert_eq!(parse("A:1\r\nB:2\n").line_end(), LineEnd::CrLf);
    assert_eq!(parse("A:1").line_end(), LineEnd::CrLf);
}

#[test]
fn escapes_of_text() {
    // RFC 5545 section 3.3.11, RFC 6350 section 3.4
    for (escaped, text) in [
        ("a\\nb\\Nc", "a\nb\nc"),
        ("\\\\n\\;\\,", "\\n;,"),
        ("https\\://x.test", "https://x.test"),
        ("C:\\dir\\", "C:\\dir\\"),
        ("plain", "plain"),
    ] {
        assert_eq!(unescape(escaped), text, "{escaped:?}");
    }
    assert_eq!(split("a\\;b;;c\\\\;d", ';').collect::<Vec<_>>(), ["a\\;b", "", "c\\\\", "d"]);
    assert_eq!(texts("a\\,b,c").collect::<Vec<_>>(), ["a,b", "c"]);
}

#[test]
fn values_hold_no_control_characters() {
    assert_eq!(Value::text("a\r\nb\rc\nd\u{0}\u{b}e\tf").as_str(), "a\\nb\\nc\\nde\tf");
    assert_eq!(Value::raw("20240101\nX:1").unwrap_err().offset, 8);
    assert_eq!(Value::raw("a\tb;c").unwrap().as_str(), "a\tb;c");
    assert_eq!(Value::structured([vec!["Doe; J"], vec![], vec!["a", "b,c"]]).as_str(), "Doe\\; J;;a,b\\,c");
}
