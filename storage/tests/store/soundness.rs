//! `check` finds what it says it finds: rows are broken behind the store's back, one rule at a time.

use crate::contents::run;
use crate::harness::{World, acting, address, house, on_each_database};
use sqlx::{Connection, Executor, Row};
use std::collections::BTreeSet;
use std::path::Path;
use storage::{Database, Grantee, NewCollection, NewItem, NewLock, Scope, Write, right};
use vocabulary::{CollectionId, CollectionKind, Component, Door, LeafName, Principal, Rights, Role, Uid};

/// A rule of `check.rs` as (id, words), and statements that each break it. In `furnished`, account 1 is
/// Anna, 2 is Ben of the same domain 1, 3 is Nora of domain 2; 99 is nobody and nothing.
const CASES: &[(&str, &str, &[&str])] = &[
    (
        "I3",
        "living item without content",
        &["UPDATE item SET content_id = 0 WHERE vanished_at = 0", "DELETE FROM content WHERE account_id = 2"],
    ),
    (
        "I3",
        "retained item, version, attachment or queued mail names a content that is not there",
        &[
            "UPDATE item SET content_id = 999 WHERE vanished_at > 0",
            "UPDATE version SET content_id = 999",
            "UPDATE attachment SET content_id = 999",
            "UPDATE queue_message SET content_id = 999",
        ],
    ),
    ("I3", "item and content differ in size", &["UPDATE item SET size_bytes = size_bytes + 1"]),
    ("I3", "row does not fit its seal", &["UPDATE content SET preview = 'x'"]),
    ("I3", "content 1 of account 2 is damaged", &["UPDATE content SET body = hash WHERE account_id = 2"]),
    (
        "I4",
        "reference count differs",
        &["UPDATE content SET refs = refs + 1", "DELETE FROM queue_message", "DELETE FROM attachment"],
    ),
    (
        "I5",
        "stamps out of order",
        &[
            "UPDATE item SET created_modseq = content_modseq + 1",
            "UPDATE item SET content_modseq = modseq + 1",
            "UPDATE item SET modseq = modseq + 1000",
            "UPDATE collection SET uid_next = 1",
            "UPDATE item SET uid = 0 WHERE uid = 1",
        ],
    ),
    (
        "I5",
        "collection ahead of its account",
        &[
            "UPDATE collection SET highest = highest + 1000",
            "UPDATE collection SET modseq = modseq + 1000",
            "UPDATE collection SET floor = highest + 1",
            "UPDATE account_counter SET next_collection = 1",
            "UPDATE account_counter SET next_uidvalidity = 1",
            "UPDATE collection SET uidvalidity = 0",
        ],
    ),
    (
        "I5",
        "identity not below the next one",
        &[
            "UPDATE account_counter SET next_object = 1",
            "UPDATE account_counter SET next_content = 1",
            "UPDATE account_counter SET next_thread = 1",
        ],
    ),
    (
        "I6",
        "folder counters differ from a recount",
        &[
            "UPDATE collection SET messages = messages + 1",
            "UPDATE collection SET unseen = unseen + 1",
            "UPDATE collection SET bytes = bytes + 1",
        ],
    ),
    (
        "I6",
        "used bytes differ from a recount",
        &[
            "UPDATE account_counter SET used_bytes = used_bytes + 1",
            "UPDATE attachment SET size_bytes = size_bytes + 1",
            "INSERT INTO property VALUES (1, 1, 1, 'x', '', 0, 0)",
            "INSERT INTO property VALUES (2, 1, 1, '', 'ü', 0, 0)",
        ],
    ),
    (
        "I6",
        "attachment that counts and is named by nothing, or the other way round",
        &[
            "DELETE FROM attachment_use",
            "UPDATE attachment SET unused_since = 1 WHERE unused_since = 0",
            "UPDATE attachment SET unused_since = 0",
        ],
    ),
    (
        "I7",
        "grant to nobody or across a domain",
        &[
            "UPDATE permission SET grantee_id = 3 WHERE grantee_type = 'account'",
            "UPDATE permission SET grantee_id = 99 WHERE grantee_type = 'account'",
            "UPDATE permission SET grantee_id = 2 WHERE grantee_type = 'anyone'",
            "UPDATE permission SET grantee_id = 99 WHERE grantee_type = 'group'",
            "UPDATE account_group SET domain_id = 2",
            "UPDATE permission SET account_id = 99",
        ],
    ),
    (
        "I7",
        "membership of nobody or across a domain",
        &["UPDATE group_member SET account_id = 3", "UPDATE group_member SET group_id = 99"],
    ),
    (
        "I7",
        "address that leads nowhere",
        &[
            "INSERT INTO address VALUES ('x@blumen.test', 1, NULL, NULL, 0, 0)",
            "UPDATE address SET domain_id = 2 WHERE account_id = 2",
            "DELETE FROM account_group",
        ],
    ),
    (
        "I7",
        "account, group or other name in a domain that is gone",
        &[
            "UPDATE account SET domain_id = 99 WHERE id = 3",
            "UPDATE account_group SET domain_id = 99",
            "INSERT INTO domain_alias VALUES ('x.test', 99)",
        ],
    ),
    (
        "I8",
        "queued recipient in no state, or failure not told",
        &[
            "UPDATE queue_recipient SET state = 'lost'",
            "UPDATE queue_recipient SET state = 'failed'",
            "UPDATE queue_recipient SET notified = 1",
        ],
    ),
    (
        "I8",
        "queued recipient without its mail, or mail without recipients",
        &["DELETE FROM queue_message", "DELETE FROM queue_recipient"],
    ),
    (
        "S1",
        "living item in no living folder",
        &["UPDATE collection SET vanished_at = 1", "DELETE FROM collection"],
    ),
    (
        "S1",
        "folder beneath no living folder",
        &[
            "UPDATE collection SET parent_id = 99 WHERE parent_id > 0",
            "UPDATE collection SET vanished_at = 1 WHERE name = 'Projekte'",
        ],
    ),
    ("S2", "identity lives twice", &["UPDATE item SET object_id = 1"]),
    (
        "S2",
        "component UID twice in a folder",
        &["DROP INDEX item_component; UPDATE item SET component_uid = 'e'"],
    ),
    (
        "S2",
        "resource name twice in a folder",
        &["DROP INDEX item_resource; UPDATE item SET resource_name = 'e.ics'"],
    ),
    (
        "S2",
        "name of both a file and a folder beside it",
        &["UPDATE collection SET kind = 'files', resource_name = 'e1.ics', parent_id = ( \
             SELECT collection_id FROM collection WHERE account_id = 1 AND role = 'calendar') \
           WHERE account_id = 1 AND role = 'notes'"],
    ),
    (
        "S2",
        "endpoint registered twice for one folder",
        &[
            "INSERT INTO push_registration SELECT 1, t.token, 1, 1, 'x', c.hash, c.hash, 1, 1, 0, 0, 0, 0, 0, 0 \
           FROM content c, (SELECT 'a' AS token UNION ALL SELECT 'b') AS t WHERE c.account_id = 2",
        ],
    ),
    (
        "S3",
        "moved item that did not arrive",
        &[
            "UPDATE item SET moved_uid = 99 WHERE moved_uid IS NOT NULL",
            "UPDATE item SET object_id = 99 WHERE moved_uid IS NOT NULL",
        ],
    ),
    (
        "S4",
        "account without counter or with other than one primary address",
        &[
            "DELETE FROM account_counter WHERE account_id = 3",
            "UPDATE address SET is_primary = 0",
            "INSERT INTO address VALUES ('x@blumen.test', 1, 2, NULL, 1, 0)",
        ],
    ),
    (
        "S4",
        "account without a root of plain files",
        &[
            "DELETE FROM collection WHERE role = 'files' AND account_id = 3",
            "UPDATE collection SET resource_name = 'x' WHERE role = 'files'",
            "UPDATE collection SET parent_id = 1 WHERE role = 'files'",
            "UPDATE collection SET kind = 'mail' WHERE role = 'files'",
        ],
    ),
    ("S4", "role of several folders", &["UPDATE collection SET role = 'inbox'"]),
    (
        "S5",
        "version that overlaps another of its item",
        &["UPDATE version SET until_modseq = until_modseq + 1 WHERE content_id = ( \
             SELECT MIN(content_id) FROM version)"],
    ),
    (
        "S5",
        "version that overlaps the next",
        &[
            "UPDATE version SET until_modseq = until_modseq + 1000",
            "UPDATE version SET until_modseq = from_modseq",
        ],
    ),
    (
        "S8",
        "device in no known state",
        &[
            "INSERT INTO device (account_id, device_id, device_type, user_agent, protocol_version, information, policy_key, \
             pending_policy_key, policy_hash, wipe, created_at, last_seen_at) \
             VALUES (1, 'd', '', '', '', '', 0, 0, '', 'x', 0, 0)",
        ],
    ),
    ("S6", "version of no item", &["UPDATE version SET uid = 99", "UPDATE version SET collection_id = 99"]),
    (
        "S6",
        "name of an attachment of no item",
        &["UPDATE attachment_use SET uid = 99", "INSERT INTO attachment_use VALUES (1, 99, 1, 'x')"],
    ),
    (
        "S6",
        "property of no item",
        &["INSERT INTO property VALUES (1, 1, 1, '', '', 0, 99)", "UPDATE property SET item = item + 1"],
    ),
    (
        "S6",
        "lock of nothing",
        &[
            "UPDATE file_lock SET path = 'nothing'",
            "UPDATE collection SET vanished_at = 1 WHERE role = 'files'",
        ],
    ),
    (
        "S6",
        "tombstone, grant or registration of no folder",
        &[
            "UPDATE item SET collection_id = 99 WHERE vanished_at > 0",
            "UPDATE permission SET collection_id = 99 WHERE grantee_type = 'anyone'",
            "INSERT INTO push_registration SELECT 1, '', 1, 99, '', hash, hash, 1, 1, 0, 0, 0, 0, 0, 0 \
             FROM content WHERE account_id = 2",
        ],
    ),
    (
        "S6",
        "row of an account that is gone",
        &[
            "UPDATE account_counter SET account_id = 99 WHERE account_id = 3",
            "INSERT INTO credential SELECT 99, 1, '', '', '', hash, 0, hash, hash, 0, NULL, NULL FROM content \
             WHERE account_id = 2",
            "UPDATE group_member SET account_id = 99",
            "UPDATE collection SET account_id = 99 WHERE account_id = 3",
            "UPDATE item SET account_id = 99 WHERE account_id = 2",
            "UPDATE content SET account_id = 99 WHERE account_id = 2",
            "UPDATE version SET account_id = 99",
            "INSERT INTO thread VALUES (99, 1, 1, 0)",
            "INSERT INTO category VALUES (99, 1, '', '', '')",
            "UPDATE activity SET account_id = 99 WHERE account_id = 3",
            "UPDATE permission SET account_id = 99",
            "INSERT INTO subscription VALUES (99, 1, 1, NULL, NULL, 0, 0, 0, 0, 0)",
            "INSERT INTO subscription VALUES (1, 99, 1, NULL, NULL, 0, 0, 0, 0, 0)",
            "INSERT INTO share_notice VALUES (99, 1, 1, 1, 'given', 'calendar', '', '', 0)",
            "INSERT INTO share_notice VALUES (1, 99, 1, 1, 'given', 'calendar', '', '', 0)",
            "INSERT INTO share_notice VALUES (1, 1, 1, 99, 'given', 'calendar', '', '', 0)",
            "INSERT INTO property VALUES (99, 1, 1, '', '', 0, 0)",
            "INSERT INTO file_lock VALUES (99, '', '', 0, 0, 1, '', 0)",
            "INSERT INTO file_lock VALUES (1, '', '', 0, 0, 99, '', 0)",
            "UPDATE attachment SET account_id = 99",
            "UPDATE attachment_use SET account_id = 99",
            "INSERT INTO push_registration SELECT 99, '', 1, 1, '', hash, hash, 1, 1, 0, 0, 0, 0, 0, 0 \
             FROM content WHERE account_id = 2",
            "INSERT INTO push_registration SELECT 1, '', 99, 1, '', hash, hash, 1, 1, 0, 0, 0, 0, 0, 0 \
             FROM content WHERE account_id = 2",
            "INSERT INTO recipient VALUES (99, '', 1, '', 0)",
            "INSERT INTO device (account_id, device_id, device_type, user_agent, protocol_version, information, policy_key, \
             pending_policy_key, policy_hash, wipe, created_at, last_seen_at) \
             VALUES (99, '', '', '', '', '', 0, 0, '', '', 0, 0)",
            "INSERT INTO cursor SELECT 99, '', 1, 1, hash, 0 FROM content WHERE account_id = 2",
            "INSERT INTO cursor SELECT 1, '', 99, 1, hash, 0 FROM content WHERE account_id = 2",
            "INSERT INTO idempotency SELECT 99, '', 1, '', '', hash, hash, 0 FROM content WHERE account_id = 2",
            "UPDATE outbox SET account_id = 99",
            "UPDATE queue_message SET account_id = 99",
            "UPDATE queue_recipient SET account_id = 99",
        ],
    ),
    (
        "S7",
        "schedule tag out of order",
        &[
            "UPDATE item SET schedule_modseq = content_modseq + 1",
            "UPDATE item SET schedule_modseq = created_modseq - 1 WHERE component <> ''",
            "UPDATE item SET schedule_modseq = created_modseq, component = ''",
        ],
    ),
    (
        "S7",
        "account without a schedule inbox",
        &[
            "UPDATE collection SET vanished_at = 1 WHERE kind = 'schedule' AND account_id = 3",
            "UPDATE collection SET role = 'schedule-inbox' WHERE role = 'notes'",
        ],
    ),
    (
        "S7",
        "schedule inbox that is none, or a folder that poses as one",
        &[
            "UPDATE collection SET kind = 'mail' WHERE role = 'schedule-inbox'",
            "UPDATE collection SET kind = 'schedule' WHERE role = 'notes'",
        ],
    ),
    (
        "S7",
        "scheduling message with a UID of its own or a share of the quota",
        &["UPDATE item SET component_uid = 'm' WHERE counted = 0", "UPDATE item SET counted = 1"],
    ),
    (
        "S6",
        "setting of an account or domain that is gone",
        &[
            "UPDATE setting SET scope = 'account/99' WHERE scope = 'account/1'",
            "INSERT INTO setting VALUES ('domain/99', '', '')",
        ],
    ),
];

