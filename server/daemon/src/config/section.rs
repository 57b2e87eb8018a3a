//! The sections of the configuration.

use activesync_server::Authorities;
use anyhow::{Context as _, Result};
use dav_server::PushSettings;
use serde::Deserialize;
use session::Network;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use storage::{Clock, Database, Options};
use vocabulary::EmailAddress;

/// The whole configuration. Every section may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) server: ServerSection,
    pub(crate) store: StoreSection,
    pub(crate) tls: TlsSection,
    pub(crate) listen: ListenSection,
    pub(crate) http: HttpSection,
    pub(crate) push: PushSection,
    pub(crate) log: LogSection,
    pub(crate) limits: session::Limits,
}

/// `[server]`: who this server is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerSection {
    /// The name that the server greets with and writes into Received and Message-ID lines. It must be
    /// the name on the certificate.
    pub(crate) hostname: String,
    /// Who reads mail to `postmaster`, as mail servers must take it, where nobody has that address. Empty:
    /// whoever has been in the domain longest.
    pub(crate) postmaster: String,
}

impl ServerSection {
    /// The appointed postmaster, if there is one.
    pub(crate) fn postmaster(&self) -> Result<Option<EmailAddress>> {
        if self.postmaster.is_empty() {
            return Ok(None);
        }
        self.postmaster.parse().map(Some).context("server.postmaster is no address")
    }
}

/// `[store]`: where everything is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StoreSection {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`. Empty: `kontor.db` in `directory`.
    pub(crate) database: String,
    /// Large contents lie here, and the store's incarnation. Back it up together with the database.
    pub(crate) directory: PathBuf,
    /// How long deleted mail can still be brought back, in days.
    pub(crate) retention_days: u32,
    /// SQLite: reader threads (4). PostgreSQL: connections (8). 0: that default.
    pub(crate) threads: usize,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self {
            database: String::new(),
            directory: PathBuf::from("/var/lib/kontor"),
            retention_days: 30,
            threads: 0,
        }
    }
}

impl StoreSection {
    /// A store in a directory, with its database there too unless a URL says otherwise.
    pub(crate) fn in_directory(directory: &Path, database: Option<&str>) -> Self {
        Self {
            database: database.unwrap_or_default().to_owned(),
            directory: directory.to_owned(),
            ..Self::default()
        }
    }

    /// Which database it is.
    pub(crate) fn database(&self) -> Result<Database> {
        if self.database.is_empty() {
            return Ok(Database::Sqlite(self.directory.join("kontor.db")));
        }
        // The URL may hold a password, so it is not repeated.
        self.database.parse().context("store.database is no database URL")
    }

    /// What the store is opened with.
    pub(crate) fn options(&self, clock: Clock) -> Result<Options> {
        let mut options = Options::new(self.database()?, self.directory.clone(), clock);
        options.retention_days = self.retention_days;
        if self.threads > 0 {
            options.threads = self.threads;
        }
        Ok(options)
    }
}

/// `[tls]`: the certificate of every door.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TlsSection {
    /// PEM file with the certificate and the chain up to, but without, the root.
    pub(crate) certificate: Option<PathBuf>,
    /// PEM file with its private key.
    pub(crate) key: Option<PathBuf>,
}

/// `[listen]`: the doors, each a list of `address:port`. A door that is not named stays shut.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ListenSection {
    /// IMAP; nobody can log in before STARTTLS. Usually port 143.
    pub(crate) imap: Vec<SocketAddr>,
    /// IMAP over TLS. Usually port 993.
    pub(crate) imaps: Vec<SocketAddr>,
    /// POP3; nobody can log in before STLS. Usually port 110.
    pub(crate) pop3: Vec<SocketAddr>,
    /// POP3 over TLS. Usually port 995.
    pub(crate) pop3s: Vec<SocketAddr>,
    /// LMTP, for the mail server in front. It knows no passwords: keep it on loopback or on a network
    /// of your own.
    pub(crate) lmtp: Vec<SocketAddr>,
    /// Mail programs send here; nobody can log in before STARTTLS. Usually port 587.
    pub(crate) submission: Vec<SocketAddr>,
    /// The same over TLS. Usually port 465.
    pub(crate) submissions: Vec<SocketAddr>,
    /// ActiveSync and the web. Usually port 443. There is no door without TLS for them: every request
    /// carries a password, and a reverse proxy speaks TLS to a server behind it just as well; name it in
    /// `http.trusted_proxies`.
    pub(crate) https: Vec<SocketAddr>,
}

