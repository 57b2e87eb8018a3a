//! The Autodiscover front end: programs that know nothing but an address and a password learn here what to use.
//!
//! `POST /autodiscover/autodiscover.xml` tells whoever has logged in about the own account, and about nobody else: phones
//! where ActiveSync is, Outlook where mail is. `GET /autodiscover/autodiscover.json` tells the URLs of the house, which are
//! the same for everybody, so it asks for no password and looks nobody up. Nothing is told but what is served
//! ([`Served`]).
//!
//! Absent: the SOAP service, `http://` redirects (there is no door without TLS), Mozilla's autoconfiguration.

mod document;
mod route;
mod version_2;

use actix_web::web;
use session::Context;
use std::sync::Arc;
use vocabulary::Door;

/// What the house serves, as clients outside reach it.
#[derive(Debug, Clone)]
pub struct Served {
    /// Under which `https://host` or `https://host:port` the web is; without a slash at its end.
    pub base_url: String,
    /// The name of the server that mail programs connect to.
    pub mail_host: String,
    /// The doors of mail, of two for the same purpose the better one first.
    pub mail: Vec<MailDoor>,
    /// Whether phones may come by ActiveSync.
    pub active_sync: bool,
}

/// A door that mail programs come through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailDoor {
    /// IMAP, POP3 or submission.
    pub door: Door,
    /// Where it listens.
    pub port: u16,
    /// TLS from the first byte, else STARTTLS.
    pub implicit_tls: bool,
}

impl Served {
    /// The resource of ActiveSync.
    fn active_sync_url(&self) -> String {
        format!("{}/Microsoft-Server-ActiveSync", self.base_url)
    }

    /// The XML of this service.
    fn xml_url(&self) -> String {
        format!("{}/autodiscover/autodiscover.xml", self.base_url)
    }
}

/// The front end of one server process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Autodiscover {
    context: Context,
    served: Arc<Served>,
}

impl Autodiscover {
    /// Every worker of the HTTP server is configured from the same one.
    #[must_use]
    pub fn new(context: Context, served: Served) -> Self {
        Self { context, served: Arc::new(served) }
    }

    /// Adds `/autodiscover/autodiscover.xml` and `/autodiscover/autodiscover.json`, in any case, to an application.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        route::configure(self, config);
    }
}
