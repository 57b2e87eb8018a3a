//! jCal: RFC 7265. What one knows that it looks like, and that nothing is lost on the way there and back.

use calendar::{Object, from_json, to_json};
use content_line::{Document, LineEnd, LineKind, NewLine, Value, block, write_lines};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::corpus;

fn json(bytes: &[u8]) -> String {
    String::from_utf8(to_json(bytes).unwrap()).unwrap()
}

fn lines(json: &str) -> String {
    String::from_utf8(from_json(json.as_bytes()).unwrap()).unwrap()
}

// RFC 7265 sections 3.4, 3.4.1, 3.5, 3.5.1, 3.6, 4 and 5.
#[test]
fn known_answers() {
    for (line, property) in [
        (r"SUMMARY:Tea\, cake\; and\nmore", r#"["summary",{},"text","Tea, cake; and\nmore"]"#),
        ("SUMMARY;LANGUAGE=de:Tee", r#"["summary",{"language":"de"},"text","Tee"]"#),
        (r"CATEGORIES:work,a\,b", r#"["categories",{},"text","work","a,b"]"#),
        ("GEO:52.52;13.405", r#"["geo",{},"float",[52.52,13.405]]"#),
        ("REQUEST-STATUS:2.0;Success", r#"["request-status",{},"text",["2.0","Success"]]"#),
        (
            "REQUEST-STATUS:3.7;Who?;ATTENDEE:mailto:a@b.test",
            r#"["request-status",{},"text",["3.7","Who?","ATTENDEE:mailto:a@b.test"]]"#,
        ),
        (
            "ATTENDEE;CN=\"Doe, J\";MEMBER=\"mailto:a@b.test\",\"mailto:c@d.test\":mailto:e@f.test",
            r#"["attendee",{"cn":"Doe, J","member":["mailto:a@b.test","mailto:c@d.test"]},"cal-address","mailto:e@f.test"]"#,
        ),
        ("ATTACH:http://a.test/?a,b;c", r#"["attach",{},"uri","http://a.test/?a,b;c"]"#),
        (
            "ATTACH;VALUE=BINARY;ENCODING=BASE64;FMTTYPE=text/plain:SGFsbG8=",
            r#"["attach",{"fmttype":"text/plain"},"binary","SGFsbG8="]"#,
        ),
        ("DTSTART:20261123T090000", r#"["dtstart",{},"date-time","2026-11-23T09:00:00"]"#),
        (
            "DTSTART;TZID=Europe/Berlin:20261123T090000",
            r#"["dtstart",{"tzid":"Europe/Berlin"},"date-time","2026-11-23T09:00:00"]"#,
        ),
        ("DTSTAMP:20261123T090000Z", r#"["dtstamp",{},"date-time","2026-11-23T09:00:00Z"]"#),
        ("DTEND;VALUE=DATE:20261123", r#"["dtend",{},"date","2026-11-23"]"#),
        ("EXDATE;VALUE=DATE:20261123,20261124", r#"["exdate",{},"date","2026-11-23","2026-11-24"]"#),
        (
            "RDATE;VALUE=PERIOD:20261123T090000Z/PT1H",
            r#"["rdate",{},"period",["2026-11-23T09:00:00Z","PT1H"]]"#,
        ),
        (
            "FREEBUSY;FBTYPE=BUSY:20261123T090000Z/PT3H,20261124T090000Z/20261124T100000Z",
            r#"["freebusy",{"fbtype":"BUSY"},"period",["2026-11-23T09:00:00Z","PT3H"],["2026-11-24T09:00:00Z","2026-11-24T10:00:00Z"]]"#,
        ),
        (
            "RRULE:FREQ=MONTHLY;UNTIL=20271224T000000Z;BYDAY=1MO,-1FR;BYMONTH=6",
            r#"["rrule",{},"recur",{"freq":"MONTHLY","until":"2027-12-24T00:00:00Z","byday":["1MO","-1FR"],"bymonth":6}]"#,
        ),
        ("TRIGGER:-PT15M", r#"["trigger",{},"duration","-PT15M"]"#),
        ("TRIGGER;VALUE=DATE-TIME:20261123T090000Z", r#"["trigger",{},"date-time","2026-11-23T09:00:00Z"]"#),
        ("PRIORITY:5", r#"["priority",{},"integer",5]"#),
        ("TZOFFSETFROM:-0330", r#"["tzoffsetfrom",{},"utc-offset","-03:30"]"#),
        ("CONFERENCE;VALUE=URI:tel:+1", r#"["conference",{},"uri","tel:+1"]"#),
        // What nobody knows stands as it is.
        (r"X-COFFEE:Arabica;Kenya\,AA", r#"["x-coffee",{},"unknown","Arabica;Kenya\\,AA"]"#),
        ("X-UNTIL;VALUE=DATE-TIME:20261123T090000Z", r#"["x-until",{},"date-time","2026-11-23T09:00:00Z"]"#),
        ("X-UNTIL:20261123T090000Z", r#"["x-until",{},"unknown","20261123T090000Z"]"#),
        ("X-OPEN;VALUE=BOOLEAN:TRUE", r#"["x-open",{},"boolean",true]"#),
        ("X-AT;VALUE=TIME:090000Z", r#"["x-at",{},"time","09:00:00Z"]"#),
        ("SUMMARY;X-P=a^nb^'c:x", r#"["summary",{"x-p":"a\nb\"c"},"text","x"]"#),
    ] {
        let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{line}\r\nEND:VCALENDAR\r\n");
        let whole = format!(r#"["vcalendar",[["version",{{}},"text","2.0"],{property}],[]]"#);
        assert_eq!(json(text.as_bytes()), whole);
        let back = lines(&whole);
        let document = Document::parse(back.as_bytes()).unwrap();
        let told = document.lines().get(2).unwrap();
        let expected = Document::parse(text.as_bytes()).unwrap();
        let expected = expected.lines().get(2).unwrap();
        assert_eq!(NewLine::copy_of(told), NewLine::copy_of(expected), "{back}");
    }
}

#[test]
fn what_is_no_calendar_has_no_form() {
    for bytes in [&b""[..], b"BEGIN:VCARD\r\nEND:VCARD\r\n", b"BEGIN:VEVENT\r\nBEGIN:VCALENDAR\r\n"] {
        assert!(to_json(bytes).is_err());
    }
    assert!(from_json(br#"["vcard",[["version",{},"text","4.0"]]]"#).is_err());
}

#[test]
fn what_clients_write_means_the_same_afterwards() {
    for (name, ..) in corpus::FILES {
        let bytes = corpus::read(name);
        let told = json(&bytes);
        let back = lines(&told);
        assert_eq!(Object::parse(back.as_bytes()).unwrap(), Object::parse(&bytes).unwrap(), "{name}\n{back}");
        assert_eq!(json(back.as_bytes()), told, "{name}");
        let properties = |bytes: &[u8]| {
            let document = Document::parse(bytes).unwrap();
            document.lines().iter().filter(|line| line.kind() == LineKind::Property).count()
        };
        assert_eq!(properties(back.as_bytes()), properties(&bytes), "{name}");
    }
}

/// Texts with what must be escaped.
fn texts() -> impl Strategy<Value = String> {
    let special = select("\\;,:\"^=\n\t nN".chars().collect::<Vec<_>>());
    let is_kept = |c: &char| *c == '\n' || *c == '\t' || !c.is_ascii_control();
    vec(prop_oneof![special, any::<char>()], 0..60)
        .prop_map(move |text| text.into_iter().filter(is_kept).collect::<String>())
}

fn dates() -> impl Strategy<Value = String> {
    (0..10_000_u32, 1..13_u32, 1..32_u32)
        .prop_map(|(year, month, day)| format!("{year:04}{month:02}{day:02}"))
}

fn moments() -> impl Strategy<Value = String> {
    let time = (0..24_u32, 0..60_u32, 0..61_u32, any::<bool>());
    (dates(), time).prop_map(|(date, (hour, minute, second, is_utc))| {
        format!("{date}T{hour:02}{minute:02}{second:02}{}", if is_utc { "Z" } else { "" })
    })
}

fn durations() -> impl Strategy<Value = String> {
    (select(&["", "+", "-"][..]), 0..100_u32, select(&["W", "D"][..]))
        .prop_map(|(sign, n, unit)| format!("{sign}P{n}{unit}"))
}

fn periods() -> impl Strategy<Value = String> {
    (moments(), prop_oneof![moments(), durations()]).prop_map(|(start, end)| format!("{start}/{end}"))
}

fn rules() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        (1..100_u32).prop_map(|count| format!("COUNT={count}")),
        prop_oneof![dates(), moments()].prop_map(|until| format!("UNTIL={until}")),
        vec(-31..32_i32, 1..4).prop_map(|days| format!("BYMONTHDAY={}", joined(&days))),
        vec(select(&["MO", "-1SU", "5FR", "+1TU"][..]), 1..4)
            .prop_map(|days| format!("BYDAY={}", joined(&days))),
        select(&["WKST=SU", "BYMONTH=5L,6", "X-OWN=a=b", "BYHOUR="][..]).prop_map(str::to_owned),
    ];
    vec(part, 0..4).prop_map(|mut parts| {
        let name = |part: &String| part.split('=').next().unwrap().to_owned();
        parts.sort_by_key(name);
        parts.dedup_by_key(|part| name(part));
        parts.insert(0, "FREQ=DAILY".to_owned());
        parts.join(";")
    })
}

fn joined<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// A property, the VALUE that it needs, and its value.
type Told = (&'static str, Option<&'static str>, Value);

/// Values as their types demand them.
fn values() -> impl Strategy<Value = Told> {
    const PLAIN: Option<&str> = None;
    fn raw(
        name: &'static str,
        value_type: Option<&'static str>,
        value: impl Strategy<Value = String> + 'static,
    ) -> BoxedStrategy<Told> {
        value.prop_map(move |value| (name, value_type, Value::raw(value).unwrap())).boxed()
    }
    fn list(values: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
        vec(values, 1..4).prop_map(|values| values.join(","))
    }
    let single = select(&["SUMMARY", "DESCRIPTION", "UID", "TZID"][..]);
    let several = select(&["CATEGORIES", "RESOURCES"][..]);
    let coordinate = || (-1_000_000..1_000_000_i32).prop_map(|eighths| f64::from(eighths) / 8.0);
    prop_oneof![
        (single, texts()).prop_map(|(name, text)| (name, PLAIN, Value::text(&text))),
        (several, vec(texts(), 1..4)).prop_map(|(name, list)| (
            name,
            PLAIN,
            Value::texts(list.iter().map(String::as_str))
        )),
        vec(texts(), 1..4).prop_map(|parts| {
            ("REQUEST-STATUS", PLAIN, Value::structured(parts.iter().map(|part| [part.as_str()])))
        }),
        texts().prop_map(|raw| ("X-UNKNOWN", PLAIN, Value::stripped(&raw))),
        texts().prop_map(|raw| ("X-OTHER", Some("X-OWN"), Value::stripped(&raw))),
        texts().prop_map(|raw| ("ATTENDEE", PLAIN, Value::stripped(&raw))),
        texts().prop_map(|raw| ("X-URI", Some("URI"), Value::stripped(&raw))),
        raw("DTSTART", None, moments()),
        raw("DTSTART", Some("DATE"), dates()),
        raw("EXDATE", Some("DATE"), list(dates())),
        raw("RDATE", Some("PERIOD"), list(periods())),
        raw("FREEBUSY", None, list(periods())),
        raw("X-DATES", Some("DATE-TIME"), list(moments())),
        raw("TRIGGER", None, durations()),
        raw("RRULE", None, rules()),
        raw("SEQUENCE", None, any::<i64>().prop_map(|number| number.to_string())),
        raw("TZOFFSETTO", None, select(&["+0100", "-0330", "+005328"][..]).prop_map(str::to_owned)),
        raw("GEO", None, (coordinate(), coordinate()).prop_map(|(north, east)| format!("{north};{east}"))),
        raw("ATTACH", Some("BINARY"), "[A-Za-z0-9+/]{0,20}"),
    ]
}

fn properties() -> impl Strategy<Value = NewLine> {
    let parameter = (select(&["X-A", "CN", "LANGUAGE"][..]), vec(texts(), 0..3));
    (values(), vec(parameter, 0..3)).prop_map(|((name, value_type, value), parameters)| {
        let mut line = NewLine::new(name, value);
        if let Some(value_type) = value_type {
            line = line.parameter("VALUE", &[value_type]);
        }
        if value_type == Some("BINARY") {
            line = line.parameter("ENCODING", &["BASE64"]);
        }
        let own = parameters.iter().filter(|(_, values)| !values.is_empty());
        own.fold(line, |line, (name, values)| {
            line.parameter(name, &values.iter().map(String::as_str).collect::<Vec<_>>())
        })
    })
}

fn objects() -> impl Strategy<Value = Vec<u8>> {
    let component = (vec(properties(), 0..6), vec(properties(), 0..3));
    let components = vec(component, 0..3).prop_map(|components| {
        let one = |(own, inner): (Vec<NewLine>, Vec<NewLine>)| {
            block("VEVENT", own.into_iter().chain(block("VALARM", inner)))
        };
        components.into_iter().flat_map(one).collect::<Vec<_>>()
    });
    (vec(properties(), 0..4), components).prop_map(|(own, components)| {
        let version = std::iter::once(NewLine::new("VERSION", Value::text("2.0")));
        write_lines(&block("VCALENDAR", version.chain(own).chain(components)), LineEnd::CrLf)
    })
}

proptest! {
    /// What is written as the formats have it comes back byte for byte.
    #[test]
    fn there_and_back_nothing_is_lost(bytes in objects()) {
        let told = json(&bytes);
        prop_assert_eq!(lines(&told), String::from_utf8(bytes).unwrap(), "{}", told);
    }
}
