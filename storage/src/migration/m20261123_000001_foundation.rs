//! The whole schema of the foundation: ARCHITECTURE part 3.
//!
//! Every mailbox table leads its primary key with `account_id`: an account's rows lie together on
//! disk, and that column is the distribution key of a distributed database. Integers are 64 bits,
//! 0 means "no" and "none" where a column cannot be null; times are milliseconds. No foreign keys:
//! a deferred violation would fail innocent writers of the same commit; `check.rs` proves the
//! references instead.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000001_foundation"
    }
}

#[derive(Clone, Copy)]
enum Type {
    Int,
    OptInt,
    Text,
    OptText,
    Bytes,
    OptBytes,
}
use Type::{Bytes, Int, OptBytes, OptInt, OptText, Text};

struct TableRow {
    name: &'static str,
    columns: &'static [(&'static str, Type)],
    key: &'static [&'static str],
    /// Rows are small and read in key order: SQLite keeps them in the key's tree.
    clustered: bool,
}

struct IndexRow {
    table: &'static str,
    name: &'static str,
    columns: &'static [&'static str],
    unique: bool,
    /// Partial index.
    only: Option<&'static str>,
}

const fn table(
    name: &'static str,
    clustered: bool,
    columns: &'static [(&'static str, Type)],
    key: &'static [&'static str],
) -> TableRow {
    TableRow { name, columns, key, clustered }
}

