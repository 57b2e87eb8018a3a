//! USER, PASS and AUTH (RFC 1939 section 7, RFC 5034 section 4).

use crate::connection::{Connection, End};
use crate::conversation::Flow;
use crate::maildrop::Maildrop;
use crate::{capability, status};
use pop3_wire::{Next, Response, ResponseCode, SaslResponse, SyntaxError, write_challenge};
use session::{Context, Denied, Peer};
use vocabulary::{Door, Secret};

/// What is known before the login.
#[derive(Debug, Default)]
pub(crate) struct Authorization {
    user: Option<String>,
    failed: u32,
}

impl Authorization {
    /// USER: any name is taken, so that nobody learns which exist.
    pub(crate) fn user(&mut self, name: String, connection: &Connection) -> Flow {
        if !connection.may_authenticate() {
            return Flow::Answer(needs_tls());
        }
        self.user = Some(name);
        Flow::Answer(Response::ok("now the password"))
    }

    /// PASS.
    pub(crate) async fn pass(
        &mut self,
        password: &Secret,
        connection: &Connection,
        peer: &Peer,
        context: &Context,
    ) -> Flow {
        if !connection.may_authenticate() {
            return Flow::Answer(needs_tls());
        }
        match self.user.take() {
            Some(user) => self.enter(&user, password, peer, context).await,
            None => Flow::Answer(Response::err("USER comes first")),
        }
    }

    /// AUTH with a mechanism.
    pub(crate) async fn auth(
        &mut self,
        mechanism: &str,
        initial_response: Option<Secret>,
        connection: &mut Connection,
        peer: &Peer,
        context: &Context,
    ) -> Result<Flow, End> {
        if !capability::MECHANISMS.contains(&mechanism) {
            return Ok(Flow::Answer(Response::err("no such mechanism")));
        }
        if !connection.may_authenticate() {
            return Ok(Flow::Answer(needs_tls()));
        }
        let response = match initial_response {
            Some(response) => response,
            None => match ask(connection).await? {
                Ok(response) => response,
                Err(answer) => return Ok(Flow::Answer(answer)),
            },
        };
        Ok(match session::decode_plain(&response) {
            Some(plain) => self.enter(&plain.user, &plain.password, peer, context).await,
            None => self.failed(status::denied(&Denied::Wrong), context),
        })
    }

    async fn enter(&mut self, user: &str, password: &Secret, peer: &Peer, context: &Context) -> Flow {
        let address = peer.address.ip();
        let asked = context.authenticator.password(user, password.expose(), Door::Pop3, address, None);
        let login = match asked.await {
            Ok(login) => login,
            Err(denied) => return self.failed(status::denied(&denied), context),
        };
        peer.logged_in(&login);
        match Maildrop::open(&context.store, &login).await {
            Ok(maildrop) => Flow::LoggedIn(Box::new(maildrop)),
            Err(error) => Flow::Answer(status::response(&error)),
        }
    }

    fn failed(&mut self, answer: Response, context: &Context) -> Flow {
        self.failed += 1;
        if self.failed < context.limits.failed_logins_max {
            Flow::Answer(answer)
        } else {
            Flow::Close(answer)
        }
    }
}

/// Asks for the client's response with an empty challenge.
async fn ask(connection: &mut Connection) -> Result<Result<Secret, Response>, End> {
    write_challenge("", connection.out());
    connection.expect_response();
    Ok(match connection.next().await? {
        Next::Response(SaslResponse::Base64(response)) => Ok(response),
        Next::Response(SaslResponse::Cancelled) => Err(Response::err("authentication cancelled")),
        Next::Invalid(error) => Err(Response::err(error.to_string())),
        Next::Command(_) | Next::NeedBytes => Err(Response::err(SyntaxError::Sasl.to_string())),
    })
}

/// Not the code AUTH: another password would not help.
fn needs_tls() -> Response {
    Response::err_code(ResponseCode::SysPerm, "a password is taken inside TLS only: send STLS first")
}
