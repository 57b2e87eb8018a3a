//! What becomes of a stored value.

use crate::item::{Absence, Sent};

/// What becomes of a stored value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Edit<T> {
    /// It stays.
    Keep,
    /// It goes.
    Clear,
    /// It becomes this.
    Set(T),
}

impl<T: PartialEq> Edit<T> {
    /// From what the client was shown and what it sends; both as they are read from the wire.
    pub(crate) fn between(shown: &Sent<T>, sent: Sent<T>, absence: Absence) -> Self {
        if *shown == sent {
            return Self::Keep;
        }
        match (sent, absence) {
            (Sent::Absent, Absence::Keep) => Self::Keep,
            (Sent::Absent | Sent::Empty, _) if shown.value().is_none() => Self::Keep,
            (Sent::Absent | Sent::Empty, _) => Self::Clear,
            (Sent::Value(value), _) => Self::Set(value),
        }
    }
}

impl<T> Edit<T> {
    /// The same with another value.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Edit<U> {
        match self {
            Self::Keep => Edit::Keep,
            Self::Clear => Edit::Clear,
            Self::Set(value) => Edit::Set(change(value)),
        }
    }
}

impl<T> From<Edit<T>> for calendar::edit::Field<T> {
    fn from(edit: Edit<T>) -> Self {
        match edit {
            Edit::Keep => Self::Keep,
            Edit::Clear => Self::Clear,
            Edit::Set(value) => Self::Set(value),
        }
    }
}

impl<T> From<Edit<T>> for contact::Change<T> {
    fn from(edit: Edit<T>) -> Self {
        match edit {
            Edit::Keep => Self::Keep,
            Edit::Clear => Self::Clear,
            Edit::Set(value) => Self::Set(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_differences_are_edits() {
        use Absence::{Clear, Keep};
        let value = |text: &'static str| Sent::Value(text);
        for (shown, sent, absence, expected) in [
            (value("a"), value("a"), Clear, Edit::Keep),
            (value("a"), value("b"), Keep, Edit::Set("b")),
            (value("a"), Sent::Absent, Keep, Edit::Keep),
            (value("a"), Sent::Absent, Clear, Edit::Clear),
            (value("a"), Sent::Empty, Keep, Edit::Clear),
            (Sent::Absent, Sent::Empty, Clear, Edit::Keep),
            (Sent::Empty, Sent::Absent, Clear, Edit::Keep),
            (Sent::Absent, value("b"), Keep, Edit::Set("b")),
        ] {
            assert_eq!(Edit::between(&shown, sent.clone(), absence), expected, "{shown:?} {sent:?}");
        }
    }
}
