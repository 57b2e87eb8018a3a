//! The recovery password of a device: MS-ASCMD section 2.2.3.46.
//!
//! None is kept. It opens the device to whoever reads it, and no policy of ours asks for it
//! (PasswordRecoveryEnabled, MS-ASPROV R299), so a good one is answered as denied by policy.

use wbxml::Element;
use wbxml::page::settings as page;

use crate::status::SettingsStatus;

/// Longest password, in characters: MS-ASCMD R3660.
pub const DEVICE_PASSWORD_CHARACTERS_MAX: usize = 255;

/// The status of `<DevicePassword>`.
pub(super) fn refusal(element: &Element) -> SettingsStatus {
    let Some(password) = element.child(page::SET).and_then(|set| set.child_value(page::PASSWORD)) else {
        return SettingsStatus::ProtocolError; // MS-ASCMD R4398
    };
    if password.chars().count() > DEVICE_PASSWORD_CHARACTERS_MAX {
        return SettingsStatus::InvalidArguments; // MS-ASCMD R4400
    }
    SettingsStatus::DeniedByPolicy // MS-ASCMD R4402
}

#[cfg(test)]
mod tests {
    use super::*;

    // MS-ASCMD R4395 R4398 R4400
    #[test]
    fn a_recovery_password_is_never_kept() {
        let of = |text: &str| {
            let set = Element::new(page::SET).with(Element::text(page::PASSWORD, text));
            refusal(&Element::new(page::DEVICE_PASSWORD).with(set))
        };
        assert_eq!(of(&"ü".repeat(255)), SettingsStatus::DeniedByPolicy);
        assert_eq!(of(""), SettingsStatus::DeniedByPolicy);
        assert_eq!(of(&"ü".repeat(256)), SettingsStatus::InvalidArguments);
        let empty = Element::new(page::DEVICE_PASSWORD);
        assert_eq!(refusal(&empty), SettingsStatus::ProtocolError);
        assert_eq!(refusal(&empty.with(Element::new(page::SET))), SettingsStatus::ProtocolError);
    }
}
