//! The store's one door: `write` and `read`, each one transaction around a synchronous closure.
//!
//! No await happens inside a transaction, so a client that goes away never leaves one half done;
//! the closure owns what it needs, which also keeps network and blob I/O out.

use crate::backend::sqlite::{Job, ReadJob, Undo};
use crate::backend::{Connection, postgres, sqlite};
use crate::blob::Blobs;
use crate::error::{Error, Fault, Refusal, Result};
use crate::retention::{Pressure, Retained};
use crate::transaction::{Context, Read, Write};
use crate::wake::{HouseWakes, Hub, Wakes};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::task::Poll;
use tokio::sync::oneshot;
use vocabulary::{AccountId, ModSeq, Principal, Timestamp};

/// Where the time comes from: handed in, so that tests and the demo decide.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// Which database, by URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// `sqlite:PATH`.
    Sqlite(PathBuf),
    /// `postgres://..`.
    Postgres(String),
}

impl std::str::FromStr for Database {
    type Err = Fault;
    fn from_str(url: &str) -> Result<Self, Fault> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(PathBuf::from(path.trim_start_matches("//"))));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err(Fault::Open("a database URL begins with sqlite: or postgres:".to_owned()))
    }
}

/// How to open a store.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database.
    pub database: Database,
    /// Large contents live beneath it (`blobs/`), and the incarnation is kept here too.
    pub directory: PathBuf,
    /// The time.
    pub clock: Clock,
    /// SQLite: reader threads. PostgreSQL: worker threads, each with a connection.
    pub threads: usize,
    /// How long deleted and superseded contents stay, in days.
    pub retention_days: u32,
}

impl Options {
    /// The defaults for a database: 4 readers or 8 workers, 30 days.
    #[must_use]
    pub fn new(database: Database, directory: PathBuf, clock: Clock) -> Self {
        let threads = match database {
            Database::Sqlite(_) => 4,
            Database::Postgres(_) => 8,
        };
        Self { database, directory, clock, threads, retention_days: 30 }
    }
}

/// More transactions than this may not wait: the next is refused as busy.
const WAITING_MAX: usize = 20_000;

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    waiting: Arc<AtomicUsize>,
    hub: Arc<Hub>,
    pressure: Arc<Pressure>,
    blobs: Blobs,
    clock: Clock,
    context: Arc<Context>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
}

enum Backend {
    Sqlite { writer: mpsc::Sender<Box<dyn Job>>, readers: mpsc::Sender<ReadJob> },
    Postgres { workers: mpsc::Sender<postgres::WorkerJob> },
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens, after migrating to this program's schema.
    ///
    /// # Errors
    /// [`Fault::Open`] if the database cannot be reached or was written by a newer program.
    pub async fn open(options: Options) -> Result<Self> {
        Self::opening(options).await
    }

    /// Boxed: so it is compiled here, and not again in every program.
    fn opening(options: Options) -> Pin<Box<dyn Future<Output = Result<Self>> + Send>> {
        Box::pin(Self::open_all(options))
    }

    async fn open_all(options: Options) -> Result<Self> {
        std::fs::create_dir_all(&options.directory).map_err(|e| Fault::Open(e.to_string()))?;
        let identity = crate::open::prepare(&options).await?;
        let hub = Arc::new(Hub::default());
        let blobs = Blobs::open(&options.directory)?;
        let context = Arc::new(Context {
            incarnation: identity.incarnation,
            key: identity.key,
            retention_ms: i64::from(options.retention_days) * 86_400_000,
        });
        let (backend, threads) = start(&options, &hub)?;
        let store = Self {
            inner: Arc::new(Inner {
                backend,
                waiting: Arc::default(),
                hub,
                pressure: Arc::default(),
                blobs,
                clock: options.clock,
                context,
                threads: Mutex::new(threads),
            }),
        };
        if let Database::Postgres(url) = &options.database {
            crate::wake::postgres::join(url, &store.inner.hub).await?;
        }
        Ok(store)
    }

    /// One writing transaction on the declared accounts.
    ///
    /// The accounts' counter rows are locked in id order before anything is read, so what `work`
    /// reads of them cannot change until its commit. The answer, a refusal too, comes after the
    /// commit: it may rest on rows of the same batch.
    ///
    /// # Errors
    /// What `work` returns; [`Fault`] if the commit failed or `work` panicked.
    pub async fn write<T, F>(&self, principal: &Principal, accounts: &[AccountId], work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'tx> FnOnce(&mut Write<'tx>) -> Result<T> + Send + 'static,
    {
        let slot = Slot::default();
        let kept = Arc::clone(&slot);
        let work: WriteWork = Box::new(move |tx| keep(&kept, work(tx)));
        self.write_kept(principal, accounts, work)?.await?;
        take(&slot)
    }