/// What the source says that it checks by a statement.
fn rules() -> BTreeSet<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check.rs");
    let source = std::fs::read_to_string(path).unwrap();
    let text_of = |line: &str| line.strip_prefix("        \"")?.strip_suffix("\",").map(str::to_owned);
    let lines: Vec<&str> = source.lines().collect();
    let pairs = lines.windows(3).filter(|three| three[0] == "    (");
    pairs
        .filter_map(|three| Some((text_of(three[1])?, text_of(three[2])?.split(" (").next()?.to_owned())))
        .collect()
}

#[test]
fn every_rule_that_is_a_statement_is_broken_here() {
    let mut known: BTreeSet<(String, String)> =
        CASES.iter().map(|(id, what, _)| ((*id).to_owned(), (*what).to_owned())).collect();
    // Those are found by reading the contents, and by walking paths.
    let is_statement = |what: &str| {
        !what.ends_with("is damaged") && !what.ends_with("its seal") && what != "lock of nothing"
    };
    known.retain(|(_, what)| is_statement(what));
    let rules = rules();
    assert!(rules.len() > 25, "the source was not understood: {rules:?}");
    assert_eq!(known, rules);
}

/// A copy of every row, put back after each case.
struct Saved {
    tables: Vec<String>,
}

impl Saved {
    async fn save(database: &Database) -> Self {
        let tables = tables(database).await;
        assert!(tables.len() > 20);
        for table in &tables {
            run(database, &format!("CREATE TABLE saved_{table} AS SELECT * FROM {table}")).await;
        }
        Self { tables }
    }

