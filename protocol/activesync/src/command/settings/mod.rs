//! Settings: the device tells of itself, the user's addresses are told, absence is set. MS-ASCMD section 2.2.1.18.
//!
//! What is absent: RightsManagementInformation. It is read as [`Part::Other`] and answered by a status of its
//! own, so that the rest of the request is served.

mod device;
mod oof;
mod password;
mod user;

pub use device::{DEVICE_TEXT_CHARACTERS_MAX, DeviceInformation};
pub use oof::{Oof, OofAudience, OofChange, OofFormat, OofMessage, OofReply, OofRequest, OofState};
pub use password::DEVICE_PASSWORD_CHARACTERS_MAX;
pub use user::UserInformation;

use wbxml::page::settings as page;
use wbxml::{Element, Tag};

use crate::error::RequestError;
use crate::parse;
use crate::status::SettingsStatus;
use crate::version::Version;

/// One part of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// DeviceInformation Set.
    DeviceInformation(DeviceInformation),
    /// UserInformation Get.
    UserInformation,
    /// Oof: what is asked of it, or the status of a part that cannot be read.
    Oof(Result<OofRequest, SettingsStatus>),
    /// DevicePassword Set. No password is kept: what is wrong with it, or that policy forbids it.
    DevicePassword(SettingsStatus),
    /// A part that is not served here.
    Other(Tag),
}

/// The answer to one [`Part`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// DeviceInformation was kept, or not.
    DeviceInformation(SettingsStatus),
    /// Who the user is.
    UserInformation(UserInformation),
    /// Oof was set, or not; or could not be given.
    OofStatus(SettingsStatus),
    /// How absence is set.
    Oof(Oof),
    /// The part was refused. A number beyond [`SettingsStatus`] is a common status, such as 168 for
    /// RightsManagementInformation (MS-ASCMD R4960).
    Refused(Tag, u16),
}

/// Reads `<Settings>`.
///
/// # Errors
/// Status 2 if a part is malformed or stands twice, or there is none.
pub fn parse(root: &Element) -> Result<Vec<Part>, RequestError> {
    parse::expect_root(root, page::SETTINGS)?;
    let mut seen = Vec::new();
    let mut parts = Vec::new();
    for child in root.children() {
        let part = match child.tag {
            page::DEVICE_INFORMATION => Part::DeviceInformation(DeviceInformation::parse(child)?),
            page::USER_INFORMATION => {
                child.child(page::GET).ok_or(RequestError::Structure("UserInformation without Get"))?;
                Part::UserInformation
            }
            page::OOF => Part::Oof(OofRequest::parse(child)),
            page::DEVICE_PASSWORD => Part::DevicePassword(password::refusal(child)),
            page::RIGHTS_MANAGEMENT_INFORMATION => Part::Other(child.tag),
            _ => continue,
        };
        if seen.contains(&child.tag) {
            return Err(RequestError::Structure("a part of Settings stands twice"));
        }
        seen.push(child.tag);
        parts.push(part);
    }
    if parts.is_empty() {
        return Err(RequestError::Structure("Settings asks for nothing"));
    }
    Ok(parts)
}

/// The document that answers all parts.
#[must_use]
pub fn answer(answers: &[Answer], version: Version) -> Element {
    let mut document = with_status(page::SETTINGS, SettingsStatus::Success.code());
    for answer in answers {
        document.push(match answer {
            Answer::DeviceInformation(status) => DeviceInformation::answer(*status),
            Answer::UserInformation(user) => {
                with_status(page::USER_INFORMATION, SettingsStatus::Success.code())
                    .with(Element::new(page::GET).with(user::described(user, version)))
            }
            Answer::OofStatus(status) => with_status(page::OOF, status.code()),
            Answer::Oof(oof) => oof.answer(),
            Answer::Refused(tag, status) => with_status(*tag, *status),
        });
    }
    document
}

fn with_status(tag: Tag, status: u16) -> Element {
    Element::new(tag).with(Element::text(page::STATUS, status.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(values: &[(Tag, &str)]) -> Element {
        let mut set = Element::new(page::SET);
        for (tag, value) in values {
            set.push(Element::text(*tag, *value));
        }
        Element::new(page::DEVICE_INFORMATION).with(set)
    }

    #[test]
    fn device_and_user_are_read() {
        let long = "m".repeat(DEVICE_TEXT_CHARACTERS_MAX + 9);
        let root = Element::new(page::SETTINGS)
            .with(device(&[(page::MODEL, long.as_str()), (page::OS, "Linux\n6"), (page::FRIENDLY_NAME, "f")]))
            .with(Element::new(page::USER_INFORMATION).with(Element::new(page::GET)))
            .with(Element::new(page::RIGHTS_MANAGEMENT_INFORMATION));
        let parts = parse(&root).unwrap();
        let Part::DeviceInformation(device) = &parts[0] else { panic!("{parts:?}") };
        assert_eq!(device.model.as_ref().unwrap().len(), DEVICE_TEXT_CHARACTERS_MAX);
        assert_eq!(device.operating_system.as_deref(), Some("Linux6"));
        assert_eq!(parts[1..], [Part::UserInformation, Part::Other(page::RIGHTS_MANAGEMENT_INFORMATION)]);
    }

    #[test]
    fn broken_settings_are_refused() {
        for root in [
            Element::new(page::SETTINGS),
            Element::new(page::SETTINGS).with(Element::new(page::DEVICE_INFORMATION)),
            Element::new(page::SETTINGS).with(Element::new(page::USER_INFORMATION)),
            Element::new(page::SETTINGS).with(device(&[])).with(device(&[])),
        ] {
            assert!(matches!(parse(&root), Err(RequestError::Structure(_))), "{root:?}");
        }
    }

    #[test]
    fn addresses_stand_where_the_version_looks_for_them() {
        let user = UserInformation {
            display_name: Some("Anna".into()),
            primary_address: "a@b.test".into(),
            other_addresses: vec!["c@b.test".into()],
        };
        let answers = [Answer::UserInformation(user), Answer::Refused(page::OOF, 3)];
        let old = answer(&answers, Version::V14_0);
        let get = old.child(page::USER_INFORMATION).unwrap().child(page::GET).unwrap();
        assert_eq!(get.child(page::EMAIL_ADDRESSES).unwrap().children().count(), 2);
        assert_eq!(old.child(page::OOF).unwrap().child_value(page::STATUS).as_deref(), Some("3"));

        let new = answer(&answers, Version::V16_1);
        let get = new.child(page::USER_INFORMATION).unwrap().child(page::GET).unwrap();
        let account = get.child(page::ACCOUNTS).unwrap().child(page::ACCOUNT).unwrap();
        assert_eq!(account.child_value(page::USER_DISPLAY_NAME).as_deref(), Some("Anna"));
        let addresses = account.child(page::EMAIL_ADDRESSES).unwrap();
        assert_eq!(addresses.child_value(page::PRIMARY_SMTP_ADDRESS).as_deref(), Some("a@b.test"));
        assert_eq!(addresses.all(page::SMTP_ADDRESS).count(), 2);
    }
}
