//! How a command ended.

use crate::connection::End;
use imap_wire::response::{Code, Condition};
use imap_wire::{Output, Tag};
use std::borrow::Cow;
use vocabulary::UidValidity;

/// Ranges of numbers, from low to high.
pub(crate) type Ranges = Vec<(u32, u32)>;

/// A response code that owns what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// One that needs nothing of the command.
    Plain(Code<'static>),
    /// RFC 9051 section 7.1, `APPENDUID`.
    AppendUid(UidValidity, Ranges),
    /// RFC 9051 section 7.1, `COPYUID`.
    CopyUid(UidValidity, Ranges, Ranges),
    /// RFC 7162 section 3.1.3.
    Modified(Ranges),
    /// RFC 8474.
    MailboxId(String),
}

impl Note {
    /// The code on the wire.
    pub(crate) fn code(&self) -> Code<'_> {
        match self {
            Self::Plain(code) => code.clone(),
            Self::AppendUid(validity, uids) => Code::AppendUid(*validity, uids),
            Self::CopyUid(validity, here, there) => Code::CopyUid(*validity, here, there),
            Self::Modified(numbers) => Code::Modified(numbers),
            Self::MailboxId(id) => Code::MailboxId(id),
        }
    }
}

/// The tagged response of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    pub(crate) condition: Condition,
    pub(crate) note: Option<Note>,
    pub(crate) text: Cow<'static, str>,
}

impl Completion {
    pub(crate) fn ok(text: impl Into<Cow<'static, str>>) -> Self {
        Self { condition: Condition::Ok, note: None, text: text.into() }
    }

    pub(crate) fn no(code: Code<'static>, text: impl Into<Cow<'static, str>>) -> Self {
        Self { condition: Condition::No, note: Some(Note::Plain(code)), text: text.into() }
    }

    pub(crate) fn bad(text: impl Into<Cow<'static, str>>) -> Self {
        Self { condition: Condition::Bad, note: None, text: text.into() }
    }

    pub(crate) fn with(self, note: Note) -> Self {
        Self { note: Some(note), ..self }
    }

    pub(crate) fn write(&self, tag: &Tag, out: &mut Output) {
        let code = self.note.as_ref().map(Note::code);
        out.done(Some(tag), self.condition, code.as_ref(), &self.text);
    }
}

/// Why a command has no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The connection is over.
    End(End),
    /// The store refuses or fails.
    Store(storage::Error),
    /// The command is answered with this.
    Answer(Completion),
    /// The selected mailbox is gone, or may not be read any more.
    MailboxGone,
}

/// What a command comes to.
pub(crate) type Outcome = Result<Completion, Failure>;

impl From<End> for Failure {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

impl From<storage::Error> for Failure {
    fn from(error: storage::Error) -> Self {
        Self::Store(error)
    }
}

impl From<storage::Refusal> for Failure {
    fn from(refusal: storage::Refusal) -> Self {
        Self::Store(refusal.into())
    }
}

impl From<Completion> for Failure {
    fn from(completion: Completion) -> Self {
        Self::Answer(completion)
    }
}
