//! RCPT (RFC 5321 section 4.1.1.3): mail is taken for addresses of this house only.

use crate::conversation::{Conversation, Recipient};
use crate::{postmaster, status};
use smtp_wire::{Dialect, Enhanced, ForwardPath, Rcpt, Reply, SyntaxError};
use storage::{Destination, Error, Refusal, Subject};
use vocabulary::EmailAddress;

impl Conversation<'_> {
    pub(crate) async fn rcpt(&mut self, rcpt: Rcpt) -> Reply {
        if rcpt.notify.is_some() || rcpt.orcpt.is_some() {
            // RFC 5321 section 4.1.1.11: DSN is not offered.
            return SyntaxError::UnknownParameter.reply();
        }
        if let Err(error) = self.transaction.may_add_recipient(&rcpt) {
            return error.reply();
        }
        let found = match &rcpt.to {
            ForwardPath::Postmaster => self.postmaster(None).await,
            ForwardPath::Mailbox(mailbox) => match mailbox.to_address() {
                Ok(address) => self.recipient(address).await,
                Err(_) => return Reply::no_such_recipient(),
            },
        };
        match found {
            Ok(recipient) if recipient.accounts.is_empty() => {
                Reply::new(550, Enhanced(5, 2, 4), "the group has no members")
            }
            Ok(recipient) => {
                self.transaction.add_recipient(rcpt, recipient);
                Reply::recipient_ok()
            }
            Err(error) => self.unresolved(&error),
        }
    }

    async fn recipient(&self, address: EmailAddress) -> storage::Result<Recipient> {
        let accounts = match workflow::resolve(&self.context.store, &address).await {
            Ok(Destination::Account(account)) => vec![account],
            Ok(Destination::Group(_, members)) => members,
            Err(Error::Refusal(Refusal::NotFound(Subject::Address))) if postmaster::is_meant(&address) => {
                return self.postmaster(Some(address.domain())).await;
            }
            Err(error) => return Err(error),
        };
        Ok(Recipient { address, accounts })
    }

    fn unresolved(&self, error: &Error) -> Reply {
        match error {
            Error::Refusal(Refusal::NotFound(Subject::Domain))
                if self.transaction.dialect() == Dialect::Submission =>
            {
                // RFC 3463 section 3.5.
                Reply::new(550, Enhanced(5, 4, 4), "mail to other domains is not set up on this server")
            }
            error => status::reply(error),
        }
    }
}
