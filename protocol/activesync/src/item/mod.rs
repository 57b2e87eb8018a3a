//! Items: what stands inside `ApplicationData` and `Properties`, one directory per class.

pub mod calendar;
pub mod contact;
pub mod email;
mod encode;
mod format;
pub mod note;
pub mod recurrence;
mod sent;
mod supported;
pub mod task;

pub use email::{Body, BodyData};
pub use encode::{Destination, Parts, Selection};
pub use format::{BODY_BYTES_MAX, LIST_MAX, TEXT_CHARACTERS_MAX};
pub use sent::Sent;
pub use supported::{Absence, Supported};

/// What kind of item a collection holds: MS-ASCMD R945.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Mail.
    Email,
    /// Events.
    Calendar,
    /// Contacts.
    Contacts,
    /// Tasks.
    Tasks,
    /// Notes, from 14.0.
    Notes,
    /// Text messages, from 14.0. Read, never served.
    Sms,
}

impl Class {
    const ALL: [Self; 6] = [Self::Email, Self::Calendar, Self::Contacts, Self::Tasks, Self::Notes, Self::Sms];

    /// By its name on the wire.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name.trim())
    }

    /// As written on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "Email",
            Self::Calendar => "Calendar",
            Self::Contacts => "Contacts",
            Self::Tasks => "Tasks",
            Self::Notes => "Notes",
            Self::Sms => "SMS",
        }
    }
}

/// The client sent an item that cannot be taken: Sync answers item status 6 (MS-ASCMD R4439).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConversionError(pub &'static str);
