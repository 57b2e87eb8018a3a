//! Sections are exactly the bytes of their parts: RFC 9051 section 6.4.5.1.

use mime::{Message, SectionText};
use proptest::prelude::*;

/// The tree of the example in RFC 9051 section 6.4.5.1.
const EXAMPLE: &str = "Subject: top\nContent-Type: multipart/mixed; boundary=A\n\nP\n\
--A\nContent-Type: text/plain\n\none\n\
--A\nContent-Type: application/octet-stream\n\ntwo\n\
--A\nContent-Type: message/rfc822\n\nSubject: three\nContent-Type: multipart/mixed; boundary=B\n\n\
--B\n\n3.1\n--B\nContent-Type: application/octet-stream\n\n3.2\n--B--\n\
--A\nContent-Type: multipart/mixed; boundary=C\n\n\
--C\nContent-Type: image/gif\nX: y\n\n4.1\n\
--C\nContent-Type: message/rfc822\n\nSubject: four.two\nContent-Type: multipart/mixed; boundary=D\n\n\
--D\n\n4.2.1\n--D\nContent-Type: multipart/alternative; boundary=E\n\n\
--E\n\n4.2.2.1\n--E\nContent-Type: text/richtext\n\n4.2.2.2\n--E--\n--D--\n--C--\n--A--\nE\n";

