//! The bytes that came, cut into lines. Only CRLF ends a line.

use std::ops::Range;

/// Bytes that were fed and not yet consumed.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    buffer: Vec<u8>,
    /// Where the unread bytes begin.
    start: usize,
    /// Up to where no line end was found.
    scanned: usize,
    /// Inside a line that is over its limit.
    skipping: bool,
}

/// What was found at the head of the stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// No line end yet.
    NeedBytes,
    /// A line over its limit, now consumed.
    TooLong,
    /// A line without its CRLF, as a range for [`Lines::bytes`].
    Complete(Range<usize>),
}

impl Lines {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.scanned = self.scanned.saturating_sub(self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Takes the next line. `bytes_max`, of the beginning of the line, counts its CRLF.
    pub(crate) fn next(&mut self, bytes_max: fn(&[u8]) -> usize) -> Line {
        let Some(end) = self.line_end() else {
            self.scanned = self.buffer.len();
            let unread = self.unread();
            if self.skipping || unread.len() >= bytes_max(unread) {
                // A CR may be the first half of the line end.
                self.start = self.buffer.len() - usize::from(unread.ends_with(b"\r"));
                self.skipping = true;
            }
            return Line::NeedBytes;
        };
        let line = self.start..end - 2;
        let too_long = self.skipping || end - self.start > bytes_max(self.bytes(line.clone()));
        self.skipping = false;
        self.start = end;
        self.scanned = end;
        if too_long { Line::TooLong } else { Line::Complete(line) }
    }

    /// The bytes of a line; valid until the next call of `feed`.
    pub(crate) fn bytes(&self, line: Range<usize>) -> &[u8] {
        self.buffer.get(line).unwrap_or_default()
    }

    /// All that is not consumed, for octets that are no lines.
    pub(crate) fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Consumes octets that are no lines.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start = self.buffer.len().min(self.start + bytes);
        self.scanned = self.start;
    }

    /// Consumes up to the end of a range of [`Lines::unread`] and returns the range.
    pub(crate) fn take(&mut self, range: Range<usize>) -> &[u8] {
        let absolute = self.start + range.start..self.start + range.end;
        self.consume(range.end);
        self.bytes(absolute)
    }

    /// Throws away all that was not consumed; returns how many bytes that were.
    pub(crate) fn discard(&mut self) -> usize {
        let unread = self.buffer.len() - self.start;
        *self = Self::default();
        unread
    }

    /// Where the first line ends, past its LF.
    fn line_end(&self) -> Option<usize> {
        let mut from = self.scanned.max(self.start);
        loop {
            let lf = from + self.buffer.get(from..)?.iter().position(|byte| *byte == b'\n')?;
            if lf > self.start && self.buffer.get(lf - 1) == Some(&b'\r') {
                return Some(lf + 1);
            }
            from = lf + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(feeds: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for feed in feeds {
            lines.feed(feed);
            loop {
                match lines.next(|_| 8) {
                    Line::NeedBytes => break,
                    Line::TooLong => found.push(None),
                    Line::Complete(line) => found.push(Some(lines.bytes(line).to_vec())),
                }
            }
            assert!(lines.buffer.len() - lines.start < 8, "the unfinished line is bounded");
        }
        found
    }

    #[test]
    fn only_crlf_ends_a_line() {
        assert_eq!(lines(&[b"a\nb\r\nc\rd\r\n"]), [Some(b"a\nb".to_vec()), Some(b"c\rd".to_vec())]);
        assert_eq!(lines(&[b"\r", b"\n\n\r", b"\n"]), [Some(vec![]), Some(b"\n".to_vec())]);
    }

    #[test]
    fn limit_below_at_and_above() {
        assert_eq!(lines(&[b"12345\r\n"]), [Some(b"12345".to_vec())]);
        assert_eq!(lines(&[b"123456\r\n"]), [Some(b"123456".to_vec())]);
        assert_eq!(lines(&[b"1234567\r\nok\r\n"]), [None, Some(b"ok".to_vec())]);
        assert_eq!(lines(&[b"1234567\r", b"\nok\r\n"]), [None, Some(b"ok".to_vec())]);
        assert_eq!(lines(&[&[b'x'; 100_000], b"\r", b"x\r", b"\nok\r\n"]), [None, Some(b"ok".to_vec())]);
    }
}
