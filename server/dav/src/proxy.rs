//! Those who may use somebody's calendars, as two groups of each principal: the calendar server's "Calendar User
//! Proxy Functionality" (version 03), by which macOS and iOS delegate.
//!
//! A group is made of grants: who may read any calendar or task list of its principal is in one, who may change any in
//! the other. Whoever is put into a group is granted all calendars and task lists that there are; whoever is taken out
//! loses all of them; whoever stays keeps what it has. Notes and address books are not touched.
//!
//! What is absent: a calendar that is made later is not granted by itself. Nobody could keep one private otherwise.

use actix_web::http::StatusCode;
use dav_wire::method::Instruction;
use dav_wire::property::{Privilege, ResourceType};
use dav_wire::{MissingPrivilege, Precondition, Property, PropertyAnswer, Status, Value};
use std::collections::BTreeMap;
use storage::{Account, Grantee, Read, Write, right};
use vocabulary::{AccountId, CollectionId, EmailAddress, Preset, Rights};

use crate::call::{Answer, Call, Checked, Failure, settled};
use crate::directory::{self, Named};
use crate::location::{self, ProxyAccess};
use crate::person::{Relations, proxy_access};
use crate::property::href;

/// Most grants that one request makes or ends.
const GRANTS_MAX: usize = 2_000;

/// A group of proxies.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    pub(crate) owner: Account,
    pub(crate) access: ProxyAccess,
    /// The members: to others than the owner, only they themselves.
    pub(crate) members: Vec<EmailAddress>,
}

impl Proxy {
    pub(crate) fn resource_type(&self) -> ResourceType {
        match self.access {
            ProxyAccess::Read => ResourceType::CalendarProxyRead,
            ProxyAccess::Write => ResourceType::CalendarProxyWrite,
        }
    }

    pub(crate) fn value(&self, property: Property) -> Option<Value> {
        match property {
            Property::DisplayName => Some(Value::Text(self.access.name().to_owned())),
            Property::PrincipalUrl => Some(href(&location::proxy(&self.owner.address, self.access))),
            Property::AlternateUriSet | Property::GroupMembership => Some(Value::Hrefs(Vec::new())),
            Property::GroupMemberSet => {
                let members = self.members.iter().map(|member| location::principal(member).to_string());
                Some(Value::Hrefs(members.collect()))
            }
            _ => None,
        }
    }
}

/// The group of proxies at a path.
///
/// # Errors
/// [`storage::Refusal::NotFound`] if its principal is not of the domain.
pub(crate) async fn find(call: &Call, address: &EmailAddress, access: ProxyAccess) -> Answer<Proxy> {
    let owner = directory::by_address(call, address).await?;
    let (id, viewer) = (owner.id, call.account().address.clone());
    let members = if owner.id == call.account().id {
        let read = call.store().read(call.principal(), move |tx| delegates(tx, id)).await?;
        let with = read.into_values().filter(|delegate| delegate.access == access);
        with.map(|delegate| delegate.address).collect()
    } else {
        let held = call.store().read(call.principal(), |tx| tx.delegations()).await?;
        let is_in = Relations::of(&held).with(access).any(|owner| owner == address);
        is_in.then_some(viewer).into_iter().collect()
    };
    Ok(Proxy { owner, access, members })
}

/// Somebody who may use calendars of the acting account.
struct Delegate {
    address: EmailAddress,
    access: ProxyAccess,
    /// The calendars and task lists that are granted to it.
    granted: Vec<CollectionId>,
}

fn delegates(tx: &Read<'_>, owner: AccountId) -> storage::Result<BTreeMap<Grantee, Delegate>> {
    let mut found: BTreeMap<Grantee, Delegate> = BTreeMap::new();
    for visible in tx.collections(owner)? {
        let collection = visible.collection;
        // Others are not asked about, as nothing on them makes a proxy.
        if proxy_access(collection.kind, Rights::ALL).is_none() {
            continue;
        }
        for share in tx.shares(&tx.open::<right::Administer>(owner, collection.id)?)? {
            let (Some(address), Some(access)) = (share.address, proxy_access(collection.kind, share.rights))
            else {
                continue;
            };
            let new = Delegate { address, access, granted: Vec::new() };
            let delegate = found.entry(share.grantee).or_insert(new);
            delegate.access = access.max(delegate.access);
            delegate.granted.push(collection.id);
        }
    }
    Ok(found)
}

