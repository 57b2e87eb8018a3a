//! vCard: describe, read, edit in place, author.
//!
//! Versions 4.0 (RFC 6350), 3.0 (RFC 2426) and 2.1, as address books really write them.
//!
//! * [`describe`] is called once, when a card is stored; it says what a PUT is refused for.
//! * [`Card`] is what ActiveSync's contact class can say of a card.
//! * [`edit`] changes fields of a card in its lines, and leaves every other byte as it was.
//! * [`new_card`] authors a card of version 3.0, which all clients read.
//! * [`directory_card`] authors the cards of a domain's people, groups and rooms, of version 4.0.
//! * [`Split`] cuts a file of many cards apart.
//! * [`Query`] gives what an addressbook-query is compared with, and a card of chosen properties; an [`Index`]
//!   gives the same of the properties that are searched most, without the card.
//! * [`convert`] gives a card in another version than the one it came in.
//! * [`keys`] gives the certificates that stand in a card.
//! * [`to_json`] and [`from_json`] are the way to jCard and back.
//!
//! [`Card`] and [`edit`] are the two directions of a lens: what is set is read, and setting what is read
//! changes not one byte. They agree because both ask `view.rs` which line has which role, and in which place.
//!
//! Absent: the meaning of AGENT, SOUND, GEO and what else the view does not show, beyond what conversion
//! needs; the phonetic parameters of RFC 9554.

mod author;
mod base64_bytes;
mod card;
mod change;
mod convert;
mod date;
mod describe;
mod directory;
mod edit;
mod error;
mod field;
mod index;
mod json;
mod keys;
mod name;
mod new_card;
mod patch;
mod picture;
mod query;
mod role;
mod slot;
mod split;
mod text;
mod types;
mod version;
mod view;

pub use card::Card;
pub use change::{CardChange, Change};
pub use convert::{Target, convert};
pub use date::Date;
pub use describe::{Described, Invalid, Kind, Reason, describe};
pub use directory::{DirectoryEntry, Unfit, directory_card};
pub use edit::edit;
pub use error::Unreadable;
pub use field::TextField;
pub use index::{Index, index};
pub use json::{from_json, to_json};
pub use keys::keys;
pub use new_card::new_card;
pub use query::{Property, Query, Wanted};
pub use split::Split;
pub use version::{Version, declared_version};
