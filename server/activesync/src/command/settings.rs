//! Settings: MS-ASCMD section 2.2.1.18. The device tells of itself, the user's addresses are told, absence is set and
//! told. Recovery passwords and rights management are refused one by one.

use activesync_wire::body::scrub;
use activesync_wire::command::settings::{
    Answer as Part, Oof, OofAudience, OofChange, OofFormat, OofReply, OofRequest, OofState, Part as Asked,
    UserInformation, answer, parse,
};
use activesync_wire::status::{CommonStatus, SettingsStatus};
use storage::{Absence, AbsenceReply, Audience, Away, Error};
use wbxml::Element;
use wbxml::page::settings as page;

use crate::call::{Answer, Call, Reply};
use crate::device::{change, information};
use crate::status;

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let mut answers = Vec::new();
    for part in parse(root)? {
        answers.push(match part {
            Asked::DeviceInformation(said) => {
                let told = information(&said);
                change(call, move |row| {
                    if let Some(device) = row {
                        device.information = told;
                    }
                })
                .await?;
                Part::DeviceInformation(SettingsStatus::Success)
            }
            Asked::UserInformation => Part::UserInformation(user(call)),
            Asked::Oof(Ok(OofRequest::Get(format))) => Part::Oof(absence(call, format).await?),
            Asked::Oof(Ok(OofRequest::Set(change))) => Part::OofStatus(set_absence(call, change).await?),
            Asked::Oof(Err(status)) => Part::OofStatus(status),
            Asked::DevicePassword(status) => Part::Refused(page::DEVICE_PASSWORD, status.code()),
            Asked::Other(tag) if tag == page::RIGHTS_MANAGEMENT_INFORMATION => {
                Part::Refused(tag, CommonStatus::RightsManagementDisabled.code()) // MS-ASCMD R4960
            }
            Asked::Other(tag) => Part::Refused(tag, SettingsStatus::Unavailable.code()),
        });
    }
    Ok(Reply::document(&answer(&answers, call.version)).with_status(SettingsStatus::Success.code()))
}

fn user(call: &Call) -> UserInformation {
    let account = &call.login.account;
    UserInformation {
        display_name: (!account.name.is_empty()).then(|| account.name.clone()),
        primary_address: account.address.to_string(),
        other_addresses: account.aliases.iter().map(ToString::to_string).collect(),
    }
}

async fn absence(call: &Call, format: OofFormat) -> storage::Result<Oof> {
    let account = call.account();
    let absence = call.store().read(call.principal(), move |tx| tx.absence(account)).await?;
    let state = match absence.away {
        Away::No => OofState::Disabled,
        Away::Yes => OofState::Global,
        Away::Scheduled => OofState::TimeBased,
    };
    let reply = |audience| {
        let kept = absence.reply(kept_audience(audience));
        (audience, OofReply { enabled: kept.enabled, text: text(kept, format) })
    };
    Ok(Oof { state, span: absence.span, format, replies: OofAudience::ALL.map(reply) })
}

/// A reply in the form that is asked for.
fn text(reply: &AbsenceReply, format: OofFormat) -> String {
    let text = match (format, reply.html) {
        (OofFormat::Text, true) => mime::html_to_text(&reply.text),
        (OofFormat::Html, false) if !reply.text.is_empty() => mime::text_to_html(&reply.text),
        _ => return reply.text.clone(),
    };
    scrub(&text).into_owned()
}

/// Changes what is named, all of it or nothing.
async fn set_absence(call: &Call, change: OofChange) -> storage::Result<SettingsStatus> {
    let account = call.account();
    let accounts = [account];
    let written = call.store().write(call.principal(), &accounts, move |tx| {
        let mut absence = tx.absence(account)?;
        apply(&mut absence, change);
        tx.put_absence(account, &absence)
    });
    match written.await {
        Ok(()) => Ok(SettingsStatus::Success),
        Err(Error::Refusal(refusal)) => Ok(status::absence(&refusal)),
        Err(fault) => Err(fault),
    }
}

fn apply(absence: &mut Absence, change: OofChange) {
    if let Some(state) = change.state {
        absence.away = match state {
            OofState::Disabled => Away::No,
            OofState::Global => Away::Yes,
            OofState::TimeBased => Away::Scheduled,
        };
    }
    absence.span = change.span.or(absence.span);
    for message in change.messages {
        let reply = absence.reply_mut(kept_audience(message.audience));
        reply.enabled = message.enabled.unwrap_or(reply.enabled);
        if let Some((format, text)) = message.reply {
            // What a phone cannot be told again is not kept.
            (reply.html, reply.text) = (format == OofFormat::Html, scrub(&text).into_owned());
        }
    }
}

fn kept_audience(audience: OofAudience) -> Audience {
    match audience {
        OofAudience::Internal => Audience::Internal,
        OofAudience::ExternalKnown => Audience::ExternalKnown,
        OofAudience::ExternalUnknown => Audience::ExternalUnknown,
    }
}
