//! The writer thread's traps, with jobs of our own: what `Store::write` promises rests on these.

use super::{Connection, Elapsed, Job, Link, Undo, Writer};
use crate::backend::params;
use crate::error::Result as StoreResult;
use crate::store::{Clock, Database, Options, Store};
use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::Duration;
use vocabulary::{Door, Principal, Timestamp};

type Work = Box<dyn FnMut(&Connection<'_>) -> Result<(), Undo> + Send>;

struct TestJob {
    work: Work,
    told: mpsc::Sender<Result<(), String>>,
}

impl Job for TestJob {
    fn run(&mut self, connection: &Connection<'_>) -> Result<(), Undo> {
        (self.work)(connection)
    }

    fn settle(self: Box<Self>, commit: Result<(), String>) {
        self.told.send(commit).unwrap();
    }
}

const FROZEN: Elapsed = || 0;

fn database(directory: &Path, more: &str) -> rusqlite::Connection {
    let connection = super::open(&directory.join("t.db"), false).unwrap();
    connection.execute_batch("CREATE TABLE t (a INTEGER, b BLOB)").unwrap();
    connection.execute_batch(more).unwrap();
    connection
}

/// Runs all jobs as one batch and gives what each was told.
fn batch(connection: rusqlite::Connection, jobs: Vec<Work>) -> Vec<Result<(), String>> {
    let (send, receive) = mpsc::channel::<Box<dyn Job>>();
    let mut waiting = Vec::new();
    for work in jobs {
        let (told, answer) = mpsc::channel();
        send.send(Box::new(TestJob { work, told })).unwrap();
        waiting.push(answer);
    }
    drop(send);
    Writer::new(connection, FROZEN).work(&receive, || {});
    waiting.into_iter().map(|answer| answer.recv().unwrap()).collect()
}

fn insert(number: i64) -> Work {
    Box::new(move |connection| {
        connection.execute("INSERT INTO t VALUES (?1, NULL)", params![number]).map(drop).map_err(|_| Undo)
    })
}

fn rows(directory: &Path) -> Vec<i64> {
    let connection = rusqlite::Connection::open(directory.join("t.db")).unwrap();
    let mut statement = connection.prepare("SELECT a FROM t ORDER BY a").unwrap();
    let found = statement.query_map([], |row| row.get(0)).unwrap();
    found.map(Result::unwrap).collect()
}

#[test]
fn a_refused_job_is_undone_and_the_others_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let refuses: Work = Box::new(|connection| {
        connection.execute("INSERT INTO t VALUES (2, NULL)", &[]).map_err(|_| Undo)?;
        Err(Undo)
    });
    let told = batch(database(directory.path(), ""), vec![insert(1), refuses, insert(3)]);
    assert!(told.iter().all(Result::is_ok), "the commit went well for all: {told:?}");
    assert_eq!(rows(directory.path()), [1, 3]);
}

#[test]
fn when_the_database_is_full_nobody_is_told_of_success_that_is_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let connection = database(directory.path(), "PRAGMA max_page_count = 40");
    let too_large: Work = Box::new(|connection| {
        let bytes = vec![7_u8; 1_000_000];
        connection.execute("INSERT INTO t VALUES (2, ?1)", params![&bytes[..]]).map(drop).map_err(|_| {
            // Whatever the job tries next is refused: it would run outside the transaction.
            assert!(connection.execute("INSERT INTO t VALUES (99, NULL)", &[]).is_err());
            Undo
        })
    });
    let told = batch(connection, vec![insert(1), too_large, insert(3)]);
    let kept = rows(directory.path());
    for (number, answer) in [(1, &told[0]), (3, &told[2])] {
        assert_eq!(answer.is_ok(), kept.contains(&number), "{number}: {told:?}, {kept:?}");
    }
    assert!(!kept.contains(&2) && !kept.contains(&99));
}

#[test]
fn a_failed_commit_fails_every_waiter_also_the_refused() {
    let directory = tempfile::tempdir().unwrap();
    // A deferred foreign key fails at COMMIT: the store's own schema has none, for this reason.
    let connection = database(
        directory.path(),
        "PRAGMA foreign_keys = ON; CREATE TABLE p (id INTEGER PRIMARY KEY);
         CREATE TABLE c (p INTEGER REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)",
    );
    let violates: Work = Box::new(|connection| {
        connection.execute("INSERT INTO c VALUES (77)", &[]).map(drop).map_err(|_| Undo)
    });
    let refuses: Work = Box::new(|_| Err(Undo));
    let told = batch(connection, vec![insert(1), violates, refuses]);
    assert!(told.iter().all(Result::is_err), "{told:?}");
    assert!(rows(directory.path()).is_empty());
}

