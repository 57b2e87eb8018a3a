//! The other direction: a message on its way out by DATA.

/// Writes a message for DATA, in any number of pieces: every line ends with CRLF, lines that begin
/// with a dot get another (RFC 5321 section 4.5.2), and the final dot comes once.
///
/// A bare CR or LF becomes CRLF: sent as it is, it could be the end of the message for a lenient
/// receiver (smuggling outwards).
#[derive(Debug)]
pub struct DataWriter {
    line_start: bool,
    pending_cr: bool,
}

impl Default for DataWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl DataWriter {
    /// At the start of a message.
    #[must_use]
    pub fn new() -> Self {
        Self { line_start: true, pending_cr: false }
    }

    /// Appends a piece of the message to `out`.
    pub fn write(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let mut rest = piece;
        if self.pending_cr && !rest.is_empty() {
            self.pending_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            self.end_line(out);
        }
        while let Some(first) = rest.first() {
            if self.line_start && *first == b'.' {
                out.push(b'.');
            }
            let run = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
            let (text, tail) = rest.split_at(run);
            out.extend_from_slice(text);
            self.line_start = false;
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

    /// Ends the last line if need be, and the message.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        if self.pending_cr || !self.line_start {
            self.end_line(out);
        }
        out.extend_from_slice(b".\r\n");
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\r\n");
        self.line_start = true;
    }
}
