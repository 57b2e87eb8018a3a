//! SQLite: one writer thread with group commit, a few reader threads.
//!
//! The heart of the writer: take the first job; `BEGIN IMMEDIATE`; run it, and each job that waits behind it in a
//! savepoint of its own; `COMMIT`; then answer all of them with the commit's result. With one
//! waiting writer nothing is delayed; with many, one fsync serves them all.

use super::{Connection, Link, Param, Row};
use crate::error::{Error, Fault, Result};
use crate::wake::sqlite::Watch;
use rusqlite::OpenFlags;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// Most jobs that share one commit.
const BATCH_JOBS_MAX: usize = 64;
/// A batch that has run this long commits, whoever still waits.
const BATCH_MS_MAX: u64 = 20;
/// How often the write lock is tried while another process (a backup, the command line) holds it: 10 s.
const BUSY_TRIES_MAX: i32 = 10_000;
/// SQLite itself soon waits 100 ms between two tries. A busy writer of another process leaves the lock for
/// much less, and would keep this one out for as long as it is busy.
const BUSY_STEP: Duration = Duration::from_millis(1);
/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 512;

/// One unit of work on the writer: runs, then is told how the commit went.
pub(crate) trait Job: Send {
    /// Runs the closure. `Err` undoes what this job did, and nothing else.
    fn run(&mut self, connection: &Connection<'_>) -> Result<(), Undo>;
    /// Tells the waiter, after the commit.
    fn settle(self: Box<Self>, commit: Result<(), String>);
}

/// What the job did must be undone.
pub(crate) struct Undo;

/// A job on a reader thread.
pub(crate) type ReadJob = Box<dyn FnOnce(&Connection<'_>) + Send>;

/// Monotonic time, handed in so that nothing here reads a clock.
pub(crate) type Elapsed = fn() -> u64;

pub(crate) fn open(path: &Path, read_only: bool) -> Result<rusqlite::Connection> {
    let access = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    };
    let connection = rusqlite::Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(open_fault)?;
    connection.busy_handler(Some(wait_for_lock)).map_err(open_fault)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    let pragmas = if read_only {
        "PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY;"
    } else {
        // FULL, explicitly: NORMAL loses acknowledged commits in a power cut.
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; \
         PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY; \
         PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;"
    };
    connection.execute_batch(pragmas).map_err(open_fault)?;
    Ok(connection)
}

#[expect(clippy::disallowed_methods, reason = "called by SQLite on a thread of the store, which has to wait")]
fn wait_for_lock(tries: i32) -> bool {
    std::thread::sleep(BUSY_STEP);
    tries < BUSY_TRIES_MAX
}

fn open_fault(error: rusqlite::Error) -> Error {
    Fault::Open(error.to_string()).into()
}

fn fault(error: rusqlite::Error) -> Fault {
    Fault::Database(error.to_string())
}

/// The only writer of this process.
pub(crate) struct Writer {
    connection: rusqlite::Connection,
    watch: Watch,
    elapsed_ms: Elapsed,
}

impl Writer {
    /// From now on commits of other processes are noticed, also those before it begins to work.
    pub(crate) fn new(connection: rusqlite::Connection, elapsed_ms: Elapsed) -> Self {
        let watch = Watch::begin(&connection, elapsed_ms());
        Self { connection, watch, elapsed_ms }
    }

