//! The invariants of the store. `kontor admin check` runs them; so does the end of every test.
//!
//! | id | holds |
//! | --- | --- |
//! | I3 | every living item has its content, whose bytes have the hash and whose row has the seal that were written |
//! | I4 | a content's reference count equals the rows that name it; a blob without a row is younger than the sweep age |
//! | I5 | stamps stand in order: created <= content <= modseq <= the collection's highest <= the account's; UIDs and ids lie below the next ones |
//! | I6 | counters (messages, unseen, bytes, quota) equal a recount; an attachment counts as long as a living item of its account names it |
//! | I7 | grants, memberships and addresses refer to living accounts and groups of the same domain; accounts, groups and other names lie in a domain that exists |
//! | I8 | each queued recipient is waiting, done or failed; failed means that the sender was told once |
//! | S1 | a living item lies in a living folder, a living folder beneath a living one |
//! | S2 | an identity lives once in an account; a component UID and a resource name once in a folder, where no other folder has it |
//! | S3 | a moved item's tombstone leads to the row that it became |
//! | S4 | an account has a counter, exactly one primary address and a root of plain files; a role belongs to one folder |
//! | S5 | versions end where the next begins or the item's content does |
//! | S6 | nothing stays of what is gone: versions, properties and names of attachments belong to an item, tombstones and grants to a folder, registrations for push to one that was or is, locks to what lies at their path, rows and settings to an account or a domain |
//! | S7 | each account has one schedule inbox, whose messages share no UID's room and no quota; a schedule tag is no newer than its item's content |
//! | S8 | a device is in a known state: its wipe, what was decided about it and what came of that are words of the store |
//!
//! I1 (what was acknowledged is there) and I2 (nothing is there twice) need to know what clients
//! did: the tests that kill the server keep that record.

use crate::error::{Error, Fault, Result};
use crate::retention::{ORPHAN_AGE_MS, host_now_ms};
use crate::store::Store;
use std::collections::HashSet;
use vocabulary::{Door, Principal};

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its id in the module's table.
    pub invariant: &'static str,
    /// What is wrong, and where.
    pub text: String,
}

