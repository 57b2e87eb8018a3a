//! Cards made to cost much.

use std::time::{Duration, Instant};

use contact::{Card, CardChange, Change, TextField, describe, edit};

#[test]
#[expect(clippy::disallowed_methods, reason = "a test of time needs a clock")]
fn hostile_cards_take_linear_time() {
    let lines = content_line::LINES_MAX / 4;
    let repeated = |line: &str| format!("BEGIN:VCARD\nVERSION:3.0\nFN:x\n{}END:VCARD\n", line.repeat(lines));
    let long = |value: String| format!("BEGIN:VCARD\nVERSION:2.1\nFN:x\n{value}\nEND:VCARD\n");
    let bombs = [
        repeated("EMAIL:a\n"),
        repeated("TEL;TYPE=WORK;X-KONTOR-SLOT=1:a\n"),
        repeated("CATEGORIES:a\n"),
        repeated("X-EVOLUTION-CHILD:a\n"),
        repeated("a.X-ABLabel:b\n"),
        repeated("item4294967295.TEL:1\n"),
        long(format!("N:{}", ";".repeat(2_000_000))),
        long(format!("CATEGORIES:{}", ",a".repeat(1_000_000))),
        long(format!("NOTE;ENCODING=QUOTED-PRINTABLE:{}", "=\n".repeat(1_000_000))),
        long(format!("PHOTO;ENCODING=BASE64:{}", "\nAAAA".repeat(500_000))),
    ];
    let change = CardChange {
        children: Change::Set(vec!["b".to_owned()]),
        categories: Change::Clear,
        ..CardChange::new()
            .clear(TextField::Email1)
            .set(TextField::BusinessPhone2, "1")
            .set(TextField::FirstName, "y")
    };
    for bomb in bombs {
        let begin = Instant::now();
        let _ = describe(bomb.as_bytes());
        let _ = Card::read(bomb.as_bytes());
        let _ = edit(bomb.as_bytes(), &change);
        assert!(begin.elapsed() < Duration::from_secs(10), "{} took {:?}", &bomb[..60], begin.elapsed());
    }
}
