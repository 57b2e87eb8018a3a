//! People and groups as principals: RFC 3744 sections 2 and 4.

use dav_wire::property::UserType;
use dav_wire::{Property, Value};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Deref;
use storage::{Account, Delegation, ResourceNames};
use vocabulary::{CollectionKind, EmailAddress, GroupId, Rights};
use workflow::meeting::makes_delegate;

use crate::location::{self, ProxyAccess};
use crate::property::href;

/// The first number of what is no account in the names of resources.
const OF_GROUPS: i64 = -1;

/// A person, shared mailbox, room or thing, with what its properties are made of.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    account: Account,
    /// The groups that it belongs to.
    pub(crate) groups: Vec<EmailAddress>,
    /// For whom it acts; known of the viewer only, as it is nobody else's business.
    pub(crate) relations: Relations,
    resource_id: String,
}

/// Whose calendars somebody may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Relations(BTreeMap<EmailAddress, ProxyAccess>);

/// A group.
#[derive(Debug, Clone)]
pub(crate) struct Team {
    pub(crate) address: EmailAddress,
    pub(crate) members: Vec<EmailAddress>,
    resource_id: String,
}

impl Relations {
    /// What folders of others make of somebody.
    pub(crate) fn of(delegations: &[Delegation]) -> Self {
        let mut found: BTreeMap<EmailAddress, ProxyAccess> = BTreeMap::new();
        for Delegation { address, kind, rights, .. } in delegations {
            if let Some(access) = proxy_access(*kind, *rights) {
                let known = found.entry(address.clone()).or_insert(access);
                *known = access.max(*known);
            }
        }
        Self(found)
    }

    /// Those for whom somebody has this access, and no wider one.
    pub(crate) fn with(&self, access: ProxyAccess) -> impl Iterator<Item = &EmailAddress> {
        self.0.iter().filter(move |(_, held)| **held == access).map(|(address, _)| address)
    }

    /// The groups of proxies that somebody is in.
    fn proxies(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(address, access)| location::proxy(address, *access).to_string())
    }
}

/// What rights on one folder make of somebody; `None`: no proxy.
pub(crate) fn proxy_access(kind: CollectionKind, rights: Rights) -> Option<ProxyAccess> {
    let is_calendar = matches!(kind, CollectionKind::Calendar | CollectionKind::Tasks);
    if !is_calendar || !rights.contains(Rights::LOOKUP | Rights::READ) {
        return None;
    }
    Some(if makes_delegate(kind, rights) { ProxyAccess::Write } else { ProxyAccess::Read })
}

impl Person {
    pub(crate) fn new(account: Account, groups: Vec<EmailAddress>, names: &ResourceNames) -> Self {
        let resource_id = urn(names.uuid(&[account.id.0]));
        Self { account, groups, relations: Relations::default(), resource_id }
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    fn memberships(&self) -> impl Iterator<Item = String> {
        let groups = self.groups.iter().map(|group| location::principal(group).to_string());
        groups.chain(self.relations.proxies())
    }

    /// What the account alone does not say.
    pub(crate) fn value(&self, viewer: &Account, property: Property) -> Option<Value> {
        let principals = |access| {
            let owners = self.relations.with(access).map(|owner| location::principal(owner).to_string());
            Some(Value::Hrefs(owners.collect()))
        };
        match property {
            // RFC 3744 section 4.1: where else it is found.
            Property::AlternateUriSet => {
                let aliases = self.account.aliases.iter().map(|alias| location::principal(alias).to_string());
                Some(Value::Hrefs(aliases.collect()))
            }
            // DAVx5 and others follow them to further homes.
            Property::GroupMembership => Some(Value::Hrefs(self.memberships().collect())),
            Property::CalendarProxyReadFor => principals(ProxyAccess::Read),
            Property::CalendarProxyWriteFor => principals(ProxyAccess::Write),
            Property::ResourceId => Some(Value::Href(self.resource_id.clone())),
            Property::NotificationUrl if viewer.id == self.account.id => {
                Some(href(&location::notifications(&self.account.address)))
            }
            _ => None,
        }
    }
}

/// Whoever needs the account only, takes a person for it.
impl Deref for Person {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.account
    }
}

impl Team {
    pub(crate) fn new(
        id: GroupId,
        address: EmailAddress,
        members: Vec<EmailAddress>,
        names: &ResourceNames,
    ) -> Self {
        Self { address, members, resource_id: urn(names.uuid(&[OF_GROUPS, id.0])) }
    }

    /// What people read.
    pub(crate) fn name(&self) -> &str {
        self.address.local()
    }

    pub(crate) fn value(&self, property: Property) -> Option<Value> {
        let principal = || location::principal(&self.address);
        match property {
            Property::DisplayName => Some(Value::Text(self.name().to_owned())),
            Property::PrincipalUrl => Some(href(&principal())),
            Property::AlternateUriSet | Property::GroupMembership => Some(Value::Hrefs(Vec::new())),
            Property::GroupMemberSet => {
                let members = self.members.iter().map(|member| location::principal(member).to_string());
                Some(Value::Hrefs(members.collect()))
            }
            Property::CalendarUserAddressSet => {
                Some(Value::Hrefs(vec![format!("mailto:{}", self.address), principal().to_string()]))
            }
            Property::CalendarUserType => Some(Value::UserType(UserType::Group)),
            Property::EmailAddressSet => Some(Value::EmailAddresses(vec![self.address.to_string()])),
            Property::ResourceId => Some(Value::Href(self.resource_id.clone())),
            _ => None,
        }
    }
}

/// RFC 9562 section 4: a UUID as a URI.
pub(crate) fn urn(uuid: [u8; 16]) -> String {
    let mut text = String::from("urn:uuid:");
    for (index, octet) in uuid.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing into a string cannot fail.
        let _ = write!(text, "{octet:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::{AccountId, CollectionId, Preset};

    #[test]
    fn a_uuid_has_one_spelling() {
        let uuid =
            [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x86, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff];
        assert_eq!(urn(uuid), "urn:uuid:00112233-4455-8677-8899-aabbccddeeff");
    }

    fn delegation(owner: &str, kind: CollectionKind, rights: Rights) -> Delegation {
        let address = EmailAddress::parse(owner).unwrap();
        Delegation { owner: AccountId(1), address, collection: CollectionId(1), kind, rights }
    }

    #[test]
    fn the_widest_access_to_a_calendar_makes_the_proxy() {
        let (reader, author) = (Preset::Reader.rights(), Preset::Author.rights());
        let relations = Relations::of(&[
            delegation("anna@a.test", CollectionKind::Calendar, reader),
            delegation("anna@a.test", CollectionKind::Tasks, author),
            delegation("anna@a.test", CollectionKind::Calendar, reader),
            delegation("cara@a.test", CollectionKind::Calendar, reader),
            delegation("david@a.test", CollectionKind::Calendar, Preset::FreeBusy.rights()),
            delegation("emil@a.test", CollectionKind::Contacts, author),
            delegation("fritz@a.test", CollectionKind::Notes, author),
        ]);
        let with = |access| relations.with(access).map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(with(ProxyAccess::Read), ["cara@a.test"]);
        assert_eq!(with(ProxyAccess::Write), ["anna@a.test"]);
        assert_eq!(
            relations.proxies().collect::<Vec<_>>(),
            [
                "/dav/principals/anna@a.test/calendar-proxy-write/",
                "/dav/principals/cara@a.test/calendar-proxy-read/"
            ]
        );
    }
}