    /// Runs until every sender is gone. Calls `others_wrote` after another process has committed.
    pub(crate) fn work(mut self, jobs: &mpsc::Receiver<Box<dyn Job>>, others_wrote: impl Fn()) {
        loop {
            match jobs.recv_timeout(Watch::INTERVAL) {
                Ok(first) => run_batch(&mut self.connection, first, jobs, self.elapsed_ms),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.watch.others_wrote(&self.connection, (self.elapsed_ms)()) {
                others_wrote();
            }
        }
    }
}

fn run_batch(
    connection: &mut rusqlite::Connection,
    first: Box<dyn Job>,
    jobs: &mpsc::Receiver<Box<dyn Job>>,
    elapsed_ms: Elapsed,
) {
    let started = elapsed_ms();
    let mut done: Vec<Box<dyn Job>> = Vec::new();
    let mut next = Some(first);
    let outcome = (|| -> Result<(), String> {
        batch(connection, "BEGIN IMMEDIATE")?;
        while let Some(mut job) = next.take() {
            let result = match done.is_empty() {
                true => run_alone(connection, job.as_mut()),
                false => run_in_savepoint(connection, job.as_mut()),
            };
            done.push(job);
            result?;
            if done.len() < BATCH_JOBS_MAX && elapsed_ms().saturating_sub(started) < BATCH_MS_MAX {
                next = jobs.try_recv().ok();
            }
        }
        batch(connection, "COMMIT")
    })();
    if outcome.is_err() && !connection.is_autocommit() {
        // A failed BEGIN, RELEASE or COMMIT must leave no open batch behind (traps 1 and 4).
        if let Err(error) = batch(connection, "ROLLBACK") {
            tracing::error!(error, "rollback failed");
        }
    }
    // After a failed BEGIN the first job has not run; it waits all the same.
    for job in done.into_iter().chain(next) {
        job.settle(outcome.clone());
    }
}

/// The first job is all that its transaction holds. Without a savepoint SQLite copies no page that it changes.
fn run_alone(connection: &rusqlite::Connection, job: &mut dyn Job) -> Result<(), String> {
    let guarded = Connection::new(Link::Sqlite(connection));
    if job.run(&guarded).is_err() {
        batch(connection, "ROLLBACK")?;
        batch(connection, "BEGIN IMMEDIATE")?;
    }
    Ok(())
}

fn run_in_savepoint(connection: &rusqlite::Connection, job: &mut dyn Job) -> Result<(), String> {
    batch(connection, "SAVEPOINT s")?;
    let guarded = Connection::new(Link::Sqlite(connection));
    if job.run(&guarded).is_err() {
        batch(connection, "ROLLBACK TO s")?;
    }
    batch(connection, "RELEASE s")
}

fn batch(connection: &rusqlite::Connection, sql: &'static str) -> Result<(), String> {
    let run = || connection.prepare_cached(sql)?.execute([]).map(drop);
    run().map_err(|error| format!("{sql}: {error}"))
}

/// Runs until every sender is gone.
pub(crate) fn reader_loop(connection: &rusqlite::Connection, next: impl Fn() -> Option<ReadJob>) {
    while let Some(job) = next() {
        let begun = batch(connection, "BEGIN DEFERRED");
        if let Err(error) = &begun {
            tracing::error!(error, "a read could not begin");
        }
        let guarded = Connection::new(Link::Sqlite(connection));
        if begun.is_err() {
            guarded.failed.set(true);
        }
        job(&guarded);
        if !connection.is_autocommit()
            && let Err(error) = batch(connection, "COMMIT")
        {
            tracing::error!(error, "a read could not end");
        }
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(value) => ValueRef::Integer(*value),
            Self::OptInt(value) => value.map_or(ValueRef::Null, ValueRef::Integer),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::OptText(value) => value.map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes())),
            Self::Bytes(value) => ValueRef::Blob(value),
            Self::OptBytes(value) => value.map_or(ValueRef::Null, ValueRef::Blob),
        }))
    }
}

fn bind(statement: &mut rusqlite::CachedStatement<'_>, params: &[Param<'_>]) -> Result<(), Fault> {
    for (index, param) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, param).map_err(fault)?;
    }
    Ok(())
}

pub(crate) fn execute(
    connection: &rusqlite::Connection,
    sql: &str,
    params: &[Param<'_>],
) -> Result<u64, Fault> {
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    bind(&mut statement, params)?;
    statement.raw_execute().map(|count| count as u64).map_err(fault)
}

pub(crate) fn for_each(
    connection: &rusqlite::Connection,
    sql: &str,
    params: &[Param<'_>],
    mut each: impl FnMut(&Row<'_>) -> bool,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    bind(&mut statement, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(fault)? {
        if !each(&Row::Sqlite(row)) {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "sqlite_tests.rs"]
mod tests;
