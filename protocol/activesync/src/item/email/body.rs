//! The body of a mail, cut to what was asked: MS-ASAIRS section 2.2.2.9.

use crate::body::{BodyType, Choice, preview, scrub, truncated};

/// What is given of a body, in the order of MS-ASAIRS R112.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Which form.
    pub body_type: BodyType,
    /// Bytes of the whole form.
    pub estimated_data_size: u64,
    /// Whether something is missing.
    pub truncated: bool,
    /// The text; `None` if it is withheld.
    pub data: Option<BodyData>,
    /// The first words as plain text, from 14.0; never beside plain text itself (MS-ASAIRS R1001036).
    pub preview: Option<String>,
}

/// The content of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyData {
    /// Plain text or HTML, made safe by [`crate::body::scrub`].
    Text(String),
    /// A message byte for byte. Bytes that inline strings cannot carry make it opaque.
    Message(Vec<u8>),
}

/// What of a message is its own, from 14.1: MS-ASAIRS section 2.2.2.10.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyPart {
    /// R271: HTML.
    Part(Body),
    /// R272: the message is too large to look for it.
    TooLarge,
}

impl Body {
    /// A body of plain text or HTML. `plain` is where the preview is taken from.
    #[must_use]
    pub fn text(choice: Choice, text: &str, plain: &str) -> Self {
        let clean = scrub(text);
        let cut = truncated(&clean, bytes_max(choice));
        let is_cut = cut.len() < clean.len();
        Self::cut(choice, clean.len(), is_cut, BodyData::Text(cut.to_owned()), plain)
    }

    /// The message itself, its bytes unaltered. `plain` is where the preview is taken from.
    #[must_use]
    pub fn message(choice: Choice, message: &[u8], plain: &str) -> Self {
        let end = character_boundary(message, bytes_max(choice));
        let cut = message.get(..end).unwrap_or(message);
        Self::cut(choice, message.len(), end < message.len(), BodyData::Message(cut.to_vec()), plain)
    }

    fn cut(choice: Choice, whole_bytes: usize, is_cut: bool, data: BodyData, plain: &str) -> Self {
        let wants_preview = choice.preview > 0 && choice.body_type != BodyType::Plain;
        Self {
            body_type: choice.body_type,
            estimated_data_size: u64::try_from(whole_bytes).unwrap_or(u64::MAX),
            truncated: is_cut || choice.withhold,
            data: (!choice.withhold).then_some(data),
            preview: wants_preview.then(|| preview(plain, choice.preview.into())),
        }
    }
}

fn bytes_max(choice: Choice) -> usize {
    choice.truncation_size.map_or(usize::MAX, |size| usize::try_from(size).unwrap_or(usize::MAX))
}

/// The last place up to `bytes_max` that splits no UTF-8 character, if the bytes around it are UTF-8.
fn character_boundary(bytes: &[u8], bytes_max: usize) -> usize {
    if bytes_max >= bytes.len() {
        return bytes.len();
    }
    let is_inside = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (bytes_max.saturating_sub(3)..=bytes_max).rev().find(|at| !is_inside(*at)).unwrap_or(bytes_max)
}
