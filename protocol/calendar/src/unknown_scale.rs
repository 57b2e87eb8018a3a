//! Rules in calendar systems that are not known: RFC 7529.

use content_line::Document;

use crate::Rule;

/// The name of the part that such a rule has, in small letters.
const PART: &[u8] = b"rscale";

/// Whether an RRULE of an object counts in a calendar system that is not [supported](crate::Scale::supported), so that
/// only its DTSTART is known. Also `false` for what is no object.
#[must_use]
pub fn has_unknown_scale(bytes: &[u8]) -> bool {
    let is_unknown = |line: &content_line::Line<'_>| {
        line.is("RRULE") && Rule::parse(&line.value()).is_some_and(|rule| !rule.scale.is_known())
    };
    // Nearly no object has such a part, so that few are read a second time.
    may_name_part(bytes)
        && Document::parse(bytes).is_ok_and(|document| document.lines().iter().any(is_unknown))
}

/// Whether the word is there, whole or folded.
fn may_name_part(bytes: &[u8]) -> bool {
    let unfolded = bytes.iter().filter(|byte| !matches!(byte, b'\r' | b'\n' | b' ' | b'\t'));
    let mut found = 0_usize;
    for byte in unfolded.map(u8::to_ascii_lowercase) {
        // No letter of the word is its first one again.
        found = match PART.get(found) {
            Some(next) if *next == byte => found + 1,
            Some(_) => usize::from(PART.first() == Some(&byte)),
            None => return true,
        };
    }
    found == PART.len()
}
