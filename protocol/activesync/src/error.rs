//! What the client is told when a request cannot be read: MS-ASCMD section 2.2.2.

use wbxml::Element;

use crate::command::Command;
use crate::status::CommonStatus;
use crate::version::Version;

/// Why a request could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A common status, the same for every command.
    #[error("{status:?}: {reason}")]
    Common {
        /// What the client is told.
        status: CommonStatus,
        /// For the log.
        reason: &'static str,
    },
    /// The tree is not what the command's schema asks for. Commands with a number of their own for
    /// this answer with it, the others with 103.
    #[error("{0}")]
    Structure(&'static str),
    /// The command has a number of its own for this mistake.
    #[error("status {status}: {reason}")]
    Own {
        /// What the client is told.
        status: u16,
        /// The nearest value that would have been accepted, where the command names one.
        limit: Option<u32>,
        /// For the log.
        reason: &'static str,
    },
}

/// What the front end sends for a [`RequestError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A bare HTTP status without body.
    Http(u16),
    /// HTTP 200 with this document.
    Document(Element),
}

impl RequestError {
    /// The body could not be decoded as WBXML.
    pub const WBXML: Self = Self::common(CommonStatus::InvalidWbxml, "not WBXML");
    /// The body is missing or is no document of this command.
    pub const BODY: Self = Self::common(CommonStatus::InvalidContent, "not a document of this command");
    /// The command is known but not built here.
    pub const UNSUPPORTED: Self = Self::common(CommonStatus::CommandNotSupported, "command not supported");

    /// An error with a common status.
    #[must_use]
    pub const fn common(status: CommonStatus, reason: &'static str) -> Self {
        Self::Common { status, reason }
    }

    /// What the client of `command` and `version` is told.
    ///
    /// Before 14.0 there were no common status codes: HTTP carries the same meaning (MS-ASCMD R4811).
    #[must_use]
    pub fn answer(&self, command: Command, version: Version) -> Answer {
        match *self {
            Self::Own { status, limit, .. } => Answer::Document(command.status_document(status, limit)),
            Self::Structure(_) => match command.protocol_error() {
                Some(status) => Answer::Document(command.status_document(status, None)),
                None => common_answer(CommonStatus::InvalidXml, command, version),
            },
            Self::Common { status, .. } => common_answer(status, command, version),
        }
    }
}

fn common_answer(status: CommonStatus, command: Command, version: Version) -> Answer {
    if version < Version::V14_0 {
        return Answer::Http(status.http());
    }
    Answer::Document(command.status_document(status.code(), None))
}
