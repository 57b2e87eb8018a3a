//! The built binary, as an operator and a test harness use it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that fails is a test that fails, and says why"
)]

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a condition may take to come true on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How soon a demo is ready, its data made or found, on a machine that has a processor for it.
const READY: Duration = Duration::from_secs(5);

fn kontor() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kontor"));
    command.stdin(Stdio::null()).env_remove("KONTOR_CONFIG");
    command
}

/// A store that is found by a configuration file.
struct House {
    folder: TempDir,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("store");
        let text = format!("[store]\ndirectory = {:?}\n", directory.display().to_string());
        std::fs::write(folder.path().join("kontor.toml"), text).unwrap();
        Self { folder }
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("kontor.toml")
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = kontor();
        command.arg("admin").arg("--config").arg(self.config()).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that reads no input may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// A command that must succeed; its answer for programs.
    fn json(&self, arguments: &[&str]) -> Value {
        self.json_with(arguments, "")
    }

    fn json_with(&self, arguments: &[&str], input: &str) -> Value {
        let output = self.run(&[&["--json"], arguments].concat(), input);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A command that must fail; what it says.
    fn refused(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", text(&output.stdout));
        assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
        text(&output.stderr)
    }

    fn sound(&self) {
        assert_eq!(self.json(&["check"])["sound"], true);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_domain_is_set_up_shown_renamed_and_removed() {
    let house = House::new();
    let added = house.json(&["domain", "add", "Blumen.test", "--language", "de"]);
    assert_eq!(added["name"], "blumen.test");
    assert_eq!(added["language"], "de");
    assert_eq!(added["quota_default_bytes"], 10_000_000_000_i64);
    house.json(&["domain", "alias", "add", "blumen.test", "flowers.test"]);
    let quota = house.json(&["domain", "quota", "blumen.test", "1.5GB", "3GB"]);
    assert_eq!(quota["quota_max_bytes"], 3_000_000_000_i64);
    assert_eq!(house.json(&["domain", "show", "flowers.test"])["name"], "blumen.test");
    assert_eq!(house.json(&["domain", "list"])[0]["aliases"][0], "flowers.test");
    let told = house.refused(&["domain", "alias", "remove", "blumen.test", "other.test"], "");
    assert!(told.contains("no other name"), "{told}");
    let after = house.json(&["domain", "alias", "remove", "blumen.test", "flowers.test"]);
    assert_eq!(after["aliases"].as_array().unwrap().len(), 0);
    house.json(&["domain", "remove", "blumen.test"]);
    assert_eq!(house.json(&["domain", "list"]).as_array().unwrap().len(), 0);
    house.sound();
}

#[test]
fn an_account_goes_through_its_life() {
    let house = House::new();
    house.json(&["domain", "add", "blumen.test"]);
    for class in ["person", "shared", "room", "resource"] {
        goes_through_its_life(&house, class);
    }
    let told = house.run(&["account", "add", "anna@blumen.test", "--class", "robot"], "");
    assert_eq!(told.status.code(), Some(2), "there is no fifth class");
    house.sound();
}

fn goes_through_its_life(house: &House, class: &str) {
    let mut add = vec![
        "account",
        "add",
        "anna@blumen.test",
        "--name",
        "Anna Huber",
        "--quota",
        "5GB",
        "--password-stdin",
    ];
    // Who says nothing of it means a person.
    if class != "person" {
        add.extend(["--class", class]);
    }
    let added = house.json_with(&add, "correct horse\n");
    for (key, value) in [("address", "anna@blumen.test"), ("kind", "exchange"), ("class", class)] {
        assert_eq!(added[key], value);
    }
    assert_eq!(added["quota_bytes"], 5_000_000_000_i64);
    assert_eq!(house.json(&["account", "kind", "anna@blumen.test", "pop3"])["kind"], "pop3");
    assert_eq!(house.json(&["account", "quota", "anna@blumen.test", "1GB"])["quota_bytes"], 1_000_000_000);
    assert_eq!(house.json(&["account", "suspend", "anna@blumen.test"])["suspended"], true);
    assert_eq!(house.json(&["account", "resume", "anna@blumen.test"])["suspended"], false);
    house.json(&["alias", "add", "anna@blumen.test", "info@blumen.test"]);
    let renamed = house.json(&["account", "rename", "anna@blumen.test", "anna.maier@blumen.test"]);
    assert_eq!((&renamed["address"], &renamed["class"]), (&json!("anna.maier@blumen.test"), &json!(class)));
    assert_eq!(renamed["aliases"][0], "info@blumen.test");
    assert_eq!(house.json(&["alias", "list"])[0]["account"], "anna.maier@blumen.test");
    assert_eq!(house.json(&["alias", "show", "info@blumen.test"])["accounts"][0], "anna.maier@blumen.test");
    house.json(&["alias", "remove", "anna.maier@blumen.test", "info@blumen.test"]);
    house.json(&["account", "remove", "anna.maier@blumen.test"]);
    assert_eq!(house.json(&["account", "list"]).as_array().unwrap().len(), 0);
}

#[test]
fn a_refusal_says_what_is_wrong_and_what_to_do() {
    let house = House::new();
    house.json(&["domain", "add", "blumen.test"]);
    house.json(&["account", "add", "anna@blumen.test"]);
    let told = house.refused(&["account", "show", "ben@blumen.test"], "");
    assert!(told.contains("ben@blumen.test") && told.contains("`kontor admin account list`"), "{told}");
    let told = house.refused(&["account", "add", "anna@blumen.test"], "");
    assert!(told.contains("exists already") && told.contains("alias show"), "{told}");
    let told = house.refused(&["account", "add", "anna@elsewhere.test"], "");
    assert!(told.contains("domain does not exist") && told.contains("domain list"), "{told}");
    let told = house.refused(&["domain", "remove", "blumen.test"], "");
    assert!(told.contains("still has accounts"), "{told}");
    let told = house.refused(&["account", "quota", "anna@blumen.test", "11GB"], "");
    assert!(told.contains("domain quota"), "{told}");
    house.sound();
}

#[test]
fn passwords_come_from_standard_input_and_are_never_told() {
    let house = House::new();
    house.json(&["domain", "add", "blumen.test"]);
    house.json(&["account", "add", "anna@blumen.test"]);
    let set = house.json_with(&["password", "set", "anna@blumen.test"], "tulip fields\r\nsecond line\n");
    assert_eq!(set["password_set"], true);
    assert!(!set.to_string().contains("tulip"));
    let told = house.refused(&["password", "set", "anna@blumen.test"], "");
    assert!(told.contains("holds no password"), "{told}");
    let told = house.refused(&["password", "set", "anna@blumen.test"], "abc\n");
    assert!(!told.contains("abc"), "{told}");
    let shown = house.json(&["password", "show", "anna@blumen.test"]);
    assert_eq!((&shown["password_set"], &shown["last_used_at"]), (&Value::Bool(true), &Value::Null));
    let made = house.json(&["account", "show", "anna@blumen.test"])["created_at"].clone();
    assert!(shown["set_at"].as_str() >= made.as_str() && made.is_string(), "{shown} {made}");
    assert!(!shown.to_string().contains("tulip"));
    // On the command line it is refused by clap, before anything reads it.
    let output = house.run(&["password", "set", "anna@blumen.test", "tulip fields"], "");
    assert_eq!(output.status.code(), Some(2));
    house.sound();
}

#[test]
fn who_has_a_password_is_listed_and_nothing_of_the_password() {
    let house = House::new();
    for domain in ["blumen.test", "nachbar.test"] {
        house.json(&["domain", "add", domain]);
    }
    for address in ["anna@blumen.test", "ben@blumen.test", "nora@nachbar.test"] {
        house.json(&["account", "add", address]);
    }
    house.json_with(&["password", "add", "anna@blumen.test"], "tulip fields\n");
    // An app password is another thing.
    house.json(&["app-password", "add", "ben@blumen.test", "phone"]);

    let list = house.json(&["password", "list", "--domain", "blumen.test"]);
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[0], house.json(&["password", "show", "anna@blumen.test"]));
    assert_eq!((&list[0]["password_set"], &list[1]["password_set"]), (&json!(true), &json!(false)));
    assert_eq!(list[1]["address"], "ben@blumen.test");
    let mut fields: Vec<&str> = list[0].as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["address", "last_used_at", "password_set", "set_at"], "no key, no hash");
    assert_eq!(house.json(&["password", "list"]).as_array().unwrap().len(), 3);
    let told = house.refused(&["password", "list", "--domain", "elsewhere.test"], "");
    assert!(told.contains("domain list"), "{told}");
    let shown = text(&house.run(&["password", "list"], "").stdout);
    assert_eq!(shown.lines().count(), 4, "{shown}");
    assert!(
        shown.lines().any(|line| line.starts_with("ben@blumen.test") && line.contains("none")),
        "{shown}"
    );
    house.sound();
}

#[test]
fn a_password_is_taken_away_and_the_app_passwords_stay() {
    let house = House::new();
    house.json(&["domain", "add", "blumen.test"]);
    house.json(&["account", "add", "anna@blumen.test"]);
    let none = house.json(&["password", "show", "anna@blumen.test"]);
    assert_eq!((&none["password_set"], &none["set_at"]), (&Value::Bool(false), &Value::Null));
    let told = house.refused(&["password", "remove", "anna@blumen.test"], "");
    assert!(told.contains("has no password") && told.contains("app-password list"), "{told}");

    house.json(&["app-password", "add", "anna@blumen.test", "phone"]);
    house.json_with(&["password", "set", "anna@blumen.test"], "tulip fields\n");
    assert_eq!(house.json(&["password", "remove", "anna@blumen.test"]), none);
    assert_eq!(house.json(&["password", "show", "anna@blumen.test"]), none);
    assert_eq!(house.json(&["app-password", "list", "anna@blumen.test"])[0]["name"], "phone");
    house.sound();
}

#[test]
fn app_passwords_are_made_listed_and_revoked() {
    let house = House::new();
    house.json(&["domain", "add", "blumen.test"]);
    house.json(&["account", "add", "anna@blumen.test"]);
    let made = house.json(&["app-password", "add", "anna@blumen.test", "phone"]);
    assert_eq!(made["password"].as_str().unwrap().len(), 19);
    house.refused(&["app-password", "add", "anna@blumen.test", "phone"], "");
    let list = house.json(&["app-password", "list", "anna@blumen.test"]);
    assert_eq!(list[0]["name"], "phone");
    assert_eq!(list[0]["last_used_at"], Value::Null);
    assert!(list[0].get("password").is_none());
    assert_eq!(house.json(&["app-password", "show", "anna@blumen.test", "phone"]), list[0]);
    let told = house.refused(&["app-password", "show", "anna@blumen.test", "tablet"], "");
    assert!(told.contains("'tablet'") && told.contains("app-password list"), "{told}");
    let left = house.json(&["app-password", "remove", "anna@blumen.test", "phone"]);
    assert_eq!(left.as_array().unwrap().len(), 0);
    let told = house.refused(&["app-password", "remove", "anna@blumen.test", "phone"], "");
    assert!(told.contains("app-password list"), "{told}");
    house.sound();
}

#[test]
fn rights_are_given_to_people_and_groups_of_one_domain_only() {
    let house = House::new();
    for domain in ["blumen.test", "nachbar.test"] {
        house.json(&["domain", "add", domain, "--language", "de"]);
    }
    for address in ["anna@blumen.test", "ben@blumen.test", "nora@nachbar.test"] {
        house.json(&["account", "add", address]);
    }
    let group = house.json(&["group", "add", "team@blumen.test", "ben@blumen.test"]);
    assert_eq!(group["members"][0], "ben@blumen.test");

    // By its localised name, and by what it is for.
    let set = house.json(&["grant", "set", "anna@blumen.test", "Kalender", "ben@blumen.test", "reader"]);
    assert_eq!(set["role"], "calendar");
    assert_eq!(set["grants"][0]["preset"], "reader");
    let set = house.json(&["grant", "add", "anna@blumen.test", "calendar", "team@blumen.test", "lrs"]);
    let team = set["grants"].as_array().unwrap().iter().find(|g| g["grantee"] == "team@blumen.test").unwrap();
    assert_eq!(team["rights"], "lrs");
    house.json(&["grant", "set", "anna@blumen.test", "inbox", "anyone", "reader"]);
    assert_eq!(house.json(&["grant", "list", "anna@blumen.test"]).as_array().unwrap().len(), 2);
    assert!(house.json(&["grant", "list", "anna@blumen.test", "--all"]).as_array().unwrap().len() >= 10);

    let across = ["grant", "set", "anna@blumen.test", "inbox", "nora@nachbar.test", "reader"];
    let told = house.refused(&across, "");
    assert!(told.contains("never cross a domain"), "{told}");
    let told = house.refused(&["grant", "show", "anna@blumen.test", "Nowhere"], "");
    assert!(told.contains("folder does not exist") && told.contains("--all"), "{told}");

    house.json(&["grant", "remove", "anna@blumen.test", "calendar", "ben@blumen.test"]);
    house.refused(&["grant", "remove", "anna@blumen.test", "calendar", "ben@blumen.test"], "");
    house.json(&["group", "member", "remove", "team@blumen.test", "ben@blumen.test"]);
    assert_eq!(house.json(&["group", "show", "team@blumen.test"])["members"].as_array().unwrap().len(), 0);
    house.json(&["group", "remove", "team@blumen.test"]);
    assert_eq!(house.json(&["group", "list"]).as_array().unwrap().len(), 0);
    assert_eq!(house.json(&["device", "list", "anna@blumen.test"]).as_array().unwrap().len(), 0);
    assert!(house.refused(&["device", "show", "anna@blumen.test", "x"], "").contains("device list"));
    assert_eq!(house.json(&["sweep"])["contents"], 0);
    house.sound();
}

#[test]
fn an_admin_command_makes_no_store_by_a_slip_of_the_pen() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let output = kontor().args(["admin", "--dir"]).arg(&nowhere).args(["domain", "list"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("there is no store"), "{}", text(&output.stderr));
    assert!(!nowhere.exists());
}

#[test]
fn a_wrong_configuration_is_refused_with_the_line() {
    let house = House::new();
    std::fs::write(house.config(), "[store]\n# here\ndirectroy = \"x\"\n").unwrap();
    let told = house.refused(&["domain", "list"], "");
    assert!(told.contains("line 3: unknown key 'directroy'; did you mean 'directory'?"), "{told}");

    std::fs::write(house.config(), "[listen]\nimaps = [\"127.0.0.1:0\"]\n").unwrap();
    let output = kontor().args(["serve", "--check", "--config"]).arg(house.config()).output().unwrap();
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("server.hostname") && told.contains("tls:"), "{told}");

