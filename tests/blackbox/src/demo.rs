//! `kontor demo` as a test sees it: a process, a JSON file, doors.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;
use tempfile::TempDir;

use crate::imap::Imap;
use crate::mail::unique;
use crate::phone::Phone;
use crate::pop3::Pop3;
use crate::smtp::Smtp;
use crate::stream::Stream;
use crate::tool::{repository, run_tool};
use crate::wait::eventually;

/// Which database the server under test uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// A file in the demo's directory.
    Sqlite,
    /// A fresh database of the PostgreSQL that `tests/run` started.
    Postgres,
}

/// Runs a claim on both databases, each with a server of its own, and ends each with the store's check.
pub fn on_each_store(claim: impl Fn(&Demo)) {
    for store in [Store::Sqlite, Store::Postgres] {
        eprintln!("on {store:?}");
        let demo = Demo::start(store);
        claim(&demo);
        demo.consistent();
    }
}

/// One door: where it listens.
#[derive(Debug, Clone)]
pub struct Door {
    /// A loopback address.
    pub host: String,
    /// Plain, or STARTTLS.
    pub port: u16,
    /// TLS from the first byte, where the door has it.
    pub tls_port: Option<u16>,
}

/// One of the people of the demo.
#[derive(Debug, Clone)]
pub struct Account {
    /// `local@domain`, also the login.
    pub address: String,
    /// Made for this demo.
    pub password: String,
    /// `pop3`, `imap` or `exchange`.
    pub kind: String,
    /// For people.
    pub name: String,
}

/// A running server with the demo's data. Dropping it ends the process.
pub struct Demo {
    process: Child,
    folder: TempDir,
    database: Option<String>,
    trust: Arc<ClientConfig>,
    json: Value,
}

