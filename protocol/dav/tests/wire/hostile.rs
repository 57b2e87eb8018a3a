//! What nobody means well with.

use dav_wire::method::{Instruction, MakeCollection, PropFind, PropPatch};
use dav_wire::report::{EXPAND_DEPTH_MAX, FILTER_CONDITIONS_MAX, FILTER_TEXT_BYTES_MAX, Report};
use dav_wire::xml::{Element, Limits, XmlErrorKind as Kind, parse};
use dav_wire::{Precondition, RequestError, Status};
use proptest::prelude::*;

fn kind(document: impl AsRef<[u8]>) -> Result<Element, Kind> {
    parse(document.as_ref(), &Limits::REQUEST).map_err(|error| error.kind)
}

fn of_calendars(conditions: &str) -> Result<Report, RequestError> {
    let body = format!(
        "<c:calendar-query xmlns:c='urn:ietf:params:xml:ns:caldav'><c:filter><c:comp-filter name='VCALENDAR'>\
         {conditions}</c:comp-filter></c:filter></c:calendar-query>"
    );
    Report::parse(body.as_bytes())
}

fn of_cards(conditions: &str) -> Result<Report, RequestError> {
    let body = format!(
        "<c:addressbook-query xmlns:c='urn:ietf:params:xml:ns:carddav'><c:filter>{conditions}</c:filter>\
         </c:addressbook-query>"
    );
    Report::parse(body.as_bytes())
}

#[test]
fn a_filter_has_no_more_conditions_than_are_evaluated() {
    let condition = "<c:prop-filter name='X'><c:text-match>a</c:text-match></c:prop-filter>";
    let pairs = condition.repeat(FILTER_CONDITIONS_MAX / 2);
    let one = "<c:prop-filter name='X'/>";
    // The outermost comp-filter counts too.
    let fewer = condition.repeat(FILTER_CONDITIONS_MAX / 2 - 1);
    assert!(of_calendars(&format!("{fewer}{one}")).is_ok());
    assert_eq!(of_calendars(&pairs).unwrap_err(), Precondition::SupportedFilter.into());
    assert!(of_cards(&pairs).is_ok());
    assert_eq!(of_cards(&format!("{pairs}{one}")).unwrap_err(), Precondition::CardSupportedFilter.into());
    let nested = "<c:prop-filter name='X'><c:param-filter name='Y'><c:text-match>a</c:text-match></c:param-filter>\
         </c:prop-filter>";
    assert!(of_cards(&nested.repeat(FILTER_CONDITIONS_MAX / 3)).is_ok());
    assert!(of_cards(&nested.repeat(FILTER_CONDITIONS_MAX / 3 + 1)).is_err());
}

#[test]
fn a_text_to_look_for_is_no_longer_than_a_line_is_worth() {
    let condition = |bytes: usize| {
        format!("<c:prop-filter name='X'><c:text-match>{}</c:text-match></c:prop-filter>", "x".repeat(bytes))
    };
    let (most, more) = (condition(FILTER_TEXT_BYTES_MAX), condition(FILTER_TEXT_BYTES_MAX + 1));
    assert!(of_calendars(&most).is_ok() && of_cards(&most).is_ok());
    assert_eq!(of_calendars(&more).unwrap_err(), Precondition::SupportedFilter.into());
    assert_eq!(of_cards(&more).unwrap_err(), Precondition::CardSupportedFilter.into());
}

#[test]
fn what_is_not_well_formed_is_told_apart() {
    for (document, expected) in [
        ("", Kind::Syntax),
        ("   ", Kind::Syntax),
        ("text", Kind::Syntax),
        ("<a>", Kind::Syntax),
        ("<a></b>", Kind::Syntax),
        ("</a>", Kind::Syntax),
        ("<a/><b/>", Kind::Syntax),
        ("<a></a>text", Kind::Syntax),
        ("<a/>&amp;", Kind::Syntax),
        ("<a/><![CDATA[]]>", Kind::Syntax),
        ("<a", Kind::Syntax),
        ("<a b></a>", Kind::Syntax),
        ("<a b=c/>", Kind::Syntax),
        ("<a b='<'/>", Kind::Syntax),
        ("<a b='1' b='2'/>", Kind::Syntax),
        ("<a x:b='1' y:b='2' xmlns:x='u' xmlns:y='u'/>", Kind::Syntax),
        ("<a/><?xml version='1.0'?>", Kind::Syntax),
        ("<a><![CDATA[</a>", Kind::Syntax),
        ("<a><!-- </a>", Kind::Syntax),
        ("<1a/>", Kind::Name),
        ("<a:b:c xmlns:a='u'/>", Kind::Name),
        ("<a\"b/>", Kind::Syntax),
        ("<a<b/>", Kind::Name),
        ("<a 1='x'/>", Kind::Name),
        ("<x:a/>", Kind::Namespace),
        ("<a x:b='1'/>", Kind::Namespace),
        ("<a xmlns:x=''/>", Kind::Namespace),
        ("<xmlns:a/>", Kind::Namespace),
        ("<a xmlns:xmlns='u'/>", Kind::Namespace),
        ("<a xmlns:xml='u'/>", Kind::Namespace),
        ("<a>\u{1}</a>", Kind::Character),
        ("<a>\u{FFFF}</a>", Kind::Character),
        ("<a>&#1;</a>", Kind::Character),
        ("<a>&#xFFFE;</a>", Kind::Character),
        ("<a>&#xD800;</a>", Kind::Character),
        ("<a>&#x110000;</a>", Kind::Character),
        ("<a b='&#8;'/>", Kind::Character),
        ("<a>&nbsp;</a>", Kind::Entity),
        ("<a b='&nbsp;'/>", Kind::Entity),
        ("<?xml version='1.0' encoding='iso-8859-1'?><a>\u{e9}</a>", Kind::Encoding),
    ] {
        assert_eq!(kind(document), Err(expected), "{document}");
    }
    assert_eq!(kind(b"\xFF\xFE<\0a\0/\0>\0"), Err(Kind::Encoding));
    assert_eq!(kind(b"<a>\xE9</a>"), Err(Kind::Encoding));
}

