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
    /// The number of the request that used it last.
    used: u64,
}

/// Most devices that are remembered, of about a kilobyte each. Beyond, the half that has not come for longest is
/// forgotten, and asked for the full request when it comes.
const DEVICES_MAX: usize = 1 << 16;

/// Of the devices that were here of late.
#[derive(Debug, Default)]
pub(crate) struct LastRequests {
    devices: Mutex<Devices>,
}

#[derive(Debug, Default)]
struct Devices {
    last: HashMap<(AccountId, String), Last>,
    /// How many requests there were.
    requests: u64,
}

impl LastRequests {
    pub(crate) fn sync(&self, account: AccountId, device: &str) -> Option<LastSync> {
        self.known(account, device, |last| last.sync.clone()).flatten()
    }

    pub(crate) fn keep_sync(&self, account: AccountId, device: &str, sync: Option<LastSync>) {
        self.keep(account, device, |last| last.sync = sync);
    }

    pub(crate) fn ping(&self, account: AccountId, device: &str) -> LastPing {
        self.known(account, device, |last| last.ping.clone()).unwrap_or_default()
    }

    pub(crate) fn keep_ping(&self, account: AccountId, device: &str, ping: LastPing) {
        self.keep(account, device, |last| last.ping = ping);
    }

    fn known<T>(&self, account: AccountId, device: &str, read: impl FnOnce(&Last) -> T) -> Option<T> {
        let devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        devices.last.get(&(account, device.to_owned())).map(read)
    }

    fn keep(&self, account: AccountId, device: &str, write: impl FnOnce(&mut Last)) {
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (account, device.to_owned());
        if !devices.last.contains_key(&key) {
            devices.make_room();
        }
        devices.requests += 1;
        let used = devices.requests;
        let last = devices.last.entry(key).or_default();
        last.used = used;
        write(last);
    }
}

impl Devices {
    fn make_room(&mut self) {
        if self.last.len() < DEVICES_MAX {
            return;
        }
        let mut used: Vec<u64> = self.last.values().map(|last| last.used).collect();
        let (_, middle, _) = used.select_nth_unstable(DEVICES_MAX / 2);
        let middle = *middle;
        self.last.retain(|_, last| last.used >= middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_devices_that_came_last_are_remembered_and_no_more_than_the_bound() {
        let (requests, anna) = (LastRequests::default(), AccountId(1));
        let ping = |seconds| LastPing { heartbeat_s: Some(seconds), folders: None };
        let heartbeat = |name: &str| requests.ping(anna, name).heartbeat_s;
        requests.keep_ping(anna, "first", ping(1));
        requests.keep_ping(anna, "comes again", ping(2));
        for number in 0..DEVICES_MAX - 2 {
            requests.keep_ping(anna, &number.to_string(), ping(60));
        }
        assert_eq!(heartbeat("first"), Some(1));
        requests.keep_ping(anna, "comes again", ping(3));
        requests.keep_ping(anna, "new", ping(4));
        assert_eq!(
            (heartbeat("first"), heartbeat("comes again"), heartbeat("new")),
            (None, Some(3), Some(4))
        );
        assert_eq!(heartbeat("nobody"), None);
        assert!(requests.devices.lock().unwrap().last.len() <= DEVICES_MAX / 2 + 2);
    }
}