    let output = kontor()
        .args(["serve", "--check", "--config"])
        .arg(house.config())
        .env("KONTOR_LISTEN_IMPA", "127.0.0.1:0")
        .output()
        .unwrap();
    assert!(text(&output.stderr).contains("did you mean 'imap'?"), "{}", text(&output.stderr));
}

#[test]
fn a_sound_configuration_passes_the_check_and_opens_nothing() {
    let house = House::new();
    let directory = house.folder.path().join("never-made");
    let text_of = format!(
        "[server]\nhostname = \"mail.blumen.test\"\n[store]\ndirectory = {:?}\n[listen]\nlmtp = [\"127.0.0.1:0\"]\n",
        directory.display().to_string()
    );
    std::fs::write(house.config(), text_of).unwrap();
    let output = kontor().args(["serve", "--check", "--config"]).arg(house.config()).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!directory.exists());
}

/// A process that is ended when the test is.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    fn terminate(&mut self) -> Option<i32> {
        self.signal("-TERM");
        eventually("the server ends after SIGTERM", || self.0.try_wait().unwrap()).code()
    }
}

/// Looks again until there is an answer, yielding the processor in between.
fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = started();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's deadline is real time")]
fn started() -> Instant {
    Instant::now()
}

/// How long a process has taken so far.
#[derive(Debug)]
struct Took {
    by_the_clock: Duration,
    /// On a processor, all threads together.
    working: Duration,
    /// Ready to work, while others had the processors; all threads together.
    waiting_for_a_processor: Duration,
}

