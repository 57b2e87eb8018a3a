//! Ordinary statements made by sea-orm's builder from the entities, run on our own connection.
//!
//! The rows become sea-orm models, so entities are written once and the statement is part of the
//! transaction that the caller is in.

use super::{Connection, Link, Param, Row};
use crate::error::{Fault, Result, row_fault};
use sea_orm::sea_query::Value;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbBackend, EntityTrait, Iterable, QueryTrait, Statement, TryIntoModel,
};

impl Connection<'_> {
    fn backend(&self) -> DbBackend {
        match self.link {
            Link::Sqlite(_) => DbBackend::Sqlite,
            Link::Postgres(_) => DbBackend::Postgres,
        }
    }

    /// Runs a built `SELECT` of whole entities.
    pub(crate) fn find<E>(&self, select: sea_orm::Select<E>) -> Result<Vec<E::Model>>
    where
        E: EntityTrait,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        let mut models = Vec::new();
        self.run_statement(select.build(self.backend()), |row| {
            let mut model = E::ActiveModel::default();
            for (index, column) in E::Column::iter().enumerate() {
                model.try_set(column, value::<E>(column, row, index)?).map_err(row_fault)?;
            }
            models.push(model.try_into_model().map_err(row_fault)?);
            Ok(())
        })?;
        Ok(models)
    }

    /// The first entity that a built `SELECT` finds.
    pub(crate) fn find_one<E>(&self, select: sea_orm::Select<E>) -> Result<Option<E::Model>>
    where
        E: EntityTrait,
        E::ActiveModel: TryIntoModel<E::Model>,
    {
        Ok(self.find(select)?.into_iter().next())
    }

    /// Runs a built `INSERT`, `UPDATE` or `DELETE`.
    pub(crate) fn change(&self, query: &impl QueryTrait) -> Result<()> {
        self.run_statement(query.build(self.backend()), |_| Ok(())).map(drop)
    }

    fn run_statement(
        &self,
        statement: Statement,
        mut each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<u64> {
        if self.failed.get() {
            return Err(Fault::Poisoned.into());
        }
        let values = statement.values.unwrap_or(sea_orm::Values(Vec::new()));
        let params: Vec<Param<'_>> = values.0.iter().map(param).collect::<Result<_>>()?;
        let outcome = match &self.link {
            Link::Sqlite(connection) => {
                let mut count = 0;
                let mut inner = Ok(());
                super::sqlite::for_each(connection, &statement.sql, &params, |row| {
                    count += 1;
                    inner = each(row);
                    inner.is_ok()
                })
                .map_err(crate::error::Error::from)
                .and(inner)
                .map(|()| count)
            }
            Link::Postgres(worker) => worker.for_each_dynamic(statement.sql, &params, each),
        };
        if outcome.is_err() {
            self.failed.set(true);
        }
        outcome
    }
}

/// The column's type decides; the store has only three.
fn value<E: EntityTrait>(column: E::Column, row: &Row<'_>, index: usize) -> Result<Value> {
    use sea_orm::ColumnType::{BigInteger, Blob, Text, VarBinary};
    Ok(match column.def().get_column_type() {
        BigInteger => Value::BigInt(row.opt_int(index)?),
        Text => Value::String(row.opt_text(index)?.map(str::to_owned)),
        Blob | VarBinary(_) => Value::Bytes(row.opt_bytes(index)?.map(<[u8]>::to_vec)),
        other => return Err(row_fault(format!("column type {other:?} is not used here"))),
    })
}

fn param(value: &Value) -> Result<Param<'_>> {
    Ok(match value {
        Value::BigInt(value) => Param::OptInt(*value),
        Value::BigUnsigned(value) => Param::OptInt(value.map(|v| i64::try_from(v).unwrap_or(i64::MAX))),
        Value::String(value) => Param::OptText(value.as_deref()),
        Value::Bytes(value) => Param::OptBytes(value.as_deref()),
        other => return Err(row_fault(format!("value {other:?} is not used here"))),
    })
}
