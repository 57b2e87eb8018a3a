//! Hostile messages cost time in proportion to their size and no stack.

use mime::{DEPTH_MAX, Message, SectionText, describe};
use std::time::{Duration, Instant};

/// Far above what is needed (a few hundred milliseconds), far below anything quadratic.
const PATIENCE: Duration = Duration::from_secs(15);

#[expect(clippy::disallowed_methods, reason = "measures that the work is linear")]
fn survives(name: &str, bytes: &[u8]) {
    let start = Instant::now();
    let seen = describe(bytes);
    let message = Message::parse(bytes);
    let mut found = 0;
    message.searchable_header(|text| found += text.len());
    message.searchable_text(|text| found += text.len());
    let _ = message.section(&[], SectionText::HeaderFields { names: &["Subject"], not: true });
    let html = message.html_body().map(|html| mime::html_to_text(&html).len());
    let size = seen.envelope.len() + seen.structure.len() + seen.summary.to_bytes().len();
    assert!(size <= bytes.len() * 20 + 10_000, "{name}: {size} for {}", bytes.len());
    assert!(start.elapsed() < PATIENCE, "{name}: {:?} {html:?}", start.elapsed());
}

#[test]
fn multiparts_nested_20_000_deep_are_opaque_below_the_limit() {
    let mut bomb = Vec::new();
    for depth in 0..20_000 {
        bomb.extend(
            format!("Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n").bytes(),
        );
    }
    survives("nested multiparts", &bomb);
    let structure = String::from_utf8(describe(&bomb).structure_plain).unwrap();
    assert_eq!(structure.matches("\"mixed\"").count(), DEPTH_MAX);
    assert_eq!(structure.matches("octet-stream").count(), 1);
    let deepest = vec![1; DEPTH_MAX];
    assert!(Message::parse(&bomb).section(&deepest, SectionText::All).is_some());
    assert!(Message::parse(&bomb).section(&vec![1; DEPTH_MAX + 1], SectionText::All).is_none());
}

#[test]
fn the_limit_of_depth_is_exact() {
    for (depth, opaque) in [(DEPTH_MAX - 1, 0), (DEPTH_MAX, 0), (DEPTH_MAX + 1, 1)] {
        let mut mail = Vec::new();
        for level in 0..depth {
            mail.extend(
                format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n").bytes(),
            );
        }
        mail.extend(b"\r\nx");
        let structure = String::from_utf8(describe(&mail).structure_plain).unwrap();
        assert_eq!(structure.matches("octet-stream").count(), opaque, "{depth}");
    }
}

#[test]
fn the_limit_of_parts_is_exact() {
    for (parts, seen) in [(1_998, 1_998), (1_999, 1_999), (2_000, 1_999), (100_000, 1_999)] {
        let mail =
            format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(parts));
        let structure = String::from_utf8(describe(mail.as_bytes()).structure_plain).unwrap();
        assert_eq!(structure.matches("\"plain\"").count(), seen, "{parts}");
    }
}

#[test]
fn chains_of_forwarded_messages_end() {
    survives("rfc822 chain", "Content-Type: message/rfc822\r\n\r\n".repeat(50_000).as_bytes());
    survives(
        "digest chain",
        "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n".repeat(50_000).as_bytes(),
    );
}

#[test]
fn boundary_lookalikes_in_a_hundred_open_multiparts_cost_little() {
    let mut bomb = Vec::new();
    for level in 0..DEPTH_MAX {
        let boundary = format!("{}{level:03}", "b".repeat(60));
        bomb.extend(
            format!("Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n--{boundary}\r\n").bytes(),
        );
    }
    bomb.extend(b"\r\n");
    let mut lines = bomb.clone();
    lines.extend(format!("--{}\n", "b".repeat(63)).repeat(100_000).bytes());
    survives("lookalikes", &lines);
    bomb.extend(b"--\n".repeat(2_000_000));
    survives("dashes", &bomb);
}

