//! The QRESYNC parameter of SELECT and EXAMINE: RFC 7162 section 3.2.5.

use vocabulary::{ModSeq, UidValidity};

use crate::{Input, SequenceSet, SyntaxError};

/// ```abnf
/// "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")"
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qresync {
    /// The UIDVALIDITY the client knows.
    pub uid_validity: UidValidity,
    /// The last stamp the client knows.
    pub modseq: ModSeq,
    /// The UIDs the client knows; `None` is all below UIDNEXT.
    pub known_uids: Option<SequenceSet>,
    /// Sequence numbers and their UIDs, which let a server guess what the client has seen.
    pub matches: Option<(SequenceSet, SequenceSet)>,
}

impl Qresync {
    /// Reads what follows the word.
    pub(crate) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        input.space()?;
        input.byte(b'(', "'('")?;
        let uid_validity = UidValidity(input.nonzero()?);
        input.space()?;
        let modseq = input.modseq()?;
        let mut parameter = Self { uid_validity, modseq, known_uids: None, matches: None };
        if input.rest().starts_with(b" ") && !input.rest().starts_with(b" (") {
            input.space()?;
            parameter.known_uids = Some(numbers(input)?);
        }
        if input.take(b' ') {
            input.byte(b'(', "'('")?;
            let sequence = numbers(input)?;
            input.space()?;
            parameter.matches = Some((sequence, numbers(input)?));
            input.byte(b')', "')'")?;
        }
        input.byte(b')', "')'")?;
        Ok(parameter)
    }
}

/// A set without `*` and `$` (RFC 7162 section 7, `known-uids`).
fn numbers(input: &mut Input<'_>) -> Result<SequenceSet, SyntaxError> {
    let no_set = input.error("a sequence set without '*'");
    let set = input.sequence_set()?;
    if set.has_star() || set.is_saved() { Err(no_set) } else { Ok(set) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{read, refuses, set};
    use crate::command::{Authenticated, Body};

    #[test]
    fn known_answers() {
        let plain = Qresync {
            uid_validity: UidValidity(67_890_007),
            modseq: ModSeq(20_050_715_194_045_000),
            known_uids: None,
            matches: None,
        };
        let known = Qresync { known_uids: Some(set("41,43:211")), ..plain.clone() };
        let matches = Qresync { matches: Some((set("1,3"), set("2,9"))), ..plain.clone() };
        for (text, parameter) in [
            ("67890007 20050715194045000", plain),
            ("67890007 20050715194045000 41,43:211", known.clone()),
            ("67890007 20050715194045000 (1,3 2,9)", matches.clone()),
            ("67890007 20050715194045000 41,43:211 (1,3 2,9)", Qresync { matches: matches.matches, ..known }),
        ] {
            let Ok(Body::Authenticated(Authenticated::Select(select))) =
                read(&format!("SELECT a (QRESYNC ({text}))"))
            else {
                panic!("{text}")
            };
            assert_eq!(select.qresync, Some(parameter));
        }
        refuses(&[
            ("SELECT a (QRESYNC)", 19),
            ("SELECT a (QRESYNC (0 1))", 21),
            ("SELECT a (QRESYNC (1))", 22),
            ("SELECT a (QRESYNC (1 1 *))", 25),
            ("SELECT a (QRESYNC (1 1 $))", 25),
            ("SELECT a (QRESYNC (1 1 (1)))", 27),
        ]);
    }
}
