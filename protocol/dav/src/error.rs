//! Why a request body is refused.

use crate::name::{Name, QName};
use crate::xml::{XmlError, XmlErrorKind};
use crate::{Precondition, Status};

/// Why a request body is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The bytes are no XML that we read.
    #[error(transparent)]
    Xml(#[from] XmlError),

    /// XML, but not what the method or report asks for.
    #[error("{element}: {problem}")]
    Malformed {
        /// The element that is wrong.
        element: QName,
        /// What is wrong with it.
        problem: &'static str,
    },

    /// What it asks for has a name in the specifications under which it is to be refused.
    #[error("precondition {}", .0.name())]
    Refused(Precondition),
}

impl RequestError {
    pub(crate) fn malformed(element: Name<'_>, problem: &'static str) -> Self {
        Self::Malformed { element: element.to_owned(), problem }
    }

    /// The status to answer with: RFC 4918 section 8.2 asks for 400.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Xml(error) if error.kind == XmlErrorKind::Doctype => Status::FORBIDDEN,
            Self::Xml(_) | Self::Malformed { .. } => Status::BAD_REQUEST,
            Self::Refused(precondition) => precondition.status(),
        }
    }

    /// The `DAV:error` document to answer with, if the refusal has a name.
    #[must_use]
    pub fn body(&self) -> Option<Vec<u8>> {
        match self {
            Self::Xml(error) if error.kind == XmlErrorKind::Doctype => {
                Some(Precondition::NoExternalEntities.body())
            }
            Self::Xml(_) | Self::Malformed { .. } => None,
            Self::Refused(precondition) => Some(precondition.body()),
        }
    }
}

impl From<Precondition> for RequestError {
    fn from(precondition: Precondition) -> Self {
        Self::Refused(precondition)
    }
}
