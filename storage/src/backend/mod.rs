//! The two databases behind one narrow door.
//!
//! A statement is one constant text with `?1 ?2 ..` for both; PostgreSQL gets `$1 $2 ..`. All
//! integers are 64 bits, all texts UTF-8, all bytes blobs: nothing else crosses this line.

pub(crate) mod dynamic;
pub(crate) mod postgres;
pub(crate) mod sqlite;

use crate::error::{Fault, Result, row_fault};
use std::cell::Cell;

/// A value bound to a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Param<'a> {
    Int(i64),
    OptInt(Option<i64>),
    Text(&'a str),
    OptText(Option<&'a str>),
    Bytes(&'a [u8]),
    OptBytes(Option<&'a [u8]>),
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}
impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}
impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}
impl From<Option<i64>> for Param<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::OptInt(value)
    }
}
impl<'a> From<Option<&'a str>> for Param<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Self::OptText(value)
    }
}

/// Builds the parameter list of a statement.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::backend::Param::from($value)),*] };
}
pub(crate) use params;

/// One row of an answer, read by position.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a sqlx::postgres::PgRow),
}

impl Row<'_> {
    pub(crate) fn int(&self, index: usize) -> Result<i64> {
        match self {
            Self::Sqlite(row) => row.get(index).map_err(row_fault),
            Self::Postgres(row) => sqlx::Row::try_get(*row, index).map_err(row_fault),
        }
    }

    pub(crate) fn opt_int(&self, index: usize) -> Result<Option<i64>> {
        match self {
            Self::Sqlite(row) => row.get(index).map_err(row_fault),
            Self::Postgres(row) => sqlx::Row::try_get(*row, index).map_err(row_fault),
        }
    }

    pub(crate) fn text(&self, index: usize) -> Result<&str> {
        match self {
            Self::Sqlite(row) => row.get_ref(index).map_err(row_fault)?.as_str().map_err(row_fault),
            Self::Postgres(row) => sqlx::Row::try_get(*row, index).map_err(row_fault),
        }
    }

    pub(crate) fn opt_text(&self, index: usize) -> Result<Option<&str>> {
        match self {
            Self::Sqlite(row) => row.get_ref(index).map_err(row_fault)?.as_str_or_null().map_err(row_fault),
            Self::Postgres(row) => sqlx::Row::try_get(*row, index).map_err(row_fault),
        }
    }

    pub(crate) fn bytes(&self, index: usize) -> Result<&[u8]> {
        match self {
            Self::Sqlite(row) => row.get_ref(index).map_err(row_fault)?.as_blob().map_err(row_fault),
            Self::Postgres(row) => sqlx::Row::try_get(*row, index).map_err(row_fault),
        }
    }

    pub(crate) fn opt_bytes(&self, index: usize) -> Result<Option<&[u8]>> {
        match self {
            Self::Sqlite(row) => row.get_ref(index).map_err(row_fault)?.as_blob_or_null().map_err(row_fault),
            Self::Postgres(row) => sqlx::Row::try_get(*row, index).map_err(row_fault),
        }
    }
}

/// A connection inside a transaction.
///
/// After any error it refuses further statements: on SQLITE_FULL SQLite has rolled everything back
/// already, and what came next would run outside the transaction (write-path trap 1). The store's
/// statements never provoke constraint errors; they ask with `ON CONFLICT`.
pub(crate) struct Connection<'c> {
    link: Link<'c>,
    failed: Cell<bool>,
}

pub(crate) enum Link<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c postgres::Worker),
}

impl<'c> Connection<'c> {
    pub(crate) fn new(link: Link<'c>) -> Self {
        Self { link, failed: Cell::new(false) }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed.get()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.link, Link::Postgres(_))
    }

    fn run<T>(&self, work: impl FnOnce(&Link<'c>) -> Result<T, Fault>) -> Result<T> {
        if self.failed.get() {
            return Err(Fault::Poisoned.into());
        }
        work(&self.link).map_err(|fault| {
            self.failed.set(true);
            fault.into()
        })
    }

    /// Runs a statement; how many rows it touched.
    pub(crate) fn execute(&self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        self.run(|link| match link {
            Link::Sqlite(connection) => sqlite::execute(connection, sql, params),
            Link::Postgres(worker) => worker.execute(sql, params),
        })
    }

    /// Hands every row of the answer to `each`.
    pub(crate) fn for_each(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        mut each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut inner = Ok(());
        self.run(|link| match link {
            Link::Sqlite(connection) => sqlite::for_each(connection, sql, params, |row| {
                inner = each(row);
                inner.is_ok()
            }),
            Link::Postgres(worker) => worker.for_each(sql, params, |row| {
                inner = each(row);
                inner.is_ok()
            }),
        })?;
        inner
    }

    /// All rows of the answer.
    pub(crate) fn rows<T>(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.for_each(sql, params, |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row, if there is one.
    pub(crate) fn row<T>(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut found = None;
        self.for_each(sql, params, |row| {
            if found.is_none() {
                found = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The first column of the first row.
    pub(crate) fn int(&self, sql: &'static str, params: &[Param<'_>]) -> Result<Option<i64>> {
        self.row(sql, params, |row| row.int(0))
    }
}
