//! FETCH: RFC 9051 section 7.5.2.
//!
//! ENVELOPE and BODYSTRUCTURE are written as they were made when the message came in.

use vocabulary::{Flags, Keyword, ModSeq, Timestamp, Uid};

use crate::Output;
use crate::command::Section;

/// One `* n FETCH (...)` that is being written; [`FetchResponse::end`] closes it.
#[derive(Debug)]
#[must_use = "the response is not complete before end()"]
pub struct FetchResponse<'o> {
    out: &'o mut Output,
    first: bool,
}

impl Output {
    /// Begins `* n FETCH (`.
    pub fn fetch(&mut self, sequence: u32) -> FetchResponse<'_> {
        self.raw(b"* ");
        self.number(sequence);
        self.raw(b" FETCH (");
        FetchResponse { out: self, first: true }
    }

    /// Goes on with a response that was left by [`FetchResponse::suspend`].
    pub fn resume_fetch(&mut self, first: bool) -> FetchResponse<'_> {
        FetchResponse { out: self, first }
    }
}

impl FetchResponse<'_> {
    fn item(&mut self, name: &[u8]) -> &mut Output {
        if !std::mem::take(&mut self.first) {
            self.out.raw(b" ");
        }
        self.out.raw(name);
        self.out
    }

    /// Whether nothing was written into it yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first
    }

    /// `FLAGS (...)`
    pub fn flags<'a>(&mut self, flags: Flags, keywords: impl IntoIterator<Item = &'a Keyword>) {
        self.item(b"FLAGS ").flags(flags, keywords);
    }

    /// `UID n`
    pub fn uid(&mut self, uid: Uid) {
        self.item(b"UID ").number(uid.0);
    }

    /// `MODSEQ (n)` (RFC 7162 section 7)
    pub fn modseq(&mut self, modseq: ModSeq) {
        let out = self.item(b"MODSEQ (");
        out.number64(modseq.0.unsigned_abs());
        out.raw(b")");
    }

    /// `RFC822.SIZE n`
    pub fn size(&mut self, octets: u64) {
        self.item(b"RFC822.SIZE ").number64(octets);
    }

    /// `INTERNALDATE "..."`
    pub fn internal_date(&mut self, moment: Timestamp) {
        self.item(b"INTERNALDATE ").date_time(moment);
    }

    /// `SAVEDATE "..."` (RFC 8514 section 4.2)
    pub fn save_date(&mut self, moment: Option<Timestamp>) {
        let out = self.item(b"SAVEDATE ");
        match moment {
            Some(moment) => out.date_time(moment),
            None => out.raw(b"NIL"),
        }
    }

    /// `EMAILID (id)` (RFC 8474 section 5.3). The id is made of letters, digits, `_` and `-`.
    pub fn email_id(&mut self, id: &str) {
        let out = self.item(b"EMAILID (");
        out.text(id);
        out.raw(b")");
    }

    /// `THREADID (id)` (RFC 8474 section 5.3), or NIL.
    pub fn thread_id(&mut self, id: Option<&str>) {
        let Some(id) = id else { return self.item(b"THREADID NIL").raw(b"") };
        let out = self.item(b"THREADID (");
        out.text(id);
        out.raw(b")");
    }

    /// `PREVIEW "..."` (RFC 8970 section 3.2); NIL only to a lazy question.
    pub fn preview(&mut self, text: Option<&str>) {
        self.item(b"PREVIEW ").nstring(text.map(str::as_bytes));
    }

    /// `ENVELOPE (...)`, ready made.
    pub fn envelope(&mut self, ready: &[u8]) {
        self.item(b"ENVELOPE ").raw(ready);
    }

    /// `BODY (...)`, ready made.
    pub fn body(&mut self, ready: &[u8]) {
        self.item(b"BODY ").raw(ready);
    }

    /// `BODYSTRUCTURE (...)`, ready made.
    pub fn body_structure(&mut self, ready: &[u8]) {
        self.item(b"BODYSTRUCTURE ").raw(ready);
    }

    /// `BODY[section]<origin> {n}` and the bytes; NIL if there is no such section.
    pub fn section(&mut self, section: &Section, origin: Option<u64>, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => {
                self.section_header(section, origin, bytes.len() as u64);
                self.out.raw(bytes);
            }
            None => {
                self.section_name(section, origin);
                self.out.raw(b" NIL");
            }
        }
    }

    /// As [`FetchResponse::section`], but the caller writes the `length` bytes by [`FetchResponse::bytes`].
    pub fn section_header(&mut self, section: &Section, origin: Option<u64>, length: u64) {
        self.section_name(section, origin);
        self.out.raw(b" ");
        self.out.literal_header(length);
    }

    fn section_name(&mut self, section: &Section, origin: Option<u64>) {
        let out = self.item(b"BODY");
        section.write(out);
        write_origin(out, origin);
    }

    /// Leaves the response for a while, so that what was written can be sent and a long literal after
    /// it; the value is for [`Output::resume_fetch`].
    #[must_use]
    pub fn suspend(self) -> bool {
        self.first
    }

    /// Bytes of a literal whose header was written.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.out.raw(bytes);
    }

    /// `RFC822 {n}` and the bytes (RFC 3501).
    pub fn rfc822(&mut self, bytes: &[u8]) {
        self.rfc822_start(bytes.len() as u64);
        self.out.raw(bytes);
    }

    /// As [`FetchResponse::rfc822`], but the caller writes the `length` bytes.
    pub fn rfc822_start(&mut self, length: u64) {
        self.item(b"RFC822 ").literal_header(length);
    }

    /// `RFC822.HEADER {n}` and the bytes (RFC 3501).
    pub fn rfc822_header(&mut self, bytes: &[u8]) {
        self.rfc822_header_start(bytes.len() as u64);
        self.out.raw(bytes);
    }

    /// As [`FetchResponse::rfc822_header`], but the caller writes the `length` bytes.
    pub fn rfc822_header_start(&mut self, length: u64) {
        self.item(b"RFC822.HEADER ").literal_header(length);
    }

    /// `RFC822.TEXT {n}` and the bytes (RFC 3501).
    pub fn rfc822_text(&mut self, bytes: &[u8]) {
        self.rfc822_text_start(bytes.len() as u64);
        self.out.raw(bytes);
    }

    /// As [`FetchResponse::rfc822_text`], but the caller writes the `length` bytes.
    pub fn rfc822_text_start(&mut self, length: u64) {
        self.item(b"RFC822.TEXT ").literal_header(length);
    }

    /// `BINARY[part]<origin>`: a literal, or a literal8 if it holds NUL; NIL if there is no such part.
    pub fn binary(&mut self, part: &[u32], origin: Option<u64>, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => {
                self.binary_header(part, origin, bytes);
                self.out.raw(bytes);
            }
            None => self.binary_name(part, origin).raw(b"NIL"),
        }
    }

    /// As [`FetchResponse::binary`], but the caller writes the bytes: here they are only looked at.
    pub fn binary_header(&mut self, part: &[u32], origin: Option<u64>, bytes: &[u8]) {
        let out = self.binary_name(part, origin);
        if bytes.contains(&0) {
            out.literal8_header(bytes.len() as u64);
        } else {
            out.literal_header(bytes.len() as u64);
        }
    }

    fn binary_name(&mut self, part: &[u32], origin: Option<u64>) -> &mut Output {
        let out = self.item(b"BINARY");
        write_part(out, part);
        write_origin(out, origin);
        out.raw(b" ");
        out
    }

    /// `BINARY.SIZE[part] n`
    pub fn binary_size(&mut self, part: &[u32], octets: u64) {
        let out = self.item(b"BINARY.SIZE");
        write_part(out, part);
        out.raw(b" ");
        out.number64(octets);
    }

    /// Closes the response.
    pub fn end(self) {
        self.out.raw(b")\r\n");
    }
}

