//! Any bytes are a document within the limits; what is not edited stays, and what is written is read as meant.

#![no_main]

use content_line::{Document, LineKind, NewLine, Value, unescape};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::parse(bytes) else { return };
    assert_eq!(document.edit().finish(), bytes, "nothing was edited");
    for component in 0..document.components().len() {
        let lines = document.components()[component].lines();
        assert!(document.own_lines(component).all(|(index, _)| lines.contains(&index)));
    }

    // The last bytes say what is written where.
    let (place, text) = bytes.split_at(bytes.len().min(1));
    let text = String::from_utf8_lossy(&text[text.len().saturating_sub(200)..]).into_owned();
    let value = Value::text(&text);
    let line = place.first().map_or(0, |&place| usize::from(place) % document.lines().len().max(1));

    let mut edit = document.edit();
    edit.insert_after(line, NewLine::new("X-NEW", value.clone()).group("g").parameter("P", &[&text]));
    let inserted = edit.finish();
    let again = Document::parse(&inserted).expect("one line more");
    if !document.lines().is_empty() {
        let new = again
            .lines()
            .iter()
            .rfind(|line| line.is("X-NEW") && line.group() == Some("g"))
            .expect("it was put there");
        assert_eq!(new.value(), value.as_str());
        assert_eq!(unescape(&new.value()), unescape(value.as_str()));
    }

    let mut edit = document.edit();
    edit.set_value(line, &value);
    let replaced = edit.finish();
    let again = Document::parse(&replaced).expect("one line changed");
    let is_property = document.line(line).is_some_and(|line| line.kind() == LineKind::Property);
    match is_property {
        true => assert!(again.lines()[line].value().starts_with(value.as_str())),
        false => assert_eq!(replaced, bytes, "only properties have values"),
    }
});
