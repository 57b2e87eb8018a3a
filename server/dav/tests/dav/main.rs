//! Calendar and contact programs against the front end, over its HTTP resource, on both databases.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails says why")]

mod answer;
mod client;
mod collections;
mod discovery;
mod file_law;
mod file_locks;
mod file_transfers;
mod files;
mod law;
mod limits;
mod listings;
mod objects;
mod properties;
mod queries;
mod sharing;
mod sync;
mod transfers;
mod world;