fn crlf(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

fn shown(message: &Message<'_>, path: &[u32], what: SectionText<'_>) -> Option<String> {
    message.section(path, what).map(|bytes| String::from_utf8_lossy(&bytes).replace("\r\n", "|"))
}

#[test]
fn the_example_of_rfc_9051_section_6_4_5_1_is_taken_apart() {
    let bytes = crlf(EXAMPLE);
    let message = Message::parse(&bytes);
    for (path, body) in [
        (&[1][..], "one"),
        (&[2], "two"),
        (&[3, 1], "3.1"),
        (&[3, 2], "3.2"),
        (&[4, 1], "4.1"),
        (&[4, 2, 1], "4.2.1"),
        (&[4, 2, 2, 1], "4.2.2.1"),
        (&[4, 2, 2, 2], "4.2.2.2"),
    ] {
        assert_eq!(shown(&message, path, SectionText::All).as_deref(), Some(body), "{path:?}");
    }
    assert_eq!(
        shown(&message, &[4, 1], SectionText::Mime).as_deref(),
        Some("Content-Type: image/gif|X: y||")
    );
    let four_two = "Subject: four.two|Content-Type: multipart/mixed; boundary=D||";
    assert_eq!(shown(&message, &[4, 2], SectionText::Header).as_deref(), Some(four_two));
    assert_eq!(
        shown(&message, &[4, 2], SectionText::Mime).as_deref(),
        Some("Content-Type: message/rfc822||")
    );
    let whole = shown(&message, &[4, 2], SectionText::All).unwrap();
    assert_eq!(whole, format!("{four_two}{}", shown(&message, &[4, 2], SectionText::Text).unwrap()));
    assert_eq!(
        shown(&message, &[3], SectionText::Text).unwrap(),
        "--B||3.1|--B|Content-Type: application/octet-stream||3.2|--B--"
    );
    for (path, what) in [
        (&[5][..], SectionText::All),
        (&[0], SectionText::All),
        (&[1, 1], SectionText::All),
        (&[4, 2, 3], SectionText::All),
        (&[u32::MAX], SectionText::All),
        (&[1], SectionText::Header),
        (&[4], SectionText::Text),
        (&[], SectionText::Mime),
    ] {
        assert_eq!(message.section(path, what), None, "{path:?} {what:?}");
    }
    assert_eq!(message.section(&[], SectionText::All).as_deref(), Some(bytes.as_slice()));
}

#[test]
fn the_body_of_a_message_without_parts_is_its_part_one() {
    let bytes = crlf("Subject: s\n\nbody\n");
    let message = Message::parse(&bytes);
    assert_eq!(shown(&message, &[1], SectionText::All).as_deref(), Some("body|"));
    assert_eq!(shown(&message, &[1], SectionText::Mime).as_deref(), Some("Subject: s||"));
    assert_eq!(shown(&message, &[1], SectionText::Text), None);
    assert_eq!(shown(&message, &[1, 1], SectionText::All), None);
    assert_eq!(shown(&message, &[2], SectionText::All), None);
    let forwarded = crlf("Content-Type: message/rfc822\n\nSubject: in\n\nbody");
    let message = Message::parse(&forwarded);
    assert_eq!(shown(&message, &[1], SectionText::Header).as_deref(), Some("Subject: in||"));
    assert_eq!(shown(&message, &[1, 1], SectionText::All).as_deref(), Some("body"));
    assert_eq!(shown(&message, &[1, 1], SectionText::Mime).as_deref(), Some("Subject: in||"));
}

#[test]
fn header_fields_are_picked_in_any_case_and_end_with_a_blank_line() {
    let bytes = crlf("Subject: a\n b\nTo: x\nnonsense\nsubject: c\n\nbody");
    let message = Message::parse(&bytes);
    let fields =
        |names: &[&str], not| shown(&message, &[], SectionText::HeaderFields { names, not }).unwrap();
    assert_eq!(fields(&["SUBJECT", "x"], false), "Subject: a| b|subject: c||");
    assert_eq!(fields(&["Subject"], true), "To: x||");
    assert_eq!(fields(&["Bcc"], false), "|");
    let cut_off = Message::parse(b"To: x");
    assert_eq!(
        shown(&cut_off, &[], SectionText::HeaderFields { names: &["to"], not: false }).unwrap(),
        "To: x||"
    );
}

#[test]
fn the_line_end_before_a_boundary_belongs_to_it() {
    let bytes = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\n--b\r\n\r\n\r\n\r\n--b \t\r\n\r\n--bx\r\n--b\r\n--b--\r\n".to_vec();
    let message = Message::parse(&bytes);
    let bodies: Vec<_> = (1..6).map(|n| shown(&message, &[n], SectionText::All)).collect();
    let expected = [Some(""), Some("|"), Some("--bx"), Some(""), None];
    assert_eq!(bodies, expected.map(|body| body.map(str::to_owned)));
}

#[test]
fn an_outer_boundary_ends_inner_parts_that_were_never_closed() {
    let bytes = crlf(
        "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\ninner\n--o\n\nouter\n--i\n",
    );
    let message = Message::parse(&bytes);
    assert_eq!(shown(&message, &[1, 1], SectionText::All).as_deref(), Some("inner"));
    assert_eq!(shown(&message, &[2], SectionText::All).as_deref(), Some("outer|--i|"));
}

#[test]
fn parts_are_decoded_whatever_their_encoding() {
    let bytes = crlf(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: Base64\n\naGFs\nbG8=\n\
         --b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n=FC=\n!\n\
         --b\nContent-Transfer-Encoding: x-what\n\nraw\n--b--",
    );
    let message = Message::parse(&bytes);
    let decoded = |n| message.decoded(&[n]).map(|bytes| bytes.into_owned());
    assert_eq!(
        [decoded(1), decoded(2), decoded(3), decoded(4)],
        [Some(b"hallo".to_vec()), Some(b"\xfc!".to_vec()), Some(b"raw".to_vec()), None]
    );
    assert_eq!([1, 3, 4].map(|n| message.knows_encoding(&[n])), [Some(true), Some(false), None]);
    assert_eq!(message.text_body().as_deref(), Some("hallo\r\n\u{fc}!\r\nraw"));
    let mut found = Vec::new();
    message.searchable_text(|text| found.push(text.to_owned()));
    assert_eq!(found, ["hallo", "\u{fc}!", "raw"]);
}

/// A tree of parts that knows its own bytes.
#[derive(Debug, Clone)]
enum Node {
    Leaf(String),
    Multipart { preamble: String, parts: Vec<Node>, epilogue: String },
    Message(Box<Node>),
}

fn nodes() -> impl Strategy<Value = Node> {
    // No `b` stands in a text, and every boundary begins with one.
    let text = "[a\\- :\r\n]{0,30}";
    text.prop_map(Node::Leaf).prop_recursive(6, 40, 5, move |inner| {
        prop_oneof![
            ("[a\\-\r\n]{0,12}", proptest::collection::vec(inner.clone(), 1..5), "[a\\-\r\n]{0,12}")
                .prop_map(|(preamble, parts, epilogue)| Node::Multipart { preamble, parts, epilogue }),
            inner.prop_map(|node| Node::Message(Box::new(node))),
        ]
    })
}

/// What a section must be.
struct Expected {
    path: Vec<u32>,
    head: String,
    body: String,
    embedded: Option<(String, String)>,
}

/// Head and body of a node; `path` is what its parts are numbered under.
fn render(node: &Node, path: &[u32], counter: &mut u32, out: &mut Vec<Expected>) -> (String, String) {
    match node {
        Node::Leaf(text) => ("Content-Type: application/x-test\r\n\r\n".to_owned(), text.clone()),
        Node::Multipart { preamble, parts, epilogue } => {
            *counter += 1;
            let boundary = format!("b{counter}");
            let mut body = format!("{preamble}\r\n");
            for (number, part) in (1..).zip(parts) {
                let path = [path, &[number]].concat();
                let (head, text) = part_at(part, &path, counter, out);
                body.push_str(&format!("--{boundary}\r\n{head}{text}\r\n"));
            }
            body.push_str(&format!("--{boundary}--\r\n{epilogue}"));
            (format!("Content-Type: multipart/mixed;\r\n boundary=\"{boundary}\"\r\n\r\n"), body)
        }
        Node::Message(inner) => {
            let (head, text) = message_at(inner, path, counter, out);
            ("Content-Type: message/rfc822\r\n\r\n".to_owned(), format!("{head}{text}"))
        }
    }
}

/// A part with a number of its own.
fn part_at(node: &Node, path: &[u32], counter: &mut u32, out: &mut Vec<Expected>) -> (String, String) {
    let before = out.len();
    let (head, body) = render(node, path, counter, out);
    let embedded = matches!(node, Node::Message(_)).then(|| {
        let at = body.find("\r\n\r\n").map_or(0, |at| at + 4);
        (body[..at].to_owned(), body[at..].to_owned())
    });
    out.insert(before, Expected { path: path.to_vec(), head: head.clone(), body: body.clone(), embedded });
    (head, body)
}

/// A message: if it is no multipart, its body is part 1.
fn message_at(node: &Node, path: &[u32], counter: &mut u32, out: &mut Vec<Expected>) -> (String, String) {
    match node {
        Node::Multipart { .. } => render(node, path, counter, out),
        _ => part_at(node, &[path, &[1]].concat(), counter, out),
    }
}

proptest! {
    #[test]
    fn sections_are_the_bytes_that_were_put_together(tree in nodes()) {
        let mut expected = Vec::new();
        let (head, body) = message_at(&tree, &[], &mut 0, &mut expected);
        let bytes = format!("{head}{body}").into_bytes();
        let message = Message::parse(&bytes);
        let section = |path: &[u32], what| {
            message.section(path, what).map(|bytes| String::from_utf8(bytes.into_owned()).unwrap())
        };
        prop_assert_eq!(section(&[], SectionText::Header), Some(head));
        prop_assert_eq!(section(&[], SectionText::Text), Some(body));
        for part in &expected {
            prop_assert_eq!(section(&part.path, SectionText::All), Some(part.body.clone()), "{:?}", part.path);
            prop_assert_eq!(section(&part.path, SectionText::Mime), Some(part.head.clone()), "{:?}", part.path);
            let embedded = part.embedded.clone().unzip();
            prop_assert_eq!(section(&part.path, SectionText::Header), embedded.0);
            prop_assert_eq!(section(&part.path, SectionText::Text), embedded.1);
        }
        let structure = String::from_utf8(mime::describe(&bytes).structure_plain).unwrap();
        let leaves = expected.iter().filter(|part| part.head.contains("x-test")).count();
        prop_assert_eq!(structure.matches("\"x-test\"").count(), leaves);
    }
}
