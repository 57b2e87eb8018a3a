//! The states of a conversation: RFC 9051 section 3. Each owns exactly the data that exist in it.

use crate::capability;
use crate::command;
use crate::completion::{Completion, Failure, Outcome};
use crate::connection::{Connection, End};
use crate::extension::{id, idle};
use crate::folder;
use crate::login::{self, Credentials};
use crate::mailbox::{Mailbox, Tells};
use crate::session_state::Session;
use crate::status;
use imap_wire::command::Selected as OnMessages;
use imap_wire::command::{AnyState, Authenticated as OnFolders, NotAuthenticated as BeforeLogin, Select};
use imap_wire::response::{Code, Condition};
use imap_wire::{Body, Command, Next, Refused, Tag};
use session::{Context, Peer};

/// Before the login.
#[derive(Debug, Default)]
struct NotAuthenticated {
    failed_logins: u32,
}

/// With a mailbox.
struct Selected {
    session: Session,
    mailbox: Mailbox,
}

enum State {
    NotAuthenticated(NotAuthenticated),
    /// STARTTLS was granted.
    StartingTls(NotAuthenticated),
    Authenticated(Box<Session>),
    Selected(Box<Selected>),
    Logout,
}

/// The whole conversation.
pub(crate) async fn converse(mut connection: Connection, peer: Peer, context: Context) {
    let capabilities = capability::before_login(&connection);
    let ready = format!("{} is ready", context.hostname);
    connection.out.untagged(Condition::Ok, Some(&Code::Capability(&capabilities)), &ready);
    let mut conversation = Conversation { peer, context, bad_commands: 0 };
    let mut state = State::NotAuthenticated(NotAuthenticated::default());
    loop {
        state = match state {
            State::Logout => return connection.close(None).await,
            State::StartingTls(before) => match connection.start_tls().await {
                Ok(encrypted) => {
                    connection = encrypted;
                    State::NotAuthenticated(before)
                }
                Err(_) => return,
            },
            state => match Box::pin(conversation.step(state, &mut connection)).await {
                Ok(next) => next,
                Err(end) => return connection.close(Some(end)).await,
            },
        };
    }
}

struct Conversation {
    peer: Peer,
    context: Context,
    bad_commands: u32,
}

impl Conversation {
    /// Takes what the client says next.
    async fn step(&mut self, state: State, connection: &mut Connection) -> Result<State, End> {
        match connection.next().await? {
            Next::Received(Command { tag, body }) => self.handle(state, connection, &tag, body).await,
            Next::AppendStart { tag, mailbox, message } => match state {
                State::Authenticated(session) => {
                    let outcome = folder::append::run(&session, connection, &tag, mailbox, message).await;
                    session.require_login_after(&outcome).await?;
                    finish(outcome, connection, &tag)?;
                    Ok(State::Authenticated(session))
                }
                State::Selected(selected) => {
                    let outcome =
                        folder::append::run(&selected.session, connection, &tag, mailbox, message).await;
                    selected.finish(outcome, connection, &tag, Tells::All).await
                }
                state => {
                    connection.receiver().refuse_append();
                    Ok(self.bad(state, connection, Some(&tag), "log in first"))
                }
            },
            Next::Bad(bad) => Ok(self.bad(state, connection, bad.tag.as_ref(), &bad.error.to_string())),
            Next::Refused { tag, refused } => Ok(self.refused(state, connection, tag.as_ref(), refused)),
            Next::GiveUp => {
                connection.bye("that is more than will be read");
                Ok(State::Logout)
            }
            // Parts of an APPEND or of IDLE that nobody waits for: they were asked for and read there.
            _ => Ok(self.bad(state, connection, None, "out of order")),
        }
    }

    /// Answers BAD; a client that only makes mistakes is sent away.
    fn bad(&mut self, state: State, connection: &mut Connection, tag: Option<&Tag>, text: &str) -> State {
        connection.out.done(tag, Condition::Bad, None, text);
        self.bad_commands += 1;
        if self.bad_commands < self.context.limits.bad_commands_max {
            return state;
        }
        connection.bye("too many bad commands");
        State::Logout
    }

    fn refused(
        &mut self,
        state: State,
        connection: &mut Connection,
        tag: Option<&Tag>,
        refused: Refused,
    ) -> State {
        match refused {
            Refused::Command => self.bad(state, connection, tag, "the command is too long"),
            Refused::Literals => self.bad(state, connection, tag, "too many literals"),
            Refused::Message => {
                // RFC 7889 section 4.
                let text = "the message is larger than APPENDLIMIT";
                connection.out.done(tag, Condition::No, Some(&Code::TooBig), text);
                state
            }
        }
    }

