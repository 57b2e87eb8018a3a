//! What clients are told of this house: under which names and ports its doors are reached.

use crate::config::{HttpSection, ServerSection};
use crate::doors::Doors;
use anyhow::Result;
use autodiscover_server::{MailDoor, Served};
use std::net::TcpListener;
use vocabulary::Door;

/// The doors as they were bound.
pub(crate) fn served(server: &ServerSection, http: &HttpSection, doors: &Doors) -> Result<Served> {
    let https_port = port(&doors.https)?;
    let mail_doors = [
        (&doors.imaps, Door::Imap, true),
        (&doors.imap, Door::Imap, false),
        (&doors.pop3s, Door::Pop3, true),
        (&doors.pop3, Door::Pop3, false),
        (&doors.submissions, Door::Submission, true),
        (&doors.submission, Door::Submission, false),
    ];
    let mut mail = Vec::new();
    for (listeners, door, implicit_tls) in mail_doors {
        if let Some(port) = port(listeners)? {
            mail.push(MailDoor { door, port, implicit_tls });
        }
    }
    Ok(Served {
        base_url: http.base_url(server, https_port),
        mail_host: server.hostname.clone(),
        mail,
        active_sync: http.activesync,
    })
}

fn port(listeners: &[TcpListener]) -> Result<Option<u16>> {
    listeners.first().map(|listener| Ok(listener.local_addr()?.port())).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ListenSection;

    #[test]
    fn only_doors_that_are_open_are_told_with_their_real_ports() {
        let any = || vec!["127.0.0.1:0".parse().unwrap()];
        let listen =
            ListenSection { imap: any(), submissions: any(), https: any(), ..ListenSection::default() };
        let doors = Doors::bind(&listen).unwrap();
        let server = ServerSection { hostname: "mail.a.test".to_owned(), ..ServerSection::default() };
        let told = served(&server, &HttpSection::default(), &doors).unwrap();
        let ports: Vec<_> = told.mail.iter().map(|door| (door.door, door.implicit_tls)).collect();
        assert_eq!(ports, [(Door::Imap, false), (Door::Submission, true)]);
        assert!(told.mail.iter().all(|door| door.port != 0));
        assert!(told.active_sync && told.base_url.starts_with("https://mail.a.test:"), "{told:?}");
    }
}
