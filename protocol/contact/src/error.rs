//! Why a card is not read.

use content_line::LimitExceeded;

/// The bytes are no card that can be shown or edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A limit of [`content_line`] is exceeded.
    #[error(transparent)]
    TooLarge(#[from] LimitExceeded),
    /// There is no `BEGIN:VCARD`.
    #[error("there is no card")]
    NoCard,
}
