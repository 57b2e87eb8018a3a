//! `kontor demo`.

use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

use super::process::{Process, eventually, started};
use super::{House, kontor, text};

/// How soon a demo is ready, its data made or found, on a machine that has a processor for it.
const READY: Duration = Duration::from_secs(5);

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
    let rooms = json!([{"address": "workshop@blumen-huber.test", "name": "Workshop"}]);
    assert_eq!(told["rooms"], rooms);
    assert_eq!(admin_json(&data, &["account", "show", "workshop@blumen-huber.test"])["class"], "room");
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
    assert_eq!(without_ports(&again["accounts"]), without_ports(&told["accounts"]));
    assert_eq!(again["rooms"], rooms);
    assert_eq!(admin_json(&data, &["account", "list"]), before);
    assert_eq!(std::fs::read_to_string(again["ca"].as_str().unwrap()).unwrap(), ca);
    assert_eq!(process.terminate(), Some(0));
    assert_eq!(admin_json(&data, &["check"])["sound"], true);
    damage_is_found(&data);
}

/// The accounts as they are told, but for the port of today in the address of their files.
fn without_ports(accounts: &Value) -> Vec<Value> {
    let mut accounts = accounts.as_array().unwrap().clone();
    for account in &mut accounts {
        let files = account.get("files").and_then(Value::as_str);
        assert_eq!(files.is_some(), account["kind"] == "exchange", "{account}");
        if let Some((_, path)) = files.and_then(|files| files.split_once("/dav/")) {
            let path = path.to_owned();
            account["files"] = path.into();
        }
    }
    accounts
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
