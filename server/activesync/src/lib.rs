//! The ActiveSync front end: MS-ASHTTP, MS-ASCMD, MS-ASPROV for mail, calendars, contacts, tasks and
//! notes, versions 12.1 to 16.1.
//!
//! One HTTP resource ([`ActiveSync::configure`]), one file for each command. All truth is in the
//! store: what a phone holds is a row of constant size for each collection (`cursor.rs`), which the
//! Sync command reads against the log. In the process live only the turns of requests that must not
//! overlap (`wait.rs`) and the last Sync and Ping of each device, for requests without a body
//! (`last_request.rs`); when the process ends, devices are asked for the full request again.
//!
//! Absent: Search and Find, out-of-office, moving whole conversations, body parts.

mod call;
mod command;
mod conversation;
mod cursor;
mod device;
mod folder;
mod follow_up;
mod item;
mod keyword;
mod last_request;
mod meeting;
mod policy;
mod recipient;
mod route;
mod status;
mod wait;

use actix_web::web;
use session::Context;
use std::sync::Arc;

/// The front end of one server process. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct ActiveSync {
    server: Arc<Server>,
}

/// What every request is handed.
struct Server {
    context: Context,
    turns: wait::Turns,
    last_requests: last_request::LastRequests,
}

impl std::fmt::Debug for ActiveSync {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ActiveSync")
    }
}

impl ActiveSync {
    /// Made once; every worker of the HTTP server is configured from the same one.
    #[must_use]
    pub fn new(context: Context) -> Self {
        let server = Server { context, turns: wait::Turns::default(), last_requests: Default::default() };
        Self { server: Arc::new(server) }
    }

    /// Adds `/Microsoft-Server-ActiveSync` to an application.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        route::configure(&self.server, config);
    }
}
