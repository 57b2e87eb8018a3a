//! Which bytes of a message are which part: RFC 2046 section 5.1, in one pass, without recursion.
//!
//! The line end before a boundary line belongs to the boundary. A boundary line is looked for in
//! heads as well as in bodies, for every enclosing multipart, the innermost first; a line that
//! belongs to an outer one ends all within.

use crate::field;
use crate::parameter::Structured;
use crate::transfer::Encoding;
use crate::{DEPTH_MAX, PARTS_MAX};
use std::ops::Range;

/// Longest boundary that is honoured; RFC 2046 allows 70.
const BOUNDARY_BYTES_MAX: usize = 200;

/// What a part consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing smaller.
    Leaf,
    /// One or more parts.
    Multipart,
    /// One message: a single child.
    Message,
}

/// A message, or a part of one.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The header block with its blank line.
    pub(crate) head: Range<usize>,
    /// All after it, up to the line end that belongs to the next boundary.
    pub(crate) body: Range<usize>,
    /// Line feeds in the body.
    pub(crate) lines: usize,
    pub(crate) kind: Kind,
    pub(crate) content: Content,
    /// Places in [`Structure::parts`].
    pub(crate) children: Vec<usize>,
    lines_before_body: usize,
}

/// The `Content-*` fields of a part.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    /// Main type in lower case.
    pub(crate) main: Vec<u8>,
    /// Subtype in lower case.
    pub(crate) sub: Vec<u8>,
    /// The parameters of Content-Type; `value` is empty if there is none that can be read.
    pub(crate) parameters: Structured,
    pub(crate) disposition: Option<Structured>,
    /// Raw name of the transfer encoding in lower case.
    pub(crate) encoding_name: Option<Vec<u8>>,
    pub(crate) id: Option<Vec<u8>>,
    pub(crate) description: Option<Vec<u8>>,
    pub(crate) md5: Option<Vec<u8>>,
    pub(crate) language: Option<Vec<u8>>,
    pub(crate) location: Option<Vec<u8>>,
}

impl Content {
    fn read(head: &[u8], in_digest: bool) -> Self {
        let mut content = Self::default();
        let mut typed = false;
        for field in field::fields(head) {
            let Some((start, kind)) = field.name.split_at_checked(8) else { continue };
            if !start.eq_ignore_ascii_case(b"content-") {
                continue;
            }
            let keep = |slot: &mut Option<Vec<u8>>| {
                slot.get_or_insert_with(|| field.value().into_owned());
            };
            match kind.to_ascii_lowercase().as_slice() {
                b"type" if !typed => typed = content.set_type(Structured::parse(&field.value())),
                b"disposition" if content.disposition.is_none() => {
                    content.disposition = Some(Structured::parse(&field.value()));
                }
                b"transfer-encoding" if content.encoding_name.is_none() => {
                    // Some write a comment or a parameter behind it.
                    content.encoding_name = Some(Structured::parse(&field.value()).value);
                }
                b"id" => keep(&mut content.id),
                b"description" => keep(&mut content.description),
                b"md5" => keep(&mut content.md5),
                b"language" => keep(&mut content.language),
                b"location" => keep(&mut content.location),
                _ => {}
            }
        }
        if !typed {
            // RFC 2046 section 5.1.5
            let (main, sub) = if in_digest { ("message", "rfc822") } else { ("text", "plain") };
            content.assume(main, sub);
        }
        content
    }

    /// Takes a type as sent; false if it is none, so that the default holds (RFC 2045 section 5.2).
    fn set_type(&mut self, parsed: Structured) -> bool {
        let mut words = parsed.value.splitn(2, |b| *b == b'/');
        let main = words.next().unwrap_or_default().trim_ascii().to_vec();
        let sub = words.next().unwrap_or_default().trim_ascii().to_vec();
        let token = |text: &[u8]| !text.is_empty() && text.iter().all(|b| b.is_ascii_graphic() && *b != b'/');
        if !token(&main) || !token(&sub) {
            return false;
        }
        (self.main, self.sub, self.parameters) = (main, sub, parsed);
        true
    }

