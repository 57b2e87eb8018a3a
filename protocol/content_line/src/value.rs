//! Values that fit in one line, and the escapes of text: RFC 5545 section 3.3.11, RFC 6350 sections 3.4 and 4.

use std::borrow::Cow;

use crate::error::ControlCharacter;

/// The value of a line as it is written. It holds no control character but the tab, so no value can end its
/// line or begin another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value(String);

impl Value {
    /// One text. Line breaks of any kind become `\n`; other control characters but the tab are left out.
    pub fn text(text: &str) -> Self {
        let mut value = String::with_capacity(text.len());
        escape(text, &mut value);
        Self(value)
    }

    /// A list of texts with commas between them.
    pub fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut value = String::new();
        list(texts, &mut value);
        Self(value)
    }

    /// A structured value: components with semicolons between them, each a list of texts.
    pub fn structured<'t, C>(components: impl IntoIterator<Item = C>) -> Self
    where
        C: IntoIterator<Item = &'t str>,
    {
        let mut value = String::new();
        for (index, component) in components.into_iter().enumerate() {
            if index > 0 {
                value.push(';');
            }
            list(component, &mut value);
        }
        Self(value)
    }

    /// A value that is not text (a date, a URI, a rule), or one that is already escaped.
    ///
    /// # Errors
    /// If it holds a control character other than a tab.
    pub fn raw(value: impl Into<String>) -> Result<Self, ControlCharacter> {
        let value = value.into();
        match value.bytes().position(|byte| byte != b'\t' && byte.is_ascii_control()) {
            Some(offset) => Err(ControlCharacter { offset }),
            None => Ok(Self(value)),
        }
    }

    /// As [`raw`](Self::raw), with control characters other than tabs left out: for what is made of parts that
    /// were read from a document.
    pub fn stripped(value: &str) -> Self {
        let mut stripped = String::with_capacity(value.len());
        strip(value.chars(), |character| stripped.push(character));
        Self(stripped)
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Leaves control characters out. A backslash before one would escape what comes after it; it is doubled,
/// because it stands for itself.
pub(crate) fn strip<C: Copy + Into<char> + From<u8>>(
    value: impl Iterator<Item = C>,
    mut keep: impl FnMut(C),
) {
    let mut escaped = false;
    for unit in value {
        let character = unit.into();
        let is_left_out = character != '\t' && character.is_ascii_control();
        match is_left_out {
            true if escaped => keep(C::from(b'\\')),
            true => {}
            false => keep(unit),
        }
        escaped = character == '\\' && !escaped;
    }
}

fn list<'t>(texts: impl IntoIterator<Item = &'t str>, out: &mut String) {
    for (index, text) in texts.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        escape(text, out);
    }
}

fn escape(text: &str, out: &mut String) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            // CR LF is one line break.
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\n' => out.push_str("\\n"),
            _ if character != '\t' && character.is_ascii_control() => {}
            _ => out.push(character),
        }
    }
}

/// The text that an escaped value means. A backslash before a character that needs none is kept, because
/// clients that escape nothing write paths; only `\:` and `\"`, which some escape too, lose it.
pub fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        let meant = match (character, characters.peek()) {
            ('\\', Some('n' | 'N')) => '\n',
            ('\\', Some(&next @ ('\\' | ';' | ',' | ':' | '"'))) => next,
            _ => {
                text.push(character);
                continue;
            }
        };
        characters.next();
        text.push(meant);
    }
    Cow::Owned(text)
}

/// The parts of a value between separators (`,` or `;`) that are not escaped; each part is still escaped.
/// There is always one part.
pub fn split(value: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    value.split(move |character| {
        let separates = character == separator && !escaped;
        escaped = character == '\\' && !escaped;
        separates
    })
}

/// The texts of a list with commas between them.
pub fn texts(value: &str) -> impl Iterator<Item = Cow<'_, str>> {
    split(value, ',').map(unescape)
}
