//! What holds for any bytes and any values.

#![expect(clippy::unwrap_used, reason = "helpers of a test may fail it")]

use content_line::{
    Document, Line, LineEnd, LineKind, NewLine, Parameter, Value, split, texts, unescape, write_lines,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Physical lines that meet in odd ways.
const PIECES: &[&[u8]] = &[
    b"BEGIN:VCARD",
    b"END:VCARD",
    b"BEGIN:VEVENT",
    b"END:VEVENT",
    b"SUMMARY:Lunch\\, then tea",
    b"item1.X-ABLabel:_$!<HomePage>!$_",
    b"ATTENDEE;CN=\"Doe; J\";PARTSTAT=ACCEPTED:mailto:a@b.test",
    b"ATTENDEE;CN=O\"Brien:mailto:o@b.test",
    b"TEL;CELL;VOICE:+1",
    b"NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=",
    b"NOTE;QUOTED-PRINTABLE;CHARSET=UTF-8:=",
    b"PHOTO;ENCODING=BASE64;JPEG:/9j/",
    b"AAAA==",
    b"no colon",
    b":",
    b"\xC3",
    b" \xBC folded",
    b"\ttabbed=",
    b"  ",
    b"",
    b"\xEF\xBB\xBF",
    b"a\x00b:\x07",
    b"X;=;A=;B=\"",
    b"TEL;TY\0PE=ho\x07me;ENCO\0DING=BASE64:+1",
];
const ENDS: &[&[u8]] = &[b"\r\n", b"\n", b"\r\r\n", b"\r", b""];

fn documents() -> impl Strategy<Value = Vec<u8>> {
    let line = (prop::sample::select(PIECES), prop::sample::select(ENDS));
    prop_oneof![
        4 => vec(line, 0..24).prop_map(|lines| lines.iter().flat_map(|(piece, end)| [*piece, *end].concat()).collect()),
        1 => vec(any::<u8>(), 0..200),
    ]
}

/// Texts with what must be escaped, what must be left out, and characters of all lengths.
fn hostile_texts() -> impl Strategy<Value = String> {
    vec(
        prop_oneof![
            prop::sample::select("\\;,:\"^=\r\n\t\0\u{7f}\u{b} nN'".chars().collect::<Vec<_>>()),
            any::<char>()
        ],
        0..120,
    )
    .prop_map(|characters| characters.into_iter().collect())
}

/// Texts that come back as they went in.
fn clean_texts() -> impl Strategy<Value = String> {
    hostile_texts()
        .prop_map(|text| text.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_ascii_control()).collect())
}

fn parse(bytes: &[u8]) -> Document<'_> {
    Document::parse(bytes).unwrap()
}

/// The properties that an edit may be made of.
fn properties(document: &Document<'_>) -> Vec<usize> {
    document
        .lines()
        .iter()
        .enumerate()
        .filter(|(_, line)| line.kind() == LineKind::Property)
        .map(|(index, _)| index)
        .collect()
}

/// The parameters but those of an encoding, which has no meaning after a stray quotation mark; names with a
/// mark that a copy has encoded.
fn parameters(line: &Line<'_>) -> Vec<(String, Vec<String>)> {
    let is_encoding =
        |name: &str| ["encoding", "quoted-printable", "base64", "b"].contains(&&*name.to_ascii_lowercase());
    let values = |parameter: Parameter<'_>| parameter.values().map(|value| value.into_owned()).collect();
    let kept = line.parameters().filter(|parameter| !is_encoding(parameter.name()));
    kept.map(|parameter| (parameter.name().replace("^'", "\""), values(parameter))).collect()
}

