//! Commits of other processes on a SQLite store: `kontor admin` writes beside the server.
//!
//! `PRAGMA data_version` of a connection changes when any other connection has committed, and never by
//! its own commits. Asked on the connection of the only writer of this process it tells what others
//! wrote, though not whose accounts: everybody who waits looks again.

use std::time::Duration;

/// The writer's view of its neighbours.
pub(crate) struct Watch {
    /// `None` before the first answer.
    version: Option<i64>,
    looked_at_ms: u64,
}

impl Watch {
    /// Time between two looks: what is revoked must be noticed within a second.
    pub(crate) const INTERVAL: Duration = Duration::from_millis(250);

    pub(crate) fn begin(connection: &rusqlite::Connection, now_ms: u64) -> Self {
        Self { version: data_version(connection), looked_at_ms: now_ms }
    }

    /// Whether others have committed since the last look. Looks once in each interval, however often
    /// it is asked.
    pub(crate) fn others_wrote(&mut self, connection: &rusqlite::Connection, now_ms: u64) -> bool {
        if u128::from(now_ms.saturating_sub(self.looked_at_ms)) < Self::INTERVAL.as_millis() {
            return false;
        }
        self.looked_at_ms = now_ms;
        let version = data_version(connection);
        let changed = version.is_some() && version != self.version;
        self.version = version.or(self.version);
        changed
    }
}

fn data_version(connection: &rusqlite::Connection) -> Option<i64> {
    let ask = || connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0));
    ask().map_err(|error| tracing::warn!(%error, "changes of other processes are not seen")).ok()
}

#[cfg(test)]
mod tests {
    use super::Watch;
    use crate::backend::sqlite::open;

    #[test]
    fn commits_of_others_are_seen_once_in_an_interval_and_own_ones_never() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.db");
        let own = open(&path, false).unwrap();
        own.execute_batch("CREATE TABLE t (a INTEGER)").unwrap();
        let other = open(&path, false).unwrap();
        let mut watch = Watch::begin(&own, 1_000);
        own.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        assert!(!watch.others_wrote(&own, 1_250), "its own commit");
        other.execute_batch("INSERT INTO t VALUES (2)").unwrap();
        assert!(!watch.others_wrote(&own, 1_499), "too early to look again");
        assert!(watch.others_wrote(&own, 1_500));
        assert!(!watch.others_wrote(&own, 1_750), "the same commit");
        other.execute_batch("BEGIN; INSERT INTO t VALUES (3); ROLLBACK").unwrap();
        assert!(!watch.others_wrote(&own, 2_000), "nothing was committed");
    }
}
