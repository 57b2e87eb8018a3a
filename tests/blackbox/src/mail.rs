//! The mails that tests send: small, valid, and each recognisable by its subject.

use std::sync::atomic::{AtomicU32, Ordering};

/// A word that no other mail of this run contains.
pub fn unique() -> String {
    // The last letter keeps the first one from being found in the tenth.
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("probe{}x{}z", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// One mail, RFC 5322, with its subject at hand.
#[derive(Debug, Clone)]
pub struct Mail {
    /// A subject that occurs once.
    pub subject: String,
    /// The bytes, with CRLF.
    pub bytes: Vec<u8>,
}

impl Mail {
    /// A plain text mail.
    pub fn plain(from: &str, to: &str) -> Self {
        let subject = format!("plain {}", unique());
        let text = format!(
            "From: <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <{}@probe.test>\r\n\
             Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
             Grüße.\r\n.a line that begins with a dot\r\n..two dots\r\nThe end of {subject}.\r\n",
            unique()
        );
        Self { subject, bytes: text.into_bytes() }
    }
}

/// Mails as they lie in a mailbox of some years: threads, several languages, charsets and encodings, HTML,
/// attachments, lists. Number `n` is always the same but for the word that makes it this run's.
pub fn realistic(count: usize, from: &str, to: &str) -> Vec<Mail> {
    let run = unique();
    (0..count).map(|number| one_of_many(number, &run, from, to)).collect()
}

fn one_of_many(number: usize, run: &str, from: &str, to: &str) -> Mail {
    const TOPICS: [&str; 6] = [
        "Quarterly figures",
        "Re: Lunch on Friday?",
        "Rechnung Nr.",
        "Fwd: Delivery note",
        "[list] Patch",
        "Hi",
    ];
    let subject = format!("{} {number} {run}", TOPICS[number % TOPICS.len()]);
    let (day, hour, minute) = (1 + number / 24 % 28, number % 24, number * 7 % 60);
    let parent = if number.is_multiple_of(5) { number } else { number - 1 };
    let head = format!(
        "From: =?utf-8?q?J=C3=BCrgen_{number}?= <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n\
         Date: {day} Sep 2026 {hour:02}:{minute:02}:00 +0200\r\nMessage-ID: <{run}.{number}@probe.test>\r\n\
         References: <{run}.{parent}@probe.test>\r\nX-Mailer: probe\r\nMIME-Version: 1.0\r\n"
    );
    let line = format!("Line of {number}, long enough to be a sentence of some kind.\r\n");
    let text = line.repeat(1 + number % 40);
    let body = match number % 4 {
        0 => format!("Content-Type: text/plain; charset=us-ascii\r\n\r\n{text}"),
        1 => format!(
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße, 日本\r\n{text}"
        ),
        2 => format!(
            "Content-Type: multipart/alternative; boundary=b{number}\r\n\r\n--b{number}\r\n\
             Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
             Gr=FC=DFe\r\n{text}--b{number}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
             <p>{text}</p>\r\n--b{number}--\r\n"
        ),
        _ => format!(
            "Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n--b{number}\r\nContent-Type: text/plain\r\n\r\n\
             {text}--b{number}\r\nContent-Type: application/pdf; name=\"{number}.pdf\"\r\n\
             Content-Disposition: attachment; filename=\"{number}.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\
             {}--b{number}--\r\n",
            format!("{}\r\n", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY".repeat(2)).repeat(20 + number % 200)
        ),
    };
    Mail { subject, bytes: format!("{head}{body}").into_bytes() }
}
