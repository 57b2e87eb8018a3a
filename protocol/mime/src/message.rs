//! Access to the parts of one stored message.

use crate::charset;
use crate::describe;
use crate::field;
use crate::section::Place;
use crate::structure::{Kind, Part, Structure};
use crate::transfer::Encoding;
use crate::word;
use std::borrow::Cow;

/// A message and where its parts are. Making one is a single pass over the bytes.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    bytes: &'a [u8],
    structure: Structure,
}

impl<'a> Message<'a> {
    /// Finds the parts; any bytes are a message.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Self {
        Self { bytes, structure: Structure::scan(bytes) }
    }

    /// The bytes of a part behind their transfer encoding (RFC 3516 `BINARY`, attachments). An
    /// encoding that nobody knows is left as it is, see [`Message::knows_encoding`]; a multipart and
    /// an embedded message have none. The empty path is the whole message.
    #[must_use]
    pub fn decoded(&self, path: &[u32]) -> Option<Cow<'a, [u8]>> {
        match self.resolve(path)? {
            Place::Message(_) => Some(Cow::Borrowed(self.bytes)),
            Place::Part(at) => self.decoded_part(self.part(at)?),
        }
    }

    /// Whether the transfer encoding of a part is one that [`Message::decoded`] can undo; if not,
    /// RFC 9051 section 7.1 has `NO [UNKNOWN-CTE]` for that.
    #[must_use]
    pub fn knows_encoding(&self, path: &[u32]) -> Option<bool> {
        match self.resolve(path)? {
            Place::Message(_) => Some(true),
            Place::Part(at) => self.part(at).map(|part| part.content.encoding() != Encoding::Unknown),
        }
    }

    /// `type/subtype` of a part in lower case.
    #[must_use]
    pub fn content_type(&self, path: &[u32]) -> Option<String> {
        let (Place::Message(at) | Place::Part(at)) = self.resolve(path)?;
        let content = &self.part(at)?.content;
        Some(format!("{}/{}", charset::guess(&content.main), charset::guess(&content.sub)))
    }

    /// Every value of a header field of the message, unfolded and decoded (RFC 2047).
    #[must_use]
    pub fn header_values(&self, name: &str) -> Vec<String> {
        let head = self.part(0).and_then(|part| self.head(part)).unwrap_or_default();
        field::fields(head).filter(|field| field.is(name)).map(|field| word::decode(&field.value())).collect()
    }

    /// Year, month and day of the Date field as written there, whatever the zone: SEARCH SENTON,
    /// SENTBEFORE and SENTSINCE.
    #[must_use]
    pub fn sent_on(&self) -> Option<(u16, u8, u8)> {
        let head = self.part(0).and_then(|part| self.head(part)).unwrap_or_default();
        let field = field::fields(head).find(|field| field.is("Date"))?;
        describe::date_time(field.raw).map(|date| (date.year, date.month, date.day))
    }

    /// Hands out `name: value` of every header field of the message, decoded: SEARCH TEXT.
    pub fn searchable_header(&self, mut found: impl FnMut(&str)) {
        let head = self.part(0).and_then(|part| self.head(part)).unwrap_or_default();
        for field in field::fields(head) {
            found(&format!("{}: {}", charset::guess(field.name), word::decode(&field.value())));
        }
    }

    /// Hands out every text of the body, decoded, with those of embedded messages and their headers,
    /// and the names of the attachments: SEARCH BODY.
    pub fn searchable_text(&self, mut found: impl FnMut(&str)) {
        let mut pending = vec![0];
        while let Some(part) = pending.pop().and_then(|at| self.part(at)) {
            if let Some(name) = part.content.file_name() {
                found(&name);
            }
            if part.kind == Kind::Message {
                let embedded = part.children.first().and_then(|at| self.part(*at));
                let head = embedded.and_then(|embedded| self.head(embedded)).unwrap_or_default();
                found(&word::decode(head));
            }
            if part.kind == Kind::Leaf && matches!(part.content.main.as_slice(), b"text" | b"message") {
                found(&self.part_text(part));
            }
            pending.extend(part.children.iter().rev());
        }
    }

    /// The part at a place that [`Structure`] gave out.
    pub(crate) fn part(&self, at: usize) -> Option<&Part> {
        self.structure.part(at)
    }

    pub(crate) fn range(&self, start: usize, end: usize) -> Option<&'a [u8]> {
        self.bytes.get(start..end)
    }

    /// The header block of a part with its blank line.
    pub(crate) fn head(&self, part: &Part) -> Option<&'a [u8]> {
        self.bytes.get(part.head.clone())
    }

    /// The body of a part as stored.
    pub(crate) fn body(&self, part: &Part) -> Option<&'a [u8]> {
        self.bytes.get(part.body.clone())
    }

    /// The body of a part behind its transfer encoding.
    pub(crate) fn decoded_part(&self, part: &Part) -> Option<Cow<'a, [u8]>> {
        let body = self.body(part)?;
        Some(if part.kind == Kind::Leaf { part.content.encoding().decode(body) } else { Cow::Borrowed(body) })
    }

    /// The text of a part.
    pub(crate) fn part_text(&self, part: &Part) -> String {
        let bytes = self.decoded_part(part).unwrap_or_default();
        charset::decode(part.content.charset(), &bytes).into_owned()
    }
}
