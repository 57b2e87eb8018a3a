//! SELECT and EXAMINE: RFC 9051 sections 6.3.2 and 6.3.3, with the parameters of RFC 7162.

use crate::extension::Qresync;
use crate::{Input, MailboxName, SyntaxError};

/// ```abnf
/// select = "SELECT" SP mailbox [SP "(" select-param *(SP select-param) ")"]
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// What to open.
    pub mailbox: MailboxName,
    /// RFC 7162 section 3.1.8: report mod-sequences from now on.
    pub condstore: bool,
    /// RFC 7162 section 3.2.5: what the client knows already.
    pub qresync: Option<Qresync>,
}

impl Select {
    pub(super) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let mailbox = super::one_mailbox(input)?;
        let mut select = Self { mailbox, condstore: false, qresync: None };
        if input.rest().starts_with(b" (") {
            input.space()?;
            input.list(|input| {
                let unknown = input.error("CONDSTORE or QRESYNC");
                match input.word(unknown.expected)?.as_str() {
                    "CONDSTORE" => select.condstore = true,
                    "QRESYNC" => select.qresync = Some(Qresync::parse(input)?),
                    _ => return Err(unknown), // RFC 4466 section 2.1
                }
                Ok(())
            })?;
        }
        Ok(select)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{name, read, refuses};
    use crate::command::{Authenticated, Body};

    #[test]
    fn known_answers() {
        let plain = Select { mailbox: name("inbox"), condstore: false, qresync: None };
        assert_eq!(read("SELECT inbox"), Ok(Body::Authenticated(Authenticated::Select(plain.clone()))));
        let condstore = Select { condstore: true, ..plain };
        assert_eq!(
            read("EXAMINE \"inbox\" (condstore)"),
            Ok(Body::Authenticated(Authenticated::Examine(condstore)))
        );
        refuses(&[
            ("SELECT", 8),
            ("SELECT a ()", 12),
            ("SELECT a (ANNOTATE)", 12),
            ("SELECT a (CONDSTORE", 21),
            ("SELECT a CONDSTORE", 11),
        ]);
    }
}
