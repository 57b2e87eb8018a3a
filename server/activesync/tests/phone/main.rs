//! Phones against the front end, over its HTTP resource: laws that hold for any interleaving, and the
//! cases that are worth a name.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails says why")]

mod absence;
mod aging;
mod cases;
mod choke;
mod conversations;
mod damaged;
mod devices;
mod door;
mod drafts;
mod estimate;
mod event_files;
mod find;
mod folders;
mod forwards;
mod law;
mod lost;
mod mails;
mod marks;
mod meetings;
mod object;
mod object_law;
mod objects;
mod phone;
mod recipient_cache;
mod resolve;
mod search;
mod search_law;
mod validate;
mod waiting;
mod world;
