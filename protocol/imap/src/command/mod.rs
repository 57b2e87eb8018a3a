//! Commands as values: RFC 9051 section 6, and those of RFC 3501 that it dropped.
//!
//! [`Body`] is split as section 9 splits `command`: by the states in which a command is allowed, so that
//! a server's state machine can hand each group to the state that owns it. APPEND is not here: it is
//! streamed, see [`Next`](crate::Next).

pub(crate) mod append;
mod authenticate;
mod copy;
mod create;
mod fetch;
mod list;
mod login;
mod search;
mod select;
mod status;
mod store;

pub use authenticate::Authenticate;
pub use copy::Copy;
pub use create::{Create, Rename};
pub use fetch::{Fetch, FetchItem, Macro, Partial, Section, SectionText};
pub use list::{List, ListReturn, ListSelection, Lsub};
pub use login::Login;
pub use search::{Comparison, ReturnOptions, Search, SearchField, SearchKey};
pub use select::Select;
pub use status::{Status, StatusItem};
pub use store::{Store, StoreAction};

use crate::extension::{Enable, Id};
use crate::{Bad, Input, MailboxName, NameEncoding, Numbering, SequenceSet, SyntaxError, Tag};

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Names the command in the responses.
    pub tag: Tag,
    /// What is asked.
    pub body: Body,
}

/// What is asked, by the state in which it may be asked (RFC 9051 section 9, `command`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// `command-any`.
    Any(AnyState),
    /// `command-nonauth`: before authentication.
    NotAuthenticated(NotAuthenticated),
    /// `command-auth`: after authentication, with or without a selected mailbox.
    Authenticated(Authenticated),
    /// `command-select`: with a selected mailbox.
    Selected(Selected),
}

/// Commands for every state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnyState {
    /// RFC 9051 section 6.1.1.
    Capability,
    /// RFC 9051 section 6.1.2.
    Noop,
    /// RFC 9051 section 6.1.3.
    Logout,
    /// RFC 2971.
    Id(Id),
}

/// Commands before authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAuthenticated {
    /// RFC 9051 section 6.2.1.
    StartTls,
    /// RFC 9051 section 6.2.2.
    Authenticate(Authenticate),
    /// RFC 9051 section 6.2.3.
    Login(Login),
}

/// Commands after authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authenticated {
    /// RFC 9051 section 6.3.1.
    Enable(Enable),
    /// RFC 9051 section 6.3.2.
    Select(Select),
    /// RFC 9051 section 6.3.3.
    Examine(Select),
    /// RFC 9051 section 6.3.4.
    Create(Create),
    /// RFC 9051 section 6.3.5.
    Delete(MailboxName),
    /// RFC 9051 section 6.3.6.
    Rename(Rename),
    /// RFC 9051 section 6.3.7.
    Subscribe(MailboxName),
    /// RFC 9051 section 6.3.8.
    Unsubscribe(MailboxName),
    /// RFC 9051 section 6.3.9.
    List(List),
    /// RFC 3501 section 6.3.9.
    Lsub(Lsub),
    /// RFC 9051 section 6.3.10.
    Namespace,
    /// RFC 9051 section 6.3.11.
    Status(Status),
    /// RFC 9051 section 6.3.13. What follows is read by [`Receiver::expect_line`](crate::Receiver::expect_line).
    Idle,
    /// RFC 9208 section 4.1.1: the name of a quota root.
    GetQuota(String),
    /// RFC 9208 section 4.1.2.
    GetQuotaRoot(MailboxName),
}

/// Commands with a selected mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// RFC 3501 section 6.4.1.
    Check,
    /// RFC 9051 section 6.4.1.
    Close,
    /// RFC 9051 section 6.4.2.
    Unselect,
    /// RFC 9051 section 6.4.3.
    Expunge,
    /// RFC 9051 section 6.4.9: UIDs.
    UidExpunge(SequenceSet),
    /// RFC 9051 section 6.4.4.
    Search(Search),
    /// RFC 9051 section 6.4.5.
    Fetch(Fetch),
    /// RFC 9051 section 6.4.6.
    Store(Store),
    /// RFC 9051 section 6.4.7.
    Copy(Copy),
    /// RFC 9051 section 6.4.8.
    Move(Copy),
}

