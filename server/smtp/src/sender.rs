//! MAIL (RFC 5321 section 4.1.1.2), and who may be whom in submission.

use crate::conversation::{Conversation, Flow};
use crate::status;
use smtp_wire::{Body, Mail, Mailbox, Reply, SyntaxError};

impl Conversation<'_> {
    pub(crate) async fn mail(&mut self, mail: Mail) -> Flow {
        if asks_for_more_than_is_offered(&mail) {
            // RFC 5321 section 4.1.1.11.
            return Flow::Answer(SyntaxError::UnknownParameter.reply());
        }
        if let Err(error) = self.transaction.may_begin(&mail) {
            return Flow::Answer(error.reply());
        }
        if let Err(refused) = self.renew_login().await {
            return refused;
        }
        if let Err(refused) = self.may_send_as(mail.from.mailbox()).await {
            return Flow::Answer(refused);
        }
        self.forget_message();
        self.connection.start_message(self.rules);
        self.transaction.begin(mail);
        Flow::Answer(Reply::sender_ok())
    }

    /// In submission the account and its password are read anew: whose is closed or changed sends
    /// nothing more.
    async fn renew_login(&mut self) -> Result<(), Flow> {
        let Some(login) = &mut self.login else { return Ok(()) };
        match login.renewed(&self.context.store).await {
            Ok(Some(account)) => {
                login.account = account;
                Ok(())
            }
            Ok(None) => Err(Flow::Close(status::login_is_over())),
            Err(error) => Err(Flow::Answer(status::reply(&error))),
        }
    }

    /// In submission the sender is one of the account's own addresses (RFC 6409 section 6.1); a new
    /// alias is known at once. The null sender is for reports that a mail program makes.
    async fn may_send_as(&self, sender: Option<&Mailbox>) -> Result<(), Reply> {
        let (Some(login), Some(sender)) = (&self.login, sender) else { return Ok(()) };
        let Ok(address) = sender.to_address() else { return Err(Reply::sender_not_owned()) };
        match workflow::leads_to(&self.context.store, &address, login.account.id).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Reply::sender_not_owned()),
            Err(error) => Err(status::reply(&error)),
        }
    }
}

/// Parameters of extensions that the answer to EHLO does not name. A promise that nobody keeps
/// (REQUIRETLS, DSN) must not be accepted silently.
fn asks_for_more_than_is_offered(mail: &Mail) -> bool {
    mail.body == Body::BinaryMime || mail.requiretls || mail.ret.is_some() || mail.envid.is_some()
}
