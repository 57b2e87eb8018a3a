//! The ActiveSync front end: MS-ASHTTP, MS-ASCMD, MS-ASPROV for mail, calendars, contacts, tasks and
//! notes, versions 12.1 to 16.1.
//!
//! One HTTP resource ([`ActiveSync::configure`]), one file for each command. All truth is in the
//! store: what a phone holds is a row of constant size for each collection (`cursor.rs`), which the
//! Sync command reads against the log. In the process live only the turns of requests that must not
//! overlap (`wait.rs`), the last Sync and Ping of each device, for requests without a body (`last_request.rs`), and how
//! often each has asked of late (`throttle.rs`); when the process ends, devices are asked for the full request again.
//!
//! Absent: moving whole conversations, body parts.

mod call;
mod certificate;
mod command;
mod conversation;
mod cursor;
mod device;
mod folder;
mod follow_up;
mod item;
mod keyword;
mod last_request;
mod long_id;
mod meeting;
mod policy;
mod quarantine;
mod quirk;
mod recipient;
mod route;
mod search;
mod status;
mod throttle;
mod turned_away;
mod wait;

pub use search::Work;

use actix_web::web;
pub use policy::{DomainPolicy, PolicyError};
use session::Context;
use std::sync::{Arc, OnceLock};

pub use certificate::{Authorities, NoAuthorities};

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
    throttle: throttle::Throttle,
    searches: search::Searches,
    authorities: OnceLock<Arc<Authorities>>,
}

impl Server {
    /// Who is trusted to say whose a certificate is.
    fn authorities(&self) -> &Arc<Authorities> {
        self.authorities.get_or_init(Arc::default)
    }
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
        let throttle = throttle::Throttle::new(&context.limits);
        let (turns, last_requests, searches, authorities) = Default::default();
        let server = Server { context, turns, last_requests, throttle, searches, authorities };
        Self { server: Arc::new(server) }
    }

    /// What all searches since the process began have looked at.
    #[must_use]
    pub fn searched(&self) -> Work {
        self.server.searches.work()
    }

    /// Before the first request: whom certificates of signed mail are checked against. Without, none is trusted.
    #[must_use]
    pub fn trusting(self, authorities: Authorities) -> Self {
        let _said_once = self.server.authorities.set(Arc::new(authorities));
        self
    }

    /// Adds `/Microsoft-Server-ActiveSync` to an application.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        route::configure(&self.server, config);
    }
}
