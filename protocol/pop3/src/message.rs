//! A stored message on its way out: line ends, dot-stuffing, TOP, and the size that is announced.

use crate::listing::END;

/// Writes a message as a multi-line answer (RFC 1939 section 3), in any number of pieces.
///
/// A stored message may hold bare CR or LF (IMAP APPEND keeps what it gets). Sent as they are, a
/// bare LF before a dot could end the answer for a lenient client; so each becomes CRLF here, and
/// a message whose last line has no end gets one. [`WireSize`] counts the same way.
#[derive(Debug)]
pub struct MessageWriter {
    /// The next byte begins a line.
    line_start: bool,
    /// The last piece ended with a CR whose fate is open.
    pending_cr: bool,
    part: Part,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    /// RETR: all of it.
    Whole,
    /// TOP: in the header, and so many lines of the body are wanted.
    Header(u32),
    /// TOP: so many lines to go, never 0.
    Body(u32),
    /// TOP: has all it wanted.
    Complete,
}

impl MessageWriter {
    /// For RETR.
    #[must_use]
    pub fn whole() -> Self {
        Self { line_start: true, pending_cr: false, part: Part::Whole }
    }

    /// For TOP: the header, the empty line and `lines` lines (RFC 1939 section 7).
    #[must_use]
    pub fn top(lines: u32) -> Self {
        Self { part: Part::Header(lines), ..Self::whole() }
    }

    /// Whether TOP has all it wanted, so that the rest need not be read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self.part, Part::Complete)
    }

    /// Appends a piece of the message to `out`.
    pub fn write(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let mut rest = piece;
        if self.pending_cr && !rest.is_empty() {
            self.pending_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            self.end_line(out);
        }
        while !rest.is_empty() && !self.is_complete() {
            let run = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
            let (text, tail) = rest.split_at(run);
            self.write_text(text, out);
            rest = match tail {
                [] => tail,
                [b'\r'] => {
                    self.pending_cr = true;
                    &[]
                }
                [b'\r', b'\n', after @ ..] | [_, after @ ..] => {
                    self.end_line(out);
                    after
                }
            };
        }
    }

    /// Ends the message and the answer.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        if self.pending_cr || !self.line_start {
            self.end_line(out);
        }
        out.extend_from_slice(END);
    }

    fn write_text(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let Some(first) = text.first() else { return };
        // RFC 1939 section 3: a line that begins with the termination octet gets another one.
        if self.line_start && *first == b'.' {
            out.push(b'.');
        }
        out.extend_from_slice(text);
        self.line_start = false;
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\r\n");
        let empty = std::mem::replace(&mut self.line_start, true);
        self.part = match self.part {
            Part::Header(lines) if empty && lines > 0 => Part::Body(lines),
            Part::Header(_) if empty => Part::Complete,
            Part::Body(1) => Part::Complete,
            Part::Body(lines) => Part::Body(lines.saturating_sub(1)),
            part => part,
        };
    }
}

/// Counts the octets of a message as it is sent, without the dots added and without the final dot
/// (RFC 1939 section 11).
///
/// For a message that is stored with CRLF throughout and at its end, which is what delivery makes,
/// this is its stored size.
#[derive(Debug, Default)]
pub struct WireSize {
    bytes: u64,
    last: Option<u8>,
}

impl WireSize {
    /// Nothing counted yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a piece.
    pub fn add(&mut self, piece: &[u8]) {
        for byte in piece {
            let bare_cr = self.last == Some(b'\r') && *byte != b'\n';
            let bare_lf = self.last != Some(b'\r') && *byte == b'\n';
            self.bytes += 1 + u64::from(bare_cr) + u64::from(bare_lf);
            self.last = Some(*byte);
        }
    }