const TABLES: &[TableRow] = &[
    // The house.
    table("setting", true, &[("scope", Text), ("name", Text), ("value", Text)], &["scope", "name"]),
    table("counter", true, &[("name", Text), ("value", Int)], &["name"]),
    table(
        "domain",
        true,
        &[
            ("id", Int),
            ("name", Text),
            ("modseq", Int),
            ("quota_default_bytes", Int),
            ("quota_max_bytes", Int),
            ("language", Text),
            ("created_at", Int),
        ],
        &["id"],
    ),
    table("domain_alias", true, &[("name", Text), ("domain_id", Int)], &["name"]),
    table(
        "account",
        true,
        &[
            ("id", Int),
            ("domain_id", Int),
            ("class", Text),
            ("kind", Text),
            ("name", Text),
            ("language", Text),
            ("suspended", Int),
            ("created_at", Int),
        ],
        &["id"],
    ),
    // Narrow and hot: its lock orders all writes of the account.
    table(
        "account_counter",
        true,
        &[
            ("account_id", Int),
            ("modseq", Int),
            ("used_bytes", Int),
            ("quota_bytes", Int),
            ("next_collection", Int),
            ("next_object", Int),
            ("next_content", Int),
            ("next_thread", Int),
            ("next_uidvalidity", Int),
        ],
        &["account_id"],
    ),
    // One row per address: it leads to an account or to a group.
    table(
        "address",
        true,
        &[
            ("address", Text),
            ("domain_id", Int),
            ("account_id", OptInt),
            ("group_id", OptInt),
            ("is_primary", Int),
            ("created_at", Int),
        ],
        &["address"],
    ),
    table(
        "account_group",
        true,
        &[("id", Int), ("domain_id", Int), ("name", Text), ("created_at", Int)],
        &["id"],
    ),
    // `epoch` is the domain's number when the row last changed; a row that ended stays.
    table(
        "group_member",
        true,
        &[("group_id", Int), ("account_id", Int), ("epoch", Int), ("ended", Int)],
        &["group_id", "account_id"],
    ),
    table(
        "credential",
        true,
        &[
            ("account_id", Int),
            ("credential_id", Int),
            ("kind", Text),
            ("name", Text),
            ("argon2", Text),
            ("scram_salt", Bytes),
            ("scram_iterations", Int),
            ("scram_stored_key", Bytes),
            ("scram_server_key", Bytes),
            ("created_at", Int),
            ("last_used_at", OptInt),
            ("revoked_at", OptInt),
        ],
        &["account_id", "credential_id"],
    ),
    // The mailbox.
    table(
        "collection",
        true,
        &[
            ("account_id", Int),
            ("collection_id", Int),
            ("parent_id", Int),
            ("kind", Text),
            ("role", Text),
            ("name", Text),
            ("uidvalidity", Int),
            ("uid_next", Int),
            ("highest", Int),
            ("floor", Int),
            ("created_modseq", Int),
            ("modseq", Int),
            ("vanished_at", Int),
            ("subscribed", Int),
            ("messages", Int),
            ("unseen", Int),
            ("bytes", Int),
        ],
        &["account_id", "collection_id"],
    ),
    table(
        "item",
        true,
        &[
            ("account_id", Int),
            ("collection_id", Int),
            ("uid", Int),
            ("object_id", Int),
            ("content_id", Int),
            ("thread_id", Int),
            ("size_bytes", Int),
            ("counted", Int),
            ("flags", Int),
            ("keywords", Text),
            ("received_at", Int),
            ("saved_at", Int),
            ("filter_at", Int),
            ("created_modseq", Int),
            ("content_modseq", Int),
            ("modseq", Int),
            ("vanished_at", Int),
            ("moved_collection", OptInt),
            ("moved_uid", OptInt),
            ("author_id", OptInt),
            ("created_by", OptText),
            ("quiet_for", OptText),
            ("resource_name", OptText),
            ("component_uid", OptText),
            ("private", Int),
        ],
        &["account_id", "collection_id", "uid"],
    ),
    // `body` comes last: what was parsed once is read without touching the body's pages.
    table(
        "content",
        false,
        &[
            ("account_id", Int),
            ("content_id", Int),
            ("refs", Int),
            ("size_bytes", Int),
            ("stored_bytes", Int),
            ("encoding", Int),
            ("key_id", Int),
            ("hash", Bytes),
            ("seal", Bytes),
            ("created_at", Int),
            ("header_bytes", Int),
            ("blob_name", OptText),
            ("message_id", OptText),
            ("preview", Text),
            ("envelope", Bytes),
            ("structure", Bytes),
            ("summary", Bytes),
            ("body", OptBytes),
        ],
        &["account_id", "content_id"],
    ),
    // What an item was before: its superseded bytes, and whether a filter showed it.
    table(
        "version",
        true,
        &[
            ("account_id", Int),
            ("collection_id", Int),
            ("uid", Int),
            ("from_modseq", Int),
            ("until_modseq", Int),
            ("content_id", Int),
            ("filter_at", Int),
            ("private", Int),
            ("replaced_at", Int),
        ],
        &["account_id", "collection_id", "uid", "from_modseq"],
    ),
    table(
        "thread",
        true,
        &[("account_id", Int), ("id_hash", Int), ("thread_id", Int)],
        &["account_id", "id_hash"],
    ),
    table(
        "category",
        true,
        &[("account_id", Int), ("category_id", Int), ("name", Text), ("colour", Text), ("atom", Text)],
        &["account_id", "category_id"],
    ),
    table(
        "activity",
        true,
        &[
            ("account_id", Int),
            ("modseq", Int),
            ("at", Int),
            ("principal_id", OptInt),
            ("door", Text),
            ("device", OptText),
        ],
        &["account_id", "modseq"],
    ),
    // Delegation. grantee_type: anyone of the domain, account, group. collection_id 0: the account.
    table(
        "permission",
        true,
        &[
            ("account_id", Int),
            ("collection_id", Int),
            ("grantee_type", Text),
            ("grantee_id", Int),
            ("rights", Int),
            ("epoch", Int),
            ("created_at", Int),
        ],
        &["account_id", "collection_id", "grantee_type", "grantee_id"],
    ),
    // A delegate's own view of somebody's collection.
    table(
        "subscription",
        true,
        &[
            ("account_id", Int),
            ("owner_id", Int),
            ("collection_id", Int),
            ("name", OptText),
            ("colour", OptText),
            ("position", Int),
            ("transparent", Int),
            ("on_phone", Int),
            ("subscribed", Int),
            ("modseq", Int),
        ],
        &["account_id", "owner_id", "collection_id"],
    ),
    // Devices and readers.
    table(
        "device",
        true,
        &[
            ("account_id", Int),
            ("device_id", Text),
            ("device_type", Text),
            ("user_agent", Text),
            ("protocol_version", Text),
            ("information", Text),
            ("policy_key", Int),
            ("pending_policy_key", Int),
            ("policy_hash", Text),
            ("wipe", Text),
            ("created_at", Int),
            ("last_seen_at", Int),
        ],
        &["account_id", "device_id"],
    ),
    table(
        "cursor",
        true,
        &[
            ("account_id", Int),
            ("reader", Text),
            ("owner_id", Int),
            ("collection_id", Int),
            ("state", Bytes),
            ("updated_at", Int),
        ],
        &["account_id", "reader", "owner_id", "collection_id"],
    ),
    table(
        "idempotency",
        true,
        &[
            ("account_id", Int),
            ("reader", Text),
            ("collection_id", Int),
            ("sync_key", Text),
            ("client_key", Text),
            ("hash", Bytes),
            ("result", Bytes),
            ("created_at", Int),
        ],
        &["account_id", "reader", "collection_id", "sync_key", "client_key"],
    ),
    // What must leave the house.
    table(
        "outbox",
        true,
        &[
            ("account_id", Int),
            ("outbox_id", Int),
            ("kind", Text),
            ("payload", Bytes),
            ("created_at", Int),
            ("due_at", Int),
            ("attempts", Int),
        ],
        &["account_id", "outbox_id"],
    ),
    table(
        "queue_message",
        true,
        &[
            ("account_id", Int),
            ("queue_id", Int),
            ("content_id", Int),
            ("reverse_path", Text),
            ("created_at", Int),
        ],
        &["account_id", "queue_id"],
    ),
    table(
        "queue_recipient",
        true,
        &[
            ("account_id", Int),
            ("queue_id", Int),
            ("recipient", Text),
            ("state", Text),
            ("attempts", Int),
            ("due_at", Int),
            ("answer", Text),
            ("notified", Int),
        ],
        &["account_id", "queue_id", "recipient"],
    ),
];

