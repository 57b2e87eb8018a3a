//! The selected mailbox of a session.

use crate::completion::{Completion, Failure};
use crate::connection::Connection;
use crate::session_state::Session;
use crate::view::{Places, Silent, Style, View};
use imap_wire::response::{Code, Condition};
use imap_wire::{Numbering, Resolved, SequenceSet};
use storage::{Error, Refusal, right};
use vocabulary::{AccountId, CollectionId, Flags, Rights};

/// A mailbox that was opened by SELECT or EXAMINE.
pub(crate) struct Mailbox {
    /// Its owner.
    pub(crate) account: AccountId,
    pub(crate) collection: CollectionId,
    /// What the client may do with it.
    pub(crate) rights: Rights,
    /// Opened by EXAMINE, or nothing in it may be changed.
    pub(crate) read_only: bool,
    pub(crate) view: View,
    /// `$`: the UIDs that the last SEARCH kept (RFC 9051 section 6.4.4).
    pub(crate) saved: Resolved,
}

impl Mailbox {
    /// The messages that the client means.
    pub(crate) fn resolve(&self, numbering: Numbering, set: &SequenceSet) -> Result<Places, Completion> {
        self.view.resolve(numbering, set, &self.saved)
    }

    /// Refuses what would change a mailbox that was opened for reading.
    pub(crate) fn require_writable(&self) -> Result<(), Completion> {
        if self.read_only {
            Err(Completion::no(Code::Cannot, "the mailbox is open for reading only"))
        } else {
            Ok(())
        }
    }

    /// Learns from the log what has changed; the client is told by [`Mailbox::report`].
    pub(crate) async fn catch_up(
        &mut self,
        session: &Session,
        silent: Option<&Silent>,
    ) -> Result<(), Failure> {
        let (account, collection, cursor) = (self.account, self.collection, self.view.cursor());
        let news = session.read(move |tx| {
            let grant = tx.open::<right::ReadItems>(account, collection)?;
            Ok((View::news(tx, &grant, cursor)?, grant.rights()))
        });
        match news.await {
            Ok((news, rights)) => {
                self.rights = rights;
                self.view.absorb(news, silent);
                Ok(())
            }
            Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => Err(Failure::MailboxGone),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells the client what it does not know yet.
    pub(crate) async fn report(
        &mut self,
        session: &Session,
        connection: &mut Connection,
        tells: Tells,
    ) -> Result<(), Failure> {
        let enabled = session.enabled;
        let style = Style {
            uid: enabled.condstore || tells == Tells::AllWithUids, // RFC 7162 section 3.2.4
            modseq: enabled.condstore,
            vanished: enabled.qresync,
        };
        self.view.report_keywords(&mut connection.out);
        while self.view.report_flags(&mut connection.out, style) {
            connection.flush_if_full().await?;
        }
        self.view.report_numbers(&mut connection.out, tells != Tells::NoExpunges, style);
        if let Some(stamp) = self.view.held_back_since().filter(|_| enabled.qresync) {
            // RFC 7162 section 3.2: a client that is cut off now must come back with an older stamp, or
            // it would never learn what was removed.
            let code = Code::HighestModSeq(stamp);
            connection.out.untagged(Condition::Ok, Some(&code), "removals are not told yet");
        }
        Ok(())
    }

    /// The flags that this client may change for good, if only of its own mails (RFC 4314 section 4).
    pub(crate) fn permanent_flags(&self) -> Flags {
        let mut flags = Flags::NONE;
        if self.read_only {
            return flags;
        }
        if self.rights.contains(Rights::SEEN) {
            flags = flags | Flags::SEEN;
        }
        let has = |right| self.rights.contains(right) || self.rights.contains(Rights::OWN_ITEMS);
        if has(Rights::DELETE_ITEMS) {
            flags = flags | Flags::DELETED;
        }
        if has(Rights::WRITE) {
            flags = flags | Flags::ANSWERED | Flags::FLAGGED | Flags::DRAFT;
        }
        flags
    }
}

/// What may be told when a command ends: RFC 9051 section 7.5.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tells {
    /// Everything.
    All,
    /// Everything, with the UID in each FETCH response: commands that speak of UIDs.
    AllWithUids,
    /// The client counts on the sequence numbers: FETCH, STORE, SEARCH.
    NoExpunges,
}

impl Tells {
    /// Of FETCH, STORE and SEARCH.
    pub(crate) fn of(numbering: Numbering) -> Self {
        match numbering {
            Numbering::Sequence => Self::NoExpunges,
            Numbering::Uid => Self::AllWithUids,
        }
    }
}
