//! STORE: RFC 9051 section 6.4.6; UNCHANGEDSINCE: RFC 7162 section 3.1.3.

use vocabulary::ModSeq;

use crate::{FlagList, Input, Numbering, SequenceSet, SyntaxError};

/// ```abnf
/// store = "STORE" SP sequence-set [SP "(" store-modifier ")"] SP store-att-flags
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// What `messages` counts.
    pub numbering: Numbering,
    /// Which messages.
    pub messages: SequenceSet,
    /// Leave out messages that were changed after this stamp.
    pub unchanged_since: Option<ModSeq>,
    /// What to do with the flags.
    pub action: StoreAction,
    /// `.SILENT`: the client does not want the new flags back.
    pub silent: bool,
    /// The flags.
    pub flags: FlagList,
}

/// How STORE changes flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreAction {
    /// `FLAGS`
    Replace,
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
}

impl Store {
    pub(super) fn parse(input: &mut Input<'_>, numbering: Numbering) -> Result<Self, SyntaxError> {
        let messages = super::uids(input)?;
        input.space()?;
        let mut unchanged_since = None;
        if input.peek() == Some(b'(') {
            input.list(|input| {
                let unknown = input.error("UNCHANGEDSINCE");
                if input.word(unknown.expected)?.as_str() != "UNCHANGEDSINCE" {
                    return Err(unknown); // RFC 4466 section 2.5
                }
                input.space()?;
                unchanged_since = Some(input.modseq()?);
                Ok(())
            })?;
            input.space()?;
        }
        let action = if input.take(b'+') {
            StoreAction::Add
        } else if input.take(b'-') {
            StoreAction::Remove
        } else {
            StoreAction::Replace
        };
        let unknown = input.error("FLAGS or FLAGS.SILENT");
        let silent = match input.word(unknown.expected)?.as_str() {
            "FLAGS" => false,
            "FLAGS.SILENT" => true,
            _ => return Err(unknown),
        };
        input.space()?;
        let listed = input.peek() == Some(b'(');
        let flags = if listed { FlagList::parse(input)? } else { FlagList::parse_bare(input)? };
        Ok(Self { numbering, messages, unchanged_since, action, silent, flags })
    }
}

#[cfg(test)]
mod tests {
    use vocabulary::{Flags, Keywords};

    use super::*;
    use crate::command::testing::{read, refuses, set};
    use crate::command::{Body, Selected};

    fn store(action: StoreAction, flags: Flags, keywords: &str) -> Store {
        Store {
            numbering: Numbering::Sequence,
            messages: set("1:3"),
            unchanged_since: None,
            action,
            silent: false,
            flags: FlagList { flags, keywords: Keywords::from_column(keywords) },
        }
    }

    #[test]
    fn known_answers() {
        let replace = store(StoreAction::Replace, Flags::NONE, "");
        let add = store(StoreAction::Add, Flags::SEEN | Flags::DELETED, "$Work");
        let remove = store(StoreAction::Remove, Flags::SEEN, "");
        for (text, expected) in [
            ("STORE 1:3 FLAGS ()", replace.clone()),
            (r"store 1:3 +flags (\seen $Work \Deleted)", add.clone()),
            (r"STORE 1:3 +FLAGS \Seen \Deleted $Work", add.clone()),
            (r"STORE 1:3 +FLAGS \Seen \Deleted $Work ", add.clone()),
            (r"STORE 1:3 -FLAGS.SILENT (\Seen \Recent)", Store { silent: true, ..remove.clone() }),
            (
                r"UID STORE 1:3 (UNCHANGEDSINCE 0) -FLAGS \Seen",
                Store { numbering: Numbering::Uid, unchanged_since: Some(ModSeq(0)), ..remove },
            ),
        ] {
            assert_eq!(read(text), Ok(Body::Selected(Selected::Store(expected))), "{text}");
        }
        refuses(&[
            ("STORE 1:3", 11),
            ("STORE 1:3 +-FLAGS ()", 13),
            ("STORE 1:3 FLAG ()", 12),
            ("STORE 1:3 FLAGS", 17),
            ("STORE 1:3 FLAGS ", 18),
            ("STORE 1:3 FLAGS (\\*)", 20),
            ("STORE 1:3 () FLAGS ()", 13),
            ("STORE 1:3 (X 1) FLAGS ()", 13),
            ("STORE 1:3 (UNCHANGEDSINCE x) FLAGS ()", 28),
        ]);
    }
}