#[test]
fn heads_of_any_kind_are_read_in_linear_time() {
    let line = |name: &str, value: &str, times: usize| {
        format!("{name}: {}\r\n\r\n", value.repeat(times)).into_bytes()
    };
    survives("100k fields", "X-Field: value\r\n".repeat(100_000).as_bytes());
    survives("100k subjects", "Subject: value\r\n".repeat(100_000).as_bytes());
    survives("100k To", "To: a@b.test\r\n".repeat(100_000).as_bytes());
    survives("megabyte line", &line("Subject", "x", 8 << 20));
    survives("folds", &line("Subject", "x\r\n ", 1 << 20));
    survives("words", &line("Subject", "=?utf-8?q?=C3=BC?= ", 200_000));
    survives("open words", &line("Subject", "=?utf-8?q?", 500_000));
    survives("marks", &line("Subject", "=?a?q??", 500_000));
    survives("8-bit", &line("Subject", "\u{fc}", 2 << 20));
    survives("addresses", &line("To", "a@b.test,", 500_000));
    survives("comments", &line("From", "(", 4 << 20));
    survives("angles", &line("From", "<", 4 << 20));
    survives("quotes", &line("From", "\"", 4 << 20));
    survives("words in addresses", &line("From", "=?utf-8?q?", 500_000));
    survives("closed words in addresses", &line("From", "=?utf-8?q?a?=,", 300_000));
    survives("groups", &line("From", "a:", 1 << 20));
    survives("references", &line("References", "<a@b>", 500_000));
    survives("open references", &line("References", "<", 4 << 20));
    survives("date", &line("Date", "1 ", 1 << 20));
    survives("priority", &line("Importance", "high", 1 << 20));
    survives("colons", &":".repeat(4 << 20).into_bytes());
    survives("no line end", &vec![b'a'; 16 << 20]);
}

#[test]
fn parameters_are_read_in_linear_time_and_cut() {
    let bomb = |piece: &dyn Fn(usize) -> String| {
        let all: String = (0..200_000).map(piece).collect();
        format!("Content-Type: text/plain{all}\r\nContent-Disposition: attachment{all}\r\n\r\n").into_bytes()
    };
    survives("continuations", &bomb(&|n| format!("; name*{n}*=%41")));
    survives("same", &bomb(&|_| "; filename*=utf-8''x".to_owned()));
    survives("names", &bomb(&|n| format!("; a{n}=b")));
    survives("semicolons", &bomb(&|_| ";;;;".to_owned()));
    survives("quotes", &bomb(&|_| "; a=\"\\".to_owned()));
    survives("comments", &bomb(&|_| " (".to_owned()));
}

#[test]
fn bodies_of_any_kind_are_read_in_linear_time() {
    let body = |head: &str, piece: &str, times: usize| {
        format!("Content-Type: {head}\r\n\r\n{}", piece.repeat(times)).into_bytes()
    };
    survives("base64", &body("text/plain\r\nContent-Transfer-Encoding: base64", "=*!A", 2 << 20));
    survives("qp", &body("text/plain\r\nContent-Transfer-Encoding: quoted-printable", "= \t  ", 2 << 20));
    survives("qp ends", &body("text/plain\r\nContent-Transfer-Encoding: quoted-printable", "=", 8 << 20));
    survives("utf-7", &body("text/plain; charset=utf-7", "+AAA", 1 << 20));
    survives("unknown charset", &body("text/plain; charset=x-x", "\u{fc}", 1 << 20));
    survives("html depth", &body("text/html", "<div>", 200_000));
    survives("html tables", &body("text/html", "<table><tr><td>", 100_000));
    survives("html flat", &body("text/html", "<b>x</b><p>y</p>", 60_000));
    survives("html cells", &body("text/html", "<table><tr><td>x</td></tr></table>", 3_000));
    survives(
        "html wide",
        &format!("Content-Type: text/html\r\n\r\n<table><tr>{}", "<td>x</td>".repeat(9_900)).into_bytes(),
    );
    survives(
        "html nested tables",
        &format!("Content-Type: text/html\r\n\r\n{}x", "<table><tr><td>".repeat(33)).into_bytes(),
    );
    survives("html one line", &body("text/html", "word ", 400_000));
    survives("html entities", &body("text/html", "&amp;&", 500_000));
    survives("html open styles", &body("text/html", "<style></", 500_000));
    survives("html open comments", &body("text/html", "<!--", 500_000));
    survives("html attributes", &body("text/html", "<p a=b ", 300_000));
    survives("html formatting", &body("text/html", "<b><i><a href=x>", 6_000));
    survives("html unclosed formatting", &body("text/html", "<p><b>", 9_000));
    survives("calendar", &body("text/calendar", "METHOD:REPLY\n ", 1 << 20));
}
