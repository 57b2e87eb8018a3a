//! Submission's end: one transaction for all recipients, one reply.

use crate::conversation::{Conversation, Recipient};
use crate::status;
use bytes::Bytes;
use session::Login;
use smtp_wire::{Envelope, Reply, trace};
use storage::{Error, Refusal, Store};
use workflow::{ClientRequest, Submission, Submitted};

impl Conversation<'_> {
    /// Sends, and says so when it is durable. A recipient that cannot be reached after all is told in
    /// a report to the sender, not here: the others have the mail.
    pub(crate) async fn submit(&self, envelope: &Envelope<Recipient>, bytes: Bytes, id: &str) -> Reply {
        let Some(login) = &self.login else { return Reply::trouble() };
        let recipients: Vec<_> =
            envelope.recipients.iter().map(|(_, recipient)| recipient.address.clone()).collect();
        let submission = Submission {
            reverse_path: envelope.mail.from.mailbox().and_then(|mailbox| mailbox.to_address().ok()),
            request: known_by(&self.context.store, login, envelope, &bytes),
            recipients,
            trace: self.submission_trace(envelope, id),
            bytes,
            // The mail program saves its copy by IMAP.
            save_to_sent: false,
        };
        match workflow::submit(&self.context.store, login, submission).await {
            Ok(Submitted::Sent(_) | Submitted::Repeated) => Reply::accepted(id),
            Err(Error::Refusal(Refusal::Denied { .. })) => {
                Reply::not_permitted("the From or Sender of the message is not an address of yours")
            }
            Err(error) => status::reply(&error),
        }
    }

    /// All recipients are of this house, so this is the last hop: RFC 5321 section 4.4.
    fn submission_trace(&self, envelope: &Envelope<Recipient>, id: &str) -> String {
        let mut lines = Vec::new();
        trace::write_return_path(&envelope.mail.from, &mut lines);
        let only = match envelope.recipients.as_slice() {
            [(rcpt, _)] => Some(rcpt),
            // RFC 5321 section 7.2: several must not learn of each other.
            _ => None,
        };
        self.write_received(envelope, only, id, self.context.clock.now(), &mut lines);
        String::from_utf8(lines).unwrap_or_default()
    }
}

/// By what a mail is known whose `250` was lost: its bytes and its envelope. One without a
/// Message-ID may be meant twice.
fn known_by(
    store: &Store,
    login: &Login,
    envelope: &Envelope<Recipient>,
    bytes: &Bytes,
) -> Option<ClientRequest> {
    use std::fmt::Write;
    mime::header::find(bytes, "Message-ID")?;
    let mut whole = Vec::with_capacity(bytes.len() + 64 * envelope.recipients.len());
    for (_, recipient) in &envelope.recipients {
        whole.extend_from_slice(recipient.address.to_string().as_bytes());
        whole.push(b'\n');
    }
    whole.extend_from_slice(bytes);
    let mut id = String::with_capacity(64);
    for byte in store.fingerprint(login.account.id, &whole) {
        let _ = write!(id, "{byte:02x}");
    }
    // No device can have this name: what is remembered of a device is forgotten with it.
    Some(ClientRequest { reader: "house:submission".to_owned(), id })
}
