//! MAIL (RFC 5321 section 4.1.1.2), and who may be whom in submission.

use crate::conversation::Conversation;
use crate::message::Message;
use crate::status;
use smtp_wire::{Body, Mail, Mailbox, Reply, SyntaxError};
use storage::{Error, Refusal};

impl Conversation<'_> {
    pub(crate) async fn mail(&mut self, mail: Mail) -> Reply {
        if asks_for_more_than_is_offered(&mail) {
            // RFC 5321 section 4.1.1.11.
            return SyntaxError::UnknownParameter.reply();
        }
        if let Err(error) = self.transaction.may_begin(&mail) {
            return error.reply();
        }
        if let Err(refused) = self.may_send_as(mail.from.mailbox()).await {
            return refused;
        }
        self.message = Message::default();
        self.connection.start_message(self.rules);
        self.transaction.begin(mail);
        Reply::sender_ok()
    }

    /// In submission the sender is one of the account's own addresses (RFC 6409 section 6.1). The
    /// account is read anew: a closed one sends nothing more, a new alias is known at once. The null
    /// sender is for reports that a mail program makes.
    async fn may_send_as(&mut self, sender: Option<&Mailbox>) -> Result<(), Reply> {
        let Some(login) = &mut self.login else { return Ok(()) };
        let id = login.account.id;
        let store = &self.context.store;
        login.account = match store.read(&login.principal, move |tx| tx.account(id)).await {
            Ok(account) => account,
            Err(Error::Refusal(Refusal::NotFound(_))) => {
                return Err(Reply::not_permitted("the account is closed"));
            }
            Err(error) => return Err(status::reply(&error)),
        };
        let Some(sender) = sender else { return Ok(()) };
        let Ok(address) = sender.to_address() else { return Err(Reply::sender_not_owned()) };
        match workflow::leads_to(store, &address, id).await {
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
