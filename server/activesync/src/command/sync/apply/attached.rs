//! Files that a command of 16.x adds: the client names them, and is told how the server does.

use activesync_wire::Version;
use activesync_wire::command::sync::ClientCommand;
use activesync_wire::item::Class;
use activesync_wire::item::email::ATTACHMENTS_MAX;
use std::fmt::Write;
use wbxml::Element;
use wbxml::page::airsync_base;

use super::super::View;
use super::Commands;
use super::prepare::Named;
use crate::call::Call;

/// A file that comes with a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attached {
    /// The client's name for it.
    pub(crate) client_id: String,
    /// By what the object names it. The same for a repeat of the command, and nobody guesses it.
    pub(crate) token: String,
}

/// Those of a command, in their order.
pub(super) fn of(call: &Call, view: &View, asked: &Commands<'_>, named: &Named<'_>) -> Vec<Attached> {
    let (ClientCommand::Add { data, .. } | ClientCommand::Change { data: Some(data), .. }) = named.command
    else {
        return Vec::new();
    };
    if call.version < Version::V16_0 || !matches!(view.class, Class::Email | Class::Calendar) {
        return Vec::new();
    }
    let adds = data.child(airsync_base::ATTACHMENTS).into_iter().flat_map(|list| list.all(airsync_base::ADD));
    let request_id = named.request_id(view.folder, asked.base.key);
    let one = |(number, add): (usize, &Element)| {
        let client_id = add.child_value(airsync_base::CLIENT_ID).unwrap_or_default().into_owned();
        let mut seed = format!("{} {request_id} {number} {client_id} ", call.quiet_name()).into_bytes();
        seed.extend(
            add.child(airsync_base::CONTENT).map(|content| content.bytes().into_owned()).unwrap_or_default(),
        );
        let mut token = String::with_capacity(32);
        for byte in call.store().fingerprint(view.folder.account, &seed).iter().take(16) {
            let _ = write!(token, "{byte:02x}");
        }
        Attached { client_id, token }
    };
    adds.take(ATTACHMENTS_MAX).enumerate().map(one).collect()
}
