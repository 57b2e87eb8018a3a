//! What is offered, and when: RFC 9051 section 6.1.1.

use crate::connection::Connection;
use imap_wire::capability::Capability;

/// What can be done once the client is known.
const AFTER_LOGIN: &[&str] = &[
    "CHILDREN",
    "CONDSTORE",
    "ENABLE",
    "ESEARCH",
    "IDLE",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "MOVE",
    "MULTIAPPEND",
    "NAMESPACE",
    "OBJECTID",
    "PREVIEW",
    "QRESYNC",
    "QUOTA",
    "QUOTA=RES-STORAGE",
    "SAVEDATE",
    "SEARCHRES",
    "SPECIAL-USE",
    "CREATE-SPECIAL-USE",
    "STATUS=SIZE",
    "STATUS=DELETED",
    "UIDPLUS",
    "UNSELECT",
    "WITHIN",
    "BINARY",
];

/// Before login: what helps to log in.
pub(crate) fn before_login(connection: &Connection) -> Vec<Capability<'static>> {
    let mut all = first();
    if connection.can_start_tls() {
        all.push(Capability::Named("STARTTLS"));
    }
    if connection.may_authenticate() {
        all.push(Capability::Auth("PLAIN"));
    } else {
        // RFC 9051 section 6.2.3.
        all.push(Capability::Named("LOGINDISABLED"));
    }
    all
}

/// After login: everything.
pub(crate) fn after_login(message_bytes_max: usize) -> Vec<Capability<'static>> {
    let mut all = first();
    all.extend(AFTER_LOGIN.iter().map(|name| Capability::Named(name)));
    all.push(Capability::AppendLimit(message_bytes_max as u64));
    all
}

fn first() -> Vec<Capability<'static>> {
    ["IMAP4rev1", "IMAP4rev2", "ID", "LITERAL+", "SASL-IR"].map(Capability::Named).to_vec()
}
