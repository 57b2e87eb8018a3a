//! RCPT (RFC 5321 section 4.1.1.3): mail is taken for addresses of this house only.

use crate::conversation::{Conversation, Recipient};
use crate::status;
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
        let Some(address) = self.address(&rcpt.to) else { return Reply::no_such_recipient() };
        let accounts = match workflow::resolve(&self.context.store, &address).await {
            Ok(Destination::Account(account)) => vec![account],
            Ok(Destination::Group(_, members)) => members,
            Err(error) => return self.unresolved(&error),
        };
        if accounts.is_empty() {
            return Reply::new(550, Enhanced(5, 2, 4), "the group has no members");
        }
        self.transaction.add_recipient(rcpt, Recipient { address, accounts });
        Reply::recipient_ok()
    }

    /// The address that a path means. `<Postmaster>` is that of the server itself.
    fn address(&self, path: &ForwardPath) -> Option<EmailAddress> {
        match path {
            ForwardPath::Mailbox(mailbox) => mailbox.to_address().ok(),
            ForwardPath::Postmaster => {
                EmailAddress::parse(&format!("postmaster@{}", self.context.hostname)).ok()
            }
        }
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
