//! What meetings need of the store.
//!
//! * `item.schedule_modseq`: the stamp at which the schedule tag of an event or task last changed (RFC 6638
//!   section 3.2.10); 0 if it is no scheduling object resource. What only told of somebody's answer leaves it, so a
//!   client that had the object before still writes over it. What was stored before gets one when it is next written.
//! * The schedule inbox of each account: a collection of a kind of its own, for scheduling messages that came in.
//!
//! Expand step: an older program would not fill the column, so it refuses the newer schema as always.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000007_meetings"
    }
}

/// Every statement is understood by both databases. An account's counters move by what its inbox takes.
const STATEMENTS: &[&str] = &[
    "ALTER TABLE item ADD COLUMN schedule_modseq BIGINT NOT NULL DEFAULT 0",
    "INSERT INTO collection (account_id, collection_id, parent_id, kind, role, name, uidvalidity, uid_next, highest, \
     floor, created_modseq, modseq, vanished_at, subscribed, messages, unseen, bytes, resource_name) \
     SELECT account_id, next_collection, 0, 'schedule', 'schedule-inbox', 'Invitations', next_uidvalidity, 1, \
     modseq + 1, 0, modseq + 1, modseq + 1, 0, 0, 0, 0, 0, 'inbox' FROM account_counter",
    "UPDATE account_counter SET modseq = modseq + 1, next_collection = next_collection + 1, \
     next_uidvalidity = next_uidvalidity + 1",
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
        Ok(())
    }
}
