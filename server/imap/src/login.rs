//! LOGIN and AUTHENTICATE: RFC 9051 sections 6.2.2 and 6.2.3; PLAIN is RFC 4616.

use crate::capability;
use crate::completion::{Completion, Failure};
use crate::connection::{Connection, End};
use crate::session_state::Session;
use crate::status;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use imap_wire::command::{Authenticate, Login};
use imap_wire::response::{Code, Condition};
use imap_wire::{Next, Tag};
use session::{Context, Peer};
use vocabulary::Door;

/// Longest line of a SASL exchange: a user name and a password, each in their limits, in base64.
const SASL_LINE_BYTES_MAX: usize = 4 * 1024;

/// A user name and a password.
pub(crate) struct Credentials {
    user: String,
    password: String,
}

impl From<Login> for Credentials {
    fn from(login: Login) -> Self {
        Self { user: login.user, password: login.password }
    }
}

/// Passwords are asked for only where nobody can listen.
pub(crate) fn require_privacy(connection: &Connection) -> Result<(), Completion> {
    if connection.may_authenticate() {
        return Ok(());
    }
    Err(Completion::no(Code::PrivacyRequired, "say STARTTLS first"))
}

/// AUTHENTICATE PLAIN: what the client says about itself.
pub(crate) async fn plain(
    connection: &mut Connection,
    command: Authenticate,
) -> Result<Credentials, Failure> {
    require_privacy(connection)?;
    if command.mechanism != "PLAIN" {
        return Err(Completion::no(Code::Cannot, "of the mechanisms only PLAIN is known").into());
    }
    let base64 = match command.initial_response {
        Some(response) => response.into_bytes(),
        None => ask(connection).await?,
    };
    if base64 == b"*" {
        // RFC 9051 section 6.2.2.
        return Err(Completion::bad("the client gave up").into());
    }
    let decoded = STANDARD.decode(base64).map_err(|_| Completion::bad("that was no base64"))?;
    read_plain(&decoded).ok_or_else(|| Completion::bad("that was no PLAIN response").into())
}

async fn ask(connection: &mut Connection) -> Result<Vec<u8>, Failure> {
    connection.out.continuation("");
    connection.receiver().expect_line(SASL_LINE_BYTES_MAX);
    match connection.next().await? {
        Next::Line(line) => Ok(line),
        Next::Bad(bad) => Err(Completion::bad(bad.error.to_string()).into()),
        _ => Err(End::Gone.into()),
    }
}

/// RFC 4616 section 2: `[authzid] NUL authcid NUL passwd`. One cannot act for another by it.
fn read_plain(response: &[u8]) -> Option<Credentials> {
    let mut parts = std::str::from_utf8(response).ok()?.split('\0');
    let (acting_for, user, password) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !(acting_for.is_empty() || acting_for == user) {
        return None;
    }
    Some(Credentials { user: user.to_owned(), password: password.to_owned() })
}

/// Checks the password. `Ok(None)`: it was wrong, and the client has been told.
pub(crate) async fn run(
    connection: &mut Connection,
    peer: &Peer,
    context: &Context,
    tag: &Tag,
    credentials: Credentials,
) -> Option<Session> {
    let address = peer.address.ip();
    let Credentials { user, password } = credentials;
    let checked = context.authenticator.password(&user, &password, Door::Imap, address, None).await;
    match checked {
        Ok(login) => {
            peer.logged_in(&login);
            let message_bytes_max = context.limits.message_bytes_max;
            connection.logged_in(message_bytes_max);
            let capabilities = capability::after_login(message_bytes_max);
            let code = Code::Capability(&capabilities);
            connection.out.done(Some(tag), Condition::Ok, Some(&code), "welcome");
            Some(Session::new(context, &login))
        }
        Err(denied) => {
            status::denied(&denied).write(tag, &mut connection.out);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_responses() {
        let read = |text: &[u8]| read_plain(text).map(|known| (known.user, known.password));
        let known = Some(("anna".to_owned(), "secret".to_owned()));
        assert_eq!(read(b"\0anna\0secret"), known);
        assert_eq!(read(b"anna\0anna\0secret"), known);
        for wrong in [&b"ben\0anna\0secret"[..], b"anna\0secret", b"", b"\0a\0b\0c", b"\0a\0\xff"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
