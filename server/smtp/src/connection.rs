//! Commands and data in, replies out: the only file that reads and writes the connection.

use crate::message::Message;
use crate::pace::Pace;
use session::{Context, Stream, Tasks, steady_now};
use smtp_wire::{
    Command, DataEnd, Dialect, EarlyData, MessageRules, Next, Receiver, Reply, SaslResponse, SyntaxError,
};
use std::future::pending;
use std::io;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Sleep;

/// Read at once between messages: commands are short, and an idle connection keeps no buffer.
const COMMAND_READ_BYTES: usize = 1024;
/// Read at once within a message.
const DATA_READ_BYTES: usize = 64 * 1024;
/// Replies to pipelined commands are gathered up to here.
const FLUSH_BYTES: usize = 16 * 1024;

/// Why a conversation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The client has gone, or takes nothing.
    Gone,
    /// The client said nothing for too long, or did not log in in time.
    TimedOut,
    /// The server stops.
    Shutdown,
}

/// What came between messages.
pub(crate) enum Line {
    Command(Command),
    Response(SaslResponse),
    Invalid(SyntaxError),
}

/// One connection with what is to be sent on it.
pub(crate) struct Connection {
    stream: Stream,
    receiver: Receiver,
    out: Vec<u8>,
    tasks: Tasks,
    idle_timeout: Duration,
    /// Ends the connection unless a login comes first.
    login_deadline: Option<Pin<Box<Sleep>>>,
    message_bytes_max: u64,
    /// Ends the connection unless the message under way is brought in time.
    pace: Option<Pace>,
}

impl Connection {
    pub(crate) fn new(stream: Stream, dialect: Dialect, rules: MessageRules, context: &Context) -> Self {
        let login_within = Duration::from_secs(context.limits.before_login_timeout_s);
        let needs_login = dialect != Dialect::Lmtp;
        Self {
            stream,
            receiver: Receiver::new(rules),
            out: Vec::new(),
            tasks: context.tasks.clone(),
            idle_timeout: Duration::from_secs(context.limits.smtp_idle_timeout_s),
            login_deadline: needs_login.then(|| Box::pin(tokio::time::sleep(login_within))),
            message_bytes_max: rules.message_bytes_max,
            pace: None,
        }
    }

    /// The client's next line. What waits to be sent is sent before anything is waited for.
    pub(crate) async fn line(&mut self) -> Result<Line, End> {
        loop {
            match self.receiver.next() {
                Next::NeedBytes => {}
                Next::Command(command) => return Ok(Line::Command(command)),
                Next::Response(response) => return Ok(Line::Response(response)),
                Next::Invalid(error) => return Ok(Line::Invalid(error)),
                // Data is read by `receive`, to its end.
                Next::Data(_) | Next::DataEnd(_) => continue,
            }
            self.flush().await?;
            let mut piece = [0; COMMAND_READ_BYTES];
            let deadline = async {
                match &mut self.login_deadline {
                    Some(deadline) => deadline.await,
                    None => pending().await,
                }
            };
            let silent_until = steady_now() + self.idle_timeout;
            // Between two chunks as within one.
            let silent_until =
                self.pace.as_ref().map_or(silent_until, |pace| silent_until.min(pace.deadline()));
            let read = tokio::select! {
                read = self.stream.read(&mut piece) => read,
                () = self.tasks.requested() => return Err(End::Shutdown),
                () = tokio::time::sleep_until(silent_until) => return Err(End::TimedOut),
                () = deadline => return Err(End::TimedOut),
            };
            match read {
                Ok(0) | Err(_) => return Err(End::Gone),
                Ok(count) => {
                    if let Some(pace) = &mut self.pace {
                        pace.received(steady_now(), count);
                    }
                    self.receiver.feed(piece.get(..count).unwrap_or_default());
                }
            }
        }
    }