/// PROPPATCH of a group: its members are what its principal says. RFC 3744 section 4.3.
pub(crate) async fn change(
    call: &Call,
    address: &EmailAddress,
    access: ProxyAccess,
    instructions: Vec<Instruction>,
) -> Answer<Vec<PropertyAnswer>> {
    let proxy = find(call, address, access).await?;
    if proxy.owner.id != call.account().id {
        let resource = call.location.href().to_string();
        let missing = MissingPrivilege { href: resource, privilege: Privilege::WriteProperties };
        return Err(Precondition::NeedPrivileges(vec![missing]).into());
    }
    let Some(texts) = members_in(&instructions) else {
        return Ok(refused(instructions, &Precondition::CannotModifyProtectedProperty));
    };
    let known = directory::named(call, texts.iter().map(String::as_str)).await?;
    let mut members = Vec::with_capacity(texts.len());
    for text in &texts {
        match known.get(text) {
            Some(Named::Grantee(Grantee::Account(id))) if *id == proxy.owner.id => {
                return Ok(refused(instructions, &Precondition::AllowedPrincipal));
            }
            Some(Named::Grantee(grantee)) => members.push(*grantee),
            Some(Named::Proxy) => return Ok(refused(instructions, &Precondition::AllowedPrincipal)),
            None => return Ok(refused(instructions, &Precondition::RecognizedPrincipal)),
        }
    }
    let (owner, accounts) = (proxy.owner.id, [proxy.owner.id]);
    let written = call.write(&accounts, move |tx| set(tx, owner, access, &members));
    match settled(written.await) {
        Ok(()) => Ok(vec![PropertyAnswer::done(Property::GroupMemberSet)]),
        Err(Failure::Status(StatusCode::INSUFFICIENT_STORAGE)) => {
            Ok(instructions.into_iter().map(|one| failed(one, Status::INSUFFICIENT_STORAGE, None)).collect())
        }
        Err(failure) => Err(failure),
    }
}

/// The members that a request leaves, if it is about nothing else.
fn members_in(instructions: &[Instruction]) -> Option<Vec<String>> {
    let mut members = None;
    for instruction in instructions {
        members = Some(match instruction {
            Instruction::Set(element) if element.name() == Property::GroupMemberSet.name() => {
                match Property::GroupMemberSet.read(element) {
                    Ok(Value::Hrefs(hrefs)) => hrefs,
                    _ => return None,
                }
            }
            Instruction::Remove(name) if name.name() == Property::GroupMemberSet.name() => Vec::new(),
            Instruction::Set(_) | Instruction::Remove(_) => return None,
        });
    }
    members
}

/// The property that is to blame, and those that fail with it.
fn refused(instructions: Vec<Instruction>, why: &Precondition) -> Vec<PropertyAnswer> {
    // Whatever else is wrong is wrong with the members.
    let others_are_to_blame = *why == Precondition::CannotModifyProtectedProperty;
    let answer = |instruction: Instruction| {
        let is_members = name(&instruction) == Property::GroupMemberSet.into();
        if is_members && others_are_to_blame {
            failed(instruction, Status::FAILED_DEPENDENCY, None)
        } else {
            failed(instruction, Status::FORBIDDEN, Some(why.clone()))
        }
    };
    instructions.into_iter().map(answer).collect()
}

fn failed(instruction: Instruction, status: Status, why: Option<Precondition>) -> PropertyAnswer {
    PropertyAnswer::failed(name(&instruction), status, why)
}

fn name(instruction: &Instruction) -> dav_wire::name::QName {
    match instruction {
        Instruction::Set(element) => element.name.clone(),
        Instruction::Remove(name) => name.clone(),
    }
}

fn set(tx: &mut Write<'_>, owner: AccountId, access: ProxyAccess, members: &[Grantee]) -> Checked<()> {
    let delegates = delegates(tx, owner)?;
    let is_in = |grantee: &Grantee| delegates.get(grantee).is_some_and(|delegate| delegate.access == access);
    let calendars: Vec<CollectionId> = tx
        .collections(owner)?
        .into_iter()
        .map(|visible| visible.collection)
        .filter(|collection| proxy_access(collection.kind, Rights::ALL).is_some())
        .map(|collection| collection.id)
        .collect();
    let preset = match access {
        ProxyAccess::Read => Preset::Reader,
        ProxyAccess::Write => Preset::Editor,
    };
    let mut changes: Vec<(CollectionId, Grantee, Rights)> = Vec::new();
    for member in members.iter().filter(|member| !is_in(member)) {
        changes.extend(calendars.iter().map(|calendar| (*calendar, *member, preset.rights())));
    }
    let gone = delegates.iter().filter(|(grantee, _)| is_in(grantee) && !members.contains(grantee));
    for (grantee, delegate) in gone {
        changes.extend(delegate.granted.iter().map(|calendar| (*calendar, *grantee, Rights::NONE)));
    }
    if changes.len() > GRANTS_MAX {
        return Ok(Err(StatusCode::INSUFFICIENT_STORAGE.into()));
    }
    for (calendar, grantee, rights) in changes {
        let grant = tx.open::<right::Administer>(owner, calendar)?;
        tx.set_permission(&grant, grantee, rights)?;
    }
    Ok(Ok(()))
}