    /// The only place where a command meets a state. What changes the state takes it by value and
    /// returns the next one; all else borrows.
    async fn handle(
        &mut self,
        state: State,
        connection: &mut Connection,
        tag: &Tag,
        body: Body,
    ) -> Result<State, End> {
        match (state, body) {
            (state, Body::Any(body)) => self.any(state, connection, tag, body).await,
            (State::NotAuthenticated(before), Body::NotAuthenticated(body)) => {
                self.log_in(before, connection, tag, body).await
            }
            (State::Authenticated(session), Body::Authenticated(OnFolders::Select(body))) => {
                select(*session, connection, tag, &body, false).await
            }
            (State::Authenticated(session), Body::Authenticated(OnFolders::Examine(body))) => {
                select(*session, connection, tag, &body, true).await
            }
            (State::Selected(selected), Body::Authenticated(OnFolders::Select(body))) => {
                select(selected.close(connection), connection, tag, &body, false).await
            }
            (State::Selected(selected), Body::Authenticated(OnFolders::Examine(body))) => {
                select(selected.close(connection), connection, tag, &body, true).await
            }
            (State::Authenticated(session), Body::Authenticated(OnFolders::Idle)) => {
                let outcome = idle::without_mailbox(&session, connection).await;
                finish(outcome, connection, tag)?;
                Ok(State::Authenticated(session))
            }
            (State::Selected(mut selected), Body::Authenticated(OnFolders::Idle)) => {
                let Selected { session, mailbox } = &mut *selected;
                let outcome = idle::run(session, mailbox, connection).await;
                selected.finish(outcome, connection, tag, Tells::All).await
            }
            (State::Authenticated(mut session), Body::Authenticated(body)) => {
                session.enabled.condstore |= body.enables_condstore();
                let outcome = folder::run(&mut session, connection, body).await;
                session.require_login_after(&outcome).await?;
                finish(outcome, connection, tag)?;
                Ok(State::Authenticated(session))
            }
            (State::Selected(mut selected), Body::Authenticated(body)) => {
                if body.enables_condstore() {
                    selected.enable_condstore(connection);
                }
                let deletes = matches!(body, OnFolders::Delete(_));
                let outcome = folder::run(&mut selected.session, connection, body).await;
                if deletes && selected.is_gone().await? {
                    let session = selected.close(connection);
                    finish(outcome, connection, tag)?;
                    return Ok(State::Authenticated(Box::new(session)));
                }
                selected.finish(outcome, connection, tag, Tells::All).await
            }
            (State::Selected(selected), Body::Selected(OnMessages::Unselect)) => {
                let Selected { session, .. } = *selected;
                finish(Ok(Completion::ok("unselected")), connection, tag)?;
                Ok(State::Authenticated(Box::new(session)))
            }
            (State::Selected(mut selected), Body::Selected(OnMessages::Close)) => {
                let Selected { session, mailbox } = &mut *selected;
                let outcome = command::expunge::close(session, mailbox).await;
                finish(outcome, connection, tag)?;
                Ok(State::Authenticated(Box::new(selected.session)))
            }
            (State::Selected(mut selected), Body::Selected(body)) => {
                if body.enables_condstore() {
                    selected.enable_condstore(connection);
                }
                let tells = command::tells(&body);
                let Selected { session, mailbox } = &mut *selected;
                let outcome = command::run(session, mailbox, connection, tag, body).await;
                selected.finish(outcome, connection, tag, tells).await
            }
            (state @ State::NotAuthenticated(_), _) => {
                Ok(self.bad(state, connection, Some(tag), "log in first"))
            }
            (state, Body::NotAuthenticated(_)) => {
                Ok(self.bad(state, connection, Some(tag), "you are logged in"))
            }
            (state, _) => Ok(self.bad(state, connection, Some(tag), "select a mailbox first")),
        }
    }

    /// Commands for every state: RFC 9051 section 6.1.
    async fn any(
        &mut self,
        state: State,
        connection: &mut Connection,
        tag: &Tag,
        body: AnyState,
    ) -> Result<State, End> {
        let completion = match body {
            AnyState::Capability => {
                let all = match &state {
                    State::Authenticated(_) | State::Selected(_) => {
                        capability::after_login(self.context.limits.message_bytes_max)
                    }
                    _ => capability::before_login(connection),
                };
                connection.out.capability(&all);
                Completion::ok("that is all")
            }
            AnyState::Noop => Completion::ok("nothing done"),
            AnyState::Id(_) => id::run(&mut connection.out),
            AnyState::Logout => {
                connection.bye("until next time");
                finish(Ok(Completion::ok("logged out")), connection, tag)?;
                return Ok(State::Logout);
            }
        };
        match state {
            State::Selected(selected) => selected.finish(Ok(completion), connection, tag, Tells::All).await,
            state => {
                finish(Ok(completion), connection, tag)?;
                Ok(state)
            }
        }
    }