#[test]
fn what_is_well_formed_is_read_whatever_it_looks_like() {
    for (document, text) in [
        ("\u{FEFF}<a>x</a>", "x"),
        ("<?xml version='1.0' encoding='UTF-8'?>\r\n<!-- c --><?pi?><a>x</a><!-- c -->\n", "x"),
        ("<?xml version='1.0' encoding='iso-8859-1'?><a>x</a>", "x"),
        ("<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;</a>", "<&>\"'AB"),
        ("<a>x<!-- c -->y<?pi?>z</a>", "xyz"),
        ("<a><![CDATA[<&]]>]]&gt;<![CDATA[]]></a>", "<&]]>"),
        ("<a>1\r\n2\r3&#13;\n4</a>", "1\n2\n3\r\n4"),
    ] {
        assert_eq!(kind(document).map(|element| element.text()).as_deref(), Ok(text), "{document}");
    }
    let attribute = kind("<a xml:lang='d&#101;' b=\"1&#10;2\n3\"/>").unwrap();
    assert_eq!(attribute.language(), Some("de"));
    assert_eq!(attribute.attributes[1].value, "1\n2 3");
    assert_eq!(kind("<a xmlns='urn:a&amp;b'/>").unwrap().name().namespace(), "urn:a&b");
    assert_eq!(
        kind("<a xmlns='u'><b xmlns=''/></a>").unwrap().children().next().unwrap().name().namespace(),
        ""
    );
}

/// Billion laughs, external entities, parameter entities: nothing is expanded, because nothing is declared.
/// RFC 4918 section 16 gives the refusal its name.
#[test]
fn a_document_type_is_refused() {
    for declaration in [
        "<!DOCTYPE a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE a [<!ENTITY b 'lol'><!ENTITY c '&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;'>]>",
        "<!DOCTYPE a [<!ENTITY % b SYSTEM 'http://a.test/'> %b;]>",
    ] {
        let document =
            format!("<?xml version='1.0'?>{declaration}<propfind xmlns='DAV:'><prop/>&d;</propfind>");
        assert_eq!(kind(&document), Err(Kind::Doctype), "{declaration}");
        let refused = PropFind::parse(document.as_bytes()).unwrap_err();
        assert_eq!(refused.status(), Status::FORBIDDEN);
        assert_eq!(refused.body(), Some(Precondition::NoExternalEntities.body()));
    }
}

#[test]
fn each_limit_holds_at_itself_and_not_beyond() {
    let limits = Limits { bytes_max: 4000, depth_max: 64, nodes_max: 100, attributes_max: 10 };
    let kind = |document: String| parse(document.as_bytes(), &limits).map(drop).map_err(|error| error.kind);

    let nested = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert_eq!(kind(nested(64)), Ok(()));
    assert_eq!(kind(nested(65)), Err(Kind::TooDeep));

    let siblings = |count: usize| format!("<a>{}</a>", "<a/>".repeat(count - 1));
    assert_eq!(kind(siblings(100)), Ok(()));
    assert_eq!(kind(siblings(101)), Err(Kind::TooManyNodes));
    let texts = |count| format!("<a>{}</a>", "<a/>x".repeat(count));
    assert_eq!(kind(texts(49)), Ok(()));
    assert_eq!(kind(texts(50)), Err(Kind::TooManyNodes));

    let attributes = |count| format!("<a {}/>", (0..count).map(|n| format!("a{n}='' ")).collect::<String>());
    assert_eq!(kind(attributes(10)), Ok(()));
    assert_eq!(kind(attributes(11)), Err(Kind::TooManyAttributes));

    let long = |length: usize| format!("<a>{}</a>", "x".repeat(length - 7));
    assert_eq!(kind(long(4000)), Ok(()));
    assert_eq!(kind(long(4001)), Err(Kind::TooLarge));
}