impl Took {
    fn since(began: Instant, process: &Process) -> Self {
        let by_the_clock = began.elapsed();
        let threads = std::fs::read_dir(format!("/proc/{}/task", process.0.id())).unwrap();
        let mut took =
            Self { by_the_clock, working: Duration::ZERO, waiting_for_a_processor: Duration::ZERO };
        for thread in threads {
            // Nanoseconds of work, nanoseconds of waiting, time slices. A thread may have ended.
            let path = thread.unwrap().path().join("schedstat");
            let Ok(text) = std::fs::read_to_string(path) else { continue };
            let mut numbers = text.split_whitespace().map(|number| number.parse().unwrap());
            took.working += Duration::from_nanos(numbers.next().unwrap());
            took.waiting_for_a_processor += Duration::from_nanos(numbers.next().unwrap());
        }
        took
    }

    /// Ready in time; or late by no more than the machine was busy with others.
    fn was_soon(&self) {
        assert!(self.working <= READY, "{self:?}");
        let late = self.by_the_clock.saturating_sub(READY);
        assert!(late <= self.waiting_for_a_processor, "{self:?}");
    }
}

fn demo(folder: &Path, json: &Path) -> Process {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let child = kontor()
        .args(["demo", "--ports", "0", "--now", "2026-11-23T09:00", "--dir"])
        .arg(folder.join("data"))
        .arg("--json")
        .arg(json)
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    Process(child)
}

