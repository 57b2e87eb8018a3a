//! What each device asked last: a Sync or Ping without a body means the same again (MS-ASCMD R658,
//! R335), a partial Sync names only what differs (R3644).

use activesync_wire::command::ping::Watched;
use activesync_wire::sync_key::SyncKey;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use vocabulary::AccountId;

/// A Sync without the client's commands.
#[derive(Debug, Clone)]
pub(crate) struct LastSync {
    pub(crate) collections: Vec<LastCollection>,
    pub(crate) hold_seconds: Option<u32>,
    pub(crate) window_size: Option<u16>,
}

/// One collection of it.
#[derive(Debug, Clone)]
pub(crate) struct LastCollection {
    pub(crate) id: String,
    /// `None` once an answer carried another key: whether that one arrived only the client knows, so
    /// it must name the collection itself.
    pub(crate) key: Option<SyncKey>,
    pub(crate) get_changes: bool,
    pub(crate) window_size: u16,
    pub(crate) conversation_mode: bool,
}

/// A Ping.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastPing {
    pub(crate) heartbeat_s: Option<u32>,
    pub(crate) folders: Option<Vec<Watched>>,
}

#[derive(Debug, Default)]
struct Last {
    sync: Option<LastSync>,
    ping: LastPing,
}

/// Of all devices that were here since the process began; about a kilobyte each.
#[derive(Debug, Default)]
pub(crate) struct LastRequests {
    devices: Mutex<HashMap<(AccountId, String), Last>>,
}

impl LastRequests {
    pub(crate) fn sync(&self, account: AccountId, device: &str) -> Option<LastSync> {
        self.with(account, device, |last| last.sync.clone())
    }

    pub(crate) fn keep_sync(&self, account: AccountId, device: &str, sync: Option<LastSync>) {
        self.with(account, device, |last| last.sync = sync);
    }

    pub(crate) fn ping(&self, account: AccountId, device: &str) -> LastPing {
        self.with(account, device, |last| last.ping.clone())
    }

    pub(crate) fn keep_ping(&self, account: AccountId, device: &str, ping: LastPing) {
        self.with(account, device, |last| last.ping = ping);
    }

    fn with<T>(&self, account: AccountId, device: &str, use_it: impl FnOnce(&mut Last) -> T) -> T {
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        use_it(devices.entry((account, device.to_owned())).or_default())
    }
}
