//! APPEND: RFC 9051 section 6.3.12; several messages: RFC 3502.
//!
//! ```abnf
//! append         = "APPEND" SP mailbox 1*append-message
//! append-message = [SP flag-list] [SP date-time] SP (literal / literal8)
//! ```
//! The literals stay outside: the [`Receiver`](crate::Receiver) streams them. CATENATE (RFC 4469) and
//! UTF8 (RFC 6855) would be further kinds of [`Head`].

use crate::date::DateTime;
use crate::{FlagList, Input, MailboxName, SyntaxError, Tag};

/// What stands before a literal of APPEND.
pub(crate) enum Head {
    /// `tag SP "APPEND" SP`: the literal is the mailbox.
    Mailbox,
    /// The literal is a message.
    Message(Tag, MailboxName, Properties),
}

/// Flags and date of one message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Properties {
    pub(crate) flags: FlagList,
    pub(crate) date: Option<DateTime>,
}

/// Whether these are the first bytes of an APPEND.
pub(crate) fn is_append(bytes: &[u8]) -> bool {
    let after_tag = bytes.iter().position(|&byte| byte == b' ').and_then(|space| bytes.get(space + 1..));
    after_tag.and_then(|rest| rest.get(..7)).is_some_and(|word| word.eq_ignore_ascii_case(b"APPEND "))
}

/// Reads what stands before a literal that was announced.
pub(crate) fn head(input: &mut Input<'_>) -> Result<Head, SyntaxError> {
    let tag = super::tag(input)?;
    let _ = input.take_word("APPEND ");
    if input.peek().is_none() {
        return Ok(Head::Mailbox);
    }
    let mailbox = input.mailbox()?;
    properties(input).map(|properties| Head::Message(tag, mailbox, properties))
}

/// `[SP flag-list] [SP date-time] SP`
pub(crate) fn properties(input: &mut Input<'_>) -> Result<Properties, SyntaxError> {
    let mut properties = Properties::default();
    input.space()?;
    if input.peek() == Some(b'(') {
        properties.flags = FlagList::parse(input)?;
        input.space()?;
    }
    if input.peek() == Some(b'"') {
        properties.date = Some(DateTime::parse(input)?);
        input.space()?;
    }
    if input.peek().is_some() {
        return Err(input.error("a literal"));
    }
    Ok(properties)
}
