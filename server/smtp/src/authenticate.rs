//! AUTH PLAIN and LOGIN (RFC 4954 section 4).

use crate::connection::{End, Line};
use crate::conversation::{Conversation, Flow, out_of_order};
use crate::hello::MECHANISMS;
use crate::status;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use session::Denied;
use session::Plain;
use smtp_wire::{Dialect, Enhanced, Reply, SaslResponse, SyntaxError};
use vocabulary::{Door, Secret};

/// `Username:` and `Password:` in Base64.
const ASK_USER: &str = "VXNlcm5hbWU6";
const ASK_PASSWORD: &str = "UGFzc3dvcmQ6";

impl Conversation<'_> {
    pub(crate) async fn auth(
        &mut self,
        mechanism: &str,
        initial_response: Option<Secret>,
    ) -> Result<Flow, End> {
        if self.transaction.dialect() != Dialect::Submission {
            return Ok(Flow::Answer(Reply::new(502, Enhanced(5, 5, 1), "AUTH is not offered")));
        }
        if let Err(error) = self.transaction.may_authenticate() {
            return Ok(out_of_order(error));
        }
        if !MECHANISMS.contains(&mechanism) {
            return Ok(Flow::Answer(Reply::mechanism_unknown()));
        }
        if !self.connection.may_authenticate() {
            return Ok(Flow::Answer(Reply::encryption_required()));
        }
        let credentials = match mechanism {
            "PLAIN" => self.plain(initial_response).await?,
            _ => self.login(initial_response).await?,
        };
        Ok(match credentials {
            Ok(credentials) => self.enter(&credentials).await,
            Err(reply) => Flow::Answer(reply),
        })
    }

    async fn plain(&mut self, initial_response: Option<Secret>) -> Result<Result<Plain, Reply>, End> {
        let response = match initial_response {
            Some(response) => response,
            None => match self.ask("").await? {
                Ok(response) => response,
                Err(reply) => return Ok(Err(reply)),
            },
        };
        Ok(session::decode_plain(&response).ok_or_else(Reply::credentials_invalid))
    }

    async fn login(&mut self, initial_response: Option<Secret>) -> Result<Result<Plain, Reply>, End> {
        let user = match initial_response {
            Some(user) => user,
            None => match self.ask(ASK_USER).await? {
                Ok(user) => user,
                Err(reply) => return Ok(Err(reply)),
            },
        };
        let password = match self.ask(ASK_PASSWORD).await? {
            Ok(password) => password,
            Err(reply) => return Ok(Err(reply)),
        };
        let text = |base64: &Secret| String::from_utf8(STANDARD.decode(base64.expose()).ok()?).ok();
        Ok(match (text(&user), text(&password)) {
            (Some(user), Some(password)) => Ok(Plain { user, password: Secret::new(password) }),
            _ => Err(SyntaxError::Base64.reply()),
        })
    }

    /// Sends a challenge and waits for the response.
    async fn ask(&mut self, challenge: &str) -> Result<Result<Secret, Reply>, End> {
        self.connection.say(&Reply::challenge(challenge));
        self.connection.expect_response();
        Ok(match self.connection.line().await? {
            Line::Response(SaslResponse::Base64(response)) => Ok(response),
            Line::Response(SaslResponse::Cancelled) => Err(Reply::authentication_cancelled()),
            // RFC 4954 section 4.
            Line::Invalid(SyntaxError::TooLong) => {
                Err(Reply::new(500, Enhanced(5, 5, 6), "authentication line too long"))
            }
            Line::Invalid(error) => Err(error.reply()),
            Line::Command(_) => Err(SyntaxError::Argument.reply()),
        })
    }

    async fn enter(&mut self, credentials: &Plain) -> Flow {
        let (user, password) = (&credentials.user, credentials.password.expose());
        let address = self.peer.address.ip();
        let authenticator = &self.context.authenticator;
        match authenticator.password(user, password, Door::Submission, address, None).await {
            Ok(login) => {
                self.peer.logged_in(&login);
                self.connection.logged_in();
                self.transaction.set_authenticated();
                self.login = Some(login);
                Flow::Answer(Reply::authenticated())
            }
            Err(denied) => self.failed(&denied),
        }
    }

    fn failed(&mut self, denied: &Denied) -> Flow {
        self.failed_logins += 1;
        let reply = status::denied(denied);
        if self.failed_logins < self.context.limits.failed_logins_max {
            Flow::Answer(reply)
        } else {
            Flow::Close(reply)
        }
    }
}
