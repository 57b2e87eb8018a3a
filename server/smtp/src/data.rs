//! DATA (RFC 5321 section 4.1.1.4) and BDAT (RFC 3030 section 2).

use crate::connection::End;
use crate::conversation::{Conversation, Flow, Recipient, out_of_order};
use bytes::Bytes;
use smtp_wire::{DataEnd, Dialect, Enhanced, Envelope, OutOfOrder, Reply};

/// A mail with more hops than this goes in circles (RFC 5321 section 6.3 asks for 100 at least).
const RECEIVED_FIELDS_MAX: usize = 100;

impl Conversation<'_> {
    pub(crate) async fn data(&mut self) -> Result<Flow, End> {
        if let Err(error) = self.transaction.may_send_data() {
            return Ok(out_of_order(error));
        }
        if self.connection.expect_data().is_err() {
            return Ok(Flow::Close(Reply::early_talker()));
        }
        self.connection.say(&Reply::start_data());
        let end = self.connection.receive(&mut self.message).await?;
        self.end(end).await
    }

    pub(crate) async fn bdat(&mut self, chunk_bytes: u64, last: bool) -> Result<Flow, End> {
        let accepted = self.transaction.chunk();
        if accepted.is_ok() {
            self.connection.accept_chunk();
        }
        let end = self.connection.receive(&mut self.message).await?;
        match accepted {
            // RFC 2033 section 4.3: one reply for each recipient, and there is none.
            Err(OutOfOrder::NoRecipients) if last && self.transaction.dialect() == Dialect::Lmtp => {
                self.transaction.reset();
                self.forget_message();
                Ok(Flow::Said)
            }
            Err(error) => {
                self.forget_message();
                Ok(out_of_order(error))
            }
            Ok(()) if last => self.end(end).await,
            Ok(()) => Ok(Flow::Answer(match end.fault {
                Some(fault) => {
                    self.transaction.fail_chunk();
                    self.forget_message();
                    fault.reply()
                }
                None => Reply::chunk_ok(chunk_bytes),
            })),
        }
    }

    /// The message is over, good or bad.
    async fn end(&mut self, end: DataEnd) -> Result<Flow, End> {
        let message = self.forget_message();
        let Some(envelope) = self.transaction.finish() else {
            return Ok(out_of_order(OutOfOrder::NoMail));
        };
        let id = self.next_message_id();
        let received = match end.fault {
            Some(fault) => Err(fault.reply()),
            None => message.finish().ok_or_else(no_room),
        };
        let (bytes, _room) = match received {
            Ok((bytes, _)) if goes_in_circles(&bytes) => {
                return Ok(self.refuse(&envelope, &Reply::loop_detected()));
            }
            Ok(received) => received,
            Err(reply) => return Ok(self.refuse(&envelope, &reply)),
        };
        tracing::info!(
            connection = self.peer.connection_id,
            message = id,
            bytes = bytes.len(),
            recipients = envelope.recipients.len(),
            "message received"
        );
        match self.transaction.dialect() {
            Dialect::Lmtp => self.deliver(&envelope, bytes, &id).await.map(|()| Flow::Said),
            Dialect::Smtp | Dialect::Submission => Ok(Flow::Answer(self.submit(&envelope, bytes, &id).await)),
        }
    }

    /// One reply, or in LMTP one for each recipient (RFC 2033 section 4.2).
    fn refuse(&mut self, envelope: &Envelope<Recipient>, reply: &Reply) -> Flow {
        let replies = match self.transaction.dialect() {
            Dialect::Lmtp => envelope.recipients.len(),
            Dialect::Smtp | Dialect::Submission => 1,
        };
        for _ in 0..replies {
            self.connection.say(reply);
        }
        Flow::Said
    }
}

fn goes_in_circles(bytes: &Bytes) -> bool {
    mime::header::count(bytes, "Received") > RECEIVED_FIELDS_MAX
}

fn no_room() -> Reply {
    Reply::new(452, Enhanced(4, 3, 1), "too many messages at once, try again")
}
