//! The states of RFC 1939 section 3, and which command belongs to which.

use crate::connection::{Connection, End};
use crate::login::Authorization;
use crate::maildrop::Maildrop;
use crate::{capability, retrieve};
use pop3_wire::{Command, Next, Response, ResponseCode, SyntaxError};
use session::{Context, Peer};

/// Each state owns what exists in it.
enum State {
    /// Before the login.
    Authorization(Authorization),
    /// After it.
    Transaction(Box<Maildrop>),
}

/// What a command leads to.
pub(crate) enum Flow {
    /// The next one.
    Continue,
    /// The same, after an answer.
    Answer(Response),
    /// The login succeeded.
    LoggedIn(Box<Maildrop>),
    /// TLS, after its `+OK`.
    StartTls,
    /// The end, after a last answer.
    Close(Response),
}

/// From the greeting to the goodbye.
pub(crate) async fn hold(mut connection: Connection, peer: &Peer, context: &Context) {
    connection.say(&Response::ok(format!("{} POP3 ready", context.hostname)));
    let mut state = State::Authorization(Authorization::default());
    let mut bad_commands = 0;
    loop {
        let flow = match connection.next().await {
            Ok(Next::Command(command)) => obey(&mut state, command, &mut connection, peer, context).await,
            Ok(Next::Invalid(error)) => {
                bad_commands += 1;
                Ok(invalid(error, bad_commands, context))
            }
            // A response belongs to an exchange, which reads it itself.
            Ok(Next::Response(_) | Next::NeedBytes) => Ok(Flow::Continue),
            Err(end) => Err(end),
        };
        match flow {
            Ok(Flow::Continue) => {}
            Ok(Flow::Answer(answer)) => connection.say(&answer),
            Ok(Flow::LoggedIn(maildrop)) => {
                connection.logged_in();
                connection.say(&maildrop.summary());
                state = State::Transaction(maildrop);
            }
            Ok(Flow::StartTls) => match connection.start_tls().await {
                Ok(secure) => {
                    connection = secure;
                    state = State::Authorization(Authorization::default());
                }
                Err(_) => return,
            },
            Ok(Flow::Close(last)) => return connection.close(Some(&last)).await,
            Err(end) => return connection.close(last_words(end).as_ref()).await,
        }
        if let Err(end) = connection.flush_if_full().await {
            return connection.close(last_words(end).as_ref()).await;
        }
    }
}

/// The only place where a command meets a state.
async fn obey(
    state: &mut State,
    command: Command,
    connection: &mut Connection,
    peer: &Peer,
    context: &Context,
) -> Result<Flow, End> {
    match (state, command) {
        (_, Command::Capa) => {
            capability::answer(connection);
            Ok(Flow::Continue)
        }
        (State::Authorization(state), command) => {
            before_login(state, command, connection, peer, context).await
        }
        (State::Transaction(maildrop), command) => after_login(maildrop, command, connection).await,
    }
}

async fn before_login(
    state: &mut Authorization,
    command: Command,
    connection: &mut Connection,
    peer: &Peer,
    context: &Context,
) -> Result<Flow, End> {
    Ok(match command {
        Command::User(name) => state.user(name, connection),
        Command::Pass(password) => state.pass(&password, connection, peer, context).await,
        Command::Auth { mechanism, initial_response } => {
            return state.auth(&mechanism, initial_response, connection, peer, context).await;
        }
        Command::AuthList => {
            capability::mechanisms(connection);
            Flow::Continue
        }
        Command::Stls if connection.can_start_tls() => {
            connection.say(&Response::ok("begin TLS"));
            Flow::StartTls
        }
        Command::Stls => Flow::Answer(Response::err("TLS is active already, or not to be had")),
        Command::Apop => Flow::Answer(Response::err("APOP is not offered")),
        Command::Quit => Flow::Close(Response::ok("goodbye")),
        _ => Flow::Answer(Response::err("log in first")),
    })
}

async fn after_login(
    maildrop: &mut Maildrop,
    command: Command,
    connection: &mut Connection,
) -> Result<Flow, End> {
    if tells_or_changes(&command)
        && let Err(last) = maildrop.login_holds().await
    {
        return Ok(Flow::Close(last));
    }
    Ok(match command {
        Command::Stat => Flow::Answer(maildrop.stat()),
        Command::List(number) => {
            maildrop.list(number, connection).await?;
            Flow::Continue
        }
        Command::Uidl(number) => {
            maildrop.uidl(number, connection).await?;
            Flow::Continue
        }
        Command::Retr(number) => {
            retrieve::run(maildrop, number, None, connection).await?;
            Flow::Continue
        }
        Command::Top { message, lines } => {
            retrieve::run(maildrop, message, Some(lines), connection).await?;
            Flow::Continue
        }
        Command::Dele(number) => Flow::Answer(maildrop.delete(number)),
        Command::Noop => Flow::Answer(Response::ok("")),
        Command::Rset => Flow::Answer(maildrop.reset()),
        Command::Quit => Flow::Close(maildrop.quit().await),
        Command::Utf8 => Flow::Answer(Response::err("UTF8 is not offered")),
        _ => Flow::Answer(Response::err("not after the login")),
    })
}

/// Whether a changed password is to be noticed at a command. It costs a read of the store.
fn tells_or_changes(command: &Command) -> bool {
    matches!(
        command,
        Command::List(_)
            | Command::Uidl(_)
            | Command::Retr(_)
            | Command::Top { .. }
            | Command::Dele(_)
            | Command::Quit
    )
}

fn invalid(error: SyntaxError, bad_commands: u32, context: &Context) -> Flow {
    let response = Response::err(error.to_string());
    if bad_commands < context.limits.bad_commands_max {
        Flow::Answer(response)
    } else {
        Flow::Close(Response::err("too many bad commands"))
    }
}

/// What is said to a client that is sent away. Nothing is deleted then: only QUIT leads to the
/// update (RFC 1939 section 6).
fn last_words(end: End) -> Option<Response> {
    match end {
        End::Gone => None,
        // RFC 1939 section 3: the autologout sends nothing.
        End::TimedOut => None,
        End::Shutdown => {
            Some(Response::err_code(ResponseCode::SysTemp, "server is stopping, try again soon"))
        }
    }
}
