//! LIST with its extensions, and LSUB: RFC 9051 section 6.3.9, RFC 5258, RFC 5819, RFC 6154.

use super::StatusItem;
use crate::{Input, ListPattern, MailboxName, SyntaxError};

/// Most patterns of one LIST. Ours.
const PATTERNS_MAX: usize = 64;

/// ```abnf
/// list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Which names to consider.
    pub selection: ListSelection,
    /// Stands before each pattern.
    pub reference: MailboxName,
    /// Which names to tell, at least one pattern.
    pub patterns: Vec<ListPattern>,
    /// What to tell about them.
    pub returns: ListReturn,
    /// Whether any extended syntax was used: then an empty pattern does not ask for the delimiter, and
    /// extended data may be sent (RFC 5258 section 3).
    pub extended: bool,
}

/// Selection options (RFC 9051 section 6.3.9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListSelection {
    /// `SUBSCRIBED`: names subscribed to, existing or not.
    pub subscribed: bool,
    /// `REMOTE`: changes nothing here, there are no remote mailboxes.
    pub remote: bool,
    /// `RECURSIVEMATCH`: also parents of names that satisfy the other options.
    pub recursive_match: bool,
    /// `SPECIAL-USE` (RFC 6154): only names with such an attribute.
    pub special_use: bool,
}

/// Return options (RFC 9051 section 6.3.9.2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListReturn {
    /// `SUBSCRIBED`
    pub subscribed: bool,
    /// `CHILDREN`
    pub children: bool,
    /// `SPECIAL-USE` (RFC 6154)
    pub special_use: bool,
    /// `STATUS (...)` (RFC 5819): a STATUS response after each LIST response; empty if not asked.
    pub status: Vec<StatusItem>,
}

impl List {
    pub(super) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        input.space()?;
        let mut selection = ListSelection::default();
        let mut extended = false;
        if input.peek() == Some(b'(') {
            extended = true;
            selection = ListSelection::parse(input)?;
            input.space()?;
        }
        let reference = input.mailbox()?;
        input.space()?;
        let patterns = if input.peek() == Some(b'(') {
            extended = true;
            patterns(input)?
        } else {
            vec![input.list_pattern()?]
        };
        let mut returns = ListReturn::default();
        if input.take_word(" RETURN ") {
            extended = true;
            returns = ListReturn::parse(input)?;
        }
        returns.subscribed |= selection.subscribed; // implied: RFC 5258 section 3.1
        returns.special_use |= selection.special_use; // implied: RFC 6154 section 2
        Ok(Self { selection, reference, patterns, returns, extended })
    }
}

fn patterns(input: &mut Input<'_>) -> Result<Vec<ListPattern>, SyntaxError> {
    let mut count = 0;
    input.list(|input| {
        count += 1;
        if count > PATTERNS_MAX {
            return Err(input.error("fewer patterns"));
        }
        input.list_pattern()
    })
}

impl ListSelection {
    fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let mut selection = Self::default();
        let start = input.error("SUBSCRIBED or SPECIAL-USE with RECURSIVEMATCH");
        input.list_or_empty(|input| {
            let unknown = input.error("a selection option");
            match input.word(unknown.expected)?.as_str() {
                "SUBSCRIBED" => selection.subscribed = true,
                "REMOTE" => selection.remote = true,
                "RECURSIVEMATCH" => selection.recursive_match = true,
                "SPECIAL-USE" => selection.special_use = true,
                _ => return Err(unknown), // BAD: RFC 5258 section 3
            }
            Ok(())
        })?;
        // RFC 9051 section 9, `list-select-opts`
        if selection.recursive_match && !selection.subscribed && !selection.special_use {
            return Err(start);
        }
        Ok(selection)
    }
}

impl ListReturn {
    fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let mut returns = Self::default();
        input.list_or_empty(|input| {
            let unknown = input.error("a return option");
            match input.word(unknown.expected)?.as_str() {
                "SUBSCRIBED" => returns.subscribed = true,
                "CHILDREN" => returns.children = true,
                "SPECIAL-USE" => returns.special_use = true,
                "STATUS" => {
                    input.space()?;
                    returns.status = StatusItem::parse_list(input)?;
                }
                _ => return Err(unknown), // BAD: RFC 5258 section 3
            }
            Ok(())
        })?;
        Ok(returns)
    }
}

/// ```abnf
/// lsub = "LSUB" SP mailbox SP list-mailbox
/// ```
/// RFC 3501 section 6.3.9.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lsub {
    /// Stands before the pattern.
    pub reference: MailboxName,
    /// Which names to tell.
    pub pattern: ListPattern,
}

impl Lsub {
    pub(super) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let reference = super::one_mailbox(input)?;
        input.space()?;
        let pattern = input.list_pattern()?;
        Ok(Self { reference, pattern })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{name, read, refuses};
    use crate::command::{Authenticated, Body};

    fn list(reference: &str, patterns: &[&str]) -> List {
        List {
            selection: ListSelection::default(),
            reference: name(reference),
            patterns: patterns.iter().map(|text| ListPattern::new(text).unwrap()).collect(),
            returns: ListReturn::default(),
            extended: false,
        }
    }

    #[test]
    fn known_answers() {
        let subscribed = ListSelection { subscribed: true, ..ListSelection::default() };
        let status = vec![StatusItem::Messages, StatusItem::Unseen];
        for (text, expected) in [
            ("LIST \"\" \"\"", list("", &[""])),
            ("LIST \"\" *", list("", &["*"])),
            ("LIST a/ %", list("a/", &["%"])),
            ("LIST \"\" {3+}\r\na*b", list("", &["a*b"])),
            ("LIST \"\" &APw-*", list("", &["ü*"])),
            ("LIST \"\" (INBOX \"Sent*\")", List { extended: true, ..list("", &["INBOX", "Sent*"]) }),
            ("LIST () \"\" %", List { extended: true, ..list("", &["%"]) }),
            (
                "LIST (SUBSCRIBED RECURSIVEMATCH) \"\" %",
                List {
                    selection: ListSelection { recursive_match: true, ..subscribed },
                    returns: ListReturn { subscribed: true, ..ListReturn::default() },
                    extended: true,
                    ..list("", &["%"])
                },
            ),
            (
                "list \"\" % return (special-use subscribed children status (messages unseen))",
                List {
                    returns: ListReturn { subscribed: true, children: true, special_use: true, status },
                    extended: true,
                    ..list("", &["%"])
                },
            ),
            ("LIST \"\" % RETURN ()", List { extended: true, ..list("", &["%"]) }),
        ] {
            assert_eq!(read(text), Ok(Body::Authenticated(Authenticated::List(expected))), "{text}");
        }
        let lsub = Lsub { reference: name(""), pattern: ListPattern::new("*").unwrap() };
        assert_eq!(read("LSUB \"\" \"*\""), Ok(Body::Authenticated(Authenticated::Lsub(lsub))));
        refuses(&[
            ("LIST", 6),
            ("LIST \"\"", 9),
            ("LIST \"\" ", 10),
            ("LIST \"\" ()", 11),
            ("LIST (RECURSIVEMATCH) \"\" %", 7),
            ("LIST (X) \"\" %", 8),
            ("LIST \"\" % RETURN", 12),
            ("LIST \"\" % RETURN (X)", 20),
            ("LIST \"\" % RETURN (STATUS)", 26),
            ("LSUB \"\"", 9),
            ("LSUB \"\" (a)", 10),
        ]);
    }
}