    /// Commands before the login: RFC 9051 section 6.2.
    async fn log_in(
        &mut self,
        mut before: NotAuthenticated,
        connection: &mut Connection,
        tag: &Tag,
        body: BeforeLogin,
    ) -> Result<State, End> {
        let credentials: Result<Credentials, Failure> = match body {
            BeforeLogin::StartTls if connection.can_start_tls() => {
                finish(Ok(Completion::ok("begin TLS")), connection, tag)?;
                return Ok(State::StartingTls(before));
            }
            BeforeLogin::StartTls => Err(Completion::bad("TLS cannot be started here").into()),
            BeforeLogin::Login(body) => {
                login::require_privacy(connection).map(|()| body.into()).map_err(Failure::from)
            }
            BeforeLogin::Authenticate(body) => login::plain(connection, body).await,
        };
        let credentials = match credentials {
            Ok(credentials) => credentials,
            Err(failure) => {
                finish(Err(failure), connection, tag)?;
                return Ok(State::NotAuthenticated(before));
            }
        };
        if let Some(session) = login::run(connection, &self.peer, &self.context, tag, credentials).await {
            return Ok(State::Authenticated(Box::new(session)));
        }
        before.failed_logins += 1;
        if before.failed_logins < self.context.limits.failed_logins_max {
            return Ok(State::NotAuthenticated(before));
        }
        connection.bye("too many failed logins");
        Ok(State::Logout)
    }
}

/// SELECT and EXAMINE. If it fails, no mailbox is selected (RFC 9051 section 6.3.2).
async fn select(
    mut session: Session,
    connection: &mut Connection,
    tag: &Tag,
    body: &Select,
    read_only: bool,
) -> Result<State, End> {
    match folder::select::run(&mut session, connection, body, read_only).await {
        Ok((mailbox, completion)) => {
            finish(Ok(completion), connection, tag)?;
            Ok(State::Selected(Box::new(Selected { session, mailbox })))
        }
        Err(failure) => {
            let outcome = Err(failure);
            session.require_login_after(&outcome).await?;
            finish(outcome, connection, tag)?;
            Ok(State::Authenticated(Box::new(session)))
        }
    }
}

impl Selected {
    /// From here on stamps are told. The client is given one to start from: that of what it knows, not
    /// of what it is about to be told.
    fn enable_condstore(&mut self, connection: &mut Connection) {
        if std::mem::replace(&mut self.session.enabled.condstore, true) {
            return;
        }
        let code = Code::HighestModSeq(self.mailbox.view.told());
        connection.out.untagged(Condition::Ok, Some(&code), "stamps are told from now on");
    }

    /// RFC 9051 section 7.1, `CLOSED`: what follows is about another mailbox.
    fn close(self, connection: &mut Connection) -> Session {
        connection.out.untagged(Condition::Ok, Some(&Code::Closed), "the mailbox is closed");
        self.session
    }

    async fn is_gone(&mut self) -> Result<bool, End> {
        match self.mailbox.catch_up(&self.session, None).await {
            Err(Failure::MailboxGone) => Ok(true),
            Err(Failure::End(end)) => Err(end),
            // The command's own end looks again and tells.
            Ok(()) | Err(Failure::Store(_) | Failure::Answer(_)) => Ok(false),
        }
    }

    /// Tells what has changed meanwhile, then how the command ended.
    async fn finish(
        mut self: Box<Self>,
        outcome: Outcome,
        connection: &mut Connection,
        tag: &Tag,
        tells: Tells,
    ) -> Result<State, End> {
        let caught_up = match outcome {
            Err(Failure::End(end)) => return Err(end),
            Err(Failure::MailboxGone) => Err(Failure::MailboxGone),
            Ok(_) | Err(_) => self.mailbox.catch_up(&self.session, None).await,
        };
        self.session.require_login_after(&outcome).await?;
        self.session.require_login_after(&caught_up).await?;
        match caught_up {
            Ok(()) => match self.mailbox.report(&self.session, connection, tells).await {
                Ok(()) | Err(Failure::Store(_) | Failure::Answer(_) | Failure::MailboxGone) => {}
                Err(Failure::End(end)) => return Err(end),
            },
            Err(Failure::MailboxGone) => {
                // RFC 2180: a mailbox that was deleted under a session.
                finish(outcome, connection, tag)?;
                connection.bye("the mailbox was deleted or is no longer shared with you");
                return Ok(State::Logout);
            }
            Err(Failure::End(end)) => return Err(end),
            Err(Failure::Store(error)) => {
                // The command itself is done; what is new comes with the next one.
                let _ = status::completion(&error);
            }
            Err(Failure::Answer(_)) => {}
        }
        finish(outcome, connection, tag)?;
        Ok(State::Selected(self))
    }
}

/// Writes how a command ended.
fn finish(outcome: Outcome, connection: &mut Connection, tag: &Tag) -> Result<(), End> {
    let completion = match outcome {
        Ok(completion) | Err(Failure::Answer(completion)) => completion,
        Err(Failure::Store(error)) => status::completion(&error),
        Err(Failure::MailboxGone) => Completion::no(Code::NonExistent, "the mailbox is gone"),
        Err(Failure::End(end)) => return Err(end),
    };
    completion.write(tag, &mut connection.out);
    Ok(())
}
