//! Two processes on one database: no reader passes a stamp that is not yet visible.
//!
//! The other processes are this very test binary, started again with a variable set. Both wait until
//! both are ready and then write beside each other, while the parent reads the log and, in the same
//! transaction, the items themselves.

use crate::changes::{Copy, Random, Reader, rounds, spawn};
use crate::harness::{START_MS, World, acting, on_each_database, open};
use bytes::Bytes;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use storage::{Database, FlagChange, NewItem, Parsed, Store, right};
use vocabulary::{AccountId, CollectionId, Flags, Keywords, Role, Timestamp};

const WRITER: &str = "KONTOR_TEST_WRITER";
const WRITERS_PER_PROCESS: u64 = 2;

/// This binary again, to run the one test that reads its orders from `variable`.
pub(crate) fn start(test: &str, variable: &str, orders: String) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .env(variable, orders)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

pub(crate) fn url_of(database: &Database) -> String {
    match database {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(url) => url.clone(),
    }
}

fn mails_per_writer() -> u64 {
    rounds(60)
}

/// Not a test of its own: the child's half. Without the variable it has nothing to say.
#[test]
#[expect(clippy::disallowed_methods, reason = "the parent tells the child what to do by this way")]
fn writing_process() {
    let Ok(orders) = std::env::var(WRITER) else { return };
    let mut parts = orders.splitn(4, ' ');
    let mut next = || parts.next().unwrap();
    let (directory, seed, account) = (next(), next().parse::<u64>().unwrap(), next().parse().unwrap());
    let database = next().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let now = Arc::new(AtomicI64::new(START_MS));
        let store = open(&database, PathBuf::from(directory), &now).await;
        std::io::stdout().lock().write_all(b"ready\n").unwrap();
        let mut go = String::new();
        if std::io::stdin().read_line(&mut go).unwrap() == 0 {
            return;
        }
        let writers = (0..WRITERS_PER_PROCESS)
            .map(|writer| spawn(write(store.clone(), AccountId(account), seed * 100 + writer + 1)));
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
    });
}

/// Adds mails, and after each changes the flag of some that were there before.
async fn write(store: Store, anna: AccountId, seed: u64) {
    let mut random = Random(seed);
    for number in 0..mails_per_writer() {
        let bytes = Bytes::from(format!("{seed} {number}"));
        let new =
            NewItem::mail(store.prepare(anna, bytes, Parsed::default()).await.unwrap(), Timestamp(START_MS));
        let added = store
            .write(&acting(anna), &[anna], move |tx| {
                tx.insert(&tx.open_role::<right::Insert>(anna, Role::Inbox)?, &new)
            })
            .await
            .unwrap();
        let first = 1 + random.below(u64::from(added.uid.0)) as u32;
        let range = first..=first + random.below(4) as u32;
        let change = match random.below(2) {
            0 => FlagChange::Add(Flags::SEEN, Keywords::default()),
            _ => FlagChange::Remove(Flags::SEEN, Keywords::default()),
        };
        store
            .write(&acting(anna), &[anna], move |tx| {
                let grant = tx.open_role::<right::ChangeFlags>(anna, Role::Inbox)?;
                tx.change_flags(&grant, &[range], &change, None, None)
            })
            .await
            .unwrap();
    }
}

/// Reads a page and the items of the same moment. A reader that has nothing more to read must know
/// them all: a stamp that it had passed before it was visible would be missing for ever.
async fn step_beside_the_truth(reader: &mut Reader, world: &World, anna: AccountId, inbox: CollectionId) {
    let (cursor, page) = (reader.cursor, reader.page);
    let (changes, items) = world
        .store
        .read(&acting(anna), move |tx| {
            let grant = tx.open::<right::ReadItems>(anna, inbox)?;
            Ok((tx.changes_since(&grant, cursor, page)?, tx.items(&grant, &[1..=u32::MAX])?))
        })
        .await
        .unwrap();
    assert!(changes.next.modseq >= cursor.modseq && changes.next.added >= cursor.added);
    if !reader.apply(&changes) {
        assert_eq!(reader.copy, Copy::of(items), "a stamp was passed that was not visible");
    }
    // UIDs are given in commit order: a hole would be an item that was passed.
    let last = reader.copy.items.keys().next_back().map_or(0, |uid| uid.0);
    assert_eq!(last as usize, reader.copy.items.len());
}

#[test]
fn beside_two_writing_processes_no_reader_passes_what_is_not_yet_visible() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let url = url_of(&world.database);
        let mut children = Vec::new();
        for seed in 1..=2 {
            let orders = format!("{} {seed} {} {url}", world.directory.path().display(), anna.0);
            let mut child = start("processes::writing_process", WRITER, orders);
            let mut output = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            while !line.contains("ready") {
                line.clear();
                assert_ne!(output.read_line(&mut line).unwrap(), 0, "the child ended before it began");
            }
            children.push((child, output));
        }
        for (child, _) in &mut children {
            child.stdin.take().unwrap().write_all(b"go\n").unwrap();
        }
        let mut writing = tokio::task::spawn_blocking(move || {
            // Their output stays open until they have ended.
            children.into_iter().for_each(|(mut child, _output)| assert!(child.wait().unwrap().success()));
        });
        let mut readers = [Reader::new(1000), Reader::new(5)];
        let mut ended = false;
        while !ended {
            for reader in &mut readers {
                step_beside_the_truth(reader, &world, anna, inbox).await;
            }
            tokio::select! {
                biased;
                outcome = &mut writing => { outcome.unwrap(); ended = true; }
                () = tokio::task::yield_now() => {}
            }
        }
        let expected = 2 * WRITERS_PER_PROCESS * mails_per_writer();
        for reader in &mut readers {
            while has_more(reader, &world, anna, inbox).await {
                step_beside_the_truth(reader, &world, anna, inbox).await;
            }
            assert_eq!(reader.copy.items.len() as u64, expected);
        }
        assert_eq!(readers[0].copy, readers[1].copy);
    });
}

async fn has_more(reader: &Reader, world: &World, anna: AccountId, inbox: CollectionId) -> bool {
    let cursor = reader.cursor;
    let read =
        move |tx: &storage::Read<'_>| tx.has_moved(&tx.open::<right::ReadItems>(anna, inbox)?, &cursor);
    world.store.read(&acting(anna), read).await.unwrap()
}
