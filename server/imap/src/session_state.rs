//! What a session knows once the client has logged in.

use crate::completion::{Completion, Failure, Note};
use crate::connection::End;
use imap_wire::extension::Enableable;
use imap_wire::response::Code;
use session::{Context, Login};
use storage::{Clock, Error, Read, Refusal, Result, Store, Write};
use vocabulary::{AccountId, Door, ModSeq, Principal};

/// What the client has asked to be told (RFC 9051 section 6.3.1).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Enabled {
    /// MODSEQ in every FETCH response of a change (RFC 7162 sections 3.1 and 3.2.4).
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
    /// What it has logged in with.
    credential: i64,
    pub(crate) enabled: Enabled,
}

impl Session {
    pub(crate) fn new(context: &Context, login: &Login) -> Self {
        Self {
            store: context.store.clone(),
            clock: context.clock.clone(),
            principal: login.principal.clone(),
            account: login.account.id,
            credential: login.credential_id,
            enabled: Enabled::default(),
        }
    }

    /// The first stamp of this incarnation of the store.
    pub(crate) fn oldest_stamp(&self) -> ModSeq {
        ModSeq(self.store.incarnation() << ModSeq::INCARNATION_SHIFT)
    }

    /// A stamp that the client knows, as this store counts. One of an earlier incarnation is of a past
    /// that was put back: what it stood for may never have happened here, so it counts as nothing known.
    pub(crate) fn known_since(&self, stamp: ModSeq) -> ModSeq {
        if stamp < self.oldest_stamp() { ModSeq::ZERO } else { stamp }
    }

    /// Whether the login still holds: the account lives, and its password is the same.
    pub(crate) async fn holds(&self) -> Result<bool> {
        let (account, credential) = (self.account, self.credential);
        let holds = self.read_as_house(move |tx| {
            let credentials = tx.credentials(&tx.administer()?, account)?;
            Ok(!tx.account(account)?.suspended && credentials.iter().any(|one| one.id == credential))
        });
        match holds.await {
            Err(Error::Refusal(_)) => Ok(false),
            held => held,
        }
    }

    /// Ends the session if its login does not hold any more.
    pub(crate) async fn require_login(&self) -> std::result::Result<(), End> {
        // A fault is not the client's: what it asks next shows whether the store is well.
        if self.holds().await.is_ok_and(|holds| !holds) { Err(End::LoggedOut) } else { Ok(()) }
    }

    /// The same after what should not fail in a living account.
    pub(crate) async fn require_login_after<T>(
        &self,
        outcome: &std::result::Result<T, Failure>,
    ) -> std::result::Result<(), End> {
        match outcome {
            Err(Failure::MailboxGone | Failure::Store(Error::Refusal(Refusal::NotFound(_)))) => {
                self.require_login().await
            }
            Err(Failure::Answer(Completion {
                note: Some(Note::Plain(Code::TryCreate | Code::NoPerm)),
                ..
            })) => self.require_login().await,
            _ => Ok(()),
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
