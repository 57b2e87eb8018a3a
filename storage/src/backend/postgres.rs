//! PostgreSQL: worker threads that each hold one connection and one single-threaded runtime.
//!
//! Acquiring from a pool costs more than a query, and a hop between threads more than a round
//! trip on loopback; so a worker does neither. The server itself groups the commits of several
//! workers.

use super::{Connection, Link, Param, Row};
use crate::error::{Error, Fault, Result};
use futures::StreamExt;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection};
use sqlx::{Arguments, ConnectOptions, Connection as _, Executor};
use std::cell::RefCell;
use std::collections::HashMap;

/// A job on a worker: it begins and ends its own transaction.
pub(crate) type WorkerJob = Box<dyn FnOnce(&Worker) + Send>;

/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 512;

/// One thread's connection.
pub(crate) struct Worker {
    runtime: tokio::runtime::Runtime,
    options: PgConnectOptions,
    connection: RefCell<Option<PgConnection>>,
    /// `?1` texts and the `$1` texts made of them, once each.
    texts: RefCell<HashMap<*const u8, &'static str>>,
}

pub(crate) fn connect_options(url: &str) -> Result<PgConnectOptions> {
    let options: PgConnectOptions = url.parse().map_err(|e: sqlx::Error| Fault::Open(e.to_string()))?;
    Ok(options
        .application_name("kontor")
        .statement_cache_capacity(STATEMENTS_MAX)
        // Never acknowledge what a crash could lose, whatever the server's default says.
        .options([("synchronous_commit", "on")])
        .disable_statement_logging())
}

fn fault(error: sqlx::Error) -> Fault {
    Fault::Database(error.to_string())
}

impl Worker {
    pub(crate) fn new(options: PgConnectOptions) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Fault::Open(error.to_string()))?;
        let worker =
            Self { runtime, options, connection: RefCell::new(None), texts: RefCell::new(HashMap::new()) };
        worker.ensure_connected()?;
        Ok(worker)
    }

    /// Runs until every sender is gone.
    pub(crate) fn work(&self, next: impl Fn() -> Option<WorkerJob>) {
        while let Some(job) = next() {
            job(self);
        }
    }

    fn ensure_connected(&self) -> Result<(), Fault> {
        let mut slot = self.connection.borrow_mut();
        if slot.is_none() {
            let options = self.options.clone();
            *slot = Some(self.runtime.block_on(PgConnection::connect_with(&options)).map_err(fault)?);
        }
        Ok(())
    }

    /// A connection in an unknown state is thrown away; the next job makes a new one.
    pub(crate) fn discard_connection(&self) {
        self.connection.borrow_mut().take();
    }

    /// Runs `work` in one transaction begun by `begin`; `true` from `work` commits.
    ///
    /// # Errors
    /// The reason why the transaction could not begin or commit. After a failed commit the outcome
    /// is unknown and the waiter gets a fault.
    pub(crate) fn transaction(
        &self,
        begin: &'static str,
        work: impl FnOnce(&Connection<'_>) -> bool,
    ) -> Result<(), String> {
        self.ensure_connected().map_err(|e| e.to_string())?;
        if self.batch(begin).is_err() {
            // The server was restarted since: one new connection, one more try.
            self.discard_connection();
            self.ensure_connected().map_err(|e| e.to_string())?;
            self.batch(begin).map_err(|e| e.to_string())?;
        }
        let connection = Connection::new(Link::Postgres(self));
        let keep = work(&connection) && !connection.has_failed();
        let end = if keep { "COMMIT" } else { "ROLLBACK" };
        self.batch(end).map_err(|error| {
            self.discard_connection();
            format!("{end}: {error}")
        })
    }

    fn batch(&self, sql: &'static str) -> Result<(), Fault> {
        let mut slot = self.connection.borrow_mut();
        let connection = slot.as_mut().ok_or(Fault::Closed)?;
        self.runtime.block_on(connection.execute(sql)).map(drop).map_err(fault)
    }

    /// `?1` becomes `$1`. The map is keyed by the address of the constant; no statement has a
    /// question mark of another meaning.
    fn text(&self, sql: &'static str) -> &'static str {
        self.texts.borrow_mut().entry(sql.as_ptr()).or_insert_with(|| sql.replace('?', "$").leak())
    }

    pub(crate) fn execute(&self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Fault> {
        let text = self.text(sql);
        let query = sqlx::query_with(text, arguments(params)?);
        let mut slot = self.connection.borrow_mut();
        let connection = slot.as_mut().ok_or(Fault::Closed)?;
        self.runtime.block_on(query.execute(connection)).map(|done| done.rows_affected()).map_err(fault)
    }

    pub(crate) fn for_each(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        mut each: impl FnMut(&Row<'_>) -> bool,
    ) -> Result<(), Fault> {
        let text = self.text(sql);
        let query = sqlx::query_with(text, arguments(params)?);
        let mut slot = self.connection.borrow_mut();
        let connection = slot.as_mut().ok_or(Fault::Closed)?;
        self.runtime.block_on(async {
            let mut rows = query.fetch(connection);
            let mut wanted = true;
            while let Some(row) = rows.next().await {
                // Read to the end even when nobody listens any more: the connection must be idle
                // before the next statement.
                wanted = wanted && each(&Row::Postgres(&row.map_err(fault)?));
            }
            Ok(())
        })
    }

    /// For statements that sea-orm's builder made.
    pub(crate) fn for_each_dynamic(
        &self,
        sql: String,
        params: &[Param<'_>],
        mut each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<u64, Error> {
        let query = sqlx::query_with(sqlx::AssertSqlSafe(sql), arguments(params)?);
        let mut slot = self.connection.borrow_mut();
        let connection = slot.as_mut().ok_or(Fault::Closed)?;
        let rows = self.runtime.block_on(query.fetch_all(connection)).map_err(fault)?;
        rows.iter().try_for_each(|row| each(&Row::Postgres(row)))?;
        Ok(rows.len() as u64)
    }
}

fn arguments(params: &[Param<'_>]) -> Result<PgArguments, Fault> {
    let mut arguments = PgArguments::default();
    for param in params {
        match param {
            Param::Int(value) => arguments.add(*value),
            Param::OptInt(value) => arguments.add(*value),
            Param::Text(value) => arguments.add(*value),
            Param::OptText(value) => arguments.add(*value),
            Param::Bytes(value) => arguments.add(*value),
            Param::OptBytes(value) => arguments.add(*value),
        }
        .map_err(|error| Fault::Database(error.to_string()))?;
    }
    Ok(arguments)
}
