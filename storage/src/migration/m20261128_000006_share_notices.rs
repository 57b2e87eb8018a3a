//! What people are told about sharing: that a folder is open to them now, or not any more, and that somebody
//! took a folder of theirs out of sight, or back.
//!
//! One row for each share and each of the two who are told of it, so a later turn replaces an earlier one. The
//! row `subscription` of the first migration says whether a folder of another is in sight; it has a reader now.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000006_share_notices"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table.table(Alias::new("share_notice"));
        // `account_id` is who is told; `other_id` who did it.
        for name in ["account_id", "owner_id", "collection_id", "other_id"] {
            table.col(ColumnDef::new(Alias::new(name)).big_integer().not_null());
        }
        for name in ["state", "kind", "name", "resource_name"] {
            table.col(ColumnDef::new(Alias::new(name)).text().not_null());
        }
        table.col(ColumnDef::new(Alias::new("told_at")).big_integer().not_null());
        let mut key = Index::create();
        for name in ["account_id", "owner_id", "collection_id", "other_id"] {
            key.col(Alias::new(name));
        }
        table.primary_key(&mut key);
        if manager.get_database_backend() == sea_orm::DbBackend::Sqlite {
            table.extra("WITHOUT ROWID");
        }
        manager.create_table(table).await?;
        // With a folder goes what was told of it.
        let mut index = Index::create();
        index.name("share_notice_folder").table(Alias::new("share_notice"));
        manager
            .create_index(index.col(Alias::new("owner_id")).col(Alias::new("collection_id")).to_owned())
            .await
    }
}
