//! CREATE and RENAME: RFC 9051 sections 6.3.4 and 6.3.6; CREATE with USE: RFC 6154 section 3.

use crate::extension::SpecialUse;
use crate::{Input, MailboxName, SyntaxError};

/// ```abnf
/// create = "CREATE" SP mailbox [SP "(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"]
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// The new name.
    pub mailbox: MailboxName,
    /// What the mailbox shall be used for.
    pub uses: Vec<SpecialUse>,
}

impl Create {
    pub(super) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let mailbox = super::one_mailbox(input)?;
        let mut uses = Vec::new();
        if input.rest().starts_with(b" (") {
            input.space()?;
            input.list(|input| {
                let unknown = input.error("USE");
                if input.word(unknown.expected)?.as_str() != "USE" {
                    return Err(unknown);
                }
                input.space()?;
                uses = input.list_or_empty(SpecialUse::parse)?;
                Ok(())
            })?;
        }
        Ok(Self { mailbox, uses })
    }
}

/// ```abnf
/// rename = "RENAME" SP mailbox SP mailbox
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// The name until now.
    pub from: MailboxName,
    /// The name from now on.
    pub to: MailboxName,
}

impl Rename {
    pub(super) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let from = super::one_mailbox(input)?;
        let to = super::one_mailbox(input)?;
        Ok(Self { from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{name, read, refuses};
    use crate::command::{Authenticated, Body};

    #[test]
    fn known_answers() {
        for (text, mailbox, uses) in [
            ("CREATE foo/", "foo/", vec![]),
            ("CREATE \"a b\" (USE ())", "a b", vec![]),
            (r"CREATE Bin (use (\trash \Junk))", "Bin", vec![SpecialUse::Trash, SpecialUse::Junk]),
        ] {
            let body = Create { mailbox: name(mailbox), uses };
            assert_eq!(read(text), Ok(Body::Authenticated(Authenticated::Create(body))));
        }
        let rename = Rename { from: name("a"), to: name("b/ü") };
        assert_eq!(read("RENAME a b/&APw-"), Ok(Body::Authenticated(Authenticated::Rename(rename))));
        refuses(&[
            ("CREATE a ()", 12),
            ("CREATE a (X (\\Junk))", 12),
            ("CREATE a (USE (\\Foo))", 17),
            ("CREATE a (USE \\Junk)", 16),
            ("RENAME a", 10),
            ("RENAME a ", 11),
            ("RENAME a b c", 13),
        ]);
    }
}
