//! The mails that tests send: small, valid, and each recognisable by its subject.

use std::sync::atomic::{AtomicU32, Ordering};

/// A word that no other mail of this run contains.
pub fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("probe{}x{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
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
