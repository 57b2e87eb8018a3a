//! From the greeting to the goodbye: which command goes where.

use crate::connection::{Connection, End, Line};
use crate::message::Message;
use session::{Context, Login, Peer, Stream};
use smtp_wire::{
    Command, Dialect, Hello, Limits, LineEnds, MessageRules, OutOfOrder, Reply, SyntaxError, Transaction,
};
use vocabulary::{AccountId, EmailAddress};

/// Bytes of the largest message that are kept for the header lines that delivery adds.
const TRACE_BYTES_MAX: u64 = 16 * 1024;

/// Where one RCPT leads.
#[derive(Debug)]
pub(crate) struct Recipient {
    /// As it was named.
    pub(crate) address: EmailAddress,
    /// One account, or the members of a group.
    pub(crate) accounts: Vec<AccountId>,
}

/// One connection in the course of its life.
pub(crate) struct Conversation<'a> {
    pub(crate) connection: &'a mut Connection,
    pub(crate) peer: &'a Peer,
    pub(crate) context: &'a Context,
    pub(crate) rules: MessageRules,
    pub(crate) transaction: Transaction<Recipient>,
    /// What came of the running transaction's message.
    pub(crate) message: Message,
    /// Who it is, in submission.
    pub(crate) login: Option<Login>,
    pub(crate) failed_logins: u32,
    pub(crate) messages: u32,
    bad_commands: u32,
}

/// What a command leads to.
pub(crate) enum Flow {
    /// A reply, and the next command.
    Answer(Reply),
    /// The next command: all is said.
    Said,
    /// TLS, after its 220.
    StartTls,
    /// The end, after a last reply.
    Close(Reply),
}

/// How a conversation over one kind of bytes ended.
enum Outcome {
    StartTls,
    Close(Option<Reply>),
}

pub(crate) async fn hold(dialect: Dialect, stream: Stream, peer: Peer, context: Context) {
    let message_bytes_max = context.limits.message_bytes_max as u64;
    let rules = MessageRules {
        message_bytes_max: message_bytes_max.saturating_sub(TRACE_BYTES_MAX),
        line_ends: LineEnds::Repair,
        binary: false,
    };
    let mut connection = Connection::new(stream, dialect, rules, &context);
    let protocol = if dialect == Dialect::Lmtp { "LMTP" } else { "ESMTP" };
    connection.say(&Reply::greeting(&context.hostname, protocol));
    loop {
        // RFC 3207 section 4.2: after the handshake nothing is known but that there was one.
        let outcome = Conversation::new(dialect, &mut connection, &peer, &context, rules).run().await;
        match outcome {
            Outcome::StartTls => match connection.start_tls().await {
                Ok(secure) => connection = secure,
                Err(_) => return,
            },
            Outcome::Close(last) => return connection.close(last.as_ref()).await,
        }
    }
}

impl<'a> Conversation<'a> {
    fn new(
        dialect: Dialect,
        connection: &'a mut Connection,
        peer: &'a Peer,
        context: &'a Context,
        rules: MessageRules,
    ) -> Self {
        let limits = Limits {
            recipients_max: context.limits.recipients_max,
            message_bytes_max: rules.message_bytes_max,
        };
        let transaction = Transaction::new(dialect, limits, connection.is_tls());
        Self {
            connection,
            peer,
            context,
            rules,
            transaction,
            message: Message::new(None, context.limits.message_bytes_max),
            login: None,
            failed_logins: 0,
            messages: 0,
            bad_commands: 0,
        }
    }

    async fn run(mut self) -> Outcome {
        loop {
            let flow = match self.connection.line().await {
                Ok(Line::Command(command)) => self.obey(command).await,
                Ok(Line::Invalid(error)) => Ok(self.invalid(error)),
                // A response belongs to an exchange, which reads it itself.
                Ok(Line::Response(_)) => Ok(Flow::Answer(SyntaxError::UnknownCommand.reply())),
                Err(end) => Err(end),
            };
            match flow {
                Ok(Flow::Answer(reply)) => self.connection.say(&reply),
                Ok(Flow::Said) => {}
                Ok(Flow::StartTls) => return Outcome::StartTls,
                Ok(Flow::Close(last)) => return Outcome::Close(Some(last)),
                Err(end) => return Outcome::Close(self.last_words(end)),
            }
            if let Err(end) = self.connection.flush_if_full().await {
                return Outcome::Close(self.last_words(end));
            }
        }
    }

    /// The only place where a command meets the conversation.
    async fn obey(&mut self, command: Command) -> Result<Flow, End> {
        Ok(Flow::Answer(match command {
            Command::Ehlo(name) => self.hello(Hello::Ehlo, name),
            Command::Lhlo(name) => self.hello(Hello::Lhlo, name),
            Command::Helo(name) => self.hello(Hello::Helo, name),
            Command::Mail(mail) => return Ok(self.mail(mail).await),
            Command::Rcpt(rcpt) => self.rcpt(rcpt).await,
            Command::Data => return self.data().await,
            Command::Bdat { chunk_bytes, last } => return self.bdat(chunk_bytes, last).await,
            Command::StartTls => return Ok(self.start_tls()),
            Command::Auth { mechanism, initial_response } => {
                return self.auth(&mechanism, initial_response).await;
            }
            Command::Rset => {
                self.transaction.reset();
                self.forget_message();
                Reply::ok()
            }
            Command::Vrfy => Reply::cannot_verify(),
            Command::Noop => Reply::ok(),
            Command::Help => Reply::help(),
            Command::Quit => return Ok(Flow::Close(Reply::closing(&self.context.hostname))),
        }))
    }

    fn start_tls(&mut self) -> Flow {
        if let Err(error) = self.transaction.may_start_tls() {
            return Flow::Answer(error.reply());
        }
        if !self.connection.can_start_tls() {
            return Flow::Answer(Reply::tls_unavailable());
        }
        self.connection.say(&Reply::ready_for_tls());
        Flow::StartTls
    }

    fn invalid(&mut self, error: SyntaxError) -> Flow {
        self.bad_commands += 1;
        if self.bad_commands < self.context.limits.bad_commands_max {
            Flow::Answer(error.reply())
        } else {
            Flow::Close(Reply::unavailable(&self.context.hostname, "too many bad commands"))
        }
    }

    /// RFC 5321 section 3.8: a server that closes by itself says 421.
    fn last_words(&self, end: End) -> Option<Reply> {
        match end {
            End::Gone => None,
            End::TimedOut => Some(Reply::unavailable(&self.context.hostname, "timeout, closing connection")),
            End::Shutdown => Some(Reply::unavailable(&self.context.hostname, "stopping, try again soon")),
        }
    }

    /// Begins with an empty message; what was there of another.
    pub(crate) fn forget_message(&mut self) -> Message {
        self.connection.message_is_over();
        let sender = self.login.as_ref().map(|login| login.account.id);
        std::mem::replace(&mut self.message, Message::new(sender, self.context.limits.message_bytes_max))
    }

    /// How the log and the client name the message that was just received.
    pub(crate) fn next_message_id(&mut self) -> String {
        self.messages += 1;
        format!("{:x}.{}", self.peer.connection_id, self.messages)
    }
}

/// The reply to a command that must not come now.
pub(crate) fn out_of_order(error: OutOfOrder) -> Flow {
    Flow::Answer(error.reply())
}