#[test]
fn a_failed_begin_leaves_no_open_batch_behind() {
    let directory = tempfile::tempdir().unwrap();
    let connection = database(directory.path(), "");
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    let other = rusqlite::Connection::open(directory.path().join("t.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (send, receive) = mpsc::channel::<Box<dyn Job>>();
    let (told, answer) = mpsc::channel();
    send.send(Box::new(TestJob { work: insert(1), told: told.clone() })).unwrap();
    let writer = std::thread::spawn(move || Writer::new(connection, FROZEN).work(&receive, || {}));
    assert!(answer.recv().unwrap().is_err());
    other.execute_batch("COMMIT").unwrap();
    send.send(Box::new(TestJob { work: insert(2), told })).unwrap();
    assert_eq!(answer.recv().unwrap(), Ok(()));
    drop(send);
    writer.join().unwrap();
    assert_eq!(rows(directory.path()), [2]);
}

#[test]
fn what_others_commit_before_the_writer_begins_to_work_is_noticed_once() {
    /// A second later each time that it is asked.
    fn seconds() -> u64 {
        static ASKED: AtomicU64 = AtomicU64::new(0);
        ASKED.fetch_add(1_000, Ordering::SeqCst)
    }
    let directory = tempfile::tempdir().unwrap();
    let writer = Writer::new(database(directory.path(), ""), seconds);
    let other = rusqlite::Connection::open(directory.path().join("t.db")).unwrap();
    other.execute_batch("INSERT INTO t VALUES (1, NULL)").unwrap();
    let (send, receive) = mpsc::channel::<Box<dyn Job>>();
    let (told, answers) = mpsc::channel();
    // More than one batch, so that it looks again.
    for number in 2..200 {
        send.send(Box::new(TestJob { work: insert(number), told: told.clone() })).unwrap();
    }
    drop((send, told));
    let noticed = AtomicUsize::new(0);
    writer.work(&receive, || {
        noticed.fetch_add(1, Ordering::SeqCst);
    });
    assert!(answers.iter().all(|answer| answer.is_ok()));
    assert_eq!(noticed.into_inner(), 1);
}

/// Runs 200 waiting jobs, each of which takes as long as `takes` says; how many jobs each of them
/// saw settled.
fn settled_before_each(directory: &Path, takes: fn(), elapsed_ms: Elapsed) -> Vec<usize> {
    let (send, receive) = mpsc::channel::<Box<dyn Job>>();
    let settled = Arc::new(AtomicUsize::new(0));
    let seen = Arc::new(Mutex::new(Vec::new()));
    for number in 0..200 {
        let (counted, noted) = (Arc::clone(&settled), Arc::clone(&seen));
        let mut insert = insert(number);
        let work: Work = Box::new(move |connection| {
            noted.lock().unwrap().push(counted.load(Ordering::SeqCst));
            takes();
            insert(connection)
        });
        send.send(Box::new(CountedJob { work, settled: Arc::clone(&settled) })).unwrap();
    }
    drop(send);
    Writer::new(database(directory, ""), elapsed_ms).work(&receive, || {});
    assert_eq!(settled.load(Ordering::SeqCst), 200);
    assert_eq!(rows(directory), (0..200).collect::<Vec<_>>());
    Arc::into_inner(seen).unwrap().into_inner().unwrap()
}

struct CountedJob {
    work: Work,
    settled: Arc<AtomicUsize>,
}

impl Job for CountedJob {
    fn run(&mut self, connection: &Connection<'_>) -> Result<(), Undo> {
        (self.work)(connection)
    }

    fn settle(self: Box<Self>, commit: Result<(), String>) {
        commit.unwrap();
        self.settled.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_batch_has_64_jobs_at_most() {
    let directory = tempfile::tempdir().unwrap();
    let seen = settled_before_each(directory.path(), || {}, FROZEN);
    assert_eq!((seen[63], seen[64]), (0, 64), "the 64th job is of the first batch, the 65th is not");
    assert_eq!(seen, (0..200).map(|number| number / 64 * 64).collect::<Vec<_>>());
}

#[test]
fn a_batch_that_has_run_20_ms_commits_whoever_waits() {
    static NOW: AtomicU64 = AtomicU64::new(0);
    let directory = tempfile::tempdir().unwrap();
    let takes = || NOW.store(NOW.load(Ordering::SeqCst) + 5, Ordering::SeqCst);
    let seen = settled_before_each(directory.path(), takes, || NOW.load(Ordering::SeqCst));
    assert_eq!((seen[3], seen[4]), (0, 4), "the fourth job ends at 20 ms, the fifth begins anew");
    assert_eq!(seen, (0..200).map(|number| number / 4 * 4).collect::<Vec<_>>());
}

/// What SQLite says of a connection: how it writes, and whether it may.
#[derive(Debug, PartialEq, Eq)]
struct Settings {
    journal_mode: String,
    synchronous: i64,
    foreign_keys: i64,
    query_only: i64,
    is_opened_read_only: bool,
}

fn settings(connection: &Connection<'_>) -> StoreResult<Settings> {
    let Link::Sqlite(sqlite) = &connection.link else { panic!("not SQLite") };
    let is_opened_read_only = sqlite.is_readonly("main").unwrap();
    let number = |sql: &'static str| connection.int(sql, &[]).map(Option::unwrap);
    let journal = connection.row("PRAGMA journal_mode", &[], |row| row.text(0).map(str::to_owned))?;
    Ok(Settings {
        journal_mode: journal.unwrap(),
        synchronous: number("PRAGMA synchronous")?,
        foreign_keys: number("PRAGMA foreign_keys")?,
        query_only: number("PRAGMA query_only")?,
        is_opened_read_only,
    })
}

const FULL: i64 = 2;

fn house() -> Principal {
    Principal::System { door: Door::Admin }
}

/// Opens a store as the server does; gives it and how many readers it has.
async fn opened(directory: &Path) -> (Store, usize) {
    let database = Database::Sqlite(directory.join("t.db"));
    let options = Options::new(database, directory.to_owned(), Clock::new(|| Timestamp(1)));
    let readers = options.threads;
    (Store::open(options).await.unwrap(), readers)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn the_writer_of_an_opened_store_commits_durably() {
    let directory = tempfile::tempdir().unwrap();
    let expected = Settings {
        journal_mode: "wal".to_owned(),
        synchronous: FULL,
        // ARCHITECTURE.md, part 7: a deferred violation would fail innocent writers of the same commit.
        foreign_keys: 0,
        query_only: 0,
        is_opened_read_only: false,
    };
    runtime().block_on(async {
        // A new file, and one that is there.
        for opening in ["first", "second"] {
            let (store, _) = opened(directory.path()).await;
            let found = store.write(&house(), &[], |tx| settings(tx.connection)).await.unwrap();
            assert_eq!(found, expected, "{opening} opening");
            store.close();
        }
    });
    // The connection that the migrations find the file with.
    let first = super::open(&directory.path().join("t.db"), false).unwrap();
    assert_eq!(settings(&Connection::new(Link::Sqlite(&first))).unwrap(), expected);
}

#[test]
fn no_reader_of_an_opened_store_can_write() {
    const PATIENCE: Duration = Duration::from_secs(60);
    const INSERT: &str = "INSERT INTO setting (scope, name, value) VALUES ('store', 'x', 'y')";
    let (directory, house) = (tempfile::tempdir().unwrap(), house());
    runtime().block_on(async {
        let (store, readers) = opened(directory.path()).await;
        let met = Arc::new((Mutex::new(HashSet::new()), Condvar::new()));
        let each = (0..readers).map(|_| {
            let met = Arc::clone(&met);
            store.read(&house, move |tx| {
                // A thread that waits here leaves the other reads to the other threads.
                let (threads, came) = &*met;
                let mut here = threads.lock().unwrap();
                here.insert(std::thread::current().id());
                came.notify_all();
                let (here, waited) =
                    came.wait_timeout_while(here, PATIENCE, |here| here.len() < readers).unwrap();
                assert!(!waited.timed_out(), "{} of {readers} readers came", here.len());
                drop(here);

                let found = settings(tx.connection)?;
                assert!(tx.connection.execute(INSERT, &[]).is_err(), "a reader wrote");
                Ok(found)
            })
        });
        for found in futures::future::join_all(each).await {
            let found = found.unwrap();
            assert_eq!((found.query_only, found.is_opened_read_only), (1, true));
            assert_eq!(found.journal_mode, "wal");
        }
        // It was the reader that refused, and not the statement.
        let written = store.write(&house, &[], |tx| tx.connection.execute(INSERT, &[])).await;
        assert_eq!(written.unwrap(), 1);
        store.close();
    });
}