fn write_part(out: &mut Output, part: &[u32]) {
    out.raw(b"[");
    for (level, &number) in part.iter().enumerate() {
        if level > 0 {
            out.raw(b".");
        }
        out.number(number);
    }
    out.raw(b"]");
}

fn write_origin(out: &mut Output, origin: Option<u64>) {
    if let Some(origin) = origin {
        out.raw(b"<");
        out.number64(origin);
        out.raw(b">");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::SectionText;

    #[test]
    fn known_answers() {
        let mut out = Output::default();
        let mut fetch = out.fetch(23);
        fetch.flags(Flags::SEEN, &[Keyword::new("$Work").unwrap()]);
        fetch.uid(Uid(7));
        fetch.modseq(ModSeq(12));
        fetch.size(44_827);
        fetch.internal_date(Timestamp(0));
        fetch.save_date(None);
        fetch.email_id("M1");
        fetch.thread_id(None);
        fetch.preview(Some("hi"));
        fetch.envelope(b"(NIL)");
        fetch.end();
        let mut fetch = out.fetch(1);
        let fields = SectionText::HeaderFields { not: false, names: vec!["FROM".to_owned()] };
        fetch.section(&Section { part: vec![1, 2], text: fields }, None, Some(b"From: a\r\n\r\n"));
        fetch.section(&Section::default(), Some(5), Some(b""));
        fetch.section(&Section { part: vec![9], text: SectionText::Mime }, None, None);
        fetch.binary(&[1], Some(0), Some(b"a\0"));
        fetch.binary(&[], None, Some(b"a"));
        fetch.binary_size(&[2, 1], 9);
        fetch.rfc822(b"x");
        fetch.end();
        let expected = "* 23 FETCH (FLAGS (\\Seen $Work) UID 7 MODSEQ (12) RFC822.SIZE 44827 \
            INTERNALDATE \" 1-Jan-1970 00:00:00 +0000\" SAVEDATE NIL EMAILID (M1) THREADID NIL PREVIEW \"hi\" \
            ENVELOPE (NIL))\r\n\
            * 1 FETCH (BODY[1.2.HEADER.FIELDS (FROM)] {11}\r\nFrom: a\r\n\r\n BODY[]<5> {0}\r\n BODY[9.MIME] NIL \
            BINARY[1]<0> ~{2}\r\na\0 BINARY[] {1}\r\na BINARY.SIZE[2.1] 9 RFC822 {1}\r\nx)\r\n";
        assert_eq!(String::from_utf8(out.take()).unwrap(), expected);
    }
}