impl Command {
    /// Reads one whole command: its lines and literals without the last line's end.
    ///
    /// # Errors
    /// [`Bad`], with the tag if that could be read.
    pub fn parse(bytes: &[u8], names: NameEncoding) -> Result<Self, Bad> {
        let mut input = Input::new(bytes, names);
        let tag = tag(&mut input).map_err(|error| Bad { tag: None, error })?;
        match body(&mut input) {
            Ok(body) => Ok(Self { tag, body }),
            Err(error) => Err(Bad { tag: Some(tag), error }),
        }
    }
}

/// `tag SP`
pub(crate) fn tag(input: &mut Input<'_>) -> Result<Tag, SyntaxError> {
    let start = input.error("a tag");
    let bytes = input.run(|byte| crate::input::is_astring_char(byte) && byte != b'+');
    let tag = Tag::new(bytes).ok_or(start)?;
    input.space()?;
    Ok(tag)
}

fn body(input: &mut Input<'_>) -> Result<Body, SyntaxError> {
    let unknown = input.error("a command");
    let body = match input.word("a command")?.as_str() {
        "CAPABILITY" => Body::Any(AnyState::Capability),
        "NOOP" => Body::Any(AnyState::Noop),
        "LOGOUT" => Body::Any(AnyState::Logout),
        "ID" => Body::Any(AnyState::Id(Id::parse(input)?)),

        "STARTTLS" => Body::NotAuthenticated(NotAuthenticated::StartTls),
        "AUTHENTICATE" => Body::NotAuthenticated(NotAuthenticated::Authenticate(Authenticate::parse(input)?)),
        "LOGIN" => Body::NotAuthenticated(NotAuthenticated::Login(Login::parse(input)?)),

        "ENABLE" => Body::Authenticated(Authenticated::Enable(Enable::parse(input)?)),
        "SELECT" => Body::Authenticated(Authenticated::Select(Select::parse(input)?)),
        "EXAMINE" => Body::Authenticated(Authenticated::Examine(Select::parse(input)?)),
        "CREATE" => Body::Authenticated(Authenticated::Create(Create::parse(input)?)),
        "DELETE" => Body::Authenticated(Authenticated::Delete(one_mailbox(input)?)),
        "RENAME" => Body::Authenticated(Authenticated::Rename(Rename::parse(input)?)),
        "SUBSCRIBE" => Body::Authenticated(Authenticated::Subscribe(one_mailbox(input)?)),
        "UNSUBSCRIBE" => Body::Authenticated(Authenticated::Unsubscribe(one_mailbox(input)?)),
        "LIST" => Body::Authenticated(Authenticated::List(List::parse(input)?)),
        "LSUB" => Body::Authenticated(Authenticated::Lsub(Lsub::parse(input)?)),
        "NAMESPACE" => Body::Authenticated(Authenticated::Namespace),
        "STATUS" => Body::Authenticated(Authenticated::Status(Status::parse(input)?)),
        "IDLE" => Body::Authenticated(Authenticated::Idle),
        "GETQUOTA" => Body::Authenticated(Authenticated::GetQuota(crate::extension::quota_root(input)?)),
        "GETQUOTAROOT" => Body::Authenticated(Authenticated::GetQuotaRoot(one_mailbox(input)?)),

        // With a literal the receiver has it; this one came without.
        "APPEND" => return Err(input.error("a mailbox and the literal of a message")),

        "CHECK" => Body::Selected(Selected::Check),
        "CLOSE" => Body::Selected(Selected::Close),
        "UNSELECT" => Body::Selected(Selected::Unselect),
        "EXPUNGE" => Body::Selected(Selected::Expunge),
        "UID" => {
            input.space()?;
            let unknown = input.error("COPY, EXPUNGE, FETCH, MOVE, SEARCH or STORE");
            match input.word(unknown.expected)?.as_str() {
                "EXPUNGE" => Body::Selected(Selected::UidExpunge(uids(input)?)),
                word => Body::Selected(numbered(word, Numbering::Uid, input, unknown)?),
            }
        }
        word => Body::Selected(numbered(word, Numbering::Sequence, input, unknown)?),
    };
    input.end()?;
    Ok(body)
}

