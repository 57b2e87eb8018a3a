//! The JSON form of lines: limits, hostile texts, and what holds for any of both. What is true of the properties of each
//! format is tested with that format.

#![expect(clippy::unwrap_used, reason = "helpers of a test may fail it")]

use content_line::json::{Dialect, Family, PropertyForm, Shape, VALUES_MAX, ValueType, read, write};
use content_line::{DEPTH_MAX, DOCUMENT_BYTES_MAX, Document, LINES_MAX, PARAMETERS_MAX};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const CALENDAR: Dialect = Dialect { family: Family::Calendar, form };
const CARD: Dialect = Dialect { family: Family::Card, form: form_of_cards };

fn form(name: &str) -> Option<PropertyForm> {
    match name {
        "VERSION" | "SUMMARY" => Some(PropertyForm::single(ValueType::Text)),
        "CATEGORIES" => Some(PropertyForm::list(ValueType::Text)),
        "N" => Some(PropertyForm::texts(Shape::ListParts)),
        "ATTACH" => Some(PropertyForm::single(ValueType::Uri)),
        "DTSTART" => Some(PropertyForm::single(ValueType::DateTime)),
        "FREEBUSY" => Some(PropertyForm::list(ValueType::Period)),
        "RRULE" => Some(PropertyForm::single(ValueType::Recur)),
        "GEO" => Some(PropertyForm { value_type: ValueType::Float, shape: Shape::Parts }),
        _ => None,
    }
}

/// Without the types that only calendars have.
fn form_of_cards(name: &str) -> Option<PropertyForm> {
    form(name).filter(|form| !matches!(form.value_type, ValueType::Period | ValueType::Recur))
}

fn written(lines: &[u8], dialect: &Dialect) -> String {
    String::from_utf8(write(&Document::parse(lines).unwrap(), 0, dialect)).unwrap()
}

