//! What managed attachments need of the store.
//!
//! * `attachment`: a content that objects of calendars name by a token; `unused_since` is when the last of them went.
//! * `attachment_use`: which item names which token, also tokens that are those of other accounts or of none.
//!
//! Expand step: an older program would not count what is attached, so it refuses the newer schema as always.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000008_attachments"
    }
}

/// Every statement is understood by both databases.
const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX attachment_token ON attachment (token)",
    "CREATE INDEX attachment_unused ON attachment (account_id, unused_since) WHERE unused_since > 0",
    "CREATE INDEX attachment_use_token ON attachment_use (token)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_sqlite = manager.get_database_backend() == sea_orm::DbBackend::Sqlite;
        for mut table in [attachment_table(), use_table()] {
            if is_sqlite {
                table.extra("WITHOUT ROWID");
            }
            manager.create_table(table).await?;
        }
        for statement in INDEXES {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

fn attachment_table() -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new("attachment"));
    table.col(ColumnDef::new(Alias::new("account_id")).big_integer().not_null());
    table.col(ColumnDef::new(Alias::new("token")).text().not_null());
    for name in ["content_id", "size_bytes"] {
        table.col(ColumnDef::new(Alias::new(name)).big_integer().not_null());
    }
    for name in ["name", "media_type"] {
        table.col(ColumnDef::new(Alias::new(name)).text().not_null());
    }
    for name in ["created_at", "unused_since"] {
        table.col(ColumnDef::new(Alias::new(name)).big_integer().not_null());
    }
    let mut key = Index::create();
    for name in ["account_id", "token"] {
        key.col(Alias::new(name));
    }
    table.primary_key(&mut key);
    table.take()
}

fn use_table() -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new("attachment_use"));
    for name in ["account_id", "collection_id", "uid"] {
        table.col(ColumnDef::new(Alias::new(name)).big_integer().not_null());
    }
    table.col(ColumnDef::new(Alias::new("token")).text().not_null());
    let mut key = Index::create();
    for name in ["account_id", "collection_id", "uid", "token"] {
        key.col(Alias::new(name));
    }
    table.primary_key(&mut key);
    table.take()
}
