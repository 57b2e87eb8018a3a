//! STATUS: RFC 9051 section 6.3.11.

use crate::{Input, MailboxName, SyntaxError};

/// ```abnf
/// status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Which mailbox.
    pub mailbox: MailboxName,
    /// What to tell.
    pub items: Vec<StatusItem>,
}

/// `status-att`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusItem {
    /// How many messages.
    Messages,
    /// How many are recent (RFC 3501).
    Recent,
    /// The next UID.
    UidNext,
    /// The UIDVALIDITY.
    UidValidity,
    /// How many lack `\Seen`.
    Unseen,
    /// How many have `\Deleted`.
    Deleted,
    /// The sum of their sizes that EXPUNGE would free (RFC 9208 section 4.1.4).
    DeletedStorage,
    /// The sum of all sizes in octets.
    Size,
    /// RFC 7162 section 3.1.7.
    HighestModSeq,
    /// RFC 8474.
    MailboxId,
}

impl StatusItem {
    const ALL: [Self; 10] = [
        Self::Messages,
        Self::Recent,
        Self::UidNext,
        Self::UidValidity,
        Self::Unseen,
        Self::Deleted,
        Self::DeletedStorage,
        Self::Size,
        Self::HighestModSeq,
        Self::MailboxId,
    ];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "MESSAGES",
            Self::Recent => "RECENT",
            Self::UidNext => "UIDNEXT",
            Self::UidValidity => "UIDVALIDITY",
            Self::Unseen => "UNSEEN",
            Self::Deleted => "DELETED",
            Self::DeletedStorage => "DELETED-STORAGE",
            Self::Size => "SIZE",
            Self::HighestModSeq => "HIGHESTMODSEQ",
            Self::MailboxId => "MAILBOXID",
        }
    }

    fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let unknown = input.error("a STATUS item");
        let word = input.word(unknown.expected)?;
        Self::ALL.into_iter().find(|item| item.as_str() == word.as_str()).ok_or(unknown)
    }

    /// `"(" status-att *(SP status-att) ")"`, each at most once.
    pub(super) fn parse_list(input: &mut Input<'_>) -> Result<Vec<Self>, SyntaxError> {
        let mut items = Vec::new();
        input.list(|input| {
            let item = Self::parse(input)?;
            if !items.contains(&item) {
                items.push(item);
            }
            Ok(())
        })?;
        Ok(items)
    }
}

impl Status {
    pub(super) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let mailbox = super::one_mailbox(input)?;
        input.space()?;
        let items = StatusItem::parse_list(input)?;
        Ok(Self { mailbox, items })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{name, read, refuses};
    use crate::command::{Authenticated, Body};

    #[test]
    fn known_answers() {
        for (text, items) in [
            ("STATUS a (messages UIDNEXT)", vec![StatusItem::Messages, StatusItem::UidNext]),
            ("STATUS a (SIZE SIZE)", vec![StatusItem::Size]),
            (
                "STATUS a (HIGHESTMODSEQ MAILBOXID DELETED-STORAGE)",
                vec![StatusItem::HighestModSeq, StatusItem::MailboxId, StatusItem::DeletedStorage],
            ),
        ] {
            let body = Status { mailbox: name("a"), items };
            assert_eq!(read(text), Ok(Body::Authenticated(Authenticated::Status(body))));
        }
        refuses(&[
            ("STATUS a", 10),
            ("STATUS a ()", 12),
            ("STATUS a (X)", 12),
            ("STATUS a MESSAGES", 11),
            ("STATUS a (UNSEEN", 18),
        ]);
    }
}
