//! Lines in, answers out: the only file that reads and writes the connection.

use pop3_wire::{Next, Receiver, Response};
use session::{Context, Stream, Tasks};
use std::future::pending;
use std::io;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Sleep;

/// Read at once: commands are short, and an idle connection keeps no buffer.
const READ_BYTES: usize = 1024;
/// Answers are gathered up to here, then sent.
const FLUSH_BYTES: usize = 64 * 1024;

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

/// One connection with what is to be sent on it.
pub(crate) struct Connection {
    stream: Stream,
    receiver: Receiver,
    out: Vec<u8>,
    tasks: Tasks,
    idle_timeout: Duration,
    /// Ends the connection unless a login comes first.
    login_deadline: Option<Pin<Box<Sleep>>>,
}

impl Connection {
    pub(crate) fn new(stream: Stream, context: &Context) -> Self {
        let login_within = Duration::from_secs(context.limits.before_login_timeout_s);
        Self {
            stream,
            receiver: Receiver::new(),
            out: Vec::new(),
            tasks: context.tasks.clone(),
            idle_timeout: Duration::from_secs(context.limits.pop3_idle_timeout_s),
            login_deadline: Some(Box::pin(tokio::time::sleep(login_within))),
        }
    }

    /// The client's next line. What waits to be sent is sent before anything is waited for.
    pub(crate) async fn next(&mut self) -> Result<Next, End> {
        loop {
            let next = self.receiver.next();
            if next != Next::NeedBytes {
                return Ok(next);
            }
            self.flush().await?;
            let mut piece = [0; READ_BYTES];
            let deadline = async {
                match &mut self.login_deadline {
                    Some(deadline) => deadline.await,
                    None => pending().await,
                }
            };
            let read = tokio::select! {
                read = self.stream.read(&mut piece) => read,
                () = self.tasks.requested() => return Err(End::Shutdown),
                () = tokio::time::sleep(self.idle_timeout) => return Err(End::TimedOut),
                () = deadline => return Err(End::TimedOut),
            };
            match read {
                Ok(0) | Err(_) => return Err(End::Gone),
                Ok(count) => self.receiver.feed(piece.get(..count).unwrap_or_default()),
            }
        }
    }

    /// Adds an answer; it is sent before the next wait.
    pub(crate) fn say(&mut self, response: &Response) {
        response.write_to(&mut self.out);
    }

    /// Where an answer of many lines is written to. [`Connection::flush_if_full`] is called now and
    /// then.
    pub(crate) fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
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
        // An idle connection keeps no memory of the answers it got.
        self.out = Vec::new();
        sent.map_err(|_| End::Gone)
    }

    /// The next line is a SASL response.
    pub(crate) fn expect_response(&mut self) {
        self.receiver.expect_response();
    }

    /// A login succeeded: from now on only silence ends the connection.
    pub(crate) fn logged_in(&mut self) {
        self.login_deadline = None;
    }

    pub(crate) fn can_start_tls(&self) -> bool {
        self.stream.can_start_tls()
    }

    pub(crate) fn may_authenticate(&self) -> bool {
        self.stream.may_authenticate()
    }

    /// Sends `+OK` and does the handshake. What came in the clear is thrown away.
    pub(crate) async fn start_tls(mut self) -> io::Result<Self> {
        self.flush().await.map_err(|_| io::ErrorKind::BrokenPipe)?;
        // RFC 2595 section 4.
        self.receiver.discard();
        Ok(Self { stream: self.stream.start_tls().await?, ..self })
    }

    /// Sends a last answer and closes.
    pub(crate) async fn close(mut self, last: Option<&Response>) {
        if let Some(response) = last {
            self.say(response);
        }
        if self.flush().await.is_ok() {
            // A client that has gone already needs no goodbye.
            let _ = self.stream.shutdown().await;
        }
    }
}
