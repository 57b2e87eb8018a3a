//! Devices that are not served: their owner is told by a mail, and before 14.1 they still say in Settings what they
//! are, so that a rule about models can know them.

use activesync_wire::RequestError;
use activesync_wire::command::settings::{Answer as Part, Part as Asked, answer, parse};
use activesync_wire::status::{CommonStatus, SettingsStatus};
use mime::Mailbox;
use mime::compose::Draft;
use storage::{Device, NewItem, Prepared, Refusal, Verdict, Write, right};
use vocabulary::{AccountId, Role};

use crate::call::{Answer, Call, Reply};
use crate::command::refuse;
use crate::device::{change, information};

/// Settings of a device that is not served: it may say what it is, and is told nothing.
///
/// # Errors
/// Status 130 if it asks for anything else.
pub(crate) async fn settings(call: &Call, body: &[u8]) -> Answer {
    let root = wbxml::decode(body, &wbxml::Limits::default()).map_err(|_| RequestError::WBXML)?;
    let parts = parse(&root)?;
    let [Asked::DeviceInformation(said)] = parts.as_slice() else {
        return refuse(CommonStatus::AccessDenied, "the device is not served");
    };
    let told = information(said);
    let kept = change(call, move |row| {
        if let Some(device) = row {
            device.information = told;
        }
    });
    kept.await?;
    let done = [Part::DeviceInformation(SettingsStatus::Success)];
    Ok(Reply::document(&answer(&done, call.version)).with_status(SettingsStatus::Success.code()))
}

/// The mail that tells an owner of a device that is not served.
pub(crate) async fn letter(call: &Call, device: &Device, verdict: Verdict) -> storage::Result<Prepared> {
    let account = &call.login.account;
    let (subject, text) = words(account.language == "de", device, verdict);
    let domain = account.address.domain();
    let draft = Draft {
        fields: vec![("Auto-Submitted".to_owned(), "auto-generated".to_owned())],
        ..Draft::plain(
            Mailbox { name: "Kontor".to_owned(), address: format!("postmaster@{domain}") },
            Mailbox { name: account.name.clone(), address: account.address.to_string() },
            &subject,
            &text,
            call.now(),
            &format!("{}@{domain}", workflow::fresh_id()?),
        )
    };
    workflow::ingest(call.store(), account.id, draft.build().into()).await
}

/// Puts it into the Inbox. A full mailbox loses only the mail.
pub(crate) fn deliver(tx: &mut Write<'_>, account: AccountId, letter: Prepared) -> storage::Result<()> {
    let inbox = tx.open_role::<right::Insert>(account, Role::Inbox)?;
    let now = tx.now();
    match tx.insert(&inbox, &NewItem::mail(letter, now)) {
        Err(error) if matches!(error.refusal(), Some(Refusal::OverQuota { .. })) => Ok(()),
        inserted => inserted.map(drop),
    }
}

/// All that a device says of itself may be a lie: it is shown as its words.
fn words(german: bool, device: &Device, verdict: Verdict) -> (String, String) {
    let said = format!(
        "{}\r\n{}\r\n{}\r\n{}",
        device.id,
        device.device_type,
        device.user_agent,
        device.information.replace('\n', "\r\n")
    );
    let waits = verdict == Verdict::Quarantine;
    let (subject, text) = match (german, waits) {
        (true, true) => (
            "Ein neues Gerät wartet auf Freigabe",
            "Ein Gerät hat sich mit Ihrem Kennwort angemeldet. Es bekommt Ihre Daten erst, wenn die Verwaltung es \
             freigibt.\r\n\r\nIst es nicht Ihres, ändern Sie Ihr Kennwort.\r\n\r\nDas Gerät nennt sich:",
        ),
        (true, false) => (
            "Ein Gerät wurde abgewiesen",
            "Ein Gerät hat sich mit Ihrem Kennwort angemeldet. Geräte oder Programme dieser Art sind hier nicht \
             zugelassen; es bekommt Ihre Daten nicht.\r\n\r\nIst es nicht Ihres, ändern Sie Ihr Kennwort.\r\n\r\n\
             Das Gerät nennt sich:",
        ),
        (false, true) => (
            "A new device waits to be let in",
            "A device has logged in with your password. It gets your data when an administrator lets it in.\r\n\r\n\
             If it is not yours, change your password.\r\n\r\nThe device calls itself:",
        ),
        (false, false) => (
            "A device was turned away",
            "A device has logged in with your password. Devices or programs of this kind are not allowed here; it does \
             not get your data.\r\n\r\nIf it is not yours, change your password.\r\n\r\nThe device calls itself:",
        ),
    };
    (subject.to_owned(), format!("{text}\r\n\r\n{said}\r\n"))
}