    async fn put_back(&self, database: &Database) {
        let of =
            |table: &String| format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM saved_{table};");
        run(database, &self.tables.iter().map(of).collect::<String>()).await;
    }
}

async fn tables(database: &Database) -> Vec<String> {
    match database {
        Database::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path).unwrap();
            let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
            let mut statement = connection.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        }
        Database::Postgres(url) => {
            let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
            let rows = sqlx::PgConnection::connect(url).await.unwrap().fetch_all(sql).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
    }
}

fn event(mut item: NewItem, uid: &str) -> NewItem {
    item.component = Some(Component::Event);
    item.component_uid = Some(uid.to_owned());
    item.resource_name = Some(format!("{uid}.ics"));
    item
}

/// Something in every table that a rule looks at.
async fn furnished(world: &World) {
    let (anna, ben) = (world.anna, world.ben);
    let (inbox, calendar) = (world.inbox(anna).await, world.role(anna, Role::Calendar).await);
    for text in [&b"one"[..], b"the second", b"removed", b"moved"] {
        world.insert(anna, inbox, text).await.unwrap();
    }
    world.insert(ben, world.inbox(ben).await, b"his mail").await.unwrap();
    for uid in ["e1", "e2"] {
        let new = event(world.prepare(anna, uid.as_bytes()).await, uid);
        let insert = move |tx: &mut Write<'_>| tx.insert(&tx.open::<right::Insert>(anna, calendar)?, &new);
        world.store.write(&acting(anna), &[anna], insert).await.unwrap();
    }
    for text in [&b"e1, again"[..], b"e1, a third time"] {
        let new = event(world.prepare(anna, text).await, "e1");
        let replace = move |tx: &mut Write<'_>| {
            tx.replace(&tx.open::<right::Replace>(anna, calendar)?, Uid(1), &new, None, None)
        };
        world.store.write(&acting(anna), &[anna], replace).await.unwrap();
    }
    let message = NewItem {
        component: Some(Component::Event),
        counted: false,
        ..world.prepare(anna, b"an invitation").await
    };
    // One attachment that e2 names, and one that it named.
    for (token, text) in [("gone", &b"its first file"[..]), ("named", &b"its other file"[..])] {
        let new = crate::attachments::event(world, anna, "e2", &[token], &[(token, text)]).await;
        let replace = move |tx: &mut Write<'_>| {
            tx.replace(&tx.open::<right::Replace>(anna, calendar)?, Uid(2), &new, None, None)
        };
        world.store.write(&acting(anna), &[anna], replace).await.unwrap();
    }
    let queued = world.prepare(anna, b"outgoing").await.content;
    let make = move |tx: &mut Write<'_>| {
        let admin = tx.administer()?;
        tx.remove(&tx.open::<right::Remove>(anna, inbox)?, &[3..=3])?;
        let archive = tx.open_role::<right::Insert>(anna, Role::Archive)?;
        let (remove, read) =
            (tx.open::<right::Remove>(anna, inbox)?, tx.open::<right::ReadItems>(anna, inbox)?);
        tx.move_items(&remove, &read, &archive, &[4..=4])?;
        tx.file_schedule_message(&admin, anna, &message)?;
        let group = tx.create_group(&admin, &address("laden@blumen.test"))?;
        tx.set_member(&admin, group, ben, true)?;
        let grant = tx.open::<right::Administer>(anna, inbox)?;
        for grantee in [Grantee::Account(ben), Grantee::Group(group), Grantee::Anyone] {
            tx.set_permission(&grant, grantee, Rights::READ)?;
        }
        let folder = |parent, name| NewCollection {
            parent,
            kind: CollectionKind::Mail,
            role: None,
            name: LeafName::new(name).unwrap(),
            resource_name: None,
        };
        let parent = tx.create_collection(anna, &folder(CollectionId(0), "Projekte"))?;
        tx.create_collection(anna, &folder(parent.id, "Garten"))?;
        let root = tx.open_role::<right::CreateChild>(anna, Role::Files)?;
        tx.create_files(&root, "photos")?;
        tx.push_outgoing(anna, "push", b"payload")?;
        tx.enqueue(anna, "anna@blumen.test", &["x@elsewhere.test".to_owned()], &queued)?;
        tx.put_setting(Scope::Account(anna), "absence", "weg")
    };
    world.store.write(&house(), &[anna], make).await.unwrap();
    let put = crate::files::put(world, anna, &["photos", "tree"], b"tree").await.unwrap();
    let keep = move |tx: &mut Write<'_>| {
        let path = vec!["photos".to_owned()];
        let read = tx.open_files::<right::ReadItems>(anna, &path)?;
        let item = tx.item_by_id(&read, put.id)?;
        let grant = tx.open_files::<right::Replace>(anna, &path)?;
        tx.set_file_property(&grant, item.as_ref(), "colour", Some("green"))?;
        let new = NewLock { path, deep: true, exclusive: true, owner: String::new(), seconds: 60 };
        tx.lock_files(&grant, &new)
    };
    let anna_at_dav = Principal::account(anna, Door::Dav);
    world.store.write(&anna_at_dav, &[anna], keep).await.unwrap().unwrap();
}

#[test]
fn each_rule_finds_what_breaks_it() {
    on_each_database(|world| async move {
        furnished(&world).await;
        world.consistent().await;
        let saved = Saved::save(&world.database).await;
        let mut missed = Vec::new();
        for (id, what, statements) in CASES {
            for statement in *statements {
                run(&world.database, statement).await;
                let found = world.store.check().await.unwrap();
                if !found.iter().any(|one| one.invariant == *id && one.text.starts_with(what)) {
                    missed.push(format!("{id} {what}: {statement}: {found:?}"));
                }
                saved.put_back(&world.database).await;
            }
        }
        assert_eq!(missed, Vec::<String>::new());
    });
}
