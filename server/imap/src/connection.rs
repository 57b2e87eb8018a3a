//! Bytes in, bytes out: the only file that reads and writes the connection.

use imap_wire::response::{Code, Condition};
use imap_wire::{Limits, Next, Output, Receiver};
use session::{Context, Stream, Tasks};
use std::future::{pending, poll_fn};
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::time::Sleep;

/// Read at once; only on the stack, and only while bytes are there.
const READ_BYTES: usize = 16 * 1024;
/// Responses are gathered up to here, then sent.
const FLUSH_BYTES: usize = 64 * 1024;
/// What an idle connection may keep of its output buffer.
const IDLE_BYTES_MAX: usize = 4 * 1024;

/// Why a conversation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The client has gone, or takes nothing.
    Gone,
    /// The client said nothing for too long, or did not log in in time.
    TimedOut,
    /// The server stops.
    Shutdown,
    /// The message that the client announced comes too slowly.
    TooSlow,
    /// The account is closed, or its password is another one now.
    LoggedOut,
}

/// One connection with what is to be sent on it.
pub(crate) struct Connection {
    stream: Stream,
    receiver: Receiver,
    /// What waits to be sent.
    pub(crate) out: Output,
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
            receiver: Receiver::new(Limits::BEFORE_LOGIN),
            out: Output::default(),
            tasks: context.tasks.clone(),
            idle_timeout: Duration::from_secs(context.limits.idle_timeout_s),
            login_deadline: Some(Box::pin(tokio::time::sleep(login_within))),
        }
    }

    /// What comes next from the client. What waits to be sent is sent before anything is waited for.
    ///
    /// Loses nothing when it is dropped while it waits, provided that nothing waited to be sent.
    pub(crate) async fn next(&mut self) -> Result<Next, End> {
        loop {
            match self.receiver.next() {
                Next::NeedBytes => {
                    self.flush().await?;
                    self.read().await?;
                }
                Next::SayContinue => self.out.continuation("go ahead"),
                next => return Ok(next),
            }
        }
    }

    async fn read(&mut self) -> Result<(), End> {
        let Self { stream, receiver, tasks, login_deadline, idle_timeout, .. } = self;
        let deadline = async {
            match login_deadline {
                Some(deadline) => deadline.await,
                None => pending().await,
            }
        };
        let some = poll_fn(|cx| {
            let mut room = [MaybeUninit::uninit(); READ_BYTES];
            let mut piece = ReadBuf::uninit(&mut room);
            ready!(Pin::new(&mut *stream).poll_read(cx, &mut piece))?;
            receiver.feed(piece.filled());
            Poll::Ready(io::Result::Ok(piece.filled().len()))
        });
        tokio::select! {
            read = some => match read {
                Ok(0) | Err(_) => Err(End::Gone),
                Ok(_) => Ok(()),
            },
            () = tasks.requested() => Err(End::Shutdown),
            () = tokio::time::sleep(*idle_timeout) => Err(End::TimedOut),
            () = deadline => Err(End::TimedOut),
        }
    }

    /// Sends what waits if it is much.
    pub(crate) async fn flush_if_full(&mut self) -> Result<(), End> {
        if self.out.len() >= FLUSH_BYTES { self.flush().await } else { Ok(()) }
    }

    /// Sends what waits.
    pub(crate) async fn flush(&mut self) -> Result<(), End> {
        if self.out.is_empty() {
            return Ok(());
        }
        let sent = async {
            self.stream.write_all(self.out.as_bytes()).await?;
            self.stream.flush().await
        };
        let sent = sent.await;
        if self.out.len() > IDLE_BYTES_MAX {
            drop(self.out.take());
        } else {
            self.out.clear();
        }
        sent.map_err(|_| End::Gone)
    }

    /// The bytes of a literal whose header was written: few are gathered, many are sent from where they
    /// are.
    pub(crate) async fn literal(&mut self, bytes: &[u8]) -> Result<(), End> {
        if bytes.len() < FLUSH_BYTES {
            self.out.raw(bytes);
            return Ok(());
        }
        self.flush().await?;
        self.stream.write_all(bytes).await.map_err(|_| End::Gone)
    }

    /// How long a client that idles may say nothing.
    pub(crate) fn idle_timeout(&self) -> Duration {
        self.idle_timeout
    }

    /// The reading end: what it takes from now on.
    pub(crate) fn receiver(&mut self) -> &mut Receiver {
        &mut self.receiver
    }

    /// A login succeeded: from now on only silence ends the connection.
    pub(crate) fn logged_in(&mut self, message_bytes_max: usize) {
        self.login_deadline = None;
        let message_bytes_max = message_bytes_max as u64;
        self.receiver.set_limits(Limits { message_bytes_max, ..Limits::AFTER_LOGIN });
    }

    pub(crate) fn can_start_tls(&self) -> bool {
        self.stream.can_start_tls()
    }

    pub(crate) fn may_authenticate(&self) -> bool {
        self.stream.may_authenticate()
    }

    /// Sends the OK and does the handshake. What came in the clear is thrown away
    /// (RFC 9051 section 6.2.1).
    pub(crate) async fn start_tls(mut self) -> Result<Self, End> {
        self.flush().await?;
        self.receiver.discard();
        let stream = self.stream.start_tls().await.map_err(|_| End::Gone)?;
        Ok(Self { stream, ..self })
    }

    /// Says why, as far as the client can hear it, and closes.
    pub(crate) async fn close(mut self, end: Option<End>) {
        match end {
            Some(End::Gone) => return,
            // RFC 9051 section 7.1.5.
            Some(End::TimedOut) => self.bye("you were silent for too long"),
            Some(End::Shutdown) => self.out.untagged(
                Condition::Bye,
                Some(&Code::Unavailable),
                "the server stops; come again soon",
            ),
            Some(End::TooSlow) => self.bye("the message comes too slowly"),
            Some(End::LoggedOut) => {
                self.out.untagged(Condition::Bye, Some(&Code::Unavailable), "log in again");
            }
            None => {}
        }
        if self.flush().await.is_ok() {
            // A client that has gone already needs no goodbye.
            let _ = self.stream.shutdown().await;
        }
    }

    pub(crate) fn bye(&mut self, text: &str) {
        self.out.untagged(Condition::Bye, None, text);
    }
}