fn ready(process: &mut Process, folder: &Path, json: &Path) -> Value {
    let whole = eventually("the doors are open", || {
        if let Some(status) = process.0.try_wait().unwrap() {
            panic!("{status}: {}", std::fs::read_to_string(folder.join("log")).unwrap());
        }
        std::fs::read_to_string(json).ok()
    });
    serde_json::from_str(&whole).unwrap()
}

fn admin_json(data: &Path, arguments: &[&str]) -> Value {
    let output = kontor().args(["admin", "--json", "--dir"]).arg(data).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_demo_starts_tells_everything_ends_and_starts_again_with_the_same_data() {
    let folder = tempfile::tempdir().unwrap();
    let (data, json) = (folder.path().join("data"), folder.path().join("demo.json"));
    let began = started();
    let mut process = demo(folder.path(), &json);
    let told = ready(&mut process, folder.path(), &json);
    let took = Took::since(began, &process);
    eprintln!("the first start, with all data to be made, took {took:?}");
    took.was_soon();

    assert_eq!(told["pid"], process.0.id());
    assert!(std::fs::read_to_string(told["ca"].as_str().unwrap()).unwrap().contains("BEGIN CERTIFICATE"));
    assert!(told["https"].as_str().unwrap().starts_with("https://127.0.0.1:"));
    assert!(told["activesync"].as_str().unwrap().ends_with("/Microsoft-Server-ActiveSync"));
    assert!(told["dav"].as_str().unwrap().starts_with("https://"));
    assert!(told["database"].as_str().unwrap().starts_with("sqlite:/"));
    assert_eq!(told["directory"], data.canonicalize().unwrap().to_str().unwrap());
    let mut ports = Vec::new();
    for (door, tls) in [("imap", true), ("pop3", true), ("lmtp", false), ("submission", true)] {
        assert_eq!(told[door]["host"], "127.0.0.1");
        ports.push(told[door]["port"].as_u64().unwrap());
        assert_eq!(told[door]["tls_port"].is_u64(), tls, "{door}");
        ports.extend(told[door]["tls_port"].as_u64());
    }
    for port in ports {
        TcpStream::connect(("127.0.0.1", u16::try_from(port).unwrap())).unwrap();
    }
    let accounts = told["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 6);
    for kind in ["pop3", "imap", "exchange"] {
        assert!(accounts.iter().any(|account| account["kind"] == kind), "{kind}");
    }
    assert!(accounts.iter().all(|account| account["password"] == "demo" && account["name"].is_string()));
    assert!(http_get(told["http"].as_str().unwrap(), "/healthz").ends_with("ok\n"));
    assert!(http_get(told["http"].as_str().unwrap(), "/").contains("<h1>Kontor</h1>"));

    // The second process works on the same store while the first serves.
    let emil = admin_json(&data, &["account", "show", "emil@blumen-huber.test"]);
    assert_eq!(emil["used_percent"], 71);
    let grants = admin_json(&data, &["grant", "show", "anna@blumen-huber.test", "calendar"]);
    assert_eq!(grants["grants"].as_array().unwrap().len(), 2);
    assert_eq!(admin_json(&data, &["domain", "list"]).as_array().unwrap().len(), 2);
    assert_eq!(admin_json(&data, &["check"])["sound"], true);
    assert_eq!(
        process.terminate(),
        Some(0),
        "{}",
        std::fs::read_to_string(folder.path().join("log")).unwrap()
    );

    let ca = std::fs::read_to_string(told["ca"].as_str().unwrap()).unwrap();
    let before = admin_json(&data, &["account", "list"]);
    std::fs::remove_file(&json).unwrap();
    let began = started();
    let mut process = demo(folder.path(), &json);
    let again = ready(&mut process, folder.path(), &json);
    let took = Took::since(began, &process);
    eprintln!("the second start, with all data there, took {took:?}");
    took.was_soon();
    assert_eq!(again["accounts"], told["accounts"]);
    assert_eq!(admin_json(&data, &["account", "list"]), before);
    assert_eq!(std::fs::read_to_string(again["ca"].as_str().unwrap()).unwrap(), ca);
    assert_eq!(process.terminate(), Some(0));
    assert_eq!(admin_json(&data, &["check"])["sound"], true);
    damage_is_found(&data);
}

/// A demo that was killed when some of its mails were in, and not all.
fn killed_while_it_was_filled() -> TempDir {
    // On a busy machine it may be ready before this test looks again: then there is nothing to see.
    const TRIES: usize = 10;
    for _ in 0..TRIES {
        let folder = tempfile::tempdir().unwrap();
        let (data, json) = (folder.path().join("data"), folder.path().join("demo.json"));
        let mut process = demo(folder.path(), &json);
        eventually("some mails are in", || {
            let written = std::fs::metadata(data.join("kontor.db-wal")).ok()?.len();
            (written > 1_000_000).then_some(())
        });
        process.0.kill().unwrap();
        process.0.wait().unwrap();
        if !json.exists() {
            return folder;
        }
    }
    panic!("it was ready before it could be killed, {TRIES} times")
}

#[test]
fn a_demo_that_was_killed_while_it_was_filled_begins_again() {
    let folder = killed_while_it_was_filled();
    let (data, json) = (folder.path().join("data"), folder.path().join("demo.json"));
    let mut process = demo(folder.path(), &json);
    assert_eq!(ready(&mut process, folder.path(), &json)["accounts"].as_array().unwrap().len(), 6);
    assert_eq!(admin_json(&data, &["account", "show", "emil@blumen-huber.test"])["used_percent"], 71);
    assert_eq!(process.terminate(), Some(0));
    assert_eq!(admin_json(&data, &["check"])["sound"], true);
}

fn damage_is_found(data: &Path) {
    let blob = first_file(&data.join("blobs")).expect("Emil collects large files");
    let mut bytes = std::fs::read(&blob).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&blob, bytes).unwrap();
    let output = kontor().args(["admin", "--json", "--dir"]).arg(data).arg("check").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["sound"], false);
    assert_eq!(answer["violations"][0]["invariant"], "I3");
}