const fn index(table: &'static str, name: &'static str, columns: &'static [&'static str]) -> IndexRow {
    IndexRow { table, name, columns, unique: false, only: None }
}

const fn unique(
    table: &'static str,
    name: &'static str,
    columns: &'static [&'static str],
    only: Option<&'static str>,
) -> IndexRow {
    IndexRow { table, name, columns, unique: true, only }
}

const fn partial(
    table: &'static str,
    name: &'static str,
    columns: &'static [&'static str],
    only: &'static str,
) -> IndexRow {
    IndexRow { table, name, columns, unique: false, only: Some(only) }
}

const INDEXES: &[IndexRow] = &[
    unique("domain", "domain_name", &["name"], None),
    index("account", "account_domain", &["domain_id"]),
    index("address", "address_account", &["account_id"]),
    index("address", "address_group", &["group_id"]),
    unique("account_group", "account_group_name", &["domain_id", "name"], None),
    index("group_member", "group_member_account", &["account_id"]),
    unique(
        "collection",
        "collection_name",
        &["account_id", "parent_id", "kind", "name"],
        Some("vanished_at = 0"),
    ),
    // The log.
    index("item", "item_log", &["account_id", "collection_id", "modseq", "uid"]),
    // Newest first, for devices and pages that show a window of time.
    partial("item", "item_filter", &["account_id", "collection_id", "filter_at", "uid"], "vanished_at = 0"),
    index("item", "item_object", &["account_id", "object_id"]),
    unique(
        "item",
        "item_component",
        &["account_id", "collection_id", "component_uid"],
        Some("vanished_at = 0 AND component_uid IS NOT NULL"),
    ),
    unique(
        "item",
        "item_resource",
        &["account_id", "collection_id", "resource_name"],
        Some("vanished_at = 0 AND resource_name IS NOT NULL"),
    ),
    partial("item", "item_vanished", &["account_id", "vanished_at"], "vanished_at > 0"),
    // What retention still has to release: without those already released.
    partial("item", "item_retained", &["account_id", "vanished_at"], "vanished_at > 0 AND content_id > 0"),
    partial("content", "content_blob", &["account_id", "hash"], "blob_name IS NOT NULL"),
    partial("version", "version_retained", &["account_id", "replaced_at"], "content_id > 0"),
    unique("category", "category_name", &["account_id", "name"], None),
    index("permission", "permission_grantee", &["grantee_type", "grantee_id"]),
    index("idempotency", "idempotency_age", &["account_id", "created_at"]),
    index("outbox", "outbox_due", &["due_at"]),
    partial("queue_recipient", "queue_recipient_due", &["due_at"], "state = 'waiting'"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Also on SQLite: a kill in the middle leaves nothing behind.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == sea_orm::DbBackend::Sqlite;
        for table in TABLES {
            manager.create_table(create_table(table, sqlite)).await?;
        }
        for index in INDEXES {
            // Written out: the builder has no partial indexes for both databases.
            let unique = if index.unique { "UNIQUE " } else { "" };
            let only = index.only.map(|only| format!(" WHERE {only}")).unwrap_or_default();
            let columns = index.columns.join(", ");
            let sql = format!("CREATE {unique}INDEX {} ON {} ({columns}){only}", index.name, index.table);
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

fn create_table(row: &TableRow, sqlite: bool) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new(row.name));
    for (name, kind) in row.columns {
        let mut column = ColumnDef::new(Alias::new(*name));
        match kind {
            Int => column.big_integer().not_null(),
            OptInt => column.big_integer(),
            Text => column.text().not_null(),
            OptText => column.text(),
            Bytes => column.blob().not_null(),
            OptBytes => column.blob(),
        };
        table.col(&mut column);
    }
    let mut key = Index::create();
    for column in row.key {
        key.col(Alias::new(*column));
    }
    table.primary_key(&mut key);
    if sqlite && row.clustered {
        table.extra("WITHOUT ROWID");
    }
    table
}
