//! The demo's ports: the usual ones where they are free.

use crate::doors::Doors;
use anyhow::{Context as _, Result};
use std::net::{Ipv4Addr, TcpListener};

/// Which ports the demo takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DemoPorts {
    /// Those of the documentation, or a free one in place of a taken one.
    Usual,
    /// Any free ones.
    Free,
}

/// The only address of the demo: nobody but this machine reaches it.
pub(super) const HOST: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Where each door listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DemoAddresses {
    pub(super) https: u16,
    pub(super) http: u16,
    pub(super) imap: u16,
    pub(super) imaps: u16,
    pub(super) pop3: u16,
    pub(super) pop3s: u16,
    pub(super) lmtp: u16,
    pub(super) submission: u16,
    pub(super) submissions: u16,
}

impl DemoAddresses {
    /// What URLs of the demo begin with.
    pub(crate) fn base_url(&self) -> String {
        format!("https://{HOST}:{}", self.https)
    }
}

/// Binds every door.
pub(crate) fn bind(ports: DemoPorts) -> Result<(Doors, DemoAddresses)> {
    let mut doors = Doors::default();
    let addresses = DemoAddresses {
        https: bind_one(ports, 8443, &mut doors.https)?,
        http: bind_one(ports, 8080, &mut doors.http)?,
        imap: bind_one(ports, 1143, &mut doors.imap)?,
        imaps: bind_one(ports, 1993, &mut doors.imaps)?,
        pop3: bind_one(ports, 1110, &mut doors.pop3)?,
        pop3s: bind_one(ports, 1995, &mut doors.pop3s)?,
        lmtp: bind_one(ports, 1024, &mut doors.lmtp)?,
        submission: bind_one(ports, 1587, &mut doors.submission)?,
        submissions: bind_one(ports, 1465, &mut doors.submissions)?,
    };
    Ok((doors, addresses))
}

fn bind_one(ports: DemoPorts, usual: u16, door: &mut Vec<TcpListener>) -> Result<u16> {
    let bind = |port| TcpListener::bind((HOST, port));
    let listener = match ports {
        DemoPorts::Usual => bind(usual).or_else(|_| bind(0)),
        DemoPorts::Free => bind(0),
    };
    let listener = listener.context("no free port on loopback")?;
    let port = listener.local_addr()?.port();
    door.push(listener);
    Ok(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_replaced() {
        let taken = TcpListener::bind((HOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let mut door = Vec::new();
        let other = bind_one(DemoPorts::Usual, port, &mut door).unwrap();
        assert_ne!(other, port);
        assert_eq!(door.len(), 1);
    }
}
