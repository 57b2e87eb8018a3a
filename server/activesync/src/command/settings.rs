//! Settings: MS-ASCMD section 2.2.1.18. The device tells of itself, the user's addresses are told.
//! Out-of-office, device passwords and rights management are refused one by one.

use activesync_wire::command::settings::{Answer as Part, Part as Asked, UserInformation, answer, parse};
use activesync_wire::status::{CommonStatus, SettingsStatus};
use wbxml::Element;
use wbxml::page::settings as page;

use crate::call::{Answer, Call, Reply};
use crate::device::{change, information};

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