    /// The size in octets.
    #[must_use]
    pub fn finish(self) -> u64 {
        match self.last {
            None | Some(b'\n') => self.bytes,
            Some(b'\r') => self.bytes + 1,
            Some(_) => self.bytes + 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn write(mut writer: MessageWriter, message: &[u8], cut_bytes: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for piece in message.chunks(cut_bytes) {
            writer.write(piece, &mut out);
            writer.write(b"", &mut out);
        }
        writer.finish(&mut out);
        out
    }

    fn size(message: &[u8]) -> u64 {
        let mut size = WireSize::new();
        size.add(message);
        size.finish()
    }

    /// What a client makes of an answer: up to the first line that is a dot, dots removed.
    fn read(answer: &[u8]) -> (Vec<u8>, usize) {
        let (mut message, mut at) = (Vec::new(), 0);
        loop {
            let end = at + answer[at..].windows(2).position(|pair| pair == b"\r\n").unwrap() + 2;
            let line = &answer[at..end];
            at = end;
            if line == b".\r\n" {
                return (message, at);
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        }
    }

    #[test]
    fn known_answers() {
        let table: &[(&[u8], &[u8], u64)] = &[
            (b"", b".\r\n", 0),
            (b"A: 1\r\n\r\nx\r\n", b"A: 1\r\n\r\nx\r\n.\r\n", 11),
            (b"A: 1\r\n\r\nx", b"A: 1\r\n\r\nx\r\n.\r\n", 11),
            (b".\r\n..\r\n.x", b"..\r\n...\r\n..x\r\n.\r\n", 11),
            (b"a\n.\nb\n", b"a\r\n..\r\nb\r\n.\r\n", 9),
            (b"a\r.\rb\r", b"a\r\n..\r\nb\r\n.\r\n", 9),
            (b"a\r\r\n.\r\n", b"a\r\n\r\n..\r\n.\r\n", 8),
            (b"a\n\r\n.", b"a\r\n\r\n..\r\n.\r\n", 8),
        ];
        for (message, answer, bytes) in table {
            let got = write(MessageWriter::whole(), message, usize::MAX);
            assert_eq!(got, *answer, "{}", message.escape_ascii());
            assert_eq!(size(message), *bytes, "{}", message.escape_ascii());
        }
    }

    #[test]
    fn top_cuts_after_its_lines() {
        let message = b"A: 1\r\nB: 2\r\n\r\n.one\r\n\r\nthree";
        let table: &[(u32, &[u8])] = &[
            (0, b"A: 1\r\nB: 2\r\n\r\n.\r\n"),
            (1, b"A: 1\r\nB: 2\r\n\r\n..one\r\n.\r\n"),
            (2, b"A: 1\r\nB: 2\r\n\r\n..one\r\n\r\n.\r\n"),
            (3, b"A: 1\r\nB: 2\r\n\r\n..one\r\n\r\nthree\r\n.\r\n"),
            (u32::MAX, b"A: 1\r\nB: 2\r\n\r\n..one\r\n\r\nthree\r\n.\r\n"),
        ];
        for (lines, answer) in table {
            assert_eq!(write(MessageWriter::top(*lines), message, usize::MAX), *answer, "{lines}");
            assert_eq!(write(MessageWriter::top(*lines), message, 1), *answer, "{lines}");
        }
        assert_eq!(write(MessageWriter::top(1), b"A: 1\n\nx\ny\n", 3), b"A: 1\r\n\r\nx\r\n.\r\n");
        assert_eq!(write(MessageWriter::top(1), b"A: 1", 3), b"A: 1\r\n.\r\n");
    }

    #[test]
    fn top_says_when_the_rest_is_not_needed() {
        let (mut writer, mut out) = (MessageWriter::top(1), Vec::new());
        writer.write(b"A: 1\r\n\r\none\r\n", &mut out);
        assert!(writer.is_complete());
        writer.write(b"two\r\n", &mut out);
        writer.finish(&mut out);
        assert_eq!(out, b"A: 1\r\n\r\none\r\n.\r\n");
    }

    fn message() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"\r\n".to_vec()),
            Just(b".".to_vec()),
            Just(b"\r".to_vec()),
            Just(b"\n".to_vec()),
            Just(b"text".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..5),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same_answer(message in message(), cut_bytes in 1_usize..9, lines in 0_u32..9) {
            let whole = write(MessageWriter::whole(), &message, usize::MAX);
            prop_assert_eq!(&whole, &write(MessageWriter::whole(), &message, cut_bytes));
            let top = write(MessageWriter::top(lines), &message, usize::MAX);
            prop_assert_eq!(top, write(MessageWriter::top(lines), &message, cut_bytes));
        }

        #[test]
        fn the_client_reads_one_message_of_the_announced_size(message in message()) {
            let answer = write(MessageWriter::whole(), &message, usize::MAX);
            let (read, consumed) = read(&answer);
            prop_assert_eq!(consumed, answer.len());
            prop_assert_eq!(read.len() as u64, size(&message));
        }

        #[test]
        fn a_clean_message_comes_back_byte_for_byte(lines in proptest::collection::vec("[ -~]{0,9}", 0..20)) {
            let message: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let answer = write(MessageWriter::whole(), message.as_bytes(), usize::MAX);
            prop_assert_eq!(read(&answer).0, message.as_bytes());
            prop_assert_eq!(size(message.as_bytes()), message.len() as u64);
        }
    }
}
