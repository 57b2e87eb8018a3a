//! Whom a device belongs to: MS-ASCMD section 2.2.3.192.

use wbxml::Element;
use wbxml::page::settings as page;

use crate::version::Version;

/// The user's addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserInformation {
    /// Shown with outgoing mail, from 14.1.
    pub display_name: Option<String>,
    /// The address that mail is sent from.
    pub primary_address: String,
    /// The others.
    pub other_addresses: Vec<String>,
}

/// Before 14.1 the addresses stand alone; from then on they belong to an account. The primary account has
/// no AccountId (MS-ASCMD R729).
pub(super) fn described(user: &UserInformation, version: Version) -> Element {
    let mut addresses = Element::new(page::EMAIL_ADDRESSES);
    for address in std::iter::once(&user.primary_address).chain(&user.other_addresses) {
        addresses.push(Element::text(page::SMTP_ADDRESS, address.clone()));
    }
    if version < Version::V14_1 {
        return addresses;
    }
    addresses.push(Element::text(page::PRIMARY_SMTP_ADDRESS, user.primary_address.clone()));
    let mut account = Element::new(page::ACCOUNT);
    if let Some(name) = &user.display_name {
        account.push(Element::text(page::USER_DISPLAY_NAME, name.clone()));
    }
    Element::new(page::ACCOUNTS).with(account.with(addresses))
}
