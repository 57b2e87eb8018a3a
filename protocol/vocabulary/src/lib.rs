//! The words every crate of Kontor shares: ids, stamps, rights, flags, names.
//!
//! What is absent: behaviour. Nothing here waits, reads a clock or knows a protocol's bytes.

mod address;
mod collection;
mod flag;
mod id;
mod name;
mod principal;
mod rights;
mod secret;
mod time;

pub use address::{AddressError, EmailAddress};
pub use collection::{AccountClass, AccountKind, CollectionKind, Component, Door, Home, Role, UnknownWord};
pub use flag::{Flags, Keyword, KeywordError, Keywords};
pub use id::{AccountId, CollectionId, ContentId, DomainId, GroupId, ItemId, ModSeq, Uid, UidValidity};
pub use name::{LeafName, LeafNameError, MailboxPath};
pub use principal::Principal;
pub use rights::{Preset, Rights};
pub use secret::Secret;
pub use time::Timestamp;
