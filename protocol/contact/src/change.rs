//! What an edit does to a card.

use std::collections::BTreeMap;

use crate::{Date, TextField};

/// What becomes of one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is removed. So does setting it to something empty.
    Clear,
    /// It gets this value.
    Set(T),
}

impl<T> Change<T> {
    /// The value after the change.
    pub fn apply(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(new) => Some(new),
        }
    }
}

/// Changes to the fields of a [`Card`](crate::Card). What is not named stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardChange {
    /// What becomes of the texts; those not in it are kept.
    pub texts: BTreeMap<TextField, Change<String>>,
    /// The day of birth.
    pub birthday: Change<Date>,
    /// The wedding anniversary.
    pub anniversary: Change<Date>,
    /// The names of the children.
    pub children: Change<Vec<String>>,
    /// The categories, which are the user's own labels.
    pub categories: Change<Vec<String>>,
    /// The bytes of the picture: JPEG, PNG or GIF.
    pub picture: Change<Vec<u8>>,
}

impl CardChange {
    /// A change of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What becomes of a text.
    pub fn text(&self, field: TextField) -> Change<&str> {
        match self.texts.get(&field) {
            None | Some(Change::Keep) => Change::Keep,
            Some(Change::Clear) => Change::Clear,
            Some(Change::Set(text)) => Change::Set(text),
        }
    }

    /// Says what becomes of a text.
    pub fn change_text(&mut self, field: TextField, change: Change<String>) {
        self.texts.insert(field, change);
    }

    /// Sets a text.
    #[must_use]
    pub fn set(mut self, field: TextField, text: impl Into<String>) -> Self {
        self.change_text(field, Change::Set(text.into()));
        self
    }

    /// Clears a text.
    #[must_use]
    pub fn clear(mut self, field: TextField) -> Self {
        self.change_text(field, Change::Clear);
        self
    }
}
