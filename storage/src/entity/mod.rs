//! sea-orm entities of the tables that the ordinary statements use. Crate-private: what leaves the
//! store are its own structs.
#![expect(unreachable_pub, reason = "the derive macros write public, undocumented items")]

pub(crate) mod account;
pub(crate) mod account_group;
pub(crate) mod address;
pub(crate) mod credential;
pub(crate) mod device;
pub(crate) mod domain;
pub(crate) mod domain_alias;