/// Each statement finds offenders: an account id and another number.
const STATEMENTS: &[(&str, &str, &str)] = &[
    (
        "I3",
        "living item without content (account, uid)",
        "SELECT i.account_id, i.uid FROM item i LEFT JOIN content c \
         ON c.account_id = i.account_id AND c.content_id = i.content_id \
         WHERE i.vanished_at = 0 AND c.content_id IS NULL",
    ),
    (
        "I3",
        "retained item, version, attachment or queued mail names a content that is not there (account, content)",
        "SELECT n.account_id, n.content_id FROM ( \
           SELECT account_id, content_id FROM item WHERE content_id > 0 \
           UNION ALL SELECT account_id, content_id FROM version WHERE content_id > 0 \
           UNION ALL SELECT account_id, content_id FROM attachment \
           UNION ALL SELECT account_id, content_id FROM queue_message WHERE content_id > 0) AS n \
         LEFT JOIN content c ON c.account_id = n.account_id AND c.content_id = n.content_id \
         WHERE c.content_id IS NULL",
    ),
    (
        "I3",
        "item and content differ in size (account, uid)",
        "SELECT i.account_id, i.uid FROM item i JOIN content c \
         ON c.account_id = i.account_id AND c.content_id = i.content_id \
         WHERE i.vanished_at = 0 AND c.size_bytes <> i.size_bytes",
    ),
    (
        "I4",
        "reference count differs (account, content)",
        "SELECT c.account_id, c.content_id FROM content c LEFT JOIN ( \
           SELECT account_id, content_id, COUNT(*) AS named FROM ( \
             SELECT account_id, content_id FROM item WHERE content_id > 0 \
             UNION ALL SELECT account_id, content_id FROM version WHERE content_id > 0 \
             UNION ALL SELECT account_id, content_id FROM attachment \
             UNION ALL SELECT account_id, content_id FROM queue_message WHERE content_id > 0) AS names \
           GROUP BY account_id, content_id) AS n ON n.account_id = c.account_id AND n.content_id = c.content_id \
         WHERE c.refs <> COALESCE(n.named, 0)",
    ),
    (
        "I5",
        "stamps out of order (account, uid)",
        "SELECT i.account_id, i.uid FROM item i JOIN collection c \
         ON c.account_id = i.account_id AND c.collection_id = i.collection_id \
         WHERE i.created_modseq > i.content_modseq OR i.content_modseq > i.modseq OR i.modseq > c.highest \
         OR i.uid >= c.uid_next OR i.uid < 1",
    ),
    (
        "I5",
        "collection ahead of its account (account, collection)",
        "SELECT c.account_id, c.collection_id FROM collection c JOIN account_counter a ON a.account_id = c.account_id \
         WHERE c.highest > a.modseq OR c.modseq > a.modseq OR c.floor > c.highest \
         OR c.collection_id >= a.next_collection OR c.uidvalidity >= a.next_uidvalidity OR c.uidvalidity < 1",
    ),
    (
        "I5",
        "identity not below the next one (account, object)",
        "SELECT i.account_id, i.object_id FROM item i JOIN account_counter a ON a.account_id = i.account_id \
         WHERE i.object_id >= a.next_object OR i.content_id >= a.next_content OR i.thread_id >= a.next_thread",
    ),
    (
        "I6",
        "folder counters differ from a recount (account, collection)",
        "SELECT c.account_id, c.collection_id FROM collection c LEFT JOIN ( \
           SELECT account_id, collection_id, COUNT(*) AS messages, SUM(1 - (flags & 1)) AS unseen, \
             SUM(size_bytes) AS bytes FROM item WHERE vanished_at = 0 GROUP BY account_id, collection_id) AS n \
         ON n.account_id = c.account_id AND n.collection_id = c.collection_id \
         WHERE c.messages <> COALESCE(n.messages, 0) OR c.unseen <> COALESCE(n.unseen, 0) \
         OR c.bytes <> COALESCE(n.bytes, 0)",
    ),
    (
        "I6",
        "used bytes differ from a recount (account, used)",
        "SELECT a.account_id, a.used_bytes FROM account_counter a LEFT JOIN ( \
           SELECT account_id, SUM(bytes) AS used FROM ( \
             SELECT account_id, size_bytes * counted AS bytes FROM item WHERE vanished_at = 0 \
             UNION ALL SELECT account_id, size_bytes FROM attachment WHERE unused_since = 0 \
             UNION ALL SELECT account_id, OCTET_LENGTH(name) + OCTET_LENGTH(value) FROM property) AS kept \
           GROUP BY account_id) AS n ON n.account_id = a.account_id \
         WHERE a.used_bytes <> COALESCE(n.used, 0)",
    ),
    (
        "I6",
        "attachment that counts and is named by nothing, or the other way round (account, content)",
        "SELECT a.account_id, a.content_id FROM attachment a WHERE (a.unused_since = 0) <> EXISTS ( \
           SELECT u.uid FROM attachment_use u JOIN item i ON i.account_id = u.account_id \
           AND i.collection_id = u.collection_id AND i.uid = u.uid \
           WHERE u.account_id = a.account_id AND u.token = a.token AND i.vanished_at = 0)",
    ),
    (
        "I7",
        "grant to nobody or across a domain (account, grantee)",
        "SELECT p.account_id, p.grantee_id FROM permission p LEFT JOIN account o ON o.id = p.account_id \
         LEFT JOIN account a ON p.grantee_type = 'account' AND a.id = p.grantee_id \
         LEFT JOIN account_group g ON p.grantee_type = 'group' AND g.id = p.grantee_id \
         WHERE p.rights > 0 AND (o.id IS NULL \
           OR (p.grantee_type = 'anyone' AND p.grantee_id <> o.domain_id) \
           OR (p.grantee_type = 'account' AND COALESCE(a.domain_id, -1) <> o.domain_id) \
           OR (p.grantee_type = 'group' AND COALESCE(g.domain_id, -1) <> o.domain_id))",
    ),
    (
        "I7",
        "membership of nobody or across a domain (account, group)",
        "SELECT m.account_id, m.group_id FROM group_member m LEFT JOIN account a ON a.id = m.account_id \
         LEFT JOIN account_group g ON g.id = m.group_id \
         WHERE m.ended = 0 AND COALESCE(a.domain_id, -1) <> COALESCE(g.domain_id, -2)",
    ),
    (
        "I7",
        "address that leads nowhere (domain, account or group)",
        "SELECT d.domain_id, COALESCE(d.account_id, d.group_id, 0) FROM address d \
         LEFT JOIN account a ON a.id = d.account_id LEFT JOIN account_group g ON g.id = d.group_id \
         WHERE COALESCE(a.domain_id, g.domain_id, -1) <> d.domain_id",
    ),
    (
        "I7",
        "account, group or other name in a domain that is gone (account or group, domain)",
        "SELECT n.id, n.domain_id FROM ( \
           SELECT id, domain_id FROM account UNION ALL SELECT id, domain_id FROM account_group \
           UNION ALL SELECT 0, domain_id FROM domain_alias) AS n \
         LEFT JOIN domain d ON d.id = n.domain_id WHERE d.id IS NULL",
    ),
    (
        "I8",
        "queued recipient in no state, or failure not told (account, queue)",
        "SELECT account_id, queue_id FROM queue_recipient \
         WHERE state NOT IN ('waiting', 'done', 'failed') OR (state = 'failed') <> (notified = 1)",
    ),
    (
        "S1",
        "living item in no living folder (account, uid)",
        "SELECT i.account_id, i.uid FROM item i LEFT JOIN collection c ON c.account_id = i.account_id \
         AND c.collection_id = i.collection_id AND c.vanished_at = 0 \
         WHERE i.vanished_at = 0 AND c.collection_id IS NULL",
    ),
    (
        "S1",
        "folder beneath no living folder (account, collection)",
        "SELECT c.account_id, c.collection_id FROM collection c LEFT JOIN collection p \
         ON p.account_id = c.account_id AND p.collection_id = c.parent_id AND p.vanished_at = 0 \
         WHERE c.vanished_at = 0 AND c.parent_id > 0 AND p.collection_id IS NULL",
    ),
    (
        "S2",
        "identity lives twice (account, object)",
        "SELECT account_id, object_id FROM item WHERE vanished_at = 0 GROUP BY account_id, object_id HAVING COUNT(*) > 1",
    ),
    (
        "S2",
        "component UID twice in a folder (account, folder)",
        "SELECT account_id, collection_id FROM item WHERE vanished_at = 0 AND component_uid IS NOT NULL \
         GROUP BY account_id, collection_id, component_uid HAVING COUNT(*) > 1",
    ),
    (
        "S2",
        "resource name twice in a folder (account, folder)",
        "SELECT account_id, collection_id FROM item WHERE vanished_at = 0 AND resource_name IS NOT NULL \
         GROUP BY account_id, collection_id, resource_name HAVING COUNT(*) > 1",
    ),
    (
        "S2",
        "name of both a file and a folder beside it (account, folder)",
        "SELECT c.account_id, c.parent_id FROM collection c JOIN item i ON i.account_id = c.account_id \
         AND i.collection_id = c.parent_id AND i.resource_name = c.resource_name AND i.vanished_at = 0 \
         WHERE c.kind = 'files' AND c.vanished_at = 0",
    ),
    (
        "S2",
        "endpoint registered twice for one folder (account, registrations)",
        "SELECT account_id, COUNT(*) FROM push_registration \
         GROUP BY account_id, owner_id, collection_id, endpoint HAVING COUNT(*) > 1",
    ),
    (
        "S3",
        "moved item that did not arrive (account, uid)",
        "SELECT t.account_id, t.uid FROM item t LEFT JOIN item n ON n.account_id = t.account_id \
         AND n.collection_id = t.moved_collection AND n.uid = t.moved_uid AND n.object_id = t.object_id \
         LEFT JOIN collection c ON c.account_id = t.account_id AND c.collection_id = t.moved_collection \
         WHERE t.moved_uid IS NOT NULL AND n.uid IS NULL AND c.floor < t.modseq",
    ),
    (
        "S4",
        "account without counter or with other than one primary address (account, addresses)",
        "SELECT a.id, COUNT(d.address) FROM account a LEFT JOIN account_counter n ON n.account_id = a.id \
         LEFT JOIN address d ON d.account_id = a.id AND d.is_primary = 1 \
         GROUP BY a.id, n.account_id HAVING COUNT(d.address) <> 1 OR n.account_id IS NULL",
    ),
    (
        "S4",
        "account without a root of plain files (account, domain)",
        "SELECT a.id, a.domain_id FROM account a LEFT JOIN collection c ON c.account_id = a.id AND c.role = 'files' \
         AND c.kind = 'files' AND c.parent_id = 0 AND c.resource_name = 'files' AND c.vanished_at = 0 \
         WHERE c.collection_id IS NULL",
    ),
    (
        "S4",
        "role of several folders (account, folders)",
        "SELECT account_id, COUNT(*) FROM collection WHERE vanished_at = 0 AND role <> '' \
         GROUP BY account_id, role HAVING COUNT(*) > 1",
    ),
    (
        "I8",
        "queued recipient without its mail, or mail without recipients (account, queue)",
        "SELECT r.account_id, r.queue_id FROM queue_recipient r LEFT JOIN queue_message m \
         ON m.account_id = r.account_id AND m.queue_id = r.queue_id WHERE m.queue_id IS NULL \
         UNION ALL SELECT m.account_id, m.queue_id FROM queue_message m LEFT JOIN queue_recipient r \
         ON r.account_id = m.account_id AND r.queue_id = m.queue_id WHERE r.queue_id IS NULL",
    ),
    (
        "S5",
        "version that overlaps another of its item (account, uid)",
        "SELECT v.account_id, v.uid FROM version v JOIN version w ON w.account_id = v.account_id \
         AND w.collection_id = v.collection_id AND w.uid = v.uid AND w.from_modseq > v.from_modseq \
         WHERE v.until_modseq > w.from_modseq",
    ),
    (
        "S5",
        "version that overlaps the next (account, uid)",
        "SELECT v.account_id, v.uid FROM version v JOIN item i ON i.account_id = v.account_id \
         AND i.collection_id = v.collection_id AND i.uid = v.uid \
         WHERE v.until_modseq > i.content_modseq OR v.from_modseq >= v.until_modseq",
    ),
    (
        "S7",
        "schedule tag out of order (account, uid)",
        "SELECT account_id, uid FROM item WHERE schedule_modseq <> 0 \
         AND (schedule_modseq < created_modseq OR schedule_modseq > content_modseq OR component = '')",
    ),
    (
        "S7",
        "account without a schedule inbox (account, its inboxes)",
        "SELECT a.id, COUNT(c.collection_id) FROM account a LEFT JOIN collection c ON c.account_id = a.id \
         AND c.role = 'schedule-inbox' AND c.vanished_at = 0 GROUP BY a.id HAVING COUNT(c.collection_id) <> 1",
    ),
    (
        "S7",
        "schedule inbox that is none, or a folder that poses as one (account, folder)",
        "SELECT account_id, collection_id FROM collection WHERE (kind = 'schedule') <> (role = 'schedule-inbox')",
    ),
    (
        "S7",
        "scheduling message with a UID of its own or a share of the quota (account, uid)",
        "SELECT i.account_id, i.uid FROM item i JOIN collection c ON c.account_id = i.account_id \
         AND c.collection_id = i.collection_id AND c.kind = 'schedule' \
         WHERE i.component_uid IS NOT NULL OR i.counted <> 0",
    ),
    (
        "S8",
        "device in no known state (account, when it was first seen)",
        "SELECT account_id, created_at FROM device WHERE wipe NOT IN ('', 'device', 'account', 'done') \
         OR access NOT IN ('', 'allow', 'quarantine', 'block') OR verdict NOT IN ('', 'quarantine', 'block')",
    ),
    (
        "S6",
        "version of no item (account, uid)",
        "SELECT v.account_id, v.uid FROM version v LEFT JOIN item i ON i.account_id = v.account_id \
         AND i.collection_id = v.collection_id AND i.uid = v.uid WHERE i.uid IS NULL",
    ),
    (
        "S6",
        "name of an attachment of no item (account, uid)",
        "SELECT u.account_id, u.uid FROM attachment_use u LEFT JOIN item i ON i.account_id = u.account_id \
         AND i.collection_id = u.collection_id AND i.uid = u.uid WHERE i.uid IS NULL",
    ),
    (
        "S6",
        "property of no item (account, item)",
        "SELECT p.owner_id, p.item FROM property p LEFT JOIN item i ON i.account_id = p.owner_id \
         AND i.collection_id = p.collection_id AND i.object_id = p.item AND i.vanished_at = 0 \
         WHERE p.item <> 0 AND i.uid IS NULL",
    ),
    (
        "S6",
        "tombstone, grant or registration of no folder (account, folder)",
        "SELECT n.account_id, n.collection_id FROM ( \
           SELECT account_id, collection_id FROM item WHERE vanished_at > 0 \
           UNION SELECT owner_id AS account_id, collection_id FROM push_registration \
           UNION SELECT account_id, collection_id FROM permission WHERE collection_id > 0) AS n \
         LEFT JOIN collection c ON c.account_id = n.account_id AND c.collection_id = n.collection_id \
         WHERE c.collection_id IS NULL",
    ),
    (
        "S6",
        "row of an account that is gone (account, rows)",
        "SELECT n.account_id, COUNT(*) FROM ( \
           SELECT account_id FROM account_counter UNION ALL SELECT account_id FROM credential \
           UNION ALL SELECT account_id FROM group_member UNION ALL SELECT account_id FROM collection \
           UNION ALL SELECT account_id FROM item UNION ALL SELECT account_id FROM content \
           UNION ALL SELECT account_id FROM version UNION ALL SELECT account_id FROM thread \
           UNION ALL SELECT account_id FROM conversation_rule \
           UNION ALL SELECT account_id FROM category UNION ALL SELECT account_id FROM activity \
           UNION ALL SELECT account_id FROM permission UNION ALL SELECT account_id FROM subscription \
           UNION ALL SELECT owner_id FROM subscription UNION ALL SELECT account_id FROM property \
           UNION ALL SELECT account_id FROM share_notice UNION ALL SELECT account_id FROM recipient \
           UNION ALL SELECT owner_id FROM share_notice UNION ALL SELECT other_id FROM share_notice \
           UNION ALL SELECT account_id FROM file_lock UNION ALL SELECT holder_id FROM file_lock \
           UNION ALL SELECT account_id FROM attachment UNION ALL SELECT account_id FROM attachment_use \
           UNION ALL SELECT account_id FROM push_registration UNION ALL SELECT owner_id FROM push_registration \
           UNION ALL SELECT account_id FROM device UNION ALL SELECT account_id FROM device_event \
           UNION ALL SELECT account_id FROM cursor UNION ALL SELECT owner_id FROM cursor \
           UNION ALL SELECT account_id FROM idempotency UNION ALL SELECT account_id FROM outbox \
           UNION ALL SELECT account_id FROM queue_message UNION ALL SELECT account_id FROM queue_recipient) AS n \
         LEFT JOIN account a ON a.id = n.account_id WHERE a.id IS NULL GROUP BY n.account_id",
    ),
    (
        "S6",
        "setting of an account or domain that is gone (its id, settings)",
        "SELECT CAST(SUBSTR(scope, 9) AS BIGINT), COUNT(*) FROM setting \
         WHERE scope LIKE 'account/%' AND scope NOT IN (SELECT 'account/' || id FROM account) GROUP BY scope \
         UNION ALL SELECT CAST(SUBSTR(scope, 8) AS BIGINT), COUNT(*) FROM setting \
         WHERE scope LIKE 'domain/%' AND scope NOT IN (SELECT 'domain/' || id FROM domain) GROUP BY scope",
    ),
];