    fn assume(&mut self, main: &str, sub: &str) {
        self.main = main.as_bytes().to_vec();
        self.sub = sub.as_bytes().to_vec();
        self.parameters.parameters.retain(|(name, _)| name != b"boundary");
    }

    /// The boundary of a multipart, if one can be used.
    fn boundary(&self) -> Option<&[u8]> {
        let boundary = self.parameters.plain("boundary")?.trim_ascii_end();
        (1..=BOUNDARY_BYTES_MAX).contains(&boundary.len()).then_some(boundary)
    }

    /// Whether the type is `main/sub`.
    pub(crate) fn is(&self, main: &str, sub: &str) -> bool {
        self.main == main.as_bytes() && self.sub == sub.as_bytes()
    }

    /// How the body is written.
    pub(crate) fn encoding(&self) -> Encoding {
        Encoding::from_name(self.encoding_name.as_deref().unwrap_or_default())
    }

    /// The charset as sent; empty if none is.
    pub(crate) fn charset(&self) -> &[u8] {
        self.parameters.plain("charset").unwrap_or_default()
    }

    /// The name of the file, decoded.
    pub(crate) fn file_name(&self) -> Option<String> {
        let named = self.disposition.as_ref().and_then(|d| d.text("filename"));
        named.or_else(|| self.parameters.text("name")).filter(|name| !name.trim().is_empty())
    }

    /// Whether the sender calls it an attachment.
    pub(crate) fn is_attachment(&self) -> bool {
        self.disposition.as_ref().is_some_and(|d| d.value == b"attachment")
    }
}

/// The parts of a message; the message itself is the first.
#[derive(Debug, Clone)]
pub(crate) struct Structure {
    parts: Vec<Part>,
}

impl Structure {
    /// Finds the parts of any bytes.
    pub(crate) fn scan(bytes: &[u8]) -> Self {
        let mut scanner = Scanner { bytes, parts: Vec::new(), open: Vec::new(), in_head: true };
        scanner.begin(0, 0, None);
        scanner.run();
        Self { parts: scanner.parts }
    }

    /// One part; only places out of [`Part::children`] and 0 are handed in.
    pub(crate) fn part(&self, place: usize) -> Option<&Part> {
        self.parts.get(place)
    }
}

