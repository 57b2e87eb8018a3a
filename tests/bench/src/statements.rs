//! The statements that the store runs for each piece of work, written out once more: the raw side
//! must do the same.

pub(crate) const COUNTER: &str = "SELECT modseq, used_bytes, quota_bytes, next_collection, next_object, next_content, \
     next_thread, next_uidvalidity FROM account_counter WHERE account_id = ?1";
pub(crate) const FOLDER: &str = "SELECT account_id, collection_id, parent_id, kind, role, name, uidvalidity, uid_next, \
     highest, floor, created_modseq, modseq, subscribed, messages, unseen, bytes FROM collection \
     WHERE account_id = ?1 AND role = 'inbox' AND vanished_at = 0 ORDER BY collection_id LIMIT 1";
pub(crate) const INSERT_CONTENT: &str = "INSERT INTO content (account_id, content_id, refs, size_bytes, stored_bytes, \
     encoding, key_id, hash, seal, created_at, header_bytes, blob_name, message_id, preview, envelope, structure, \
     summary, body) VALUES (?1, ?2, 1, ?3, ?3, 0, 0, ?4, ?4, 0, 600, NULL, ?5, ?6, ?7, ?8, ?9, ?10)";
pub(crate) const FIND_THREAD: &str = "SELECT thread_id FROM thread WHERE account_id = ?1 AND id_hash = ?2";
pub(crate) const KEEP_THREAD: &str = "INSERT INTO thread (account_id, id_hash, thread_id) VALUES (?1, ?2, ?3) \
     ON CONFLICT (account_id, id_hash) DO NOTHING";
pub(crate) const TAKE_UID: &str = "UPDATE collection SET uid_next = uid_next + ?3 \
     WHERE account_id = ?1 AND collection_id = ?2 RETURNING uid_next";
pub(crate) const COUNT: &str = "UPDATE collection SET highest = ?3, messages = messages + ?4, unseen = unseen + ?5, \
     bytes = bytes + ?6 WHERE account_id = ?1 AND collection_id = ?2";
pub(crate) const INSERT_ITEM: &str = "INSERT INTO item (account_id, collection_id, uid, object_id, content_id, thread_id, \
     size_bytes, counted, flags, keywords, received_at, saved_at, filter_at, created_modseq, content_modseq, modseq, \
     vanished_at, author_id, created_by, resource_name, component_uid, private) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, 0, '', 0, 0, 0, ?8, ?8, ?8, 0, NULL, NULL, NULL, NULL, 0)";
pub(crate) const WRITE_COUNTER: &str = "UPDATE account_counter SET modseq = ?2, used_bytes = ?3, next_object = ?4, \
     next_content = ?5, next_thread = ?6 WHERE account_id = ?1";
pub(crate) const ACTIVITY: &str = "INSERT INTO activity (account_id, modseq, at, principal_id, door, device) \
     VALUES (?1, ?2, 0, NULL, 'lmtp', NULL)";
pub(crate) const FLAGS: &str = "SELECT uid, flags, keywords, modseq FROM item \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0 ORDER BY uid";
pub(crate) const SET_FLAGS: &str = "UPDATE item SET flags = ?4, keywords = '', modseq = ?5, quiet_for = NULL \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
pub(crate) const LOG: &str = "SELECT uid, object_id, content_id, thread_id, size_bytes, flags, keywords, received_at, \
     saved_at, filter_at, created_modseq, content_modseq, modseq, vanished_at, moved_collection, moved_uid, \
     created_by, quiet_for FROM item WHERE account_id = ?1 AND collection_id = ?2 AND (modseq, uid) > (?3, ?4) \
     AND uid <= ?5 ORDER BY modseq, uid LIMIT ?6";
