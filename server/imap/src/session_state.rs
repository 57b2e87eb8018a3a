//! What a session knows once the client has logged in.

use imap_wire::extension::Enableable;
use session::{Context, Login};
use storage::{Clock, Read, Result, Store, Write};
use vocabulary::{AccountId, Door, Principal};

/// What the client has asked to be told (RFC 9051 section 6.3.1).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Enabled {
    /// MODSEQ in every FETCH response of a change (RFC 7162 section 3.1).
    pub(crate) condstore: bool,
    /// VANISHED instead of EXPUNGE (RFC 7162 section 3.2).
    pub(crate) qresync: bool,
    /// IMAP4rev2.
    pub(crate) rev2: bool,
}

impl Enabled {
    /// Switches one on; `false` if it cannot be.
    pub(crate) fn switch_on(&mut self, capability: Enableable) -> bool {
        match capability {
            Enableable::Condstore => self.condstore = true,
            // RFC 7162 section 3.2.3: it brings CONDSTORE.
            Enableable::Qresync => (self.condstore, self.qresync) = (true, true),
            Enableable::Imap4Rev2 => self.rev2 = true,
            Enableable::Utf8Accept => return false,
        }
        true
    }
}

/// A client that has logged in.
pub(crate) struct Session {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) principal: Principal,
    /// Its own account.
    pub(crate) account: AccountId,
    pub(crate) enabled: Enabled,
}

impl Session {
    pub(crate) fn new(context: &Context, login: &Login) -> Self {
        Self {
            store: context.store.clone(),
            clock: context.clock.clone(),
            principal: login.principal.clone(),
            account: login.account.id,
            enabled: Enabled::default(),
        }
    }

    /// Reads as this client.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'tx> FnOnce(&Read<'tx>) -> Result<T> + Send + 'static,
    {
        self.store.read(&self.principal, work).await
    }

    /// Reads as the house: only to turn the addresses of colleagues into accounts and back.
    pub(crate) async fn read_as_house<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'tx> FnOnce(&Read<'tx>) -> Result<T> + Send + 'static,
    {
        self.store.read(&Principal::System { door: Door::Imap }, work).await
    }

    /// Writes one account as this client.
    pub(crate) async fn write<T, F>(&self, account: AccountId, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'tx> FnOnce(&mut Write<'tx>) -> Result<T> + Send + 'static,
    {
        self.store.write(&self.principal, &[account], work).await
    }
}
