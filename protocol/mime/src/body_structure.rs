//! BODYSTRUCTURE and BODY: RFC 9051 section 7.5.2.

use crate::envelope::Head;
use crate::message::Message;
use crate::parameter::Structured;
use crate::structure::{Content, Kind, Part};
use crate::wire;

/// Writes the structure of a message; `extended` chooses BODYSTRUCTURE.
pub(crate) fn write(message: &Message<'_>, extended: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    if let Some(part) = message.part(0) {
        body(&mut out, message, part, extended);
    }
    out
}

/// Recursion is bounded by `DEPTH_MAX`: the scanner makes no deeper tree.
fn body(out: &mut Vec<u8>, message: &Message<'_>, part: &Part, extended: bool) {
    out.push(b'(');
    if part.kind == Kind::Multipart {
        for child in part.children.iter().filter_map(|at| message.part(*at)) {
            body(out, message, child, extended);
        }
        out.push(b' ');
        wire::text(out, &part.content.sub);
        if extended {
            out.push(b' ');
            parameters(out, &part.content.parameters);
            trailer(out, &part.content);
        }
    } else {
        one_part(out, message, part, extended);
    }
    out.push(b')');
}

fn one_part(out: &mut Vec<u8>, message: &Message<'_>, part: &Part, extended: bool) {
    let content = &part.content;
    wire::text(out, &content.main);
    out.push(b' ');
    wire::text(out, &content.sub);
    out.push(b' ');
    if content.parameters.value.is_empty() && content.main == b"text" {
        out.extend_from_slice(b"(\"charset\" \"us-ascii\")"); // RFC 2045 section 5.2
    } else {
        parameters(out, &content.parameters);
    }
    for field in [&content.id, &content.description] {
        out.push(b' ');
        wire::optional_text(out, field.as_deref());
    }
    out.push(b' ');
    wire::text(out, content.encoding_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(b"7bit"));
    out.push(b' ');
    wire::number(out, part.body.len());
    if part.kind == Kind::Message
        && let Some(embedded) = part.children.first().and_then(|at| message.part(*at))
    {
        out.push(b' ');
        Head::read(message.head(embedded).unwrap_or_default()).envelope(out);
        out.push(b' ');
        body(out, message, embedded, extended);
    }
    if part.kind == Kind::Message || content.main == b"text" {
        out.push(b' ');
        wire::number(out, part.lines);
    }
    if extended {
        out.push(b' ');
        wire::optional_text(out, content.md5.as_deref());
        trailer(out, content);
    }
}

fn parameters(out: &mut Vec<u8>, structured: &Structured) {
    if structured.parameters.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for (number, (name, value)) in structured.parameters.iter().enumerate() {
        if number > 0 {
            out.push(b' ');
        }
        wire::text(out, name);
        out.push(b' ');
        wire::text(out, value);
    }
    out.push(b')');
}

/// Disposition, language and location.
fn trailer(out: &mut Vec<u8>, content: &Content) {
    out.push(b' ');
    match &content.disposition {
        Some(disposition) if !disposition.value.is_empty() => {
            out.push(b'(');
            wire::text(out, &disposition.value);
            out.push(b' ');
            parameters(out, disposition);
            out.push(b')');
        }
        _ => out.extend_from_slice(b"NIL"),
    }
    out.push(b' ');
    languages(out, content.language.as_deref().unwrap_or_default());
    out.push(b' ');
    wire::optional_text(out, content.location.as_deref());
}

/// RFC 3282: a list of tags.
fn languages(out: &mut Vec<u8>, value: &[u8]) {
    let tags: Vec<&[u8]> =
        value.split(|b| *b == b',').map(<[u8]>::trim_ascii).filter(|tag| !tag.is_empty()).collect();
    match tags.as_slice() {
        [] => out.extend_from_slice(b"NIL"),
        [one] => wire::text(out, one),
        many => {
            out.push(b'(');
            for (number, tag) in many.iter().enumerate() {
                if number > 0 {
                    out.push(b' ');
                }
                wire::text(out, tag);
            }
            out.push(b')');
        }
    }
}