/// `[http]`: the doors of the web.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpSection {
    /// Reverse proxies in front of `https`, each an address or a network (`10.0.0.0/8`). Theirs is the only
    /// `X-Forwarded-For` that is believed: it says whose wrong passwords are counted, and whom the log names. Name
    /// proxies alone: whoever is among these addresses can pretend to be anybody.
    pub(crate) trusted_proxies: Vec<Network>,
    /// Under which address clients reach `https`, such as `https://mail.example.org`: it is told to programs that look for
    /// the server (Autodiscover). Empty: `https://` and `server.hostname`, with the port of `https` if that is not 443;
    /// behind a proxy without it.
    pub(crate) public_url: String,
    /// Whether phones may come by ActiveSync. It is Microsoft's protocol, and production use may need a licence from them.
    /// `false` shuts this door as if it were not there, takes it out of Autodiscover, and leaves everything else as it is.
    pub(crate) activesync: bool,
    /// PEM file with the certificates of those who are trusted to say whose signed mail is (S/MIME), for phones that ask
    /// (ValidateCert), and perhaps with lists of revoked certificates (`X509 CRL`). Empty: those whom the system trusts.
    pub(crate) mail_authorities: Option<PathBuf>,
}

impl Default for HttpSection {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            public_url: String::new(),
            activesync: true,
            mail_authorities: None,
        }
    }
}

/// Where systems keep whom they trust.
const SYSTEM_AUTHORITIES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

impl HttpSection {
    /// What URLs of this server begin with, without a slash at the end. `port`: where `https` listens.
    pub(crate) fn base_url(&self, server: &ServerSection, port: Option<u16>) -> String {
        if !self.public_url.is_empty() {
            return self.public_url.trim_end_matches('/').to_owned();
        }
        let is_usual = |port: &u16| *port == 443 || !self.trusted_proxies.is_empty();
        match port.filter(|port| !is_usual(port)) {
            Some(port) => format!("https://{}:{port}", server.hostname),
            None => format!("https://{}", server.hostname),
        }
    }

    /// Whether `public_url` can be the beginning of URLs.
    pub(crate) fn has_good_url(&self) -> bool {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]/".contains(c);
        self.public_url.is_empty()
            || self.public_url.strip_prefix("https://").is_some_and(|rest| {
                rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
                    && rest.chars().all(is_plain)
            })
    }

    /// Who is trusted to say whose signed mail is; nobody if the system has no such list.
    pub(crate) fn authorities(&self) -> Result<Authorities> {
        let Some(path) = &self.mail_authorities else {
            let found = SYSTEM_AUTHORITIES.iter().find_map(|path| std::fs::read(path).ok());
            return Ok(found.and_then(|pem| Authorities::from_pem(&pem).ok()).unwrap_or_default());
        };
        let pem =
            std::fs::read(path).with_context(|| format!("http.mail_authorities: {}", path.display()))?;
        Authorities::from_pem(&pem).with_context(|| format!("http.mail_authorities: {}", path.display()))
    }
}

/// `[push]`: telling clients of calendars and contacts that something changed (WebDAV-Push).
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PushSection {
    /// Whether clients may ask for it. The server then sends messages, encrypted for the client, to the push services
    /// that clients name: over TLS to hosts on the public Internet, and nowhere else but to `own_networks`.
    pub(crate) enabled: bool,
    /// Networks of one's own in which a push service may lie, each an address or a network (`10.0.0.0/8`). There it may
    /// do without TLS. Everybody with an account can make the server send a POST to any host and port in them.
    pub(crate) own_networks: Vec<Network>,
    /// How long a client is left alone after a message, in seconds; what happens meanwhile is one message after it.
    pub(crate) interval_s: u32,
}

impl Default for PushSection {
    fn default() -> Self {
        Self { enabled: true, own_networks: Vec::new(), interval_s: 5 }
    }
}

impl PushSection {
    /// How the front end pushes; `None`: it does not. Push services reach the postmaster, if there is one.
    pub(crate) fn settings(&self, server: &ServerSection) -> Result<Option<PushSettings>> {
        if !self.enabled {
            return Ok(None);
        }
        let contact = match server.postmaster()? {
            Some(postmaster) => format!("mailto:{postmaster}"),
            None => format!("mailto:postmaster@{}", server.hostname),
        };
        let own_networks = self.own_networks.as_slice().into();
        Ok(Some(PushSettings { contact, own_networks, interval_ms: i64::from(self.interval_s) * 1_000 }))
    }
}

/// `[log]`: what is written to standard error.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogSection {
    /// `text` for people, `json` for machines.
    pub(crate) format: LogFormat,
    /// A level (`error`, `warn`, `info`, `debug`), or levels by module: `info,imap_server=debug`.
    pub(crate) filter: String,
}

impl Default for LogSection {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}
