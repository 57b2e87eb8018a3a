//! The store's laws, on SQLite and PostgreSQL: every test here runs on both and ends with `check`.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say so when they fail")]

mod accounting;
mod accounts;
mod attachments;
mod changes;
mod contents;
mod crash;
mod device_control;
mod devices;
mod files;
mod gate;
mod gate_files;
mod harness;
mod homes;
mod items;
mod listing;
mod locks;
mod marks;
mod names;
mod people;
mod processes;
mod pushes;
mod races;
mod restore;
mod retention;
mod schedule;
mod schema;
mod shares;
mod soundness;
mod surface;
mod wakes;
mod writers;