impl Demo {
    /// Starts `kontor demo` on free ports and waits until all doors are open.
    pub fn start(store: Store) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let json_file = folder.path().join("demo.json");
        let database = (store == Store::Postgres).then(new_postgres_database);
        let mut command = Command::new(binary());
        command.arg("demo").arg("--dir").arg(folder.path().join("data")).arg("--json").arg(&json_file);
        command.args(["--ports", "0"]);
        if let Some(url) = &database {
            command.args(["--database", url]);
        }
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));

        // Written atomically when all doors are open, so a file that exists is whole.
        let text = eventually("the demo's doors are open", || {
            if let Some(status) = process.try_wait().unwrap() {
                let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
                panic!("{command:?} ended with {status}:\n{log}");
            }
            std::fs::read_to_string(&json_file).ok()
        });
        let json: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(json["pid"].as_u64(), Some(u64::from(process.id())), "{text}");
        let trust = trust(Path::new(json["ca"].as_str().expect("`ca` is the path of a PEM file")));
        Self { process, folder, database, trust, json }
    }

    /// All accounts.
    pub fn accounts(&self) -> Vec<Account> {
        let text = |account: &Value, key: &str| {
            account[key].as_str().unwrap_or_else(|| panic!("{key} in {account}")).to_owned()
        };
        let accounts = self.json["accounts"].as_array().unwrap();
        accounts
            .iter()
            .map(|account| Account {
                address: text(account, "address"),
                password: text(account, "password"),
                kind: text(account, "kind"),
                name: text(account, "name"),
            })
            .collect()
    }

    /// The first account of a kind.
    pub fn account(&self, kind: &str) -> Account {
        self.accounts()
            .into_iter()
            .find(|account| account.kind == kind)
            .unwrap_or_else(|| panic!("no {kind} account"))
    }

    /// Two people of one domain who may use every door.
    pub fn colleagues(&self) -> (Account, Account) {
        let domain = |account: &Account| account.address.split('@').nth(1).map(str::to_owned);
        let people: Vec<Account> =
            self.accounts().into_iter().filter(|account| account.kind == "exchange").collect();
        for (index, first) in people.iter().enumerate() {
            if let Some(second) = people[index + 1..].iter().find(|other| domain(other) == domain(first)) {
                return (first.clone(), second.clone());
            }
        }
        panic!("no two exchange accounts in one domain: {people:?}")
    }

    /// Where a door listens: `imap`, `pop3`, `lmtp`, `submission`.
    pub fn door(&self, name: &str) -> Door {
        let door = &self.json[name];
        let port = |key: &str| door[key].as_u64().map(|port| u16::try_from(port).unwrap());
        Door {
            host: door["host"].as_str().unwrap_or_else(|| panic!("{name} in {}", self.json)).to_owned(),
            port: port("port").unwrap(),
            tls_port: port("tls_port"),
        }
    }

    /// A URL of the JSON: `http`, `https`, `activesync`, `dav`.
    pub fn url(&self, name: &str) -> String {
        self.json[name].as_str().unwrap_or_else(|| panic!("{name} in {}", self.json)).to_owned()
    }

    /// The PEM file of the demo's own authority.
    pub fn ca(&self) -> PathBuf {
        PathBuf::from(self.json["ca"].as_str().unwrap())
    }

    /// The process that serves.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// IMAP over TLS, logged in.
    pub fn imap(&self, account: &Account) -> Imap {
        let mut imap = Imap::greeted(self.tls("imap"));
        imap.login(&account.address, &account.password);
        imap
    }

    /// IMAP over plain TCP, greeted only.
    pub fn imap_plain(&self) -> Imap {
        let door = self.door("imap");
        Imap::greeted(Stream::plain(&door.host, door.port))
    }

    /// POP3 over TLS, logged in.
    pub fn pop3(&self, account: &Account) -> Pop3 {
        let mut pop3 = Pop3::greeted(self.tls("pop3"));
        pop3.login(&account.address, &account.password);
        pop3
    }

    /// LMTP, greeted with LHLO.
    pub fn lmtp(&self) -> Smtp {
        let door = self.door("lmtp");
        Smtp::greeted(Stream::plain(&door.host, door.port), "LHLO")
    }

    /// Submission: STARTTLS, EHLO and AUTH PLAIN done.
    pub fn submission(&self, account: &Account) -> Smtp {
        let door = self.door("submission");
        let smtp = Smtp::greeted(Stream::plain(&door.host, door.port), "EHLO");
        let mut smtp = smtp.start_tls(&door.host, &self.trust);
        smtp.authenticate(&account.address, &account.password);
        smtp
    }

    /// A phone of this account that knows its password and nothing else.
    pub fn phone(&self, account: &Account, version: &str) -> Phone {
        Phone::new(&self.url("activesync"), Arc::clone(&self.trust), account, version, &unique())
    }

    /// Asserts that the store's own check finds nothing. Every black-box test ends with it.
    pub fn consistent(&self) {
        let mut command = Command::new(binary());
        command.args(["admin", "check", "--json", "--dir"]).arg(self.folder.path().join("data"));
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        run_tool(&mut command, Duration::from_secs(120)).success();
    }

    fn tls(&self, name: &str) -> Stream {
        let door = self.door(name);
        Stream::tls(
            &door.host,
            door.tls_port.unwrap_or_else(|| panic!("{name} has no tls_port")),
            &self.trust,
        )
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(60).collect();
            eprintln!("the server's last lines:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        let _ended = self.process.kill();
        let _status = self.process.wait();
        if let Some(url) = &self.database {
            drop_postgres_database(url);
        }
    }
}

/// `KONTOR_BIN`, or what `cargo build -p kontor` makes.
fn binary() -> PathBuf {
    let built = || {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from);
        target.join("debug/kontor")
    };
    let binary = std::env::var_os("KONTOR_BIN").map_or_else(built, PathBuf::from);
    assert!(binary.exists(), "{} is missing: `tests/run build` makes it", binary.display());
    binary
}

fn trust(ca: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    assert!(!roots.is_empty(), "no certificate in {}", ca.display());
    Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

fn postgres_url() -> String {
    std::env::var("KONTOR_TEST_POSTGRES").expect(
        "KONTOR_TEST_POSTGRES is the URL of a PostgreSQL where databases may be made; `tests/run` starts one",
    )
}

fn psql(url: &str, statement: &str) {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--command", statement, url]);
    run_tool(&mut command, Duration::from_secs(60)).success();
}

fn new_postgres_database() -> String {
    let server = postgres_url();
    let name = format!("kontor_{}", unique());
    psql(&server, &format!("CREATE DATABASE {name}"));
    let (base, _database) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

/// Runs while a test may be failing already, so it must not fail itself: the whole server is thrown away later.
fn drop_postgres_database(url: &str) {
    let Some((_base, name)) = url.rsplit_once('/') else { return };
    let statement = format!("DROP DATABASE {name} WITH (FORCE)");
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--command", &statement, &postgres_url()]);
    let _status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}
