//! `kontor demo` as a test sees it: a process, a JSON file, doors.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;
use tempfile::TempDir;

use crate::dav::Dav;
use crate::imap::Imap;
use crate::mail::unique;
use crate::phone::Phone;
use crate::pop3::Pop3;
use crate::postgres;
use crate::prepared::Prepared;
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
        Self::start_with(store, &[])
    }

    /// The same with environment variables: each key of the configuration is one.
    pub fn start_with(store: Store, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Prepared::of(&binary(), store == Store::Postgres).copy_to(folder.path());
        let (process, json) = launch(folder.path(), database.as_deref(), environment);
        let trust = trust(Path::new(json["ca"].as_str().expect("`ca` is the path of a PEM file")));
        Self { process, folder, database, trust, json }
    }

    /// Starts an ended server on its data again.
    pub fn start_again(&mut self) {
        assert!(self.process.try_wait().unwrap().is_some(), "it still runs");
        (self.process, self.json) = launch(self.folder.path(), self.database.as_deref(), &[]);
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

    /// The password in the database's URL, if the database has one.
    pub fn database_password(&self) -> Option<&str> {
        let (_, rest) = self.database.as_deref()?.split_once("://")?;
        let (login, _) = rest.split_once('@')?;
        login.split_once(':').map(|(_, password)| password)
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Sends SIGTERM. A second one would end the server at once, and not well.
    pub fn begin_to_terminate(&self) {
        send_sigterm(&self.process);
    }

    /// Waits until the server has ended; gives its exit code, nothing if a signal killed it.
    pub fn ended(&mut self) -> Option<i32> {
        ended(&mut self.process)
    }

    /// `kontor admin` on the demo's store while it serves; its answer for programs.
    pub fn admin(&self, arguments: &[&str]) -> Value {
        let output = self.admin_with(arguments, "");
        serde_json::from_str(&output).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {output}"))
    }

    /// The same with something on standard input; what it wrote.
    pub fn admin_with(&self, arguments: &[&str], input: &str) -> String {
        let mut command = self.admin_command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        // A command that reads no input may have ended already.
        let _unread = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// `kontor admin` with something that it must refuse; what it says.
    pub fn admin_refuses(&self, arguments: &[&str]) -> String {
        let outcome = run_tool(&mut self.admin_command(arguments), Duration::from_secs(60));
        assert!(outcome.code.is_some_and(|code| code != 0), "{}", outcome.output);
        outcome.output
    }

    fn admin_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(["admin", "--json", "--dir"]).arg(self.folder.path().join("data")).args(arguments);
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        command
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

    /// IMAP over TLS, greeted only.
    pub fn imap_greeted(&self) -> Imap {
        Imap::greeted(self.tls("imap"))
    }

    /// IMAP over plain TCP, greeted only.
    pub fn imap_plain(&self) -> Imap {
        let door = self.door("imap");
        Imap::greeted(Stream::plain(&door.host, door.port))
    }

    /// IMAP after STARTTLS with these bytes behind it in the same packet; not logged in.
    pub fn imap_after_start_tls(&self, after: &[u8]) -> Imap {
        self.imap_plain().start_tls(&self.door("imap").host, &self.trust, after)
    }

    /// POP3 over plain TCP, greeted only.
    pub fn pop3_plain(&self) -> Pop3 {
        let door = self.door("pop3");
        Pop3::greeted(Stream::plain(&door.host, door.port))
    }

    /// POP3 after STLS with these bytes behind it in the same packet; not logged in.
    pub fn pop3_after_stls(&self, after: &[u8]) -> Pop3 {
        self.pop3_plain().start_tls(&self.door("pop3").host, &self.trust, after)
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

    /// The same inside TLS, by STARTTLS.
    pub fn lmtp_with_tls(&self) -> Smtp {
        self.lmtp().start_tls(&self.door("lmtp").host, &self.trust)
    }

    /// LMTP after STARTTLS with these bytes behind it in the same packet; LHLO has not been said again.
    pub fn lmtp_after_start_tls(&self, after: &[u8]) -> Smtp {
        self.lmtp().start_tls_before(&self.door("lmtp").host, &self.trust, after)
    }

    /// Submission: STARTTLS, EHLO and AUTH PLAIN done.
    pub fn submission(&self, account: &Account) -> Smtp {
        let mut smtp = self.submission_plain().start_tls(&self.door("submission").host, &self.trust);
        smtp.authenticate(&account.address, &account.password);
        smtp
    }

    /// Submission over plain TCP, greeted with EHLO.
    pub fn submission_plain(&self) -> Smtp {
        let door = self.door("submission");
        Smtp::greeted(Stream::plain(&door.host, door.port), "EHLO")
    }

    /// Submission after STARTTLS with these bytes behind it in the same packet; EHLO has not been said again.
    pub fn submission_after_start_tls(&self, after: &[u8]) -> Smtp {
        self.submission_plain().start_tls_before(&self.door("submission").host, &self.trust, after)
    }

    /// Submission over TLS: EHLO and AUTH PLAIN done.
    pub fn submission_with_tls(&self, account: &Account) -> Smtp {
        let mut smtp = Smtp::greeted(self.tls("submission"), "EHLO");
        smtp.authenticate(&account.address, &account.password);
        smtp
    }

    /// A phone of this account that knows its password and nothing else.
    pub fn phone(&self, account: &Account, version: &str) -> Phone {
        Phone::new(&self.url("activesync"), Arc::clone(&self.trust), account, version, &unique())
    }

    /// CalDAV and CardDAV of an account.
    pub fn dav(&self, account: &Account) -> Dav {
        Dav::new(&self.url("dav"), Arc::clone(&self.trust), Some(account))
    }

    /// The same without a login.
    pub fn dav_of_nobody(&self) -> Dav {
        Dav::new(&self.url("dav"), Arc::clone(&self.trust), None)
    }

    /// Asserts that the store's own check finds nothing. Every black-box test ends with it.
    pub fn consistent(&self) {
        run_tool(&mut self.admin_command(&["check"]), Duration::from_secs(120)).success();
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
            postgres::drop_quietly(url);
        }
    }
}

pub(crate) fn ended(process: &mut Child) -> Option<i32> {
    eventually("the server ends after SIGTERM", || process.try_wait().unwrap()).code()
}

pub(crate) fn send_sigterm(process: &Child) {
    let mut command = Command::new("kill");
    run_tool(command.args(["-TERM", &process.id().to_string()]), Duration::from_secs(10)).success();
}

/// Starts `kontor demo` in a folder; gives the process and what it told when all doors were open.
pub(crate) fn launch(folder: &Path, database: Option<&str>, environment: &[(&str, &str)]) -> (Child, Value) {
    let json_file = folder.join("demo.json");
    let _of_an_earlier_run = std::fs::remove_file(&json_file);
    let mut command = Command::new(binary());
    command.arg("demo").arg("--dir").arg(folder.join("data")).arg("--json").arg(&json_file);
    command.args(["--ports", "0"]).envs(environment.iter().copied());
    if let Some(url) = database {
        command.args(["--database", url]);
    }
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    let mut process = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));

    // Written atomically when all doors are open, so a file that exists is whole.
    let text = eventually("the demo's doors are open", || {
        if let Some(status) = process.try_wait().unwrap() {
            let log = std::fs::read_to_string(folder.join("log")).unwrap();
            panic!("{command:?} ended with {status}:\n{log}");
        }
        std::fs::read_to_string(&json_file).ok()
    });
    let json: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(json["pid"].as_u64(), Some(u64::from(process.id())), "{text}");
    (process, json)
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
