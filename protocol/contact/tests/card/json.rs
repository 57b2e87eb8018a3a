//! jCard: RFC 7095. What one knows that it looks like, and that nothing is lost on the way there and back.

use contact::{Card, Target, convert, describe, from_json, to_json};
use content_line::{Document, LineEnd, NewLine, Value, block, write_lines};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::convert_laws::cards;

fn json(bytes: &[u8]) -> String {
    String::from_utf8(to_json(bytes).unwrap()).unwrap()
}

fn lines(json: &str) -> String {
    String::from_utf8(from_json(json.as_bytes()).unwrap()).unwrap()
}

// RFC 7095 sections 3.3, 3.3.1, 3.4, 3.5, 4 and 5.
#[test]
fn known_answers() {
    for (line, property) in [
        (r"FN:Doe\, J", r#"["fn",{},"text","Doe, J"]"#),
        (
            "N:Stevenson;John;Philip,Paul;Dr.;Jr.,M.D.",
            r#"["n",{},"text",["Stevenson","John",["Philip","Paul"],"Dr.",["Jr.","M.D."]]]"#,
        ),
        (r"ADR;LABEL=a^nb:;;S\; 1;C;;1;", r#"["adr",{"label":"a\nb"},"text",["","","S; 1","C","","1",""]]"#),
        (r"ORG:A\, Inc.;Sales", r#"["org",{},"text",["A, Inc.","Sales"]]"#),
        ("ORG:A", r#"["org",{},"text","A"]"#),
        ("GENDER:F", r#"["gender",{},"text","F"]"#),
        ("GENDER:O;intersex", r#"["gender",{},"text",["O","intersex"]]"#),
        ("CLIENTPIDMAP:1;urn:uuid:a", r#"["clientpidmap",{},"text",["1","urn:uuid:a"]]"#),
        ("NICKNAME:A,B", r#"["nickname",{},"text","A","B"]"#),
        ("EMAIL;TYPE=work;PREF=1:a@b.test", r#"["email",{"type":"work","pref":"1"},"text","a@b.test"]"#),
        (
            "TEL;VALUE=uri;TYPE=home,voice:tel:+1;ext=2",
            r#"["tel",{"type":["home","voice"]},"uri","tel:+1;ext=2"]"#,
        ),
        ("item1.URL:http://a.test/", r#"["url",{"group":"item1"},"uri","http://a.test/"]"#),
        ("BDAY:19531015T231000Z", r#"["bday",{},"date-and-or-time","1953-10-15T23:10:00Z"]"#),
        ("BDAY:--0203", r#"["bday",{},"date-and-or-time","--02-03"]"#),
        ("BDAY;VALUE=text:circa 1800", r#"["bday",{},"text","circa 1800"]"#),
        ("ANNIVERSARY;VALUE=date:20090808", r#"["anniversary",{},"date","2009-08-08"]"#),
        ("REV:19951031T222710Z", r#"["rev",{},"timestamp","1995-10-31T22:27:10Z"]"#),
        ("LANG;PREF=1:de", r#"["lang",{"pref":"1"},"language-tag","de"]"#),
        ("TZ;VALUE=utc-offset:-0500", r#"["tz",{},"utc-offset","-05:00"]"#),
        ("GEO:geo:37.38,-122.08", r#"["geo",{},"uri","geo:37.38,-122.08"]"#),
        ("UID;VALUE=text:7", r#"["uid",{},"text","7"]"#),
        (r"X-A:Arabica\,;", r#"["x-a",{},"unknown","Arabica\\,;"]"#),
        ("X-B;VALUE=boolean:TRUE", r#"["x-b",{},"boolean",true]"#),
        ("X-B;VALUE=integer:1,2", r#"["x-b",{},"integer",1,2]"#),
    ] {
        let text = format!("BEGIN:VCARD\r\nVERSION:4.0\r\n{line}\r\nFN:x\r\nEND:VCARD\r\n");
        let whole = format!(r#"["vcard",[["version",{{}},"text","4.0"],{property},["fn",{{}},"text","x"]]]"#);
        assert_eq!(json(text.as_bytes()), whole);
        let back = lines(&whole);
        let (told, expected) =
            (Document::parse(back.as_bytes()).unwrap(), Document::parse(text.as_bytes()).unwrap());
        let line = |document: &Document<'_>| NewLine::copy_of(document.lines().get(2).unwrap());
        assert_eq!(line(&told), line(&expected), "{back}");
    }
}

#[test]
fn only_cards_of_this_version_have_a_form() {
    for text in [
        r#"["vcard",[["fn",{},"text","x"]]]"#,
        r#"["vcard",[["version",{},"text","3.0"],["fn",{},"text","x"]]]"#,
        r#"["vcalendar",[["version",{},"text","2.0"]],[]]"#,
    ] {
        assert!(from_json(text.as_bytes()).is_err(), "{text}");
    }
    assert!(to_json(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n").is_err());
    // What is of another version is converted first.
    let old = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;QUOTED-PRINTABLE:D=C3=B6;J\r\nTEL;CELL:1\r\nEND:VCARD\r\n";
    let told = json(old.as_bytes()).to_lowercase();
    assert!(told.contains(r#"["n",{},"text",["dö","j""#), "{told}");
    assert!(told.contains(r#"["tel",{"type":"cell"},"text","1"]"#), "{told}");
}

/// A card says the same before and after, and what it is told as is the same too.
fn law(bytes: &[u8]) -> Result<(), TestCaseError> {
    let told = json(bytes);
    let back = lines(&told);
    let before = convert(bytes, Target::V4_0).unwrap();
    prop_assert_eq!(Card::read(back.as_bytes()).unwrap(), Card::read(&before).unwrap(), "{}", told);
    let (was, is) = (describe(&before).unwrap(), describe(back.as_bytes()).unwrap());
    prop_assert_eq!((is.uid, is.is_private), (was.uid, was.is_private));
    prop_assert_eq!(json(back.as_bytes()), told);
    Ok(())
}

#[test]
fn cards_of_real_clients_say_the_same_afterwards() {
    for (name, bytes) in crate::corpus::cards() {
        law(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// Texts with what must be escaped.
fn texts() -> impl Strategy<Value = String> {
    let special = select("\\;,:\"^=\n\t nN".chars().collect::<Vec<_>>());
    let is_kept = |c: &char| *c == '\n' || *c == '\t' || !c.is_ascii_control();
    vec(prop_oneof![special, any::<char>()], 0..60)
        .prop_map(move |text| text.into_iter().filter(is_kept).collect::<String>())
}

fn moments() -> impl Strategy<Value = (&'static str, Option<&'static str>, Value)> {
    const PLAIN: Option<&str> = None;
    let date = select(&["19850412", "1985-04", "1985", "--0412", "--04", "---12"][..]);
    let time = select(&["T232050", "T2320Z", "T23-05", "T-2050", "T-20", "T--50", "T102200-0800"][..]);
    prop_oneof![
        date.clone().prop_map(|date| ("BDAY", PLAIN, Value::text(date))),
        time.clone().prop_map(|time| ("BDAY", PLAIN, Value::text(time))),
        date.clone().prop_map(|date| ("ANNIVERSARY", Some("date"), Value::text(date))),
        (date, time).prop_map(|(date, time)| (
            "X-AT",
            Some("date-time"),
            Value::text(&format!("{date}{time}"))
        )),
    ]
}

fn values() -> impl Strategy<Value = (&'static str, Option<&'static str>, Value)> {
    const PLAIN: Option<&str> = None;
    prop_oneof![
        texts().prop_map(|text| ("NOTE", PLAIN, Value::text(&text))),
        texts().prop_map(|text| ("BDAY", Some("text"), Value::text(&text))),
        texts().prop_map(|raw| ("URL", PLAIN, Value::stripped(&raw))),
        texts().prop_map(|raw| ("X-UNKNOWN", PLAIN, Value::stripped(&raw))),
        texts().prop_map(|raw| ("X-OTHER", Some("x-own"), Value::stripped(&raw))),
        vec(texts(), 1..4).prop_map(|list| (
            "NICKNAME",
            PLAIN,
            Value::texts(list.iter().map(String::as_str))
        )),
        vec(texts(), 1..4).prop_map(|parts| (
            "ORG",
            PLAIN,
            Value::structured(parts.iter().map(|part| [part.as_str()]))
        )),
        vec(vec(texts(), 1..3), 1..7).prop_map(|parts| {
            ("ADR", PLAIN, Value::structured(parts.iter().map(|part| part.iter().map(String::as_str))))
        }),
        moments(),
    ]
}

fn properties() -> impl Strategy<Value = NewLine> {
    let parameter = (select(&["X-A", "TYPE", "SORT-AS"][..]), vec(texts(), 1..3));
    (values(), vec(parameter, 0..3), any::<bool>()).prop_map(
        |((name, value_type, value), parameters, is_grouped)| {
            let line = NewLine::new(name, value);
            let line = if is_grouped { line.group("Item-1") } else { line };
            let line = value_type.map_or(line.clone(), |value_type| line.parameter("VALUE", &[value_type]));
            parameters.iter().fold(line, |line, (name, values)| {
                line.parameter(name, &values.iter().map(String::as_str).collect::<Vec<_>>())
            })
        },
    )
}

proptest! {
    /// What is written as version 4.0 has it comes back byte for byte.
    #[test]
    fn there_and_back_nothing_is_lost(own in vec(properties(), 0..8)) {
        let version = std::iter::once(NewLine::new("VERSION", Value::text("4.0")));
        let card = write_lines(&block("VCARD", version.chain(own)), LineEnd::CrLf);
        let told = json(&card);
        prop_assert_eq!(lines(&told), String::from_utf8(card).unwrap(), "{}", told);
    }

    #[test]
    fn cards_of_all_versions_say_the_same_afterwards(bytes in cards()) {
        law(&bytes)?;
    }
}
