//! The WebDAV front end: RFC 4918 (class 1, and on plain files class 2), RFC 3744, RFC 4791, RFC 5689, RFC 6352, RFC 6578,
//! RFC 6638, RFC 6764, RFC 7808, RFC 7809, RFC 7953, RFC 8607, what Apple's calendar server added for delegates and
//! sharing, and WebDAV-Push as drafted.
//!
//! A request comes in by `route.rs`, which knows who asks and what its path means (`location.rs`), and goes to one
//! file of `method` or `report`, or of `files` if it is about plain files, which nest and have locks. Calendars and
//! address books differ in a table (`kind`), never in a handler. All truth is in the store: a tag, a token and a list
//! are computed from rows of one moment, and what is long is read and sent page by page (`pages.rs`).
//!
//! Absent: locks on anything but plain files, calendars within calendars.

mod acl;
mod address;
mod anonymous;
mod attachment;
mod call;
mod census;
mod condition;
mod cursor;
mod directory;
mod files;
mod folder;
mod form;
mod gateway;
mod home;
mod kind;
mod location;
mod members;
mod method;
mod notification;
mod pages;
mod person;
mod privilege;
mod property;
mod proxy;
mod push;
mod quirk;
mod report;
mod route;
mod schedule;
mod sharing;
mod status;
mod subject;
mod time_zone_service;
mod time_zones;

pub use push::{Push, PushSettings};

use actix_web::web;
use session::Context;

/// The front end of one server process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Dav {
    context: Context,
    push: Option<Push>,
}

impl Dav {
    /// Every worker of the HTTP server is configured from the same one.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self { context, push: None }
    }

    /// The same front end, whose clients can ask to be told of changes.
    #[must_use]
    pub fn pushing(self, push: Push) -> Self {
        Self { push: Some(push), ..self }
    }

    /// Adds `/dav/`, `/.well-known/caldav`, `/.well-known/carddav`, `/.well-known/timezone`, and on `/` the methods by which clients look for a
    /// principal. GET of `/` is left to others.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        route::configure(&self.context, self.push.as_ref(), config);
    }
}
