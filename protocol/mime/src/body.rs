//! Which parts are what people read, and which are attachments.

use crate::PREVIEW_CHARS_MAX;
use crate::charset;
use crate::html;
use crate::message::Message;
use crate::structure::{Kind, Part};

/// A leaf of the message with its section path. Embedded messages count as leaves.
pub(crate) struct Leaf<'m> {
    pub(crate) part: &'m Part,
    pub(crate) path: Vec<u32>,
    /// Subtype of the multipart around it; empty at the top.
    pub(crate) within: &'m [u8],
}

impl Leaf<'_> {
    /// Whether it is text that is shown as the body of the mail, of this subtype.
    pub(crate) fn is_body(&self, sub: &str) -> bool {
        let content = &self.part.content;
        self.part.kind == Kind::Leaf
            && content.is("text", sub)
            && !content.is_attachment()
            && (content.file_name().is_none() || self.within.is_empty())
    }
}

impl<'a> Message<'a> {
    /// The leaves in reading order.
    pub(crate) fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        let mut pending: Vec<(usize, Vec<u32>, &[u8])> = vec![(0, Vec::new(), b"")];
        while let Some((at, path, within)) = pending.pop() {
            let Some(part) = self.part(at) else { continue };
            if part.kind == Kind::Multipart {
                for (index, child) in part.children.iter().enumerate().rev() {
                    let mut path = path.clone();
                    path.push(u32::try_from(index + 1).unwrap_or(u32::MAX));
                    pending.push((*child, path, &part.content.sub));
                }
            } else {
                leaves.push(Leaf { part, path: if path.is_empty() { vec![1] } else { path }, within });
            }
        }
        leaves
    }

    /// The text of the first calendar part of the message itself, whatever it is for; those of embedded messages are
    /// theirs. RFC 6047 section 2.4.
    #[must_use]
    pub fn calendar_body(&self) -> Option<String> {
        let leaves = self.leaves();
        let leaf = leaves.iter().find(|leaf| leaf.part.content.is("text", "calendar"))?;
        Some(self.part_text(leaf.part))
    }

    /// The plain text that is shown, line ends as stored: all text/plain parts that are no attachments.
    #[must_use]
    pub fn text_body(&self) -> Option<String> {
        self.body_of("plain")
    }

    /// The HTML that is shown, not cleaned.
    #[must_use]
    pub fn html_body(&self) -> Option<String> {
        self.body_of("html")
    }

    fn body_of(&self, sub: &str) -> Option<String> {
        let mut whole: Option<String> = None;
        for leaf in self.leaves().iter().filter(|leaf| leaf.is_body(sub)) {
            let text = self.part_text(leaf.part);
            match &mut whole {
                Some(whole) => {
                    whole.push_str("\r\n");
                    whole.push_str(&text);
                }
                None => whole = Some(text),
            }
        }
        whole
    }

    /// The beginning of what there is to read, on one line: at most [`PREVIEW_CHARS_MAX`] characters.
    pub(crate) fn preview(&self, leaves: &[Leaf<'_>]) -> String {
        const TEXT_BYTES_MAX: usize = 8 * 1024;
        const HTML_BYTES_MAX: usize = 256 * 1024;
        let start_of = |sub: &str, bytes_max: usize| {
            let part = leaves.iter().find(|leaf| leaf.is_body(sub))?.part;
            let body = self.body(part)?;
            let bytes = part.content.encoding().decode(body.get(..bytes_max).unwrap_or(body));
            Some(charset::decode(part.content.charset(), &bytes).into_owned())
        };
        let plain = start_of("plain", TEXT_BYTES_MAX).map(|text| shorten(&text));
        match plain.filter(|text| !text.is_empty()) {
            Some(text) => text,
            None => shorten(&html::strip(&start_of("html", HTML_BYTES_MAX).unwrap_or_default())),
        }
    }
}

/// One line without quoted lines; those too if there is nothing else.
fn shorten(text: &str) -> String {
    let own = text.lines().filter(|line| !line.starts_with('>'));
    let line = one_line(own);
    if line.is_empty() { one_line(text.lines()) } else { line }
}

fn one_line<'t>(lines: impl Iterator<Item = &'t str>) -> String {
    let mut out = String::new();
    let mut count = 0;
    for word in lines.flat_map(str::split_whitespace) {
        if count > 0 {
            out.push(' ');
            count += 1;
        }
        for character in word.chars().filter(|c| !c.is_control() && *c != '\u{feff}') {
            if count >= PREVIEW_CHARS_MAX {
                return out.trim_end().to_owned();
            }
            out.push(character);
            count += 1;
        }
    }
    out.trim_end().to_owned()
}
