//! LMTP's end: each recipient is a transaction and a reply (RFC 2033 section 4.2).

use crate::connection::End;
use crate::conversation::{Conversation, Recipient};
use crate::status;
use bytes::Bytes;
use futures::StreamExt;
use smtp_wire::trace::{self, Received, With};
use smtp_wire::{Dialect, Envelope, Hello, Rcpt, Reply};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use vocabulary::{AccountId, Door, Timestamp};
use workflow::Delivery;

/// Most deliveries of one message at a time. They share a commit.
const DELIVERIES_MAX: usize = 16;
/// Most bytes of one message's copies that are in work at a time.
const COPIES_BYTES_MAX: usize = 8 * 1024 * 1024;

impl Conversation<'_> {
    /// Delivers and replies, to each recipient as soon as the mail is durable there.
    pub(crate) async fn deliver(
        &mut self,
        envelope: &Envelope<Recipient>,
        bytes: Bytes,
        id: &str,
    ) -> Result<(), End> {
        let at_once = (COPIES_BYTES_MAX / bytes.len().max(1)).clamp(1, DELIVERIES_MAX);
        let deliveries = self.deliveries(envelope, &without_return_path(bytes), id);
        let store = &self.context.store;
        let mut done = futures::stream::iter(deliveries)
            .map(|(account, mail)| async move { (account, workflow::deliver(store, account, mail).await) })
            .buffered(at_once);
        let mut replies = HashMap::new();
        let mut waiting = envelope.recipients.iter().peekable();
        while let Some((account, outcome)) = done.next().await {
            replies
                .insert(account, outcome.map_or_else(|error| status::reply(&error), |_| Reply::accepted(id)));
            while let Some((_, recipient)) = waiting.next_if(|(_, recipient)| is_done(recipient, &replies)) {
                self.connection.say(worst(recipient, &replies).unwrap_or(&Reply::trouble()));
            }
            self.connection.flush().await?;
        }
        Ok(())
    }

    /// One delivery for each account, in the recipients' order: an account that several recipients
    /// lead to gets the mail once.
    fn deliveries(
        &self,
        envelope: &Envelope<Recipient>,
        bytes: &Bytes,
        id: &str,
    ) -> Vec<(AccountId, Delivery)> {
        let received_at = self.context.clock.now();
        let mut seen = HashSet::new();
        let mut deliveries = Vec::new();
        for (rcpt, recipient) in &envelope.recipients {
            for account in &recipient.accounts {
                if seen.insert(*account) {
                    let mail = Delivery {
                        bytes: bytes.clone(),
                        trace: self.lmtp_trace(envelope, rcpt, recipient, id, received_at),
                        recipient: recipient.address.clone(),
                        received_at,
                        door: Door::Lmtp,
                    };
                    deliveries.push((*account, mail));
                }
            }
        }
        deliveries
    }

    fn lmtp_trace(
        &self,
        envelope: &Envelope<Recipient>,
        rcpt: &Rcpt,
        recipient: &Recipient,
        id: &str,
        at: Timestamp,
    ) -> String {
        let mut lines = Vec::new();
        trace::write_return_path(&envelope.mail.from, &mut lines);
        trace::write_delivered_to(&recipient.address.to_string(), &mut lines);
        self.write_received(envelope, Some(rcpt), id, at, &mut lines);
        String::from_utf8(lines).unwrap_or_default()
    }

    /// `Received:` for a copy that goes to this recipient only, or to several.
    pub(crate) fn write_received(
        &self,
        envelope: &Envelope<Recipient>,
        recipient: Option<&Rcpt>,
        id: &str,
        at: Timestamp,
        lines: &mut Vec<u8>,
    ) {
        let (hello, client_name) = self.transaction.hello().unwrap_or((Hello::Helo, "unknown"));
        let with = With {
            lmtp: self.transaction.dialect() == Dialect::Lmtp,
            extended: hello != Hello::Helo,
            utf8: envelope.mail.smtputf8,
            tls: self.transaction.is_tls(),
            authenticated: self.transaction.is_authenticated(),
        };
        let received = Received {
            client_name,
            client_address: Some(self.peer.address.ip()),
            host: &self.context.hostname,
            with,
            id,
            recipient: recipient.and_then(|rcpt| rcpt.to.mailbox()),
            at,
        };
        received.write_to(lines);
    }
}

/// The sender's word about its own address has been said in the envelope; what an earlier delivery
/// wrote into the header goes (RFC 5321 section 4.4).
fn without_return_path(bytes: Bytes) -> Bytes {
    match mime::header::remove(&bytes, &["Return-Path"]) {
        Cow::Borrowed(_) => bytes,
        Cow::Owned(removed) => removed.into(),
    }
}

fn is_done(recipient: &Recipient, replies: &HashMap<AccountId, Reply>) -> bool {
    recipient.accounts.iter().all(|account| replies.contains_key(account))
}

/// A group has the mail when all its members have. The sender tries again until then, and those who
/// have it already are not given it twice.
fn worst<'a>(recipient: &Recipient, replies: &'a HashMap<AccountId, Reply>) -> Option<&'a Reply> {
    let replies = recipient.accounts.iter().filter_map(|account| replies.get(account));
    // What may pass (4xx) comes before what will not (5xx): a second try reaches more members.
    replies.max_by_key(|reply| match reply.code() {
        400..500 => 2,
        500..600 => 1,
        _ => 0,
    })
}
