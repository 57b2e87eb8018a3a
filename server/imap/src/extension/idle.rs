//! IDLE: RFC 9051 section 6.3.13 (RFC 2177).
//!
//! Subscribe first, then look, then sleep: no change can fall in between. Nothing is sent to a client
//! that has nothing to learn.

use crate::completion::{Completion, Failure, Outcome};
use crate::connection::{Connection, End};
use crate::mailbox::{Mailbox, Tells};
use crate::session_state::Session;
use imap_wire::Next;
use std::pin::pin;

/// DONE, and room for what is not.
const LINE_BYTES_MAX: usize = 64;

/// Watches the selected mailbox until the client says DONE.
pub(crate) async fn run(session: &Session, mailbox: &mut Mailbox, connection: &mut Connection) -> Outcome {
    let mut wakes = session.store.wakes(&[mailbox.account, session.account]);
    begin(connection);
    // Of the whole command: what others do is no sign of life of this client.
    let mut deadline = pin!(tokio::time::sleep(connection.idle_timeout()));
    loop {
        mailbox.catch_up(session, None).await?;
        mailbox.report(session, connection, Tells::All).await?;
        // Before the wait: `next` may be dropped only while nothing waits to be sent.
        connection.flush().await?;
        tokio::select! {
            next = connection.next() => return ended(next?),
            () = wakes.any() => session.require_login().await?,
            () = &mut deadline => return Err(End::TimedOut.into()),
        }
    }
}

/// Without a mailbox there is nothing to watch but whether the login holds.
pub(crate) async fn without_mailbox(session: &Session, connection: &mut Connection) -> Outcome {
    let mut wakes = session.store.wakes(&[session.account]);
    begin(connection);
    let mut deadline = pin!(tokio::time::sleep(connection.idle_timeout()));
    loop {
        session.require_login().await?;
        connection.flush().await?;
        tokio::select! {
            next = connection.next() => return ended(next?),
            () = wakes.any() => {}
            () = &mut deadline => return Err(End::TimedOut.into()),
        }
    }
}

fn begin(connection: &mut Connection) {
    connection.receiver().expect_line(LINE_BYTES_MAX);
    connection.out.continuation("idling");
}

fn ended(next: Next) -> Outcome {
    match next {
        Next::Line(line) if line.eq_ignore_ascii_case(b"DONE") => Ok(Completion::ok("idled")),
        Next::Line(_) | Next::Bad(_) => Ok(Completion::bad("expected DONE")),
        _ => Err(Failure::End(End::Gone)),
    }
}