/// Contents read per transaction.
const PAGE: i64 = 500;

impl Store {
    /// Runs every check, the bytes of every content included. An empty list means a sound store.
    ///
    /// # Errors
    /// [`Fault`] if the store cannot be read at all.
    pub async fn check(&self) -> Result<Vec<Violation>> {
        let house = Principal::System { door: Door::Admin };
        let mut violations = self
            .read(&house, |tx| {
                let mut found = Vec::new();
                for (invariant, what, sql) in STATEMENTS {
                    tx.connection.for_each(sql, &[], |row| {
                        found.push(Violation {
                            invariant,
                            text: format!("{what}: {}, {}", row.int(0)?, row.int(1)?),
                        });
                        Ok(())
                    })?;
                }
                for (account, count) in tx.loose_locks()? {
                    let text = format!("lock of nothing (account, locks): {account}, {count}");
                    found.push(Violation { invariant: "S6", text });
                }
                Ok(found)
            })
            .await?;
        self.check_contents(&house, &mut violations).await?;
        self.check_blobs(&house, &mut violations).await?;
        Ok(violations)
    }

    async fn check_contents(&self, house: &Principal, violations: &mut Vec<Violation>) -> Result<()> {
        let mut after = (0, 0);
        loop {
            let page = self.read(house, move |tx| tx.contents_to_check(after, PAGE)).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = (last.account.0, last.content.0);
            for checked in page {
                let place = format!("{}, {}", checked.account, checked.content);
                if !checked.seal_fits {
                    let text = format!("row does not fit its seal (account, content): {place}");
                    violations.push(Violation { invariant: "I3", text });
                }
                match self.load(checked.stored).await {
                    Ok(_) => {}
                    Err(Error::Fault(fault @ (Fault::Damaged { .. } | Fault::Blob(_)))) => {
                        violations.push(Violation { invariant: "I3", text: format!("{fault} ({place})") });
                    }
                    Err(other) => return Err(other),
                }
            }
        }
    }

    async fn check_blobs(&self, house: &Principal, violations: &mut Vec<Violation>) -> Result<()> {
        let named: HashSet<String> = self
            .read(house, |tx| {
                let sql = "SELECT blob_name FROM content WHERE blob_name IS NOT NULL";
                tx.connection.rows(sql, &[], |row| Ok(row.text(0)?.to_owned()))
            })
            .await?
            .into_iter()
            .collect();
        let oldest = self.clock().now().0.min(host_now_ms()) - 2 * ORPHAN_AGE_MS;
        for (name, written_at) in self.blobs().list().await? {
            if written_at.0 < oldest && !named.contains(&name) {
                violations.push(Violation { invariant: "I4", text: format!("orphaned blob {name}") });
            }
        }
        Ok(())
    }
}
