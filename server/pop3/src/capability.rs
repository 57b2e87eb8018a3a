//! CAPA (RFC 2449 section 5).

use crate::connection::Connection;
use pop3_wire::listing::END;
use pop3_wire::{Capability, Response, listing};

/// The mechanisms of AUTH.
pub(crate) const MECHANISMS: &[&str] = &["PLAIN"];

/// Answers with what this connection can do now.
pub(crate) fn answer(connection: &mut Connection) {
    let mut capabilities = vec![
        Capability::Top,
        Capability::Uidl,
        Capability::RespCodes,
        Capability::AuthRespCode,
        Capability::Pipelining,
    ];
    if connection.can_start_tls() {
        capabilities.push(Capability::Stls);
    }
    // A login that would be refused is not offered.
    if connection.may_authenticate() {
        capabilities.push(Capability::User);
        capabilities.push(Capability::Sasl(MECHANISMS.to_vec()));
    }
    connection.say(&Response::ok("capabilities follow"));
    for capability in &capabilities {
        listing::write_line(capability, connection.out());
    }
    connection.out().extend_from_slice(END);
}

/// Answers a bare `AUTH`: the list of mechanisms.
pub(crate) fn mechanisms(connection: &mut Connection) {
    connection.say(&Response::ok("mechanisms follow"));
    let offered = if connection.may_authenticate() { MECHANISMS } else { &[] };
    for mechanism in offered {
        listing::write_line(mechanism, connection.out());
    }
    connection.out().extend_from_slice(END);
}
