//! ID: RFC 2971.

use crate::{Input, Output, SyntaxError};

/// Most pairs that a client may send; the specification allows 30.
const FIELDS_MAX: usize = 30;

/// ```abnf
/// id = "ID" SP ("(" [string SP nstring *(SP string SP nstring)] ")" / nil)
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Id {
    /// What the client says about itself: field and value.
    pub fields: Vec<(String, Option<String>)>,
}

impl Id {
    pub(crate) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        input.space()?;
        if input.take_word("NIL") {
            return Ok(Self::default());
        }
        let mut fields = Vec::new();
        input.list_or_empty(|input| {
            if fields.len() == FIELDS_MAX {
                return Err(input.error("at most 30 fields"));
            }
            let field = text(input)?;
            input.space()?;
            let value = if input.take_word("NIL") { None } else { Some(text(input)?) };
            fields.push((field, value));
            Ok(())
        })?;
        Ok(Self { fields })
    }
}

impl Output {
    /// `* ID (field value ...)`: RFC 2971 section 3.2.
    pub fn id(&mut self, fields: &[(&str, &str)]) {
        self.raw(b"* ID (");
        for (place, (field, value)) in fields.iter().enumerate() {
            if place > 0 {
                self.raw(b" ");
            }
            self.string(field.as_bytes());
            self.raw(b" ");
            self.string(value.as_bytes());
        }
        self.raw(b")\r\n");
    }
}

/// A string; octets that are no UTF-8 are replaced, for this is only for logs.
fn text(input: &mut Input<'_>) -> Result<String, SyntaxError> {
    input.string().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{read, refuses};
    use crate::command::{AnyState, Body};

    #[test]
    fn known_answers() {
        let pair = |field: &str, value: Option<&str>| (field.to_owned(), value.map(str::to_owned));
        for (text, fields) in [
            ("ID NIL", vec![]),
            ("ID ()", vec![]),
            ("ID (\"name\" \"Mail\" \"os\" NIL)", vec![pair("name", Some("Mail")), pair("os", None)]),
            ("ID ({4+}\r\nname {0+}\r\n)", vec![pair("name", Some(""))]),
        ] {
            assert_eq!(read(text), Ok(Body::Any(AnyState::Id(Id { fields }))), "{text}");
        }
        refuses(&[("ID", 4), ("ID name", 5), ("ID (\"a\")", 9), ("ID (\"a\" b)", 10)]);
        assert!(read(&format!("ID (\"a\" NIL{})", " \"a\" NIL".repeat(30))).is_err());
    }
}