    /// [`Store::write`] for every kind of answer: compiled once, not for each closure.
    fn write_kept(&self, principal: &Principal, accounts: &[AccountId], work: WriteWork) -> Result<Told> {
        let mut declared = accounts.to_vec();
        declared.sort_unstable();
        declared.dedup();
        let (tell, told) = oneshot::channel();
        let job = Box::new(WriteJob {
            principal: principal.clone(),
            accounts: declared,
            now: self.inner.clock.now(),
            context: Arc::clone(&self.inner.context),
            hub: Arc::clone(&self.inner.hub),
            pressure: Arc::clone(&self.inner.pressure),
            work: Some(work),
            outcome: None,
            tell,
            _ticket: self.ticket()?,
        });
        match &self.inner.backend {
            Backend::Sqlite { writer, .. } => writer.send(job).map_err(|_| Fault::Closed)?,
            Backend::Postgres { workers } => {
                let run = move |worker: &postgres::Worker| {
                    let mut job: Box<dyn Job> = job;
                    let commit = worker.transaction("BEGIN ISOLATION LEVEL READ COMMITTED", |connection| {
                        job.run(connection).is_ok()
                    });
                    job.settle(commit);
                };
                workers.send(Box::new(run)).map_err(|_| Fault::Closed)?;
            }
        }
        Ok(Told(told))
    }

    /// One reading transaction: everything it sees is of one moment.
    ///
    /// # Errors
    /// What `work` returns, or a [`Fault`].
    pub async fn read<T, F>(&self, principal: &Principal, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'tx> FnOnce(&Read<'tx>) -> Result<T> + Send + 'static,
    {
        let slot = Slot::default();
        let kept = Arc::clone(&slot);
        let work: ReadWork = Box::new(move |tx| keep(&kept, work(tx)));
        self.read_kept(principal, work)?.await?;
        take(&slot)
    }

    /// [`Store::read`] for every kind of answer.
    fn read_kept(&self, principal: &Principal, work: ReadWork) -> Result<Told> {
        let (tell, told) = oneshot::channel();
        let principal = principal.clone();
        let now = self.inner.clock.now();
        let context = Arc::clone(&self.inner.context);
        let ticket = self.ticket()?;
        let run = move |connection: &Connection<'_>| {
            let _ticket = ticket;
            let answer = guarded(|| work(&Read::new(connection, &principal, now, &context)));
            // Nobody waits any more when the client has gone.
            let _ = tell.send(answer);
        };
        match &self.inner.backend {
            Backend::Sqlite { readers, .. } => readers.send(Box::new(run)).map_err(|_| Fault::Closed)?,
            Backend::Postgres { workers } => {
                let run = move |worker: &postgres::Worker| {
                    // REPEATABLE READ: 'highest' and the rows are of one moment.
                    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                    let done = worker.transaction(begin, |connection| {
                        run(connection);
                        true
                    });
                    if let Err(error) = done {
                        tracing::error!(error, "a read could not begin or end");
                    }
                };
                workers.send(Box::new(run)).map_err(|_| Fault::Closed)?;
            }
        }
        Ok(Told(told))
    }

    /// Something to wait on: raised when any of these accounts (or their domains' grants) change.
    /// Subscribe first, then look, then sleep.
    #[must_use]
    pub fn wakes(&self, accounts: &[AccountId]) -> Wakes {
        self.inner.hub.subscribe(accounts)
    }

    /// Something to wait on for a reader of all accounts. Listen first, then look, then wait.
    #[must_use]
    pub fn house_wakes(&self) -> HouseWakes {
        self.inner.hub.listen()
    }

    /// The time that the store goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Which incarnation of the store this is (raised when a whole store was restored).
    #[must_use]
    pub fn incarnation(&self) -> i64 {
        self.inner.context.incarnation
    }

    pub(crate) fn pressure(&self) -> &Pressure {
        &self.inner.pressure
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    pub(crate) fn context(&self) -> &Context {
        &self.inner.context
    }

    /// Ends the threads after the transactions that wait already.
    pub fn close(self) {
        if let Some(inner) = Arc::into_inner(self.inner) {
            let Inner { backend, threads, .. } = inner;
            let mut threads = threads.into_inner().unwrap_or_else(PoisonError::into_inner);
            match backend {
                Backend::Sqlite { writer, readers } => {
                    // The writer closes last: only then is the WAL taken into the database file.
                    drop(readers);
                    threads.drain(1..).for_each(end);
                    drop(writer);
                }
                // Ends the workers: they wait for jobs as long as anybody could send one.
                Backend::Postgres { workers } => drop(workers),
            }
            threads.into_iter().for_each(end);
        }
    }

    fn ticket(&self) -> Result<Ticket> {
        if self.inner.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING_MAX {
            self.inner.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Refusal::Busy.into());
        }
        Ok(Ticket(Arc::clone(&self.inner.waiting)))
    }
}

fn end(thread: std::thread::JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a store thread had panicked");
    }
}

/// One place among the waiting transactions.
struct Ticket(Arc<AtomicUsize>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        Err(Fault::Panic(text).into())
    })
}

/// The work of a transaction, which keeps its own answer.
type WriteWork = Box<dyn for<'tx> FnOnce(&mut Write<'tx>) -> Result<()> + Send>;
type ReadWork = Box<dyn for<'tx> FnOnce(&Read<'tx>) -> Result<()> + Send>;
/// Ends when the transaction has ended.
struct Told(oneshot::Receiver<Result<()>>);

