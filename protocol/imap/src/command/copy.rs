//! COPY and MOVE: RFC 9051 sections 6.4.7 and 6.4.8.

use crate::{Input, MailboxName, Numbering, SequenceSet, SyntaxError};

/// ```abnf
/// copy = "COPY" SP sequence-set SP mailbox
/// move = "MOVE" SP sequence-set SP mailbox
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// What `messages` counts.
    pub numbering: Numbering,
    /// Which messages.
    pub messages: SequenceSet,
    /// Where to.
    pub target: MailboxName,
}

impl Copy {
    pub(super) fn parse(input: &mut Input<'_>, numbering: Numbering) -> Result<Self, SyntaxError> {
        let messages = super::uids(input)?;
        let target = super::one_mailbox(input)?;
        Ok(Self { numbering, messages, target })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{name, read, refuses, set};
    use crate::command::{Body, Selected};

    #[test]
    fn known_answers() {
        let body = |numbering, text, target| Copy { numbering, messages: set(text), target: name(target) };
        for (text, expected) in [
            ("COPY 2:4 Archive", Selected::Copy(body(Numbering::Sequence, "2:4", "Archive"))),
            ("uid copy $ {1+}\r\na", Selected::Copy(body(Numbering::Uid, "$", "a"))),
            ("MOVE * inbox", Selected::Move(body(Numbering::Sequence, "*", "inbox"))),
            ("UID MOVE 1,3:* \"a b\"", Selected::Move(body(Numbering::Uid, "1,3:*", "a b"))),
        ] {
            assert_eq!(read(text), Ok(Body::Selected(expected)));
        }
        refuses(&[
            ("COPY", 6),
            ("COPY ", 7),
            ("COPY 2:4", 10),
            ("COPY 0 Archive", 7),
            ("MOVE 1 a b", 11),
            ("COPY 1, a", 9),
        ]);
    }
}
