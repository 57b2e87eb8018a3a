//! What must leave the house, written in the transaction of its cause: the outbox (pushes,
//! webhooks) and the mail queue, in which each recipient has a state of its own.

use crate::access::Admin;
use crate::backend::params;
use crate::content::Prepared;
use crate::domain::OwnNumber;
use crate::error::{Refusal, Result, Subject};
use crate::transaction::{Read, Write};
use vocabulary::{AccountId, ContentId, Timestamp};

/// One thing to be told to somebody outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// In whose mailbox its cause lies.
    pub account: AccountId,
    /// Its number.
    pub id: i64,
    /// Which sender takes it.
    pub kind: String,
    /// In the words of that sender.
    pub payload: Vec<u8>,
    /// How often it was tried.
    pub attempts: i64,
}

/// Where a recipient of a queued mail stands: FAULTS invariant I8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// To be tried at the due time.
    Waiting,
    /// Accepted by the next server.
    Done,
    /// Given up; the sender has been told exactly once.
    Failed,
}

impl Delivery {
    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// One recipient whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRecipient {
    /// Whose queue.
    pub account: AccountId,
    /// Which mail.
    pub queue_id: i64,
    /// The mail's bytes.
    pub content: ContentId,
    /// Envelope sender; empty for the null sender.
    pub reverse_path: String,
    /// Envelope recipient.
    pub recipient: String,
    /// How often it was tried.
    pub attempts: i64,
}

impl<'tx> Read<'tx> {
    /// Outgoing things of a kind that are due, the oldest first.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn outbox_due(&self, _admin: &Admin<'tx>, kind: &str, limit: i64) -> Result<Vec<Outgoing>> {
        const DUE: &str = "SELECT account_id, outbox_id, kind, payload, attempts FROM outbox \
             WHERE due_at <= ?1 AND kind = ?2 ORDER BY due_at, account_id, outbox_id LIMIT ?3";
        self.connection.rows(DUE, params![self.now().0, kind, limit], |row| {
            Ok(Outgoing {
                account: AccountId(row.int(0)?),
                id: row.int(1)?,
                kind: row.text(2)?.to_owned(),
                payload: row.bytes(3)?.to_vec(),
                attempts: row.int(4)?,
            })
        })
    }

    /// Recipients of queued mails that are due.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn queue_due(&self, _admin: &Admin<'tx>, limit: i64) -> Result<Vec<DueRecipient>> {
        const DUE: &str = "SELECT r.account_id, r.queue_id, m.content_id, m.reverse_path, r.recipient, r.attempts \
             FROM queue_recipient r JOIN queue_message m ON m.account_id = r.account_id AND m.queue_id = r.queue_id \
             WHERE r.state = 'waiting' AND r.due_at <= ?1 ORDER BY r.due_at, r.queue_id LIMIT ?2";
        self.connection.rows(DUE, params![self.now().0, limit], |row| {
            Ok(DueRecipient {
                account: AccountId(row.int(0)?),
                queue_id: row.int(1)?,
                content: ContentId(row.int(2)?),
                reverse_path: row.text(3)?.to_owned(),
                recipient: row.text(4)?.to_owned(),
                attempts: row.int(5)?,
            })
        })
    }
}

impl<'tx> Write<'tx> {
    /// Notes something that must leave the house because of this transaction. The account must be declared.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house.
    pub fn push_outgoing(&mut self, account: AccountId, kind: &str, payload: &[u8]) -> Result<i64> {
        const PUSH: &str = "INSERT INTO outbox (account_id, outbox_id, kind, payload, created_at, due_at, attempts) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, 0)";
        self.require_owner(account)?;
        let id = self.take_own_number(account, OwnNumber::Outbox)?;
        self.connection.execute(PUSH, params![account.0, id, kind, payload, self.now().0])?;
        Ok(id)
    }

    /// It has left (`None`), or is to be tried again at a moment. Whether it was still there.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn settle_outgoing(
        &mut self,
        _admin: &Admin<'tx>,
        account: AccountId,
        id: i64,
        again_at: Option<Timestamp>,
    ) -> Result<bool> {
        const DONE: &str = "DELETE FROM outbox WHERE account_id = ?1 AND outbox_id = ?2";
        const AGAIN: &str = "UPDATE outbox SET due_at = ?3, attempts = attempts + 1 \
             WHERE account_id = ?1 AND outbox_id = ?2";
        let rows = match again_at {
            None => self.connection.execute(DONE, params![account.0, id])?,
            Some(at) => self.connection.execute(AGAIN, params![account.0, id, at.0])?,
        };
        Ok(rows > 0)
    }

    /// Queues a mail for recipients elsewhere. Its bytes do not count towards the quota.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house, [`Refusal::Invalid`] without
    /// recipients.
    pub fn enqueue(
        &mut self,
        account: AccountId,
        reverse_path: &str,
        recipients: &[String],
        mail: &Prepared,
    ) -> Result<i64> {
        const MESSAGE: &str = "INSERT INTO queue_message (account_id, queue_id, content_id, reverse_path, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5)";
        const RECIPIENT: &str = "INSERT INTO queue_recipient (account_id, queue_id, recipient, state, attempts, \
             due_at, answer, notified) VALUES (?1, ?2, ?3, 'waiting', 0, ?4, '', 0) \
             ON CONFLICT (account_id, queue_id, recipient) DO NOTHING";
        self.require_owner(account)?;
        if recipients.is_empty() {
            return Err(Refusal::Invalid("a mail needs a recipient").into());
        }
        self.refuse_unusable(account, mail)?;
        let content = self.add_content(account, mail)?;
        let id = self.take_own_number(account, OwnNumber::Queue)?;
        let now = self.now().0;
        self.connection.execute(MESSAGE, params![account.0, id, content.0, reverse_path, now])?;
        for recipient in recipients {
            self.connection.execute(RECIPIENT, params![account.0, id, recipient, now])?;
        }
        Ok(id)
    }

    /// Writes what became of one recipient. Giving up is told to the sender by the caller in the
    /// same transaction (unless the sender is null): `told` says that this was done.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if a failure was not told, or something else was;
    /// [`Refusal::NotFound`] unless the recipient was waiting.
    pub fn settle_recipient(
        &mut self,
        _admin: &Admin<'tx>,
        due: &DueRecipient,
        state: Delivery,
        answer: &str,
        again_at: Timestamp,
        told: bool,
    ) -> Result<()> {
        const SETTLE: &str = "UPDATE queue_recipient SET state = ?4, attempts = attempts + 1, answer = ?5, due_at = ?6, \
             notified = ?7 WHERE account_id = ?1 AND queue_id = ?2 AND recipient = ?3 AND state = 'waiting'";
        if told != (state == Delivery::Failed) {
            return Err(Refusal::Invalid("a failure, and nothing else, is told to the sender").into());
        }
        let params = params![
            due.account.0,
            due.queue_id,
            &due.recipient,
            state.as_str(),
            answer,
            again_at.0,
            i64::from(told),
        ];
        match self.connection.execute(SETTLE, params)? {
            0 => Err(Refusal::NotFound(Subject::Item).into()),
            _ => Ok(()),
        }
    }
}