impl Future for Told {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|told| told.unwrap_or_else(|_| Err(Fault::Closed.into())))
    }
}

/// Where the answer is kept until its transaction has ended.
type Slot<T> = Arc<Mutex<Option<T>>>;

fn keep<T>(slot: &Slot<T>, answer: Result<T>) -> Result<()> {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer?);
    Ok(())
}

fn take<T>(slot: &Slot<T>) -> Result<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(|| Fault::Closed.into())
}

/// What a transaction did to accounts.
struct Done {
    stamps: Vec<(AccountId, ModSeq)>,
    retained: Vec<Retained>,
}

struct WriteJob {
    principal: Principal,
    accounts: Vec<AccountId>,
    now: Timestamp,
    context: Arc<Context>,
    hub: Arc<Hub>,
    pressure: Arc<Pressure>,
    work: Option<WriteWork>,
    outcome: Option<Result<Done>>,
    tell: oneshot::Sender<Result<()>>,
    _ticket: Ticket,
}

impl Job for WriteJob {
    fn run(&mut self, connection: &Connection<'_>) -> Result<(), Undo> {
        let Some(work) = self.work.take() else { return Err(Undo) };
        let outcome = guarded(|| {
            let read = Read::new(connection, &self.principal, self.now, &self.context);
            let mut write = Write::begin(read, &self.accounts)?;
            work(&mut write)?;
            if connection.has_failed() {
                // The closure swallowed an error; what it did before is lost with it.
                return Err(Fault::Poisoned.into());
            }
            write.settle()?;
            let retained = write.retained();
            Ok(Done { stamps: write.finish()?, retained })
        });
        let undo = outcome.is_err();
        self.outcome = Some(outcome);
        if undo { Err(Undo) } else { Ok(()) }
    }

    fn settle(self: Box<Self>, commit: Result<(), String>) {
        let answer = match (commit, self.outcome) {
            (Ok(()), Some(Ok(done))) => {
                self.hub.publish(&done.stamps);
                self.pressure.note(&done.retained);
                Ok(())
            }
            (Ok(()), Some(Err(error))) => Err(error),
            (Ok(()), None) => Err(Fault::Closed.into()),
            (Err(error), _) => Err(Error::from(Fault::Database(error))),
        };
        // Nobody waits any more when the client has gone; the change stands all the same.
        let _ = self.tell.send(answer);
    }
}

fn start(options: &Options, hub: &Arc<Hub>) -> Result<(Backend, Vec<std::thread::JoinHandle<()>>)> {
    let mut threads = Vec::new();
    let backend = match &options.database {
        Database::Sqlite(path) => {
            let (writer, jobs) = mpsc::channel();
            let (only, hub) = (sqlite::Writer::new(sqlite::open(path, false)?, elapsed_ms), Arc::clone(hub));
            threads.push(spawn("store-writer", move || only.work(&jobs, || hub.raise_all()))?);
            let (readers, jobs) = mpsc::channel::<ReadJob>();
            let jobs = Arc::new(Mutex::new(jobs));
            for _ in 0..options.threads.max(1) {
                let connection = sqlite::open(path, true)?;
                let jobs = Arc::clone(&jobs);
                threads.push(spawn("store-reader", move || {
                    sqlite::reader_loop(&connection, || receive(&jobs));
                })?);
            }
            Backend::Sqlite { writer, readers }
        }
        Database::Postgres(url) => {
            let connect = postgres::connect_options(url)?;
            let (workers, jobs) = mpsc::channel::<postgres::WorkerJob>();
            let jobs = Arc::new(Mutex::new(jobs));
            let (ready, opened) = mpsc::channel();
            let count = options.threads.max(1);
            for _ in 0..count {
                let (connect, jobs, ready) = (connect.clone(), Arc::clone(&jobs), ready.clone());
                threads.push(spawn("store-worker", move || match postgres::Worker::new(connect) {
                    Ok(worker) => {
                        let _ = ready.send(Ok(()));
                        worker.work(|| receive(&jobs));
                    }
                    Err(error) => drop(ready.send(Err(error))),
                })?);
            }
            for _ in 0..count {
                opened.recv().map_err(|_| Fault::Closed)??;
            }
            Backend::Postgres { workers }
        }
    };
    Ok((backend, threads))
}

fn receive<T>(jobs: &Mutex<mpsc::Receiver<T>>) -> Option<T> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error| Fault::Open(error.to_string()).into())
}

/// Milliseconds on the monotonic clock: only for the length of a batch, never for an order.
fn elapsed_ms() -> u64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = monotonic(&START).elapsed().as_millis();
    u64::try_from(elapsed).unwrap_or(u64::MAX)
}

#[expect(clippy::disallowed_methods, reason = "the length of a batch is no moment of the house's time")]
fn monotonic(start: &'static std::sync::OnceLock<std::time::Instant>) -> &'static std::time::Instant {
    start.get_or_init(std::time::Instant::now)
}
