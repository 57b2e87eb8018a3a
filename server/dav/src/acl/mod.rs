//! Access control lists: RFC 3744 sections 5.5 and 8.1, over the grants of the store.
//!
//! A grant is an entry, and the owner has one that is protected. The store knows no denial and no exception, and a
//! list of an item is that of its collection. What a list cannot say stays as it is as long as the entry stays as it is:
//! a list that is read and sent back changes nothing.

mod change;
mod list;
mod rights;

pub(crate) use change::Plan;
pub(crate) use list::{entries, of_public};
