//! ENABLE: RFC 9051 section 6.3.1.

use crate::completion::Completion;
use crate::connection::Connection;
use crate::session_state::Session;
use imap_wire::NameEncoding;
use imap_wire::extension::{Enable, Enableable};

pub(crate) fn run(session: &mut Session, connection: &mut Connection, enable: &Enable) -> Completion {
    let enabled: Vec<Enableable> =
        enable.capabilities.iter().copied().filter(|one| session.enabled.switch_on(*one)).collect();
    connection.out.enabled(&enabled);
    if session.enabled.rev2 {
        connection.receiver().set_encoding(NameEncoding::Utf8);
        connection.out.set_encoding(NameEncoding::Utf8);
    }
    Completion::ok("enabled")
}
