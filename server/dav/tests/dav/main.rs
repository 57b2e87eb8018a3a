//! Calendar and contact programs against the front end, over its HTTP resource, on both databases.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails says why")]

mod access;
mod answer;
mod attachments;
mod bulk;
mod busy_query;
mod calendar_systems;
mod cards;
mod client;
mod clients;
mod collections;
mod discovery;
mod documents;
mod file_law;
mod file_locks;
mod file_transfers;
mod files;
mod free_busy;
mod gateway;
mod home_sync;
mod json;
mod law;
mod limits;
mod listings;
mod meeting;
mod notifications;
mod objects;
mod preferences;
mod principals;
mod properties;
mod proxies;
mod push;
mod queries;
mod scheduling;
mod scheduling_inbox;
mod scheduling_rules;
mod sharing;
mod sync;
mod time_zones;
mod transfers;
mod world;
