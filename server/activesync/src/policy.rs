//! The policy of the house: mild. Nothing is demanded of a phone; what a domain demands comes with
//! its administration.

use activesync_wire::Version;
use activesync_wire::command::provision::{PolicyDocument, Setting};

use crate::call::Call;

/// What every device is given.
fn document() -> PolicyDocument {
    PolicyDocument::default()
        .with(Setting::DevicePasswordEnabled, 0)
        .with(Setting::AttachmentsEnabled, 1)
        .with(Setting::AllowSimpleDevicePassword, 1)
}

/// The policy as a device of this version gets it, and its hash: another hash means that the device
/// must take it anew.
pub(crate) fn of(call: &Call) -> (PolicyDocument, String) {
    let document = document();
    let hash = hash(call, &document, call.version);
    (document, hash)
}

fn hash(call: &Call, document: &PolicyDocument, version: Version) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(32);
    for byte in call.store().fingerprint(call.account(), &document.encode(version)).iter().take(16) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
