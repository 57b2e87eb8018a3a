//! What a device says of itself: MS-ASCMD section 2.2.3.45.

use wbxml::Element;
use wbxml::page::settings as page;

use super::with_status;
use crate::error::RequestError;
use crate::status::SettingsStatus;

/// Longest text about a device that is kept, in characters.
pub const DEVICE_TEXT_CHARACTERS_MAX: usize = 256;

/// What a device says of itself; all of it is hearsay. MS-ASCMD section 2.2.3.45.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceInformation {
    /// `iPhone15C2`
    pub model: Option<String>,
    /// Serial number of the radio.
    pub imei: Option<String>,
    /// As the owner calls it.
    pub friendly_name: Option<String>,
    /// `iOS 19.1`
    pub operating_system: Option<String>,
    /// `en`
    pub operating_system_language: Option<String>,
    /// Telephone number.
    pub phone_number: Option<String>,
    /// The client program.
    pub user_agent: Option<String>,
    /// Who provides the radio.
    pub mobile_operator: Option<String>,
}

impl DeviceInformation {
    /// Reads `<DeviceInformation>`, here and in Provision.
    ///
    /// # Errors
    /// If there is no `Set`.
    pub fn parse(element: &Element) -> Result<Self, RequestError> {
        let set = element.child(page::SET).ok_or(RequestError::Structure("DeviceInformation without Set"))?;
        let text = |tag| {
            let value = set.child_value(tag)?;
            Some(value.chars().filter(|c| !c.is_control()).take(DEVICE_TEXT_CHARACTERS_MAX).collect())
        };
        Ok(Self {
            model: text(page::MODEL),
            imei: text(page::IMEI),
            friendly_name: text(page::FRIENDLY_NAME),
            operating_system: text(page::OS),
            operating_system_language: text(page::OS_LANGUAGE),
            phone_number: text(page::PHONE_NUMBER),
            user_agent: text(page::USER_AGENT),
            mobile_operator: text(page::MOBILE_OPERATOR),
        })
    }

    /// `<DeviceInformation><Status>`, the answer here and in Provision.
    #[must_use]
    pub fn answer(status: SettingsStatus) -> Element {
        with_status(page::DEVICE_INFORMATION, status.code())
    }
}
