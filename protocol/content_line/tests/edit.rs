//! Patches of single lines, byte for byte.

#![expect(clippy::unwrap_used, reason = "helpers of a test may fail it")]

use content_line::{Document, LineEnd, NewLine, Transfer, Value, block, write_lines};

const EVENT: &str = "BEGIN:VCALENDAR\nX-WR:\n  odd\nBEGIN:VEVENT\nsummary;LANGUAGE=de:Alt\nATTENDEE;CN=\"Doe; J\";PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:a@b.test\n\
                     BEGIN:VALARM\nACTION:DISPLAY\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR";

/// The document after an edit.
fn edited(text: &str, change: impl FnOnce(&Document<'_>, &mut content_line::Edit<'_, '_>)) -> String {
    let document = Document::parse(text.as_bytes()).unwrap();
    let mut edit = document.edit();
    change(&document, &mut edit);
    String::from_utf8(edit.finish()).unwrap()
}

fn line(name: &str, value: &str) -> NewLine {
    NewLine::new(name, Value::text(value))
}

#[test]
fn a_new_value_keeps_the_head_of_its_line() {
    let after = edited(EVENT, |document, edit| {
        let (index, _) = document.property(1, "SUMMARY").unwrap();
        edit.set_value(index, &Value::text("Neu; anders"));
    });
    assert_eq!(after, EVENT.replace(":Alt", ":Neu\\; anders"));
}

#[test]
fn a_parameter_is_set_where_it_stands() {
    let after = edited(EVENT, |document, edit| {
        let (index, _) = document.property(1, "ATTENDEE").unwrap();
        edit.set_parameter(index, "partstat", &["ACCEPTED"]);
        edit.remove_parameter(index, "RSVP");
    });
    assert_eq!(after, EVENT.replace("PARTSTAT=NEEDS-ACTION;RSVP=TRUE", "partstat=ACCEPTED"));
}

#[test]
fn a_parameter_that_is_not_there_comes_last_and_is_encoded() {
    let after = edited(EVENT, |document, edit| {
        let (index, _) = document.property(1, "SUMMARY").unwrap();
        edit.set_parameter(index, "X-NOTE", &["a;b", "say \"x\"\r\n^"]);
    });
    assert_eq!(after, EVENT.replace("=de:Alt", "=de;X-NOTE=\"a;b\",say ^'x^'^n^^:Alt"));
}

#[test]
fn lines_are_put_where_they_are_asked_for() {
    let after = edited("BEGIN:A\nX:1\nBEGIN:B\nEND:B\nEND:A\n", |_, edit| {
        edit.insert_before(1, line("BEFORE", "1"));
        edit.insert_after(1, line("AFTER", "2"));
        edit.append_line(0, line("OWN", "3"));
        edit.append_last(0, line("LAST", "4"));
        edit.append_line(1, line("INNER", "5"));
    });
    assert_eq!(after, "BEGIN:A\nBEFORE:1\nX:1\nAFTER:2\nOWN:3\nBEGIN:B\nINNER:5\nEND:B\nLAST:4\nEND:A\n");
}

#[test]
fn components_come_and_go_as_a_whole() {
    let alarm = || block("VALARM", [line("ACTION", "AUDIO")]);
    let removed = edited(EVENT, |_, edit| edit.remove_component(2));
    assert_eq!(removed, EVENT.replace("BEGIN:VALARM\nACTION:DISPLAY\nEND:VALARM\n", ""));
    let replaced = edited(EVENT, |_, edit| edit.replace_component(2, alarm()));
    assert_eq!(replaced, EVENT.replace("DISPLAY", "AUDIO"));
    let appended = edited(EVENT, |_, edit| edit.append_component(1, alarm()));
    assert_eq!(appended, EVENT.replace("END:VEVENT", "BEGIN:VALARM\nACTION:AUDIO\nEND:VALARM\nEND:VEVENT"));
}

#[test]
fn nothing_is_put_into_a_component_that_is_never_ended() {
    let after =
        edited("BEGIN:A\nX:1\nBEGIN:B\nY:2\nEND:A\n", |_, edit| edit.append_last(0, line("LAST", "3")));
    assert_eq!(after, "BEGIN:A\nX:1\nLAST:3\nBEGIN:B\nY:2\nEND:A\n");
}

#[test]
fn what_does_not_exist_is_not_changed() {
    let after = edited(EVENT, |_, edit| {
        edit.set_value(0, &Value::text("VCARD"));
        edit.set_value(99, &Value::text("x"));
        edit.set_parameter(usize::MAX, "A", &["b"]);
        edit.remove(0);
        edit.insert_before(99, line("X", "1"));
        edit.insert_after(usize::MAX, line("X", "1"));
        edit.append_line(99, line("X", "1"));
        edit.remove_component(99);
        edit.replace_component(usize::MAX, vec![line("X", "1")]);
    });
    assert_eq!(after, EVENT);
}

#[test]
fn a_document_without_a_last_line_end_gets_one_where_a_line_follows() {
    let after = edited("BEGIN:VCARD\r\nFN:x", |_, edit| edit.append_last(0, line("TEL", "1")));
    assert_eq!(after, "BEGIN:VCARD\r\nFN:x\r\nTEL:1\r\n");
    let after = edited("NOTE;ENCODING=QUOTED-PRINTABLE:a=", |_, edit| edit.insert_after(0, line("TEL", "1")));
    assert_eq!(Document::parse(after.as_bytes()).unwrap().lines().last().unwrap().value(), "1");
}

#[test]
fn a_later_change_of_a_line_builds_on_the_earlier_one() {
    let after = edited("A;B=c:d\n", |_, edit| {
        edit.set_value(0, &Value::text("e"));
        edit.set_parameter(0, "B", &["f"]);
        edit.set_parameter(0, "G", &["h"]);
    });
    assert_eq!(after, "A;B=f;G=h:e\n");
    let back = edited("A;B=c\n :d\n", |_, edit| {
        edit.set_value(0, &Value::text("e"));
        edit.set_value(0, &Value::text("d"));
    });
    assert_eq!(back, "A;B=c\n :d\n", "what is as it was keeps its folds");
}

#[test]
fn a_copy_says_what_its_line_says() {
    let text = "item1.TEL;CELL;X=\"a:b\":+1\r\n";
    let document = Document::parse(text.as_bytes()).unwrap();
    let copy = NewLine::copy_of(&document.lines()[0]);
    assert_eq!(write_lines([&copy], LineEnd::CrLf), text.as_bytes());
    let moved = copy.group("item2").without_parameter("cell").with_value(&Value::text("+2"));
    assert_eq!(write_lines([&moved], LineEnd::Lf), b"item2.TEL;X=\"a:b\":+2\n");
}

#[test]
fn a_long_name_is_not_cut_into_what_the_line_before_would_take_for_its_own() {
    let name = "A".repeat(80);
    let after =
        edited(&format!("PHOTO;BASE64:AAAA\n{name}:x\n"), |_, edit| edit.set_value(1, &Value::text("y")));
    assert_eq!(after, format!("PHOTO;BASE64:AAAA\n{name}:\n y\n"));
}

#[test]
fn an_encoding_that_only_a_parameter_quotes_is_none() {
    let new = line("X-NEW", "v").parameter("P", &["a;ENCODING=BASE64:"]);
    let after = edited("X:1\nAAAA\n", |_, edit| edit.insert_after(0, new));
    let document = Document::parse(after.as_bytes()).unwrap();
    assert_eq!(document.lines()[1].value(), "v");
    assert_eq!(document.lines().len(), 3);
}

#[test]
fn a_stray_quotation_mark_cannot_swallow_a_new_value() {
    let after = edited("ATTENDEE;CN=O\"Brien:mailto:o@b.test\n", |_, edit| {
        edit.set_value(0, &Value::raw("x\"y:z").unwrap())
    });
    let document = Document::parse(after.as_bytes()).unwrap();
    assert_eq!(document.lines()[0].value(), "x\"y:z");
    assert_eq!(document.lines()[0].parameter_value("CN").unwrap(), "O\"Brien");
}

#[test]
fn an_encoding_after_a_stray_quotation_mark_stays_none() {
    let after = edited("NOTE;X=O\"Brien;ENCODING=QUOTED-PRINTABLE:a=41\n", |_, edit| {
        edit.set_parameter(0, "P", &["1"])
    });
    assert_eq!(after, "NOTE;X=O^'Brien;P=1:a=41\n");
}

#[test]
fn control_characters_of_a_head_have_no_meaning_as_they_are_not_written_again() {
    let text = "TEL;TY\0PE=ho\x07me;ENCO\0DING=BASE64:+1\n";
    let document = Document::parse(text.as_bytes()).unwrap();
    let before = &document.lines()[0];
    assert_eq!(before.parameter_value("TYPE").unwrap(), "home");
    assert_eq!(before.transfer(), Transfer::Base64);
    assert_eq!(document.faults().len(), 1, "and a PUT is still refused for them");
    let after = edited(text, |_, edit| edit.set_value(0, &Value::raw("Kz4=").unwrap()));
    assert_eq!(after, "TEL;TYPE=home;ENCODING=BASE64:Kz4=\n");
}