    /// Receives data up to the end of DATA or of a chunk. A shutdown waits for it: the client may
    /// have sent the end already. Chunks of one message share its time, until
    /// [`Connection::message_is_over`].
    pub(crate) async fn receive(&mut self, message: &mut Message) -> Result<DataEnd, End> {
        let mut buffer = Vec::new();
        // Here, and not when bytes are missed: a chunk may be there already.
        let mut pace = self
            .pace
            .take()
            .unwrap_or_else(|| Pace::new(steady_now(), self.idle_timeout, self.message_bytes_max));
        loop {
            match self.receiver.next() {
                Next::NeedBytes => {}
                Next::Data(piece) => {
                    message.append(piece);
                    continue;
                }
                Next::DataEnd(end) => {
                    self.pace = Some(pace);
                    return Ok(end);
                }
                Next::Command(_) | Next::Response(_) | Next::Invalid(_) => continue,
            }
            self.flush().await?;
            buffer.resize(DATA_READ_BYTES, 0);
            match tokio::time::timeout_at(pace.deadline(), self.stream.read(&mut buffer)).await {
                Err(_) => return Err(End::TimedOut),
                Ok(Ok(0) | Err(_)) => return Err(End::Gone),
                Ok(Ok(count)) => {
                    pace.received(steady_now(), count);
                    self.receiver.feed(buffer.get(..count).unwrap_or_default());
                }
            }
        }
    }

    /// The message is received or forgotten: the next has its own time.
    pub(crate) fn message_is_over(&mut self) {
        self.pace = None;
    }

    /// Adds a reply; it is sent before the next wait.
    pub(crate) fn say(&mut self, reply: &Reply) {
        reply.write_to(&mut self.out);
    }

    /// Sends what is there if it is much.
    pub(crate) async fn flush_if_full(&mut self) -> Result<(), End> {
        if self.out.len() >= FLUSH_BYTES { self.flush().await } else { Ok(()) }
    }

    /// Sends what is there.
    pub(crate) async fn flush(&mut self) -> Result<(), End> {
        if self.out.is_empty() {
            return Ok(());
        }
        let sent = async {
            self.stream.write_all(&self.out).await?;
            self.stream.flush().await
        };
        let sent = sent.await;
        // An idle connection keeps no memory of the replies it got.
        self.out = Vec::new();
        sent.map_err(|_| End::Gone)
    }

    /// A new transaction: the next message is received under these rules.
    pub(crate) fn start_message(&mut self, rules: MessageRules) {
        self.receiver.start_message(rules);
    }

    /// DATA is accepted: data comes next.
    pub(crate) fn expect_data(&mut self) -> Result<(), EarlyData> {
        self.receiver.expect_data()
    }

    /// BDAT is accepted.
    pub(crate) fn accept_chunk(&mut self) {
        self.receiver.accept_chunk();
    }

    /// The next line is a SASL response.
    pub(crate) fn expect_response(&mut self) {
        self.receiver.expect_response();
    }

    /// A login succeeded: from now on only silence ends the connection.
    pub(crate) fn logged_in(&mut self) {
        self.login_deadline = None;
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.stream.is_tls()
    }

    pub(crate) fn can_start_tls(&self) -> bool {
        self.stream.can_start_tls()
    }

    pub(crate) fn may_authenticate(&self) -> bool {
        self.stream.may_authenticate()
    }

    /// Sends the 220 and does the handshake. What came in the clear is thrown away.
    pub(crate) async fn start_tls(mut self) -> io::Result<Self> {
        self.flush().await.map_err(|_| io::ErrorKind::BrokenPipe)?;
        // RFC 3207 section 4.2.
        self.receiver.discard();
        Ok(Self { stream: self.stream.start_tls().await?, ..self })
    }

    /// Sends a last reply and closes.
    pub(crate) async fn close(mut self, last: Option<&Reply>) {
        if let Some(reply) = last {
            self.say(reply);
        }
        if self.flush().await.is_ok() {
            // A client that has gone already needs no goodbye.
            let _ = self.stream.shutdown().await;
        }
    }
}