/// A calendar with these properties in JSON.
fn calendar(properties: &str) -> String {
    format!(r#"["vcalendar",[["version",{{}},"text","2.0"]{properties}],[]]"#)
}

fn card(properties: &str) -> String {
    format!(r#"["vcard",[["version",{{}},"text","4.0"]{properties}]]"#)
}

fn lines(json: &str, dialect: &Dialect) -> Result<String, String> {
    let lines = read(json.as_bytes(), dialect).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(lines).unwrap())
}

// RFC 7265 sections 3.3, 3.4, 3.5, 3.5.1, 3.5.2 and 5.
#[test]
fn a_calendar_is_told_in_json_and_back() {
    let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-A;X-LIST=1,\"2,3\";X-EMPTY=:a\\,b;c\r\nBEGIN:VEVENT\r\n\
         SUMMARY;LANGUAGE=de:Tee\\; \"gut\"\r\nDTSTART;VALUE=DATE:20261123\r\nX-B;VALUE=X-OWN:a,b\r\n\
         DTSTART:soon\r\nDTSTART;VALUE=DATE:late\r\ng.X-C:1\r\nBEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n";
    let json = concat!(
        r#"["vcalendar",[["version",{},"text","2.0"],"#,
        r#"["x-a",{"x-list":["1","2,3"],"x-empty":""},"unknown","a\\,b;c"]],"#,
        r#"[["vevent",[["summary",{"language":"de"},"text","Tee; \"gut\""],"#,
        r#"["dtstart",{},"date","2026-11-23"],["x-b",{},"x-own","a,b"],["dtstart",{},"unknown","soon"],"#,
        r#"["dtstart",{"value":"DATE"},"unknown","late"],["g.x-c",{},"unknown","1"]],"#,
        r#"[["valarm",[],[]]]]]]"#
    );
    assert_eq!(written(text.as_bytes(), &CALENDAR), json);
    assert_eq!(lines(json, &CALENDAR).as_deref(), Ok(text));
}

// RFC 7095 sections 3.3.1, 3.3.1.2, 3.4 and 3.4.2; RFC 6350 section 6.7.9.
#[test]
fn a_card_has_groups_and_its_version_first() {
    let text = "BEGIN:VCARD\r\nVERSION:4.0\r\nN:Doe;J;A,B;;\r\nitem1.TEL;TYPE=home,cell:1\r\nEND:VCARD\r\n";
    let json = concat!(
        r#"["vcard",[["version",{},"text","4.0"],["n",{},"text",["Doe","J",["A","B"],"",""]],"#,
        r#"["tel",{"group":"item1","type":["home","cell"]},"unknown","1"]]]"#
    );
    assert_eq!(written(text.as_bytes(), &CARD), json);
    assert_eq!(lines(json, &CARD).as_deref(), Ok(text));
    let late = r#"["vcard",[["n",{},"text",["Doe","J",["A","B"],"",""]],["tel",{"type":["home","cell"],"GROUP":"item1"},
         "unknown",1],["VERSION",{},"TEXT","4.0"]]]"#;
    assert_eq!(lines(late, &CARD).as_deref(), Ok(text));
    // A parameter of that name, which a card cannot have, goes.
    let own = text.replace("item1.TEL;", "TEL;GROUP=x;");
    assert!(written(own.as_bytes(), &CARD).contains(r#"["tel",{"type":["home","cell"]},"#));
}

// RFC 7265 section 3.6.1.
#[test]
fn encodings_of_lines_go_there_and_come_back() {
    let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nATTACH;VALUE=BINARY;ENCODING=BASE64;X-P=1:AAAA\r\n\
         SUMMARY;ENCODING=QUOTED-PRINTABLE:a=3Bb\r\nX-D;ENCODING=8BIT:1\r\nEND:VCALENDAR\r\n";
    let json = written(text.as_bytes(), &CALENDAR);
    assert!(json.contains(r#"["attach",{"x-p":"1"},"binary","AAAA"]"#), "{json}");
    let quoted = r#"["summary",{"encoding":"QUOTED-PRINTABLE"},"unknown","a=3Bb"]"#;
    assert!(json.contains(quoted), "{json}");
    assert_eq!(lines(&json, &CALENDAR).as_deref(), Ok(text));
    let bare = text.replace("VALUE=BINARY;ENCODING=BASE64", "BASE64;VALUE=BINARY");
    assert_eq!(written(bare.as_bytes(), &CALENDAR), json);
}

#[test]
fn what_is_not_the_form_of_a_document_is_refused() {
    let calendars = [
        "",
        "[]",
        "{}",
        "null",
        "[\"vcalendar\"",
        r#"["vcalendar"]"#,
        r#"["vcalendar",[["version",{},"text","3.0"]],[]]"#,
        r#"["vevent",[["version",{},"text","2.0"]],[]]"#,
        r#"["vcalendar",[["version",{},"text","2.0"]],[],[]]"#,
        r#"["vcalendar",[["version",{},"text","2.0"]],[["v event",[],[]]]]"#,
        r#"["vcalendar",[["version",{},"text","2.0"]],[["",[],[]]]]"#,
        r#"["vcalendar",[["version",{},"text","2.0"]],[[]]]"#,
        r#"["vcalendar",[["version",{},"text","2.0"]],[]] []"#,
        r#"["vcalendar",[["version",{},"text","2.0"]],[]"#,
    ];
    for json in calendars {
        assert!(lines(json, &CALENDAR).is_err(), "{json}");
    }
    assert!(lines(r#"["vcalendar",[],[]]"#, &CALENDAR).is_ok());
    assert!(lines(r#"["vcard",[]]"#, &CARD).is_err());
    assert!(lines(r#"["vcard",[["version",{},"text","3.0"]]]"#, &CARD).is_err());
    for property in [
        "[]",
        r#"["summary"]"#,
        r#"["summary",{}]"#,
        r#"["summary",{},"text"]"#,
        r#"["summary",{},"text",null]"#,
        r#"["summary",{},"text","a","b"]"#,
        r#"["summary",{},"text",["a"]]"#,
        r#"["summary",[],"text","a"]"#,
        r#"["summary",{},"t ext","a"]"#,
        r#"["summary",{},"","a"]"#,
        r#"["summary",{},5,"a"]"#,
        r#"["",{},"text","a"]"#,
        r#"["begin",{},"text","vevent"]"#,
        r#"["End",{},"unknown","vcalendar"]"#,
        r#"["x:y",{},"text","a"]"#,
        r#"["x\r\nbegin",{},"text","a"]"#,
        r#"[".x",{},"text","a"]"#,
        r#"["g h.x",{},"text","a"]"#,
        r#"["summary",{"a b":"1"},"text","a"]"#,
        r#"["summary",{"":"1"},"text","a"]"#,
        r#"["summary",{"x":{}},"text","a"]"#,
        r#"["summary",{"x":[[]]},"text","a"]"#,
        r#"["summary",{"x":null},"text","a"]"#,
        r#"["summary",{"x":"1","X":"2"},"text","a"]"#,
        r#"["summary",{"value":"date"},"text","a"]"#,
        r#"["x-a",{"value":"date"},"x-own","a"]"#,
        r#"["x-a",{},"unknown","a\nb"]"#,
        r#"["x-a",{},"unknown",["a"]]"#,
        r#"["x-a",{},"unknown","a","b"]"#,
        r#"["x-a",{},"unknown","\ud800"]"#,
        r#"["dtstart",{},"date-time","20261123T090000"]"#,
        r#"["dtstart",{},"date-time",5]"#,
        r#"["geo",{},"float",[1e300,1]]"#,
        r#"["geo",{},"float",[1e999,1]]"#,
        r#"["freebusy",{},"period","2026-11-23T09:00:00Z/PT1H"]"#,
        r#"["rrule",{},"recur","FREQ=DAILY"]"#,
        r#"["n",{},"text",[["a",["b"]]]]"#,
    ] {
        let json = calendar(&format!(",{property}"));
        assert!(lines(&json, &CALENDAR).is_err(), "{property}");
    }
    for property in [
        r#"["tel",{"group":""},"unknown","1"]"#,
        r#"["tel",{"group":"a.b"},"unknown","1"]"#,
        r#"["tel",{"group":["a","b"]},"unknown","1"]"#,
        r#"["a.tel",{},"unknown","1"]"#,
        r#"["end",{},"unknown","vcard"]"#,
        r#"["x",{},"unknown"]"#,
    ] {
        assert!(lines(&card(&format!(",{property}")), &CARD).is_err(), "{property}");
    }
}

#[test]
fn what_is_written_in_other_ways_is_taken() {
    for (property, line) in [
        (r#"["SUMMARY",{"Language":"de"},"TEXT","a"]"#, "SUMMARY;LANGUAGE=de:a"),
        (r#"["summary",{"x-slack":30.5,"x-true":true},"text","a"]"#, "SUMMARY;X-SLACK=30.5;X-TRUE=TRUE:a"),
        (r#"["summary",{},"text",95]"#, "SUMMARY:95"),
        (r#"["summary",{"x":[]},"text",""]"#, "SUMMARY;X:"),
        (r#"["x-a",{},"text","a","b;"]"#, r"X-A;VALUE=TEXT:a,b\;"),
        (r#"["x-a",{},"date","2026-11-23","2026-11-24"]"#, "X-A;VALUE=DATE:20261123,20261124"),
        (r#"["x-a",{},"boolean",true]"#, "X-A;VALUE=BOOLEAN:TRUE"),
        (r#"["attach",{"encoding":"8bit"},"binary","AAAA"]"#, "ATTACH;VALUE=BINARY;ENCODING=BASE64:AAAA"),
        (r#"["geo",{},"float",[52,13.5]]"#, "GEO:52;13.5"),
        (r#"["rrule",{},"recur",{"count":2,"freq":"DAILY"}]"#, "RRULE:FREQ=DAILY;COUNT=2"),
        (
            r#"["summary",{"x":"\r\nEND:VCALENDAR"},"text","\r\nEND:VCALENDAR"]"#,
            r#"SUMMARY;X="^nEND:VCALENDAR":\nEND:VCALENDAR"#,
        ),
    ] {
        let told = lines(&calendar(&format!(",{property}")), &CALENDAR).unwrap();
        let expected = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{line}\r\nEND:VCALENDAR\r\n");
        assert_eq!(told, expected, "{property}");
    }
    let marked = format!("\u{feff} {} ", calendar(""));
    assert!(lines(&marked, &CALENDAR).is_ok());
}

#[test]
fn every_limit_holds_at_its_last_good_value_only() {
    let nested = |depth: usize| {
        let (begin, end) = (r#",[["a",[]"#.repeat(depth), "]]".repeat(depth));
        format!(r#"["vcalendar",[["version",{{}},"text","2.0"]]{begin}{end}]"#)
    };
    assert!(lines(&nested(DEPTH_MAX - 1), &CALENDAR).is_ok());
    assert!(lines(&nested(DEPTH_MAX), &CALENDAR).is_err());
    assert!(lines(&"[".repeat(1_000_000), &CALENDAR).is_err());
    assert!(lines(&calendar(&format!(r#",["x",{{}},"text",{}"#, "[".repeat(1_000_000))), &CALENDAR).is_err());

    let properties = |count: usize| calendar(&r#",["x",{},"unknown",""]"#.repeat(count));
    // BEGIN, VERSION, END.
    assert!(lines(&properties(LINES_MAX - 3), &CALENDAR).is_ok());
    assert!(lines(&properties(LINES_MAX - 2), &CALENDAR).is_err());

    let parameters = |count: usize| {
        let all: Vec<String> = (0..count).map(|number| format!(r#""x{number}":"""#)).collect();
        calendar(&format!(r#",["summary",{{{}}},"text",""]"#, all.join(",")))
    };
    assert!(lines(&parameters(PARAMETERS_MAX), &CALENDAR).is_ok());
    assert!(lines(&parameters(PARAMETERS_MAX + 1), &CALENDAR).is_err());
    assert!(lines(&parameters(PARAMETERS_MAX + 2), &CALENDAR).is_err());

    // The object of the parameters is one.
    let values =
        |count: usize| calendar(&format!(r#",["categories",{{}},"text"{}]"#, r#","""#.repeat(count)));
    assert!(lines(&values(VALUES_MAX - 1), &CALENDAR).is_ok());
    assert!(lines(&values(VALUES_MAX), &CALENDAR).is_err());

    assert!(lines(&" ".repeat(DOCUMENT_BYTES_MAX + 1), &CALENDAR).unwrap_err().contains("too long"));
    // Each escape makes two bytes of one.
    let long = |bytes: usize| calendar(&format!(r#",["summary",{{}},"text","{}"]"#, ";".repeat(bytes)));
    assert!(lines(&long(5 << 20), &CALENDAR).is_ok());
    assert!(lines(&long(7 << 20), &CALENDAR).is_err());
}

/// Physical lines that meet in odd ways.
const PIECES: &[&str] = &[
    "SUMMARY:Lunch\\, then tea; and \\more\\",
    "SUMMARY;VALUE=TEXT:a",
    "CATEGORIES:a\\,b,c;d,,",
    "N:a,b;c;;\\;",
    "item1.X-ABLabel:_$!<HomePage>!$_",
    "a.b.X-DOTS:1",
    ".X-EMPTY-GROUP:1",
    ".BEGIN:VEVENT",
    "a.END:VCARD",
    "ATTENDEE;CN=\"Doe; J\";PARTSTAT=ACCEPTED:mailto:a@b.test",
    "ATTENDEE;CN=O\"Brien:mailto:o@b.test",
    "X;CN=^nline^'quoted^^;cn=again,\"a,b\":1",
    "TEL;CELL;VOICE;GROUP=x:+1",
    "NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=",
    "NOTE;QUOTED-PRINTABLE;CHARSET=UTF-8:==",
    "NOTE;ENCODING=\"QUOTED-PRINTABLE\":one=",
    "NOTE;ENCODING=QUOTED-PRINTABLE;X=\":odd",
    "PHOTO;ENCODING=BASE64;JPEG:/9j/",
    "ATTACH;VALUE=BINARY;ENCODING=BASE64:/9j/",
    "ATTACH;VALUE=BINARY:/9j/",
    "AAAA==",
    "DTSTART:20261123T090000Z",
    "DTSTART;VALUE=DATE:20261123",
    "DTSTART;VALUE=DATE:soon",
    "DTSTART;VALUE=\"DA TE\":20261123",
    "DTSTART;VALUE:20261123",
    "FREEBUSY:20261123T090000Z/PT1H,20261123T090000Z/20261123T100000Z",
    "RRULE:COUNT=+3;FREQ=DAILY;",
    "RRULE:FREQ=DAILY;UNTIL=never",
    "GEO:52.50;.125000000000000",
    "GEO:52,13",
    "X;VALUE=TEXT:a,b",
    "X;VALUE=TEXT:a;b",
    "X;VALUE=BOOLEAN:true",
    "X;VALUE=UNKNOWN:1",
    "X;VALUE=X-OWN;=;A=;a.b=1;B=\":1",
    "no colon",
    " folded",
    "",
    "a\0b:\u{7}",
    "BEGIN:V\0EVENT",
    "BEGIN:V EVENT",
    "BEGIN:",
    "END:V EVENT",
    "END:VEVENT",
    "BEGIN:VEVENT",
];

fn documents() -> impl Strategy<Value = (Family, Vec<u8>)> {
    let frame = |family, lines: Vec<&str>| {
        let (root, version) =
            if family == Family::Calendar { ("VCALENDAR", "2.0") } else { ("VCARD", "4.0") };
        let text = format!("BEGIN:{root}\nVERSION:{version}\nX-FIRST:1\n{}\nEND:{root}\n", lines.join("\n"));
        (family, text.into_bytes())
    };
    (select(&[Family::Calendar, Family::Card][..]), vec(select(PIECES), 0..24))
        .prop_map(move |(family, lines)| frame(family, lines))
}

/// JSON in all its kinds of values, with the words that matter here among them.
fn nodes() -> impl Strategy<Value = String> {
    const LEAVES: &[&str] = &[
        "null",
        "true",
        "-1.5e3",
        "\"\"",
        "\"text\"",
        "\"a\\u0000;,\\\\\\n\"",
        "\"2026-11-23\"",
        "\"PT1H\"",
        "\"2026-11-23T09:00:00Z\"",
        "\"QUOTED-PRINTABLE\"",
        "\"a=\"",
    ];
    select(LEAVES).prop_map(str::to_owned).prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec((select(NAMES), inner), 0..3).prop_map(|entries| {
                let entries = entries.iter().map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

const NAMES: &[&str] = &[
    "summary",
    "categories",
    "n",
    "attach",
    "dtstart",
    "freebusy",
    "rrule",
    "geo",
    "x-own",
    "g.x-own",
    "begin",
    "group",
    "value",
    "encoding",
    "base64",
    "freq",
    "until",
    "quoted-printable",
    "",
    "a b",
];
const TYPES: &[&str] = &[
    "text",
    "uri",
    "date",
    "date-time",
    "binary",
    "boolean",
    "float",
    "period",
    "recur",
    "unknown",
    "x-own",
];

fn properties() -> impl Strategy<Value = String> {
    let parameter = (select(NAMES), prop_oneof![4 => Just("\"1\"".to_owned()), 1 => nodes()]);
    (select(NAMES), vec(parameter, 0..3), select(TYPES), vec(nodes(), 0..3)).prop_map(
        |(name, parameters, said, values)| {
            let parameters = parameters.iter().map(|(name, value)| format!("\"{name}\":{value}"));
            let parameters = parameters.collect::<Vec<_>>().join(",");
            let values: String = values.iter().map(|value| format!(",{value}")).collect();
            format!(",[\"{name}\",{{{parameters}}},\"{said}\"{values}]")
        },
    )
}

/// How many properties an array of JSON tells, however deep.
fn count(node: &serde_json::Value) -> usize {
    let properties = node[1].as_array().map_or(0, Vec::len);
    properties + node[2].as_array().map_or(0, |inner| inner.iter().map(count).sum())
}

fn dialect(family: Family) -> Dialect {
    if family == Family::Calendar { CALENDAR } else { CARD }
}

proptest! {
    #[test]
    fn any_document_is_told_and_from_the_first_time_on_the_same((family, bytes) in documents()) {
        let dialect = dialect(family);
        let json = written(&bytes, &dialect);
        prop_assert!(json.len() <= 8 * bytes.len() + 1_000);
        let once = read(json.as_bytes(), &dialect).unwrap();
        let again = written(&once, &dialect);
        prop_assert_eq!(&again, &json);
        prop_assert_eq!(read(again.as_bytes(), &dialect).unwrap(), once);
    }

    #[test]
    fn what_is_read_is_a_sound_document_of_as_many_properties(all in vec(properties(), 0..3), is_card: bool) {
        let (json, dialect) = match is_card {
            true => (card(&all.concat()), CARD),
            false => (calendar(&all.concat()), CALENDAR),
        };
        let Ok(once) = read(json.as_bytes(), &dialect) else { return Ok(()) };
        let document = Document::parse(&once).unwrap();
        prop_assert_eq!(document.faults(), []);
        prop_assert_eq!(document.components().len(), 1);
        prop_assert_eq!(document.lines().len(), 2 + count(&serde_json::from_str(&json).unwrap()));
        // What a client says in its own way is said in ours, and then stays so.
        let twice = read(written(&once, &dialect).as_bytes(), &dialect).unwrap();
        prop_assert_eq!(read(written(&twice, &dialect).as_bytes(), &dialect).unwrap(), twice);
    }

    #[test]
    fn any_text_is_read_or_refused(text: String, bytes in vec(any::<u8>(), 0..100), cut in any::<prop::sample::Index>()) {
        let _ = lines(&text, &CALENDAR);
        let _ = read(&bytes, &CARD);
        let whole = calendar(r#",["x-a",{"b":["c","d"]},"text","e",5]"#);
        let at = cut.index(whole.len());
        prop_assert!(lines(&whole[..at], &CALENDAR).is_err());
    }
}
