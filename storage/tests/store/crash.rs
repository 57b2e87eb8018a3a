//! `kill -9` at random moments under load: everything acknowledged is there, byte for byte, and the
//! store is sound.
//!
//! The victim is this very test binary, started again with a variable set: it writes mails from
//! several tasks and prints a line for each that was acknowledged. The parent kills it, opens the
//! store and compares.

use crate::changes::{Random, rounds, spawn};
use crate::harness::{Scratch, acting, house, open};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use storage::{Database, NewAccount, NewItem, Parsed, Store, right};
use vocabulary::{AccountClass, AccountId, AccountKind, Role, Timestamp};

const VICTIM: &str = "KONTOR_TEST_VICTIM";

fn body(writer: u64, number: u64) -> Vec<u8> {
    // Every eighth is large enough to become a blob.
    let length = if number.is_multiple_of(8) { 150_000 } else { 500 };
    let mut random = Random(1 + writer * 1_000_003 + number);
    let mut bytes = format!("{writer} {number} ").into_bytes();
    bytes.extend((0..length).map(|_| random.below(256) as u8));
    bytes
}

async fn write_until_killed(store: Store, anna: AccountId, start: u64) {
    let writers: Vec<_> = (0..4_u64)
        .map(|writer| {
            let store = store.clone();
            spawn(async move {
                for number in start.. {
                    let bytes = bytes::Bytes::from(body(writer, number));
                    let content = store.prepare(anna, bytes, Parsed::default()).await.unwrap();
                    let new = NewItem::mail(content, Timestamp(0));
                    let added = store
                        .write(&acting(anna), &[anna], move |tx| {
                            let inbox = tx.open_role::<right::Insert>(anna, Role::Inbox)?;
                            tx.insert(&inbox, &new)
                        })
                        .await
                        .unwrap();
                    let line = format!("{writer} {number} {}\n", added.uid);
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                }
            })
        })
        .collect();
    futures::future::join_all(writers).await;
}

/// Not a test of its own: the child's half. Without the variable it has nothing to say.
#[test]
#[expect(clippy::disallowed_methods, reason = "the parent tells the child what to do by this way")]
fn victim() {
    let Ok(orders) = std::env::var(VICTIM) else { return };
    let mut parts = orders.splitn(3, ' ');
    let (directory, start, url) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = open(&url.parse().unwrap(), PathBuf::from(directory), &Arc::new(AtomicI64::new(0))).await;
        write_until_killed(store, AccountId(1), start.parse().unwrap()).await;
    });
}

fn kill_after(directory: &Path, url: &str, start: u64, lines: u64) -> Vec<(u64, u64, u32)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::victim", "--nocapture", "--test-threads", "1"])
        .env(VICTIM, format!("{} {start} {url}", directory.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    let mut killed = false;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let Ok(line) = line else { break };
        let numbers: Vec<u64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
        if let [writer, number, uid] = numbers[..] {
            acknowledged.push((writer, number, uid as u32));
        }
        if acknowledged.len() as u64 >= lines && !killed {
            // SIGKILL. What it had printed before is still in the pipe and is read to the end.
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the victim ended by itself after {} lines", acknowledged.len());
    acknowledged
}

async fn survive(database: Database, directory: &Path, url: String, seed: u64) {
    let now = Arc::new(AtomicI64::new(0));
    let store = open(&database, directory.to_owned(), &now).await;
    store
        .write(&house(), &[], |tx| {
            let admin = tx.administer()?;
            tx.create_domain(&admin, "blumen.test", "de")?;
            let new = NewAccount {
                address: crate::harness::address("anna@blumen.test"),
                kind: AccountKind::Imap,
                class: AccountClass::Person,
                name: String::new(),
                language: None,
                quota_bytes: None,
            };
            tx.create_account(&admin, &new)
        })
        .await
        .unwrap();
    store.close();
    let mut random = Random(seed);
    let mut promised: Vec<(u64, u64, u32)> = Vec::new();
    for round in 0..rounds(5) {
        let (place, url) = (directory.to_owned(), url.clone());
        let lines = 20 + random.below(200);
        let victims = move || kill_after(&place, &url, round * 1_000_000, lines);
        promised.extend(tokio::task::spawn_blocking(victims).await.unwrap());
        let store = open(&database, directory.to_owned(), &now).await;
        assert_eq!(store.check().await.unwrap(), []);
        let anna = AccountId(1);
        for (writer, number, uid) in &promised {
            let uid = *uid;
            let found = store
                .read(&acting(anna), move |tx| {
                    let inbox = tx.open_role::<right::ReadItems>(anna, Role::Inbox)?;
                    tx.contents(&inbox, &[uid..=uid], false)
                })
                .await
                .unwrap();
            let (_, stored) = found.into_iter().next().unwrap_or_else(|| panic!("UID {uid} was promised"));
            assert_eq!(store.load(stored).await.unwrap(), body(*writer, *number), "UID {uid}");
        }
        store.close();
    }
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let seed = 0x6b69_6c6c_0001;
    println!("seed {seed:#x}");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kontor.db");
        let url = format!("sqlite:{}", path.display());
        survive(Database::Sqlite(path), directory.path(), url, seed).await;

        let scratch = Scratch::create().await;
        let directory = tempfile::tempdir().unwrap();
        let url = scratch.url.clone();
        survive(Database::Postgres(url.clone()), directory.path(), url, seed).await;
        scratch.remove().await;
    });
}