fn first_file(folder: &Path) -> Option<PathBuf> {
    std::fs::read_dir(folder).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { first_file(&path) } else { Some(path) }
    })
}

fn http_get(base: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

#[test]
fn a_demo_does_not_touch_a_store_of_somebody_else() {
    let house = House::new();
    house.json(&["domain", "add", "real.test"]);
    let output = kontor()
        .args(["demo", "--ports", "0", "--dir"])
        .arg(house.folder.path().join("store"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("real.test"), "{}", text(&output.stderr));
    assert_eq!(house.json(&["domain", "list"]).as_array().unwrap().len(), 1);
    house.sound();
}

impl House {
    /// Doors on ports that the system chooses, and a log for programs.
    fn with_doors() -> Self {
        let house = Self::new();
        let folder = house.folder.path();
        let path = |name: &str| format!("{:?}", folder.join(name).display().to_string());
        let more = format!(
            "[server]\nhostname = \"mail.blumen.test\"\n[tls]\ncertificate = {}\nkey = {}\n\
             [listen]\nimaps = [\"127.0.0.1:0\"]\nhttps = [\"127.0.0.1:0\"]\n[log]\nformat = \"json\"\n",
            path("chain.pem"),
            path("key.pem"),
        );
        let store = std::fs::read_to_string(house.config()).unwrap();
        std::fs::write(house.config(), store + &more).unwrap();
        house
    }

    /// Puts a new certificate and its key where the configuration says.
    fn new_certificate(&self) -> CertificateDer<'static> {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        std::fs::write(self.folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        std::fs::write(self.folder.path().join("chain.pem"), made.cert.pem()).unwrap();
        made.cert.der().clone()
    }

    fn serve(&self) -> Process {
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let mut command = kontor();
        command.args(["serve", "--config"]).arg(self.config());
        Process(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap())
    }

    /// What the server has logged so far.
    fn log(&self) -> Vec<Value> {
        let whole = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        whole.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Waits until the doors are open; gives the port of each.
    fn ports(&self, process: &mut Process) -> BTreeMap<String, u16> {
        let lines = eventually("the doors are open", || {
            let lines = self.log();
            if let Some(status) = process.0.try_wait().unwrap() {
                panic!("{status}: {lines:#?}");
            }
            lines.iter().any(|line| line["message"] == "all doors are open").then_some(lines)
        });
        let port = |line: &Value| {
            let address: SocketAddr = line["address"].as_str().unwrap().parse().unwrap();
            (line["door"].as_str().unwrap().to_owned(), address.port())
        };
        lines.iter().filter(|line| line["message"] == "listening").map(port).collect()
    }
}

type Tls = BufReader<StreamOwned<ClientConnection, TcpStream>>;

/// A connection that trusts this certificate only. The handshake is done with the first byte.
fn tls(port: u16, trusted: &CertificateDer<'static>) -> Tls {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    // A configuration for each connection: none takes up the session of another, without a certificate.
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    BufReader::new(StreamOwned::new(connection, connected(port)))
}

fn connected(port: u16) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// IMAP over TLS, greeted; nothing if the server shows another certificate than the trusted one.
fn imap(port: u16, trusted: &CertificateDer<'static>) -> Option<Tls> {
    let mut stream = tls(port, trusted);
    let mut greeting = String::new();
    match stream.read_line(&mut greeting) {
        Ok(_) => {
            assert!(greeting.starts_with("* OK"), "{greeting}");
            Some(stream)
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
            None
        }
    }
}

/// Sends an IMAP command; gives its tagged response without the tag.
fn imap_says(stream: &mut Tls, command: &str) -> String {
    stream.get_mut().write_all(format!("a {command}\r\n").as_bytes()).unwrap();
    stream.get_mut().flush().unwrap();
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "{command}: the server closed the connection");
        if let Some(tagged) = line.strip_prefix("a ") {
            return tagged.to_owned();
        }
    }
}

