//! Flag lists of STORE and APPEND: RFC 9051 section 2.3.2.

use vocabulary::{Flags, Keyword, Keywords};

use crate::{Input, SyntaxError};

/// System flags and keywords, as a client names them in one command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlagList {
    /// The system flags.
    pub flags: Flags,
    /// The keywords, at most [`Keywords::COUNT_MAX`].
    pub keywords: Keywords,
}

impl FlagList {
    /// `flag-list = "(" [flag *(SP flag)] ")"`
    pub(crate) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let mut list = Self::default();
        input.list_or_empty(|input| list.add(input))?;
        Ok(list)
    }

    /// `flag *(SP flag)`, the form without parentheses that only STORE has.
    pub(crate) fn parse_bare(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let mut list = Self::default();
        list.add(input)?;
        while input.take(b' ') {
            if input.peek().is_none() {
                break; // spaces before the end are tolerated
            }
            list.add(input)?;
        }
        Ok(list)
    }

    /// Reads one flag. `\Recent` cannot be set and is ignored, other unknown system flags are refused.
    fn add(&mut self, input: &mut Input<'_>) -> Result<(), SyntaxError> {
        let no_flag = input.error("a flag");
        if input.take(b'\\') {
            let name = input.atom()?;
            if !name.eq_ignore_ascii_case("Recent") {
                self.flags = self.flags | system_flag(name).ok_or(no_flag)?;
            }
            return Ok(());
        }
        let keyword = Keyword::new(input.atom().map_err(|_| no_flag)?);
        let keyword = keyword.map_err(|_| SyntaxError { expected: "a shorter keyword", ..no_flag })?;
        if self.keywords.insert(keyword) {
            Ok(())
        } else {
            Err(SyntaxError { expected: "fewer keywords", ..no_flag })
        }
    }
}

/// The flag of a name without its backslash.
fn system_flag(name: &str) -> Option<Flags> {
    SYSTEM_FLAGS
        .iter()
        .find(|(_, text)| text.get(1..).is_some_and(|known| known.eq_ignore_ascii_case(name)))
        .map(|&(flag, _)| flag)
}

/// In the order in which they are written.
pub(crate) const SYSTEM_FLAGS: [(Flags, &str); 5] = [
    (Flags::ANSWERED, "\\Answered"),
    (Flags::FLAGGED, "\\Flagged"),
    (Flags::DELETED, "\\Deleted"),
    (Flags::SEEN, "\\Seen"),
    (Flags::DRAFT, "\\Draft"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NameEncoding;

    fn parse(text: &str) -> Result<(Flags, String), usize> {
        let mut input = Input::new(text.as_bytes(), NameEncoding::Utf8);
        let list = FlagList::parse(&mut input).map_err(|error| error.at)?;
        input.end().map_err(|error| error.at)?;
        Ok((list.flags, list.keywords.to_column()))
    }

    #[test]
    fn known_answers() {
        assert_eq!(parse("()"), Ok((Flags::NONE, String::new())));
        assert_eq!(
            parse(r"(\Seen \dELETED $Work $work)"),
            Ok((Flags::SEEN | Flags::DELETED, "$Work".to_owned()))
        );
        assert_eq!(parse(r"(\Recent)"), Ok((Flags::NONE, String::new())));
        for (bad, at) in [
            ("", 0),
            ("(", 1),
            (r"(\Foo)", 1),
            (r"(\*)", 2),
            ("(a  b)", 3),
            ("(a ]", 3),
            ("(a", 2),
            (r"(\Seen )", 7),
        ] {
            assert_eq!(parse(bad), Err(at), "{bad}");
        }
    }

    #[test]
    fn keywords_are_bounded() {
        let list =
            |count: usize| format!("({})", (0..count).map(|n| format!("k{n}")).collect::<Vec<_>>().join(" "));
        assert!(parse(&list(Keywords::COUNT_MAX)).is_ok());
        assert!(parse(&list(Keywords::COUNT_MAX + 1)).is_err());
        assert!(parse(&format!("({})", "x".repeat(129))).is_err());
    }
}
