//! Who acts.

use crate::{AccountId, Door};

/// The actor of a transaction: an account behind a door, or the house itself.
///
/// Rights are not in here: the store reads them anew in every transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A person (or shared mailbox) that has proved who it is.
    Account {
        /// Who.
        account: AccountId,
        /// Through which protocol.
        door: Door,
        /// The device's name in that protocol, if it has one (ActiveSync `DeviceId`).
        device: Option<String>,
    },
    /// Delivery, migration, the operator's command line: holds every right, still never crosses a
    /// domain in a grant.
    System {
        /// On whose behalf.
        door: Door,
    },
}

impl Principal {
    /// An account without a device.
    #[must_use]
    pub fn account(account: AccountId, door: Door) -> Self {
        Self::Account { account, door, device: None }
    }

    /// The acting account, if it is one.
    #[must_use]
    pub fn account_id(&self) -> Option<AccountId> {
        match self {
            Self::Account { account, .. } => Some(*account),
            Self::System { .. } => None,
        }
    }

    /// The door that this actor came through.
    #[must_use]
    pub fn door(&self) -> Door {
        match self {
            Self::Account { door, .. } | Self::System { door } => *door,
        }
    }

    /// The device's own name, if the protocol has one.
    #[must_use]
    pub fn device(&self) -> Option<&str> {
        match self {
            Self::Account { device, .. } => device.as_deref(),
            Self::System { .. } => None,
        }
    }
}
