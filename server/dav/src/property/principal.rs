//! Properties of a person, room or resource: RFC 3744 section 4, RFC 4791 section 6.2, RFC 6352 section 7.1,
//! RFC 6638 sections 2.1.1, 2.2.1 and 2.4.

use dav_wire::property::UserType;
use dav_wire::{Property, Value};
use storage::Account;
use vocabulary::{AccountClass, Door, Home};

use super::href;
use crate::folder;
use crate::location;

pub(super) fn value(account: &Account, property: Property) -> Option<Value> {
    let home = |home| account.kind.opens(Door::Dav).then(|| href(&location::home(home, &account.address)));
    match property {
        Property::DisplayName => Some(Value::Text(folder::called(account))),
        Property::PrincipalUrl => Some(href(&location::principal(&account.address))),
        // A person is no group.
        Property::GroupMemberSet => Some(Value::Hrefs(Vec::new())),
        Property::CalendarHomeSet => home(Home::Calendars),
        Property::AddressBookHomeSet => home(Home::AddressBooks),
        Property::ScheduleInboxUrl if account.kind.opens(Door::Dav) => {
            Some(href(&location::inbox(&account.address)))
        }
        Property::ScheduleOutboxUrl if account.kind.opens(Door::Dav) => {
            Some(href(&location::outbox(&account.address)))
        }
        Property::CalendarUserAddressSet => Some(Value::Hrefs(calendar_addresses(account))),
        Property::CalendarUserType => Some(Value::UserType(match account.class {
            AccountClass::Person | AccountClass::Shared => UserType::Individual,
            AccountClass::Room => UserType::Room,
            AccountClass::Resource => UserType::Resource,
        })),
        Property::EmailAddressSet => {
            Some(Value::EmailAddresses(addresses(account).map(|address| address.to_string()).collect()))
        }
        _ => None,
    }
}

/// By which invitations name the account, the preferred first: RFC 6638 section 2.4.1.
pub(crate) fn calendar_addresses(account: &Account) -> Vec<String> {
    let mail = addresses(account).map(|address| format!("mailto:{address}"));
    mail.chain([location::principal(&account.address).to_string()]).collect()
}

fn addresses(account: &Account) -> impl Iterator<Item = &vocabulary::EmailAddress> {
    std::iter::once(&account.address).chain(&account.aliases)
}
