//! Whom an account writes to: the people that a phone offers first.
//!
//! * `recipient`: an address to which `account_id` has sent mail. `recipient_id` names the row to clients and is drawn
//!   from the account's object ids; `rank` orders the rows. At most some hundred rows for an account.
//!
//! Expand step: an older program would not remove the rows of an account, so it refuses the newer schema as always.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000012_recipients"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = recipient_table();
        if manager.get_database_backend() == sea_orm::DbBackend::Sqlite {
            table.extra("WITHOUT ROWID");
        }
        manager.create_table(table).await
    }
}

fn recipient_table() -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new("recipient"));
    table.col(ColumnDef::new(Alias::new("account_id")).big_integer().not_null());
    table.col(ColumnDef::new(Alias::new("address")).text().not_null());
    table.col(ColumnDef::new(Alias::new("recipient_id")).big_integer().not_null());
    table.col(ColumnDef::new(Alias::new("name")).text().not_null());
    table.col(ColumnDef::new(Alias::new("rank")).big_integer().not_null());
    let mut key = Index::create();
    for name in ["account_id", "address"] {
        key.col(Alias::new(name));
    }
    table.primary_key(&mut key);
    table.take()
}