const HTTP_REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

#[test]
fn a_configured_server_serves_by_tls_only_takes_a_new_certificate_and_ends_well() {
    let house = House::with_doors();
    let old = house.new_certificate();
    house.json(&["domain", "add", "blumen.test"]);
    house.json_with(&["account", "add", "anna@blumen.test", "--password-stdin"], "tulip fields\n");
    let mut process = house.serve();
    let ports = house.ports(&mut process);
    assert_eq!(ports.keys().collect::<Vec<_>>(), ["https", "imaps"], "what is configured and nothing else");

    let mut early = imap(ports["imaps"], &old).expect("the configured certificate");
    let told = imap_says(&mut early, "LOGIN anna@blumen.test wrong");
    assert!(told.starts_with("NO"), "{told}");
    let told = imap_says(&mut early, "LOGIN anna@blumen.test \"tulip fields\"");
    assert!(told.starts_with("OK"), "{told}");

    let mut secure = tls(ports["https"], &old);
    secure.get_mut().write_all(HTTP_REQUEST).unwrap();
    let mut status = String::new();
    secure.read_line(&mut status).unwrap();
    assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    let mut plain = connected(ports["https"]);
    plain.write_all(HTTP_REQUEST).unwrap();
    let mut answer = Vec::new();
    // A connection that is reset says no less than one that is closed.
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/"), "{}", text(&answer));

    // Half a certificate changes nothing.
    std::fs::write(house.folder.path().join("chain.pem"), "rubbish").unwrap();
    process.signal("-HUP");
    eventually("the refusal is logged", || {
        let refused =
            |line: &Value| line["message"].as_str().is_some_and(|told| told.contains("stays as it was"));
        house.log().iter().any(refused).then_some(())
    });
    assert!(imap(ports["imaps"], &old).is_some());

    let new = house.new_certificate();
    assert!(imap(ports["imaps"], &new).is_none(), "not before the signal");
    process.signal("-HUP");
    let mut late = eventually("the new certificate is shown", || imap(ports["imaps"], &new));
    assert!(imap(ports["imaps"], &old).is_none(), "the old one no more");
    for stream in [&mut early, &mut late] {
        let told = imap_says(stream, "NOOP");
        assert!(told.starts_with("OK"), "{told}");
    }

    assert_eq!(process.terminate(), Some(0), "{:#?}", house.log());
    house.sound();
}

#[test]
fn no_configuration_opens_a_door_to_plain_http() {
    let house = House::with_doors();
    house.new_certificate();
    let config = std::fs::read_to_string(house.config()).unwrap();
    std::fs::write(house.config(), config.replace("https = ", "http = ")).unwrap();
    let output = kontor().args(["serve", "--check", "--config"]).arg(house.config()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("unknown key 'http'"), "{}", text(&output.stderr));
}