proptest! {
    #[test]
    fn what_is_not_edited_is_written_as_it_was(bytes in documents()) {
        let document = parse(&bytes);
        prop_assert_eq!(document.edit().finish(), bytes.clone());
        let raw: Vec<u8> = document.lines().iter().flat_map(|line| line.raw().to_vec()).collect();
        prop_assert_eq!(raw, bytes);
    }

    #[test]
    fn components_lie_within_each_other(bytes in documents()) {
        let document = parse(&bytes);
        for (index, component) in document.components().iter().enumerate() {
            for child in document.children(index) {
                let inner = &document.components()[child];
                prop_assert_eq!(inner.parent(), Some(index));
                prop_assert_eq!(inner.depth(), component.depth() + 1);
                prop_assert!(inner.lines().start > component.lines().start);
                prop_assert!(inner.lines().end <= component.lines().end);
            }
            for (line, property) in document.own_lines(index) {
                prop_assert!(component.lines().contains(&line));
                prop_assert!(document.children(index).all(|c| !document.components()[c].lines().contains(&line)));
                prop_assert_eq!(property.kind(), LineKind::Property);
            }
        }
        let roots = document.roots().count();
        prop_assert_eq!(roots, document.components().iter().filter(|c| c.parent().is_none()).count());
    }

    #[test]
    fn an_edit_leaves_every_other_line_alone(bytes in documents(), pick in any::<prop::sample::Index>(), text in hostile_texts()) {
        let document = parse(&bytes);
        let candidates = properties(&document);
        if candidates.is_empty() {
            return Ok(());
        }
        let line = *pick.get(&candidates);
        let mut edit = document.edit();
        edit.set_value(line, &Value::text(&text));
        let after = edit.finish();

        let before: Vec<u8> = document.lines()[..line].iter().flat_map(|l| l.raw().to_vec()).collect();
        let behind: Vec<u8> = document.lines()[line + 1..].iter().flat_map(|l| l.raw().to_vec()).collect();
        prop_assert!(after.starts_with(&before));
        prop_assert!(after.ends_with(&behind));

        let again = parse(&after);
        let (old, new) = (&document.lines()[line], &again.lines()[line]);
        // At the end of a quoted-printable value an equals sign is encoded, because it would be a soft break.
        let meant = Value::text(&text).as_str().to_owned();
        let written = new.value().into_owned();
        prop_assert!(written == meant || written == format!("{meant}3D"), "{meant:?} became {written:?}");
        prop_assert_eq!(new.name(), old.name());
        prop_assert_eq!(new.group(), old.group());
        prop_assert_eq!(new.transfer(), old.transfer());
        prop_assert_eq!(parameters(new), parameters(old));
    }

    #[test]
    fn setting_what_is_there_changes_nothing(bytes in documents()) {
        let document = parse(&bytes);
        let mut edit = document.edit();
        for (index, line) in document.lines().iter().enumerate() {
            if let Ok(value) = Value::raw(line.value()) {
                // Bad UTF-8 cannot be said as a value.
                if value.as_str().as_bytes() == line.value_bytes() {
                    edit.set_value(index, &value);
                }
            }
            let parameters: Vec<(String, Vec<String>)> = line
                .parameters()
                .map(|p| (p.name().to_owned(), p.values().map(|v| v.into_owned()).collect()))
                .collect();
            for (at, (name, values)) in parameters.iter().enumerate() {
                let is_first = !parameters[..at].iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
                if is_first && !values.is_empty() {
                    edit.set_parameter(index, name, &values.iter().map(String::as_str).collect::<Vec<_>>());
                }
            }
        }
        prop_assert_eq!(edit.finish(), bytes);
    }

    #[test]
    fn an_inserted_line_says_what_was_meant(bytes in documents(), pick in any::<prop::sample::Index>(), text in clean_texts(), parameter in clean_texts()) {
        let document = parse(&bytes);
        if document.lines().is_empty() {
            return Ok(());
        }
        let at = pick.index(document.lines().len());
        let mut edit = document.edit();
        edit.insert_after(at, NewLine::new("X-NEW", Value::text(&text)).group("item9").parameter("X-P", &[&parameter, "b"]));
        let after = edit.finish();
        let again = parse(&after);
        let new = again.lines().iter().find(|line| line.is("X-NEW")).unwrap();
        let value = new.value();
        prop_assert_eq!(unescape(&value), text);
        prop_assert_eq!(new.group(), Some("item9"));
        let values: Vec<String> = new.parameter("X-P").unwrap().values().map(|v| v.into_owned()).collect();
        prop_assert_eq!(values, [parameter.as_str(), "b"]);
    }

    #[test]
    fn folding_then_unfolding_is_nothing(text in clean_texts(), repeat in 1_usize..8, quoted_printable: bool, lf: bool) {
        let end = if lf { LineEnd::Lf } else { LineEnd::CrLf };
        let value = Value::text(&text.repeat(repeat));
        let mut line = NewLine::new("NOTE", value.clone()).parameter("X-LONG", &["x".repeat(repeat * 11).as_str()]);
        if quoted_printable {
            line = line.parameter("ENCODING", &["QUOTED-PRINTABLE"]);
        }
        let follower = NewLine::new("X-NEXT", Value::text("1"));
        let bytes = write_lines([&line, &follower], end);
        for physical in bytes.split(|&byte| byte == b'\n') {
            prop_assert!(physical.strip_suffix(b"\r").unwrap_or(physical).len() <= 75);
            prop_assert!(std::str::from_utf8(physical).is_ok(), "a fold cut a character");
        }
        let document = parse(&bytes);
        prop_assert_eq!(document.lines().len(), 2);
        let read = document.lines()[0].value().into_owned();
        let expected = if quoted_printable && value.as_str().ends_with('=') { format!("{}3D", value.as_str()) } else { value.as_str().to_owned() };
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn escaping_then_unescaping_is_nothing(text in clean_texts(), list in vec(clean_texts(), 1..5)) {
        let value = Value::text(&text);
        prop_assert_eq!(unescape(value.as_str()), text.as_str());
        let value = Value::texts(list.iter().map(String::as_str));
        prop_assert_eq!(texts(value.as_str()).map(|t| t.into_owned()).collect::<Vec<_>>(), list.clone());
        let value = Value::structured(list.iter().map(|text| [text.as_str(), "x"]));
        let read: Vec<Vec<String>> = split(value.as_str(), ';').map(|c| texts(c).map(|t| t.into_owned()).collect()).collect();
        let meant: Vec<Vec<String>> = list.iter().map(|text| vec![text.clone(), "x".to_owned()]).collect();
        prop_assert_eq!(read, meant);
    }

    #[test]
    fn no_value_splits_its_line(text in hostile_texts(), parameter in hostile_texts(), name in hostile_texts()) {
        let name = format!("X-{name}");
        let line = NewLine::new(&name, Value::text(&text)).parameter("P", &[&parameter]).group(&name);
        let bytes = write_lines([&line], LineEnd::CrLf);
        let document = parse(&bytes);
        prop_assert_eq!(document.lines().len(), 1);
        prop_assert_eq!(document.lines()[0].kind(), LineKind::Property);
        prop_assert_eq!(document.faults(), []);
    }
}
