//! What marks and conversations of mail need of the store.
//!
//! * `item.follow_up`: what a phone says of the follow-up beside `\Flagged`, opaque here; empty if nobody said more.
//! * `item.verb`, `item.verb_at`: what was last done with a mail (reply 1, to all 2, forward 3; 0: not known) and when.
//! * `item.seen_modseq`, `flag_modseq`, `label_modseq`, `other_modseq`: when `\Seen`, the follow-up, the keywords of
//!   people and all other marks last changed, so that a reader is told of those alone that did. What is there already
//!   gets the stamp of its last change.
//! * `item.thread_began_at`, `thread.began_at`: when a conversation began; 0 in `thread` for one that came before.
//! * `conversation_rule`: where mail of a conversation goes when it arrives.
//!
//! Expand step: an older program would not fill the columns, so it refuses the newer schema as always.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000013_marks"
    }
}

/// Every statement is understood by both databases.
const STATEMENTS: &[&str] = &[
    "ALTER TABLE item ADD COLUMN follow_up TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE item ADD COLUMN verb BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE item ADD COLUMN verb_at BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE item ADD COLUMN seen_modseq BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE item ADD COLUMN flag_modseq BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE item ADD COLUMN label_modseq BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE item ADD COLUMN other_modseq BIGINT NOT NULL DEFAULT 0",
    "UPDATE item SET seen_modseq = modseq, flag_modseq = modseq, label_modseq = modseq, other_modseq = modseq \
     WHERE vanished_at = 0 AND component = ''",
    "ALTER TABLE item ADD COLUMN thread_began_at BIGINT NOT NULL DEFAULT 0",
    "UPDATE item SET thread_began_at = received_at",
    "ALTER TABLE thread ADD COLUMN began_at BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX item_thread ON item (account_id, collection_id, thread_id, uid)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        let mut table = rule_table();
        if manager.get_database_backend() == sea_orm::DbBackend::Sqlite {
            table.extra("WITHOUT ROWID");
        }
        manager.create_table(table).await
    }
}

fn rule_table() -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new("conversation_rule"));
    for name in ["account_id", "thread_id", "collection_id", "created_at"] {
        table.col(ColumnDef::new(Alias::new(name)).big_integer().not_null());
    }
    let mut key = Index::create();
    for name in ["account_id", "thread_id"] {
        key.col(Alias::new(name));
    }
    table.primary_key(&mut key);
    table.take()
}
