//! What push needs of the store.
//!
//! * `push_registration`: a client of `account_id` that wants to be told at `endpoint` when a collection of `owner_id`
//!   changed: its items (`content`) or the collection itself (`properties`). `content_told` and `property_told` are the
//!   stamps up to which it has been told. Rows that expired are swept.
//!
//! Expand step: an older program would not sweep the rows, so it refuses the newer schema as always.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000009_push"
    }
}

/// After a change its registrations are looked up by whose collection it is.
const BY_OWNER: &str = "CREATE INDEX push_registration_owner ON push_registration (owner_id, collection_id)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = registration_table();
        if manager.get_database_backend() == sea_orm::DbBackend::Sqlite {
            table.extra("WITHOUT ROWID");
        }
        manager.create_table(table).await?;
        manager.get_connection().execute_unprepared(BY_OWNER).await.map(drop)
    }
}

fn registration_table() -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new("push_registration"));
    table.col(ColumnDef::new(Alias::new("account_id")).big_integer().not_null());
    table.col(ColumnDef::new(Alias::new("token")).text().not_null());
    for name in ["owner_id", "collection_id"] {
        table.col(ColumnDef::new(Alias::new(name)).big_integer().not_null());
    }
    table.col(ColumnDef::new(Alias::new("endpoint")).text().not_null());
    for name in ["public_key", "auth_secret"] {
        table.col(ColumnDef::new(Alias::new(name)).blob().not_null());
    }
    for name in [
        "content",
        "properties",
        "content_told",
        "property_told",
        "expires_at",
        "due_at",
        "failures",
        "created_at",
    ] {
        table.col(ColumnDef::new(Alias::new(name)).big_integer().not_null());
    }
    let mut key = Index::create();
    for name in ["account_id", "token"] {
        key.col(Alias::new(name));
    }
    table.primary_key(&mut key);
    table.take()
}