/// A part whose end is not yet known.
struct Open {
    place: usize,
    /// Whether it stands in a multipart/digest.
    in_digest: bool,
    /// Of a multipart whose closing line has not come yet.
    boundary: Option<Vec<u8>>,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    parts: Vec<Part>,
    /// From the message down to the part that we are in: at most DEPTH_MAX + 1.
    open: Vec<Open>,
    in_head: bool,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let mut start = 0;
        let mut lines = 0; // line feeds before `start`
        while start < self.bytes.len() {
            let rest = self.bytes.get(start..).unwrap_or_default();
            let length = field::line_length(rest);
            let line = rest.get(..length).unwrap_or_default();
            if line.starts_with(b"--")
                && let Some((level, closes)) = self.boundary(line)
            {
                self.meet(level, closes, start, start + length, lines);
            } else if self.in_head && matches!(line, b"\n" | b"\r\n") {
                self.end_head(start + length, lines + 1, false);
            }
            start += length;
            lines += usize::from(line.ends_with(b"\n"));
        }
        self.close(0, self.bytes.len(), lines);
    }

    /// Starts a part of `parent` and reads its head next.
    fn begin(&mut self, start: usize, lines: usize, parent: Option<usize>) {
        let place = self.parts.len();
        self.parts.push(Part {
            head: start..start,
            body: start..start,
            lines: 0,
            kind: Kind::Leaf,
            content: Content::default(),
            children: Vec::new(),
            lines_before_body: lines,
        });
        let mut in_digest = false;
        if let Some(parent) = parent.and_then(|parent| self.parts.get_mut(parent)) {
            parent.children.push(place);
            in_digest = parent.content.is("multipart", "digest");
        }
        self.open.push(Open { place, in_digest, boundary: None });
        self.in_head = true;
    }

    /// Which open multipart a line belongs to, and whether it is its last.
    fn boundary(&self, line: &[u8]) -> Option<(usize, bool)> {
        if self.parts.len() >= PARTS_MAX {
            return None;
        }
        let text = line.strip_prefix(b"--")?.trim_ascii_end();
        self.open.iter().enumerate().rev().find_map(|(level, open)| {
            let rest = text.strip_prefix(open.boundary.as_deref()?)?;
            match rest {
                b"" => Some((level, false)),
                b"--" => Some((level, true)),
                _ => None,
            }
        })
    }

    /// Handles a boundary line from `line_start` to `line_end`.
    fn meet(&mut self, level: usize, closes: bool, line_start: usize, line_end: usize, lines: usize) {
        let before = self.bytes.get(..line_start).unwrap_or_default();
        let (end, lines_at_end) = match before {
            [.., b'\r', b'\n'] => (line_start - 2, lines.saturating_sub(1)),
            [.., b'\n'] => (line_start - 1, lines.saturating_sub(1)),
            _ => (line_start, lines),
        };
        self.close(level + 1, end, lines_at_end);
        let Some(multipart) = self.open.last_mut() else { return };
        if closes {
            multipart.boundary = None; // what follows is the epilogue
        } else {
            let parent = multipart.place;
            self.begin(line_end, lines + 1, Some(parent));
        }
    }

    /// Ends the parts that are open at `level` and deeper.
    fn close(&mut self, level: usize, end: usize, lines: usize) {
        if self.in_head && self.open.len() > level {
            self.end_head(end, lines, true);
        }
        self.in_head = false;
        for open in self.open.drain(level.min(self.open.len())..) {
            let Some(part) = self.parts.get_mut(open.place) else { continue };
            part.body.end = end.max(part.body.start);
            part.lines = lines.saturating_sub(part.lines_before_body);
            if part.kind == Kind::Multipart && part.children.is_empty() {
                part.kind = Kind::Leaf; // so that people see at least the bytes
                part.content.assume("text", "plain");
            }
        }
    }

    /// The head of the innermost part ends before `body_start`; it is cut off if no body follows.
    fn end_head(&mut self, body_start: usize, lines: usize, cut_off: bool) {
        self.in_head = false;
        let may_nest = !cut_off && self.open.len() <= DEPTH_MAX && self.parts.len() < PARTS_MAX;
        let Some(open) = self.open.last_mut() else { return };
        let Some(part) = self.parts.get_mut(open.place) else { return };
        let body_start = body_start.max(part.head.start);
        part.head.end = body_start;
        part.body = body_start..body_start;
        part.lines_before_body = lines;
        part.content = Content::read(self.bytes.get(part.head.clone()).unwrap_or_default(), open.in_digest);
        if part.content.main == b"multipart" {
            match part.content.boundary() {
                Some(boundary) if may_nest => {
                    part.kind = Kind::Multipart;
                    open.boundary = Some(boundary.to_vec());
                }
                Some(_) if !cut_off => part.content.assume("application", "octet-stream"),
                _ => part.content.assume("text", "plain"),
            }
        } else if part.content.is("message", "rfc822") || part.content.is("message", "global") {
            // RFC 2046 section 5.2.1: only identity encodings may stand here.
            if may_nest && part.content.encoding() == Encoding::Identity {
                part.kind = Kind::Message;
                let parent = open.place;
                self.begin(body_start, lines, Some(parent));
            } else {
                part.content.assume("application", "octet-stream");
            }
        }
    }
}
