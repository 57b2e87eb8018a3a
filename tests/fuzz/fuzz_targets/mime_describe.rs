//! Any bytes are a message: it is described within its bounds, and its sections are its own bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mime::{
    Manner, Message, PREVIEW_CHARS_MAX, REFERENCES_MAX, Rework, SectionText, Text, describe, header, normalise_line_ends,
    with_original,
};

fuzz_target!(|bytes: &[u8]| {
    let description = describe(bytes);
    assert!(description.envelope.is_ascii());
    assert!(description.preview.chars().count() <= PREVIEW_CHARS_MAX);
    assert!(!description.preview.contains(['\r', '\n']));
    assert!(description.references.len() <= REFERENCES_MAX);

    let message = Message::parse(bytes);
    let head = message.section(&[], SectionText::Header).unwrap_or_default();
    let text = message.section(&[], SectionText::Text).unwrap_or_default();
    assert_eq!(head.len(), description.header_bytes as usize);
    assert_eq!([&*head, &*text].concat(), bytes, "header and text are the message");
    for path in [&[1][..], &[2], &[1, 1], &[1, 2], &[2, 1], &[1, 1, 1]] {
        for what in [SectionText::All, SectionText::Mime, SectionText::Header, SectionText::Text] {
            let _ = message.section(path, what);
        }
        let _ = message.decoded(path);
    }
    message.searchable_header(|_| ());
    message.searchable_text(|_| ());

    let crlf = normalise_line_ends(bytes);
    assert_eq!(normalise_line_ends(&crlf), crlf, "nothing is left to do");
    let _ = header::remove(bytes, &["Bcc", "Received"]);
    assert!(header::prepend(bytes, "X-Field: value").ends_with(bytes));

    let own = b"From: a@x.test\r\n\r\nwords\r\n";
    for manner in [Manner::Reply, Manner::Forward] {
        let _ = with_original(own, bytes, manner, "From: b", "seed");
        let _ = with_original(bytes, own, manner, "From: b", "seed");
    }
    assert_eq!(Rework::new(bytes, "seed").finish(), bytes, "what nobody touches stays");
    let mut message = Rework::new(bytes, "seed");
    message.remove(&[vec![1], vec![2, 1]]);
    message.set_texts(Some(&Text::plain("plain")), Some(&Text::html("<p>html</p>")));
    assert!(Message::parse(&message.finish()).html_body().is_some());
});