/// Each would take minutes if anything in the way were quadratic.
#[test]
fn bombs_are_cheap() {
    let attributes = (0..90_000).map(|n| format!("a{n}=\"\" ")).collect::<String>();
    let namespaces = (0..10_000).map(|n| format!("xmlns:a{n}=\"u\" ")).collect::<String>();
    let references = "&amp;".repeat(200_000);
    for (document, expected) in [
        (format!("<a {attributes}/>"), Err(Kind::TooManyAttributes)),
        (format!("<a {namespaces}/>"), Err(Kind::Namespace)),
        ("<a>".repeat(300_000), Err(Kind::TooDeep)),
        (format!("<a>{}</a>", "<b/>".repeat(200_000)), Err(Kind::TooManyNodes)),
        (format!("<a>{references}</a>"), Ok(())),
        (format!("<a>{}</a>", "<![CDATA[x]]>".repeat(70_000)), Ok(())),
    ] {
        assert_eq!(kind(&document).map(drop), expected, "{}", &document[..30]);
    }
}

/// The same local names in other namespaces are other elements: RFC 4918 section 17.
#[test]
fn a_name_without_its_namespace_is_nothing() {
    for namespace in ["", "DAV", "dav:", "urn:evil"] {
        let bodies = [
            format!("<propfind xmlns='{namespace}'><prop/></propfind>"),
            format!("<D:propfind xmlns:D='DAV:' xmlns='{namespace}'><allprop/></D:propfind>"),
        ];
        for body in bodies {
            assert_eq!(PropFind::parse(body.as_bytes()).unwrap_err().status(), Status::BAD_REQUEST, "{body}");
        }
        let report = format!("<sync-collection xmlns='{namespace}'><sync-token/></sync-collection>");
        let refused = Report::parse(report.as_bytes());
        assert_eq!(refused, Err(RequestError::Refused(Precondition::SupportedReport)));
    }
}

/// In the manner of litmus, `propfind_invalid2`.
#[test]
fn a_prefix_cannot_be_undeclared() {
    let body = b"<D:propfind xmlns:D=\"DAV:\"><D:prop><bar:foo xmlns:bar=\"\"/></D:prop></D:propfind>";
    assert_eq!(PropFind::parse(body).unwrap_err().status(), Status::BAD_REQUEST);
}

#[test]
fn an_expansion_has_a_depth() {
    let body = |depth| {
        let (open, close) = ("<property name='p'>".repeat(depth), "</property>".repeat(depth));
        format!("<expand-property xmlns='DAV:'>{open}{close}</expand-property>")
    };
    assert!(Report::parse(body(EXPAND_DEPTH_MAX).as_bytes()).is_ok());
    assert_eq!(
        Report::parse(body(EXPAND_DEPTH_MAX + 1).as_bytes()).unwrap_err().status(),
        Status::BAD_REQUEST
    );
    let bad = "<expand-property xmlns='DAV:'><property name='a b'/></expand-property>";
    assert!(Report::parse(bad.as_bytes()).is_err());
}

/// Whatever the largest request holds can be stored and read again.
#[test]
fn a_dead_property_that_grows_when_written_is_still_read() {
    let attributes = (0..30).map(|n| format!("xmlns:a{n}='urn:{n}' a{n}:b='\"' ")).collect::<String>();
    let namespace = "n".repeat(200);
    for content in [format!("<e {attributes}/>"), "<n:b/>".repeat(90_000), "\"&#13;&lt;".repeat(90_000)] {
        let body = format!(
            "<propertyupdate xmlns='DAV:' xmlns:n='urn:{namespace}'><set><prop><x xmlns='urn:x'>{content}</x>\
             </prop></set></propertyupdate>"
        );
        let patch = PropPatch::parse(body.as_bytes()).unwrap();
        let [Instruction::Set(element)] = &patch.instructions[..] else { panic!() };
        assert_eq!(Element::decode(&element.encode()).as_ref(), Ok(element));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = PropFind::parse(&bytes);
        let _ = PropPatch::parse(&bytes);
        let _ = MakeCollection::parse_mkcol(&bytes);
        let _ = Report::parse(&bytes);
    }

    #[test]
    fn anything_like_xml_is_read_or_refused(text in "[<>/a-c:=\"'&;#x! \\-\\[\\]?CDATA]{0,80}") {
        if let Ok(element) = kind(&text) {
            prop_assert_eq!(Element::decode(&element.encode()), Ok(element));
        }
    }
}