/// The commands that have a UID form (RFC 9051 section 6.4.9).
fn numbered(
    word: &str,
    numbering: Numbering,
    input: &mut Input<'_>,
    unknown: SyntaxError,
) -> Result<Selected, SyntaxError> {
    match word {
        "SEARCH" => Search::parse(input, numbering).map(Selected::Search),
        "FETCH" => Fetch::parse(input, numbering).map(Selected::Fetch),
        "STORE" => Store::parse(input, numbering).map(Selected::Store),
        "COPY" => Copy::parse(input, numbering).map(Selected::Copy),
        "MOVE" => Copy::parse(input, numbering).map(Selected::Move),
        _ => Err(unknown),
    }
}

/// `SP mailbox`
fn one_mailbox(input: &mut Input<'_>) -> Result<MailboxName, SyntaxError> {
    input.space()?;
    input.mailbox()
}

/// `SP sequence-set`
fn uids(input: &mut Input<'_>) -> Result<SequenceSet, SyntaxError> {
    input.space()?;
    input.sequence_set()
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// Reads `a <text>`.
    pub(crate) fn read(text: &str) -> Result<Body, SyntaxError> {
        let command = Command::parse(format!("a {text}").as_bytes(), NameEncoding::ModifiedUtf7);
        command.map(|command| command.body).map_err(|bad| bad.error)
    }

    /// Each text is refused at the offset given, the tag and its space included.
    pub(crate) fn refuses(table: &[(&str, usize)]) {
        for (text, at) in table {
            assert_eq!(read(text).map_err(|error| error.at), Err(*at), "{text:?}");
        }
    }

    /// A name.
    pub(crate) fn name(text: &str) -> MailboxName {
        MailboxName::decode(text.as_bytes(), NameEncoding::Utf8).unwrap()
    }

    /// A set.
    pub(crate) fn set(text: &str) -> SequenceSet {
        SequenceSet::from_text(text).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::*;
    use super::*;

    #[test]
    fn commands_without_arguments() {
        for (text, body) in [
            ("CAPABILITY", Body::Any(AnyState::Capability)),
            ("noop  ", Body::Any(AnyState::Noop)),
            ("Logout", Body::Any(AnyState::Logout)),
            ("STARTTLS", Body::NotAuthenticated(NotAuthenticated::StartTls)),
            ("namespace", Body::Authenticated(Authenticated::Namespace)),
            ("IDLE", Body::Authenticated(Authenticated::Idle)),
            ("CHECK", Body::Selected(Selected::Check)),
            ("CLOSE", Body::Selected(Selected::Close)),
            ("UNSELECT", Body::Selected(Selected::Unselect)),
            ("EXPUNGE", Body::Selected(Selected::Expunge)),
            ("uid expunge 1:5", Body::Selected(Selected::UidExpunge(set("1:5")))),
            ("DELETE a", Body::Authenticated(Authenticated::Delete(name("a")))),
            ("SUBSCRIBE {1}\r\na", Body::Authenticated(Authenticated::Subscribe(name("a")))),
            ("UNSUBSCRIBE \"&-\"", Body::Authenticated(Authenticated::Unsubscribe(name("&")))),
            ("GETQUOTA \"\"", Body::Authenticated(Authenticated::GetQuota(String::new()))),
            ("GETQUOTAROOT INBOX", Body::Authenticated(Authenticated::GetQuotaRoot(name("INBOX")))),
        ] {
            assert_eq!(read(text), Ok(body), "{text}");
        }
    }

    #[test]
    fn what_is_no_command_is_refused_where_it_stops() {
        refuses(&[
            ("", 2),
            (" NOOP", 2),
            ("XYZZY", 2),
            ("NOOP x", 7),
            ("NOOP\0", 6),
            ("DELETE", 8),
            ("DELETE ", 9),
            ("DELETE a b", 11),
            ("DELETE a&b", 9),
            ("DELETE  a", 9),
            ("UID", 5),
            ("UID NOOP", 6),
            ("UID EXPUNGE", 13),
            ("GETQUOTA", 10),
        ]);
        for (bytes, at) in [("", 0), (" NOOP", 0), ("+ NOOP", 0), ("a", 1), ("a\tNOOP", 1), ("*", 0)] {
            let bad = Command::parse(bytes.as_bytes(), NameEncoding::Utf8).unwrap_err();
            assert_eq!((bad.tag, bad.error.at), (None, at), "{bytes:?}");
        }
    }
}
